"""The short table at the end of a run: what happened in each city, and how it compares with the targets.

Everything is in persons. An hour is named by its beginning: "Sun 16 Aug 15:00" lasts from 15:00 to 16:00.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from experiments.days import daily_peaks, day_hours

if TYPE_CHECKING:
    from rich.console import Console

NEVER = "-"
"""Printed where there is nothing to report, such as the hour of a peak of zero persons."""

COUNT_SPREAD, MINISTRY_SPREAD = math.exp(0.4), math.exp(0.5)
"""A target that is a single figure is met within this factor, the scatter of one count; the ministry's has more.

MODEL.md, reported counts.
"""

NOT_COVERED = "not in this run"
"""Verdict on a target whose window begins before the run or ends after it."""


@dataclass(frozen=True)
class CityRow:
    """What happened in one city, in persons unless the name says otherwise."""

    city: str
    peak_protesting: float
    peak_hour: int | None  # None: nobody protested
    last_day_protesting: float  # peak of the last day, from 06:00
    last_day_turnout: float  # the same as a share of adults, [0, 1]
    peak_rallying: float  # residents, wherever the rally is
    coerced_share: float | None  # of residents rallying, in the hour of their peak, [0, 1]; None: no rally
    peak_rally_present: float  # at a rally in this city, bussed-in included
    detained: float  # all who were detained, each time counted
    peak_withholding: float  # officers
    officers_resigned: float
    officials_accommodating: float  # peak
    officials_resigned: float


@dataclass(frozen=True)
class TargetRow:
    """One target beside the model's value; `value` is NaN when the run does not cover the window."""

    city: str
    outcome: str
    statistic: str
    window: str
    value: float
    low: float
    high: float
    verdict: str
    is_informative: bool = True  # False: the model cannot miss it


def hour_label(start: date, hour: int) -> str:
    """Name an hour of the scenario, such as ``Sun 16 Aug 15:00``."""
    return f"{_day(start, hour)} {hour % 24:02d}:00"


def _day(start: date, hour: int) -> str:
    """Name the day of an hour; written out, because strftime depends on the machine's locale."""
    moment = datetime(start.year, start.month, start.day) + timedelta(hours=int(hour))
    weekday = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")[moment.weekday()]
    return f"{weekday} {moment.day} {month_name(moment)}"


def month_name(moment: date) -> str:
    """Short English name of the month, whatever the machine's locale."""
    return ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")[moment.month - 1]


def window_label(start: date, hour_from: int, hour_to: int) -> str:
    """Name a window of hours, `hour_to` exclusive, such as ``9 Aug 18:00-06:00`` or ``9 Aug to 12 Aug``.

    Without a second date the window ends within a day of its beginning.
    """
    first, last = _day(start, hour_from)[4:], _day(start, hour_to - 1)[4:]
    if hour_from % 24 == 0 and hour_to % 24 == 0:
        return first if first == last else f"{first} to {last}"
    begin, end = f"{first} {hour_from % 24:02d}:00", f"{(hour_to - 1) % 24 + 1:02d}:00"
    return f"{begin}-{end}" if hour_to - hour_from <= 24 else f"{begin} to {last} {end}"


def outcome_curve(result: Any, outcome: str) -> np.ndarray:
    """Return the curve that a target's `outcome` names, shape (hours, n_cities)."""
    if outcome == "rally_present":
        return result.rally_present
    if outcome == "adults":
        return np.tile(result.adults, (result.hours, 1))
    return result.curves_columns[outcome]


def is_in_persons(outcome: str) -> bool:
    """Whether an outcome counts persons; the others are means and shares, in [0, 1]."""
    return not outcome.startswith("mean_") and outcome != "private_opposition"


def summary_rows(result: Any) -> list[CityRow]:
    """Return one row per city, in the order of the scenario's cities."""
    return [_city_row(result, number, city) for number, city in enumerate(result.cities)]


def _city_row(result: Any, number: int, city: str) -> CityRow:
    curve = {name: np.asarray(values)[:, number] for name, values in result.curves_columns.items()}
    protesting, rallying = curve["protesting"], curve["rallying"]
    peak, rally_peak = int(np.argmax(protesting)), int(np.argmax(rallying))
    last_peak = float(daily_peaks(protesting)[-1])
    rally = float(rallying[rally_peak])
    return CityRow(
        city=city,
        peak_protesting=float(protesting[peak]),
        peak_hour=peak if protesting[peak] > 0 else None,
        last_day_protesting=last_peak,
        last_day_turnout=last_peak / float(result.adults[number]),
        peak_rallying=rally,
        coerced_share=float(curve["rallying_coerced"][rally_peak]) / rally if rally > 0 else None,
        peak_rally_present=float(result.rally_present[:, number].max()),
        detained=float(curve["detained_new"].sum()),
        peak_withholding=float(curve["officers_withholding"].max()),
        officers_resigned=float(curve["officers_resigned"][-1]),
        officials_accommodating=float(curve["officials_accommodating"].max()),
        officials_resigned=float(curve["officials_resigned"][-1]),
    )


def target_rows(result: Any) -> list[TargetRow]:
    """Return one row per target of the scenario that concerns a city of this run."""
    return [_target_row(result, target) for target in result.targets if target.city in result.cities]


def _target_row(result: Any, target: Any) -> TargetRow:
    value = target_value(result, target)
    covered = target.hour_from >= 0 and target.hour_to <= result.hours
    return TargetRow(
        city=target.city,
        outcome=target.outcome,
        statistic=target.statistic,
        window=window_label(result.start, target.hour_from, target.hour_to),
        value=value,
        low=target.low,
        high=target.high,
        verdict=verdict(value, target.low, target.high, count_spread(target)) if covered else NOT_COVERED,
        is_informative=target.is_informative,
    )


