"""Days of a run: from 06:00 to 06:00, as the model has them (MODEL.md, luck day), so that a night is in one day.

The only place that cuts an hourly curve into days; reports alone run by calendar day. Every hour is in one day: those
before the first 06:00 are in the first day, and the last day ends with the run. A night is named by its evening's date.
"""

from __future__ import annotations

import numpy as np

from sim.inputs.forcings import DAY_STARTS

HOURS = 24  # of a day


def day_starts(hours: int) -> np.ndarray:
    """Return the first hour of each day of a run: 0, then 30, 54 and so on, int64 (n_days,)."""
    return np.array([0, *range(DAY_STARTS + HOURS, hours, HOURS)])


def day_hours(hours: int, day: int) -> slice:
    """Return the hours of a day of a run; days count from 0, or from the last backwards as -1."""
    edges = [*day_starts(hours).tolist(), hours]
    first = day % (len(edges) - 1)
    return slice(edges[first], edges[first + 1])


def day_of(hour: int, hours: int) -> int:
    """Return the number of the day that holds an hour of a run."""
    return int(np.searchsorted(day_starts(hours), hour, side="right")) - 1


def daily_peaks(curve: np.ndarray) -> np.ndarray:
    """Return the largest value of each day, missing hours left out, shape (n_days, ...); curve has hours first."""
    return np.fmax.reduceat(curve, day_starts(len(curve)), axis=0)


def daily_sums(curve: np.ndarray) -> np.ndarray:
    """Return the sum over each day's hours, shape (n_days, ...); curve has hours first."""
    return np.add.reduceat(curve, day_starts(len(curve)), axis=0)
