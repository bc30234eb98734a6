"""The figure of a run: persons in each activity by hour, a panel for each city; of several, medians and bands.

Behind the curves stand the nights, the events and the targets. matplotlib is imported when the first figure
is drawn, and neither pyplot nor any global setting is touched: a notebook or a server stays as it was.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import numpy as np

from experiments.analysis.targets import COUNT_SPREAD, target_range
from experiments.figures.colours import BLACK, BLUE, DARK, GREEN, GREY, NIGHT, VERMILION
from experiments.figures.layout import (
    EDGE,
    FACTS_LINE,
    HEAD,
    KEY_LINE,
    LANE,
    LARGE,
    LEGEND_LINE,
    MARGIN,
    MEDIUM,
    SMALL,
    WIDTH,
    Entry,
    KeyBox,
    Panel,
    key_lines,
    numbered_events,
    place_key,
    place_panels,
    text_width,
    wrap,
)
from experiments.figures.sheet import Sheet
from experiments.figures.shown import HERE, HOME, Shown, shown_result
from experiments.printing.hours import hour_label, month_name

FLOOR_PERSONS = 10.0
"""Lower end of the person axes: fewer is below what the targets can tell from nobody."""

CURVES = {  # outcome: colour, line width, label
    "protesting": (BLUE, 1.5, "protesting"),
    "striking": (GREEN, 1.1, "striking"),
    HERE: (VERMILION, 1.3, "at a rally for the incumbent"),
    HOME: (VERMILION, 1.3, "at a rally for the incumbent, by home city"),
    "detained": (BLACK, 0.9, "detained (in custody)"),
}
BANDS = ((0.05, 0.95, 0.14), (0.25, 0.75, 0.28))  # over several runs: quantiles, opacity
PALER = 0.45  # bands in black, which would cover all others
PLATE = {"facecolor": "white", "edgecolor": "none", "pad": 0.6}  # behind a number, so that no line crosses it
DOTTED = (0, (1.2, 0.8))
ELSEWHERE = "residents at a rally elsewhere"
TARGETS = {(name, "peak"): style[0] for name, style in CURVES.items()} | {("detained_new", "sum"): BLACK}
"""The (outcome, statistic) of targets that can be seen against the curves, and their colours."""

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
        _draw_panel(figure, shown, panel, limits[panel.is_lead])
    _draw_heading(figure, shown)
    _draw_legend(figure, shown, head)
    _draw_key(figure, shown, entries, key)
    _draw_foot(figure, shown, bottom)
    return figure


def drawn_curves(shown: Shown) -> dict[str, tuple[str, float, str]]:
    """Return the style of each curve that is drawn, by outcome."""
    other = HOME if shown.rally == HERE else HERE
    return {name: style for name, style in CURVES.items() if name != other}


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


def drawn_targets(result: Any, city: str) -> list[Any]:
    """Return the targets of a city that its panel can show: of a drawn curve, in the hours of the run."""
    return [
        target
        for target in result.targets
        if target.city == city
        and (target.outcome, target.statistic) in TARGETS
        and (target.outcome != HERE or getattr(result, "rally", HERE) == HERE)
        and target.high > FLOOR_PERSONS
        and 0 <= target.hour_from < target.hour_to <= result.hours
    ]


def person_limits(result: Any, cities: Iterable[int]) -> tuple[float, float]:
    """Return the limits of the person axis that these cities share, with room for the repression strip."""
    highest, shown = 20 * FLOOR_PERSONS, shown_result(result)
    for city in cities:
        highest = max([highest, *(float(shown.curves[name][:, :, city].max()) for name in drawn_curves(shown))])
        highest = max([highest, *(target_range(t)[1] for t in drawn_targets(shown, shown.cities[city]))])
    return FLOOR_PERSONS, 2.2 * highest


def repression_periods(result: Any, city: str) -> list[tuple[int, int, float]]:
    """Return (from hour, to hour, level) of a city's periods with repression.

    Levels are shares of the scenario's highest, ]0, 1]. A row for `all` sets every city, as in the timeline.
    """
    rows = sorted((event for event in result.events if event.kind == "repression"), key=lambda event: event.hour)
    highest = max((event.intensity for event in rows), default=0.0)
    own = [event for event in rows if event.city in (city, "all")]
    ends = [*(event.hour for event in own), result.hours][1:]
    periods = [(max(0, row.hour), min(end, result.hours), row.intensity) for row, end in zip(own, ends, strict=True)]
    return [(begin, end, level / highest) for begin, end, level in periods if end > begin and level > 0]


def rally_elsewhere(shown: Shown, city: int) -> np.ndarray:
    """Return the residents who rally while there is no rally in their own city, shape (hours,)."""
    if shown.rally == HOME:
        return np.zeros(shown.hours)
    here = shown.middle(HERE)[:, city] >= FLOOR_PERSONS
    return np.where(here, 0.0, shown.middle(HOME)[:, city])


def _draw_panel(figure: Any, result: Shown, panel: Panel, limits: tuple[float, float]) -> None:
    height = figure.get_figheight()
    box = (
        panel.left / WIDTH,
        1 - (panel.top + panel.height) / height,
        panel.width / WIDTH,
        panel.height / height,
    )
    axes = figure.add_axes(box, label=result.cities[panel.city])
    axes.set(xlim=(0, result.hours), yscale="log", ylim=limits)
    _draw_background(axes, result, result.cities[panel.city])
    _draw_targets(axes, result, panel)
    _draw_curves(axes, result, panel)
    _draw_markers(axes, panel)
    _draw_time_axis(axes, result, panel)
    _draw_person_axis(axes, panel)
    _draw_share_axis(figure, box, limits, float(result.adults[panel.city]), panel)
    title_height = 1 + (0.05 + panel.lanes * LANE) / panel.height
    size = LARGE - 1 if panel.is_lead else MEDIUM + 0.6
    axes.text(0, title_height, result.cities[panel.city], transform=axes.transAxes, size=size, weight="bold")


def _draw_background(axes: Any, result: Any, city: str) -> None:
    """Shade the nights, 18:00-06:00, and mark repression by a strip under the upper edge."""
    for evening in range(-6, result.hours, 24):
        axes.axvspan(max(0, evening), min(evening + 12, result.hours), color=NIGHT, linewidth=0, zorder=0)
    for begin, end, level in repression_periods(result, city):
        axes.axvspan(begin, end, 0.965, 1.0, color=str(round(0.88 - 0.58 * level, 3)), linewidth=0, zorder=1.5)


def _draw_curves(axes: Any, shown: Shown, panel: Panel) -> None:
    """Draw steps, each as wide as the hour that it describes; of several runs the median, and bands behind it."""
    city, thinner = panel.city, 1.0 if panel.is_lead else 0.75
    if shown.n_runs > 1:
        thinner *= 0.7
        for name, (colour, _, _) in drawn_curves(shown).items():
            _draw_bands(axes, shown.curves[name][:, :, city], colour, PALER if name == "detained" else 1.0)
    curves: list[tuple[np.ndarray, str, float, Any]] = [
        (shown.middle(name)[:, city], colour, width, "-") for name, (colour, width, _) in drawn_curves(shown).items()
    ]
    curves.append((rally_elsewhere(shown, city), VERMILION, 1.0, DOTTED))
    for values, colour, width, dashes in curves:
        if values.max() >= FLOOR_PERSONS:
            edges = _edges(values)
            axes.step(
                np.arange(edges.size),
                edges,
                where="post",
                color=colour,
                linewidth=thinner * width,
                linestyle=dashes,
                zorder=3,
            )


def _edges(values: np.ndarray) -> np.ndarray:
    """Return the ends of steps; what is below the floor leaves through the lower edge."""
    shown = np.where(values >= FLOOR_PERSONS, values, FLOOR_PERSONS / 10)
    return np.append(shown, shown[-1])


def _draw_bands(axes: Any, rows: np.ndarray, colour: str, paler: float) -> None:
    """Draw the bands over runs, rows (n_runs, hours)."""
    if rows.max() < FLOOR_PERSONS:
        return
    for low, high, opacity in BANDS:
        edges = [_edges(np.quantile(rows, end, axis=0)) for end in (low, high)]
        style = {"color": colour, "alpha": paler * opacity, "linewidth": 0, "zorder": 2}
        axes.fill_between(np.arange(edges[0].size), *edges, step="post", **style)


def _draw_targets(axes: Any, result: Shown, panel: Panel) -> None:
    """Tint the window and range of each target, with a capped bar at one end of it; bars do not touch."""
    room = 0.1 * result.hours / panel.width  # hours that a bar with its caps takes
    taken: list[tuple[float, float, float]] = []
    for target in drawn_targets(result, result.cities[panel.city]):
        colour = TARGETS[target.outcome, target.statistic]
        low, high = (max(bound, FLOOR_PERSONS) for bound in target_range(target))
        place = _free_place(_ends(result, target), low, high, taken, room, result.hours - room / 2)
        taken.append((place, low, high))
        if target.statistic == "sum":
            _draw_sum(axes, result, target, place, colour)
        else:
            window = (target.hour_from, target.hour_to)
            axes.fill_between(window, low, high, color=colour, alpha=0.15, linewidth=0, zorder=1)
        _draw_bar(axes, place, low, high, colour, 0.35 * room)


def _ends(result: Shown, target: Any) -> list[float]:
    """Return where a target's bar may stand: the end of its window at which the curve is lower, then the other."""
    if target.statistic == "sum":
        return [(target.hour_from + target.hour_to) / 2]
    curve = result.middle(target.outcome)[:, result.cities.index(target.city)]
    is_rising = curve[target.hour_from] < curve[target.hour_to - 1]
    return [target.hour_from, target.hour_to] if is_rising else [target.hour_to, target.hour_from]