def target_value(result: Any, target: Any) -> float:
    """Return the model's value of a target; NaN if the run lacks a part of its window or has no report."""
    if target.hour_from < 0 or target.hour_to > result.hours:
        return math.nan
    curve = outcome_curve(result, target.outcome)[target.hour_from : target.hour_to, result.cities.index(target.city)]
    known = curve[np.isfinite(curve)]
    if known.size == 0:
        return math.nan
    return float(known.sum() if target.statistic == "sum" else known.max())


def count_spread(target: Any) -> float:
    """Return the factor within which a target is met: 1 for a range, a count's scatter for a single figure."""
    if target.low < target.high:
        return 1.0
    return MINISTRY_SPREAD if target.outcome.endswith("_ministry") else COUNT_SPREAD


def target_range(target: Any) -> tuple[float, float]:
    """Return the range that meets a target: its own, or a single figure's with the scatter of one count."""
    spread = count_spread(target)
    return target.low / spread, target.high * spread


def verdict(value: float, low: float, high: float, spread: float = 1.0) -> str:
    """Say where a value stands to a range; outside by a ratio, for targets are compared on the log scale.

    Up to a factor `spread` outside counts as within; the ratio is always to the range itself.
    """
    if math.isnan(value):
        return "no report"
    if low / spread <= value <= high * spread:
        return "within"
    if value < low:
        return f"below by factor {_factor(low / value)}" if value > 0 else "below: none at all"
    return f"above by factor {_factor(value / high)}" if high > 0 else "above: none expected"


def _factor(ratio: float) -> str:
    """Round a ratio above 1 to two digits, but never down to a bare 1."""
    return f"{max(ratio, 1.01):.2f}" if ratio < 1.95 else f"{ratio:.1f}" if ratio < 9.95 else f"{ratio:,.0f}"


def persons(value: float) -> str:
    """Write a number of persons to three significant digits, with separators: ``168,000``."""
    if not math.isfinite(value):
        return NEVER
    digits = 0 if value < 1 else max(0, math.floor(math.log10(value)) - 2)
    return f"{round(value / 10**digits) * 10**digits:,.0f}"


def percent(share: float | None) -> str:
    """Write a share as per cent, with one digit below ten."""
    if share is None or not math.isfinite(share):
        return NEVER
    return f"{100 * share:.1f}" if 100 * share < 9.95 else f"{100 * share:.0f}"


def print_summary(result: Any, console: Console) -> None:
    """Print crowds, detained and defections by city, then the targets if the scenario has any."""
    rows = summary_rows(result)
    tables = [_crowd_table(result, rows), _state_table(rows)]
    targets = target_rows(result)
    if targets:
        tables.append(_target_table(targets))
    for table in tables:
        console.print()
        console.print(table)


def _table(title: str, *columns: str, texts: int = 1) -> Any:
    """Return an empty table; its first `texts` columns hold text that may be wrapped, the others numbers."""
    from rich import box
    from rich.table import Table

    table = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    table.show_edge = False
    for number, column in enumerate(columns):
        if number < texts:
            table.add_column(column, overflow="fold", vertical="top")
        else:
            table.add_column(column, justify="right", no_wrap=True)
    return table


def _plain(text: str) -> str:
    """Protect a name from a data file from being read as rich's markup."""
    from rich.markup import escape

    return escape(text)


def _crowd_table(result: Any, rows: list[CityRow]) -> Any:
    day = _day(result.start, day_hours(result.hours, -1).start)
    first = (
        "\nCity",
        "Peak\nprotest",
        "\nin the hour from",
        day.replace(f" {day.split()[-1]}", f"\n{day.split()[-1]}"),
        "% of\nadults",
    )
    table = _table("Crowds, persons", *first, "Rally:\nlocals", "coerced\n%", "present\nthere")
    for row in rows:
        table.add_row(
            _plain(row.city),
            persons(row.peak_protesting),
            NEVER if row.peak_hour is None else hour_label(result.start, row.peak_hour),
            persons(row.last_day_protesting),
            percent(row.last_day_turnout),
            persons(row.peak_rallying),
            percent(row.coerced_share),
            persons(row.peak_rally_present),
        )
    return table


def _state_table(rows: list[CityRow]) -> Any:
    officers, officials = ("Officers\nwithholding", "\nresigned"), ("Officials\naccommodating", "\nresigned")
    table = _table("Detained and defections, persons", "\nCity", "\nDetained", *officers, *officials)
    for row in rows:
        counts = (row.detained, row.peak_withholding, row.officers_resigned)
        table.add_row(_plain(row.city), *map(persons, (*counts, row.officials_accommodating, row.officials_resigned)))
    return table


def _target_table(rows: list[TargetRow]) -> Any:
    from rich.text import Text

    title = ("Targets, this one run with its own luck: highest hour, or sum\n"
             "(~ one figure: factor 1.5, of the ministry 1.6; * cannot be missed, or tells nothing new)")  # fmt: skip
    table = _table(title, "City", "Outcome", "Window", "Verdict", "Model", "Target", texts=4)
    for row in rows:
        style = {"within": "green", NOT_COVERED: "dim", "no report": "dim"}.get(row.verdict, "yellow")
        write = persons if is_in_persons(row.outcome) else "{:.2f}".format
        table.add_row(
            _plain(row.city),
            row.outcome.replace("_", " ") + (", sum" if row.statistic == "sum" else ""),
            row.window,
            Text(row.verdict + ("" if row.is_informative else " *"), style=style),
            NEVER if math.isnan(row.value) else write(row.value),
            f"{write(row.low)}-{write(row.high)}" if row.low < row.high else f"~{write(row.high)}" if row.high else "0",
        )
    return table
