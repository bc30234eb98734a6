"""Maps over the first two levers of a sweep: medians, outcome classes, and differences with their break-even line."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from experiments.analysis.effects import Effect, shown_outcomes, values_by_point
from experiments.design.levers import Lever, cell
from experiments.design.plan import Plan
from experiments.figures.axes import (
    MOST_PANELS,
    Values,
    count_note,
    is_gridded,
    lever_label,
    new_figure,
    outcome_label,
    shown_effects,
    written,
)
from experiments.figures.colours import BLACK
from experiments.figures.response import effects_note, response_figure
from experiments.outcomes import CLASSES, OUTCOMES
from experiments.printing.numbers import amount

LEAST_RANGE = 0.05  # of a colour scale, as a share of the largest value: no drama from nothing
NEGLIGIBLE = 0.02  # difference, as a share of the map's largest, that makes no line
MOST_NUMBERS = 49  # cells, above which their values are not written into them


def map_figure(folder: Path, plan: Plan, values: Values, effects: Sequence[Effect]) -> Any:
    """Draw each outcome over two levers: medians, shares of flags, and the most frequent class with its share."""
    if len(plan.levers) < 2 or not is_gridded(plan):
        return response_figure(folder, plan, values, effects)
    names = [name for name in plan.experiment.outcomes if any(name in found for found in values.values())][:MOST_PANELS]
    if not names:
        return None
    note = count_note(plan, values).split(";")[0] + "; medians, shares of flags, classes by majority"
    figure, axes = new_figure(len(names), plan, note)
    for axis, name in zip(axes, names, strict=True):
        if name == "outcome_class":
            _class_map(axis, plan, values)
        else:
            _value_map(figure, axis, plan, values, name)
    return figure


def _value_map(figure: Any, axis: Any, plan: Plan, values: Values, name: str) -> None:
    found = values_by_point(values, plan.replicates, [name])
    is_flag = OUTCOMES.get(name, ("",))[0] == "flag"
    middle = {p: _middle(list(found[p, name].values()), is_flag)
              for p in range(len(plan.points)) if (p, name) in found}  # fmt: skip
    known = [value for value in middle.values() if math.isfinite(value)]
    if not known:
        axis.set_title(f"{outcome_label(name)}: none", fontsize=7.5, loc="left")
        return
    low, high = (0.0, 1.0) if is_flag else _colour_range(known)
    image, matrix = _colour_map(axis, plan, middle, outcome_label(name), cmap="cividis", vmin=low, vmax=high)
    _bar(figure, axis, image)
    _numbers(axis, matrix, lambda value: (value - low) / ((high - low) or 1.0) > 0.55)


def _middle(values: Sequence[float], is_flag: bool) -> float:
    known = [value for value in values if math.isfinite(value)]
    return math.nan if not known else float(np.mean(known) if is_flag else np.median(known))


def _colour_range(values: Sequence[float]) -> tuple[float, float]:
    """Return the ends of the colour scale: the values', but never a small range blown up."""
    low, high = min(values), max(values)
    least = LEAST_RANGE * max(abs(low), abs(high)) or 1.0
    if high - low < least:
        middle = (low + high) / 2
        low, high = middle - least / 2, middle + least / 2
    return low, high


def _numbers(axis: Any, matrix: np.ndarray, is_light: Any) -> None:
    """Write the values into the cells."""
    if matrix.size > MOST_NUMBERS:
        return
    for (y, x), value in np.ndenumerate(matrix):
        if math.isfinite(value):
            axis.text(x, y, amount(value), ha="center", va="center", fontsize=5.5,
                      color=BLACK if is_light(value) else "white")  # fmt: skip


def _bar(figure: Any, axis: Any, image: Any) -> None:
    bar = figure.colorbar(image, ax=axis)
    bar.ax.tick_params(labelsize=6)
    if max(map(abs, image.get_clim())) >= 1000:
        bar.ax.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")


def _matrix(plan: Plan, of_point: Mapping[int, float]) -> tuple[list[Any], list[Any], np.ndarray]:
    """Return the values of two levers and a matrix over them, further levers at the baseline's."""
    first, second = plan.levers[:2]
    points = [p for p in of_point if set(plan.changed_levers(p)) <= {first.name, second.name}]
    across = _sorted({cell(plan.points[p][first.name]) for p in points}, first)
    up = _sorted({cell(plan.points[p][second.name]) for p in points}, second)
    matrix = np.full((len(up), len(across)), np.nan)
    for p in points:
        x, y = (cell(plan.points[p][lever.name]) for lever in (first, second))
        matrix[up.index(y), across.index(x)] = of_point[p]
    return across, up, matrix


