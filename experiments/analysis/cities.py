"""What happened in each city of a run, in persons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from experiments.days import daily_peaks


@dataclass(frozen=True)
class CityRow:
    """What happened in one city, in persons unless the name says otherwise."""

    city: str
    peak_protesting: float
    peak_hour: int | None  # None: nobody protested
    last_day_protesting: float  # peak of the last day, from 06:00
    last_day_turnout: float  # the same as a share of adults, [0, 1]
    peak_rallying: float  # residents, wherever the rally is
    coerced_share: float | None  # of residents rallying, in the hour of their peak, [0, 1]; None: no rally
    peak_rally_present: float  # at a rally in this city, bussed-in included
    detained: float  # all who were detained, each time counted
    peak_withholding: float  # officers
    officers_resigned: float
    officials_accommodating: float  # peak
    officials_resigned: float


def summary_rows(result: Any) -> list[CityRow]:
    """Return one row per city, in the order of the scenario's cities."""
    return [_city_row(result, number, city) for number, city in enumerate(result.cities)]


def _city_row(result: Any, number: int, city: str) -> CityRow:
    curve = {name: np.asarray(values)[:, number] for name, values in result.curves_columns.items()}
    protesting, rallying = curve["protesting"], curve["rallying"]
    peak, rally_peak = int(np.argmax(protesting)), int(np.argmax(rallying))
    last_peak = float(daily_peaks(protesting)[-1])
    rally = float(rallying[rally_peak])
    return CityRow(
        city=city,
        peak_protesting=float(protesting[peak]),
        peak_hour=peak if protesting[peak] > 0 else None,
        last_day_protesting=last_peak,
        last_day_turnout=last_peak / float(result.adults[number]),
        peak_rallying=rally,
        coerced_share=float(curve["rallying_coerced"][rally_peak]) / rally if rally > 0 else None,
        peak_rally_present=float(result.rally_present[:, number].max()),
        detained=float(curve["detained_new"].sum()),
        peak_withholding=float(curve["officers_withholding"].max()),
        officers_resigned=float(curve["officers_resigned"][-1]),
        officials_accommodating=float(curve["officials_accommodating"].max()),
        officials_resigned=float(curve["officials_resigned"][-1]),
    )
