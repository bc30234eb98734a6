"""What a sweep tells: before it begins, how much work it is; at its end, what came out and where it lies."""

from __future__ import annotations

import shlex
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from experiments.design.estimate import bytes_of_run, seconds_of_sweep, some_runs
from experiments.design.plan import Plan
from experiments.executors import dispatch as executors
from experiments.printing.progress import State, clock
from experiments.store.chunks import read_chunks
from experiments.store.manifest import read_manifest
from experiments.store.provenance import process_age
from experiments.store.sweep_folder import accepted, is_sweep, results_of


def print_estimate(plan: Plan, folder: Path) -> None:
    """Tell how many runs, how long, how large; run and write nothing."""
    done = 0
    if is_sweep(folder):
        done = len(results_of(accepted(plan, read_chunks(folder), read_manifest(folder)["generations"])[0])[0])
    left, processes = plan.n_runs - done, executors.n_at_once(plan.settings.executor)
    seconds, some = seconds_of_sweep(plan) / plan.n_runs, some_runs(plan.n_runs)
    size = sum(bytes_of_run(plan.parameters_of(run)) for run in some) / len(some)
    print(f"{plan.experiment.name}: {len(plan.points)} points x {plan.replicates} replicates = {plan.n_runs} runs"
          + (f", {done} of them finished" if done else ""))  # fmt: skip
    for lever in plan.levers:
        options = f"{lever.low:g} to {lever.high:g}" if lever.is_range else ", ".join(map(str, lever.levels(None)))
        print(f"  {lever.name}: {options}")
    each = clock(seconds) if seconds >= 1 else f"{1000 * seconds:.0f} ms"
    print(f"about {clock(left * seconds / processes)} on {processes} processes, {each} a run (an estimate)")
    print(f"about {max(plan.n_runs * size / 1e6, 0.1):.1f} MB in {folder}")
    print("nothing was run or written")


def print_end(plan: Plan, folder: Path, state: State, lines: Sequence[str]) -> None:
    """Print the table of effects, what failed, and where everything is."""
    for line in lines:
        print(line)
    if state.failed:
        first = min(state.failed)
        how = f"ploshcha resume {shlex.quote(str(folder))} --failed tries them again"
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
