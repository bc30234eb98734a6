"""Counts as a series: one a crowd and date, in logs, with what is needed to forecast and to score them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np

from experiments.targets.biases import PRIOR_SD
from experiments.targets.values import PREFIX, log_value
from sim.inputs.forcings import DAY_STARTS, WEEKDAYS
from sim.inputs.targets import NOT_COUNTED

MAIN, MINOR = "main", "minor"


@dataclass(frozen=True)
class Count:
    """What was counted of one crowd: the weighted mean of its reports in logs, and its standard deviation.

    `day` is the date of the window's evening, `end` its end in hours of the scenario; `kind` tells the weekly day of a
    wave from the others; `log` is NaN where all reports are open, which are fitted but not scored, and where nobody has
    counted: there `sd` is the scatter that a count would have.
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

    @property
    def is_asked(self) -> bool:
        """Whether it is an occasion that nobody has counted."""
        return bool(np.isnan(self.log) and np.isfinite(self.sd))


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
        is_wanted = target.is_informative or target.error == NOT_COUNTED
        if is_wanted and target.statistic == "peak":
            groups.setdefault(target.crowd, []).append(target)
    found = [_count(case, rows, start, main_day) for rows in groups.values()]
    return sorted(found, key=lambda count: (count.day, count.city, count.outcome))


def _count(case: str, rows: Sequence[Any], start: date, main_day: str) -> Count:
    first = rows[0]
    day = start + timedelta(days=max(first.hour_from - DAY_STARTS, 0) // 24)
    closed = [row for row in rows if row.error_model in ("count", "range")]
    asked = [row.spread for row in rows if row.error == NOT_COUNTED]
    middles = np.array([_middle(row) for row in closed])
    sds = np.array([_sd(row) for row in closed])
    weights = 1.0 / sds**2
    log = float((weights * middles).sum() / weights.sum()) if closed else np.nan
    sd = float(1.0 / np.sqrt(weights.sum())) if closed else (asked[0] if asked else np.nan)
    kind = MAIN if WEEKDAYS[day.weekday()] == main_day else MINOR
    return Count(case, first.city, first.outcome, PREFIX + first.crowd, day, first.hour_to, kind, log, sd)


def _middle(row: Any) -> float:
    return (log_value(row.outcome, row.low) + log_value(row.outcome, row.high)) / 2


def _sd(row: Any) -> float:
    """Return the scatter of a report about its middle: its own and, of a range, that of an even spread over it."""
    width = log_value(row.outcome, row.high) - log_value(row.outcome, row.low)
    return float(np.hypot(row.spread, width / np.sqrt(12.0)))


def count_bias(
    targets: Sequence[Any], count: Count, biases: Mapping[str, tuple[float, float]]
) -> tuple[float, float]:
    """Return the bias of a count in logs, and its standard deviation: the mean over its reports, weighed alike.

    Parameters
    ----------
    biases : mapping of str to (float, float)
        Of each kind of source that something is known of; others have the prior's.
    """
    own = [row for row in targets if PREFIX + row.crowd == count.crowd]
    rows = [row for row in own if row.is_informative and row.error_model in ("count", "range")]
    rows = rows or [row for row in own if row.error == NOT_COUNTED]
    weights = np.array([1.0 / _sd(row) ** 2 for row in rows])
    shares: dict[str, float] = {}
    for row, weight in zip(rows, weights / weights.sum() if len(rows) else weights, strict=True):
        if row.counted_by:
            shares[row.counted_by] = shares.get(row.counted_by, 0.0) + float(weight)
    told = [(share, *biases.get(kind, (0.0, PRIOR_SD))) for kind, share in shares.items()]
    return sum(share * mean for share, mean, _ in told), math.hypot(*(share * sd for share, _, sd in told))


def before(counts: Sequence[Count], count: Count, origin: date) -> list[Count]:
    """Return the scored counts of the same city and outcome up to a date, of the same kind of day if there are any."""
    same = [other for other in counts
            if (other.city, other.outcome) == (count.city, count.outcome) and other.day <= origin
            and np.isfinite(other.log)]  # fmt: skip
    return [other for other in same if other.kind == count.kind] or same
