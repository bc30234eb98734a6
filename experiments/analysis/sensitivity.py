"""Which levers an outcome depends on, from a sweep over the design of Sobol, Morris or PAWN: sensitivity.parquet."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from experiments.analysis.effects import values_by_point
from experiments.analysis.indices import CONFIDENCE, MAIN, Found, indices, luck_shares, ranks
from experiments.design.plan import Plan
from experiments.design.points import block_size, unit_sample
from experiments.store.tables import as_table, numbers, texts
from sim.errors import not_allowed

SENSITIVITY_FILE = "sensitivity.parquet"
DEFAULT = ("peak_turnout", "rally_size", "defections")
BLOCKS = {"sobol": "blocks", "morris": "trajectories", "pawn": "points"}
DUMMY, LUCK = "(dummy)", "(luck)"
FEWEST_BLOCKS = {"sobol": 2, "morris": 2, "pawn": 20}  # whole ones


@dataclass(frozen=True)
class Analysis:
    """The indices of one outcome, of the blocks that are whole."""

    outcome: str
    n: int  # whole blocks
    n_blocks: int  # of the design
    n_missing: int  # runs that failed or are missing
    n_undefined: int  # runs in which the outcome has no value
    found: Found
    ranks: list[str]
    luck: tuple[float, float]  # share of variance between runs, between means

    @property
    def varies(self) -> bool:
        """Whether there are indices, and the outcome is not the same everywhere."""
        return "no variation" not in self.ranks[:1] and bool(self.found)


def outcome_names(plan: Plan, values: Mapping[int, Mapping[str, Any]]) -> list[str]:
    """Return the outcomes looked at: those asked for, else the usual ones; of another model, all largest values."""
    known = next(iter(values.values()))
    for name in plan.settings.outcomes or ():
        if name not in known:
            raise not_allowed("", "outcomes", name, "one of " + ", ".join(known), known)
    return list(plan.settings.outcomes or [name for name in DEFAULT if name in known]
                or [name for name in known if name.startswith("peak_")])  # fmt: skip


def analyse(plan: Plan, values: Mapping[int, Mapping[str, Any]], name: str) -> Analysis:
    """Return the indices of an outcome; blocks in which a run or a value is missing are left out."""
    method = str(plan.settings.sensitivity)
    outcome = outcome_matrix(plan, values, name)
    size = block_size(method, len(plan.levers))
    is_whole = np.isfinite(outcome).reshape(-1, size * plan.replicates).all(axis=1)
    n, kept = int(is_whole.sum()), np.repeat(is_whole, size)
    n_missing = plan.n_runs - len(values)
    n_undefined = int((~np.isfinite(outcome)).sum()) - n_missing
    if n < FEWEST_BLOCKS[method]:
        return Analysis(name, n, len(is_whole), n_missing, n_undefined, {}, [], (math.nan, math.nan))
    sample = unit_sample(len(plan.levers), plan.method, int(plan.n or 0), plan.settings.design.seed)
    found = indices(method, plan.levers, sample[kept], outcome[kept])
    luck = luck_shares(outcome[kept], plan.settings.common_luck)
    return Analysis(name, n, len(is_whole), n_missing, n_undefined, found, ranks(method, found), luck)


def outcome_matrix(plan: Plan, values: Mapping[int, Mapping[str, Any]], name: str) -> np.ndarray:
    """Return an outcome, shape (points, replicates); NaN where it is missing."""
    outcome = np.full((len(plan.points), plan.replicates), math.nan)
    for (point, _), replicates in values_by_point(values, plan.replicates, [name]).items():
        outcome[point, list(replicates)] = list(replicates.values())
    return outcome


def lever_names(plan: Plan) -> list[str]:
    """Return the names of the rows of indices."""
    return [lever.name for lever in plan.levers] + ([DUMMY] if plan.settings.sensitivity == "pawn" else [])


def sensitivity_table(plan: Plan, analyses: Sequence[Analysis]) -> Any:
    """Return a row per lever, outcome and index; `(luck)` is no lever but the share of variance that is luck."""
    rows: list[tuple[str, str, str, float, float, float, int, str]] = []
    for analysis in analyses:
        for index, found in analysis.found.items():
            for lever, three, rank in zip(lever_names(plan), found.tolist(), analysis.ranks, strict=True):
                is_main = index == MAIN[str(plan.settings.sensitivity)]
                rows.append((lever, analysis.outcome, index, *three, analysis.n, rank if is_main else ""))
        for index, share in zip(("share_of_runs", "share_of_means"), analysis.luck, strict=True):
            rows.append((LUCK, analysis.outcome, index, share, math.nan, math.nan, analysis.n, ""))
    columns = {name: texts([str(row[k]) for row in rows]) for k, name in enumerate(("lever", "outcome", "index"))}
    for k, name in enumerate(("value", "low", "high"), start=3):
        columns[name] = numbers(np.array([row[k] for row in rows], float), has_missing=True)
    columns["n"] = numbers(np.array([row[6] for row in rows], np.int32))
    return as_table(columns | {"rank": texts([row[7] for row in rows])})


def note(plan: Plan) -> str:
    """Say what the indices stand on."""
    method = str(plan.settings.sensitivity)
    blocks = len(plan.points) // block_size(method, len(plan.levers))
    of = "" if method == "pawn" else f" of {block_size(method, len(plan.levers))} points"
    luck = "common luck" if plan.settings.common_luck else "independent luck"
    return (f"{method}, n = {blocks} {BLOCKS[method]}{of} x {plan.replicates} replicates ({luck}), "
            f"{CONFIDENCE * 100:g} % intervals")  # fmt: skip


def order(analysis: Analysis, method: str) -> list[int]:
    """Return the rows of an outcome's indices, largest main index first, the dummy last."""
    main = analysis.found[MAIN[method]][:, 0]
    return sorted(range(len(main)), key=lambda k: (analysis.ranks[k] == "dummy", -np.nan_to_num(main[k])))
