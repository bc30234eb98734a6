"""The figure of a run: persons in each activity by hour, a panel for each city; of several, medians and bands.

Behind the curves stand the nights, the events and the targets. matplotlib is imported when the first figure
is drawn, and neither pyplot nor any global setting is touched: a notebook or a server stays as it was.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from experiments.analysis.targets import COUNT_SPREAD
from experiments.figures.colours import DARK, GREY, NIGHT, VERMILION
from experiments.figures.layout import (
    EDGE,
    FACTS_LINE,
    HEAD,
    KEY_LINE,
    LARGE,
    LEGEND_LINE,
    MARGIN,
    SMALL,
    WIDTH,
    Entry,
    KeyBox,
    key_lines,
    numbered_events,
    place_key,
    place_panels,
    text_width,
    wrap,
)
from experiments.figures.run_panel import (
    FLOOR_PERSONS,
    draw_bar,
    draw_panel,
    drawn_curves,
    drawn_targets,
    person_limits,
    rally_elsewhere,
    repression_periods,
)
from experiments.figures.sheet import Sheet
from experiments.figures.shown import Shown, shown_result

ELSEWHERE = "residents at a rally elsewhere"

NOTE_ON_CURVES = (
    f"Persons in each hour (steps), log scale; fewer than {FLOOR_PERSONS:.0f} are not drawn. "
    "Right-hand axes: the same as a share of the city's adults."
)
NOTE_ON_PEAKS = "Bar: target range of the highest hour within the tinted window, in the colour of its curve."
NOTE_ON_POINTS = f"A single published figure stands as a range of a factor {COUNT_SPREAD:.1f} either way."
NOTE_ON_SUMS = "Bar with a diamond: target range of all detained within the dotted hours, and the model's value."


def mobilization_sheet(result: Any, question: str = "") -> Sheet:
    """Return the figure of a run, or of several, with what it draws.

    Parameters
    ----------
    result : Result or Shown
        Of finished runs.
    question : str
        What was asked; by default who was where, hour by hour.
    """
    shown = shown_result(result)
    words = f"{shown.parameters.scenario.title}: how many were on the street, on strike, in custody, hour by hour?"
    return Sheet(mobilization_figure(shown), columns_of(shown), question or words, f"{facts(shown)} {notes(shown)}")


def mobilization_figure(result: Any) -> Any:
    """Return the figure as a `matplotlib.figure.Figure` that belongs to no window."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    shown = shown_result(result)
    entries = numbered_events(shown.events, shown.cities, shown.hours)
    head = HEAD + LEGEND_LINE * (_place_legend(shown)[1] - 1) + FACTS_LINE * (len(_fact_lines(shown)) - 1)
    panels, bottom = place_panels(entries, len(shown.cities), shown.hours, head)
    key, bottom = place_key(shown.start, entries, panels, bottom)
    figure = Figure(figsize=(WIDTH, bottom + 0.1 + KEY_LINE * (len(_foot_lines(shown)) + 0.5)), facecolor="white")
    FigureCanvasAgg(figure)
    limits = {True: person_limits(shown, [0]), False: person_limits(shown, range(1, len(shown.cities)))}
    for panel in panels:
        draw_panel(figure, shown, panel, limits[panel.is_lead])
    _draw_heading(figure, shown)
    _draw_legend(figure, shown, head)
    _draw_key(figure, shown, entries, key)
    _draw_foot(figure, shown, bottom)
    return figure


def columns_of(shown: Shown) -> dict[str, list[Any]]:
    """Return the table of what is drawn: a row for each hour and city; of several runs the quantiles over them."""
    n = len(shown.cities)
    columns: dict[str, list[Any]] = {"hour": np.repeat(np.arange(shown.hours), n).tolist(),
                                     "city": list(shown.cities) * shown.hours}  # fmt: skip
    for name in drawn_curves(shown):
        if shown.n_runs == 1:
            columns[name] = shown.middle(name).ravel().tolist()
        else:
            for quantile in (0.05, 0.25, 0.5, 0.75, 0.95):
                found = np.quantile(shown.curves[name], quantile, axis=0)
                columns[f"{name}_q{100 * quantile:02.0f}"] = found.ravel().tolist()
    return columns


def facts(shown: Shown) -> str:
    """Say in a few words which runs are shown."""
    parameters, n = shown.parameters, shown.n_runs
    runs = f"One run, seed {shown.seeds[0]}: no band." if n == 1 else (
        f"{n} runs, seeds {shown.seeds[0]}-{shown.seeds[-1]}: lines are the median of each hour, bands hold 50 and "
        "90 % of the runs (luck only).")  # fmt: skip
    people = f", {shown.n_agents:,} agents" if shown.n_agents else ""
    digits = f", settings {shown.digits}" if shown.digits else ""
    hours = f"{shown.hours} hours from {shown.start.isoformat()} 00:00"
    return (f"{parameters.scenario.name}, {hours}. {runs} "
            f"{parameters.persons_per_agent:,g} persons per agent{people}, engine {parameters.engine}{digits}.")


