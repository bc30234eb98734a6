"""The files of a forecast: forecast.parquet, scores.parquet, compared.parquet, and the lines that are printed."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from experiments.forecasting.scores import BANDS, Difference, Score
from experiments.forecasting.series import Count
from experiments.printing.numbers import aligned
from experiments.store.kinds import FORECAST_FILE
from experiments.store.tables import int64, numbers, texts, write_columns


@dataclass(frozen=True)
class Corrected:
    """Corrected bands: ends in logs by band, NaN where too little was there to learn from; and what that was."""

    ends: Mapping[str, tuple[float, float]]
    learned_from: str

    def holds(self, band: str, log_count: float) -> float:
        """Return 1 if a count lies in the band, 0 if it does not, NaN without a band."""
        low, high = self.ends[band]
        return float(low <= log_count <= high) if math.isfinite(low) else math.nan


@dataclass(frozen=True)
class Row:
    """A forecast of one count from one origin; `logs` its quantiles 1 to 99 % in logs, None of a simple rival."""

    count: Count
    origin: date
    model: str
    information: str
    score: Score | None
    logs: np.ndarray | None
    corrected: Corrected | None = None


def write_forecasts(folder: Path, rows: Sequence[Row], compared: Sequence[Difference]) -> list[str]:
    """Write the tables; return the lines to print."""
    _write_quantiles(folder / FORECAST_FILE, [row for row in rows if row.logs is not None])
    scored = [row for row in rows if row.score is not None]
    _write_scores(folder / "scores.parquet", scored)
    names = ("n", "crps", "rival_crps", "ratio", "difference", "standard_error")
    told = {"model": texts([d.model for d in compared]), "rival": texts([d.rival for d in compared])}
    told |= {name: numbers(np.array([getattr(d, name) for d in compared], float), has_missing=True) for name in names}
    write_columns(folder / "compared.parquet", told)
    return [*_score_lines(scored), *_compared_lines(compared)]


def write_scored(folder: Path, name: str, rows: Sequence[Row]) -> None:
    """Write NAME_scores.parquet, and NAME_forecast.parquet with the quantiles of models that have them."""
    own = [row for row in rows if row.logs is not None]
    _write_quantiles(folder / f"{name}_forecast.parquet", own)
    _write_scores(folder / f"{name}_scores.parquet", [row for row in rows if row.score is not None])


def _write_quantiles(path: Path, own: Sequence[Row]) -> None:
    quantiles = {f"q{k:02d}": numbers(np.array([np.exp(row.logs[k - 1]) for row in own])) for k in range(1, 100)}  # type: ignore[index]
    counted = {"counted": numbers(np.array([np.exp(row.count.log) for row in own], float), has_missing=True)}
    write_columns(path, _about(own) | counted | quantiles | _corrected_ends(own))


def _corrected_ends(rows: Sequence[Row]) -> dict[str, Any]:
    """Return the ends of corrected bands, in persons, and what the correction was learned from."""
    names = {(band, side): f"corrected_q{round(50 + (100 * BANDS[band] / 2) * (2 * side - 1)):02d}"
             for band in BANDS for side in (0, 1)}  # fmt: skip
    logs = {key: np.array([row.corrected.ends[key[0]][key[1]] if row.corrected else math.nan for row in rows], float)
            for key in names}  # fmt: skip
    found = {names[key]: numbers(np.exp(values), has_missing=True) for key, values in logs.items()}
    return dict(sorted(found.items())) | _learned_from(rows)


def _learned_from(rows: Sequence[Row]) -> dict[str, Any]:
    return {"correction": texts([row.corrected.learned_from if row.corrected else "" for row in rows])}


def corrected_hits(rows: Sequence[Row], band: str) -> np.ndarray:
    """Return whether corrected bands held the counts, float64: 0 or 1, NaN without a band."""
    return np.array([row.corrected.holds(band, row.count.log) if row.corrected else math.nan for row in rows], float)


def _write_scores(path: Path, scored: Sequence[Row]) -> None:
    columns = _about(scored) | {
        "crps": numbers(np.array([row.score.crps for row in scored if row.score], float)),
        **{band: int64([row.score.is_in(band) for row in scored if row.score]) for band in BANDS},
        "pit": numbers(np.array([row.score.pit for row in scored if row.score], float)),
        **{f"corrected_{band}": numbers(corrected_hits(scored, band), has_missing=True) for band in BANDS},
        **_learned_from(scored),
    }
    write_columns(path, columns)


def _about(rows: Sequence[Row]) -> dict[str, Any]:
    return {
        "case": texts([row.count.case for row in rows]), "city": texts([row.count.city for row in rows]),
        "date": texts([str(row.count.day) for row in rows]), "outcome": texts([row.count.outcome for row in rows]),
        "origin": texts([str(row.origin) for row in rows]), "model": texts([row.model for row in rows]),
        "information": texts([row.information for row in rows]),
    }  # fmt: skip


def _score_lines(rows: Sequence[Row]) -> list[str]:
    if not rows:
        return ["no count to score"]
    seen = dict.fromkeys(row.information.partition("; ")[2] for row in rows if row.logs is not None)
    return [*score_table(rows), *(f"what {rows[0].model} knew besides the counts: {told}" for told in seen)]


def score_table(rows: Sequence[Row]) -> list[str]:
    """Return the mean scores of each model as aligned lines; corrected bands of the forecasts that have them."""
    lines: list[tuple[str, ...]] = [
        ("model", "forecasts", "CRPS of log count", "in 50 %", "in 90 %", "corrected 50 %", "corrected 90 %")
    ]
    for name in dict.fromkeys(row.model for row in rows):
        own = [row for row in rows if row.model == name and row.score is not None]
        scores = [row.score for row in own if row.score is not None]
        shares = [f"{np.mean([score.is_in(band) for score in scores]):.2f}" for band in BANDS]
        shares += [_share(corrected_hits(own, band)) for band in BANDS]
        lines.append((name, str(len(own)), f"{np.mean([score.crps for score in scores]):.3f}", *shares))
    return aligned(lines, texts=1)


def _share(hits: np.ndarray) -> str:
    """Return the share of hits, of how many where some forecasts had no band."""
    known = hits[np.isfinite(hits)]
    if not len(known):
        return ""
    return f"{known.mean():.2f}" + (f" of {len(known)}" if len(known) < len(hits) else "")


def _compared_lines(compared: Sequence[Difference]) -> list[str]:
    lines = [("beside", "counts", "CRPS ratio", "difference", "standard error")]
    for d in compared:
        lines.append((d.rival, str(d.n), f"{d.ratio:.2f}", f"{d.difference:+.3f}", f"{d.standard_error:.3f}"))
    return ["", *aligned(lines, texts=1)] if compared else []
