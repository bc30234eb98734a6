"""What a run says of each target: a number per crowd, and how far all of them are off."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

FLOOR_PERSONS, FLOOR_SHARE = 10.0, 1e-3  # what logs count fewer as
PREFIX = "target."  # of the name of a crowd among a run's outcomes


def target_value(result: Any, target: Any) -> float:
    """Return the model's value of a target; NaN if the run lacks a part of its window or has no report."""
    if target.hour_from < 0 or target.hour_to > result.hours:
        return math.nan
    curve = outcome_curve(result, target.outcome)[target.hour_from : target.hour_to, result.cities.index(target.city)]
    known = curve[np.isfinite(curve)]
    if known.size == 0:
        return math.nan
    return float(known.sum() if target.statistic == "sum" else known.max())


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


def log_value(outcome: str, value: float) -> float:
    """Return the log of a value, never below that of the floor."""
    return math.log(max(value, FLOOR_PERSONS if is_in_persons(outcome) else FLOOR_SHARE))


def log_values(outcome: str, values: Iterable[float]) -> np.ndarray:
    """Return the logs of a crowd's values in several runs, float64 (n,); NaN stays NaN."""
    return np.array([log_value(outcome, value) if math.isfinite(value) else math.nan for value in values], float)


def crowd_values(result: Any) -> dict[str, float]:
    """Return the model's value of each crowd that was reported, as outcomes such as target.Minsk.protesting..."""
    concerned = [target for target in getattr(result, "targets", ()) if target.city in result.cities]
    return {PREFIX + target.crowd: target_value(result, target) for target in concerned}


def log_excess(target: Any, value: float) -> float:
    """Return how far a value is outside a target's range, in logs; negative below it, 0 within."""
    found, low, high = (log_value(target.outcome, number) for number in (value, target.low, target.high))
    above = math.inf if target.error_model == "more_than" else high
    below = -math.inf if target.error_model == "fewer_than" else low
    return max(found - above, 0.0) + min(found - below, 0.0)


def distance(targets: Any, values: Mapping[str, float]) -> float:
    """Return the root mean square log distance to the targets that can be missed, NaN without one in the run.

    Parameters
    ----------
    targets : sequence of Target
        The case's; those that the model cannot miss are left out.
    values : mapping of str to float
        As `crowd_values` gives them.
    """
    found = [
        log_excess(target, value)
        for target in targets
        if target.is_informative and not math.isnan(value := values.get(PREFIX + target.crowd, math.nan))
    ]
    return math.sqrt(sum(each * each for each in found) / len(found)) if found else math.nan
