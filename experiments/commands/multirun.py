"""``ploshcha run -m``: every combination of the values given, through Hydra's own sweeper and launcher.

Meant for a handful of runs. All combinations are checked before the first one starts. A job that fails does not
stop the others.
"""

from __future__ import annotations

import os
import shutil
import sys
import time
import traceback
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from experiments import words
from experiments.interrupts import undisturbed, was_interrupted
from experiments.one_run import simulate, write_result
from experiments.printing.console import make_console
from experiments.settings.read import (
    Settings,
    check_data,
    compose_dict,
    hydra_session,
    root_of,
    search_path,
    settings_of,
)
from experiments.store.claim import HYDRA_WORK, UNFINISHED, claimed, remove_if_empty
from sim.errors import InputError, not_allowed

if TYPE_CHECKING:
    from hydra.core.override_parser.types import Override
    from omegaconf import DictConfig

    from sim.classics.results import ClassicResult
    from sim.results import Result

CHOSEN = (["launcher"], ["sweeper"])  # of Hydra
SEVERAL = "multirun"  # stands for the scenario's name in the default folder when there are several


@dataclass(frozen=True)
class Job:
    """What came out of one job; small, since it may come from another process."""

    number: int
    overrides: tuple[str, ...]
    error: str = ""  # empty: it went well
    city: str = ""  # the first city of the scenario, of which the rest tells, in persons
    peak_protesting: float = 0.0
    last_day_protesting: float = 0.0
    peak_rally: float = 0.0
    detained: float = 0.0


def run_all(overrides: Sequence[str], config_dir: str | None) -> int:
    """Check all combinations, run them, print one line for each; return the exit code."""
    parsed = words.parse(overrides)
    _refuse_objects(parsed)
    with hydra_session():
        combinations = check_all(parsed, config_dir)
        with claimed(*_folder(parsed, combinations)) as folder:
            out = folder.absolute()
            jobs = _launch(parsed, config_dir, out)
    failed = [job for job in jobs if job.error]
    _print_jobs(jobs, {item.get_key_element() for item in parsed if item.is_sweep_override()})
    for job in failed:
        print(f"ploshcha: job {job.number} failed: {' '.join(job.error.split())}", file=sys.stderr)
    if len(failed) < len(jobs):
        print(f"written to {out}")
    return 1 if failed else 0


def _refuse_objects(parsed: Sequence[Override]) -> None:
    """Refuse words that let Hydra do anything but launch by a launcher, and a sweeper, that are installed."""
    for item in parsed:
        line, name = str(item.input_line), item.key_or_group.replace("/", ".")
        is_other = name.split(".")[0] == words.HYDRA_FOLDER and name.split(".")[1:2] not in CHOSEN
        if "_target_" in line or is_other or name.startswith("hydra.sweeper.params"):
            raise InputError(f"{line} is not allowed: of Hydra only an installed launcher or sweeper can be chosen")


def check_all(parsed: Sequence[Override], config_dir: str | None) -> list[Settings]:
    """Validate every combination, data files included.

    Raises
    ------
    InputError
        One of them is not allowed.
    """
    settings = [
        settings_of(compose_dict(words.parse(lines), config_dir), config_dir) for lines in combinations_of(parsed)
    ]
    for item in settings:
        if item.replicates > 1:
            raise not_allowed("", "replicates", item.replicates, "1 with -m: name the seeds, seed=1,2,3, or use sweep")
    for parameters in {item.parameters.scenario: item.parameters for item in settings}.values():
        check_data(parameters)
    for item in settings:
        if item.start is not None:
            from sim.state import State, check_start

            check_start(State.load(words.path_of("start", item.start)), item.parameters)
    return settings


def combinations_of(parsed: Sequence[Override]) -> list[list[str]]:
    """Return the overrides of each job, as Hydra's basic sweeper makes them.

    Other sweepers choose values as they go: then there is only what they begin with.
    """
    from hydra._internal.core_plugins.basic_sweeper import BasicSweeper
    from hydra.errors import HydraException

    try:
        if any(item.key_or_group == "hydra/sweeper" for item in parsed):
            parsed = [item for item in parsed if not item.is_sweep_override()]
        for item in parsed:
            if item.is_sweep_override() and not words.has_values(item):
                raise InputError(f"{item.input_line} is not allowed: values as in {item.key_or_group}=0,1")
        return BasicSweeper.split_arguments(list(parsed), None)[0]
    except HydraException as error:
        raise InputError(f"settings cannot be combined: {error}") from error


def _folder(parsed: Sequence[Override], combinations: Sequence[Settings]) -> tuple[str | None, str]:
    """Return the folder that was asked for, and the name of the scenario."""
    if any(item.key_or_group == "out" and item.is_sweep_override() for item in parsed):
        raise InputError("out is not allowed several values: one folder, in which each job gets its own")
    names = {settings.parameters.scenario.name for settings in combinations}
    return combinations[0].out, names.pop() if len(names) == 1 else SEVERAL


