"""Where a sweep's runs are computed: processes of this machine, Dask distributed, or a Slurm job array by submitit.

All compute the very same chunks, and whoever computes a chunk writes it: beyond one machine the sweep's folder must be
on a file system that all share. What is finished stays finished, whichever executor goes on.
"""

from __future__ import annotations

import io
import logging
import os
import re
import shlex
import shutil
import sys
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, redirect_stderr
from dataclasses import dataclass, replace
from importlib import import_module
from itertools import islice
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from experiments.design.plan import Plan
from experiments.executors.workers import (
    Event,
    Report,
    Task,
    loaded_sources,
    run_chunk,
    run_here,
    run_local,
    run_task,
    warm_up,
)
from experiments.interrupts import undisturbed
from experiments.settings.sweep import ExecutorSettings
from experiments.store.chunks import NAME, RUNS_FOLDER, read_record
from experiments.store.sweep_folder import is_sweep, read_manifest, source_of, what_changed
from sim.errors import InputError, not_allowed

JOBS_FOLDER = ".jobs"  # in the sweep's folder: submitit's scripts, pickles and logs
ANSWER_SECONDS = 5  # within which a Dask scheduler answers
IN_FLIGHT = 2  # chunks per Dask worker: one computed, one on its way
COUNT_SECONDS = 5.0  # between two counts of the Dask workers, which may come and go
LAG_SECONDS = 60.0  # until a file written elsewhere is seen here, on a slow shared file system
POLL_SECONDS = 0.5  # between two looks at the chunks of an array
STATE_SECONDS = 30.0  # between two questions to Slurm about its jobs

Left = tuple[int, int, tuple[int, ...]]  # number of a chunk, times it was tried again, its runs


def check(settings: ExecutorSettings) -> None:
    """Refuse, before anything is written, an executor that cannot work.

    Raises
    ------
    InputError
        Its package is not installed, its scheduler does not answer, or Slurm is not here.
    """
    if settings.name == "dask":
        _needed("distributed", "dask")
        if settings.address is not None:
            with connected(settings):
                pass
    if settings.name == "slurm":
        _needed("submitit", "slurm")
        if settings.cluster == "slurm" and shutil.which("srun") is None:
            told = "where Slurm is, and srun is not found here; executor.print_script=true prints a script for sbatch"
            raise not_allowed("", "executor", "slurm", told)


def _needed(package: str, extra: str) -> Any:
    """Import a package that an extra brings."""
    try:
        return import_module(package)
    except ImportError:
        how = f"uv sync --extra {extra}, or pip install 'ploshcha[{extra}]'"
        raise not_allowed("", "executor", extra, f"with {package} installed: {how}") from None


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


def cores() -> int:
    """Return the number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def execute(
    settings: ExecutorSettings, folder: Path, left: Sequence[Left], tasks: Iterator[Task], lock: int
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
    lock : int
        File descriptor that workers must not keep.
    """
    if settings.name == "dask":
        yield from run_dask(settings, tasks)
    elif settings.name == "slurm":
        yield from run_slurm(settings, folder, left)
    else:
        processes = min(settings.processes or cores(), len(left))
        yield from run_here(tasks) if processes == 1 else run_local(tasks, processes, (lock,))


# Dask


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
    distributed = _needed("distributed", "dask")
    _silence("distributed")
    with ExitStack() as stack:
        place = settings.address or stack.enter_context(_own_cluster(distributed, settings.processes or cores()))
        try:
            client = distributed.Client(place, timeout=ANSWER_SECONDS, set_as_default=False)
        except (OSError, ValueError) as error:
            told = f"the address of a running Dask scheduler ({_last_line(error)})"
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


def _silence(name: str) -> None:
    """Let a package log nothing: what matters is told in one line."""
    if os.environ.get("PLOSHCHA_DEBUG") != "1":
        for known in (name, *(other for other in logging.root.manager.loggerDict if other.startswith(f"{name}."))):
            logging.getLogger(known).setLevel(logging.CRITICAL)


class _Crew:
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
    sources, crew = loaded_sources(), _Crew(client)
    flying: dict[str, tuple[Task, Any]] = {}
    completed: SimpleQueue[Any] = SimpleQueue()
    try:
        while True:
            for task in islice(tasks, max(0, IN_FLIGHT * crew.count() - len(flying))):
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
            raise InputError(f"the Dask workers cannot import ploshcha ({_last_line(error)})")
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


# Slurm


@dataclass(frozen=True)
class Shard:
    """The share of one job of an array. Requeued, or submitted again, it goes on with what is still missing."""

    folder: str
    left: tuple[Left, ...]
    processes: int
    sources: str

    def __call__(self) -> int:
        """Compute the chunks; return how many."""
        from experiments.commands.folder import plan_of
        from experiments.one_sweep import make_task, models

        folder = Path(self.folder)
        plan, generations = plan_of(folder), read_manifest(folder)["generations"]
        source = source_of(plan)
        changed = what_changed(generations[-1], source) or (["code"] if loaded_sources() != self.sources else [])
        if changed:
            raise InputError(f"{' and '.join(changed)} changed after the job was submitted; submit it again")
        there = _there(folder)
        left = [item for item in self.left if item[:2] not in there]
        warm_up(models(plan))
        tasks = (make_task(plan, folder, source, len(generations) - 1, item) for item in left)
        return sum(kind == "chunk" for kind, _ in run_local(tasks, self.processes))

    def checkpoint(self) -> Any:
        """Return what Slurm is to requeue when the job is preempted or out of time; called by submitit."""
        return import_module("submitit").helpers.DelayedSubmission(self)


