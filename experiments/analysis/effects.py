"""Effects: differences to a baseline under the same luck, with intervals; a sign only where it is shown.

An effect is the mean over replicates of (outcome at a point - outcome at the baseline, same seed); with independent
replicates it is the difference of the two means. Signs are shown from ten replicates on, and the false discovery rate
over all signs of a sweep is controlled: of those shown, a tenth may be chance. An outcome that differs in no replicate
is not affected at all; it needs no sign, and is no member of that family.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.stats import false_discovery_control

from experiments.analysis.intervals import FEWEST, paired_interval, paired_p, unpaired_interval, unpaired_p
from experiments.design.plan import Plan

FALSE_DISCOVERIES = 0.1  # share of the signs of a sweep that may be chance


@dataclass(frozen=True)
class Effect:
    """The effect on an outcome of being at one point instead of another."""

    point: int
    outcome: str
    n: int  # replicates in both
    baseline: float = math.nan  # mean at the baseline
    value: float = math.nan  # mean at the point
    difference: float = math.nan
    low: float = math.nan  # of the 90 % interval
    high: float = math.nan
    relative: tuple[float, float, float] = (math.nan,) * 3  # difference, low, high as shares of the baseline's mean
    p: float = math.nan  # of no difference
    p_adjusted: float = math.nan  # over all signs of the sweep
    sign: int = 0  # +1 or -1 if shown, else 0

    @property
    def is_none(self) -> bool:
        """Whether no replicate differs from the baseline at all."""
        return self.n >= FEWEST and self.low == self.high == self.difference == 0.0


def paired_effect(
    point: int, outcome: str, at: Mapping[int, float], against: Mapping[int, float], common_luck: bool = True
) -> Effect:
    """Return the effect of a point against another; its sign is that of `with_signs`, over all effects of a sweep.

    Parameters
    ----------
    at, against : mapping of int to float
        Outcome by replicate; replicates missing in one of them are left out.
    common_luck : bool
        Whether a replicate has the same seed at both.
    """
    if not common_luck:
        return _effect(point, outcome, _known(at.values()), _known(against.values()), False)
    both = [r for r in sorted(at) if r in against and math.isfinite(at[r]) and math.isfinite(against[r])]
    return _effect(point, outcome, _known(at[r] for r in both), _known(against[r] for r in both), True)


def _known(values: Any) -> np.ndarray:
    found = np.array(list(values), float)
    return found[np.isfinite(found)]


def _effect(point: int, outcome: str, one: np.ndarray, other: np.ndarray, is_paired: bool) -> Effect:
    n = min(len(one), len(other))
    if n == 0:
        return Effect(point, outcome, 0)
    difference = (one - other).mean() if is_paired else one.mean() - other.mean()
    low, high = _interval(one, other, is_paired)
    p = paired_p(one - other) if is_paired else unpaired_p(one, other)
    relative = _relative(one, other, is_paired)
    return Effect(point, outcome, n, float(other.mean()), float(one.mean()), float(difference), low, high, relative, p)


def _interval(one: np.ndarray, other: np.ndarray, is_paired: bool) -> tuple[float, float]:
    return paired_interval(one - other) if is_paired else unpaired_interval(one, other)


def _relative(one: np.ndarray, other: np.ndarray, is_paired: bool) -> tuple[float, float, float]:
    """Return the difference as a share of the baseline's mean, with its interval; NaN where that mean is 0.

    The baseline's mean has luck, too: the interval is that of the ratio's linear terms (Cochran 1977, Sampling
    Techniques, section 6.4).
    """
    base = float(other.mean())
    if base == 0.0:
        return (math.nan,) * 3
    share = float(one.mean() - base) / abs(base)
    low, high = _interval(one / abs(base), other * (float(one.mean()) / base) / abs(base), is_paired)
    return share, share + low, share + high


def with_signs(effects: Sequence[Effect]) -> list[Effect]:
    """Return the effects with adjusted p-values and signs, the false discovery rate controlled over all of them.

    Those of too few replicates, without a p-value, or exactly 0 in every replicate are no members of the family.

    References
    ----------
    Benjamini & Hochberg (1995), J. R. Statistical Society B 57, 289-300; it holds for effects that depend positively
    on each other, too (Benjamini & Yekutieli 2001, Annals of Statistics 29, 1165-1188).
    """
    members = family(effects)
    if not members:
        return list(effects)
    adjusted = false_discovery_control([effects[k].p for k in members])
    found = list(effects)
    for k, p in zip(members, adjusted.tolist(), strict=True):
        sign = int(np.sign(effects[k].difference)) if p <= FALSE_DISCOVERIES else 0
        found[k] = replace(effects[k], p_adjusted=p, sign=sign)
    return found


def family(effects: Sequence[Effect]) -> list[int]:
    """Return the numbers of the effects that could have a sign."""
    return [k for k, e in enumerate(effects) if e.n >= FEWEST and math.isfinite(e.p) and not e.is_none]


Values = Mapping[tuple[int, str], Mapping[int, float]]  # outcome by replicate, of (point, outcome)


def values_by_point(done: Mapping[int, Mapping[str, Any]], replicates: int, names: Sequence[str]) -> dict[Any, Any]:
    """Return each outcome by replicate, for every point; what is no number is left out.

    Parameters
    ----------
    done : mapping of int to mapping
        Outcomes of finished runs, by number of the run.
    replicates : int
        Per point.
    names : sequence of str
        Outcomes wanted.
    """
    found: dict[tuple[int, str], dict[int, float]] = {}
    for run, values in sorted(done.items()):
        for name in names:
            if not isinstance(values.get(name, ""), str):
                found.setdefault((run // replicates, name), {})[run % replicates] = float(values[name])
    return found


def effects_of(values: Values, n_points: int, baseline: int, names: Sequence[str], common_luck: bool) -> list[Effect]:
    """Return the effect of every point against the baseline on every outcome, with signs."""
    return with_signs([
        paired_effect(point, name, values.get((point, name), {}), values.get((baseline, name), {}), common_luck)
        for point in range(n_points) for name in names
        if point != baseline and (point, name) in values and (baseline, name) in values
    ])  # fmt: skip


def shown_outcomes(plan: Plan, values: Mapping[int, Mapping[str, Any]]) -> list[str]:
    """Return the experiment's outcomes that are numbers; of another model, the largest values of its columns."""
    known = next(iter(values.values()), {})
    names = [name for name in plan.experiment.outcomes if name in known and not isinstance(known[name], str)]
    return names or [name for name in known if name.startswith("peak_")]


def all_effects(plan: Plan, values: Mapping[int, Mapping[str, Any]]) -> list[Effect]:
    """Return the effects of all points against the baseline, if there is one."""
    if plan.baseline is None:
        return []
    names = shown_outcomes(plan, values)
    by_point = values_by_point(values, plan.replicates, names)
    return effects_of(by_point, len(plan.points), plan.baseline, names, plan.settings.common_luck)


def mean_value(point: int, outcome: str, at: Mapping[int, float]) -> Effect:
    """Return the mean of an outcome over replicates with its interval, as a difference to nothing."""
    return paired_effect(point, outcome, at, dict.fromkeys(at, 0.0))
