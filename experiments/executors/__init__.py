"""Who computes: processes of this machine, Dask, Slurm."""
