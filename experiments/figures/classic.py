"""The figure of a run of a classic: its curves by step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from experiments.design.hashes import config_hash
from experiments.figures.axes import DIGITS, with_separators
from experiments.figures.colours import BLACK, BLUE, GREEN, GREY, VERMILION
from experiments.figures.frame import LABEL, SMALLEST, framed
from experiments.figures.lattice import NAME as LATTICE
from experiments.figures.lattice import lattice_sheet, read_lattices
from experiments.figures.sheet import Sheet
from experiments.store.manifest import read_manifest
from experiments.store.run_folder import CURVES_FILE, FIGURE_FILE, told_if_unreadable
from sim.classics.results import OUTBURST_ACTIVE, ClassicResult

HEIGHT = 1.4  # of a panel, inches
COLOURS = {"protesting": BLUE, "detained": BLACK, "officers": VERMILION, "mean_tension": GREEN, "blue": BLUE,
           "green": GREEN, "members": GREEN, "activists": VERMILION, "pillars_left": VERMILION,
           "legitimacy": GREEN, "mean_shelter": BLUE, "mean_own_share": VERMILION}  # fmt: skip
PANELS = (("protesting", "officers"), ("members", "activists"), ("detained",), ("blue", "green"), ("pillars_left",),
          ("mean_tension",), ("legitimacy",), ("mean_shelter", "mean_own_share"))  # fmt: skip


@dataclass(frozen=True)
class Drawn:
    """What is drawn of a run of a classic: its curves by step, with their units."""

    title: str
    seed: int
    digits: str  # of the settings' hash
    curves: Mapping[str, np.ndarray]
    units: Mapping[str, tuple[str, str]]
    has_outbursts: bool  # whether the number of active citizens that makes one is drawn
    lattices: Mapping[int, np.ndarray]  # who was in each cell, by step


def drawn_of(result: ClassicResult) -> Drawn:
    """Return what is drawn of a run in memory."""
    parameters = result.parameters
    digits = config_hash(parameters.model_dump(mode="json"))[:DIGITS]
    return Drawn(parameters.scenario.title, parameters.seed, digits, result.curves_columns, result.units,
                 "outcome" not in result.stats, result.lattices)  # fmt: skip


def drawn_of_folder(folder: Path) -> Drawn:
    """Return what is drawn of the run of a folder.

    Raises
    ------
    InputError
        A file cannot be read, or the model is none of this version.
    """
    import pyarrow.parquet as pq

    from sim.classics.registry import curves_of

    manifest = read_manifest(folder)
    with told_if_unreadable(folder):
        scenario, table = manifest["config"]["scenario"], pq.read_table(folder / CURVES_FILE)
        units = curves_of(scenario["model"])
        curves = {name: table[name].to_numpy(zero_copy_only=False) for name in units}
    size = int(manifest["config"].get(scenario["model"], {}).get("size", 0))
    lattices = read_lattices(folder / f"{LATTICE}.csv", size)
    return Drawn(scenario["title"], int(manifest["seed"]), manifest["config_hash"][:DIGITS], curves, units,
                 "has_succeeded" not in units, lattices)  # fmt: skip


def sheets(drawn: Drawn) -> dict[str, Sheet]:
    """Return the figures of a run by name: its curves and, where the model has one, its lattice."""
    found = {Path(FIGURE_FILE).stem: classic_sheet(drawn)}
    if drawn.lattices:
        found[LATTICE] = lattice_sheet(drawn.title, f"One run, seed {drawn.seed}, settings {drawn.digits}.",
                                       drawn.lattices)  # fmt: skip
    return found


def classic_sheet(drawn: Drawn) -> Sheet:
    """Return the figure of a run of a classic, with the curves that it draws."""
    steps = len(next(iter(drawn.curves.values())))
    columns = {"step": list(range(steps)), **{n: np.asarray(v, float).tolist() for n, v in drawn.curves.items()}}
    caption = f"One run of {steps} steps, seed {drawn.seed}, settings {drawn.digits}; curves by step."
    return Sheet(_figure(drawn, caption), columns, f"What happens in {drawn.title}?", caption)


def curves_figure(result: ClassicResult) -> Any:
    """Return the figure of a run as a `matplotlib.figure.Figure` that belongs to no window."""
    return classic_sheet(drawn_of(result)).figure


def _figure(drawn: Drawn, caption: str) -> Any:
    panels = [[name for name in panel if name in drawn.curves] for panel in PANELS]
    panels = [panel for panel in panels if panel] or [list(drawn.curves)]
    figure, axes = framed(drawn.title, len(panels), [caption], columns=1, height=HEIGHT, sharex=True)
    for axis, panel in zip(axes, panels, strict=True):
        _draw_panel(axis, drawn, panel)
    axes[-1].set_xlabel("step", fontsize=LABEL)
    return figure


def _draw_panel(axis: Any, drawn: Drawn, names: Sequence[str]) -> None:
    """Draw some curves that share a unit."""
    for name in names:
        axis.plot(drawn.curves[name], color=COLOURS.get(name), linewidth=0.9, label=name.replace("_", " "))
    if "protesting" in names and "officers" in names and drawn.has_outbursts:
        axis.axhline(OUTBURST_ACTIVE, color=GREY, linewidth=0.6, linestyle=(0, (2, 2)))
    unit = drawn.units[names[0]][0]
    axis.set_ylabel("" if unit == "1" else unit, fontsize=LABEL)
    if unit == "persons":
        axis.set_ylim(bottom=0)
    if max(map(abs, axis.get_ylim())) > 999:
        axis.yaxis.set_major_formatter(with_separators)
    axis.legend(fontsize=SMALLEST, frameon=False, loc="lower right", bbox_to_anchor=(1.0, 0.98), ncols=len(names))
