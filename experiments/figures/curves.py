"""Mobilization curves of a sweep: a panel for each value of the first lever, a row for each curve.

Persons by the hour go up and down with the clock; drawn is the fullest hour of each day, from 06:00 to 06:00, above
its date. Means are drawn by the hour.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from agents.vocabulary import CURVES
from experiments.analysis.effects import Effect
from experiments.days import HOURS, daily_peaks
from experiments.design.plan import Plan, settings_at
from experiments.figures.axes import (
    Values,
    count_note,
    curve_label,
    is_gridded,
    lever_label,
    new_figure,
    quantile_bands,
    runs_of,
    shortened,
    with_separators,
    wrapped,
    written,
)
from experiments.figures.colours import BLUE, GREY
from experiments.figures.run import FLOOR_PERSONS
from experiments.printing.hours import month_name
from experiments.store.chunks import each_curves, read_chunks

MOST_COLUMNS = 8
WIDTH, HEIGHT = 2.1, 1.9  # of a panel, inches
DEFAULT = ("protesting", "rallying")


def curves_figure(folder: Path, plan: Plan, values: Values, effects: Sequence[Effect]) -> Any:
    """Draw curves by hour, median and bands, with the baseline's median in every panel; None if there are none."""
    columns = _columns(folder)
    time = "hour" if "hour" in columns else "step"
    wanted = [name for name in plan.experiment.figure.get("curves", DEFAULT) if name in columns]
    names = wanted or [name for name in columns if name not in (time, "city")][:2]
    groups = {text: [run for point in points for run in runs_of(plan, point) if run in values]
              for text, points in panel_groups(plan).items()}  # fmt: skip
    groups = {text: runs for text, runs in groups.items() if runs}
    if not names or not groups:
        return None
    runs = sum(groups.values(), [])
    curves = {name: drawn_curves(folder, time, name, "adults" in columns, runs) for name in names}
    return _draw(plan, values, groups, curves, time)


def _draw(
    plan: Plan, values: Values, groups: Mapping[str, list[int]], curves: Mapping[str, Mapping[int, np.ndarray]],
    time: str,
) -> Any:  # fmt: skip
    lever, origin = lever_label(plan, plan.levers[0]).replace("\n", " "), _origin(plan, groups)
    note = count_note(plan, values) + (f"; grey: median at the baseline, {origin}" if origin else "")
    figure, axes = new_figure(len(groups) * len(curves), plan, note, len(groups), WIDTH, HEIGHT, sharex=True,
                              sharey="row")  # fmt: skip
    for row, (name, of_run) in enumerate(curves.items()):
        panels = axes[row * len(groups) : (row + 1) * len(groups)]
        for axis, (text, runs) in zip(panels, groups.items(), strict=True):
            hours = float(HOURS) if is_by_day(name, time) else 1.0
            if origin and text != origin:
                median = np.median(_block(of_run, groups[origin]), axis=0)
                axis.plot((np.arange(len(median)) + 0.5) * hours, median, color=GREY, linewidth=0.8, zorder=3)
            _bands(axis, _block(of_run, runs), hours)
        _scale(panels, name, time)
        text = curve_label(name) + (", fullest hour of the day" if is_by_day(name, time) else "")
        panels[0].set_ylabel(wrapped(text, 26), fontsize=7)
    for axis, text in zip(axes, groups, strict=False):
        axis.set_title(wrapped(shortened(text), 28), fontsize=7)
    for axis in axes:
        _time_axis(axis, plan, time)
    figure.suptitle(f"{plan.experiment.title}\n{lever}:", x=0.01, ha="left", fontsize=9)
    return figure


def is_by_day(name: str, time: str) -> bool:
    """Whether the fullest hour of each day is drawn."""
    return time == "hour" and CURVES.get(name, ("persons",))[0] == "persons"


def _origin(plan: Plan, groups: Mapping[str, list[int]]) -> str | None:
    """Return the panel of the baseline, if others can be compared with it."""
    if plan.baseline is None or not is_gridded(plan) or len(groups) < 2:
        return None
    return next((text for text, runs in groups.items() if set(runs) & set(runs_of(plan, plan.baseline))), None)


def _columns(folder: Path) -> list[str]:
    """Return the columns of the curves after run_id."""
    import pyarrow.parquet as pq

    for chunk in read_chunks(folder):
        if chunk.outcomes:
            return [name for name in pq.read_schema(chunk.path).names if name != "run_id"]
    return []


def panel_groups(plan: Plan) -> dict[str, list[int]]:
    """Return the points of each panel: those that share the first lever's value, the others at the baseline's."""
    first = plan.levers[0]
    if not is_gridded(plan):
        return _terciles(plan)
    groups: dict[str, list[int]] = {}
    order = sorted(range(len(plan.points)), key=lambda p: plan.points[p][first.name] if first.is_numeric else 0)
    for point in order:
        if set(plan.changed_levers(point)) <= {first.name}:
            groups.setdefault(written(plan.points[point][first.name]), []).append(point)
    return groups if len(groups) <= MOST_COLUMNS else _thinned(plan, groups)


