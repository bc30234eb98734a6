"""Where an effect changes its sign over a lever of numbers, with its interval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from experiments.analysis.effects import values_by_point
from experiments.analysis.intervals import FEWEST, paired_interval
from experiments.design.levers import cell, in_order
from experiments.design.plan import Plan

STEPS = 50  # places between two values of the lever at which the interval is looked at


@dataclass(frozen=True)
class BreakEven:
    """The value of a lever at which the mean difference is 0, linear between the values that were run.

    low, high : ends of the values that the replicates do not rule out, the 90 % interval of luck alone.
    rises : whether the difference is negative below it.
    """

    at: float
    low: float
    high: float
    rises: bool


def break_even(places: Sequence[float] | np.ndarray, differences: np.ndarray) -> BreakEven | None:
    """Return where the difference changes its sign; None where both signs are not shown, or it does so twice.

    Parameters
    ----------
    places : array_like, shape (m,)
        Values of the lever, rising.
    differences : ndarray, shape (n, m)
        Of replicates, each to the baseline under the same luck.

    Notes
    -----
    The interval holds the values at which the interval of the mean of the replicates' differences, interpolated, holds
    0 (a test inverted, as in Fieller 1954, J. R. Statistical Society B 16, 175-185). Below ten replicates: None.
    """
    at = np.asarray(places, float)
    if len(differences) < FEWEST or len(at) < 2 or not np.isfinite(differences).all():
        return None
    fine = np.unique(np.concatenate([np.linspace(a, b, STEPS + 1) for a, b in zip(at[:-1], at[1:], strict=True)]))
    rows = np.array([np.interp(fine, at, row) for row in differences])
    low, high = np.array([paired_interval(column) for column in rows.T]).T
    above, below = low > 0.0, high < 0.0
    if not (above.any() and below.any()):
        return None
    sign = above.astype(int) - below.astype(int)
    runs = [int(s) for k, s in enumerate(sign[sign != 0]) if k == 0 or s != sign[sign != 0][k - 1]]
    if len(runs) != 2:
        return None
    first, last = (np.flatnonzero(sign == s) for s in runs)
    start, end = int(first.max()), int(last.min())
    middle = rows.mean(axis=0)[start : end + 1]
    root = float(np.interp(0.0, np.sort(middle), fine[start : end + 1][np.argsort(middle)]))
    return BreakEven(root, float(fine[start]), float(fine[end]), runs[0] < 0)


def one_sign(differences: np.ndarray) -> int:
    """Return +1 or -1 if the mean differences that are shown all have that sign, else 0."""
    ends = [paired_interval(column) for column in differences.T if len(column) >= FEWEST and np.any(column)]
    signs = {1 if low > 0 else -1 for low, high in ends if low > 0 or high < 0}
    return signs.pop() if len(signs) == 1 else 0


def break_evens(
    plan: Plan, values: Mapping[int, Mapping[str, Any]], name: str
) -> dict[Any, tuple[BreakEven | None, int]]:
    """Return the break-even of the first lever at each value of the second, and the only sign that is shown, if one is.

    Empty where there are no pairs, or the first lever has no numbers.
    """
    first, second = plan.levers[:2]
    if not first.is_numeric or not plan.settings.common_luck:
        return {}
    of_point = values_by_point(values, plan.replicates, [name])
    origin = of_point.get((plan.baseline, name), {})
    found: dict[Any, tuple[BreakEven | None, int]] = {}
    for up in in_order({cell(point[second.name]) for point in plan.points}, second):
        points = sorted((p for p in range(len(plan.points)) if cell(plan.points[p][second.name]) == up
                         and set(plan.changed_levers(p)) <= {first.name, second.name}),
                        key=lambda p: plan.points[p][first.name])  # fmt: skip
        known = [r for r in origin if all(r in of_point.get((p, name), {}) for p in points)]
        rows = np.array([[of_point[p, name][r] - origin[r] for p in points] for r in known])
        if len(points) > 1 and rows.size:
            at = [float(plan.points[p][first.name]) for p in points]
            found[up] = break_even(at, rows), one_sign(rows)
    return found
