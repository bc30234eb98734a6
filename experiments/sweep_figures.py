"""Figures of a sweep: mobilization curves, response curves, phase maps, break-even lines, elasticities.

All of them show medians with 50 and 90 % bands over replicates, in the outcome's unit, and say how many replicates
there are. Bands show luck alone: people, days and cities drawn anew; they do not show what is unknown of parameters.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from experiments.chunks import read_chunks, read_curves
from experiments.effects import Effect, values_by_point
from experiments.figures import BLACK, BLUE, FLOOR_PERSONS, GREEN, GREY, VERMILION
from experiments.finish import changed_levers, shown_outcomes
from experiments.levers import Lever, cell
from experiments.outcomes import CLASSES, OUTCOMES, daily_peaks, elasticity
from experiments.plan import Plan
from experiments.sweep_folder import FIGURES_FOLDER

COLOURS = (BLUE, VERMILION, GREEN, "#CC79A7", "#E69F00", "#56B4E9", BLACK)
BANDS = ((0.05, 0.95, 0.15), (0.25, 0.75, 0.3))  # quantiles, opacity
MOST_LINES, MOST_PANELS, BINS, DPI = 6, 6, 10, 150
FEW = 5  # replicates below which no band is drawn but their range

Values = Mapping[int, Mapping[str, Any]]


def draw_all(folder: Path, plan: Plan, values: Values, effects: Sequence[Effect]) -> None:
    """Draw the figures that the experiment asks for, and always the mobilization curves."""
    (folder / FIGURES_FOLDER).mkdir(exist_ok=True)
    drawn = {"curves": curves_figure(folder, plan, values)}
    kind = str(plan.experiment.figure.get("kind"))
    if kind in DRAWN and values:
        drawn[kind] = DRAWN[kind](folder, plan, values, effects)
    for name, figure in drawn.items():
        if figure is not None:
            _save(figure, folder / FIGURES_FOLDER / f"{name}.png")


def _save(figure: Any, path: Path) -> None:
    hidden = path.with_name(f".{path.name}.tmp")
    figure.savefig(hidden, dpi=DPI, format="png", metadata={"Software": "ploshcha"})
    hidden.rename(path)


def _figure(width: float, height: float, title: str, note: str) -> Any:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), facecolor="white", layout="constrained")
    FigureCanvasAgg(figure)
    figure.suptitle(title, x=0.01, ha="left", fontsize=10)
    figure.supxlabel(note, x=0.01, ha="left", fontsize=6.5, color=GREY)
    return figure


def _grid(n: int, plan: Plan, note: str, width: float = 3.4, height: float = 2.6) -> tuple[Any, list[Any]]:
    """Return a figure with n panels, and the panels."""
    columns = min(n, 2 if n <= 4 else 3)
    rows = math.ceil(n / columns)
    figure = _figure(width * columns, height * rows + 0.7, plan.experiment.title, note)
    axes = figure.subplots(rows, columns, squeeze=False).ravel()
    for axis in axes[n:]:
        axis.set_axis_off()
    for axis in axes:
        axis.tick_params(labelsize=7)
        axis.spines[["top", "right"]].set_visible(False)
    return figure, list(axes[:n])


def n_note(plan: Plan, values: Values) -> str:
    """Say how many runs a figure stands on."""
    state = "" if len(values) == plan.n_runs else f" ({len(values)} of {plan.n_runs} runs so far)"
    return f"n = {plan.replicates} replicates a point{state}; line: median, bands: 50 and 90 % of replicates"


def label(name: str) -> str:
    """Return the axis label of an outcome."""
    unit, _ = OUTCOMES.get(name, ("", ""))
    return name.replace("_", " ") + (f" ({unit})" if unit and unit != "1" else "")


def lever_label(name: str) -> str:
    """Return what a lever is called in figures."""
    return name.replace("_", " ")


def written(value: Any) -> str:
    """Return a lever's value as it stands in a legend."""
    return f"{value:g}" if isinstance(value, float) else str(value)


# --- mobilization curves


