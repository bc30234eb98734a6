"""Effects over a posterior: differences paired within each draw, with luck alone and with luck and parameters."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from experiments.analysis.effects import shown_outcomes
from experiments.analysis.intervals import paired_interval
from experiments.design.plan import Plan
from experiments.outcomes import OUTCOMES
from experiments.store.sweep_folder import lever_columns
from experiments.store.tables import as_table, numbers, texts

OVER_POSTERIOR_FILE = "effects_over_posterior.parquet"
BAND = (5.0, 95.0)  # percentiles of single differences


@dataclass(frozen=True)
class Spread:
    """The mean effect of a point of the first draw's block, and two 90 % intervals.

    luck : of the mean effect over seeds, the draws as they are. both : middle 90 % of single paired differences, over
    draws and seeds. n : pairs; share_positive : of them above 0.
    """

    point: int
    outcome: str
    n: int
    baseline: float
    difference: float
    luck: tuple[float, float]
    both: tuple[float, float]
    share_positive: float


def spreads(plan: Plan, values: Mapping[int, Mapping[str, Any]]) -> list[Spread]:
    """Return the effect of each point against the baseline of its own draw, over all draws."""
    if plan.block is None:
        return []
    size, origin = plan.block
    found = []
    for name in shown_outcomes(plan, values):
        cube = _cube(plan, values, name, size)
        for point in range(size):
            if point != origin and np.isfinite(differences := cube[:, point] - cube[:, origin]).any():
                found.append(_spread(point, name, cube[:, origin], differences))
    return found


def _cube(plan: Plan, values: Mapping[int, Mapping[str, Any]], name: str, size: int) -> np.ndarray:
    """Return an outcome, shape (draws, points of a block, replicates), NaN where it is missing."""
    flat = np.full(plan.n_runs, math.nan)
    for run, found in values.items():
        flat[run] = float(found.get(name, math.nan))
    return flat.reshape(-1, size, plan.replicates)


def _spread(point: int, name: str, baseline: np.ndarray, differences: np.ndarray) -> Spread:
    known = differences[np.isfinite(differences)]
    whole = np.isfinite(differences).all(axis=0)
    low, high = np.percentile(known, BAND)
    return Spread(
        point, name, len(known), float(np.nanmean(baseline)), float(known.mean()),
        paired_interval(differences[:, whole].mean(axis=0)), (float(low), float(high)), float((known > 0).mean()),
    )  # fmt: skip


def spreads_table(plan: Plan, found: list[Spread]) -> Any:
    """Return a row per point and outcome; levers without the posterior's parameters."""
    columns: dict[str, Any] = {"point": numbers(np.array([each.point for each in found], np.int32))}
    own = lever_columns(plan, [each.point * plan.replicates for each in found])
    columns |= {name: column for name, column in own.items() if name not in plan.posterior_names}
    columns |= {"outcome": texts([each.outcome for each in found]),
                "unit": texts([OUTCOMES.get(each.outcome, ("",))[0] for each in found]),
                "n": numbers(np.array([each.n for each in found], np.int32))}  # fmt: skip
    rows = [(each.baseline, each.difference, *each.luck, *each.both, each.share_positive) for each in found]
    names = ("baseline", "difference", "low_luck", "high_luck", "low", "high", "share_positive")
    for k, name in enumerate(names):
        columns[name] = numbers(np.array([row[k] for row in rows], float), has_missing=True)
    return as_table(columns)
