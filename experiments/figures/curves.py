"""Curves of a sweep by day: at the baseline, and how far each value of each lever is from it, under the same luck.

Persons by the hour go up and down with the clock; drawn is the fullest hour of each day, from 06:00 to 06:00, above
its date. Means are drawn by the hour. Without a baseline, or of a sample: the curves themselves.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from agents.vocabulary import CURVES
from experiments.analysis.effects import Effect, relative_change
from experiments.analysis.intervals import HOLDS, paired_interval, unpaired_interval
from experiments.days import HOURS, daily_peaks
from experiments.design.composing import settings_at
from experiments.design.levers import Lever
from experiments.design.plan import Plan
from experiments.figures.axes import (
    Values,
    bands_note,
    bands_of,
    curve_label,
    fitted,
    has_pairs,
    in_order,
    is_gridded,
    quantile_bands,
    question_of,
    runs_of,
    samples,
    stands_on,
    upright,
    with_separators,
)
from experiments.figures.colours import BLUE, GREY
from experiments.figures.frame import LABEL, SMALLEST, Sample, framed
from experiments.figures.run_panel import FLOOR_PERSONS
from experiments.figures.sheet import Sheet, as_columns
from experiments.printing.findings import lever_name, value_name
from experiments.printing.hours import month_name
from experiments.store.chunks import each_curves, read_chunks

MOST_LINES = 7
MOST_LEVERS = 2
LEAST = 0.01  # of the baseline's fullest day: no share is drawn of fewer
DODGE, SPREAD = 0.3, 0.8  # of a day: between the bars of values on days that stand alone, and all of them
FEWEST = 2  # replicates of an interval
DEFAULT = ("protesting", "rallying")
HEIGHT = 2.0  # of a panel, inches

Runs = Mapping[int, np.ndarray]  # what is drawn of a curve, by number of the run


@dataclass(frozen=True)
class Line:
    """Runs that are drawn together: the points of a lever's value, or of a part of its range."""

    lever: str
    text: str
    points: tuple[int, ...]
    sample: Sample


def curves_figure(folder: Path, plan: Plan, values: Values, effects: Sequence[Effect]) -> Sheet | None:
    """Draw how far curves are from the baseline's, by day, with intervals; None if there are none."""
    columns = _columns(folder)
    time = "hour" if "hour" in columns else "step"
    wanted = [name for name in plan.experiment.figure.get("curves", DEFAULT) if name in columns]
    names = wanted or [name for name in columns if name not in (time, "city")][:2]
    lines = [line for line in lines_of(plan) if any(run in values for p in line.points for run in runs_of(plan, p))]
    if not names or not lines:
        return None
    points = {p for line in lines for p in line.points}
    points |= {plan.baseline} if plan.baseline is not None and has_pairs(plan) else set()
    runs = [run for p in sorted(points) for run in runs_of(plan, p) if run in values]
    curves = {name: drawn_curves(folder, time, name, "adults" in columns, runs) for name in names}
    is_paired = plan.levers and plan.replicates >= FEWEST and has_pairs(plan)
    if is_paired and any(run in values for run in runs_of(plan, plan.baseline or 0)):
        return _differences(plan, values, lines, curves, time)
    return _levels(plan, values, lines, curves, time)


def lines_of(plan: Plan) -> list[Line]:
    """Return the lines: values of each of the first levers with all others at the baseline's, or parts of a range."""
    if not plan.levers:
        return [Line("seed", "all", tuple(range(len(plan.points))), Sample("all seeds", BLUE))]
    if not is_gridded(plan):
        lever = plan.levers[0]
        parts = _terciles(plan, lever)
        return [Line(lever.name, text, tuple(points), own) for (text, points), own in zip(
            parts.items(), samples(plan, lever, list(parts)), strict=True)]  # fmt: skip
    found = []
    for lever in plan.levers[:MOST_LEVERS]:
        groups = _thinned(_by_value(plan, lever))
        legend = samples(plan, lever, list(groups))
        found += [Line(lever.name, text, tuple(points), own)
                  for (text, points), own in zip(groups.items(), legend, strict=True)]  # fmt: skip
    return found


