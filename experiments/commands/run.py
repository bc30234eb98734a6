"""``ploshcha run``: one scenario, simulated and written to a folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from experiments.commands.options import parse_options
from experiments.one_run import simulate, write_result
from experiments.printing.console import make_console
from experiments.settings.read import Settings, check_data, read_settings
from experiments.store.claim import claimed
from experiments.store.provenance import process_age
from sim.errors import not_allowed

if TYPE_CHECKING:
    from sim.classics.results import ClassicResult
    from sim.results import Result

HELP = """\
usage: ploshcha run [-m] [--config-dir DIR] [name=value ...]

Simulate one scenario; write curves.parquet, plants.parquet, manifest.json and
mobilization.png (with .csv and .md) to a new folder.

settings (Hydra overrides; all of them are listed in conf/config.yaml and the
files it names)
  scenario=NAME         a file of conf/scenario: august_2020 (eight cities, the
                        default), minsk_2020 (Minsk alone), ...; the classics:
                        epstein_2002, rebellion_netlogo, civil_violence_mesa,
                        ... (docs/classics.md)
  seed=N                the random world; with the same seed, the same people
                        have the same luck
  replicates=N          N seeds from seed on, as a sweep that varies nothing
                        else: medians and bands in figures/mobilization.png,
                        curves of all seeds in runs/; the same command goes on;
                        takes executor.processes=N and the like, too
  figures=[png,pdf]     forms of each figure: png, pdf, svg, csv (its numbers),
                        md (question, caption, command); default [png,csv,md]
  hours=N               stop earlier than the scenario does; of a classic:
                        steps=N
  persons_per_agent=N   persons that one simulated citizen stands for
  staff_per_agent=N     officers and officials that one of them stands for
                        (default 1; 20 makes small runs faster)
  engine=NAME           compiled or mesa: the same results to the bit
  threads=N             threads of the compiled engine
  out=DIR               folder to write, new or empty; default
                        results/<scenario>/<time>
  save_state=[96,120]   also write the state before these hours, state_96.npz
                        and state_120.npz
  start=FILE            go on from such a state: equal to the run that was never
                        interrupted; other settings act from its hour on (not
                        the seed, nor what people are made of)
  space=true            also write who was where, for `ploshcha view` and
                        `ploshcha map`
  anger.strength=0      any parameter of any mechanism; strength=0 switches a
                        mechanism off

options
  -m, --multirun        run every combination of settings with several values
                        (seed=1,2,3); one folder each in out
  --config-dir DIR      your own scenarios and parameters:
                        DIR/scenario/NAME.yaml, DIR/data/NAME/*.csv, ...
  -h, --help            this text

examples
  ploshcha run
  ploshcha run scenario=minsk_2020 job_pressure.threat=0.4 out=results/threat
  ploshcha run replicates=20 persons_per_agent=100 out=results/twenty
  ploshcha run save_state=[144] out=results/august
  ploshcha run start=results/august/state_144.npz appeals.strength=0 \\
    out=results/no_appeal
  ploshcha run scenario=epstein_2002 epstein.ratio=floor steps=500
  ploshcha run -m scenario=minsk_2020 seed=1,2,3 appeals.strength=0,1
"""

OF_SWEEPS = ("executor=", "executor.", "chunk_runs=")  # with replicates: where and how they are computed


def main(arguments: Sequence[str]) -> int:
    """Run the command; return the exit code."""
    options = parse_options(arguments, has_multirun=True)
    if options.is_help:
        print(HELP, end="")
        return 0
    if options.is_multirun:
        from experiments.commands.multirun import run_all

        return run_all(options.overrides, options.config_dir)
    return run_one(options.overrides, options.config_dir)


def run_one(overrides: Sequence[str], config_dir: str | None) -> int:
    """Simulate one scenario, write its folder and print the table."""
    several = any(word.startswith("replicates=") for word in overrides)
    own = [word for word in overrides if not (several and word.startswith(OF_SWEEPS))]
    settings = read_settings(own, config_dir)
    if settings.replicates > 1:
        return _run_replicates(settings, overrides, config_dir)
    check_data(settings.parameters)
    with claimed(settings.out, settings.parameters.scenario.name) as out:
        result, clock = simulate(
            settings.parameters,
            process_age(),
            space=settings.space,
            start=settings.start,
            save_state=settings.save_state,
        )
        write_result(result, out, clock, settings.figures, words_of(overrides, config_dir))
    print_result(result, out)
    return 0


def _run_replicates(settings: Settings, overrides: Sequence[str], config_dir: str | None) -> int:
    """Run several seeds as a sweep in which nothing else is varied; return the exit code."""
    from experiments.design.plan import make_plan
    from experiments.one_sweep import run_plan

    for name, value in (("start", settings.start), ("save_state", settings.save_state), ("space", settings.space)):
        if value:
            raise not_allowed("", "replicates", settings.replicates, f"1 with {name}: that is of one run")
    return run_plan(make_plan(overrides, config_dir))


def words_of(overrides: Sequence[str], config_dir: str | None) -> list[str]:
    """Return the words of a command that make its run: not where it is written."""
    own = [] if config_dir is None else ["--config-dir", config_dir]
    return [*own, *(word for word in overrides if word.partition("=")[0] not in ("out", "figures"))]


def print_result(result: Result | ClassicResult, out: Path) -> None:
    """Print the short table, and where the files are."""
    from sim.classics.results import ClassicResult

    if isinstance(result, ClassicResult):
        from experiments.printing.classic import print_classic

        print_classic(result, make_console())
    else:
        from experiments.printing.run_table import print_summary

        print_summary(result, make_console())
    print(f"written to {out}")