def curves_figure(folder: Path, plan: Plan, values: Values) -> Any:
    """Draw persons by hour, a colour for each value of the first lever, the other levers at the baseline."""
    groups = _line_groups(plan)
    table_columns = _columns(folder)
    names = [n for n in plan.experiment.figure.get("curves", ("protesting", "rallying")) if n in table_columns]
    names = names or table_columns[1:3]
    time = "hour" if "hour" in table_columns else "step"
    names = [name for name in names if name not in ("hour", "step", "city")]
    if not names:
        return None
    runs = [run for points in groups.values() for p in points for run in _runs(plan, p) if run in values]
    table = read_curves(folder, [time, *names], runs)
    if not table.num_rows:
        return None
    figure, axes = _grid(len(names), plan, n_note(plan, values), width=5.0)
    for axis, name in zip(axes, names, strict=True):
        curves = summed(table, time, name)
        for colour, (value, points) in zip(COLOURS, groups.items(), strict=False):
            rows = [curves[run] for p in points for run in _runs(plan, p) if run in curves]
            _band(axis, rows, colour, value)
        axis.set_ylabel(f"{name.replace('_', ' ')} (persons)" if time == "hour" else name.replace("_", " "), fontsize=8)
        _time_axis(axis, plan, time)
    axes[0].legend(title=lever_label(plan.levers[0].name), title_fontsize=7, fontsize=7, frameon=False)
    return figure


def _columns(folder: Path) -> list[str]:
    """Return the columns of the curves after run_id."""
    import pyarrow.parquet as pq

    for chunk in read_chunks(folder):
        if chunk.outcomes:
            return [name for name in pq.read_schema(chunk.path).names if name != "run_id"]
    return []


def _line_groups(plan: Plan) -> dict[str, list[int]]:
    """Return the points of each line: those that share the first lever's value, the others at the baseline's."""
    first = plan.levers[0]
    if first.is_range or plan.method not in ("grid", "list"):
        return _terciles(plan, first) if first.is_numeric else {"all": list(range(len(plan.points)))}
    groups: dict[str, list[int]] = {}
    for point in range(len(plan.points)):
        if plan.baseline is None or set(changed_levers(plan, point)) <= {first.name}:
            groups.setdefault(written(cell(plan.points[point][first.name])), []).append(point)
    if len(groups) > MOST_LINES:
        kept = np.unique(np.linspace(0, len(groups) - 1, MOST_LINES).round().astype(int))
        groups = {list(groups)[k]: groups[list(groups)[k]] for k in kept}
    return groups


def _terciles(plan: Plan, lever: Lever) -> dict[str, list[int]]:
    """Return the points in three bins of a lever's range."""
    low, high = lever.bounds
    groups: dict[str, list[int]] = {}
    for k in range(3):
        left, right = low + k * (high - low) / 3, low + (k + 1) * (high - low) / 3
        points = [p for p, point in enumerate(plan.points) if left <= point[lever.name] <= right]
        groups[f"{left:.3g} to {right:.3g}"] = points
    return groups


def _runs(plan: Plan, point: int) -> range:
    return range(point * plan.replicates, (point + 1) * plan.replicates)


def summed(table: Any, time: str, name: str) -> dict[int, np.ndarray]:
    """Return a curve of each run, summed over the cities, from a table in the order of the runs."""
    run, hour = table["run_id"].to_numpy(), table[time].to_numpy()
    value = np.nan_to_num(table[name].to_numpy(zero_copy_only=False))
    starts = np.flatnonzero(np.r_[True, run[1:] != run[:-1]])
    ends = np.r_[starts[1:], len(run)]
    return {int(run[a]): np.bincount(hour[a:b], weights=value[a:b]) for a, b in zip(starts, ends, strict=True)}


def _band(axis: Any, rows: Sequence[np.ndarray], colour: str, text: str) -> None:
    """Draw the median and the bands of curves; of curves of different length, as far as all reach."""
    if not rows:
        return
    length = min(map(len, rows))
    block = np.array([row[:length] for row in rows])
    at = np.arange(length)
    block = np.maximum(block, 0.1)  # of the log scale; below its floor
    for low, high, opacity in BANDS if len(rows) >= FEW else ((0.0, 1.0, 0.15),):
        edges = np.quantile(block, [low, high], axis=0)
        axis.fill_between(at, *edges, color=colour, alpha=opacity, linewidth=0)
    axis.plot(at, np.median(block, axis=0), color=colour, linewidth=1.1, label=text)


