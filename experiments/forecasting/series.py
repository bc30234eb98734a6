"""Counts as a series: one a crowd and date, in logs, with what is needed to forecast and to score them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np

from experiments.targets.values import PREFIX, log_value
from sim.inputs.forcings import DAY_STARTS, WEEKDAYS

MAIN, MINOR = "main", "minor"


@dataclass(frozen=True)
class Count:
    """What was counted of one crowd: the weighted mean of its reports in logs, and its standard deviation.

    `day` is the date of the window's evening, `end` its end in hours of the scenario; `kind` tells the weekly day of a
    wave from the others; `log` is NaN where all reports are open, which are fitted but not scored.
    """

    case: str
    city: str
    outcome: str
    crowd: str  # name among a run's outcomes
    day: date
    end: int
    kind: str
    log: float
    sd: float


def counts_of(case: str, targets: Sequence[Any], start: date, main_day: str) -> list[Count]:
    """Return the counts of a case's peaks that can be missed, by date.

    Parameters
    ----------
    targets : sequence of Target
        Rows of targets.csv.
    start : date
        Day of hour 0.
    main_day : str
        Weekly day of the wave, such as sunday.
    """
    groups: dict[str, list[Any]] = {}
    for target in targets:
        if target.is_informative and target.statistic == "peak":
            groups.setdefault(target.crowd, []).append(target)
    found = [_count(case, rows, start, main_day) for rows in groups.values()]
    return sorted(found, key=lambda count: (count.day, count.city, count.outcome))


def _count(case: str, rows: Sequence[Any], start: date, main_day: str) -> Count:
    first = rows[0]
    day = start + timedelta(days=max(first.hour_from - DAY_STARTS, 0) // 24)
    closed = [row for row in rows if row.error_model in ("count", "range")]
    middles = np.array([_middle(row) for row in closed])
    sds = np.array([_sd(row) for row in closed])
    weights = 1.0 / sds**2
    log = float((weights * middles).sum() / weights.sum()) if closed else np.nan
    sd = float(1.0 / np.sqrt(weights.sum())) if closed else np.nan
    kind = MAIN if WEEKDAYS[day.weekday()] == main_day else MINOR
    return Count(case, first.city, first.outcome, PREFIX + first.crowd, day, first.hour_to, kind, log, sd)


def _middle(row: Any) -> float:
    return (log_value(row.outcome, row.low) + log_value(row.outcome, row.high)) / 2


def _sd(row: Any) -> float:
    """Return the scatter of a report about its middle: its own and, of a range, that of an even spread over it."""
    width = log_value(row.outcome, row.high) - log_value(row.outcome, row.low)
    return float(np.hypot(row.spread, width / np.sqrt(12.0)))


def before(counts: Sequence[Count], count: Count, origin: date) -> list[Count]:
    """Return the scored counts of the same city and outcome up to a date, of the same kind of day if there are any."""
    same = [other for other in counts
            if (other.city, other.outcome) == (count.city, count.outcome) and other.day <= origin
            and np.isfinite(other.log)]  # fmt: skip
    return [other for other in same if other.kind == count.kind] or same
