"""Published answers beside those of a sweep: agree, disagree or undecided, by one rule for all of them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from experiments.analysis.effects import mean_value, paired_effect, values_by_point
from experiments.analysis.intervals import FEWEST, share_interval
from experiments.design.claims import Claim
from experiments.design.levers import cell
from experiments.design.plan import Plan

VERDICTS = ("agree", "disagree", "undecided")


@dataclass(frozen=True)
class Answer:
    """What a sweep says to a claim."""

    claim: Claim
    n: int = 0  # replicates in which the outcome has a value
    found: tuple[float, float, float] = (math.nan,) * 3  # estimate, low, high in the unit of `Claim.published`
    signs: tuple[int, int] = (0, 0)  # runs above and below 0, of a claim of both signs
    is_run: bool = True  # whether its points are points of the sweep

    @property
    def verdict(self) -> str:
        """One of `VERDICTS`, or why there is none."""
        if self.claim.cannot_answer is not None:
            return f"cannot answer: {self.claim.cannot_answer}"
        return verdict(self.found[1], self.found[2], self.n, self.claim.published)


def verdict(low: float, high: float, n: int, published: Sequence[float]) -> str:
    """Compare an interval with a published range: agree, disagree or undecided.

    The interval wholly inside agrees, wholly outside disagrees, whatever its sign. Of no effect this is the test of
    equivalence by two one-sided tests (Schuirmann 1987), at 5 % with a 90 % interval.

    Parameters
    ----------
    low, high : float
        Ends of the interval; NaN decides nothing.
    n : int
        Replicates that it stands on; fewer than ten decide nothing.
    published : (low, high)
        Closed range, which may be infinite to one side, in the same unit.
    """
    if n < FEWEST or math.isnan(low) or math.isnan(high):
        return "undecided"
    if published[0] <= low and high <= published[1]:
        return "agree"
    return "disagree" if high < published[0] or low > published[1] else "undecided"


def answers(plan: Plan, values: Mapping[int, Mapping[str, Any]]) -> list[Answer]:
    """Return what the finished runs say to each claim of the experiment."""
    return [answer(plan, values, claim) for claim in plan.experiment.published]


def answer(plan: Plan, values: Mapping[int, Mapping[str, Any]], claim: Claim) -> Answer:
    """Return what the finished runs say to a claim; nothing where its points are not run."""
    at = _find(plan, claim.at)
    against = at if claim.against is None else _find(plan, claim.against)
    if at is None or against is None:
        return Answer(claim, is_run=False)
    found = values_by_point(values, plan.replicates, [claim.outcome])
    here = found.get((at, claim.outcome), {})
    if claim.sign == "both":
        return _of_signs(claim, np.array(list(here.values()), float))
    if claim.against is None:
        mean = mean_value(at, claim.outcome, here)
        return Answer(claim, mean.n, (mean.value, mean.low, mean.high))
    there = found.get((against, claim.outcome), {})
    effect = paired_effect(at, claim.outcome, here, there, plan.settings.common_luck)
    return Answer(claim, effect.n, effect.relative)


def _of_signs(claim: Claim, found: np.ndarray) -> Answer:
    """Return the share of runs that have the rarer sign, with its interval."""
    n = int(np.isfinite(found).sum())
    signs = int((found > 0).sum()), int((found < 0).sum())
    low, high = share_interval(min(signs), n)
    return Answer(claim, n, (min(signs) / n if n else math.nan, low, high), signs)


def _find(plan: Plan, wanted: Mapping[str, Any]) -> int | None:
    """Return the point at these values, the other levers at the baseline's."""
    if plan.baseline is None:
        return None
    place = {**plan.points[plan.baseline], **wanted}
    for number, point in enumerate(plan.points):
        if all(name in point and cell(point[name]) == cell(value) for name, value in place.items()):
            return number
    return None
