"""Maps over the first two levers of a sweep: medians, outcome classes, and differences with their break-even line."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from experiments.analysis.break_even import BreakEven, break_evens
from experiments.analysis.effects import Effect, shown_outcomes, values_by_point
from experiments.design.levers import cell, in_order
from experiments.design.plan import Plan
from experiments.figures.axes import (
    MOST_PANELS,
    Values,
    fitted,
    has_pairs,
    is_gridded,
    outcome_label,
    question_of,
    shown_effects,
    slice_note,
    stands_on,
    upright,
)
from experiments.figures.colours import BLACK
from experiments.figures.frame import LABEL, SMALLEST, Sample, framed
from experiments.figures.layout import wrap
from experiments.figures.response import effects_note, response_figure
from experiments.figures.sheet import Sheet, as_columns
from experiments.outcomes import CLASSES, OUTCOMES
from experiments.printing.findings import lever_name, told_break_evens, value_name
from experiments.printing.numbers import amount
from experiments.store.sweep_folder import lever_values

LEAST_RANGE = 0.05  # of a colour scale, as a share of the largest value: no drama from nothing
MOST_NUMBERS = 25  # cells, above which their values are not written into them
CLASS_COLOURS, N_COLOURS = "Set2", 8
HEIGHT = 2.3
NAME = 0.8  # inches, most of a value's line


def map_figure(folder: Path, plan: Plan, values: Values, effects: Sequence[Effect]) -> Sheet | None:
    """Draw each outcome over two levers: medians, shares of flags, and the most frequent class with its share."""
    if not is_over_two(plan):
        return response_figure(folder, plan, values, effects)
    names = [name for name in plan.experiment.outcomes if any(name in found for found in values.values())][:MOST_PANELS]
    if not names:
        return None
    notes = ["Medians over replicates; shares of flags; of classes the most frequent one and its share."
             + slice_note(plan),
             stands_on(plan, values)]  # fmt: skip
    classes = _class_samples(plan, values) if "outcome_class" in names else []
    figure, axes = framed(plan.experiment.title, len(names), notes, classes, "outcome class:" if classes else "",
                          columns=2 if len(names) > 1 else 1, height=HEIGHT)  # fmt: skip
    rows: list[dict[str, Any]] = []
    for axis, name in zip(axes, names, strict=True):
        rows += _class_map(axis, plan, values) if name == "outcome_class" else _value_map(figure, axis, plan, values,
                                                                                        name)  # fmt: skip
    return Sheet(figure, as_columns(rows), question_of(plan), f"{notes[0]} {notes[1]}.")


def is_over_two(plan: Plan) -> bool:
    """Whether points make a grid over the first two levers, with further ones held at a baseline's."""
    return len(plan.levers) >= 2 and is_gridded(plan) and (len(plan.levers) == 2 or plan.baseline is not None)


def _value_map(figure: Any, axis: Any, plan: Plan, values: Values, name: str) -> list[dict[str, Any]]:
    found = values_by_point(values, plan.replicates, [name])
    is_flag = OUTCOMES.get(name, ("",))[0] == "flag"
    middle = {p: _middle(list(found[p, name].values()), is_flag)
              for p in range(len(plan.points)) if (p, name) in found}  # fmt: skip
    known = [value for value in middle.values() if math.isfinite(value)]
    if not known:
        axis.set_title(f"{outcome_label(name)}: none", fontsize=LABEL, loc="left")
        return []
    low, high = (0.0, 1.0) if is_flag else _colour_range(known)
    image, matrix = _colour_map(axis, plan, middle, outcome_label(name), cmap="cividis", vmin=low, vmax=high)
    _bar(figure, axis, image)
    _numbers(axis, matrix, lambda value: (value - low) / ((high - low) or 1.0) > 0.55)
    return [{"outcome": name, **lever_values(plan, p), "value": value, "share": ""} for p, value in middle.items()]


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
            axis.text(x, y, amount(value), ha="center", va="center", fontsize=SMALLEST,
                      color=BLACK if is_light(value) else "white")  # fmt: skip


