"""The files of a forecast: forecast.parquet, scores.parquet, compared.parquet, and the lines that are printed."""

from __future__ import annotations

from collections.abc import Sequence
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
class Row:
    """A forecast of one count from one origin; `logs` its quantiles 1 to 99 % in logs, None of a simple rival."""

    count: Count
    origin: date
    model: str
    information: str
    score: Score | None
    logs: np.ndarray | None


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
    write_columns(path, _about(own) | counted | quantiles)


def _write_scores(path: Path, scored: Sequence[Row]) -> None:
    columns = _about(scored) | {
        "crps": numbers(np.array([row.score.crps for row in scored if row.score], float)),
        **{band: int64([row.score.is_in(band) for row in scored if row.score]) for band in BANDS},
        "pit": numbers(np.array([row.score.pit for row in scored if row.score], float)),
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
    lines: list[tuple[str, ...]] = [("model", "forecasts", "CRPS of log count", "in 50 %", "in 90 %")]
    for name in dict.fromkeys(row.model for row in rows):
        scores = [row.score for row in rows if row.model == name and row.score is not None]
        shares = [f"{np.mean([score.is_in(band) for score in scores]):.2f}" for band in BANDS]
        lines.append((name, str(len(scores)), f"{np.mean([score.crps for score in scores]):.3f}", *shares))
    seen = dict.fromkeys(row.information.partition("; ")[2] for row in rows if row.logs is not None)
    return [*aligned(lines, texts=1), *(f"what {rows[0].model} knew besides the counts: {told}" for told in seen)]


def _compared_lines(compared: Sequence[Difference]) -> list[str]:
    lines = [("beside", "counts", "CRPS ratio", "difference", "standard error")]
    for d in compared:
        lines.append((d.rival, str(d.n), f"{d.ratio:.2f}", f"{d.difference:+.3f}", f"{d.standard_error:.3f}"))
    return ["", *aligned(lines, texts=1)] if compared else []
