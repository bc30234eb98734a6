"""What lies on the disk: folders of runs and sweeps, chunks, provenance."""
