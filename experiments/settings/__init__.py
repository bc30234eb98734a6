"""From words on the command line and files of conf to validated parameters."""