def _by_value(plan: Plan, lever: Lever) -> dict[str, list[int]]:
    """Return the points of each value of a lever, the others at the baseline's, which is left out; by value."""
    groups: dict[str, list[int]] = {}
    for point in in_order(plan, lever):
        if plan.baseline is None or plan.changed_levers(point) == [lever.name]:
            groups.setdefault(value_name(plan.points[point][lever.name]), []).append(point)
    return groups


def _without_difference(plan: Plan, same: Mapping[tuple[str, str], Sequence[str]]) -> list[str]:
    """Say which values of a lever make no difference in any replicate, and to which curves."""
    texts: dict[tuple[str, str], list[str]] = {}
    for (lever, text), names in same.items():
        texts.setdefault((lever, ", ".join(name.replace("_", " ") for name in names)), []).append(text)
    return [f"No difference in any replicate: {lever_name(plan, lever)} {', '.join(values)} ({names})."
            for (lever, names), values in texts.items()]  # fmt: skip


def _left_out(plan: Plan, levers: Sequence[str]) -> list[str]:
    """Say of which levers not all values are drawn."""
    counts = {lever.name: len(_by_value(plan, lever)) for lever in plan.levers if lever.name in levers}
    return [f"Drawn are {MOST_LINES} of {n} values of {lever_name(plan, name)}; all are in the table of effects."
            for name, n in counts.items() if n > MOST_LINES and is_gridded(plan)]  # fmt: skip


def _thinned(groups: Mapping[str, list[int]]) -> dict[str, list[int]]:
    """Return some of the values from all over the range."""
    names = list(groups)
    kept = sorted(set(np.linspace(0, len(names) - 1, min(MOST_LINES, len(names))).round().astype(int)))
    return {names[k]: groups[names[k]] for k in kept}


def _terciles(plan: Plan, lever: Lever) -> dict[str, list[int]]:
    """Return the points of a sample in three bins of a lever, or in one if it has no numbers."""
    if not lever.is_numeric:
        return {"all": list(range(len(plan.points)))}
    low, high = lever.bounds
    edges = np.linspace(low, high, 4)
    places = np.searchsorted(edges[1:-1], [point[lever.name] for point in plan.points], side="right")
    return {f"{edges[k]:.3g} to {edges[k + 1]:.3g}": np.flatnonzero(places == k).tolist() for k in range(3)}


# --- differences to the baseline


