"""``ploshcha sweep``: many runs, safely; the same command goes on where it was interrupted."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from experiments.design.plan import Plan, make_plan
from experiments.executors import dispatch as executors
from experiments.executors.dispatch import Left
from experiments.executors.workers import Task, warm_up
from experiments.store.chunks import DAMAGED, Chunk, check_chunks, read_chunks
from experiments.store.provenance import process_age
from experiments.store.sweep_folder import (
    Source,
    accepted,
    begin,
    enter,
    is_sweep,
    locked,
    read_manifest,
    results_of,
    source_of,
    sweep_folder,
)
from sim.errors import not_allowed

PICTURE_SECONDS = 60.0  # at least, between two pictures of an unfinished sweep
PICTURE_SHARE = 0.02  # at most, of the time spent on them
LINE_SECONDS = 30.0  # between two lines of progress where there is no terminal

HELP = """\
usage: ploshcha sweep [--config-dir DIR] [experiment=NAME] [name=value ...] [name=value,value,... ...]

Run a design many times over and end in figures and a table of paired differences. Interrupted at any moment, the same
command goes on; finished runs are never computed again.

settings of a sweep
  experiment=NAME          a file of conf/experiment: levers, outcomes, figure; without it, levers from the line below
  name=0,0.5,1             a lever with values; name=interval(0,1) a range; name=0.5 holds an experiment's lever fixed
  design=NAME              grid, lhs, sobol, morris, or list with design.file=FILE.csv (header = names of settings)
  design.n=N design.seed=N size of a sample (grid: levels of a range), seed of its random part
  replicates=N             seeds at every point; the same ones at all (common_luck=false: others at each)
  out=DIR                  folder; default results/sweeps/<experiment>-<digits>
  chunk_runs=N             most runs of a file (50)
  executor=NAME            where runs are computed; any of them goes on where another stopped
    local                  executor.processes=N processes of this machine (one per core)
                           executor.share=K/N: only each N-th chunk from the K-th on, beside others in the same folder
    dask                   executor.address=tcp://HOST:PORT of a scheduler; without it N processes of this machine
    slurm                  executor.shards=N jobs of an array (8), of executor.processes=N each (1), executor.minutes=N
                           (60), executor.memory_gb=X, executor.partition=NAME, executor.account=NAME, executor.qos=NAME
                           executor.print_script=true prints a script for sbatch and submits nothing
  dry_run=true             only tell how many runs, how long, how large
  accept_code_change=true  go on in a folder begun with other code or data; the new runs are marked

All other settings are those of `ploshcha run`; see conf/config.yaml.

examples
  ploshcha sweep experiment=information
  ploshcha sweep scenario=august_2020 replicates=20        nothing varied: medians and bands over seeds
  ploshcha sweep experiment=job_pressure replicates=20 persons_per_agent=50
  ploshcha sweep scenario=minsk_2020 persons_per_agent=200 anger.strength=0,1,2 replicates=10
