"""The tables that a sweep ends in: a row per finished run, per failed run, and per effect."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from experiments.analysis.effects import Effect
from experiments.design.plan import Plan
from experiments.outcomes import OUTCOMES
from experiments.store.sweep_folder import lever_columns
from experiments.store.tables import as_table, int64, numbers, texts


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


def effects_table(plan: Plan, effects: Sequence[Effect]) -> Any:
    """Return a row per point and outcome."""
    columns = {"point": numbers(np.array([e.point for e in effects], np.int32))}
    columns |= lever_columns(plan, [effect.point * plan.replicates for effect in effects])
    columns |= {"outcome": texts([effect.outcome for effect in effects]),
                "unit": texts([OUTCOMES.get(effect.outcome, ("",))[0] for effect in effects]),
                "n": numbers(np.array([effect.n for effect in effects], np.int32))}  # fmt: skip
    for name in ("baseline", "value", "difference", "low", "high", "p", "p_adjusted"):
        columns[name] = numbers(np.array([getattr(effect, name) for effect in effects], float), has_missing=True)
    columns["sign"] = numbers(np.array([effect.sign for effect in effects], np.int32))
    return as_table(columns)
