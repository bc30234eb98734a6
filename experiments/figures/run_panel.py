"""A city's panel in the figure of a run: curves or bands, behind them nights, events, repression and targets."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import numpy as np

from experiments.analysis.targets import target_range
from experiments.figures.colours import BLACK, BLUE, DARK, GREEN, GREY, NIGHT, VERMILION
from experiments.figures.layout import LANE, LARGE, MEDIUM, SMALL, WIDTH, Panel
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
TARGETS = {(name, "peak"): style[0] for name, style in CURVES.items()} | {("detained_new", "sum"): BLACK}
"""The (outcome, statistic) of targets that can be seen against the curves, and their colours."""


def drawn_curves(shown: Shown) -> dict[str, tuple[str, float, str]]:
    """Return the style of each curve that is drawn, by outcome."""
    other = HOME if shown.rally == HERE else HERE
    return {name: style for name, style in CURVES.items() if name != other}


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


def draw_panel(figure: Any, result: Shown, panel: Panel, limits: tuple[float, float]) -> None:
    """Draw the panel of a city; `limits` are those of its axis, in persons."""
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
        draw_bar(axes, place, low, high, colour, 0.35 * room)


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


def draw_bar(axes: Any, x: float, low: float, high: float, colour: str, half_cap: float) -> None:
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
