"""Outcomes over the first lever of a sweep: medians with bands, paired differences, elasticities."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from experiments.analysis.effects import Effect, shown_outcomes, values_by_point
from experiments.analysis.intervals import HOLDS
from experiments.design.levers import Lever, cell
from experiments.design.plan import Plan
from experiments.figures.axes import (
    COLOURS,
    FEW,
    MOST_PANELS,
    Values,
    count_note,
    is_gridded,
    lever_axis,
    lever_label,
    line_groups,
    name_lines,
    new_figure,
    outcome_axis,
    outcome_label,
    place_of,
    quantile_bands,
    shown_effects,
    written,
)
from experiments.figures.colours import GREY
from experiments.figures.curves import drawn_curves
from experiments.outcomes import OUTCOMES, elasticity
from experiments.printing.sweep_table import replicates, signs_note

BINS = 10  # of a range that was sampled
SHIFT = 0.12  # between the lines of a lever without numbers, of the step between two values


def response_figure(folder: Path, plan: Plan, values: Values, effects: Sequence[Effect]) -> Any:
    """Draw each outcome over the first lever, a colour for each value of the second (up to six)."""
    names = shown_outcomes(plan, values)[:MOST_PANELS]
    if not names:
        return None
    figure, axes = new_figure(len(names), plan, count_note(plan, values))
    found = values_by_point(values, plan.replicates, names)
    groups = line_groups(plan)
    for axis, name in zip(axes, names, strict=True):
        for k, (text, points) in enumerate(groups.items()):
            of_point = {p: list(found.get((p, name), {}).values()) for p in points}
            _response(axis, plan, of_point, COLOURS[k], text, _shift(plan, k, len(groups)), _is_flag(name))
        lever_axis(axis, plan, plan.levers[0])
        outcome_axis(axis, outcome_label(name))
        if _is_flag(name):
            axis.set_ylim(-0.05, 1.05)
    if len(groups) > 1:
        name_lines(figure, axes[0], lever_label(plan, plan.levers[1]))
    return figure


def _is_flag(name: str) -> bool:
    return OUTCOMES.get(name, ("",))[0] == "flag"


def _shift(plan: Plan, k: int, n: int) -> float:
    """Return how far the k-th of n lines is moved aside, so that markers do not cover each other."""
    return 0.0 if plan.levers[0].is_numeric else SHIFT * (k - (n - 1) / 2)


def _response(axis: Any, plan: Plan, of_point: Mapping[int, list[float]], colour: str, text: str, shift: float,
              is_flag: bool) -> None:  # fmt: skip
    """Draw the median and bands of an outcome over the first lever; of a flag, its share of the replicates."""
    lever = plan.levers[0]
    at_place: dict[float, list[float]] = {}
    for p, found in of_point.items():
        at_place.setdefault(_place(plan, lever, plan.points[p][lever.name]), []).extend(filter(math.isfinite, found))
    places = sorted(place for place, found in at_place.items() if found)
    if not places:
        return
    at = np.array(places) + shift
    style = {"color": colour, "linewidth": 1.1, "markersize": 3, "label": text}
    form = "-o" if lever.is_numeric else "o"
    if is_flag:
        axis.plot(at, [np.mean(at_place[place]) for place in places], form, **style)
        return
    few = min(len(at_place[place]) for place in places) < FEW
    edges = [quantile_bands(np.array(at_place[place])[:, None]) for place in places]
    for band in range(1 if few else len(edges[0])):
        low, high = np.array([each[band][:2] for each in edges]).reshape(-1, 2).T
        opacity = edges[0][band][2]
        if lever.is_numeric and len(places) > 1:
            axis.fill_between(at, low, high, color=colour, alpha=opacity, linewidth=0)
        else:
            axis.vlines(at, low, high, color=colour, alpha=min(1.0, 2 * opacity), linewidth=4)
    axis.plot(at, [np.median(at_place[place]) for place in places], form, **style)


def _place(plan: Plan, lever: Lever, value: Any) -> float:
    """Return the place on the axis to which a value belongs: its own, or the middle of its bin of a sample."""
    if is_gridded(plan) or not lever.is_numeric or not isinstance(value, float):
        return place_of(plan, lever, value)
    low, high = lever.bounds
    k = min(int((value - low) / (high - low) * BINS), BINS - 1) if high > low else 0
    return low + (k + 0.5) * (high - low) / BINS


# --- paired differences


def effects_figure(folder: Path, plan: Plan, values: Values, effects: Sequence[Effect]) -> Any:
    """Draw the difference to the baseline with its interval; hollow where no sign is shown. None without any."""
    names = [name for name in shown_outcomes(plan, values) if shown_effects(effects, name)][:MOST_PANELS]
    if not names or plan.baseline is None or not is_gridded(plan):
        return None
    figure, axes = new_figure(len(names), plan, effects_note(plan, effects))
    groups = line_groups(plan)
    for axis, name in zip(axes, names, strict=True):
        own = shown_effects(effects, name)
        axis.axhline(0.0, color=GREY, linewidth=0.6)
        for k, (text, points) in enumerate(groups.items()):
            _differences(axis, plan, own, points, COLOURS[k], text, _shift(plan, k, len(groups)))
        lever_axis(axis, plan, plan.levers[0])
        outcome_axis(axis, f"difference in\n{outcome_label(name)}")
    if len(groups) > 1:
        name_lines(figure, axes[0], lever_label(plan, plan.levers[1]))
    return figure


def effects_note(plan: Plan, effects: Sequence[Effect], mark: str = "hollow") -> str:
    """Say what is compared, with how many replicates, and how sure it is; `mark` is how no sign looks."""
    import textwrap

    assert plan.baseline is not None
    origin = ", ".join(f"{name}={written(value)}" for name, value in plan.points[plan.baseline].items())
    kind = "mean paired difference, same luck" if plan.settings.common_luck else "difference of means"
    text = (f"{replicates(effects)}; {kind}; {HOLDS}; {mark}: no sign is shown ({signs_note(effects)}). "
            f"Baseline: {origin}")  # fmt: skip
    return "\n".join(textwrap.wrap(text, 150))


def _differences(axis: Any, plan: Plan, own: Mapping[int, Effect], points: Sequence[int], colour: str, text: str,
                 shift: float) -> None:  # fmt: skip
    lever = plan.levers[0]
    rows = [(place_of(plan, lever, plan.points[p][lever.name]) + shift, own[p]) for p in points if p in own]
    if plan.baseline in points:
        origin = place_of(plan, lever, plan.points[plan.baseline][lever.name]) + shift  # type: ignore[index]
        axis.plot([origin], [0.0], "D", color=colour, markersize=3.5)
    else:
        origin = None
    if not rows:
        return
    rows.sort(key=lambda row: row[0])
    at, difference = [row[0] for row in rows], [row[1].difference for row in rows]
    low, high = [row[1].low for row in rows], [row[1].high for row in rows]
    axis.vlines(at, low, high, color=colour, linewidth=1.0)
    if lever.is_numeric:
        line = sorted([*zip(at, difference, strict=True), *([(origin, 0.0)] if origin is not None else [])])
        axis.plot(*zip(*line, strict=True), "-", color=colour, linewidth=0.7, alpha=0.6)
    faces = [colour if row[1].sign else "white" for row in rows]
    axis.scatter(at, difference, s=14, c=faces, edgecolors=colour, linewidths=0.9, zorder=3)
    axis.plot([], [], "o", color=colour, markersize=4, label=text)


# --- elasticities


def elasticity_figure(folder: Path, plan: Plan, values: Values, effects: Sequence[Effect]) -> Any:
    """Draw the backlash elasticity by lag in days, from runs with one night's violence a tenth up and down."""
    pairs = dict(plan.experiment.figure.get("pairs", {}))
    peaks = drawn_curves(folder, "hour", "protesting", False, sorted(values))
    note = (f"n = {plan.replicates} replicates; median, 50 and 90 % of replicates (luck only); "
            "each a pair with the same luck")  # fmt: skip
    figure, axes = new_figure(1, plan, note, width=5.2)
    for colour, (name, pair) in zip(COLOURS, pairs.items(), strict=False):
        lags = elasticities(plan, peaks, plan.levers[0], pair)
        if lags is not None:
            _lags(axes[0], lags, colour, name)
    axes[0].axhline(0.0, color=GREY, linewidth=0.6)
    axes[0].set_xlabel("days after the night", fontsize=8)
    axes[0].set_ylabel("elasticity of the day's turnout\nto the night's violence", fontsize=8)
    name_lines(figure, axes[0], "violence of")
    return figure