def _time_axis(axis: Any, plan: Plan, time: str) -> None:
    """Name days instead of hours; persons on a log scale, as in the figure of a run."""
    if time == "hour" and axis.get_ylim()[1] > 100 * FLOOR_PERSONS:
        axis.set_yscale("log")
        axis.set_ylim(FLOOR_PERSONS, 1.5 * axis.get_ylim()[1])
    else:
        axis.set_ylim(bottom=0)
    if time != "hour":
        axis.set_xlabel("step", fontsize=8)
        return
    from datetime import timedelta

    from experiments.table import month_name

    hours = int(axis.get_xlim()[1])
    days = range(0, hours, 24 * max(1, math.ceil(hours / 24 / 8)))
    start = plan.parameters.scenario.start
    dates = [start + timedelta(hours=h) for h in days]
    axis.set_xticks(list(days), [f"{d.day} {month_name(d)}" for d in dates], fontsize=7)
    axis.set_xlim(0, hours)


# --- response curves


def response_figure(folder: Path, plan: Plan, values: Values, effects: Sequence[Effect]) -> Any:
    """Draw each outcome over the first lever, a colour for each value of the second (up to six)."""
    names = shown_outcomes(plan, values)[:MOST_PANELS]
    figure, axes = _grid(len(names), plan, n_note(plan, values))
    found = values_by_point(values, plan.replicates, names)
    for axis, name in zip(axes, names, strict=True):
        for colour, (text, points) in zip(COLOURS, _second_groups(plan).items(), strict=False):

            def values_of(p: int, name: str = name) -> list[float]:
                return list(found.get((p, name), {}).values())

            _response(axis, plan, points, values_of, colour, text)
        axis.set_ylabel(label(name), fontsize=7.5)
        axis.set_xlabel(lever_label(plan.levers[0].name), fontsize=7.5)
        if axis.get_ylim()[1] > 100:
            axis.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    if len(_second_groups(plan)) > 1:
        axes[0].legend(title=lever_label(plan.levers[1].name), title_fontsize=7, fontsize=7, frameon=False)
    return figure


def _second_groups(plan: Plan) -> dict[str, list[int]]:
    """Return the points of each line of a response: those that share the second lever's value."""
    everything = {"": list(range(len(plan.points)))}
    if len(plan.levers) < 2 or plan.method not in ("grid", "list") or plan.levers[1].is_range:
        return everything
    first, second = plan.levers[:2]
    groups: dict[str, list[int]] = {}
    for point in range(len(plan.points)):
        if plan.baseline is None or set(changed_levers(plan, point)) <= {first.name, second.name}:
            groups.setdefault(written(cell(plan.points[point][second.name])), []).append(point)
    return groups if len(groups) <= MOST_LINES else everything


def _response(
    axis: Any, plan: Plan, points: Sequence[int], of: Callable[[int], list[float]], colour: str, text: str
) -> None:
    """Draw the median and bands of an outcome over the first lever; a sample of a range is put into bins."""
    lever = plan.levers[0]
    bins: dict[Any, list[float]] = {}
    for p in points:
        bins.setdefault(_bin(plan, lever, plan.points[p][lever.name]), []).extend(x for x in of(p) if math.isfinite(x))
    bins = {place: found for place, found in bins.items() if found}
    if not bins:
        return
    places = sorted(bins) if lever.is_numeric else list(bins)
    at = places if lever.is_numeric else [_order(plan, lever).index(place) for place in places]
    for low, high, opacity in BANDS if min(map(len, bins.values())) >= FEW else ((0.0, 1.0, 0.15),):
        edges = np.array([np.quantile(bins[place], [low, high]) for place in places]).T
        if lever.is_numeric and len(places) > 1:
            axis.fill_between(at, *edges, color=colour, alpha=opacity, linewidth=0)
        else:
            axis.vlines(at, *edges, color=colour, alpha=min(1.0, 2 * opacity), linewidth=5)
    style = "-o" if lever.is_numeric else "o"
    axis.plot(
        at, [np.median(bins[place]) for place in places], style, color=colour, linewidth=1.1, markersize=3, label=text
    )
    if not lever.is_numeric:
        order = _order(plan, lever)
        axis.set_xticks(range(len(order)), order, rotation=30, ha="right", fontsize=6.5)


def _order(plan: Plan, lever: Lever) -> list[str]:
    """Return the values of a lever without numbers, in their own order."""
    return list(dict.fromkeys(str(cell(value)) for value in lever.levels(None)))