def _differences(plan: Plan, values: Values, lines: Sequence[Line], curves: Mapping[str, Runs], time: str) -> Sheet:
    levers = list(dict.fromkeys(line.lever for line in lines))
    kind = "paired differences under the same luck" if plan.settings.common_luck else "differences of means"
    rows: list[dict[str, Any]] = []
    same: dict[tuple[str, str], list[str]] = {}  # curves by lever and value
    drawn: dict[tuple[str, str], list[tuple[Line, np.ndarray]]] = {}
    shares = {name for name, of_run in curves.items() if is_by_day(name, time) and np.any(_base(plan, of_run))}
    for name, of_run in curves.items():
        for line in lines:
            found = difference(plan, of_run, line.points[0])
            if found is None:
                continue
            rows += list(_rows(name, line, found, time))
            if np.any(found[:3]):
                shown = 100 * np.where(_is_large(_base(plan, of_run))[: found.shape[1]], found[3:], np.nan)
                drawn.setdefault((name, line.lever), []).append((line, shown if name in shares else found[:3]))
            else:
                same.setdefault((line.lever, line.text), []).append(name)
    said = _left_out(plan, levers)
    said += _without_difference(plan, same)
    origin = ", ".join(f"{lever_name(plan, n)} {value_name(v)}" for n, v in plan.points[plan.baseline or 0].items())
    caption = (f"Left: at the baseline, median with {bands_of(plan)}. Right: {kind}, mean with its {HOLDS}"
               f"{_of_share(shares)}. {_what(curves, time)}Baseline: {origin}.")  # fmt: skip
    legend = [sample for lever in levers for sample in _legend(plan, lever, lines)]
    figure, axes = framed(plan.experiment.title, len(curves) * (1 + len(levers)),
                          [caption, *said, stands_on(plan, values)], legend, columns=1 + len(levers), height=HEIGHT,
                          sharex=True)  # fmt: skip
    for k, (name, of_run) in enumerate(curves.items()):
        first, *others = axes[k * (1 + len(levers)) : (k + 1) * (1 + len(levers))]
        hours = width_of(name, time)
        level = block(of_run, [run for run in runs_of(plan, plan.baseline or 0) if run in of_run])
        bands(first, level, hours, BLUE)
        _scale(first, name, time)
        _label(first, name, time, "at the baseline" if k == 0 else "")
        for axis, lever in zip(others, levers, strict=True):
            is_known = any(row["curve"] == name and row["lever"] == lever for row in rows)
            nothing = "no difference in any replicate" if is_known else "no pair of runs yet"
            _draw_differences(axis, drawn.get((name, lever), []), hours, nothing)
            told = "difference, % of the baseline" if name in shares else "difference"
            told += f", by {lever_name(plan, lever)}" if k == 0 else ""
            axis.set_title(fitted(axis, told), fontsize=LABEL, loc="left")
        _same_limits(others)
    for axis in axes:
        _time_axis(axis, plan, time, 1 + len(levers))
    return Sheet(figure, as_columns(rows), question_of(plan), " ".join([caption, *said, stands_on(plan, values) + "."]))


def difference(plan: Plan, of_run: Runs, point: int) -> np.ndarray | None:
    """Return the difference to the baseline at each place, and the same as a share of the baseline's mean.

    Returns
    -------
    ndarray, shape (6, places)
        Mean difference, low, high; then all three as shares, NaN where that mean is 0. None with fewer than two
        replicates.
    """
    assert plan.baseline is not None
    one = {run % plan.replicates: of_run[run] for run in runs_of(plan, point) if run in of_run}
    other = {run % plan.replicates: of_run[run] for run in runs_of(plan, plan.baseline) if run in of_run}
    is_paired = plan.settings.common_luck
    if is_paired:
        both = sorted(one.keys() & other.keys())
        first, second = ([rows[r] for r in both] for rows in (one, other))
    else:
        first, second = list(one.values()), list(other.values())
    if min(len(first), len(second)) < FEWEST:
        return None
    length = min(map(len, [*first, *second]))
    a, b = (np.array([row[:length] for row in rows]).T for rows in (first, second))
    ends = [paired_interval(x - y) if is_paired else unpaired_interval(x, y) for x, y in zip(a, b, strict=True)]
    shares = [relative_change(x, y, is_paired) for x, y in zip(a, b, strict=True)]
    return np.vstack([a.mean(axis=1) - b.mean(axis=1), *np.array(ends).T, *np.array(shares).T])


def _base(plan: Plan, of_run: Runs) -> np.ndarray:
    """Return the mean over replicates at the baseline."""
    mean: np.ndarray = block(of_run, [run for run in runs_of(plan, plan.baseline or 0) if run in of_run]).mean(axis=0)
    return mean


def _is_large(base: np.ndarray) -> np.ndarray:
    """Return where a share of the baseline says something: where it is no hundredth of its largest value."""
    found: np.ndarray = np.abs(base) >= LEAST * np.abs(base).max()
    return found


