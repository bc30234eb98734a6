"""What is printed: tables of runs and sweeps."""
