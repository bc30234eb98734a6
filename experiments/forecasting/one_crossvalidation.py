"""One cross-validation, from its words to a folder: every case forecast from a fit of the others, and what moves."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from experiments.calibration.checks import quantiles
from experiments.calibration.one_emulation import columns_of, load_fit, names_of
from experiments.calibration.several import Fit
from experiments.forecasting.conformal import Taught, corrected, stretches, write_correction
from experiments.forecasting.left_out import (
    ONE_SHOT,
    ROLLING,
    TERMS,
    Left,
    forecasts,
    simple_forecasts,
    taught,
    with_events_of,
)
from experiments.forecasting.scores import Score
from experiments.forecasting.tables import Row, score_table, write_scored
from experiments.printing.numbers import aligned
from experiments.settings.read import read_settings
from experiments.store.tables import numbers, texts, write_columns
from experiments.words import quoted

OWN, PLACEBO = "ploshcha", "another case's events"


@dataclass(frozen=True)
class Asked:
    """A cross-validation that is asked for: folders of fits, and where it is written.

    rivals : fits of other models, of the same cases, by name: the additive rival, a placebo.
    """

    fit: Path
    rivals: Mapping[str, Path]
    out: Path
    n: int
    seed: int
    is_ablated: bool


@dataclass(frozen=True)
class Compared:
    """A model beside another on counts that both have forecast: mean CRPS of log counts, means over cases first."""

    way: str
    model: str
    rival: str
    n_counts: int
    n_cases: int
    crps: float
    rival_crps: float
    difference: float
    se_counts: float  # standard error of the difference, counts taken as independent
    se_cases: float  # cases taken as independent

    @property
    def ratio(self) -> float:
        """Mean CRPS over the rival's, over counts."""
        return self.crps / self.rival_crps if self.rival_crps > 0 else math.nan


def crossvalidate(asked: Asked) -> list[str]:
    """Forecast every case from the others, score, write; return the lines to print."""
    fit = load_fit(asked.fit, n=asked.n)
    lefts = [left_of(case, fit) for case in fit.hierarchy.cases]
    models = {OWN: fit} | {name: load_fit(folder, n=asked.n) for name, folder in asked.rivals.items()}
    if asked.is_ablated:
        names = {name for each in fit.emulators.values() for name in each.names}
        models |= {term: fit.without(fixed) for term, fixed in TERMS.items() if set(fixed) <= names}
    rows: dict[str, list[Row]] = {ROLLING: [], ONE_SHOT: []}
    for left in lefts:
        others = [case for case in fit.hierarchy.cases if case != left.name]
        told = [forecasts(model, left, others, name, asked.seed) for name, model in models.items()]
        if asked.is_ablated:
            donor = others[fit.hierarchy.cases.index(left.name) % len(others)]
            told.append(forecasts(with_events_of(fit, left.name, donor), left, others, PLACEBO, asked.seed,
                                  f"as the model, with the events of {donor}"))  # fmt: skip
        for way in rows:
            rows[way] += [row for each in [*told, simple_forecasts(left, fit.crowds[left.name])] for row in each[way]]
        print(f"{left.name}: {len(rows[ROLLING])} forecasts so far", flush=True)
    asked.out.mkdir(parents=True, exist_ok=True)
    for name in (OWN, *asked.rivals):
        known = taught(models[name], lefts, name, asked.seed)
        rows = {way: _corrected(own, name, known[way]) for way, own in rows.items()}
        if name == OWN:
            write_correction(asked.out, known)
    compared = [each for way in rows for each in comparisons(way, rows[way], OWN)]
    moved = folds(fit, asked.seed)
    write_columns(asked.out / "folds.parquet", {
        "left_out": texts([each[0] for each in moved]), "parameter": texts([each[1] for each in moved]),
        **{name: numbers(np.array([each[k] for each in moved], float))
           for k, name in ((2, "without"), (3, "all"), (4, "moved"))},
    })  # fmt: skip
    lines = []
    for way, own in rows.items():
        write_scored(asked.out, way, own)
        lines += ["", f"{way}: {len({(row.count.crowd, row.count.case) for row in own})} counts", *score_table(own)]
    lines += ["", *_compared_lines(compared)]
    for way, own in rows.items():
        lines += ["", f"{way}, mean CRPS by case", *_case_lines(own)]
    lines += ["", *_fold_lines(moved)]
    return lines


def _corrected(rows: Sequence[Row], model: str, known: Taught) -> list[Row]:
    """Return the rows, those of a model with bands corrected by the other cases."""
    by_case = {case: stretches(own) for case, own in known.items()}
    return [corrected(row, by_case[row.count.case]) if row.model == model else row for row in rows]


