"""One sweep: many runs, safely; the same call goes on where it was interrupted, and ends in summary and figures."""

from __future__ import annotations

import shlex
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments.analysis.effects import all_effects
from experiments.analysis.over_posterior import OVER_POSTERIOR_FILE, spreads, spreads_table
from experiments.analysis.published import answers
from experiments.analysis.sensitivity import SENSITIVITY_FILE, analyse, outcome_names, sensitivity_table
from experiments.analysis.summary import effects_table, failed_table, summary_table
from experiments.design.plan import Plan, make_plan
from experiments.executors import dispatch as executors
from experiments.executors.slurm import script
from experiments.executors.tasks import Left, left_to_do, make_task
from experiments.executors.workers import warm_up
from experiments.figures.sensitivity import draw_sensitivity
from experiments.figures.sweep import draw_all
from experiments.printing.compiling import compile_clock, tell_of_compiling
from experiments.printing.console import folded
from experiments.printing.findings import sentence
from experiments.printing.map_lines import break_even_lines, class_lines
from experiments.printing.paper_tables import Table, as_html, as_latex, paper_tables
from experiments.printing.posterior_table import posterior_lines
from experiments.printing.progress import State, progress
from experiments.printing.replicates import replicate_lines, replicates_sentence
from experiments.printing.sensitivity_table import sensitivity_lines
from experiments.printing.sweep_end import print_end, print_estimate
from experiments.printing.sweep_table import effect_lines, published_lines
from experiments.settings.sweep import check_whole
from experiments.store.chunks import Chunk, add_windows, check_chunks, read_chunks, set_aside
from experiments.store.files import write_whole
from experiments.store.load import load
from experiments.store.lock import locked
from experiments.store.manifest import read_manifest
from experiments.store.sweep_folder import (
    EFFECTS_FILE,
    FAILED_FILE,
    SUMMARY_FILE,
    Source,
    accepted,
    begin,
    enter,
    fits,
    is_sweep,
    plan_of,
    results_of,
    source_of,
    sweep_folder,
)
from experiments.store.tables import table_bytes
from experiments.words import check_text, quoted
from sim.errors import not_allowed

if TYPE_CHECKING:
    import xarray

TABLES_FOLDER = "tables"
PICTURE_SECONDS = 60.0  # at least, between two pictures of an unfinished sweep
PICTURE_SHARE = 0.02  # at most, of the time spent on them


def sweep(
    *words: str, out: str | Path, config_dir: str | Path | None = None, rules: Mapping[str, Any] | None = None
) -> xarray.Dataset:
    """Run a sweep into a folder, or what is left of it, and load it.

    Parameters
    ----------
    *words : str
        Words of ``ploshcha sweep``, such as ``experiment=information`` or ``anger.strength=0,1``.
    out : path
        The folder; it also gets the summary and the figures.
    config_dir : path, optional
        A folder of your own with more files for the groups of ``conf``.
    rules : mapping of str to callable, optional
        Your own rules in place of shipped ones, as for ``sim.run``; the runs are then computed in this process.

    Returns
    -------
    xarray.Dataset
        As `experiments.store.load.load` returns it: finished runs only.

    Raises
    ------
    InputError
        A setting is not allowed, or the folder was begun with others; the message is one line.

    Notes
    -----
    Where processes are not forked (Windows, macOS), a script calls this below ``if __name__ == "__main__":``.
    """
    executors.end_if_repeated()
    check_text("out", str(out) if isinstance(out, Path) else out)
    plan = make_plan([*words, f"out={quoted(out)}"], None if config_dir is None else str(config_dir))
    check_whole(plan.settings)
    folder = sweep_folder(plan)
    state, _ = compute(plan, folder, rules)
    if state.failed:
        first = min(state.failed)
        told = f"{len(state.failed)} of {state.n_runs} runs failed, such as run {first}: {state.failed[first]}"
        print(f"ploshcha: {told}", file=sys.stderr)
    return load(folder)


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
    executors.end_if_repeated()
    folder = sweep_folder(plan)
    if plan.settings.executor.print_script:
        print(script(plan, folder))
        return 0
    if plan.settings.dry_run:
        print_estimate(plan, folder)
        return 0
    state, lines = compute(plan, folder, rules, again)
    if plan.settings.executor.share is not None:
        told = f"share {plan.settings.executor.share}: {state.n_done} of {state.n_runs} runs are in {folder}"
        then = f"ploshcha resume {shlex.quote(str(folder))}"
        print(f"{told}, {len(state.failed)} failed; when all shares are done: {then}")
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
    from sim.rulebook import Rulebook

    book, executor = Rulebook(rules), plan.settings.executor
    if book.names and executor.name != "local":
        raise not_allowed("", "executor", executor.name, "local, since rules are replaced")
    if not is_sweep(folder):
        executors.check(executor)
    begin(folder)
    for line in executors.left_behind(folder):
        print(f"ploshcha: {line}", file=sys.stderr)
    with locked(folder, executor.share is not None):
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
                    _work(plan, folder, source, generation, tasks, state)
            except KeyboardInterrupt:
                told = f"{state.n_done} of {state.n_runs} runs are in {folder}; the same command goes on"
                raise KeyboardInterrupt(told) from None
        return state, summarise(folder, plan) if executor.share is None else []


