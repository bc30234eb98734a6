"""Where a sweep's runs are computed: processes of this machine, Dask distributed, or a Slurm job array by submitit.

All compute the very same chunks, and whoever computes a chunk writes it: beyond one machine the sweep's folder must be
on a file system that all share. What is finished stays finished, whichever executor goes on.
"""

from __future__ import annotations

import shutil
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path

from experiments.executors.dask import connected, run_dask
from experiments.executors.extras import needed
from experiments.executors.local import cores, end_if_repeated, run_here, run_local
from experiments.executors.slurm import left_behind, run_slurm
from experiments.executors.tasks import Event, Left, Task
from experiments.settings.sweep import ExecutorSettings
from sim.errors import not_allowed

__all__ = ["check", "end_if_repeated", "execute", "is_here", "left_behind", "n_at_once"]


def check(settings: ExecutorSettings) -> None:
    """Refuse, before anything is written, an executor that cannot work.

    Raises
    ------
    InputError
        Its package is not installed, its scheduler does not answer, or Slurm is not here.
    """
    if settings.name == "dask":
        needed("distributed", "dask")
        if settings.address is not None:
            with connected(settings):
                pass
    if settings.name == "slurm":
        needed("submitit", "slurm")
        if settings.cluster == "slurm" and shutil.which("srun") is None:
            told = "where Slurm is, and srun is not found here; executor.print_script=true prints a script for sbatch"
            raise not_allowed("", "executor", "slurm", told)


def is_here(settings: ExecutorSettings) -> bool:
    """Whether the runs are computed on this machine, by processes that share its compiled rules."""
    return settings.name == "local" or (settings.name == "dask" and settings.address is None)


def n_at_once(settings: ExecutorSettings) -> int:
    """Return how many runs are computed at once."""
    if settings.name == "slurm":
        return settings.shards * (settings.processes or 1)
    if settings.name == "dask" and settings.address is not None:
        with connected(settings) as client:
            return max(1, len(client.nthreads()))
    return settings.processes or cores()


def execute(
    settings: ExecutorSettings, folder: Path, left: Sequence[Left], tasks: Iterator[Task]
) -> Generator[Event, None, None]:
    """Compute what is left.

    Parameters
    ----------
    settings : ExecutorSettings
        Where.
    folder : Path
        Of the sweep.
    left, tasks
        The chunks that are missing, in the same order; tasks are taken one by one.
    """
    if settings.name == "dask":
        yield from run_dask(settings, tasks)
    elif settings.name == "slurm":
        yield from run_slurm(settings, folder, left)
    else:
        processes = min(settings.processes or cores(), len(left))
        yield from run_here(tasks) if processes == 1 else run_local(tasks, processes)
