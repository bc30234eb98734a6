"""What a worker does with a task, wherever it is: it computes the runs of a chunk one by one and writes its file."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from experiments.executors.tasks import Report, Started, Task
from experiments.store.chunks import RUNS_FOLDER, Chunk, write_chunk
from experiments.store.provenance import HASHED_PACKAGES, code_hash, data_hash
from experiments.store.tables import run_table
from sim.errors import InputError

_one_at_a_time = threading.Lock()


def run_chunk(task: Task, started: Started | None = None) -> Report:
    """Run a chunk's runs and write its file; a run that raises does not stop the others.

    Raises
    ------
    InputError
        The data files changed since the sweep began; nothing is written.
    OSError
        The chunk cannot be written.
    """
    from sim import run

    began = time.perf_counter()
    tables, found, failed = [], {}, dict(task.skipped)
    for number, parameters in zip(task.runs, task.parameters, strict=True):
        if number in failed:
            continue
        if started is not None:
            started(number)
        try:
            result = run(parameters)
            table, values = run_table(number, result), outcomes_of(result)
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:
            failed[number] = f"{type(error).__name__}: {' '.join(str(error).split())}"
            continue
        tables.append(table)
        found[number] = values
    _check_data(task)
    keys = dict(zip(task.runs, task.keys, strict=True))
    chunk = Chunk(task.number, task.again, task.generation, keys, found, failed)
    path = write_chunk(Path(task.folder), chunk, tables)
    return Report(task.number, len(found), failed, time.perf_counter() - began, path.name)


def outcomes_of(result: Any) -> dict[str, Any]:
    """Return the outcomes of a run, and its value of each crowd that was reported."""
    from experiments.outcomes import outcomes
    from experiments.targets.values import crowd_values

    return outcomes(result) | crowd_values(result)


@cache
def loaded_sources() -> str:
    """Hash the sources of all packages, once in a process: what it has loaded, whatever is on the disk later."""
    return code_hash((*HASHED_PACKAGES, "experiments"))


def run_task(task: Task, sources: str) -> Report:
    """Run a chunk in a process that was started elsewhere, one at a time whatever its number of threads.

    Parameters
    ----------
    task : Task
        The chunk.
    sources : str
        `loaded_sources` of the process that sends it; the worker may have been started with others long ago.

    Raises
    ------
    InputError
        The sources there are not those of the sweep, or its folder is not there.
    """
    host = socket.gethostname()
    if loaded_sources() != sources or code_hash() != task.code:
        raise InputError(f"the worker on {host} has other sources than this process; restart the workers")
    if not (Path(task.folder) / RUNS_FOLDER).is_dir():
        raise InputError(f"out={task.folder} is not allowed: a folder that all workers share, and {host} lacks it")
    with _one_at_a_time:
        return run_chunk(task)


def _check_data(task: Task) -> None:
    """Refuse to write what was computed from data files that are not the sweep's any more."""
    seen = {}
    for parameters in task.parameters:
        name = getattr(parameters.scenario, "data", None)
        if name is not None and name not in seen:
            seen[name] = data_hash(parameters)
            if seen[name] != task.data.get(name):
                raise InputError(f"the data files of {name} changed while the sweep was running")


def warm_up(parameters: Iterable[Any]) -> None:
    """Compile, or load from the cache, all that the runs will call, on the smallest run of each model."""
    from sim import run

    for found in parameters:
        small = {"hours": 1, "persons_per_agent": 1e5} if hasattr(found, "hours") else {"steps": 1}
        run(found.model_copy(update=small))