"""


@dataclass
class State:
    """How far a sweep is."""

    n_runs: int
    n_before: int = 0  # finished when this call began
    n_done: int = 0
    failed: dict[int, str] = field(default_factory=dict)
    began: float = field(default_factory=time.perf_counter)

    def line(self) -> str:
        """Return runs, rate, time left and failures."""
        seconds = time.perf_counter() - self.began
        rate = (self.n_done - self.n_before) / max(seconds, 1e-9)
        left = (self.n_runs - self.n_done - len(self.failed)) / rate if rate else float("inf")
        told = f"{self.n_done} of {self.n_runs} runs, {rate:.1f} a second, {clock(left)} left"
        return told + (f", {len(self.failed)} failed" if self.failed else "")


def clock(seconds: float) -> str:
    """Return a duration in words."""
    if seconds == float("inf"):
        return "unknown time"
    minutes = seconds / 60
    return f"{seconds:.0f} s" if minutes < 2 else f"{minutes:.0f} min" if minutes < 120 else f"{minutes / 60:.1f} h"


def main(arguments: Sequence[str]) -> int:
    """Run the command; return the exit code."""
    from experiments.one_run import parse_options

    options = parse_options(arguments)
    if options.is_help:
        print(HELP, end="")
        return 0
    return run_plan(make_plan(options.overrides, options.config_dir))


def run_plan(plan: Plan, rules: Mapping[str, Any] | None = None, again: bool = False) -> int:
    """Run what is left of a sweep, finish it with summary, table and figures; return the exit code.

    Parameters
    ----------
    plan : Plan
        What to run.
    rules : mapping of str to callable, optional
        Your own rules in place of shipped ones, as for ``sim.run``.
    again : bool
        Try failed runs once more.
    """
    folder = sweep_folder(plan)
    if plan.settings.executor.print_script:
        print(executors.script(plan, folder))
        return 0
    if plan.settings.dry_run:
        return dry_run(plan, folder)
    state, lines = compute(plan, folder, rules, again)
    if plan.settings.executor.share is not None:
        told = f"share {plan.settings.executor.share}: {state.n_done} of {state.n_runs} runs are in {folder}"
        print(f"{told}, {len(state.failed)} failed; when all shares are done: ploshcha resume {folder}")
    else:
        print_end(plan, folder, state, lines)
    return 1 if state.failed else 0


def compute(
    plan: Plan, folder: Path, rules: Mapping[str, Any] | None = None, again: bool = False
) -> tuple[State, list[str]]:
    """Compute what is left of a sweep, then its summary and figures, all under the folder's lock.

    Returns
    -------
    state : State
        How far it came.
    lines : list of str
        The table to print.

    Raises
    ------
    InputError
        The folder is in use, or holds something else.
    KeyboardInterrupt
        With a word on what is finished; so does the end of this process by a request to terminate.
    """
    from experiments.finish import finish
    from sim.rulebook import Rulebook

    book, executor = Rulebook(rules), plan.settings.executor
    if book.names and executor.name != "local":
        raise not_allowed("", "executor", executor.name, "local, since rules are replaced")
    if not is_sweep(folder):
        executors.check(executor)
    begin(folder)
    with ExitStack() as stack:
        folder.mkdir(parents=True, exist_ok=True)
        lock = stack.enter_context(locked(folder, executor.share is not None))
        source = source_of(plan, book.names)
        manifest, generation = enter(folder, plan, source)
        chunks = _checked(plan, folder, manifest)
        done, failed = results_of(chunks)
        mine = _share(plan)
        n_done = len(mine & done.keys())
        state = State(len(mine), n_done, n_done, {run: error for run, (_, error) in failed.items() if run in mine})
        tasks = [item for item in left_to_do(plan, chunks, again) if item[2][0] in mine]
        if again:
            state.failed = {}
        if tasks:
            try:
                with book:
                    _work(plan, folder, source, generation, tasks, state, lock)
            except KeyboardInterrupt:
                told = f"{state.n_done} of {state.n_runs} runs are in {folder}; the same command goes on"
                raise KeyboardInterrupt(told) from None
        return state, finish(folder, plan) if executor.share is None else []


def _checked(plan: Plan, folder: Path, manifest: Mapping[str, Any]) -> list[Chunk]:
    """Return the finished chunks; damaged and foreign files are set aside, and told."""
    if plan.settings.executor.share is not None:  # others are at work: leave their files alone
        return accepted(plan, read_chunks(folder), manifest["generations"])[0]
    chunks, told = check_chunks(folder)
    own, foreign = accepted(plan, chunks, manifest["generations"])
    for chunk in foreign:
        assert chunk.path is not None
        chunk.path.rename(chunk.path.with_name(chunk.path.name + DAMAGED))
        told.append(f"runs/{chunk.path.name} is not of this sweep: set aside")
    for line in told:
        print(f"ploshcha: {line}", file=sys.stderr)
    return own


def _share(plan: Plan) -> set[int]:
    """Return the runs that this process is to see to: of each N-th chunk, or all."""
    first, step = plan.settings.executor.part
    return {run for runs in plan.chunks[first::step] for run in runs}


def left_to_do(plan: Plan, chunks: Sequence[Chunk], again: bool) -> Iterator[Left]:
    """Yield what is left: chunks that are not there, and with `again` the failed runs of those that are."""
    there: dict[int, list[Chunk]] = {}
    for chunk in chunks:
        there.setdefault(chunk.number, []).append(chunk)
    _, failed = results_of(chunks)
    for number, runs in enumerate(plan.chunks):
        if not any(chunk.again == 0 for chunk in there.get(number, ())):
            yield number, 0, tuple(runs)
        elif again and (retry := tuple(run for run in runs if run in failed)):
            yield number, 1 + max(chunk.again for chunk in there[number]), retry


def make_task(plan: Plan, folder: Path, source: Source, generation: int, left: Left) -> Task:
    """Return the task of a chunk."""
    number, again, runs = left
    keys = tuple(plan.key(run, source.content) for run in runs)
    parameters = tuple(plan.parameters_of(run).model_copy(update=_one_thread(plan)) for run in runs)
    return Task(str(folder.absolute()), number, again, generation, runs, keys, parameters, source.code, source.data, {})


def _one_thread(plan: Plan) -> dict[str, int]:
    return {"threads": 1} if hasattr(plan.parameters, "threads") else {}


def _work(
    plan: Plan, folder: Path, source: Source, generation: int, left: Sequence[Left], state: State, lock: int
) -> None:
    """Hand the tasks to the workers, follow the progress, and draw on the way."""
    tasks = (make_task(plan, folder, source, generation, item) for item in left)
    if executors.is_here(plan.settings.executor):
        from experiments.one_run import _tell_of_compiling

        _tell_of_compiling()
        warm_up(models(plan))
    events = executors.execute(plan.settings.executor, folder, left, tasks, lock)
    state.began = time.perf_counter()
    with closing(events), progress(state) as show:
        picture = _Picture(plan, folder, state)
        for kind, value in events:
            if kind == "chunk":
                state.n_done += value.n_done
                state.failed |= value.failed
                picture.draw()
            show()


def models(plan: Plan) -> list[Any]:
    """Return parameters of each model that the sweep runs."""
    from experiments.settings.read import settings_of

    found = [settings_of(composed, plan.config_dir).parameters for composed in plan.choices.values()]
    return list({type(parameters): parameters for parameters in found}.values())


class _Picture:
    """Draws the figures of an unfinished sweep now and then."""

    def __init__(self, plan: Plan, folder: Path, state: State) -> None:
        self.plan, self.folder, self.state = plan, folder, state
        self.next = time.perf_counter() + PICTURE_SECONDS if plan.settings.executor.share is None else float("inf")

    def draw(self) -> None:
        """Draw if it is time."""
        now = time.perf_counter()
        if now < self.next or self.state.n_done >= self.state.n_runs:
            return
        from experiments.finish import finish

        finish(self.folder, self.plan)
        took = time.perf_counter() - now
        self.next = time.perf_counter() + max(PICTURE_SECONDS, took / PICTURE_SHARE)


class progress:  # noqa: N801
    """Shows how far a sweep is: a bar on a terminal, else a line now and then. Gives the function to call."""

    def __init__(self, state: State) -> None:
        self.state, self.last = state, time.perf_counter()
        self.bar: Any = None

    def __enter__(self) -> Callable[[], None]:
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, Progress, TextColumn

            self.bar = Progress(BarColumn(), TextColumn("{task.description}"), console=Console(stderr=True),
                                transient=True, auto_refresh=False)  # fmt: skip
            self.bar.start()
            self.task = self.bar.add_task(self.state.line(), total=self.state.n_runs)
        return self.show

    def show(self) -> None:
        """Show the state, if enough time has passed."""
        now = time.perf_counter()
        if now - self.last < (0.2 if self.bar is not None else LINE_SECONDS):
            return
        self.last = now
        if self.bar is None:
            print(f"ploshcha: {self.state.line()}", file=sys.stderr, flush=True)
            return
        completed = self.state.n_done + len(self.state.failed)
        self.bar.update(self.task, completed=completed, description=self.state.line(), refresh=True)

    def __exit__(self, *_: object) -> None:
        if self.bar is not None:
            self.bar.stop()


def dry_run(plan: Plan, folder: Path) -> int:
    """Tell how many runs, how long, how large; run and write nothing."""
    from experiments.design.estimate import bytes_of_run, seconds_of_run

    done = 0
    if is_sweep(folder):
        done = len(results_of(accepted(plan, read_chunks(folder), read_manifest(folder)["generations"])[0])[0])
    left, processes = plan.n_runs - done, executors.n_at_once(plan.settings.executor)
    seconds = sum(seconds_of_run(plan.parameters_of(run)) for run in _spread(plan.n_runs)) / len(_spread(plan.n_runs))
    size = sum(bytes_of_run(plan.parameters_of(run)) for run in _spread(plan.n_runs)) / len(_spread(plan.n_runs))
    print(f"{plan.experiment.name}: {len(plan.points)} points x {plan.replicates} replicates = {plan.n_runs} runs"
          + (f", {done} of them finished" if done else ""))  # fmt: skip
    for lever in plan.levers:
        options = f"{lever.low:g} to {lever.high:g}" if lever.is_range else ", ".join(map(str, lever.levels(None)))
        print(f"  {lever.name}: {options}")
    each = clock(seconds) if seconds >= 1 else f"{1000 * seconds:.0f} ms"
    print(f"about {clock(left * seconds / processes)} on {processes} processes, {each} a run (an estimate)")
    print(f"about {max(plan.n_runs * size / 1e6, 0.1):.1f} MB in {folder}")
    print("nothing was run or written")
    return 0


def _spread(n: int, most: int = 20) -> list[int]:
    """Return some runs from all over the design."""
    return list(range(0, n, max(1, n // most)))


def print_end(plan: Plan, folder: Path, state: State, lines: Sequence[str]) -> None:
    """Print the table of effects, what failed, and where everything is."""
    for line in lines:
        print(line)
    if state.failed:
        first = min(state.failed)
        how = f"ploshcha resume {folder} --failed tries them again"
        what = f"{len(state.failed)} of {state.n_runs} runs failed, such as run {first}: {state.failed[first]}"
        print(f"ploshcha: {what}; {how}", file=sys.stderr)
    fresh = state.n_done - state.n_before
    seconds = time.perf_counter() - state.began
    if fresh:
        startup = clock(max(0.0, process_age() - seconds))
        print(f"{fresh} runs in {clock(seconds)} ({state.n_before} were there already); started up in {startup}")
    else:
        print(f"all {state.n_done} runs were there already")
    print(f"written to {folder}")