def _checked(plan: Plan, folder: Path, manifest: Mapping[str, Any]) -> list[Chunk]:
    """Return the finished chunks; damaged and foreign files are set aside, and told."""
    if plan.settings.executor.share is not None:  # others are at work: leave their files alone
        return accepted(plan, read_chunks(folder), manifest["generations"])[0]
    chunks, told = check_chunks(folder)
    own, foreign = accepted(plan, chunks, manifest["generations"])
    for chunk in foreign:
        assert chunk.path is not None
        set_aside(chunk.path)
        told.append(f"runs/{chunk.path.name} is not of this sweep: set aside")
    for line in told:
        print(f"ploshcha: {line}", file=sys.stderr)
    return own


def _share(plan: Plan) -> set[int]:
    """Return the runs that this process is to see to: of each N-th chunk, or all."""
    first, step = plan.settings.executor.part
    return {run for runs in plan.chunks[first::step] for run in runs}


def _work(plan: Plan, folder: Path, source: Source, generation: int, left: Sequence[Left], state: State) -> None:
    """Hand the tasks to the workers, follow the progress, and draw on the way; replaced rules hold here alone."""
    tasks = (make_task(plan, folder, source, generation, item) for item in left)
    executor = plan.settings.executor
    executor = executor.model_copy(update={"processes": 1}) if source.rules else executor
    if executors.is_here(executor):
        tell_of_compiling()
        with compile_clock(has_bar=True):
            warm_up(plan.models())
    events = executors.execute(executor, folder, left, tasks)
    state.began = time.perf_counter()
    with closing(events), progress(state) as show:
        picture = _Picture(plan, folder, state)
        for kind, value in events:
            if kind == "chunk":
                state.n_done += value.n_done
                state.failed |= value.failed
                picture.draw()
            show()


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
    
        summarise(self.folder, self.plan)
        took = time.perf_counter() - now
        self.next = time.perf_counter() + max(PICTURE_SECONDS, took / PICTURE_SHARE)


def summarise(folder: Path, plan: Plan, tables: Sequence[str] = ()) -> list[str]:
    """Write the tables and figures of a sweep, finished or not; return the lines to print.

    Parameters
    ----------
    folder : path
        Of the sweep.
    plan : Plan
        What it is.
    tables : sequence of str
        Also write tables for papers: latex, html.
    """
    n_generations = len(read_manifest(folder)["generations"])
    done, failed = results_of([chunk for chunk in read_chunks(folder) if fits(plan, chunk, n_generations)])
    values = {run: found for run, (_, found) in done.items()}
    add_windows(folder, values, [*plan.experiment.outcomes, *(plan.settings.outcomes or ())])
    write_whole(folder / SUMMARY_FILE, table_bytes(summary_table(plan, done)))
    write_whole(folder / FAILED_FILE, table_bytes(failed_table(failed)))
    effects = all_effects(plan, values)
    write_whole(folder / EFFECTS_FILE, table_bytes(effects_table(plan, effects)))
    if done:
        draw_all(folder, plan, values, effects)
    if tables:
        _write_paper_tables(folder, tables, paper_tables(plan, effects, values, answers(plan, values)))
    if plan.settings.sensitivity is not None:
        return _summarise_sensitivity(folder, plan, values) if values else []
    if not plan.levers:
        return replicate_lines(plan, values)
    if plan.settings.posterior is not None:
        found = spreads(plan, values)
        write_whole(folder / OVER_POSTERIOR_FILE, table_bytes(spreads_table(plan, found)))
        return posterior_lines(plan, found)
    maps = [*class_lines(plan, values), *break_even_lines(plan, values)]
    last = [*folded(sentence(plan, effects)), ""] if effects else []
    return [*effect_lines(plan, effects), *maps, *published_lines(answers(plan, values)), *last]


def found_in(folder: Path) -> str:
    """Return what a sweep's folder says was found, in one sentence."""
    plan = plan_of(folder)
    done, _ = results_of(read_chunks(folder))
    values = {run: found for run, (_, found) in done.items()}
    add_windows(folder, values, plan.experiment.outcomes)
    return sentence(plan, all_effects(plan, values)) if plan.levers else replicates_sentence(plan, values)


def _write_paper_tables(folder: Path, forms: Sequence[str], found: Mapping[str, Table]) -> None:
    (folder / TABLES_FOLDER).mkdir(exist_ok=True)
    for name, table in found.items():
        for form in forms:
            text, ending = (as_latex(table), "tex") if form == "latex" else (as_html(table), "html")
            write_whole(folder / TABLES_FOLDER / f"{name}.{ending}", text.encode())


def _summarise_sensitivity(folder: Path, plan: Plan, values: Mapping[int, Mapping[str, Any]]) -> list[str]:
    """Write the indices and their figure; return the lines to print.

    Raises
    ------
    InputError
        The runs have none of the outcomes asked for.
    """
    analyses = [analyse(plan, values, name) for name in outcome_names(plan, values)]
    write_whole(folder / SENSITIVITY_FILE, table_bytes(sensitivity_table(plan, analyses)))
    draw_sensitivity(folder, plan, values, analyses)
    return sensitivity_lines(plan, analyses)