def _thinned(plan: Plan, groups: Mapping[str, list[int]]) -> dict[str, list[int]]:
    """Return some of the panels from all over the range, the baseline's among them."""
    names = list(groups)
    kept = set(np.linspace(0, len(names) - 1, MOST_COLUMNS).round().astype(int))
    origin = next((k for k, points in enumerate(groups.values()) if plan.baseline in points), None)
    if origin is not None and origin not in kept:
        kept.discard(min(kept - {0, len(names) - 1}, key=lambda k: abs(k - origin)))
        kept.add(origin)
    return {names[k]: groups[names[k]] for k in sorted(kept)}


def _terciles(plan: Plan) -> dict[str, list[int]]:
    """Return the points of a sample in three bins of the first lever, or in one if it has no numbers."""
    lever = plan.levers[0]
    if not lever.is_numeric:
        return {"all": list(range(len(plan.points)))}
    low, high = lever.bounds
    edges = np.linspace(low, high, 4)
    places = np.searchsorted(edges[1:-1], [point[lever.name] for point in plan.points], side="right")
    return {f"{edges[k]:.3g} to {edges[k + 1]:.3g}": np.flatnonzero(places == k).tolist() for k in range(3)}


def drawn_curves(folder: Path, time: str, name: str, has_adults: bool, runs: Sequence[int]) -> dict[int, np.ndarray]:
    """Return what is drawn of a curve for each run, read chunk by chunk: a sweep may be larger than the memory."""
    columns = list(dict.fromkeys([time, name, *(["adults"] if has_adults else [])]))
    found: dict[int, np.ndarray] = {}
    for table in each_curves(folder, columns, runs):
        curves = city_curves(table, time, name)
        found |= {run: daily_peaks(curve) for run, curve in curves.items()} if is_by_day(name, time) else curves
    return found


def city_curves(table: Any, time: str, name: str) -> dict[int, np.ndarray]:
    """Return a curve of each run over all cities: persons added up, means weighted by the cities' adults."""
    run, hour = table["run_id"].to_numpy(), table[time].to_numpy()
    value = np.nan_to_num(table[name].to_numpy(zero_copy_only=False))
    is_mean = CURVES.get(name, ("persons",))[0] != "persons"
    weight = table["adults"].to_numpy(zero_copy_only=False) if is_mean and "adults" in table.column_names else None
    starts = np.flatnonzero(np.r_[True, run[1:] != run[:-1]]) if len(run) else np.array([], int)
    found = {}
    for first, end in zip(starts, np.r_[starts[1:], len(run)], strict=True):
        at, values = hour[first:end], value[first:end]
        if weight is None:
            found[int(run[first])] = np.bincount(at, weights=values)
        else:
            adults = weight[first:end]
            found[int(run[first])] = np.bincount(at, weights=values * adults) / np.bincount(at, weights=adults)
    return found


def _block(of_run: Mapping[int, np.ndarray], runs: Sequence[int]) -> np.ndarray:
    """Return the curves of runs as rows, as far as all of them reach."""
    rows = [of_run[run] for run in runs]
    length = min(map(len, rows))
    return np.array([row[:length] for row in rows])


def _bands(axis: Any, block: np.ndarray, hours: float) -> None:
    at = (np.arange(block.shape[1]) + 0.5) * hours
    for low, high, opacity in quantile_bands(block):
        axis.fill_between(at, low, high, color=BLUE, alpha=opacity, linewidth=0)
    axis.plot(at, np.median(block, axis=0), color=BLUE, linewidth=0.9, marker="." if hours > 1 else None,
              markersize=2.5)  # fmt: skip


def _scale(panels: Sequence[Any], name: str, time: str) -> None:
    """Persons on a log scale if they differ widely, as in the figure of a run; everything else from 0."""
    highest = panels[0].get_ylim()[1]
    if is_by_day(name, time) and highest > 100 * FLOOR_PERSONS:
        panels[0].set_yscale("log", nonpositive="clip")
        panels[0].yaxis.set_major_formatter(with_separators)
        panels[0].set_ylim(FLOOR_PERSONS, 2.0 * highest)
    else:
        panels[0].set_ylim(bottom=0)


def _day_name(hour: int, starts: Collection[date]) -> str:
    """Return the date of an hour; its number where scenarios begin on different days."""
    if len(starts) > 1:
        return f"day {hour // HOURS + 1}"
    (day,) = (start + timedelta(hours=hour) for start in starts)
    return f"{day.day} {month_name(day)[:3]}"


def _time_axis(axis: Any, plan: Plan, time: str) -> None:
    """Name days instead of hours."""
    if time != "hour":
        axis.set_xlabel("step", fontsize=7)
        return
    models = plan.chosen()
    own = max(int(settings_at(plan.levers, point).get("hours") or 0) for point in plan.points)
    hours = own or max(int(parameters.hours) for parameters in models)
    step = max(1, math.ceil(hours / HOURS / 3))
    days = range(0, hours, HOURS * step)
    starts = {parameters.scenario.start for parameters in models}
    axis.set_xticks([h + HOURS / 2 for h in days], [_day_name(h, starts) for h in days], fontsize=6)
    axis.set_xlim(0, hours)