def _bar(figure: Any, axis: Any, image: Any) -> None:
    bar = figure.colorbar(image, ax=axis)
    bar.ax.tick_params(labelsize=SMALLEST)
    if max(map(abs, image.get_clim())) >= 1000:
        bar.ax.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")


def _matrix(plan: Plan, of_point: Mapping[int, float]) -> tuple[list[Any], list[Any], np.ndarray]:
    """Return the values of two levers and a matrix over them, further levers at the baseline's."""
    first, second = plan.levers[:2]
    points = [p for p in of_point if set(plan.changed_levers(p)) <= {first.name, second.name}]
    across = in_order({cell(plan.points[p][first.name]) for p in points}, first)
    up = in_order({cell(plan.points[p][second.name]) for p in points}, second)
    matrix = np.full((len(up), len(across)), np.nan)
    for p in points:
        x, y = (cell(plan.points[p][lever.name]) for lever in (first, second))
        matrix[up.index(y), across.index(x)] = of_point[p]
    return across, up, matrix


def _colour_map(
    axis: Any, plan: Plan, of_point: Mapping[int, float], title: str, **style: Any
) -> tuple[Any, np.ndarray]:
    """Draw a matrix over two levers; return the image and the matrix."""
    across, up, matrix = _matrix(plan, of_point)
    image = axis.imshow(matrix, origin="lower", aspect="auto", **style)
    axis.set_title(fitted(axis, title), fontsize=LABEL, loc="left")
    for set_ticks, found in ((axis.set_xticks, across), (axis.set_yticks, up)):
        set_ticks(range(len(found)), ["\n".join(wrap(value_name(v), NAME, SMALLEST)) for v in found], fontsize=SMALLEST)
    axis.set_xlabel(fitted(axis, lever_name(plan, plan.levers[0].name)), fontsize=LABEL)
    axis.set_ylabel(upright(axis, lever_name(plan, plan.levers[1].name)), fontsize=LABEL)
    return image, matrix


