"""What a sweep prints: effects with their intervals and signs, and published answers beside those of the model."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence

from rich.markup import escape

from experiments.analysis.effects import FALSE_DISCOVERIES, Effect, family
from experiments.analysis.intervals import FEWEST, HOLDS
from experiments.analysis.published import VERDICTS, Answer
from experiments.design.claims import COULD_FAIL, Claim
from experiments.design.plan import Plan
from experiments.printing.console import WIDTH, folded, new_table, rendered
from experiments.printing.findings import lever_name, value_name
from experiments.printing.numbers import amount
from experiments.printing.replicates import outcome_name
from experiments.store.sweep_folder import EFFECTS_FILE

SHOWN_ROWS = 24
WIDTHS = (27, 11, 21, 17)  # letters of the columns, where no number is longer; the first gives way
LEAST_TEXT = 12
NOT_SHOWN, NO_EFFECT = "not shown", "no effect at all"
SIGNS = {1: "+", -1: "-", 0: NOT_SHOWN}


def effect_lines(plan: Plan, effects: Sequence[Effect]) -> list[str]:
    """Return the table of effects as lines: those points that differ from the baseline in one lever come first."""
    if not effects or plan.baseline is None:
        return []
    shown = shown_rows(plan, effects)
    lines: list[str] = []
    widths = _widths([cells(plan, effect) for effect in shown])
    for name in dict.fromkeys(effect.outcome for effect in shown):
        own = [effect for effect in shown if effect.outcome == name]
        table = new_table("", "difference", "90 % interval", "sign", texts=1, widths=widths, has_head=not lines)
        table.title = escape(f"{outcome_name(name)}, baseline {amount(own[0].baseline)}")
        for told in _rows(plan, own):
            table.add_row(*map(escape, told))
        lines += [*rendered(table, max(WIDTH, sum(widths) + len(widths))), ""]
    more = len(effects) - len(shown)
    return [*_head(plan, effects), *lines, *([f"and {more} more rows in {EFFECTS_FILE}", ""] if more else [])]


def _widths(told: Sequence[Sequence[str]]) -> list[int]:
    """Return the widths of the columns: no number is cut."""
    numbers = [max([width, *(len(row[k]) for row in told)]) for k, width in enumerate(WIDTHS) if k > 0]
    return [max(LEAST_TEXT, sum(WIDTHS) - sum(numbers)), *numbers]


def _rows(plan: Plan, effects: Sequence[Effect]) -> Iterator[tuple[str, ...]]:
    """Yield the rows of an outcome; a lever is named once, above its values."""
    last = None
    for effect in effects:
        names = plan.changed_levers(effect.point)
        if names != last and len(names) == 1:
            yield (lever_name(plan, names[0]), "", "", "")
        last = names
        told = cells(plan, effect)
        yield (f"  {told[0].rpartition(': ')[2]}", *told[1:]) if len(names) == 1 else told


def shown_rows(plan: Plan, effects: Sequence[Effect]) -> list[Effect]:
    """Return the effects that are printed, by outcome and lever, at most `SHOWN_ROWS`: of single levers, if any are."""
    single = [effect for effect in effects if len(plan.changed_levers(effect.point)) == 1]
    outcomes, levers = plan.experiment.outcomes, [lever.name for lever in plan.levers]

    def place(effect: Effect) -> tuple[int, int]:
        name = effect.outcome
        lever = levers.index(plan.changed_levers(effect.point)[0]) if single else 0
        return outcomes.index(name) if name in outcomes else 0, lever

    return sorted(single or effects, key=place)[:SHOWN_ROWS]


def cells(plan: Plan, effect: Effect) -> tuple[str, str, str, str]:
    """Return what is told of an effect: change, difference, interval, sign."""
    point = plan.points[effect.point]
    change = ", ".join(f"{lever_name(plan, name)}: {value_name(point[name])}"
                       for name in plan.changed_levers(effect.point))  # fmt: skip
    sign = NO_EFFECT if effect.is_none else SIGNS[effect.sign]
    return change, amount(effect.difference), f"{amount(effect.low)} .. {amount(effect.high)}", sign


def _head(plan: Plan, effects: Sequence[Effect]) -> list[str]:
    """Say what is compared with what, what the intervals hold, and over how many effects signs are corrected."""
    assert plan.baseline is not None
    origin = plan.points[plan.baseline]
    kind = "paired differences, same luck" if plan.settings.common_luck else "differences, independent luck"
    place = ", ".join(f"{lever_name(plan, name)}: {value_name(origin[name])}" for name in origin)
    told = (f"{plan.experiment.title}: {kind}, {replicates(effects)}; {HOLDS}", signs_note(effects),
            f"baseline: {place}")  # fmt: skip
    return [*(line for text in told for line in folded(text)), ""]


def replicates(effects: Sequence[Effect]) -> str:
    """Say how many replicates effects stand on; fewer where runs failed, or an outcome has no value."""
    counts = [effect.n for effect in effects]
    spread = f"{min(counts)} to {max(counts)}" if min(counts) < max(counts) else f"{max(counts)}"
    return f"n = {spread} replicates"


def signs_note(effects: Sequence[Effect]) -> str:
    """Say which signs are shown."""
    n_members = len(family(effects))
    if not n_members and all(effect.n < FEWEST for effect in effects):
        return f"signs: none, they need {FEWEST} replicates"
    return f"signs: false discovery rate {100 * FALSE_DISCOVERIES:.0f} % over {n_members} effects"


def published_lines(found: Sequence[Answer]) -> list[str]:
    """Return each published answer, its verdict, what was found, whether it could have failed; then the count."""
    if not found:
        return []
    lines = [f"published answers ({HOLDS}):"]
    for answer in found:
        claim = answer.claim
        lines += folded(f"{claim.source}: {claim.claim}: {answer.verdict}")
        if claim.cannot_answer is None:
            lines += [*folded(told(answer), "    "), *folded(f"{claim.could_fail}: {claim.why}", "    ")]
    return [*lines, *folded(tally(found)), ""]


def told(answer: Answer) -> str:
    """Return what was found, and which answers would agree."""
    if not answer.n:
        return "no value" if answer.is_run else "not run"
    return f"{_found(answer)}, published {_published(answer.claim)}, n = {answer.n}"


def _found(answer: Answer) -> str:
    if answer.claim.sign == "both":
        return "{} above and {} below 0".format(*answer.signs)
    if answer.claim.against is None:
        return "{} ({} .. {})".format(*map(amount, answer.found))
    return "{} % ({} .. {})".format(*("-" if math.isnan(part) else f"{100 * part:+.1f}" for part in answer.found))


def _published(claim: Claim) -> str:
    low, high = claim.published
    if claim.sign == "both":
        return f"each in {100 * low:g} % of runs at least"
    if claim.against is None:
        return f"{low:g} .. {high:g}"
    if math.isinf(high):
        return f"{100 * low:+g} % or more"
    return f"{100 * high:+g} % or less" if math.isinf(low) else f"{100 * low:+g} .. {100 * high:+g} %"


def tally(found: Sequence[Answer]) -> str:
    """Count the verdicts on free claims, and say what is not counted."""
    counts = Counter(answer.verdict for answer in found if answer.claim.is_free)
    free = ", ".join(f"{counts[name]} {name}" for name in VERDICTS)
    kinds = Counter("cannot be answered" if answer.claim.cannot_answer is not None else str(answer.claim.could_fail)
                    for answer in found if not answer.claim.is_free)  # fmt: skip
    left = ", ".join(f"{kinds[name]} {name}" for name in (*COULD_FAIL, "cannot be answered") if kinds[name])
    return f"free claims: {free}" + (f"; not counted: {left}" if left else "")
