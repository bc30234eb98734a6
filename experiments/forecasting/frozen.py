"""A forecast told beforehand, as quantiles in a small file, scored from counts that came later: no run is made.

The file has the columns of forecast.parquet that name what was told, and the quantiles: case, city, date, outcome,
origin, model, information, q01 to q99 (persons).
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import numpy as np

from experiments.forecasting.scores import score_quantiles
from experiments.forecasting.series import Count
from experiments.forecasting.tables import Row
from experiments.store.kinds import FORECAST_FILE
from sim.errors import InputError, not_allowed

ABOUT = ("case", "city", "date", "outcome", "origin", "model", "information")
QUANTILES = tuple(f"q{k:02d}" for k in range(1, 100))


def freeze(folder: Path, path: Path) -> list[dict[str, str]]:
    """Write what a folder of ``ploshcha forecast`` has told into a file, in whole persons; return its rows.

    Raises
    ------
    OSError, ValueError, KeyError
        The folder has no table of a forecast.
    """
    import pyarrow.parquet as pq

    table = pq.read_table(folder / FORECAST_FILE).to_pylist()
    rows = [{name: str(row[name]) for name in ABOUT} | {name: f"{max(row[name], 1.0):.0f}" for name in QUANTILES}
            for row in sorted(table, key=lambda row: (row["date"], row["city"], row["outcome"]))]  # fmt: skip
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, [*ABOUT, *QUANTILES], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return rows


def read_frozen(path: Path, counts: Sequence[Count]) -> list[Row]:
    """Return what was told of counts, scored where there is a count by now.

    Raises
    ------
    InputError
        The file cannot be read, or tells of none of the counts.
    """
    try:
        with path.open(newline="", encoding="utf-8") as file:
            table = list(csv.DictReader(file, strict=True))
    except (OSError, ValueError, csv.Error):
        raise not_allowed("", "told", path, "a file of quantiles such as docs/predictions.csv") from None
    by_name = {(count.city, str(count.day), count.outcome): count for count in counts}
    rows = [_row(path, k + 2, each, by_name) for k, each in enumerate(table)]
    found = [row for row in rows if row is not None]
    if not found:
        dates = sorted({str(each.get("date")) for each in table})
        raise InputError(f"told={path}: none of its dates is in targets.csv: {', '.join(dates) or 'no row'}")
    return found


def _row(path: Path, line: int, cells: dict[str, str], counts: dict[tuple[str, str, str], Count]) -> Row | None:
    try:
        logs = np.log(np.array([float(cells[name]) for name in QUANTILES]))
        about = [str(cells[name]) for name in ABOUT]
        origin = date.fromisoformat(cells["origin"])
    except (KeyError, TypeError, ValueError):
        raise InputError(f"{path.name} line {line}: {', '.join(ABOUT)}, q01 to q99 are needed, in persons") from None
    if not np.isfinite(logs).all() or (np.diff(logs) < 0).any():
        raise InputError(f"{path.name} line {line}: q01 to q99 are not allowed: persons above 0, rising")
    count = counts.get((about[1], about[2], about[3]))
    if count is None:
        return None
    score = score_quantiles(logs, count.log) if np.isfinite(count.log) else None
    return Row(count, origin, about[5], about[6], score, logs)