def run_slurm(settings: ExecutorSettings, folder: Path, left: Sequence[Left]) -> Iterator[Event]:
    """Submit an array of shards and wait for it; a chunk counts as soon as its file is there.

    Raises
    ------
    InputError
        Slurm does not accept the jobs.
    ChildProcessError
        Jobs ended before all was computed; told is which, and where its log is.
    """
    n_shards = min(settings.shards, len(left))
    shards = [
        Shard(str(folder.absolute()), tuple(left[k::n_shards]), settings.processes or 1, loaded_sources())
        for k in range(n_shards)
    ]
    missing = {(number, again) for number, again, _ in left}
    jobs = _submit(settings, folder, shards)
    print(f"ploshcha: {len(jobs)} jobs submitted ({jobs[0].job_id}), logs in {folder / JOBS_FOLDER}", file=sys.stderr)
    try:
        for is_over in _polls(jobs):
            for key, path in _there(folder).items():
                if key in missing:
                    missing.remove(key)
                    yield "chunk", _report_of(path)
            yield "wait", is_over
    finally:
        _cancel([job for job in jobs if not job.done()])
    if missing:
        raise ChildProcessError(f"{len(missing)} chunks are missing: {_why(jobs)}; the same command goes on")
    shutil.rmtree(folder / JOBS_FOLDER, ignore_errors=True)


def _submit(settings: ExecutorSettings, folder: Path, shards: Sequence[Shard]) -> list[Any]:
    """Submit a job array."""
    submitit = _needed("submitit", "slurm")
    _silence("submitit")
    try:
        executor = submitit.AutoExecutor(folder=folder.absolute() / JOBS_FOLDER, cluster=settings.cluster)
        executor.update_parameters(
            name="ploshcha", timeout_min=settings.minutes, cpus_per_task=settings.processes or 1,
            mem_gb=settings.memory_gb, slurm_partition=settings.partition, slurm_account=settings.account,
            slurm_qos=settings.qos, slurm_array_parallelism=len(shards),
        )  # fmt: skip
        with redirect_stderr(io.StringIO()), executor.batch():  # the error tells what sbatch says
            jobs = [executor.submit(shard) for shard in shards]
        return jobs
    except (RuntimeError, OSError) as error:
        raise not_allowed("", "executor", "slurm", f"jobs that Slurm accepts ({_last_line(error)})") from None


def _polls(jobs: Sequence[Any]) -> Iterator[bool]:
    """Yield now and then, and a last time when all jobs are over."""
    asked = time.monotonic()
    while True:
        if time.monotonic() - asked > STATE_SECONDS:
            jobs[0].done(force_check=True)  # asks for the whole array
            asked = time.monotonic()
        is_over = all(job.done() for job in jobs)
        yield is_over
        if is_over:
            return
        time.sleep(POLL_SECONDS)


def _there(folder: Path) -> dict[tuple[int, int], Path]:
    """Return the chunks of a folder by number and times tried again."""
    found = {}
    for path in (folder / RUNS_FOLDER).iterdir():
        if match := NAME.match(path.name):
            found[int(match["number"]), int((match["again"] or "-again0").removeprefix("-again"))] = path
    return found


def _report_of(path: Path) -> Report:
    chunk = read_record(path)
    return Report(chunk.number, len(chunk.outcomes), chunk.failed, 0.0, path.name)


def _cancel(jobs: Sequence[Any]) -> None:
    """Cancel jobs that are not over."""
    if not jobs:
        return
    with undisturbed():
        for job in jobs:
            job.cancel(check=False)
    print(f"ploshcha: {len(jobs)} jobs cancelled", file=sys.stderr)


def _why(jobs: Sequence[Any]) -> str:
    """Tell of the first job that did not end well."""
    for job in jobs:
        error = job.exception()
        if error is not None:
            lines = str(error).splitlines()
            told = [line for line in lines if re.match(r"[\w.]+(Error|Exit|Interrupt)\b", line)] or ["no result"]
            return f"job {job.job_id} ended ({job.state.lower()}), {told[-1]}, see {job.paths.stderr}"
    return "all jobs ended well, but their files are not here; out must be a folder that all share"


def _last_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[-1].strip()


def script(plan: Plan, folder: Path) -> str:
    """Return a script for sbatch: an array of jobs, each of which computes its share of the chunks."""
    settings = plan.settings.executor
    options = {
        "job-name": "ploshcha", "array": f"0-{settings.shards - 1}", "ntasks": 1,
        "cpus-per-task": settings.processes or 1, "time": settings.minutes,
        "mem": None if settings.memory_gb is None else f"{1024 * settings.memory_gb:.0f}M",
        "partition": settings.partition, "account": settings.account, "qos": settings.qos,
        "output": "ploshcha-%A_%a.log",
    }  # fmt: skip
    given = [f"#SBATCH --{name}={value}" for name, value in options.items() if value is not None]
    config = [] if plan.config_dir is None else ["--config-dir", str(Path(plan.config_dir).expanduser().absolute())]
    out = str(folder.absolute())
    command = ["resume", out] if is_sweep(folder) else ["sweep", *config, *plan.words, f"out={out}"]
    words = [sys.executable, "-m", "experiments.cli", *command, f"executor.processes={settings.processes or 1}"]
    words += ["accept_code_change=true"] if plan.settings.accept_code_change else []
    return "\n".join([
        "#!/bin/bash", *given,
        f"# {plan.n_runs} runs; each job computes its share of what is missing. Submitted again, it goes on.",
        f"# When all have ended, summary and figures: ploshcha resume {shlex.quote(out)}",
        f"cd {shlex.quote(os.getcwd())}",
        f"exec {shlex.join(words)} executor.share=$SLURM_ARRAY_TASK_ID/{settings.shards}",
    ])  # fmt: skip