def _rows(name: str, line: Line, found: np.ndarray, time: str) -> Iterator[dict[str, Any]]:
    """Yield rows of the table of what is drawn."""
    hours = width_of(name, time)
    columns = ("difference", "low", "high", "share", "share_low", "share_high")
    for k, six in enumerate(found.T.tolist()):
        yield {"curve": name, "lever": line.lever, "value": line.text, "from_" + time: int(k * hours),
               **dict(zip(columns, six, strict=True))}  # fmt: skip


def _draw_differences(axis: Any, drawn: Sequence[tuple[Line, np.ndarray]], hours: float, nothing: str) -> None:
    axis.axhline(0.0, color=GREY, linewidth=0.6)
    if not drawn:
        axis.text(0.5, 0.55, nothing, transform=axis.transAxes, ha="center", fontsize=LABEL)
    for k, (line, (mean, low, high)) in enumerate(drawn):
        at = (np.arange(len(mean)) + 0.5) * hours
        colour, alone = line.sample.colour, _alone(mean)
        step = min(DODGE, SPREAD / len(drawn)) * hours
        aside = at[alone] + step * (k - (len(drawn) - 1) / 2)  # a line would not show them, nor a band
        axis.vlines(aside, low[alone], high[alone], color=colour, linewidth=1.1)
        axis.plot(aside, mean[alone], ".", color=colour, markersize=4)
        axis.fill_between(at, low, high, color=colour, alpha=0.18, linewidth=0)
        axis.plot(at, np.where(alone, np.nan, mean), color=colour, linestyle=line.sample.dashes, linewidth=1.1,
                  marker="." if hours > 1 and len(mean) < 15 else None, markersize=3)  # fmt: skip
    _separate(axis)


def _alone(values: np.ndarray) -> np.ndarray:
    """Return which places have a value and neighbours without, as the Mondays of weeks in which nothing else is on."""
    known = np.isfinite(values)
    beside = np.pad(known, 1)
    found: np.ndarray = known & ~beside[:-2] & ~beside[2:]
    return found


def _same_limits(axes: Sequence[Any]) -> None:
    low, high = min(axis.get_ylim()[0] for axis in axes), max(axis.get_ylim()[1] for axis in axes)
    for axis in axes:
        axis.set_ylim(low, high)


def _legend(plan: Plan, lever: str, lines: Sequence[Line]) -> list[Sample]:
    """Return the legend of a lever, its name before the first value."""
    found = [line.sample for line in lines if line.lever == lever]
    first = found[0]
    return [Sample(f"{lever_name(plan, lever)}: {first.text}", first.colour, first.dashes, begins=True), *found[1:]]


# --- the curves themselves


def _levels(plan: Plan, values: Values, lines: Sequence[Line], curves: Mapping[str, Runs], time: str) -> Sheet:
    rows: list[dict[str, Any]] = []
    lever = lines[0].lever
    lines = [line for line in lines if line.lever == lever]
    caption = f"{bands_note(plan)} {_what(curves, time)}".strip()
    figure, axes = framed(plan.experiment.title, len(curves), [caption, stands_on(plan, values)],
                          _legend(plan, lever, lines), height=HEIGHT + 0.3, sharex=True)  # fmt: skip
    for axis, (name, of_run) in zip(axes, curves.items(), strict=True):
        hours = width_of(name, time)
        for line in lines:
            runs = [run for p in line.points for run in runs_of(plan, p) if run in of_run]
            if runs:
                drawn = block(of_run, runs)
                bands(axis, drawn, hours, line.sample.colour, line.sample.dashes)
                quantiles = np.nanquantile(drawn, [0.05, 0.25, 0.5, 0.75, 0.95], axis=0).T.tolist()
                rows += [{"curve": name, "lever": lever, "value": line.text, "from_" + time: int(k * hours),
                          **dict(zip(("q05", "q25", "median", "q75", "q95"), found, strict=True))}
                         for k, found in enumerate(quantiles)]  # fmt: skip
        _scale(axis, name, time)
        _label(axis, name, time, "")
    for axis in axes:
        _time_axis(axis, plan, time, len(axes))
    return Sheet(figure, as_columns(rows), question_of(plan), f"{caption} {stands_on(plan, values)}.")


