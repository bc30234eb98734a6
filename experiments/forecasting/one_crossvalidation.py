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
from experiments.forecasting.left_out import ONE_SHOT, ROLLING, TERMS, Left, forecasts, simple_forecasts, with_events_of
from experiments.forecasting.rivals import RIVALS
from experiments.forecasting.scores import BANDS, Score
from experiments.forecasting.tables import Row, write_scored
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
        lines += ["", f"{way}: {len({(row.count.crowd, row.count.case) for row in own})} counts", *_score_lines(own)]
    lines += ["", *_compared_lines(compared)]
    for way, own in rows.items():
        lines += ["", f"{way}, mean CRPS by case", *_case_lines(own)]
    lines += ["", *_fold_lines(moved)]
    return lines


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


def conformal(rows: Sequence[Row], model: str, band: str) -> float:
    """Return the coverage of a band after a correction learned from the other cases.

    The band of each forecast is stretched about its median by the factor that would have covered the other cases'
    counts as often as the band says (split conformal over cases; Romano, Patterson & Candes 2019, arXiv:1905.03222).
    """
    wanted = BANDS[band]
    places = [int(round(100 * (0.5 - wanted / 2))), 50, int(round(100 * (0.5 + wanted / 2)))]
    own = [row for row in rows if row.model == model and row.logs is not None and row.score is not None]
    needed: dict[str, list[float]] = {}
    for row in own:
        assert row.logs is not None
        low, middle, high = (float(row.logs[place - 1]) for place in places)
        off = row.count.log - middle
        needed.setdefault(row.count.case, []).append(off / max(high - middle, 1e-9) if off > 0
                                                     else -off / max(middle - low, 1e-9))  # fmt: skip
    hits: list[bool] = []
    for case, factors in needed.items():
        others = sorted(factor for other, each in needed.items() if other != case for factor in each)
        if others:
            factor = others[min(len(others) - 1, math.ceil(wanted * (len(others) + 1)) - 1)]
            hits += [each <= factor for each in factors]
    return float(np.mean(hits)) if hits else math.nan


def _score_lines(rows: Sequence[Row]) -> list[str]:
    lines: list[tuple[str, ...]] = [
        ("model", "forecasts", "CRPS of log count", "in 50 %", "in 90 %", "90 % after correction")
    ]
    for name in dict.fromkeys(row.model for row in rows):
        scores = [row.score for row in rows if row.model == name and row.score is not None]
        shares = [f"{np.mean([score.is_in(band) for score in scores]):.2f}" for band in BANDS]
        corrected = conformal(rows, name, "in90") if name not in RIVALS else math.nan
        mean = float(np.mean([score.crps for score in scores]))
        lines.append((name, str(len(scores)), f"{mean:.3f}", *shares,
                      "" if math.isnan(corrected) else f"{corrected:.2f}"))  # fmt: skip
    return aligned(lines, texts=1)


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
