"""Runs on a Dask cluster: one whose scheduler has an address, or one of this machine."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Generator, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from itertools import islice
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from experiments.executors.extras import last_line, needed, silence
from experiments.executors.local import cores
from experiments.executors.tasks import Event, Report, Task
from experiments.executors.workers import loaded_sources, run_chunk, run_task
from experiments.interrupts import undisturbed
from experiments.settings.sweep import ExecutorSettings
from experiments.store.chunks import RUNS_FOLDER
from sim.errors import InputError, not_allowed

ANSWER_SECONDS = 5  # within which a scheduler answers
IN_FLIGHT = 2  # chunks per worker: one computed, one on its way
COUNT_SECONDS = 5.0  # between two counts of the workers, which may come and go
LAG_SECONDS = 60.0  # until a file written elsewhere is seen here, on a slow shared file system
POLL_SECONDS = 0.5  # between two looks for it


def run_dask(settings: ExecutorSettings, tasks: Iterator[Task]) -> Iterator[Event]:
    """Run tasks on a Dask cluster, a few per worker at a time.

    A chunk whose workers die again and again is tried once more alone, since what waits on a worker that dies is
    suspected, too; if they die again, its runs count as failed.

    Raises
    ------
    InputError
        Nobody answers at the address, or the workers have other sources or another folder.
    ConnectionError
        The scheduler is gone.
    """
    suspects: list[Task] = []
    with connected(settings) as client:
        with closing(_stream(client, tasks)) as stream:
            for task, report in stream:
                if report is None:
                    suspects.append(task)
                else:
                    yield "chunk", report
        for suspect in suspects:
            with closing(_stream(client, iter([suspect]))) as stream:
                for task, report in stream:
                    yield "chunk", report or _given_up(task)


@contextmanager
def connected(settings: ExecutorSettings) -> Iterator[Any]:
    """Give a client of the scheduler at the address, or of a cluster of this machine that ends with it."""
    distributed = needed("distributed", "dask")
    silence("distributed")
    with ExitStack() as stack:
        place = settings.address or stack.enter_context(_own_cluster(distributed, settings.processes or cores()))
        try:
            client = distributed.Client(place, timeout=ANSWER_SECONDS, set_as_default=False)
        except (OSError, ValueError) as error:
            told = f"the address of a running Dask scheduler ({last_line(error)})"
            raise not_allowed("", "executor.address", settings.address, told) from None
        yield stack.enter_context(client)


@contextmanager
def _own_cluster(distributed: Any, n_workers: int) -> Iterator[Any]:
    """Give a cluster of processes with a thread each, and no limit of memory, as `local` has none."""
    import dask

    with undisturbed(), dask.config.set({"distributed.scheduler.allowed-failures": 0}):
        # Its processes inherit that Ctrl-C is none of their business. A chunk is suspected at the first death.
        cluster = distributed.LocalCluster(
            n_workers=n_workers, threads_per_worker=1, processes=True, memory_limit=None,
            dashboard_address="127.0.0.1:0", silence_logs=logging.CRITICAL,
        )  # fmt: skip
    try:
        yield cluster
    finally:
        with undisturbed():
            cluster.close()


class _Workers:
    """The workers of a Dask cluster, who may come and go."""

    def __init__(self, client: Any) -> None:
        self.client, self.n, self.counted, self.n_empty = client, 0, -COUNT_SECONDS, 0

    def count(self) -> int:
        """Return how many there are, at least 1; counted now and then."""
        if time.monotonic() - self.counted > COUNT_SECONDS:
            self.n, self.counted = len(self.client.nthreads()), time.monotonic()
            self.n_empty = 0 if self.n else self.n_empty + 1
            if self.n_empty == 2:  # a worker that died may be back at the second count
                print("ploshcha: the Dask cluster has no workers; waiting for them", file=sys.stderr)
        return max(1, self.n)


def _stream(client: Any, tasks: Iterator[Task]) -> Generator[tuple[Task, Report | None], None, None]:
    """Send tasks, a bounded number at a time, and yield each with its report as it completes; None: workers died."""
    sources, workers = loaded_sources(), _Workers(client)
    flying: dict[str, tuple[Task, Any]] = {}
    completed: SimpleQueue[Any] = SimpleQueue()
    try:
        while True:
            for task in islice(tasks, max(0, IN_FLIGHT * workers.count() - len(flying))):
                future = client.submit(run_task, task, sources, pure=False)
                flying[future.key] = task, future
                future.add_done_callback(completed.put)
            if not flying:
                return
            try:
                future = completed.get(timeout=COUNT_SECONDS)
            except Empty:
                continue
            task, _ = flying.pop(future.key)
            yield task, _report(future, task)
    finally:
        client.cancel([future for _, future in flying.values()], force=True)


def _report(future: Any, task: Task) -> Report | None:
    """Return what a worker reported, None if workers died; the chunk must be here, too."""
    if future.status == "error":
        error = future.exception()
        if type(error).__name__ == "KilledWorker":
            return None
        if isinstance(error, ImportError):
            raise InputError(f"the Dask workers cannot import ploshcha ({last_line(error)})")
        raise error
    if future.status != "finished":
        raise ConnectionError("the Dask scheduler is gone; the same command goes on")
    report: Report = future.result()
    path = Path(task.folder) / RUNS_FOLDER / report.file
    until = time.monotonic() + LAG_SECONDS
    while not path.exists():
        if time.monotonic() > until:
            told = "a folder that all workers share; a chunk written by one of them is not here"
            raise not_allowed("", "out", task.folder, told)
        time.sleep(POLL_SECONDS)
    return report


def _given_up(task: Task) -> Report:
    """Write a chunk all of whose runs failed, since its workers died."""
    told = "the Dask worker died while computing its chunk, again and again (out of memory?)"
    return run_chunk(replace(task, skipped=dict.fromkeys(task.runs, told)))
