"""The figure of a sensitivity analysis: indices as bars."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from experiments.analysis.indices import MAIN
from experiments.analysis.sensitivity import Analysis, lever_names, note, order
from experiments.design.plan import Plan
from experiments.figures.axes import new_figure, outcome_label, save_figure
from experiments.figures.colours import BLACK, BLUE, GREY, VERMILION
from experiments.store.sweep_folder import FIGURES_FOLDER

FIGURE_FILE = "sensitivity.png"


def draw_sensitivity(folder: Path, plan: Plan, analyses: Sequence[Analysis]) -> None:
    """Draw the indices of each outcome as bars with their intervals, pale where no rank is claimed."""
    (folder / FIGURES_FOLDER / FIGURE_FILE).unlink(missing_ok=True)  # perhaps of other outcomes
    method = str(plan.settings.sensitivity)
    drawn = [analysis for analysis in analyses if analysis.found]
    if not drawn:
        return
    told = f"{note(plan)}; pale: undecided" + ("; dotted: 97.5 % of dummies lie below" if method == "pawn" else "")
    figure, axes = new_figure(len(drawn), plan, told, width=4.6, height=0.8 + 0.34 * len(lever_names(plan)))
    for axis, analysis in zip(axes, drawn, strict=True):
        _bars(axis, plan, analysis, method)
        name = outcome_label(analysis.outcome) if method == "morris" else analysis.outcome.replace("_", " ")
        left_out = "" if analysis.n == analysis.n_blocks else f" (n = {analysis.n})"
        axis.set_title(f"{' and '.join(_shown(method))}, {name}{left_out}", fontsize=7.5, loc="left")
    if len(_shown(method)) > 1:
        axes[0].legend(fontsize=6.5, frameon=False, loc="lower right")
    (folder / FIGURES_FOLDER).mkdir(exist_ok=True)
    save_figure(figure, folder / FIGURES_FOLDER / FIGURE_FILE)


def _shown(method: str) -> tuple[str, ...]:
    """Return the indices that are drawn."""
    return {"sobol": ("ST", "S1"), "morris": ("mu_star", "sigma"), "pawn": ("median",)}[method]


def _bars(axis: Any, plan: Plan, analysis: Analysis, method: str) -> None:
    rows, names = order(analysis, method), lever_names(plan)
    height = 0.8 / len(_shown(method))
    for number, (index, colour) in enumerate(zip(_shown(method), (BLUE, VERMILION), strict=False)):
        found = np.nan_to_num(analysis.found[index][rows])
        at = np.arange(len(rows)) + number * height
        pale = [0.35 if not analysis.ranks[k][0].isdigit() else 1.0 for k in rows]
        bars = axis.barh(at, found[:, 0], height, color=colour, label=index)
        for bar, opacity in zip(bars, pale, strict=True):
            bar.set_alpha(opacity)
        axis.hlines(at, found[:, 1], found[:, 2], color=BLACK, linewidth=0.9)
        if f"{index}_luck" in analysis.found and plan.replicates > 1:
            floor = np.nan_to_num(analysis.found[f"{index}_luck"][rows, 0])
            axis.plot(floor, at, "d", color=BLACK, markersize=3, linestyle="", label="luck alone")
    axis.axvline(0.0, color=GREY, linewidth=0.6)
    if method == "pawn" and analysis.varies:
        axis.axvline(analysis.found[MAIN[method]][-1, 2], color=GREY, linewidth=0.9, linestyle=":")
    axis.set_yticks(np.arange(len(rows)) + (0.4 - height / 2), [names[k] for k in rows], fontsize=6.5)
    axis.invert_yaxis()
    if axis.get_xlim()[1] >= 1000:
        axis.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
        axis.locator_params(axis="x", nbins=6)
    if not analysis.varies:
        axis.set_xticks([])
        axis.text(0.5, 0.5, "no variation", transform=axis.transAxes, ha="center", fontsize=8, color=GREY)
