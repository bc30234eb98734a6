"""Settings of the command line, and the data files of the scenarios."""
