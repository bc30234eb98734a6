"""Names of hours, days and months, the same on every machine.

An hour is named by its beginning: "Sun 16 Aug 15:00" lasts from 15:00 to 16:00.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta


def hour_label(start: date, hour: int) -> str:
    """Name an hour of the scenario, such as ``Sun 16 Aug 15:00``."""
    return f"{day_label(start, hour)} {hour % 24:02d}:00"


def day_label(start: date, hour: int) -> str:
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
    first, last = day_label(start, hour_from)[4:], day_label(start, hour_to - 1)[4:]
    if hour_from % 24 == 0 and hour_to % 24 == 0:
        return first if first == last else f"{first} to {last}"
    begin, end = f"{first} {hour_from % 24:02d}:00", f"{(hour_to - 1) % 24 + 1:02d}:00"
    return f"{begin}-{end}" if hour_to - hour_from <= 24 else f"{begin} to {last} {end}"
