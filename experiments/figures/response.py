"""Outcomes over the first lever of a sweep: medians with bands, paired differences, elasticities."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from experiments.analysis.effects import Effect, shown_outcomes, values_by_point
from experiments.analysis.findings import EFFECT, UNDECIDED, findings
from experiments.analysis.intervals import HOLDS
from experiments.design.levers import Lever, cell
from experiments.design.plan import Plan
from experiments.figures.axes import (
    FEW,
    MOST_PANELS,
    Values,
    bands_note,
    bands_of,
    has_pairs,
    is_gridded,
    is_lying,
    lever_axis,
    line_groups,
    outcome_axis,
    outcome_label,
    panel_height,
    place_of,
    quantile_bands,
    question_of,
    samples,
    shown_effects,
    slice_note,
    stands_on,
    told_in_panel,
)
from experiments.figures.colours import BLUE, GREY, named
from experiments.figures.curves import drawn_curves
from experiments.figures.frame import LABEL, Sample, framed
from experiments.figures.sheet import Sheet, as_columns
from experiments.outcomes import OUTCOMES, elasticity
from experiments.printing.findings import lever_name, told, value_name
from experiments.printing.sweep_table import replicates, signs_note
from experiments.store.sweep_folder import lever_values

BINS = 10  # of a range that was sampled
SHIFT = 0.12  # between the lines of a lever without numbers, of the step between two values
ENDS = (0.05, 0.25, 0.5, 0.75, 0.95)


def response_figure(folder: Path, plan: Plan, values: Values, effects: Sequence[Effect]) -> Sheet | None:
    """Draw each outcome over the first lever, a colour for each value of the second (up to six)."""
    names = shown_outcomes(plan, values)[:MOST_PANELS]
    if not names:
        return None
    groups = line_groups(plan)
    legend = _legend(plan, groups)
    flat = {name: words for name in names if (words := nothing(plan, effects, name))}
    notes = [bands_note(plan, not plan.levers[0].is_numeric) + slice_note(plan), stands_on(plan, values)]
    figure, axes = framed(plan.experiment.title, len(names), notes, legend if len(groups) > 1 else (),
                          _heading(plan, groups), height=panel_height(plan))  # fmt: skip
    found = values_by_point(values, plan.replicates, names)
    labelled = _labelled(axes, names, flat)
    for axis, name in zip(axes, names, strict=True):
        if name in flat:
            told_in_panel(axis, outcome_label(name), flat[name])
            continue
        for k, (points, sample) in enumerate(zip(groups.values(), legend, strict=True)):
            of_point = {p: list(found.get((p, name), {}).values()) for p in points}
            _response(axis, plan, of_point, sample, _shift(plan, k, len(groups)), _is_flag(name))
        lever_axis(axis, plan, name in labelled)
        outcome_axis(axis, outcome_label(name), is_lying(plan))
        if _is_flag(name):
            (axis.set_xlim if is_lying(plan) else axis.set_ylim)(-0.05, 1.05)
    caption = " ".join([*notes[:1], *(f"{name.replace('_', ' ')}: {words}" for name, words in flat.items()), notes[1]])
    return Sheet(figure, as_columns(list(_quantiles(plan, names, found))), question_of(plan), caption + ".")


def _legend(plan: Plan, groups: Mapping[str, list[int]]) -> list[Sample]:
    return samples(plan, plan.levers[1], list(groups)) if len(groups) > 1 else [Sample("", BLUE)]


def _heading(plan: Plan, groups: Mapping[str, list[int]]) -> str:
    return f"{lever_name(plan, plan.levers[1].name)}:" if len(groups) > 1 else ""


def _quantiles(plan: Plan, names: Sequence[str], found: Mapping[Any, Mapping[int, float]]) -> Iterator[dict[str, Any]]:
    """Yield a row for each outcome and point: replicates, mean and quantiles over them."""
    for name in names:
        for point in range(len(plan.points)):
            known = np.array([v for v in found.get((point, name), {}).values() if math.isfinite(v)])
            if known.size:
                ends = zip(ENDS, np.quantile(known, ENDS).tolist(), strict=True)
                yield {"outcome": name, **lever_values(plan, point), "n": known.size, "mean": float(known.mean()),
                       **{f"q{100 * end:02.0f}": value for end, value in ends}}  # fmt: skip


def nothing(plan: Plan, effects: Sequence[Effect], name: str) -> str:
    """Return in words that no lever has an effect of interest on an outcome, "" where one has or may have."""
    found = findings(plan, effects, name)
    whole = len(found) == len(plan.levers) and not any(each.verdict in (EFFECT, UNDECIDED) for each in found)
    rest = {effect.point: effect for effect in effects if effect.outcome == name}.values()
    if not whole or any(effect.sign and abs(effect.difference) > found[0].smallest for effect in rest):
        return ""
    return "; ".join(told(plan, each) for each in found) + "."


def _is_flag(name: str) -> bool:
    return OUTCOMES.get(name, ("",))[0] == "flag"


def _shift(plan: Plan, k: int, n: int) -> float:
    """Return how far the k-th of n lines is moved aside, so that markers do not cover each other."""
    return 0.0 if plan.levers[0].is_numeric else SHIFT * (k - (n - 1) / 2)


def _response(axis: Any, plan: Plan, of_point: Mapping[int, list[float]], sample: Sample, shift: float,
              is_flag: bool) -> None:  # fmt: skip
    """Draw the median and bands of an outcome over the first lever; of a flag, its share of the replicates."""
    lever, colour = plan.levers[0], sample.colour
    at_place: dict[float, list[float]] = {}
    for p, found in of_point.items():
        at_place.setdefault(_place(plan, lever, plan.points[p][lever.name]), []).extend(filter(math.isfinite, found))
    places = sorted(place for place, found in at_place.items() if found)
    if not places:
        return
    at = np.array(places) + shift
    form = {"color": colour, "linewidth": 1.1, "markersize": 3, "marker": "o",
            "linestyle": sample.dashes if lever.is_numeric else ""}  # fmt: skip
    if is_flag:
        axis.plot(*_turned(plan, at, [np.mean(at_place[place]) for place in places]), **form)
        return
    few = min(len(at_place[place]) for place in places) < FEW
    edges = [quantile_bands(np.array(at_place[place])[:, None]) for place in places]
    for band in range(1 if few else len(edges[0])):
        low, high = np.array([each[band][:2] for each in edges]).reshape(-1, 2).T
        opacity = edges[0][band][2]
        if lever.is_numeric and len(places) > 1:
            axis.fill_between(at, low, high, color=colour, alpha=opacity, linewidth=0)
        else:
            (axis.hlines if is_lying(plan) else axis.vlines)(
                at, low, high, color=colour, alpha=min(1.0, 2 * opacity), linewidth=4)  # fmt: skip
    axis.plot(*_turned(plan, at, [np.median(at_place[place]) for place in places]), **form)


def _turned(plan: Plan, at: Any, values: Any) -> tuple[Any, Any]:
    """Return places of the first lever and values of an outcome as a panel has them: to the right, and up."""
    return (values, at) if is_lying(plan) else (at, values)


def _labelled(axes: Sequence[Any], names: Sequence[str], flat: Mapping[str, str]) -> set[str]:
    """Return the outcomes whose panels are the first of their row in which something is drawn."""
    first: dict[int, str] = {}
    for axis, name in zip(axes, names, strict=True):
        if name not in flat:
            first.setdefault(axis.get_subplotspec().rowspan.start, name)
    return set(first.values())


def _place(plan: Plan, lever: Lever, value: Any) -> float:
    """Return the place on the axis to which a value belongs: its own, or the middle of its bin of a sample."""
    if is_gridded(plan) or not lever.is_numeric or not isinstance(value, float):
        return place_of(plan, lever, value)
    low, high = lever.bounds
    k = min(int((value - low) / (high - low) * BINS), BINS - 1) if high > low else 0
    return low + (k + 0.5) * (high - low) / BINS


# --- paired differences


def effects_figure(folder: Path, plan: Plan, values: Values, effects: Sequence[Effect]) -> Sheet | None:
    """Draw the difference to the baseline with its interval; hollow where no sign is shown. None without any."""
    names = [name for name in shown_outcomes(plan, values) if shown_effects(effects, name)][:MOST_PANELS]
    if not names or not has_pairs(plan):
        return None
    groups = line_groups(plan)
    legend = _legend(plan, groups)
    flat = {name: words for name in names if (words := nothing(plan, effects, name))}
    notes = [effects_note(plan, effects), stands_on(plan, values)]
    figure, axes = framed(plan.experiment.title, len(names), notes, legend if len(groups) > 1 else (),
                          _heading(plan, groups), height=panel_height(plan))  # fmt: skip
    labelled = _labelled(axes, names, flat)
    for axis, name in zip(axes, names, strict=True):
        if name in flat:
            told_in_panel(axis, outcome_label(name), flat[name])
            continue
        own = shown_effects(effects, name)
        (axis.axvline if is_lying(plan) else axis.axhline)(0.0, color=GREY, linewidth=0.6)
        for k, (points, sample) in enumerate(zip(groups.values(), legend, strict=True)):
            _differences(axis, plan, own, points, sample, _shift(plan, k, len(groups)))
        lever_axis(axis, plan, name in labelled)
        outcome_axis(axis, f"difference in\n{outcome_label(name)}", is_lying(plan))
    rows = [{"outcome": e.outcome, **lever_values(plan, e.point), "n": e.n, "baseline": e.baseline,
             "difference": e.difference, "low": e.low, "high": e.high, "sign": e.sign}
            for e in effects if e.outcome in names]  # fmt: skip
    said = [f"{outcome.replace('_', ' ')}: {words}" for outcome, words in flat.items()]
    return Sheet(figure, as_columns(rows), question_of(plan), " ".join([notes[0] + ".", *said, notes[1] + "."]))


def effects_note(plan: Plan, effects: Sequence[Effect], mark: str = "hollow") -> str:
    """Say what is compared, with how many replicates, and how sure it is; `mark` is how no sign looks."""
    assert plan.baseline is not None
    origin = ", ".join(f"{lever_name(plan, name)} {value_name(value)}"
                       for name, value in plan.points[plan.baseline].items())  # fmt: skip
    kind = "Mean paired difference, same luck" if plan.settings.common_luck else "Difference of means"
    counts = {effect.n for effect in effects}
    fewer = f"{replicates(effects)}; " if len(counts) > 1 else ""
    return (f"{fewer}{kind}; {HOLDS}; {mark}: no sign is shown ({signs_note(effects)}). "
            f"Baseline: {origin}")  # fmt: skip


def _differences(axis: Any, plan: Plan, own: Mapping[int, Effect], points: Sequence[int], sample: Sample,
                 shift: float) -> None:  # fmt: skip
    lever, colour = plan.levers[0], sample.colour
    rows = [(place_of(plan, lever, plan.points[p][lever.name]) + shift, own[p]) for p in points if p in own]
    origin = None
    if plan.baseline in points:
        origin = place_of(plan, lever, plan.points[plan.baseline][lever.name]) + shift  # type: ignore[index]
        axis.plot(*_turned(plan, [origin], [0.0]), "D", color=colour, markersize=3.5)
    if not rows:
        return
    rows.sort(key=lambda row: row[0])
    at, difference = [row[0] for row in rows], [row[1].difference for row in rows]
    lines = axis.hlines if is_lying(plan) else axis.vlines
    lines(at, [row[1].low for row in rows], [row[1].high for row in rows], color=colour, linewidth=1.0)
    if lever.is_numeric:
        line = sorted([*zip(at, difference, strict=True), *([(origin, 0.0)] if origin is not None else [])])
        axis.plot(*zip(*line, strict=True), color=colour, linestyle=sample.dashes, linewidth=0.7, alpha=0.6)
    faces = [colour if row[1].sign else "white" for row in rows]
    axis.scatter(*_turned(plan, at, difference), s=14, c=faces, edgecolors=colour, linewidths=0.9, zorder=3)


# --- elasticities


def elasticity_figure(folder: Path, plan: Plan, values: Values, effects: Sequence[Effect]) -> Sheet:
    """Draw the backlash elasticity by lag in days, from runs with one night's violence a tenth up and down."""
    pairs = dict(plan.experiment.figure.get("pairs", {}))
    peaks = drawn_curves(folder, "hour", "protesting", False, sorted(values))
    notes = [f"Line: median; bands: {bands_of(plan)} (luck only); each a pair with the same luck.",
             stands_on(plan, values)]  # fmt: skip
    legend = [Sample(name, named(k)) for k, name in enumerate(pairs)]
    figure, axes = framed(plan.experiment.title, 1, notes, legend, "violence of:", height=3.0)
    rows: list[dict[str, Any]] = []
    for sample, (name, pair) in zip(legend, pairs.items(), strict=True):
        lags = elasticities(plan, peaks, plan.levers[0], pair)
        if lags is not None:
            rows += _lags(axes[0], lags, sample.colour, name)
    axes[0].axhline(0.0, color=GREY, linewidth=0.6)
    axes[0].set_xlabel("days after the night", fontsize=LABEL)
    axes[0].set_ylabel("elasticity of the day's turnout\nto the night's violence", fontsize=LABEL)
    return Sheet(figure, as_columns(rows), question_of(plan), f"{notes[0]} {notes[1]}.")


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


def _lags(axis: Any, lags: np.ndarray, colour: str, text: str) -> list[dict[str, Any]]:
    """Draw the elasticities of one night; return them as rows of the table."""
    at = np.arange(1, lags.shape[1] + 1)
    known = np.isfinite(lags).any(axis=0)
    at, lags = at[known], lags[:, known]
    if not at.size:
        return []
    for low, high, opacity in quantile_bands(lags):
        axis.fill_between(at, low, high, color=colour, alpha=opacity, linewidth=0)
    axis.plot(at, np.nanmedian(lags, axis=0), "-o", color=colour, linewidth=1.1, markersize=3)
    ends = np.nanquantile(lags, ENDS, axis=0).T.tolist()
    return [{"violence_of": text, "days_after": int(day), **{f"q{100 * e:02.0f}": v for e, v in zip(
        ENDS, found, strict=True)}} for day, found in zip(at, ends, strict=True)]  # fmt: skip
