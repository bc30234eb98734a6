"""What a sweep has found, in words; names of levers and of their values as all tables and figures write them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from experiments.analysis.break_even import BreakEven
from experiments.analysis.effects import Effect
from experiments.analysis.findings import EFFECT, NONE_AT_ALL, NONE_OF_INTEREST, Finding, findings
from experiments.analysis.intervals import COVERAGE
from experiments.design.plan import Plan
from experiments.outcomes import OUTCOMES
from experiments.printing.numbers import amount

MOST_LETTERS = 40  # of a lever's value in a sentence


def told(plan: Plan, found: Finding) -> str:
    """Return a finding in words, with the interval and the size of interest."""
    name, effect = lever_name(plan, found.lever), found.largest
    value = shortened(value_name(plan.points[effect.point][found.lever]), MOST_LETTERS)
    at = f"at {value}: {signed(effect.difference)}"
    interval = f"{COVERAGE * 100:.0f} % interval {signed(effect.low)} to {signed(effect.high)}"
    if found.verdict == NONE_AT_ALL:
        return f"{name} has no effect at all (n = {effect.n}, no replicate differs)"
    if found.verdict == NONE_OF_INTEREST:
        return f"{name} has no effect of interest (all within {_size(plan, found)}; farthest {at}, {interval})"
    if found.verdict == EFFECT:
        return f"{name} has an effect (largest {at}{_relative(effect)}, {interval})"
    within = "" if math.isnan(found.smallest) else f", not within {_size(plan, found)}"
    return f"of {name} no effect is shown and none ruled out ({at}, {interval}{within})"


def _size(plan: Plan, found: Finding) -> str:
    return f"\u00b1{amount(found.smallest)}, {100 * plan.experiment.smallest:g} % of the baseline"


def _relative(effect: Effect) -> str:
    share = effect.relative[0]
    return f", {100 * share:+.3g} %" if math.isfinite(share) else ""


def sentence(plan: Plan, effects: Sequence[Effect]) -> str:
    """Return what a sweep has found in one sentence: of each lever, for the first outcome that has effects."""
    names = list(dict.fromkeys(effect.outcome for effect in effects if math.isfinite(effect.low)))
    names.sort(key=lambda n: plan.experiment.outcomes.index(n) if n in plan.experiment.outcomes else len(names))
    for outcome in names:
        if own := findings(plan, effects, outcome):
            unit = OUTCOMES.get(outcome, ("",))[0]
            head = f"Found for {outcome.replace('_', ' ')} ({amount(own[0].largest.baseline)}"
            head += f"{f' {unit}' if unit and unit != '1' else ''} at the baseline): "
            return head + "; ".join(told(plan, each) for each in own) + "."
    return ""


def told_break_evens(plan: Plan, name: str, rows: Mapping[Any, tuple[BreakEven | None, int]]) -> str:
    """Return the break-evens of an outcome in words."""
    second = lever_name(plan, plan.levers[1].name)
    known = [f"{value_name(up)}: {found.at:.3g} ({found.low:.3g} to {found.high:.3g})"
             for up, (found, _) in rows.items() if found is not None]  # fmt: skip
    label = name.replace("_", " ")
    if known:
        return f"{label.capitalize()}, at {second} {'; '.join(known)}; none shown at other values."
    sides = {1: "above 0", -1: "below 0", 0: "no one sign shown"}
    signs = {sign: [value_name(up) for up, (_, each) in rows.items() if each == sign] for sign in sides}
    parts = [f"{sides[sign]}{'' if len(at) == len(rows) else f' at {second} ' + ', '.join(at)}"
             for sign, at in signs.items() if at]  # fmt: skip
    return f"{label.capitalize()}: none in this range ({'; '.join(parts)})."


def signed(value: float) -> str:
    """Write a difference with its sign."""
    return f"+{amount(value)}" if value > 0 and amount(value) != "0" else amount(value)


def lever_name(plan: Plan, name: str) -> str:
    """Return what a lever is called: by the experiment's file, or by its name on the command line."""
    return str(plan.experiment.figure.get("labels", {}).get(name, name))


def shortened(text: str, most: int = 66) -> str:
    """Return a text that leaves room for others, such as the beginning of a long schedule."""
    return text if len(text) <= most else text[: most - 2] + ".."


def value_name(value: Any) -> str:
    """Return a lever's value as it stands in a legend or on an axis."""
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return f"{value:g}" if isinstance(value, float) else str(value)
