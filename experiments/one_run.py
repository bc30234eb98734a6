"""One run: simulated behind a progress bar, and written to a folder that appears whole or not at all."""

from __future__ import annotations

import shlex
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments.analysis.targets import target_range
from experiments.printing.compiling import compile_clock, tell_of_compiling
from experiments.printing.progress import progress_bar
from experiments.settings.read import OF_A_FIGURE, FigureForm
from experiments.store.files import sha256
from experiments.store.manifest import read_manifest, write_manifest
from experiments.store.run_folder import CURVES_FILE, FIGURE_FILE, PLANTS_FILE, make_manifest, new_folder
from experiments.store.space import write_space
from experiments.store.tables import curves_table, plants_table, write_table
from experiments.words import path_of
from sim.classics.results import ClassicResult

if TYPE_CHECKING:
    from experiments.figures.sheet import Sheet
    from sim.classics.parameters import ClassicParameters
    from sim.parameters import Parameters
    from sim.results import Result

FIGURE = Path(FIGURE_FILE).stem


def simulate(
    parameters: Parameters | ClassicParameters,
    age_seconds: float = 0.0,
    title: str = "",
    has_bar: bool = True,
    space: bool = False,
    start: str | None = None,
    save_state: Sequence[int] = (),
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
    start : path, optional
        File of a state to go on from.
    save_state : sequence of int
        Hours before which the state is kept.

    Returns
    -------
    result : Result
    clock : dict
        ``compile_seconds``, and ``startup_seconds`` from the start of the process, or of the job, to the first step
        without building and compiling.
    """
    begun = time.perf_counter()
    tell_of_compiling()
    with compile_clock(has_bar) as compiling_rules:
        from sim import run
        from sim.state import State
    state = None if start is None else State.load(path_of("start", start))
    loaded = time.perf_counter()
    with compile_clock() as compiling_kernels, progress_bar(title or parameters.scenario.name, has_bar) as progress:
        result = run(parameters, progress=progress, space=space, start=state, save_state=save_state)
    if state is not None:
        result.stats["start"] = {"hour": state.hour, "sha256": sha256(path_of("start", str(start)))}
    ran, stats = time.perf_counter() - loaded, result.stats
    outside = max(0.0, ran - float(stats["wall_seconds"]) - float(stats["build_seconds"]))
    startup = age_seconds + loaded - begun - sum(compiling_rules) + outside
    compiling = float(stats.get("compile_seconds", 0.0)) or sum(compiling_rules) + sum(compiling_kernels)
    return result, {"startup_seconds": startup, "compile_seconds": compiling}


def write_result(
    result: Result | ClassicResult, out: Path, clock: Mapping[str, float], forms: Sequence[FigureForm] = OF_A_FIGURE,
    words: Sequence[str] | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Write a run's tables, figure and manifest, and return the manifest.

    Parameters
    ----------
    result : Result
        What the run returned.
    out : path
        The folder, new or empty; appears when everything is in it.
    clock : mapping
        Seconds that the run itself cannot know: ``startup_seconds``, ``compile_seconds``.
    forms : sequence of str
        Of the figure.
    words : sequence of str, optional
        Of the command that made the run.
    """
    begun = time.perf_counter()
    with new_folder(out) as folder:
        _write_tables(result, folder)
        if forms:
            from experiments.figures.sheet import write_sheet

            command = command_of(result.parameters.scenario.name, words)
            for name, sheet in sheets_of(result).items():
                write_sheet(folder, name, sheet, forms, command)
        clock = {**clock, "output_seconds": time.perf_counter() - begun}
        tables = {path.name: sha256(path) for path in sorted(folder.glob("*.parquet"))}
        manifest = make_manifest(result, tables, clock)
        manifest["words"] = None if words is None else list(words)
        write_manifest(folder, manifest)
    return manifest


def draw_again(folder: Path, forms: Sequence[FigureForm]) -> None:
    """Draw the figure of a run again, from its folder.

    Raises
    ------
    InputError
        A file cannot be read, or is none of this version.
    """
    from experiments.figures.classic import drawn_of_folder, sheets
    from experiments.figures.run import mobilization_sheet
    from experiments.figures.sheet import write_sheet
    from experiments.figures.shown import shown_folder

    manifest = read_manifest(folder)
    scenario = manifest["config"]["scenario"]
    is_classic = "model" in scenario
    found = sheets(drawn_of_folder(folder)) if is_classic else {FIGURE: mobilization_sheet(shown_folder(folder))}
    command = command_of(str(scenario.get("name")), manifest.get("words"))
    for name, sheet in found.items():
        write_sheet(folder, name, sheet, forms, command)


def command_of(scenario: str, words: Sequence[str] | None) -> str:
    """Return the command that makes a run again; without its words, how to find them."""
    if words is None:
        return f"ploshcha run scenario={scenario}  # settings as in manifest.json"
    return f"ploshcha run {shlex.join(words)}".strip()


def _write_tables(result: Result | ClassicResult, folder: Path) -> None:
    write_table(curves_table(result), folder / CURVES_FILE)
    if not isinstance(result, ClassicResult):
        write_table(plants_table(result), folder / PLANTS_FILE)
        if result.space is not None:
            write_space(result, folder, [target_range(target) for target in result.targets])
        for hour, state in result.states.items():
            state.save(folder / f"state_{hour}.npz")


def sheets_of(result: Result | ClassicResult) -> dict[str, Sheet]:
    """Return the figures of a run by name; matplotlib is loaded only then."""
    if isinstance(result, ClassicResult):
        from experiments.figures.classic import drawn_of, sheets

        return sheets(drawn_of(result))
    from experiments.figures.run import mobilization_sheet

    return {FIGURE: mobilization_sheet(result)}
