"""Runs as a Slurm job array, submitted by submitit or by a script for sbatch."""

from __future__ import annotations

import io
import os
import re
import shlex
import shutil
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import redirect_stderr
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from experiments.design.plan import Plan
from experiments.executors.extras import last_line, needed, silence
from experiments.executors.local import run_local
from experiments.executors.tasks import Event, Left, Report, make_task
from experiments.executors.workers import loaded_sources, warm_up
from experiments.interrupts import undisturbed
from experiments.settings.sweep import ExecutorSettings
from experiments.store.chunks import NAME, RUNS_FOLDER, read_record
from experiments.store.claim import remove_if_empty
from experiments.store.manifest import read_manifest
from experiments.store.sweep_folder import is_sweep, plan_of, source_of, what_changed
from experiments.words import quoted
from sim.errors import InputError, not_allowed

JOBS_FOLDER = ".jobs"  # in the sweep's folder: submitit's scripts, pickles and logs
OVER = "over"  # in a folder there: the command that submitted has ended, and its jobs with it
POLL_SECONDS = 0.5  # between two looks at the chunks of an array
STATE_SECONDS = 30.0  # between two questions to Slurm about its jobs


@dataclass(frozen=True)
class Shard:
    """The share of one job of an array. Requeued, or submitted again, it goes on with what is still missing."""

    folder: str
    left: tuple[Left, ...]
    processes: int
    sources: str

    def __call__(self) -> int:
        """Compute the chunks; return how many."""
        folder = Path(self.folder)
        plan, generations = plan_of(folder), read_manifest(folder)["generations"]
        source = source_of(plan)
        changed = what_changed(generations[-1], source) or (["code"] if loaded_sources() != self.sources else [])
        if changed:
            raise InputError(f"{' and '.join(changed)} changed after the job was submitted; submit it again")
        there = _there(folder)
        left = [item for item in self.left if item[:2] not in there]
        warm_up(plan.models())
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
    place = _new_place(folder)
    jobs = _submit(settings, place, shards)
    print(f"ploshcha: {len(jobs)} jobs submitted ({jobs[0].job_id}), logs in {place}", file=sys.stderr)
    try:
        for is_over in _polls(jobs):
            for key, path in _there(folder).items():
                if key in missing:
                    missing.remove(key)
                    yield "chunk", _report_of(path)
            yield "wait", is_over
    finally:
        _cancel([job for job in jobs if not job.done()])
        (place / OVER).touch()
    if missing:
        raise ChildProcessError(f"{len(missing)} chunks are missing: {_why(jobs)}; the same command goes on")
    shutil.rmtree(place, ignore_errors=True)
    remove_if_empty([folder / JOBS_FOLDER])


def _new_place(folder: Path) -> Path:
    """Make a folder for what submitit writes, and reads: pickles, which nobody may have put there before."""
    (folder / JOBS_FOLDER).mkdir(exist_ok=True)
    return Path(mkdtemp(prefix=time.strftime("%Y-%m-%dT%H-%M-%S-"), dir=folder.absolute() / JOBS_FOLDER))


def _submit(settings: ExecutorSettings, place: Path, shards: Sequence[Shard]) -> list[Any]:
    """Submit a job array."""
    submitit = needed("submitit", "slurm")
    silence("submitit")
    try:
        executor = submitit.AutoExecutor(folder=place, cluster=settings.cluster)
        executor.update_parameters(
            name="ploshcha", timeout_min=settings.minutes, cpus_per_task=settings.processes or 1,
            mem_gb=settings.memory_gb, slurm_partition=settings.partition, slurm_account=settings.account,
            slurm_qos=settings.qos, slurm_array_parallelism=len(shards),
        )  # fmt: skip
        with redirect_stderr(io.StringIO()), executor.batch():  # the error tells what sbatch says
            jobs = [executor.submit(shard) for shard in shards]
        return jobs
    except (RuntimeError, OSError) as error:
        raise not_allowed("", "executor", "slurm", f"jobs that Slurm accepts ({last_line(error)})") from None


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


def left_behind(folder: Path) -> Iterator[str]:
    """Yield a line for each array whose command was killed: its jobs may still run, and this is how to end them."""
    for place in sorted((folder / JOBS_FOLDER).glob("*")):
        numbers = sorted({path.name.partition("_")[0] for path in place.glob("*_submitted.pkl")})
        if numbers and not (place / OVER).exists():
            yield (f"jobs of a command that was killed may still run: scancel {' '.join(numbers)} ends them "
                   f"(kill, if they run on this machine); then remove {place}")  # fmt: skip


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
    command = ["resume", out] if is_sweep(folder) else ["sweep", *config, *plan.words, f"out={quoted(out)}"]
    words = [sys.executable, "-m", "ploshcha", *command, f"executor.processes={settings.processes or 1}"]
    words += ["accept_code_change=true"] if plan.settings.accept_code_change else []
    return "\n".join([
        "#!/bin/bash", *given,
        f"# {plan.n_runs} runs; each job computes its share of what is missing. Submitted again, it goes on.",
        f"# When all have ended, summary and figures: ploshcha resume {shlex.quote(out)}",
        f"cd {shlex.quote(os.getcwd())}",
        f"exec {shlex.join(words)} executor.share=$SLURM_ARRAY_TASK_ID/{settings.shards}",
    ])  # fmt: skip
