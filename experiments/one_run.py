"""``ploshcha run``: one scenario, simulated and written to a folder."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments.settings.read import read_settings
from experiments.store.provenance import process_age
from experiments.store.run_folder import result_folder, write_result
from sim.errors import InputError, not_allowed

if TYPE_CHECKING:
    from rich.console import Console

    from sim.classics.parameters import ClassicParameters
    from sim.classics.results import ClassicResult
    from sim.parameters import Parameters
    from sim.results import Result

PLAIN_WIDTH = 120  # columns of a table that goes into a file or a pipe
OPTIONS = ("-m", "--multirun", "--config-dir", "-h", "--help")

HELP = """\
usage: ploshcha run [-m] [--config-dir DIR] [name=value ...]

Simulate one scenario; write curves.parquet, plants.parquet, mobilization.png and manifest.json to a new folder.

settings (Hydra overrides; all of them are listed in conf/config.yaml and the files it names)
  scenario=NAME         a file of conf/scenario: august_2020 (eight cities, the default), minsk_2020 (Minsk alone), ...;
                        the classics: epstein_2002, rebellion_netlogo, civil_violence_mesa, ... (docs/classics.md)
  seed=N                the random world; with the same seed, the same people have the same luck
  hours=N               stop earlier than the scenario does; of a classic: steps=N
  persons_per_agent=N   persons that one simulated citizen stands for
  engine=NAME           compiled or mesa: the same results to the bit
  threads=N             threads of the compiled engine
  out=DIR               folder to write, new or empty; default results/<scenario>/<time>
  space=true            also write who was where, for `ploshcha view` and `ploshcha map`
  anger.strength=0      any parameter of any mechanism; strength=0 switches a mechanism off

options
  -m, --multirun        run every combination of settings with several values (seed=1,2,3); one folder each in out
  --config-dir DIR      your own scenarios and parameters: DIR/scenario/NAME.yaml, DIR/data/NAME/*.csv, ...
  -h, --help            this text

examples
  ploshcha run
  ploshcha run scenario=minsk_2020 job_pressure.threat=0.4 out=results/threat
  ploshcha run scenario=epstein_2002 epstein.ratio=floor steps=500
  ploshcha run -m scenario=minsk_2020 seed=1,2,3 appeals.strength=0,1
"""


@dataclass(frozen=True)
class Options:
    """What stands behind ``ploshcha run``."""

    overrides: tuple[str, ...]
    is_multirun: bool = False
    config_dir: str | None = None
    is_help: bool = False


def parse_options(arguments: Sequence[str]) -> Options:
    """Tell options from overrides.

    Raises
    ------
    InputError
        An option is not known, or ``--config-dir`` names no folder.
    """
    overrides: list[str] = []
    is_multirun = is_help = False
    config_dir: str | None = None
    rest = iter(arguments)
    for word in rest:
        name, equals, value = word.partition("=")
        if not word.startswith("-"):
            overrides.append(word)
        elif word in ("-m", "--multirun"):
            is_multirun = True
        elif word in ("-h", "--help"):
            is_help = True
        elif name == "--config-dir":
            config_dir = value if equals else next(rest, "")
        else:
            raise not_allowed("", "option", word, "one of " + ", ".join(OPTIONS), OPTIONS)
    if config_dir == "":
        raise InputError("--config-dir is empty: a folder that exists")
    return Options(tuple(overrides), is_multirun, config_dir, is_help)


def main(arguments: Sequence[str]) -> int:
    """Run the command; return the exit code."""
    options = parse_options(arguments)
    if options.is_help:
        print(HELP, end="")
        return 0
    if options.is_multirun:
        from experiments.commands.multirun import run_all

        return run_all(options.overrides, options.config_dir)
    return run_one(options.overrides, options.config_dir)


def run_one(overrides: Sequence[str], config_dir: str | None) -> int:
    """Simulate one scenario, write its folder and print the table."""
    settings = read_settings(overrides, config_dir)
    out = result_folder(settings.out, settings.parameters.scenario.name)
    result, clock = simulate(settings.parameters, process_age(), space=settings.space)
    write_result(result, out, clock)
    print_result(result, out)
    return 0


def simulate(
    parameters: Parameters | ClassicParameters,
    age_seconds: float = 0.0,
    title: str = "",
    has_bar: bool = True,
    space: bool = False,
) -> tuple[Any, dict[str, float]]:
    """Run the model behind a progress bar.

    Parameters
    ----------
    parameters : Parameters
        What to run.
    age_seconds : float
        How long the process, or the job, has been at work already.
    title : str
        Name shown before the bar; default the scenario's.
    has_bar : bool
        False shows no bar even on a terminal.
    space : bool
        Also collect who is where.

    Returns
    -------
    result : Result
    clock : dict
        ``compile_seconds``, and ``startup_seconds`` from the start of the process, or of the job, to the first step
        without building and compiling.
    """
    begun = time.perf_counter()
    _tell_of_compiling()
    with compile_clock() as compiling_rules:
        from sim import run
    loaded = time.perf_counter()
    with compile_clock() as compiling_kernels, progress_bar(title or parameters.scenario.name, has_bar) as progress:
        result = run(parameters, progress=progress, space=space)
    ran, stats = time.perf_counter() - loaded, result.stats
    outside = max(0.0, ran - float(stats["wall_seconds"]) - float(stats["build_seconds"]))
    startup = age_seconds + loaded - begun - sum(compiling_rules) + outside
    compiling = float(stats.get("compile_seconds", 0.0)) or sum(compiling_rules) + sum(compiling_kernels)
    return result, {"startup_seconds": startup, "compile_seconds": compiling}


def _tell_of_compiling() -> None:
    """Say what is happening if nothing has been compiled for these sources yet."""
    from agents.compiled.rule import cache_folder

    folder = cache_folder()
    if folder is not None and not any(folder.rglob("*.nbi")):
        print("ploshcha: compiling the rules, once for this version and machine (about 15 seconds)", file=sys.stderr)


@contextmanager
def compile_clock() -> Iterator[list[float]]:
    """Measure the time that Numba spends compiling; taking compiled code from its cache does not count."""
    from numba.core.event import install_timer

    seconds: list[float] = []
    with install_timer("numba:compile", seconds.append):
        yield seconds


@contextmanager
def progress_bar(title: str, has_bar: bool = True) -> Iterator[Callable[[int, int], None] | None]:
    """Show a bar on standard error if that is a terminal; give what is to be called after each hour."""
    if not has_bar or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[hour]}"), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True, refresh_per_second=4) as bar:
        task = bar.add_task(title, total=None, hour="building")

        def advance(done: int, n: int) -> None:
            bar.update(task, total=n, completed=done, hour=f"{done} of {n}")

        yield advance


def print_result(result: Result | ClassicResult, out: Path) -> None:
    """Print the short table, and where the files are."""
    from sim.classics.results import ClassicResult

    if isinstance(result, ClassicResult):
        from experiments.figures.classics import print_classic

        print_classic(result, make_console())
    else:
        from experiments.printing.run_table import print_summary

        print_summary(result, make_console())
    print(f"written to {out}")


def make_console() -> Console:
    """Return a console on standard output, wide enough for a table when that is no terminal."""
    from rich.console import Console

    return Console(width=None if sys.stdout.isatty() else PLAIN_WIDTH)
