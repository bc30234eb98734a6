"""What a sweep prints of its map: how often each outcome class came, and where the break-even lies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np

from experiments.analysis.break_even import break_even
from experiments.analysis.effects import shown_outcomes, values_by_point
from experiments.analysis.intervals import FEWEST, HOLDS
from experiments.design.levers import cell
from experiments.design.plan import Plan
from experiments.printing.numbers import amount, short

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
    (first, second), names = [lever.name for lever in plan.levers], shown_outcomes(plan, values)
    by_point = values_by_point(values, plan.replicates, names)
    lines = [f"break-even along {first} ({HOLDS}, bootstrap):"]
    for name in names:
        base = by_point.get((plan.baseline, name), {})
        for level in sorted({cell(point[second]) for point in plan.points}):
            along = sorted(
                (cell(point[first]), k) for k, point in enumerate(plan.points) if cell(point[second]) == level
            )
            shared = sorted(base.keys() & set.intersection(*(set(by_point.get((k, name), {})) for _, k in along)))
            if len(shared) < FEWEST:
                continue
            differences = np.array([[by_point[k, name][r] - base[r] for r in shared] for _, k in along])
            found = break_even(np.array([x for x, _ in along], float), differences)
            if np.isfinite(found.low):
                interval = " .. ".join(_end(end, along[-1][0]) for end in found[1:])
                lines.append(f"{name}, {second}={short(level)}: {_end(found.value, along[-1][0])} ({interval})")
    return [*lines, ""] if len(lines) > 1 else [*lines, "nowhere in these ranges", ""]


def _end(value: float, last: float) -> str:
    """Write a value of the lever, or that it lies beyond the last one."""
    return amount(value) if np.isfinite(value) else f"above {amount(last)}"


def _place(plan: Plan, point: int) -> str:
    return ", ".join(f"{name}={short(value)}" for name, value in plan.points[point].items())
