"""What is typed: a file for each verb of the command line."""