def _bin(plan: Plan, lever: Lever, value: Any) -> Any:
    """Return the place on the axis to which a value belongs: itself, or the middle of its bin."""
    if not lever.is_numeric:
        return str(cell(value))
    if plan.method in ("grid", "list") or not isinstance(value, float):
        return value
    low, high = lever.bounds
    k = min(int((value - low) / (high - low) * BINS), BINS - 1) if high > low else 0
    return low + (k + 0.5) * (high - low) / BINS


# --- maps of two levers


def map_figure(folder: Path, plan: Plan, values: Values, effects: Sequence[Effect]) -> Any:
    """Draw each outcome over two levers: medians as colours; of classes, the most frequent one and its share."""
    if len(plan.levers) < 2:
        return response_figure(folder, plan, values, effects)
    names = [name for name in plan.experiment.outcomes if any(name in found for found in values.values())][:MOST_PANELS]
    figure, axes = _grid(len(names), plan, f"n = {plan.replicates} replicates a point; medians, classes by majority")
    for axis, name in zip(axes, names, strict=True):
        if name == "outcome_class":
            _class_map(figure, axis, plan, values)
        else:
            found = values_by_point(values, plan.replicates, [name])
            there = [p for p in range(len(plan.points)) if (p, name) in found]
            medians = {p: float(np.nanmedian(list(found[p, name].values()))) for p in there}
            _colour_map(figure, axis, plan, medians, label(name))
    return figure


def _matrix(plan: Plan, of_point: Mapping[int, float]) -> tuple[list[Any], list[Any], np.ndarray]:
    """Return the values of two levers and a matrix over them, further levers at the baseline's."""
    first, second = plan.levers[:2]
    points = [p for p in of_point if plan.baseline is None or set(changed_levers(plan, p)) <= {first.name, second.name}]
    across = _sorted({cell(plan.points[p][first.name]) for p in points}, plan, first)
    up = _sorted({cell(plan.points[p][second.name]) for p in points}, plan, second)
    matrix = np.full((len(up), len(across)), np.nan)
    for p in points:
        x, y = (cell(plan.points[p][lever.name]) for lever in (first, second))
        matrix[up.index(y), across.index(x)] = of_point[p]
    return across, up, matrix


def _sorted(found: set[Any], plan: Plan, lever: Lever) -> list[Any]:
    if lever.is_numeric:
        return sorted(found)
    return [value for value in dict.fromkeys(cell(v) for v in lever.levels(None)) if value in found]


def _colour_map(figure: Any, axis: Any, plan: Plan, of_point: Mapping[int, float], title: str, **style: Any) -> Any:
    """Draw a matrix over two levers; returns values of both and the matrix."""
    across, up, matrix = _matrix(plan, of_point)
    image = axis.imshow(matrix, origin="lower", aspect="auto", **({"cmap": "cividis"} | style))
    axis.set_title(title, fontsize=7.5, loc="left")
    axis.set_xticks(range(len(across)), [written(v) for v in across], fontsize=6.5)
    axis.set_yticks(range(len(up)), [written(v) for v in up], fontsize=6.5)
    axis.set_xlabel(lever_label(plan.levers[0].name), fontsize=7)
    axis.set_ylabel(lever_label(plan.levers[1].name), fontsize=7)
    if "vmin" not in style or style.get("cmap") != "Set2":
        figure.colorbar(image, ax=axis).ax.tick_params(labelsize=6)
    return across, up, matrix


