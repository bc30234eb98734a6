"""What a sweep says of each lever: an effect, none of interest, none at all, or nothing that is decided.

An effect is of interest from a size on that the experiment's file gives before anything is run (`smallest`, a share of
the baseline's mean). A lever has none of interest where the whole interval of each of its effects lies within that
size, which is a test of equivalence: two one-sided tests at 5 % (Schuirmann 1987, doi:10.1007/BF01068419).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from experiments.analysis.effects import Effect
from experiments.analysis.intervals import FEWEST
from experiments.design.plan import Plan

EFFECT, NONE_OF_INTEREST, NONE_AT_ALL, UNDECIDED = "effect", "none of interest", "none at all", "undecided"


@dataclass(frozen=True)
class Finding:
    """What is found of one lever and one outcome.

    largest : the effect farthest from 0, of those that are shown if any is. smallest : size of interest, in the unit
    of the outcome; NaN where the baseline's mean is 0.
    """

    lever: str
    outcome: str
    verdict: str
    largest: Effect
    smallest: float


def findings(plan: Plan, effects: Sequence[Effect], outcome: str) -> list[Finding]:
    """Return what is found of each lever, from the points that differ from the baseline in it alone."""
    found = []
    for lever in plan.levers:
        own = [effect for effect in effects if effect.outcome == outcome and math.isfinite(effect.low)
               and plan.changed_levers(effect.point) == [lever.name]]  # fmt: skip
        if own:
            found.append(finding(lever.name, own, plan.experiment.smallest))
    return found


def finding(lever: str, effects: Sequence[Effect], share: float) -> Finding:
    """Return what is found of a lever.

    Parameters
    ----------
    lever : str
        Its name.
    effects : sequence of Effect
        On one outcome, of the lever's values; at least one.
    share : float
        Smallest size of interest, as a share of the baseline's mean.
    """
    base = abs(effects[0].baseline)
    smallest = share * base if base else math.nan
    shown = [effect for effect in effects if effect.sign]
    largest = max(shown or effects, key=lambda effect: abs(effect.difference))
    verdict = EFFECT if shown else UNDECIDED
    if all(effect.is_none for effect in effects):
        verdict = NONE_AT_ALL
    elif all(e.n >= FEWEST and max(-e.low, e.high) < smallest for e in effects):
        verdict, largest = NONE_OF_INTEREST, max(effects, key=lambda e: max(-e.low, e.high))
    return Finding(lever, effects[0].outcome, verdict, largest, smallest)

