"""From the CSV files of a case to arrays by hour and city."""
