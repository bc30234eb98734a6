"""Score the frozen prediction from your own counts: which Sundays it covered, and its CRPS beside the last value.

    uv run --extra calibration python docs/score_predictions.py COUNTS.csv

COUNTS.csv has the columns date,count: one row a Sunday of docs/predictions.csv, persons.
"""

from __future__ import annotations

import csv
import math
import sys
from pathlib import Path

import numpy as np

LAST_COUNT, LAST_SD = math.log(173_205), 0.7  # of 4 October, middle of 100,000 to 300,000; spread after a week
QUANTILES = Path(__file__).resolve().parent / "predictions.csv"


def scored(path: str) -> list[str]:
    """Return a line a Sunday, and the means."""
    from scoringrules import crps_normal, crps_quantile

    with QUANTILES.open(encoding="utf-8") as file:
        told = {row[0]: np.log(np.array(row[1:], float)) for row in list(csv.reader(file))[1:]}
    with open(path, encoding="utf-8") as file:
        counts = {row["date"]: float(row["count"]) for row in csv.DictReader(file)}
    places, rows, lines = np.arange(1, 100) / 100.0, [], []
    for k, (day, logs) in enumerate(told.items()):
        if day in counts:
            log = math.log(max(counts[day], 10.0))
            own = float(crps_quantile(log, logs, places))
            last = float(crps_normal(log, LAST_COUNT, LAST_SD * math.sqrt(k + 1)))
            rows.append((logs[24] <= log <= logs[74], logs[4] <= log <= logs[94], own, last))
            lines.append(f"{day}  counted {counts[day]:,.0f}  CRPS {own:.3f}, of the last value {last:.3f}")
    if not rows:
        raise SystemExit(f"no date of {QUANTILES.name} in {path}: date,count, such as {next(iter(told))},100000")
    means = np.array(rows, float).mean(axis=0)
    return [*lines, f"{len(rows)} Sundays: {means[0]:.2f} in the 50 % band, {means[1]:.2f} in the 90 % band, CRPS "
            f"{means[2]:.3f}, of the last value {means[3]:.3f}"]  # fmt: skip


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    print("\n".join(scored(sys.argv[1])))