def _free_place(
    ends: list[float], low: float, high: float, taken: list[tuple[float, float, float]], room: float, last: float
) -> float:
    """Return the first of the ends, or the nearest place before the first, where no bar is in the way."""

    def is_free(place: float) -> bool:
        return all(abs(place - x) >= room or low > 1.3 * top or 1.3 * high < bottom for x, bottom, top in taken)

    places = [min(end, last) for end in ends]
    places += [places[0] - number * room for number in range(1, 1 + len(taken))]
    return next((place for place in places if is_free(place)), places[0])


def _draw_sum(axes: Any, result: Shown, target: Any, x: float, colour: str) -> None:
    """Draw what no curve shows: the model's sum as a diamond on the bar, the summed hours as a fine line."""
    value = max(float(np.median(result.target_values(target))), FLOOR_PERSONS)
    axes.hlines(value, target.hour_from, target.hour_to, color=colour, linewidth=0.5, linestyle=DOTTED, zorder=2)
    axes.plot(
        x, value, marker="D", markersize=4, clip_on=False, markerfacecolor=colour, markeredgecolor="white", zorder=5
    )


def _draw_bar(axes: Any, x: float, low: float, high: float, colour: str, half_cap: float) -> None:
    """Draw a vertical bar with caps, on a white edge so that curves do not hide it."""
    for width, shade in ((2.6, "white"), (1.2, colour)):
        axes.vlines(x, low, high, color=shade, linewidth=width, zorder=4)
    axes.hlines((low, high), x - half_cap, x + half_cap, color=colour, linewidth=1.2, zorder=4)