def left_of(case: str, fit: Fit) -> Left:
    """Return a case of a fit as one that is left out."""
    scenario = read_settings([f"scenario={quoted(case)}"], None).parameters.scenario
    return Left(case, scenario.start, scenario.main_day, fit.targets[case])


def comparisons(way: str, rows: Sequence[Row], model: str) -> list[Compared]:
    """Compare a model with all others, on what both have forecast."""
    crps: dict[str, dict[tuple[str, str, Any], float]] = {}
    for row in rows:
        if isinstance(row.score, Score):
            crps.setdefault(row.model, {})[row.count.case, row.count.crowd, row.origin] = row.score.crps
    found = []
    for rival, other in crps.items():
        both = [key for key in crps.get(model, {}) if key in other]
        if rival == model or not both:
            continue
        by_case: dict[str, list[float]] = {}
        by_count: dict[tuple[str, str], list[float]] = {}
        for key in both:
            difference = crps[model][key] - other[key]
            by_case.setdefault(key[0], []).append(difference)
            by_count.setdefault(key[:2], []).append(difference)
        of_counts, of_cases = (np.array([np.mean(each) for each in group.values()]) for group in (by_count, by_case))
        found.append(Compared(
            way, model, rival, len(of_counts), len(of_cases), float(np.mean([crps[model][key] for key in both])),
            float(np.mean([other[key] for key in both])), float(of_counts.mean()), _error(of_counts), _error(of_cases),
        ))  # fmt: skip
    return found


def _error(values: np.ndarray) -> float:
    return float(values.std(ddof=1) / math.sqrt(len(values))) if len(values) > 1 else math.nan


def folds(fit: Fit, seed: int) -> list[tuple[str, str, float, float, float]]:
    """Return (case left out, shared parameter, median without it, of all, move in deviations of the whole posterior).

    Every posterior is drawn with the same luck: a parameter that does not move at all was not refitted.
    """
    names = names_of(fit.hierarchy)
    n_shared = len(fit.hierarchy.shared) + 2 * len(fit.hierarchy.levels)
    cases = fit.hierarchy.cases
    whole = columns_of(fit.hierarchy, fit.posterior({case: np.inf for case in cases}, np.random.default_rng(seed)))
    rows = []
    for case in cases:
        known = {other: np.inf for other in cases if other != case}
        fold = columns_of(fit.hierarchy, fit.posterior(known, np.random.default_rng(seed)))
        equal = np.full(len(fold), 1.0 / len(fold))
        for k in range(n_shared):
            without, all_ = (quantiles(each[:, k], equal, [0.5])[0] for each in (fold, whole))
            rows.append((case, names[k], without, all_, (without - all_) / max(float(whole[:, k].std()), 1e-12)))
    return rows


def _compared_lines(compared: Sequence[Compared]) -> list[str]:
    lines = [("way", "beside", "counts", "CRPS ratio", "difference", "error (counts)", "error (cases)")]
    for c in compared:
        lines.append((c.way, c.rival, str(c.n_counts), f"{c.ratio:.2f}", f"{c.difference:+.3f}", f"{c.se_counts:.3f}",
                      f"{c.se_cases:.3f}"))  # fmt: skip
    return aligned(lines, texts=2)


def _case_lines(rows: Sequence[Row]) -> list[str]:
    """Return the mean CRPS of each model by case, over what all simple rivals have forecast, too."""
    crps: dict[tuple[str, str, Any], dict[str, float]] = {}
    for row in rows:
        if row.score is not None:
            crps.setdefault((row.count.case, row.count.crowd, row.origin), {})[row.model] = row.score.crps
    models = list(dict.fromkeys(row.model for row in rows))
    lines = [("case", "forecasts", *models)]
    for case in dict.fromkeys(row.count.case for row in rows):
        whole = [each for key, each in crps.items() if key[0] == case and len(each) == len(models)]
        means = [f"{np.mean([each[model] for each in whole]):.2f}" if whole else "" for model in models]
        lines.append((case, str(len(whole)), *means))
    return aligned(lines, texts=1)


def _fold_lines(moved: Sequence[tuple[str, str, float, float, float]]) -> list[str]:
    lines = [("left out", "parameter", "without", "all", "moved (sd)")]
    for case, name, without, all_, move in moved:
        lines.append((case, name, f"{without:.3g}", f"{all_:.3g}",
                      f"{move:+.2f}" if move != 0.0 else "does not move"))  # fmt: skip
    return aligned(lines, texts=2)
