"""The figure of a sensitivity analysis: indices as bars."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from experiments.analysis.indices import MAIN
from experiments.analysis.sensitivity import Analysis, lever_names, note, order
from experiments.design.plan import Plan
from experiments.figures.axes import Values, command_of, outcome_label, question_of, stands_on
from experiments.figures.colours import BLACK, BLUE, GREY, VERMILION
from experiments.figures.frame import LABEL, SMALLEST, Sample, framed
from experiments.figures.sheet import Sheet, as_columns, write_sheet
from experiments.settings.read import FORMS
from experiments.store.sweep_folder import FIGURES_FOLDER

NAME = "sensitivity"
PANEL, BAR = 0.75, 0.26  # inches: of a panel besides its bars, of a lever


def draw_sensitivity(folder: Path, plan: Plan, values: Values, analyses: Sequence[Analysis]) -> None:
    """Draw the indices of each outcome as bars with their intervals, pale where no rank is claimed."""
    for form in FORMS:
        (folder / FIGURES_FOLDER / f"{NAME}.{form}").unlink(missing_ok=True)  # perhaps of other outcomes
    sheet = sensitivity_figure(plan, values, analyses)
    if sheet is not None:
        (folder / FIGURES_FOLDER).mkdir(exist_ok=True)
        write_sheet(folder / FIGURES_FOLDER, NAME, sheet, plan.settings.figures, command_of(plan))


def sensitivity_figure(plan: Plan, values: Values, analyses: Sequence[Analysis]) -> Sheet | None:
    """Return the figure of the indices, None without any."""
    method = str(plan.settings.sensitivity)
    drawn = [analysis for analysis in analyses if analysis.found]
    if not drawn:
        return None
    told = f"{note(plan)}; pale: undecided" + ("; dotted: 97.5 % of dummies lie below" if method == "pawn" else "")
    names = lever_names(plan)
    colours = dict(zip(_shown(method), (BLUE, VERMILION), strict=False))
    luck = [Sample("luck alone (diamond)", BLACK)] if method == "sobol" and plan.replicates > 1 else []
    legend = [*(Sample(index, colour) for index, colour in colours.items()), *luck]
    figure, axes = framed(plan.experiment.title, len(drawn), [told + ".", stands_on(plan, values)], legend,
                          columns=min(len(drawn), 2), height=PANEL + BAR * len(names))  # fmt: skip
    for axis, analysis in zip(axes, drawn, strict=True):
        _bars(axis, plan, analysis, method)
        name = outcome_label(analysis.outcome) if method == "morris" else analysis.outcome.replace("_", " ")
        left_out = "" if analysis.n == analysis.n_blocks else f" (n = {analysis.n})"
        axis.set_title(f"{name}{left_out}", fontsize=LABEL, loc="left")
    rows = [{"outcome": a.outcome, "lever": name, "index": index, "value": found[0], "low": found[1], "high": found[2]}
            for a in drawn for index in colours
            for name, found in zip(names, a.found[index].tolist(), strict=False)]  # fmt: skip
    return Sheet(figure, as_columns(rows), question_of(plan), f"{told}. {stands_on(plan, values)}.")


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
        bars = axis.barh(at, found[:, 0], height, color=colour)
        for bar, opacity in zip(bars, pale, strict=True):
            bar.set_alpha(opacity)
        axis.hlines(at, found[:, 1], found[:, 2], color=BLACK, linewidth=0.9)
        if f"{index}_luck" in analysis.found and plan.replicates > 1:
            floor = np.nan_to_num(analysis.found[f"{index}_luck"][rows, 0])
            axis.plot(floor, at, "d", color=BLACK, markersize=3, linestyle="")
    axis.axvline(0.0, color=GREY, linewidth=0.6)
    if method == "pawn" and analysis.varies:
        axis.axvline(analysis.found[MAIN[method]][-1, 2], color=GREY, linewidth=0.9, linestyle=":")
    axis.set_yticks(np.arange(len(rows)) + (0.4 - height / 2), [names[k] for k in rows], fontsize=SMALLEST)
    axis.invert_yaxis()
    if axis.get_xlim()[1] >= 1000:
        axis.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
        axis.locator_params(axis="x", nbins=6)
    if not analysis.varies:
        axis.set_xticks([])
        axis.text(0.5, 0.5, "no variation", transform=axis.transAxes, ha="center", fontsize=LABEL, color=GREY)