def _fact_lines(shown: Shown) -> list[str]:
    return wrap(facts(shown), WIDTH - 2 * EDGE, SMALL)


def _draw_heading(figure: Any, shown: Shown) -> None:
    height, title = figure.get_figheight(), shown.parameters.scenario.title
    size = min(LARGE, LARGE * (WIDTH - 2 * EDGE) / text_width(title, LARGE, "bold"))
    figure.text(EDGE / WIDTH, 1 - 0.15 / height, title, size=size, weight="bold", va="top")
    for k, line in enumerate(_fact_lines(shown)):
        figure.text(EDGE / WIDTH, 1 - (0.43 + FACTS_LINE * k) / height, line, size=SMALL, va="baseline", color=DARK)


def _place_legend(shown: Shown) -> tuple[list[tuple[Any, str, float, int]], int]:
    """Return (sample, label, left, row) of the legend, in rows under the heading, and the number of rows."""
    placed, x, row = [], EDGE, 0
    for sample, label in _legend_entries(shown):
        width = 0.3 + text_width(label, SMALL) + 0.15
        if x + width > WIDTH and x > EDGE:
            x, row = EDGE, row + 1
        placed.append((sample, label, x, row))
        x += width
    return placed, row + 1


def _draw_legend(figure: Any, shown: Shown, head: float) -> None:
    """Draw the legend in a bare axes measured in inches."""
    placed, rows = _place_legend(shown)
    axes = figure.add_axes((0, 1 - head / figure.get_figheight(), 1, head / figure.get_figheight()), label="legend",
                           frame_on=False)  # fmt: skip
    axes.set(xlim=(0, WIDTH), ylim=(head, 0), xticks=[], yticks=[])
    for sample, label, x, row in placed:
        y = head - 0.2 - LEGEND_LINE * (rows - 1 - row)
        sample(axes, x, y)
        axes.text(x + 0.3, y, label, size=SMALL, va="center_baseline")


def _legend_entries(result: Any) -> list[tuple[Any, str]]:
    """Return (function that draws a sample at x, y; label) for what this figure holds."""

    def line(colour: str, width: float, dashes: Any = "-") -> Any:
        return lambda axes, x, y: axes.plot((x, x + 0.24), (y, y), color=colour, linewidth=width, linestyle=dashes)

    def patch(colour: str, alpha: float, half: float) -> Any:
        return lambda axes, x, y: axes.fill_between(
            (x, x + 0.24), y - half, y + half, color=colour, alpha=alpha, linewidth=0
        )

    def bar(axes: Any, x: float, y: float) -> None:
        patch(GREY, 0.2, 0.055)(axes, x, y)
        draw_bar(axes, x + 0.12, y - 0.055, y + 0.055, GREY, 0.03)

    cities = range(len(result.cities))
    entries = [(line(colour, width), label) for colour, width, label in drawn_curves(result).values()]
    if any(rally_elsewhere(result, city).max() >= FLOOR_PERSONS for city in cities):
        entries.append((line(VERMILION, 1.0, (0, (1.2, 0.8))), ELSEWHERE))
    if any(drawn_targets(result, city) for city in result.cities):
        entries.append((bar, "target range in its window"))
    entries.append((patch(NIGHT, 1.0, 0.055), "night, 18:00-06:00"))
    if any(repression_periods(result, city) for city in result.cities):
        entries.append((patch("0.5", 1.0, 0.025), "repression (darker: higher)"))
    return entries


def _draw_key(figure: Any, result: Any, entries: list[Entry], key: KeyBox) -> None:
    height = figure.get_figheight()
    place = {"size": SMALL, "va": "baseline", "color": DARK}
    for x, top, number, lines in key_lines(result.start, entries, key):
        baselines = [1 - (top + KEY_LINE * (row + 0.8)) / height for row in range(len(lines))]
        figure.text((x + 0.13) / WIDTH, baselines[0], str(number), ha="right", weight="bold", **place)
        for baseline, line in zip(baselines, lines, strict=True):
            figure.text((x + 0.18) / WIDTH, baseline, line, **place)


def notes(shown: Shown) -> str:
    """Say what the figure holds."""
    targets = [target for city in shown.cities for target in drawn_targets(shown, city)]
    found = {
        NOTE_ON_CURVES: True,
        NOTE_ON_PEAKS: any(target.statistic == "peak" for target in targets),
        NOTE_ON_SUMS: any(target.statistic == "sum" for target in targets),
        NOTE_ON_POINTS: any(target.low == target.high for target in targets),
    }
    return " ".join(note for note, holds in found.items() if holds)


def _foot_lines(shown: Shown) -> list[str]:
    return wrap(notes(shown), WIDTH - MARGIN - EDGE, SMALL)


def _draw_foot(figure: Any, shown: Shown, bottom: float) -> None:
    height = figure.get_figheight()
    for k, line in enumerate(_foot_lines(shown)):
        depth = bottom + 0.1 + KEY_LINE * (k + 0.8)
        figure.text(MARGIN / WIDTH, 1 - depth / height, line, size=SMALL, va="baseline", color=GREY)
