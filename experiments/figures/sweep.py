"""Figures of a sweep, drawn from what is finished.

Without levers: the run's own figure, over all seeds. Else always: how far curves are from the baseline's, by day;
paired differences of outcomes; a map where two levers have a grid of numbers. And the figure that the experiment asks
for. Bands show luck alone: people, days and cities drawn anew; they do not show what is unknown of parameters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from experiments.analysis.effects import Effect
from experiments.design.plan import Plan
from experiments.figures.axes import Values, command_of
from experiments.figures.curves import curves_figure
from experiments.figures.maps import break_even_figure, is_over_two, map_figure
from experiments.figures.replicates import replicates_figure
from experiments.figures.response import effects_figure, elasticity_figure, response_figure
from experiments.figures.sheet import Sheet, write_sheet
from experiments.store.chunks import FIGURES_FOLDER

FEWEST_LEVELS = 3  # of both levers, for a map

Drawing = Callable[[Path, Plan, Values, Sequence[Effect]], Sheet | None]
DRAWINGS: dict[str, Drawing] = {
    "response": response_figure, "map": map_figure, "break_even": break_even_figure, "elasticity": elasticity_figure,
}  # fmt: skip
REPLICATES = "mobilization"


def draw_all(folder: Path, plan: Plan, values: Values, effects: Sequence[Effect]) -> None:
    """Draw all figures of a sweep into its folder, in the forms that are asked for."""
    (folder / FIGURES_FOLDER).mkdir(exist_ok=True)
    for name, sheet in sheets(folder, plan, values, effects):
        write_sheet(folder / FIGURES_FOLDER, name, sheet, plan.settings.figures, command_of(plan))


def sheets(folder: Path, plan: Plan, values: Values, effects: Sequence[Effect]) -> Iterator[tuple[str, Sheet]]:
    """Yield all figures of a sweep by name, one after the other."""
    kind = str(plan.experiment.figure.get("kind"))
    drawings: dict[str, Drawing] = {"curves": curves_figure, "effects": effects_figure}
    if not plan.levers:
        drawings = {REPLICATES: replicates_figure}
    elif kind in DRAWINGS:
        drawings[kind] = DRAWINGS[kind]
    if has_map(plan) and kind != "break_even":
        drawings["map"] = map_figure
    for name, draw in drawings.items():
        if (sheet := draw(folder, plan, values, effects)) is not None:
            yield name, sheet


def has_map(plan: Plan) -> bool:
    """Whether the first two levers make a grid of numbers."""
    two = plan.levers[:2]
    return is_over_two(plan) and all(
        lever.is_numeric and len({point[lever.name] for point in plan.points}) >= FEWEST_LEVELS for lever in two
    )  # fmt: skip
