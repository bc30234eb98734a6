"""Computes chunks of runs: in this process, in processes of this machine, or wherever an executor sends a task.

A worker runs one run at a time on one thread and writes its chunk itself; what it sends back is small. It ends when
the process that started it does.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from experiments.store.chunks import RUNS_FOLDER, Chunk, hidden_file, run_table, write_chunk
from experiments.store.provenance import HASHED_PACKAGES, code_hash, data_hash
from sim.errors import InputError

WATCH_SECONDS = 0.2  # between two looks whether the parent is still there
CRASHES = 2  # of a process at the same run, after which the run counts as failed
FALSE_STARTS = 5  # processes in a row that die before their first run, after which the sweep gives up
_one_at_a_time = threading.Lock()


@dataclass(frozen=True)
class Task:
    """One chunk to be computed. `runs` and `parameters` belong together; `skipped` holds errors of runs left out."""

    folder: str
    number: int
    again: int
    generation: int
    runs: tuple[int, ...]
    keys: tuple[str, ...]
    parameters: tuple[Any, ...]
    code: str
    data: Mapping[str, str]  # hash of the data files by scenario.data
    skipped: Mapping[int, str]


@dataclass(frozen=True)
class Report:
    """What became of a task: runs that went well, and the errors of those that did not."""

    number: int
    n_done: int
    failed: Mapping[int, str]
    seconds: float
    file: str = ""  # name of the chunk's file


Started = Callable[[int], None]


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
    """Return the outcomes of a run."""
    from experiments.outcomes import outcomes

    return outcomes(result)


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


Event = tuple[str, Any]  # ("run", number) as it starts, ("chunk", Report) when it is written


def run_here(tasks: Iterable[Task]) -> Iterator[Event]:
    """Run tasks one after another in this process."""
    for task in tasks:
        begun: list[Event] = []

        def tell(number: int, begun: list[Event] = begun) -> None:
            begun.append(("run", number))

        report = run_chunk(task, tell)
        yield from begun
        yield "chunk", report


class Worker:
    """A process that computes one task at a time."""

    def __init__(self, context: Any, close_there: tuple[int, ...]) -> None:
        self.connection, there = context.Pipe()
        arguments = (there, self.connection, os.getpid(), close_there)
        self.process = context.Process(target=serve, args=arguments, daemon=True)
        self.process.start()
        there.close()
        self.task: Task | None = None
        self.run: int | None = None

    def give(self, task: Task) -> None:
        """Send a task."""
        self.task, self.run = task, None
        self.connection.send(task)

    def end(self) -> None:
        """Kill the process: what it computes is lost, what it wrote is whole."""
        self.connection.close()
        self.process.kill()
        self.process.join()
        if self.task is not None:
            hidden_file(Path(self.task.folder), self.task.number, self.process.pid or 0).unlink(missing_ok=True)


def run_local(tasks: Iterable[Task], processes: int, close_there: tuple[int, ...] = ()) -> Iterator[Event]:
    """Run tasks on processes of this machine.

    A process that dies (killed for want of memory, say) is replaced and its chunk tried again; a run at which it dies
    twice counts as failed.

    Parameters
    ----------
    tasks : iterable of Task
        Taken one by one, as processes become free.
    processes : int
        How many work at once.
    close_there : tuple of int
        File descriptors that the workers must not keep, such as the lock's.
    """
    waiting = iter(tasks)
    crashes: dict[int | None, int] = {}  # None: before a run had begun
    context = _context()
    close_there = close_there if context.get_start_method() == "fork" else ()
    workers = [Worker(context, close_there) for _ in range(processes)]
    retried: list[Task] = []
    try:
        idle = list(workers)
        while True:
            while idle and (task := retried.pop() if retried else next(waiting, None)) is not None:
                idle.pop().give(task)
            busy = {worker.connection: worker for worker in workers if worker.task is not None}
            if not busy:
                return
            for connection in wait(list(busy)):
                worker = busy[connection]  # type: ignore[index]
                event = _receive(worker)
                if event is None:
                    retried.append(_after_crash(worker, crashes))
                    workers.remove(worker)
                    workers.append(Worker(multiprocessing.get_context("spawn"), ()))
                    idle.append(workers[-1])
                    continue
                if event[0] == "error":
                    raise event[1]
                if event[0] == "run":
                    worker.run = event[1]
                else:
                    worker.task = None
                    idle.append(worker)
                crashes.pop(None, None)
                yield event
    finally:
        for worker in workers:
            worker.end()


def _context() -> Any:
    """Fork where that is safe, so that workers have all kernels at once; else start them anew."""
    can_fork = sys.platform == "linux" and threading.active_count() == 1
    return multiprocessing.get_context("fork" if can_fork else "spawn")


def _receive(worker: Worker) -> Event | None:
    """Return what a worker sent, None if it died."""
    try:
        return worker.connection.recv()
    except (EOFError, OSError):
        return None


def _after_crash(worker: Worker, crashes: dict[int | None, int]) -> Task:
    """Return the task to try again after its process died; the run that killed it twice is left out.

    Raises
    ------
    ChildProcessError
        Again and again the processes die before they begin a run.
    """
    worker.process.join()
    task, run = worker.task, worker.run
    worker.end()
    assert task is not None
    code = worker.process.exitcode or 0
    reason = f"signal {-code}" if code < 0 else f"exit code {code}"
    crashes[run] = crashes.get(run, 0) + 1
    if run is None:
        if crashes[run] >= FALSE_STARTS:
            raise ChildProcessError(f"processes die before their first run ({reason}); the same command goes on")
        return task
    if crashes[run] < CRASHES:
        return task
    return replace(task, skipped={**task.skipped, run: f"the process died while computing it ({reason})"})


def serve(connection: Connection, other_end: Connection, parent: int, close_there: tuple[int, ...]) -> None:
    """Compute tasks until the parent is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    other_end.close()  # else this process would keep its own pipe open
    for descriptor in close_there:
        os.close(descriptor)
    threading.Thread(target=_watch, args=(parent,), daemon=True).start()
    while True:
        try:
            task = connection.recv()
        except (EOFError, OSError):
            return
        try:
            report = run_chunk(task, lambda number: connection.send(("run", number)))
            connection.send(("chunk", report))
        except (EOFError, BrokenPipeError):
            return
        except Exception as error:
            connection.send(("error", error))


def _watch(parent: int) -> None:
    """End this process, whatever it is doing, as soon as its parent is gone."""
    while os.getppid() == parent:
        time.sleep(WATCH_SECONDS)
    os._exit(1)