def _draw_markers(axes: Any, panel: Panel) -> None:
    """Number the events above the panel; a fine line leads each down through it."""
    frame = axes.get_xaxis_transform()
    for marker in panel.markers:
        base = 1 + (0.03 + marker.lane * LANE) / panel.height
        axes.plot(
            (marker.hour, marker.hour),
            (0, base),
            color=GREY,
            linewidth=0.4,
            linestyle=(0, (1, 1.5)),
            zorder=1.8,
            transform=frame,
            clip_on=False,
        )
        axes.text(
            marker.hour,
            base,
            str(marker.number),
            transform=frame,
            size=SMALL,
            ha="center",
            va="bottom",
            color=DARK,
            bbox=PLATE,
        )


def _draw_time_axis(axes: Any, result: Shown, panel: Panel) -> None:
    """Long ticks at midnight; dates in the middle of their days; hours of the day where there is room."""
    days = range(0, result.hours, 24)
    day_width = 24 * panel.width / result.hours
    quarters = [hour for hour in range(0, result.hours + 1, 6) if hour % 24] if day_width > 0.25 else []
    is_wide = day_width > 0.6
    axes.set_xticks(list(days), labels=[])
    axes.set_xticks(quarters, labels=[str(hour % 24) if is_wide else "" for hour in quarters], minor=True)
    axes.tick_params(axis="x", which="major", length=9 if is_wide else 4, width=0.6)
    axes.tick_params(axis="x", which="minor", length=2, width=0.4, labelsize=SMALL, pad=1, labelcolor=GREY)
    for day in days[:: _label_step(day_width)]:
        end = min(day + 24, result.hours)
        if end - day >= 12 or len(days) == 1:
            label = _date_label(result.start + timedelta(days=day // 24), is_wide, is_first=day == 0)
            _draw_date(axes, panel, (day + end) / 2, label, 0.27 if is_wide else 0.15)


def _draw_date(axes: Any, panel: Panel, middle: float, label: str, depth: float) -> None:
    """Write the lines of a date under the axis, the first with its baseline `depth` inches below."""
    size = MEDIUM if panel.is_lead else SMALL
    for number, line in enumerate(label.split("\n")):
        y = -(depth + 0.115 * number) / panel.height
        axes.text(middle, y, line, transform=axes.get_xaxis_transform(), size=size, ha="center", va="baseline")


def _label_step(day_width: float) -> int:
    """Return every which day gets a label, so that labels do not touch."""
    return next((step for step in (1, 2, 7, 14, 28, 56) if step * day_width >= 0.17), 112)


def _date_label(day: Any, is_wide: bool, is_first: bool) -> str:
    if is_wide:
        return hour_label(day, 0)[:-6]
    return f"{day.day}\n{month_name(day)}" if is_first or day.day == 1 else str(day.day)


def _draw_person_axis(axes: Any, panel: Panel) -> None:
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter, NullLocator

    axes.yaxis.set_major_locator(LogLocator(10, numticks=12))
    axes.yaxis.set_minor_locator(LogLocator(10, subs=range(2, 10), numticks=12) if panel.is_lead else NullLocator())
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.yaxis.set_major_formatter(
        FuncFormatter(lambda value, _: f"{value:,.0f}") if panel.is_leftmost else NullFormatter()
    )
    axes.tick_params(axis="y", labelsize=SMALL, width=0.6, length=3, pad=2)
    axes.tick_params(axis="y", which="minor", width=0.4, length=1.6)
    if panel.is_lead:
        axes.set_ylabel(f"persons (log scale, from {FLOOR_PERSONS:.0f})", size=MEDIUM, labelpad=2)
    elif panel.is_leftmost:
        axes.set_ylabel("persons", size=SMALL, labelpad=2)
    for side, spine in axes.spines.items():
        spine.set(linewidth=0.6, visible=side != "top")


def _draw_share_axis(
    figure: Any, box: tuple[float, ...], limits: tuple[float, float], n_adults: float, panel: Panel
) -> None:
    """Draw the right-hand axis: the same scale as per cent of the city's adults."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

    axes = figure.add_axes(box, label="share", frame_on=False)
    axes.set(yscale="log", ylim=[100 * limit / n_adults for limit in limits])
    axes.xaxis.set_visible(False)
    axes.yaxis.set_ticks_position("right")
    axes.yaxis.set_major_locator(LogLocator(10, numticks=12))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}%"))
    axes.tick_params(axis="y", labelsize=SMALL, width=0.6, length=3, pad=2, colors=GREY)
    if panel.is_lead:
        axes.set_ylabel("share of adults", size=MEDIUM, color=GREY, labelpad=3)
        axes.yaxis.set_label_position("right")


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
        _draw_bar(axes, x + 0.12, y - 0.055, y + 0.055, GREY, 0.03)

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
