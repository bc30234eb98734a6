"""The table of a sweep without levers: what its replicates give, with nothing to compare them with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from experiments.analysis.effects import shown_outcomes, values_by_point
from experiments.design.plan import Plan
from experiments.outcomes import OUTCOMES
from experiments.printing.console import folded, new_table, rendered
from experiments.printing.numbers import amount

QUANTILES = (0.05, 0.5, 0.95)


def replicate_lines(plan: Plan, values: Mapping[int, Mapping[str, Any]]) -> list[str]:
    """Return the median and the range of nine in ten runs of each outcome, as lines to print."""
    names = shown_outcomes(plan, values)
    found = values_by_point(values, plan.replicates, names)
    head = f"{plan.experiment.title}: n = {len(values)} runs, nothing varied but the seed: no baseline to compare with"
    table = new_table("outcome", "median", "5-95 % of runs", texts=1)
    known = {name: quantiles(found.get((0, name), {}).values()) for name in names}
    for name, ends in known.items():
        if ends is not None:
            low, middle, high = map(amount, ends)
            table.add_row(outcome_name(name), middle, f"{low} .. {high}")
    return [*folded(head), "", *rendered(table), "", *folded(replicates_sentence(plan, values)), ""]


def replicates_sentence(plan: Plan, values: Mapping[int, Mapping[str, Any]]) -> str:
    """Return what a sweep without levers has found, in one sentence on its first outcome; "" without any run."""
    names = shown_outcomes(plan, values)
    found = values_by_point(values, plan.replicates, names)
    for name in names:
        if (ends := quantiles(found.get((0, name), {}).values())) is not None:
            low, middle, high = map(amount, ends)
            what = outcome_name(name).replace("_", " ")
            return (f"Found: {what} {middle} in the median run, {low} to {high} in nine of ten runs, by "
                    f"luck alone (n = {len(values)}).")  # fmt: skip
    return ""


def quantiles(values: Iterable[float]) -> np.ndarray | None:
    """Return the 5 %, 50 % and 95 % quantiles of the values that are known, None without any."""
    known = np.array([value for value in values if np.isfinite(value)])
    return np.quantile(known, QUANTILES) if len(known) else None


def outcome_name(name: str) -> str:
    """Return an outcome with its unit."""
    unit = OUTCOMES.get(name, ("",))[0]
    return name + (f" ({unit})" if unit and unit != "1" else "")
