"""Settings of ploshcha's command line, and the data files of the scenarios."""
