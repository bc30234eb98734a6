"""Outcomes of chosen days, by name: protesting_peak_day_8, detained_new_sum_days_1_4.

A curve, summed over the scenario's cities; its largest hour or its sum over days of `experiments.days`, counted from 1.
They are told of the curves that a sweep keeps, so that any of them can be asked for later.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from experiments.days import day_hours, day_starts
from sim.errors import InputError, not_allowed

NAME = re.compile(r"(?P<curve>[a-z_]+)_(?P<statistic>peak|sum)_days?_(?P<first>\d{1,4})(_(?P<last>\d{1,4}))?")
SHAPE = "CURVE_peak_day_K or CURVE_sum_days_K_L"


@dataclass(frozen=True)
class Window:
    """Days of a curve and what is told of them; `first` and `last` count from 1, both are in it."""

    name: str
    curve: str
    statistic: str
    first: int
    last: int

    def of(self, curve: np.ndarray) -> float:
        """Return the outcome of a curve, shape (hours,); NaN where the run has not all of the days."""
        hours = len(curve)
        if self.last > len(day_starts(hours)):
            return math.nan
        part = curve[day_hours(hours, self.first - 1).start : day_hours(hours, self.last - 1).stop]
        if not np.isfinite(part).any():
            return math.nan
        return float(np.nansum(part) if self.statistic == "sum" else np.nanmax(part))


def window_named(name: str) -> Window | None:
    """Return the outcome of chosen days that a name stands for, None if it is no such name."""
    if (match := NAME.fullmatch(name)) is None:
        return None
    first = int(match["first"])
    return Window(name, match["curve"], match["statistic"], first, int(match["last"] or first))


def check_window(where: str, field: str, window: Window, curves: Collection[str], hours: int) -> None:
    """Refuse days that a run does not have, or a curve.

    Raises
    ------
    InputError
        The message names the outcome and what is allowed.
    """
    if window.curve not in curves:
        raise not_allowed(where, field, window.name, f"{SHAPE} of a curve of columns.md", curves)
    days = len(day_starts(hours))
    if not 1 <= window.first <= window.last <= days:
        raise InputError(f"{where + ': ' if where else ''}{field}={window.name} is not allowed: days from 1 to {days}")


def windows_named(names: Sequence[str]) -> list[Window]:
    """Return those of several outcomes that are of chosen days."""
    return [window for name in names if (window := window_named(name)) is not None]
