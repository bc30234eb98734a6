"""What a sweep over a posterior prints: each effect with the interval of luck, and that of luck and parameters."""

from __future__ import annotations

from collections.abc import Sequence

from experiments.analysis.over_posterior import Spread
from experiments.design.levers import cell
from experiments.design.plan import Plan
from experiments.outcomes import OUTCOMES
from experiments.printing.numbers import aligned, amount, short


def posterior_lines(plan: Plan, found: Sequence[Spread]) -> list[str]:
    """Return the table as lines."""
    if not found or plan.block is None:
        return []
    size, _ = plan.block
    head = (f"{plan.experiment.title}: {len(plan.points) // size} draws of the posterior x {plan.replicates} seeds, "
            "paired within each; 90 % intervals")  # fmt: skip
    rows = [("outcome", "unit", "change", "baseline", "difference", "luck alone", "luck and parameters", "above 0")]
    return [head, "", *aligned([*rows, *(_row(plan, each) for each in found)], texts=3), ""]


def _row(plan: Plan, each: Spread) -> tuple[str, ...]:
    assert plan.block is not None
    here, origin = plan.points[each.point], plan.points[plan.block[1]]
    changed = [name for name in here if cell(here[name]) != cell(origin[name])]
    change = ", ".join(f"{name}={short(here[name])}" for name in changed)
    luck, both = (f"{amount(low)} .. {amount(high)}" for low, high in (each.luck, each.both))
    return (each.outcome, OUTCOMES.get(each.outcome, ("",))[0], change, amount(each.baseline), amount(each.difference),
            luck, both, f"{100 * each.share_positive:.0f} %")  # fmt: skip