def _launch(parsed: Sequence[Override], config_dir: str | None, out: Path) -> list[Job]:
    """Let Hydra run the jobs; leave in `out` only what the jobs wrote."""
    from hydra.core.global_hydra import GlobalHydra

    hydra = GlobalHydra.instance().hydra
    assert hydra is not None
    made = [folder for folder in (out, *out.parents) if not folder.exists()]
    lines = [str(item.input_line) for item in parsed if item.key_or_group != "out"]
    ours = [f"out={words.quoted(out)}", f"hydra.sweep.dir={words.quoted(out / HYDRA_WORK)}", "hydra.sweep.subdir=."]
    task = partial(run_job, config_dir=config_dir, owner=os.getpid())
    try:
        batches = hydra.multirun(root_of(parsed, config_dir), task, [*lines, *search_path(config_dir), *ours], False)
    except KeyboardInterrupt:
        raise KeyboardInterrupt(f"finished jobs are in {out}" if _finished(out) else "") from None
    finally:
        with undisturbed():
            for folder in (out / HYDRA_WORK, *out.glob(UNFINISHED)):  # a launcher may have killed its workers
                shutil.rmtree(folder, ignore_errors=True)
            remove_if_empty(made)
    return [job.return_value for batch in batches for job in batch]


def run_job(config: DictConfig, config_dir: str | None, owner: int) -> Job:
    """Run one job; called by Hydra's launcher, perhaps in another process.

    Parameters
    ----------
    config : DictConfig
        Composed settings of the job.
    config_dir : str, optional
        The user's own folder.
    owner : int
        Process that the user started; only there is a progress bar of use, jobs elsewhere run side by side.
    """
    from hydra.core.hydra_config import HydraConfig
    from omegaconf import OmegaConf

    begun = time.perf_counter()
    hydra = HydraConfig.get()
    number, overrides = int(hydra.job.num), tuple(hydra.overrides.task)
    values: dict[str, Any] = dict(OmegaConf.to_container(config, resolve=True))  # type: ignore[arg-type]
    try:
        settings = settings_of(values, config_dir)
        age, has_bar = time.perf_counter() - begun, os.getpid() == owner
        result, clock = simulate(settings.parameters, age, f"job {number}", has_bar, settings.space, settings.start,
                                 settings.save_state)
        own = [word for word in overrides if word.partition("=")[0] not in ("out", "figures")]
        write_result(result, Path(str(settings.out)) / str(number), clock, settings.figures, own)
        return _outcome(number, overrides, result)
    except Exception as error:
        if was_interrupted():
            raise KeyboardInterrupt from error
        if os.environ.get("PLOSHCHA_DEBUG") == "1":
            traceback.print_exception(error)
        kind = "" if isinstance(error, InputError) else f"{type(error).__name__}: "
        return Job(number, overrides, f"{kind}{error}")


def _outcome(number: int, overrides: tuple[str, ...], result: Result | ClassicResult) -> Job:
    from sim.classics.results import ClassicResult

    if isinstance(result, ClassicResult):
        active, jailed = (result.curves_columns.get(name, np.zeros(1)) for name in ("protesting", "detained"))
        return Job(
            number, overrides, city="-", peak_protesting=float(active.max()),
            last_day_protesting=float(active[-1]), detained=float(jailed[-1]),
        )  # fmt: skip
    from experiments.analysis.cities import summary_rows

    row = summary_rows(result)[0]
    return Job(
        number,
        overrides,
        city=row.city,
        peak_protesting=row.peak_protesting,
        last_day_protesting=row.last_day_protesting,
        peak_rally=row.peak_rally_present,
        detained=row.detained,
    )


def _print_jobs(jobs: Iterable[Job], swept: set[str]) -> None:
    """Print a line for each job: what was varied, and what became of the first city."""
    from rich.table import Table

    table = Table("job", "settings", "city", box=None, title="persons", title_justify="left")
    for name in ("peak protest", "last day", "rally", "detained"):
        table.add_column(name, justify="right")
    for job in jobs:
        varied = " ".join(line for line in job.overrides if line.partition("=")[0] in swept)
        numbers = (job.peak_protesting, job.last_day_protesting, job.peak_rally, job.detained)
        cells = ("failed",) if job.error else (job.city, *(f"{number:,.0f}" for number in numbers))
        table.add_row(str(job.number), varied, *cells)
    make_console().print(table)


def _finished(out: Path) -> list[Path]:
    with suppress(OSError):
        return [folder for folder in out.iterdir() if not folder.name.startswith(".")]
    return []


