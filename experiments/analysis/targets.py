"""How a run compares with the targets of its scenario; a target is met within its range, on the log scale."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from experiments.targets.values import target_value
from sim.inputs.targets import LOG_SD

COUNT_SPREAD = math.exp(LOG_SD["count"])
"""A target that is a single figure is met within this factor, the usual scatter of one count; a row may say another."""

NOT_COVERED = "not in this run"
"""Verdict on a target whose window begins before the run or ends after it."""


@dataclass(frozen=True)
class TargetRow:
    """One target beside the model's value; `value` is NaN when the run does not cover the window."""

    city: str
    outcome: str
    statistic: str
    hour_from: int
    hour_to: int  # exclusive
    value: float
    low: float
    high: float
    verdict: str
    is_informative: bool = True  # False: the model cannot miss it


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
        hour_from=target.hour_from,
        hour_to=target.hour_to,
        value=value,
        low=target.low,
        high=target.high,
        verdict=verdict(value, target.low, target.high, count_spread(target)) if covered else NOT_COVERED,
        is_informative=target.is_informative,
    )


def count_spread(target: Any) -> float:
    """Return the factor within which a target is met: 1 for a range, a count's scatter for a single figure."""
    return 1.0 if target.low < target.high else math.exp(target.spread)


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
