"""What a sweep ends in: summary, failed runs, table of effects, figures; also drawn from a half-done sweep."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from experiments.analysis.effects import (
    FEWEST,
    Effect,
    effects_of,
    mean_value,
    paired_effect,
    values_by_point,
    verdict,
    verdict_within,
)
from experiments.design.levers import cell
from experiments.design.plan import Plan
from experiments.outcomes import OUTCOMES
from experiments.store.chunks import read_chunks
from experiments.store.files import write_whole
from experiments.store.sweep_folder import EFFECTS_FILE, FAILED_FILE, SUMMARY_FILE, lever_columns, results_of
from experiments.store.tables import as_table, int64, numbers, table_bytes, texts

SHOWN_ROWS = 24  # of the printed table
RARE_SHARE = 0.1  # of the runs: less of a sign counts as none
SIGNS = {1: "+", -1: "-", 0: "not shown"}


def finish(folder: Path, plan: Plan) -> list[str]:
    """Write summary.parquet, failed.parquet, effects.parquet and the figures; return the lines to print."""
    done, failed = results_of(read_chunks(folder))
    write_whole(folder / SUMMARY_FILE, table_bytes(summary_table(plan, done)))
    write_whole(folder / FAILED_FILE, table_bytes(failed_table(failed)))
    values = {run: found for run, (_, found) in done.items()}
    effects = all_effects(plan, values)
    write_whole(folder / EFFECTS_FILE, table_bytes(effects_table(plan, effects)))
    if done:
        from experiments.figures.sweep import draw_all

        draw_all(folder, plan, values, effects)
    if plan.settings.sensitivity is not None:
        return _sensitivity(folder, plan, values)
    return [*effect_lines(plan, effects), *published_lines(plan, values)]


def _sensitivity(folder: Path, plan: Plan, values: Mapping[int, Mapping[str, Any]]) -> list[str]:
    """Write sensitivity.parquet and its figure; return the table as lines.

    Raises
    ------
    InputError
        The runs have none of the outcomes asked for.
    """
    from experiments.analysis.sensitivity import SENSITIVITY_FILE, analyse, outcome_names, sensitivity_table
    from experiments.figures.sensitivity import draw_sensitivity
    from experiments.printing.sensitivity_table import sensitivity_lines

    if not values:
        return []
    analyses = [analyse(plan, values, name) for name in outcome_names(plan, values)]
    write_whole(folder / SENSITIVITY_FILE, table_bytes(sensitivity_table(plan, analyses)))
    draw_sensitivity(folder, plan, analyses)
    return sensitivity_lines(plan, analyses)


def summary_table(plan: Plan, done: Mapping[int, tuple[int, Mapping[str, Any]]]) -> Any:
    """Return a row per finished run: levers, replicate, seed, generation, outcomes."""
    runs = sorted(done)
    names = [name for name in OUTCOMES if any(name in done[run][1] for run in runs[:1])]
    names += sorted({name for run in runs for name in done[run][1]} - set(names))
    columns = {"run_id": numbers(np.array(runs, np.int32)), **lever_columns(plan, runs)}
    columns["replicate"] = numbers(np.array([run % plan.replicates for run in runs], np.int32))
    columns["seed"] = int64([plan.seed(run) for run in runs])
    columns["point"] = numbers(np.array([run // plan.replicates for run in runs], np.int32))
    columns["generation"] = numbers(np.array([done[run][0] for run in runs], np.int32))
    return as_table(columns | {name: _column([done[run][1].get(name, math.nan) for run in runs]) for name in names})


def _column(values: Sequence[Any]) -> Any:
    """Return a column of texts, of flags as 0 and 1, or of numbers with null for NaN."""
    if any(isinstance(value, str) for value in values):
        return texts([str(value) for value in values])
    if values and all(isinstance(value, bool) for value in values):
        return numbers(np.array(values, np.int32))
    return numbers(np.array(values, float), has_missing=True)


def failed_table(failed: Mapping[int, tuple[int, str]]) -> Any:
    """Return a row per failed run: its number and its error."""
    runs = sorted(failed)
    return as_table({
        "run_id": numbers(np.array(runs, np.int32)), "error": texts([failed[run][1] for run in runs]),
        "generation": numbers(np.array([failed[run][0] for run in runs], np.int32)),
    })  # fmt: skip


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


def effects_table(plan: Plan, effects: Sequence[Effect]) -> Any:
    """Return a row per point and outcome."""
    columns = {"point": numbers(np.array([e.point for e in effects], np.int32))}
    columns |= lever_columns(plan, [effect.point * plan.replicates for effect in effects])
    columns |= {"outcome": texts([effect.outcome for effect in effects]),
                "unit": texts([OUTCOMES.get(effect.outcome, ("",))[0] for effect in effects]),
                "n": numbers(np.array([effect.n for effect in effects], np.int32))}  # fmt: skip
    for name in ("baseline", "value", "difference", "low", "high"):
        columns[name] = numbers(np.array([getattr(effect, name) for effect in effects], float), has_missing=True)
    columns["sign"] = numbers(np.array([effect.sign for effect in effects], np.int32))
    return as_table(columns)


def effect_lines(plan: Plan, effects: Sequence[Effect]) -> list[str]:
    """Return the table of effects as lines: those points that differ from the baseline in one lever come first."""
    if not effects or plan.baseline is None:
        return []
    origin = plan.points[plan.baseline]
    changed = {point: changed_levers(plan, point) for point in range(len(plan.points))}
    single = [effect for effect in effects if len(changed[effect.point]) == 1]
    shown = sorted(single or effects, key=lambda effect: plan.experiment.outcomes.index(effect.outcome)
                   if effect.outcome in plan.experiment.outcomes else 0)  # fmt: skip
    n = max(effect.n for effect in effects)
    place = ", ".join(f"{name}={_short(origin[name])}" for name in origin)
    kind = "paired differences, same luck" if plan.settings.common_luck else "differences, independent luck"
    rows = [("outcome", "unit", "change", "baseline", "difference", "90 % interval", "sign")]
    for effect in shown[:SHOWN_ROWS]:
        change = ", ".join(f"{name}={_short(plan.points[effect.point][name])}" for name in changed[effect.point])
        unit, interval = OUTCOMES.get(effect.outcome, ("",))[0], f"{amount(effect.low)} .. {amount(effect.high)}"
        rows.append((effect.outcome, unit, change, amount(effect.baseline), amount(effect.difference), interval,
                     SIGNS[effect.sign]))  # fmt: skip
    head = [f"{plan.experiment.title}: {kind}, n = {n} replicates", f"baseline: {place}", ""]
    more = len(effects) - len(rows) + 1
    return [*head, *_aligned(rows), *([f"and {more} more rows in {EFFECTS_FILE}"] if more > 0 else []), ""]


def changed_levers(plan: Plan, point: int) -> list[str]:
    """Return the levers in which a point differs from the baseline."""
    assert plan.baseline is not None
    here, origin = plan.points[point], plan.points[plan.baseline]
    return [name for name in here if cell(here[name]) != cell(origin[name])]


def _short(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def amount(value: float) -> str:
    """Write a number to three digits, large ones with separators."""
    if not math.isfinite(value):
        return "-"
    if abs(value) < 1e-9:  # rounding of sums
        return "0"
    if abs(value) >= 1000:
        digits = 10 ** max(0, len(f"{abs(value):.0f}") - 3)
        return f"{round(value / digits) * digits:,.0f}"
    return f"{value:.3g}"


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = enumerate(zip(row, widths, strict=True))
        padded = (text.ljust(width) if k < 3 else text.rjust(width) for k, (text, width) in cells)
        lines.append("  ".join(padded).rstrip())
    return lines


def published_lines(plan: Plan, values: Mapping[int, Mapping[str, Any]]) -> list[str]:
    """Return the published answers beside the results: agree, disagree or undecided."""
    lines = []
    for claim in plan.experiment.published or ():
        if claim.get("sign") == "both":
            lines.append(f"{claim['source']}: {claim['claim']}: {': '.join(signs_told(plan, values, claim))}")
            continue
        found = claimed_effect(plan, values, claim)
        told, said = ("not run", "undecided") if found is None else _judged(found, claim)
        lines.append(f"{claim['source']}: {claim['claim']}: {told}: {said}")
    return [*lines, ""] if lines else []


def _judged(found: Effect, claim: Mapping[str, Any]) -> tuple[str, str]:
    """Return what was found and the verdict, of a claim about a difference or about a value itself."""
    if "against" not in claim:
        low, high = claim["between"]
        told = f"{amount(found.value)} ({amount(found.low)} .. {amount(found.high)}), published {low:g} .. {high:g}"
        return f"{told}, n = {found.n}", verdict_within(found, claim["between"])
    share, low, high = (f"{100 * part:+.1f}" for part in found.relative)
    return f"{share} % ({low} .. {high}), n = {found.n}", verdict(found, int(claim["sign"]), claim.get("between"))


def signs_told(plan: Plan, values: Mapping[int, Mapping[str, Any]], claim: Mapping[str, Any]) -> tuple[str, str]:
    """Return how many runs at a point have an outcome above and below 0, and whether both are a tenth at least."""
    name, at = str(claim["outcome"]), _find(plan, claim["at"])
    if at is None:
        return "not run", "undecided"
    found = np.array(list(values_by_point(values, plan.replicates, [name]).get((at, name), {}).values()), float)
    found = found[np.isfinite(found)]
    above, below, n = int((found > 0).sum()), int((found < 0).sum()), len(found)
    told = f"{above} above and {below} below 0, n = {n}"
    if n < FEWEST:
        return told, "undecided"
    return told, "agree" if min(above, below) >= RARE_SHARE * n else "disagree"


def claimed_effect(plan: Plan, values: Mapping[int, Mapping[str, Any]], claim: Mapping[str, Any]) -> Effect | None:
    """Return the effect, or the value itself, that a published claim is about; None if its points were not run."""
    name, at = str(claim["outcome"]), _find(plan, claim["at"])
    against = at if "against" not in claim else _find(plan, claim["against"])
    if at is None or against is None:
        return None
    found = values_by_point(values, plan.replicates, [name])
    if "against" not in claim:
        return mean_value(at, name, found.get((at, name), {}))
    return paired_effect(at, name, found.get((at, name), {}), found.get((against, name), {}), plan.settings.common_luck)


def _find(plan: Plan, wanted: Mapping[str, Any]) -> int | None:
    """Return the point at these values, the other levers at the baseline's."""
    if plan.baseline is None:
        return None
    place = {**plan.points[plan.baseline], **wanted}
    for number, point in enumerate(plan.points):
        if all(name in point and cell(point[name]) == cell(value) for name, value in place.items()):
            return number
    return None
