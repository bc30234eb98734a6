"""The figure of a run of a classic: its curves by step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from experiments.figures.colours import BLACK, BLUE, GREEN, VERMILION
from experiments.figures.sheet import Sheet
from sim.classics.results import OUTBURST_ACTIVE, ClassicResult

COLOURS = {"protesting": BLUE, "detained": BLACK, "officers": VERMILION, "mean_tension": GREEN, "blue": BLUE,
           "green": GREEN, "members": GREEN, "activists": VERMILION, "pillars_left": VERMILION,
           "legitimacy": GREEN}  # fmt: skip
PANELS = (("protesting", "officers"), ("members", "activists"), ("detained",), ("blue", "green"), ("pillars_left",),
          ("mean_tension",), ("legitimacy",), ("mean_shelter", "mean_own_share"))  # fmt: skip


def classic_sheet(result: ClassicResult) -> Sheet:
    """Return the figure of a run of a classic, with the curves that it draws."""
    columns = {"step": list(range(result.steps)), **{n: np.asarray(v).tolist() for n, v in result.curves_columns.items()}}
    title = result.parameters.scenario.title
    caption = f"{title}, one run of {result.steps} steps, seed {result.parameters.seed}: curves by step."
    return Sheet(curves_figure(result), columns, f"What does {title} do?", caption)


def curves_figure(result: ClassicResult) -> Any:
    """Return the figure of a run as a `matplotlib.figure.Figure` that belongs to no window."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    panels = [[name for name in panel if name in result.curves_columns] for panel in PANELS]
    panels = [panel for panel in panels if panel] or [list(result.curves_columns)]
    figure = Figure(figsize=(7.0, 1.2 + 1.5 * len(panels)), facecolor="white", layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(len(panels), 1, sharex=True, squeeze=False)[:, 0]
    for axis, panel in zip(axes, panels, strict=True):
        _draw_panel(axis, result, panel)
    axes[-1].set_xlabel("step", fontsize=8)
    figure.suptitle(f"{result.parameters.scenario.title}, seed {result.parameters.seed}", x=0.01, ha="left", fontsize=9)
    return figure


def _draw_panel(axis: Any, result: ClassicResult, names: Sequence[str]) -> None:
    """Draw some curves that share a unit."""
    for name in names:
        axis.plot(result.curves_columns[name], color=COLOURS.get(name), linewidth=0.9, label=name.replace("_", " "))
    if "protesting" in names and "officers" in names and "outcome" not in result.stats:
        axis.axhline(OUTBURST_ACTIVE, color="#6E6E6E", linewidth=0.6, linestyle=(0, (2, 2)))
    unit = result.units[names[0]][0]
    axis.set_ylabel("" if unit == "1" else unit, fontsize=8)
    if unit == "persons":
        axis.set_ylim(bottom=0)
    axis.tick_params(labelsize=7)
    axis.legend(fontsize=7, frameon=False, loc="lower right", bbox_to_anchor=(1.0, 0.98), ncols=len(names))
    axis.spines[["top", "right"]].set_visible(False)
