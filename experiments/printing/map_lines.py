"""What a sweep prints of its map: how often each outcome class came, and where the break-even lies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from experiments.analysis.break_even import break_evens
from experiments.analysis.effects import shown_outcomes
from experiments.analysis.intervals import HOLDS
from experiments.design.plan import Plan
from experiments.printing.console import folded
from experiments.printing.findings import lever_name, told_break_evens
from experiments.printing.numbers import short

MOST_POINTS = 16  # that are listed; of more only the map tells


def class_lines(plan: Plan, values: Mapping[int, Mapping[str, Any]]) -> list[str]:
    """Return how many runs of each point ended in each class, most frequent first."""
    if "outcome_class" not in plan.experiment.outcomes or len(plan.points) > MOST_POINTS:
        return []
    by_point: dict[int, Counter[str]] = {}
    for run, found in values.items():
        if "outcome_class" in found:
            by_point.setdefault(run // plan.replicates, Counter())[found["outcome_class"]] += 1
    told = [f"{_place(plan, point)}: " + ", ".join(f"{name} {n}" for name, n in counts.most_common())
            for point, counts in sorted(by_point.items())]  # fmt: skip
    return ["outcome classes, number of runs:", *told, ""] if told else []


def break_even_lines(plan: Plan, values: Mapping[int, Mapping[str, Any]]) -> list[str]:
    """Return, for each value of the second lever, where along the first one differences change their sign."""
    if plan.experiment.figure.get("kind") != "break_even" or len(plan.levers) != 2 or plan.baseline is None:
        return []
    found = {name: break_evens(plan, values, name) for name in shown_outcomes(plan, values)}
    told = [line for name, rows in found.items() if rows for line in folded(told_break_evens(plan, name, rows))]
    return [f"break-even of {lever_name(plan, plan.levers[0].name)} ({HOLDS}):", *told, ""] if told else []


def _place(plan: Plan, point: int) -> str:
    return ", ".join(f"{name}={short(value)}" for name, value in plan.points[point].items())
