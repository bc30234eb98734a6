"""Runs on this machine: in this process, or in processes of it.

A worker runs one run at a time on one thread and writes its chunk itself; what it sends back is small. It ends when
the process that started it does.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from experiments.executors.tasks import Event, Task
from experiments.executors.workers import run_chunk
from experiments.store.chunks import hidden_file
from sim.errors import InputError

CRASHES = 2  # of a process at the same run, after which the run counts as failed
REPEATED = 78  # exit code of a process that was started to compute, and was about to start a sweep of its own
GUARD = 'what a script does stands below `if __name__ == "__main__":`, since processes that are started read it anew'
FALSE_STARTS = 5  # processes in a row that die before their first run, after which the sweep gives up


def cores() -> int:
    """Return the number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


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

    def __init__(self, context: Any) -> None:
        self.connection, there = context.Pipe()
        self.process = context.Process(target=serve, args=(there, self.connection), daemon=True)
        self.process.start()
        there.close()
        self.task: Task | None = None
        self.run: int | None = None

    def give(self, task: Task) -> None:
        """Send a task; if the process has died meanwhile, its silence will tell."""
        self.task, self.run = task, None
        with suppress(OSError):
            self.connection.send(task)

    def end(self) -> None:
        """Kill the process: what it computes is lost, what it wrote is whole."""
        self.connection.close()
        self.process.kill()
        self.process.join()
        if self.task is not None:
            hidden_file(Path(self.task.folder), self.task.number, self.process.pid or 0).unlink(missing_ok=True)


def run_local(tasks: Iterable[Task], processes: int) -> Iterator[Event]:
    """Run tasks on processes of this machine.

    A process that dies (killed for want of memory, say) is replaced and its chunk tried again; a run at which it dies
    twice counts as failed.

    Parameters
    ----------
    tasks : iterable of Task
        Taken one by one, as processes become free.
    processes : int
        How many work at once.
    """
    waiting = iter(tasks)
    crashes: dict[int | None, int] = {}  # None: before a run had begun
    context = _context()
    workers = [Worker(context) for _ in range(processes)]
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
                    workers.append(Worker(_anew()))
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
    can_fork = sys.platform == "linux" and hasattr(os, "fork") and threading.active_count() == 1
    return multiprocessing.get_context("fork") if can_fork else _anew()


def _anew() -> Any:
    """Start processes anew; each of them reads the script that began the sweep.

    Raises
    ------
    InputError
        It came through a pipe, and cannot be read twice.
    """
    main = sys.modules["__main__"]
    name = getattr(main, "__file__", None)
    if getattr(main, "__spec__", None) is None and name is not None and not Path(name).is_file():
        raise InputError(f"processes read the script anew, and {name} is no file: save the script as one")
    return multiprocessing.get_context("spawn")


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
    InputError
        The processes begin the whole sweep themselves.
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
        if code == REPEATED:
            raise InputError(f"this script starts a sweep in every process again: {GUARD}")
        if crashes[run] >= FALSE_STARTS:
            raise ChildProcessError(f"processes die before their first run ({reason}); {_remedy()}")
        return task
    if crashes[run] < CRASHES:
        return task
    return replace(task, skipped={**task.skipped, run: f"the process died while computing it ({reason})"})


def _remedy() -> str:
    """Say what may help where processes cannot start: they read the script that began the sweep."""
    return "the same command goes on" if _is_command() else GUARD


def _is_command() -> bool:
    spec = getattr(sys.modules["__main__"], "__spec__", None)
    return spec is not None or Path(sys.argv[0]).stem == "ploshcha"


def end_if_repeated() -> None:
    """End a process that was started to compute, and is about to begin the sweep that started it."""
    if getattr(multiprocessing.current_process(), "_inheriting", False):  # it is reading the script
        os._exit(REPEATED)


def serve(connection: Connection, other_end: Connection) -> None:
    """Compute tasks until the parent is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    other_end.close()  # else this process would keep its own pipe open
    threading.Thread(target=_watch, daemon=True).start()
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


def _watch() -> None:
    """End this process, whatever it is doing, as soon as its parent is gone."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)