def _majority(plan: Plan, values: Values) -> dict[int, tuple[str, float]]:
    """Return the most frequent outcome class at each point, and its share of the replicates."""
    by_point: dict[int, list[str]] = {}
    for run, found in values.items():
        if "outcome_class" in found:
            by_point.setdefault(run // plan.replicates, []).append(found["outcome_class"])
    most = {p: max(CLASSES, key=found.count) for p, found in by_point.items()}
    return {p: (name, by_point[p].count(name) / len(by_point[p])) for p, name in most.items()}


def _class_samples(plan: Plan, values: Values) -> list[Sample]:
    """Return the legend of the outcome classes that are most frequent anywhere."""
    from matplotlib import colormaps

    there = {name for name, _ in _majority(plan, values).values()}
    return [Sample(name, colormaps[CLASS_COLOURS](k / (N_COLOURS - 1)))
            for k, name in enumerate(CLASSES) if name in there]  # fmt: skip


def _class_map(axis: Any, plan: Plan, values: Values) -> list[dict[str, Any]]:
    """Draw the most frequent outcome class at each point in its colour, and its share of the replicates in numbers."""
    most = _majority(plan, values)
    places = {p: float(CLASSES.index(name)) for p, (name, _) in most.items()}
    _colour_map(axis, plan, places, "most frequent outcome class (share of replicates)", cmap=CLASS_COLOURS, vmin=0,
                vmax=N_COLOURS - 1)  # fmt: skip
    _, _, matrix = _matrix(plan, {p: share for p, (_, share) in most.items()})
    for (y, x), share in np.ndenumerate(matrix):
        if math.isfinite(share):
            axis.text(x, y, f"{share:.0%}", ha="center", va="center", fontsize=SMALLEST)
    return [{"outcome": "outcome_class", **lever_values(plan, p), "value": name, "share": share}
            for p, (name, share) in most.items()]  # fmt: skip


# --- break-even


def break_even_figure(folder: Path, plan: Plan, values: Values, effects: Sequence[Effect]) -> Sheet | None:
    """Draw the paired difference to the baseline over two levers, and where it is 0: the number and its interval.

    Dots mark points at which no sign is shown. Over a first lever of numbers the break-even of each value of the second
    is found; bars are its interval.
    """
    if len(plan.levers) < 2 or plan.baseline is None or not has_pairs(plan) or not effects:
        return response_figure(folder, plan, values, effects)
    names = shown_outcomes(plan, values)[:MOST_PANELS]
    found = {name: break_evens(plan, values, name) for name in names}
    first = lever_name(plan, plan.levers[0].name)
    said = [told_break_evens(plan, name, rows) for name, rows in found.items() if rows]
    notes = [effects_note(plan, effects, mark="dot") + "." + slice_note(plan),
             f"Break-even of {first}, with its interval, linear between the values that were run. " + " ".join(said),
             stands_on(plan, values)]  # fmt: skip
    classes = _class_samples(plan, values) if "outcome_class" in names else []
    figure, axes = framed(plan.experiment.title, len(names), notes, classes, "outcome class:" if classes else "",
                          columns=2 if len(names) > 1 else 1, height=HEIGHT)  # fmt: skip
    rows: list[dict[str, Any]] = []
    for axis, name in zip(axes, names, strict=True):
        own = shown_effects(effects, name)
        differences = {point: effect.difference for point, effect in own.items()} | {plan.baseline: 0.0}
        least = LEAST_RANGE * max((abs(effect.baseline) for effect in own.values()), default=0.0)
        most = max(least, *map(abs, differences.values())) or 1.0
        image, _ = _colour_map(axis, plan, differences, f"difference in {outcome_label(name)}",
                               cmap="PuOr", vmin=-most, vmax=most)  # fmt: skip
        _bar(figure, axis, image)
        _dots(axis, plan, own)
        _mark(axis, plan, found[name])
        rows += [_row(plan, name, own[p], found[name]) for p in own]
    return Sheet(figure, as_columns(rows), question_of(plan), " ".join([*notes[:2], notes[2] + "."]))


def _mark(axis: Any, plan: Plan, found: Mapping[Any, tuple[BreakEven | None, int]]) -> None:
    """Draw each break-even with its interval on the map, whose axis counts the values."""
    across = in_order({cell(point[plan.levers[0].name]) for point in plan.points}, plan.levers[0])
    places = np.arange(len(across))
    known = [(row, each) for row, (each, _) in enumerate(found.values()) if each is not None]
    for row, each in known:
        x, low, high = np.interp([each.at, each.low, each.high], across, places)
        axis.plot([low, high], [row, row], color=BLACK, linewidth=1.6, solid_capstyle="butt")
        axis.plot([x], [row], "D", color=BLACK, markersize=4, markeredgecolor="white", markeredgewidth=0.7)
    if len(known) > 1:
        axis.plot(np.interp([each.at for _, each in known], across, places), [row for row, _ in known], color=BLACK,
                  linewidth=0.8, linestyle=(0, (3, 2)))  # fmt: skip


def _row(plan: Plan, name: str, effect: Effect, found: Mapping[Any, tuple[BreakEven | None, int]]) -> dict[str, Any]:
    each, _ = found.get(cell(plan.points[effect.point][plan.levers[1].name]), (None, 0))
    ends = ("", "", "") if each is None else (each.at, each.low, each.high)
    return {"outcome": name, **lever_values(plan, effect.point), "n": effect.n, "difference": effect.difference,
            "low": effect.low, "high": effect.high, "sign": effect.sign,
            **dict(zip(("break_even", "break_even_low", "break_even_high"), ends, strict=True))}  # fmt: skip


def _dots(axis: Any, plan: Plan, own: Mapping[int, Effect]) -> None:
    """Mark the points of the map at which no sign is shown."""
    across, up, _ = _matrix(plan, dict.fromkeys(range(len(plan.points)), 0.0))
    first, second = plan.levers[:2]
    for point, effect in own.items():
        if effect.sign == 0 and set(plan.changed_levers(point)) <= {first.name, second.name}:
            x, y = (cell(plan.points[point][lever.name]) for lever in (first, second))
            axis.plot(across.index(x), up.index(y), ".", color=BLACK, markersize=3)
