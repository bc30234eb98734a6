"""The short table at the end of a run: what happened in each city, and how it compares with the targets.

Everything is in persons. An hour is named by its beginning: "Sun 16 Aug 15:00" lasts from 15:00 to 16:00.
"""

from __future__ import annotations

import math
from datetime import date
from typing import TYPE_CHECKING, Any

from experiments.analysis.cities import CityRow, summary_rows
from experiments.analysis.targets import NOT_COVERED, TargetRow, target_rows
from experiments.days import day_hours
from experiments.printing.hours import day_label, hour_label, window_label
from experiments.targets.values import is_in_persons

if TYPE_CHECKING:
    from rich.console import Console

NEVER = "-"
"""Printed where there is nothing to report, such as the hour of a peak of zero persons."""


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
        tables.append(_target_table(targets, result.start))
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
    day = day_label(result.start, day_hours(result.hours, -1).start)
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


def _target_table(rows: list[TargetRow], start: date) -> Any:
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
            window_label(start, row.hour_from, row.hour_to),
            Text(row.verdict + ("" if row.is_informative else " *"), style=style),
            NEVER if math.isnan(row.value) else write(row.value),
            f"{write(row.low)}-{write(row.high)}" if row.low < row.high else f"~{write(row.high)}" if row.high else "0",
        )
    return table