# --- both


def _of_share(shares: Collection[str]) -> str:
    return f"; no share is drawn of days below {100 * LEAST:.0f} % of the fullest" if shares else ""


def _what(curves: Mapping[str, Runs], time: str) -> str:
    has_days = any(is_by_day(name, time) for name in curves)
    return "Persons: fullest hour of each day, 06:00 to 06:00. " if has_days else ""


def _label(axis: Any, name: str, time: str, title: str) -> None:
    axis.set_ylabel(upright(axis, curve_label(name)), fontsize=LABEL)
    axis.set_title(title, fontsize=LABEL, loc="left")
    _separate(axis)


def _scale(axis: Any, name: str, time: str) -> None:
    """Persons on a log scale if they differ widely, as in the figure of a run; everything else from 0."""
    highest = axis.get_ylim()[1]
    if is_by_day(name, time) and highest > 100 * FLOOR_PERSONS:
        axis.set_yscale("log", nonpositive="clip")
        axis.set_ylim(FLOOR_PERSONS, 2.0 * highest)
    else:
        axis.set_ylim(bottom=0)


def _separate(axis: Any) -> None:
    if max(map(abs, axis.get_ylim())) > 100:
        axis.yaxis.set_major_formatter(with_separators)


def is_by_day(name: str, time: str) -> bool:
    """Whether the fullest hour of each day is drawn."""
    return time == "hour" and CURVES.get(name, ("persons",))[0] == "persons"


def width_of(name: str, time: str) -> float:
    """Return the hours, or steps, from one drawn place to the next."""
    return float(HOURS) if is_by_day(name, time) else 1.0


def _columns(folder: Path) -> list[str]:
    """Return the columns of the curves after run_id."""
    import pyarrow.parquet as pq

    for chunk in read_chunks(folder):
        if chunk.outcomes:
            return [name for name in pq.read_schema(chunk.path).names if name != "run_id"]
    return []


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


def block(of_run: Runs, runs: Sequence[int]) -> np.ndarray:
    """Return the curves of runs as rows, as far as all of them reach."""
    rows = [of_run[run] for run in runs]
    length = min(map(len, rows))
    return np.array([row[:length] for row in rows])


def bands(axis: Any, rows: np.ndarray, hours: float, colour: Any, dashes: Any = "-") -> None:
    """Draw the median over rows, and its bands."""
    at = (np.arange(rows.shape[1]) + 0.5) * hours
    for low, high, opacity in quantile_bands(rows):
        axis.fill_between(at, low, high, color=colour, alpha=opacity, linewidth=0)
    axis.plot(at, np.median(rows, axis=0), color=colour, linestyle=dashes, linewidth=1.0)


def _day_name(hour: int, starts: Collection[date]) -> str:
    """Return the date of an hour; its number where scenarios begin on different days."""
    if len(starts) > 1:
        return f"day {hour // HOURS + 1}"
    (day,) = (start + timedelta(hours=hour) for start in starts)
    return f"{day.day} {month_name(day)[:3]}"


def _time_axis(axis: Any, plan: Plan, time: str, columns: int) -> None:
    """Name days instead of hours."""
    if time != "hour":
        axis.set_xlabel("step", fontsize=SMALLEST)
        return
    models = plan.chosen()
    own = max(int(settings_at(plan.levers, point).get("hours") or 0) for point in plan.points)
    hours = own or max(int(parameters.hours) for parameters in models)
    step = max(1, math.ceil(hours / HOURS / {1: 8, 2: 6}.get(columns, 4)))
    days = range(0, hours, HOURS * step)
    starts = {parameters.scenario.start for parameters in models}
    axis.set_xticks([h + HOURS / 2 for h in days], [_day_name(h, starts) for h in days], fontsize=SMALLEST)
    axis.set_xlim(0, hours)
