"""Crowds of a sweep's replicates, a panel per city: the median by the hour, with the band of nine in ten seeds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np

from experiments.analysis.effects import Effect
from experiments.days import HOURS
from experiments.design.plan import Plan
from experiments.figures.axes import BANDS, Values, curve_label
from experiments.figures.colours import BLUE, GREY, NIGHT
from experiments.figures.run import FLOOR_PERSONS
from experiments.printing.hours import month_name
from experiments.store.chunks import read_curves

WIDTH, LEAD, PANEL, COLUMNS = 7.0, 2.3, 1.2, 4  # inches; panels beside each other under the capital's
LABEL = 7


def cities_figure(folder: Path, plan: Plan, values: Values, effects: Sequence[Effect]) -> Any:
    """Draw a curve of every city over the replicates of the first point, the capital on top; None without cities."""
    if not hasattr(plan.parameters, "scenario") or not values:
        return None
    name = next(iter(plan.experiment.figure.get("curves", ())), "protesting")
    runs = [run for run in sorted(values) if run < plan.replicates]
    table = read_curves(folder, ["hour", "city", name], runs)
    if not len(table):
        return None
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    cities = list(plan.parameters.scenario.cities)
    rows = math.ceil((len(cities) - 1) / COLUMNS)
    figure = Figure(figsize=(WIDTH, LEAD + PANEL * rows + 0.9), facecolor="white", layout="constrained")
    FigureCanvasAgg(figure)
    grid = figure.add_gridspec(1 + rows, COLUMNS, height_ratios=[LEAD, *[PANEL] * rows])
    places = [grid[0, :], *(grid[1 + k // COLUMNS, k % COLUMNS] for k in range(len(cities) - 1))]
    axes = [figure.add_subplot(place) for place in places]
    for axis, city in zip(axes, cities, strict=True):
        _draw_city(axis, plan, city_block(table, city, name), city)
    _share_scale(axes)
    axes[0].set_ylabel(f"{curve_label(name)[:-1]}, log scale)", fontsize=LABEL)
    for k, axis in enumerate(axes[1:]):
        axis.tick_params(axis="y", labelleft=k % COLUMNS == 0, which="both")
    _draw_events(axes[0], plan)
    figure.suptitle(plan.experiment.title, x=0.01, ha="left", fontsize=10)
    note = (f"{len(runs)} runs with seeds of their own: line: median, bands: 50 and 90 % of runs (luck alone). "
            f"Grey: nights, 18:00-06:00. Below {FLOOR_PERSONS:.0f} persons nothing is drawn.")  # fmt: skip
    figure.supxlabel("\n".join(_lines(note, 120)), x=0.01, ha="left", fontsize=6.5, color=GREY)
    return figure


def city_block(table: Any, city: str, name: str) -> np.ndarray:
    """Return a curve of one city, a row for each run, float64 (n_runs, hours)."""
    own = np.flatnonzero(np.asarray(table["city"].to_pylist()) == city)
    found = table.take(own)
    n_runs = len(set(found["run_id"].to_pylist()))
    order = np.lexsort((found["hour"].to_numpy(), found["run_id"].to_numpy()))
    return np.nan_to_num(found[name].to_numpy(zero_copy_only=False)[order]).reshape(n_runs, -1)


def _draw_city(axis: Any, plan: Plan, block: np.ndarray, city: str) -> None:
    hours = block.shape[1]
    for evening in range(-6, hours, HOURS):
        axis.axvspan(max(0, evening), min(evening + 12, hours), color=NIGHT, linewidth=0, zorder=0)
    at, shown = np.arange(hours + 1), np.maximum(block, FLOOR_PERSONS / 10)
    for low, high, opacity in BANDS:
        edges = (np.append(edge, edge[-1]) for edge in np.quantile(shown, [low, high], axis=0))
        axis.fill_between(at, *edges, step="post", color=BLUE, alpha=opacity, linewidth=0)
    middle = np.median(shown, axis=0)
    axis.step(at, np.append(middle, middle[-1]), where="post", color=BLUE, linewidth=1.0)
    axis.set_title(city, fontsize=LABEL + 1, loc="left", fontweight="bold")
    _name_days(axis, plan, hours)


def _name_days(axis: Any, plan: Plan, hours: int) -> None:
    days = range(0, hours, HOURS)
    dates = [plan.parameters.scenario.start + timedelta(hours=hour) for hour in days]
    step = math.ceil(len(days) / (8 if axis.get_subplotspec().colspan == range(COLUMNS) else 4))
    texts = [f"{date.day}" + (f"\n{month_name(date)}" if k == 0 else "") if k % step == 0 else ""
             for k, date in enumerate(dates)]  # fmt: skip
    axis.set_xticks([hour + HOURS / 2 for hour in days], texts, fontsize=LABEL - 1)
    axis.set_xlim(0, hours)
    axis.tick_params(axis="x", length=0)
    axis.tick_params(axis="y", labelsize=LABEL - 1)
    axis.spines[["top", "right"]].set_visible(False)


def _share_scale(axes: Sequence[Any]) -> None:
    """Give all panels one scale, so that cities can be compared."""
    highest = max(axis.get_ylim()[1] for axis in axes)
    for axis in axes:
        axis.set_yscale("log", nonpositive="clip")
        axis.set_ylim(FLOOR_PERSONS, 8.0 * highest)  # room for the names of events
        axis.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")


def _draw_events(axis: Any, plan: Plan) -> None:
    """Name what the experiment's file names, `figure.events`: hour and words, above the capital's panel."""
    for hour, words in dict(plan.experiment.figure.get("events", {})).items():
        axis.axvline(int(hour), color=GREY, linewidth=0.5, linestyle=(0, (1, 1.5)))
        frame = axis.get_xaxis_transform()
        is_late = int(hour) > 0.9 * axis.get_xlim()[1]
        axis.text(int(hour) + (-1 if is_late else 1), 0.98, str(words), transform=frame, fontsize=6, va="top",
                  ha="right" if is_late else "left", color=GREY)  # fmt: skip


def _lines(text: str, width: int) -> list[str]:
    import textwrap

    return textwrap.wrap(text, width)