def _sorted(found: set[Any], lever: Lever) -> list[Any]:
    if lever.is_numeric:
        return sorted(found)
    return [value for value in dict.fromkeys(cell(v) for v in lever.levels(None)) if value in found]


def _colour_map(
    axis: Any, plan: Plan, of_point: Mapping[int, float], title: str, **style: Any
) -> tuple[Any, np.ndarray]:
    """Draw a matrix over two levers; return the image and the matrix."""
    across, up, matrix = _matrix(plan, of_point)
    image = axis.imshow(matrix, origin="lower", aspect="auto", **style)
    axis.set_title(title, fontsize=7.5, loc="left")
    axis.set_xticks(range(len(across)), [written(v) for v in across], fontsize=6.5)
    axis.set_yticks(range(len(up)), [written(v) for v in up], fontsize=6.5)
    axis.set_xlabel(lever_label(plan, plan.levers[0]), fontsize=7)
    axis.set_ylabel(lever_label(plan, plan.levers[1]), fontsize=7)
    return image, matrix


def _class_map(axis: Any, plan: Plan, values: Values) -> None:
    """Draw the most frequent outcome class at each point, and its share of the replicates."""
    by_point: dict[int, list[str]] = {}
    for run, found in values.items():
        by_point.setdefault(run // plan.replicates, []).append(found["outcome_class"])
    majority = {p: max(CLASSES, key=found.count) for p, found in by_point.items()}
    places = {p: float(CLASSES.index(name)) for p, name in majority.items()}
    _, codes = _colour_map(axis, plan, places, "outcome class (share of replicates)", cmap="Set2", vmin=0, vmax=7)
    shares = {p: found.count(majority[p]) / len(found) for p, found in by_point.items()}
    _, _, matrix = _matrix(plan, shares)
    for (y, x), share in np.ndenumerate(matrix):
        if math.isfinite(share):
            axis.text(x, y, f"{CLASSES[int(codes[y, x])]}\n{share:.0%}", ha="center", va="center", fontsize=5)


def break_even_figure(folder: Path, plan: Plan, values: Values, effects: Sequence[Effect]) -> Any:
    """Draw the paired difference to the baseline over two levers; the line is where it changes sign.

    Dots mark points at which no sign is shown. There is a line only where both
    signs are shown somewhere, and neither is negligible beside the other.
    """
    if len(plan.levers) < 2 or not is_gridded(plan) or plan.baseline is None or not effects:
        return response_figure(folder, plan, values, effects)
    names = shown_outcomes(plan, values)[:MOST_PANELS]
    note = effects_note(plan, effects, mark="dot")
    figure, axes = new_figure(len(names), plan, note + "; black line: break-even")
    for axis, name in zip(axes, names, strict=True):
        own = shown_effects(effects, name)
        differences = {point: effect.difference for point, effect in own.items()} | {plan.baseline: 0.0}
        most = max(map(abs, differences.values())) or 1.0
        image, matrix = _colour_map(axis, plan, differences, f"difference in {outcome_label(name)}",
                                    cmap="PuOr", vmin=-most, vmax=most)  # fmt: skip
        _bar(figure, axis, image)
        signs = {effect.sign for effect in own.values() if abs(effect.difference) >= NEGLIGIBLE * most}
        if {1, -1} <= signs and min(matrix.shape) > 1 and np.isfinite(matrix).all():
            axis.contour(matrix, levels=[0.0], colors=BLACK, linewidths=1.2)
        _dots(axis, plan, own)
    return figure


def _dots(axis: Any, plan: Plan, own: Mapping[int, Effect]) -> None:
    """Mark the points of the map at which no sign is shown."""
    across, up, _ = _matrix(plan, dict.fromkeys(range(len(plan.points)), 0.0))
    first, second = plan.levers[:2]
    for point, effect in own.items():
        if effect.sign == 0 and set(plan.changed_levers(point)) <= {first.name, second.name}:
            x, y = (cell(plan.points[point][lever.name]) for lever in (first, second))
            axis.plot(across.index(x), up.index(y), ".", color=BLACK, markersize=3)
