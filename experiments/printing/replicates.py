"""The table of a sweep without levers: what its replicates give, with nothing to compare them with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from experiments.analysis.effects import shown_outcomes, values_by_point
from experiments.design.plan import Plan
from experiments.outcomes import OUTCOMES
from experiments.printing.numbers import amount

QUANTILES = (0.05, 0.5, 0.95)


def replicate_lines(plan: Plan, values: Mapping[int, Mapping[str, Any]]) -> list[str]:
    """Return the median and the range of nine in ten runs of each outcome, as lines to print."""
    names = shown_outcomes(plan, values)
    found = values_by_point(values, plan.replicates, names)
    head = f"{plan.experiment.title}: n = {len(values)} runs, nothing varied but the seed: no baseline to compare with"
    rows = [("outcome", "unit", "median", "5-95 % of runs")]
    for name in names:
        known = np.array([value for value in found.get((0, name), {}).values() if np.isfinite(value)])
        if len(known):
            low, middle, high = np.quantile(known, QUANTILES)
            rows.append((name, OUTCOMES.get(name, ("",))[0], amount(middle), f"{amount(low)} .. {amount(high)}"))
    widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]
    return [head, "", *("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
                      for row in rows), ""]  # fmt: skip