def elasticities(
    plan: Plan, peaks: Mapping[int, np.ndarray], lever: Lever, pair: Mapping[str, Any]
) -> np.ndarray | None:
    """Return the elasticity of each replicate and day after `day`, shape (replicates, days); None without runs.

    Peaks are those of each day, by number of the run.
    """
    wanted = dict(pair.get("at", {}))
    points = [_point_at(plan, {**wanted, lever.name: pair[side]}) for side in ("more", "less")]
    if None in points:
        return None
    rows = []
    for replicate in range(plan.replicates):
        more, less = (point * plan.replicates + replicate for point in points)  # type: ignore[operator]
        if more in peaks and less in peaks:
            rows.append(elasticity(peaks[more], peaks[less])[int(pair["day"]) + 1 :])
    return np.array(rows) if rows and len(rows[0]) else None


def _point_at(plan: Plan, wanted: Mapping[str, Any]) -> int | None:
    origin = plan.points[plan.baseline or 0]
    place = {**origin, **{name: value for name, value in wanted.items() if name in origin}}
    found = [p for p, point in enumerate(plan.points) if all(cell(point[n]) == cell(v) for n, v in place.items())]
    return found[0] if found else None


def _lags(axis: Any, lags: np.ndarray, colour: str, text: str) -> None:
    at = np.arange(1, lags.shape[1] + 1)
    known = np.isfinite(lags).any(axis=0)
    at, lags = at[known], lags[:, known]
    if not at.size:
        return
    for low, high, opacity in quantile_bands(lags):
        axis.fill_between(at, low, high, color=colour, alpha=opacity, linewidth=0)
    axis.plot(at, np.nanmedian(lags, axis=0), "-o", color=colour, linewidth=1.1, markersize=3, label=text)