def _class_map(figure: Any, axis: Any, plan: Plan, values: Values) -> None:
    """Draw the most frequent outcome class at each point, and its share of the replicates."""
    by_point: dict[int, list[str]] = {}
    for run, found in values.items():
        by_point.setdefault(run // plan.replicates, []).append(found["outcome_class"])
    majority = {p: max(CLASSES, key=found.count) for p, found in by_point.items()}
    places = {p: float(CLASSES.index(name)) for p, name in majority.items()}
    _colour_map(figure, axis, plan, places, "outcome class (share of replicates)", cmap="Set2", vmin=0, vmax=7)
    shares = {p: found.count(majority[p]) / len(found) for p, found in by_point.items()}
    _, _, matrix = _matrix(plan, shares)
    _, _, codes = _matrix(plan, places)
    for (y, x), share in np.ndenumerate(matrix):
        if math.isfinite(share):
            axis.text(x, y, f"{CLASSES[int(codes[y, x])]}\n{share:.0%}", ha="center", va="center", fontsize=5)


def break_even_figure(folder: Path, plan: Plan, values: Values, effects: Sequence[Effect]) -> Any:
    """Draw the paired difference to the baseline over two levers; the line is where it changes sign.

    Dots mark points at which the 90 % interval holds 0: there, no sign is shown.
    """
    if len(plan.levers) < 2:
        return response_figure(folder, plan, values, effects)
    names = shown_outcomes(plan, values)[:MOST_PANELS]
    note = (f"n = {plan.replicates} replicates a point; mean paired difference to the baseline, same luck; black line: "
            "break-even; dots: the 90 % interval holds 0")  # fmt: skip
    figure, axes = _grid(len(names), plan, note)
    for axis, name in zip(axes, names, strict=True):
        own = {effect.point: effect for effect in effects if effect.outcome == name}
        differences = {point: effect.difference for point, effect in own.items()} | {plan.baseline or 0: 0.0}
        most = max((abs(d) for d in differences.values() if math.isfinite(d)), default=1.0) or 1.0
        across, up, matrix = _colour_map(figure, axis, plan, differences, f"difference in {label(name)}",
                                         cmap="PuOr", vmin=-most, vmax=most)  # fmt: skip
        if min(matrix.shape) > 1 and np.nanmin(matrix) < 0 < np.nanmax(matrix):
            axis.contour(np.nan_to_num(matrix), levels=[0.0], colors=BLACK, linewidths=1.2)
        for point, effect in own.items():
            if effect.sign == 0 and set(changed_levers(plan, point)) <= {lever.name for lever in plan.levers[:2]}:
                x, y = (cell(plan.points[point][lever.name]) for lever in plan.levers[:2])
                axis.plot(across.index(x), up.index(y), ".", color=BLACK, markersize=3)
    return figure


# --- elasticities


def elasticity_figure(folder: Path, plan: Plan, values: Values, effects: Sequence[Effect]) -> Any:
    """Draw the backlash elasticity by lag in days, from runs with one night's violence a tenth up and down."""
    figure = plan.experiment.figure
    lever, pairs = plan.levers[0], dict(figure.get("pairs", {}))
    table = read_curves(folder, ["hour", "protesting"], sorted(values))
    curves = summed(table, "hour", "protesting")
    note = "median, 50 and 90 % bands over replicates; each from a pair of runs with the same luck"
    panel, axes = _grid(1, plan, note, width=5.2)
    for colour, (name, pair) in zip(COLOURS, pairs.items(), strict=False):
        lags = elasticities(plan, curves, lever, pair)
        if lags is not None:
            _lags(axes[0], lags, colour, name)
    axes[0].axhline(0.0, color=GREY, linewidth=0.6)
    axes[0].set_xlabel("days after the night", fontsize=8)
    axes[0].set_ylabel("elasticity of the day's turnout\nto the night's violence", fontsize=8)
    axes[0].legend(fontsize=7, frameon=False)
    return panel


def elasticities(
    plan: Plan, curves: Mapping[int, np.ndarray], lever: Lever, pair: Mapping[str, Any]
) -> np.ndarray | None:
    """Return the elasticity of each replicate and day after `day`, shape (replicates, days); None without runs."""
    wanted = dict(pair.get("at", {}))
    points = [_point_at(plan, {**wanted, lever.name: pair[side]}) for side in ("more", "less")]
    if None in points:
        return None
    rows = []
    for replicate in range(plan.replicates):
        more, less = (point * plan.replicates + replicate for point in points)  # type: ignore[operator]
        if more in curves and less in curves:
            rows.append(elasticity(daily_peaks(curves[more]), daily_peaks(curves[less]))[int(pair["day"]) + 1 :])
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
    for low, high, opacity in BANDS if len(lags) >= FEW else ((0.0, 1.0, 0.15),):
        axis.fill_between(at, *np.nanquantile(lags, [low, high], axis=0), color=colour, alpha=opacity, linewidth=0)
    axis.plot(at, np.nanmedian(lags, axis=0), "-o", color=colour, linewidth=1.1, markersize=3, label=text)


DRAWN: dict[str, Callable[..., Any]] = {
    "response": response_figure, "map": map_figure, "break_even": break_even_figure, "elasticity": elasticity_figure,
}  # fmt: skip
