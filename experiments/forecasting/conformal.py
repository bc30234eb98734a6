r"""Bands corrected by how far other forecasts were off (split conformal prediction, with a scale for each forecast).

How many times as wide a band would have had to be, on the side of the count y, to reach it is its *stretch*:

.. math:: s = |y - median| / |end - median|

all in logs. A corrected band is the band stretched about its median by the k-th smallest of n stretches of other
forecasts, k = ceil(c (n + 1)) for a coverage c; where n is too small (k > n) there is none. It holds a count with
probability c at least if its stretch and those learned from are exchangeable, which is assumed. Source: Lei et al.
(2018), doi:10.1080/01621459.2017.1307116; Romano, Patterson & Candes (2019), arXiv:1905.03222.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np

from experiments.design.posterior import posterior_folder
from experiments.forecasting.scores import BANDS
from experiments.forecasting.tables import Corrected, Row
from experiments.store.tables import numbers, texts, write_columns
from sim.errors import not_allowed

CORRECTION_FILE = "correction.parquet"
LEAST_WIDTH = 1e-9  # of half a band, in logs


@dataclass(frozen=True)
class Stretch:
    """How far a count lay from its forecast: of which case, when it was counted, and the stretch of each band."""

    case: str
    day: date
    by_band: Mapping[str, float]


def stretches(rows: Sequence[Row]) -> list[Stretch]:
    """Return the stretches of forecasts that have quantiles and were scored."""
    return [Stretch(row.count.case, row.count.day, {band: _stretch(row, band) for band in BANDS})
            for row in rows if row.logs is not None and row.score is not None]  # fmt: skip


def _ends(logs: np.ndarray, band: str) -> tuple[float, float]:
    """Return the ends of a middle band, in logs."""
    outside = 50 * (1 - BANDS[band])
    return float(logs[round(outside) - 1]), float(logs[round(100 - outside) - 1])


def _stretch(row: Row, band: str) -> float:
    assert row.logs is not None
    (low, high), middle = _ends(row.logs, band), float(row.logs[49])
    off = row.count.log - middle
    return abs(off) / max(high - middle if off > 0 else middle - low, LEAST_WIDTH)


def factor(found: Sequence[float], coverage: float) -> float:
    """Return the stretch that a share of others would have needed; NaN where there are too few of them to say."""
    place = math.ceil(coverage * (len(found) + 1))
    return sorted(found)[place - 1] if 0 < place <= len(found) else math.nan


def corrected(row: Row, taught: Sequence[Stretch]) -> Row:
    """Return a forecast with bands corrected by stretches of other cases, and of its own counted by its origin.

    Parameters
    ----------
    taught : sequence of Stretch
        Those of its own case that were counted after the origin are left out here.
    """
    if row.logs is None:
        return row
    used = [each for each in taught if each.case != row.count.case or each.day <= row.origin]
    ends, middle = {}, float(row.logs[49])
    for band, coverage in BANDS.items():
        by = factor([each.by_band[band] for each in used], coverage)
        low, high = _ends(row.logs, band)
        ends[band] = middle + by * (low - middle), middle + by * (high - middle)
    return replace(row, corrected=Corrected(ends, _told(used, row)))


def _told(used: Sequence[Stretch], row: Row) -> str:
    """Say what a correction was learned from."""
    others = [each for each in used if each.case != row.count.case]
    parts = [f"{len(others)} forecasts of {', '.join(sorted({each.case for each in others}))}"] if others else []
    if own := len(used) - len(others):
        parts.append(f"{own} of {row.count.case} counted by {row.origin}")
    return "; ".join(parts) or "nothing"


Taught = Mapping[str, Sequence[Row]]  # by the case that their fits had not seen


def _column(band: str) -> str:
    return band.replace("in", "stretch")


def write_correction(folder: Path, taught: Mapping[str, Taught]) -> None:
    """Write correction.parquet: the stretches of forecasts, by way and by the case for which they may be used."""
    rows = [(case, way, each) for way, by_case in taught.items() for case, own in by_case.items()
            for each in stretches(own)]  # fmt: skip
    columns = {
        "for_case": texts([case for case, _, _ in rows]), "way": texts([way for _, way, _ in rows]),
        "case": texts([each.case for _, _, each in rows]), "date": texts([str(each.day) for _, _, each in rows]),
    }  # fmt: skip
    columns |= {_column(band): numbers(np.array([each.by_band[band] for _, _, each in rows], float)) for band in BANDS}
    write_columns(folder / CORRECTION_FILE, columns)


def read_correction(name: str, cases: Sequence[str], way: str) -> list[Stretch]:
    """Return the stretches of a folder, or a shipped posterior, that may be used for the first of some cases in it.

    Raises
    ------
    InputError
        The file is none, or is for none of the cases.
    """
    import pyarrow.parquet as pq

    allowed = f"a folder of ploshcha crossvalidate, with its {CORRECTION_FILE}"
    try:
        table = pq.read_table(posterior_folder(name) / CORRECTION_FILE, partitioning=None).to_pylist()
        known = sorted({str(row["for_case"]) for row in table})
        for_case = next((case for case in cases if case in known), None)
        found = [Stretch(str(row["case"]), date.fromisoformat(row["date"]),
                         {band: float(row[_column(band)]) for band in BANDS})
                 for row in table if row["for_case"] == for_case and row["way"] == way]  # fmt: skip
    except (OSError, ValueError, KeyError, TypeError):
        raise not_allowed("", "correction", name, allowed) from None
    if for_case is None:
        raise not_allowed("", "correction", name, f"one for {cases[0]}; this one is for {', '.join(known)}")
    if not all(math.isfinite(value) and value >= 0 for each in found for value in each.by_band.values()):
        raise not_allowed("", "correction", name, "stretches from 0 on")
    return found
