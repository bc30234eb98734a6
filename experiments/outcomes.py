"""Outcomes of a run: a row of numbers per run, and what only a pair of runs can tell.

Persons are those of all cities of the scenario, in the same hour; the capital is the scenario's first city. Days run
from 06:00 to 06:00 (`experiments.days`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from experiments.days import daily_peaks, daily_sums, day_of, day_starts
from experiments.targets.values import crowd_values, distance
from sim.inputs.city import EVERY_CITY

CONTAINED_SHARE = 0.01  # of the capital's adults
COUNT_SPREAD = math.exp(0.4)  # a smaller change than the scatter of one count is none: MODEL.md, reported counts
SPLIT_SHARE = 0.1  # of street officers
CASCADE_SHARE, CASCADE_HOURS = 0.5, 24
FEWEST_CITY_DAYS, TINY = 3, 1e-12  # of a naive correlation
WEEK, LAST_WEEK = 7, 4  # days; the last week that growth is told of
CLASSES = ("contained", "fizzled", "suppressed", "sustained", "grown", "conceded", "unresolved")
FORCE = 0.5  # level of repression, of that of the nights of 9-12 August 2020, from which a crowd was suppressed

# name: (unit, long name)
OUTCOMES = {
    "peak_turnout": ("persons", "protesters in the fullest hour"),
    "peak_turnout_share": ("share of adults", "protesters in the fullest hour"),
    "peak_turnout_capital": ("persons", "protesters in the capital's fullest hour"),
    "peak_turnout_elsewhere": ("persons", "protesters outside the capital in their fullest hour"),
    "first_day_turnout": ("persons", "protesters in the fullest hour of the first day"),
    "last_day_turnout": ("persons", "protesters in the fullest hour of the last day"),
    "turnout_days": ("person-days", "protesters in the fullest hour of each day, added up"),
    "growth_to_week_2": ("1", "protesters in the fullest hour, day 8 over day 1"),
    "growth_to_week_3": ("1", "protesters in the fullest hour, day 15 over day 8"),
    "growth_to_week_4": ("1", "protesters in the fullest hour, day 22 over day 15"),
    "main_site_share": ("share of protesters", "largest site of the capital at its fullest hour"),
    "site_dispersion": ("sites", "effective number of sites, capital, at its fullest hour"),
    "ever_participated": ("persons", "protested at least once"),
    "rally_size": ("persons", "at rallies for the incumbent in the fullest hour"),
    "coerced_share": ("share of ralliers", "would not have gone without the order, fullest hour"),
    "peak_chain": ("persons", "in daytime chains in the fullest hour"),
    "peak_striking": ("persons", "on strike in the fullest hour"),
    "striking_days": ("person-days", "on strike in the fullest hour of each day, added up"),
    "peak_column": ("persons", "absent from their plants and on the street in the fullest hour"),
    "detained": ("persons", "detained, each time counted"),
    "injured": ("persons", "injuries that became known"),
    "dismissed": ("persons", "dismissed"),
    "officers_withholding": ("persons", "street officers withholding, most at a time"),
    "officers_resigned": ("persons", "street officers resigned by the end"),
    "defections": ("persons", "street officers withholding or resigned, most at a time"),
    "units_withholding": ("units", "units of officers that withhold as a whole at the end"),
    "officials_accommodating": ("persons", "officials accommodating, most at a time"),
    "officials_resigned": ("persons", "officials resigned by the end"),
    "legitimacy": ("1", "mean legitimacy at the end"),
    "anger": ("1", "mean anger at the end"),
    "fear": ("1", "mean fear at the end"),
    "affinity": ("1", "mean affinity to Russia at the end"),
    "preference_falsification": ("share of adults", "privately for change but not on the street, fullest hour"),
    "others_turnout": ("share of adults", "protesters among those not encouraged, fullest hour of the window"),
    "encouraged_later_turnout": ("share of adults", "protesters among the encouraged, fullest hour of the days after"),
    "others_later_turnout": ("share of adults", "protesters among the others, fullest hour of the days after"),
    "later_turnout_ratio": ("1", "turnout of the encouraged over that of the others, days after"),
    "naive_correlation": ("1", "next day's log change of turnout with injured and detained per adult, city-days"),
    "naive_correlation_of_day": ("1", "the same between the cities of a day, means of the day taken off"),
    "reported_protest_ministry": ("persons", "largest protest that the ministry reported"),
    "reported_protest_media": ("persons", "largest protest that media reported"),
    "reported_rally_ministry": ("persons", "largest rally that the ministry reported"),
    "reported_rally_media": ("persons", "largest rally that media reported"),
    "outcome_class": ("class", "how it went: conceded, or by the capital's main occasions (DECISIONS D22)"),
    "local_accommodation": ("flag", "a mayor gave way"),
    "security_split": ("flag", "a unit withholds, or a tenth of street officers withhold or resigned"),
    "distance": ("log ratio", "root mean square distance to the targets that can be missed; 0 = all are met"),
}
DEFAULT_OUTCOMES = ("peak_turnout", "rally_size", "coerced_share", "detained", "defections", "officials_accommodating")


def outcomes(result: Any) -> dict[str, Any]:
    """Return the outcomes of a run by name; a model without these mechanisms gives what its columns allow."""
    if "rallying" not in result.curves_columns:
        return column_outcomes(result.curves_columns)
    return {**_crowds(result), **_state(result), **_means(result), **_encouraged(result), **_naive(result),
            **_reports(result), **_classes(result),
            "distance": distance(result.targets, crowd_values(result))}  # fmt: skip


def column_outcomes(columns: Mapping[str, np.ndarray]) -> dict[str, float]:
    """Return the largest and the last value of each column, summed over cities: for models other than the main one."""
    found: dict[str, float] = {}
    for name, values in columns.items():
        total = np.asarray(values, float).reshape(len(values), -1).sum(axis=1)
        found |= {f"peak_{name}": float(np.nanmax(total)), f"final_{name}": float(total[-1])}
    return found


def outcome_label(name: str) -> str:
    """Return what an outcome is called in figures, with its unit."""
    unit, words = OUTCOMES.get(name, ("", name.replace("_", " ")))
    return f"{words} ({unit})" if unit else words


def weekly_growth(days: np.ndarray) -> dict[str, float]:
    """Return how often the first day's peak of each week goes into that of the next; NaN where there is no such day.

    Parameters
    ----------
    days : ndarray, shape (days,)
        Largest crowd of each day, persons.
    """
    first = [days[week * WEEK] if week * WEEK < len(days) else math.nan for week in range(LAST_WEEK)]
    return {
        f"growth_to_week_{week + 1}": float(first[week] / first[week - 1]) if first[week - 1] > 0 else math.nan
        for week in range(1, LAST_WEEK)
    }


def main_days(events: Sequence[Any], capital: str, hours: int) -> list[int]:
    """Return the days of the capital's main occasions: those with a call, of any credibility, else with an occasion.

    Recorded calls count whatever their credibility, so that levers do not change which days are compared; fewer than
    two give days with an occasion instead.
    """
    found: list[int] = []
    for kind in ("call", "occasion"):
        starts = (e.hour for e in events if e.kind == kind and e.city in (EVERY_CITY, capital) and 0 <= e.hour < hours)
        found = sorted({day_of(hour, hours) for hour in starts})
        if len(found) > 1:
            break
    return found


def outcome_class(shares: np.ndarray, repression: float = 0.0, concession: float = 0.0) -> str:
    """Return the class of a run from the largest crowd of each main occasion as a share of the capital's adults.

    Conceded: most of the demand has been granted (`concession_level` at the end). Contained: none reaches 1 %. Else
    the last against the largest before: fizzled or grown if smaller or larger by more than a factor exp(.4), the
    scatter of one count of a crowd; sustained between. Suppressed: contained or fizzled, and the last occasion met
    force (`repression_level` of half the nights of August or more). Unresolved: fewer than two occasions. DECISIONS
    D22.
    """
    if concession > 0.5:
        return "conceded"
    if len(shares) < 2:
        return "unresolved"
    last, before = shares[-1], shares[:-1].max()
    if shares.max() < CONTAINED_SHARE:
        ended = "contained"
    else:
        ended = "grown" if last > COUNT_SPREAD * before else "fizzled" if COUNT_SPREAD * last < before else "sustained"
    return "suppressed" if repression >= FORCE and ended in ("contained", "fizzled") else ended


def cascade_shares(turnout: np.ndarray, without_company: np.ndarray) -> np.ndarray:
    """Return 1 - T(b_T = b_C = 0) / T by hour, of two runs under the same luck; 0 where nobody protests."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(turnout > 0, 1.0 - without_company / turnout, 0.0)


def tipping_hour(cascade: np.ndarray) -> int | None:
    """Return the first hour from which the cascade share stays above one half for a day, None without one."""
    above = np.convolve(cascade > CASCADE_SHARE, np.ones(CASCADE_HOURS), "valid") == CASCADE_HOURS
    return int(np.argmax(above)) if above.any() else None


def elasticity(more: np.ndarray, less: np.ndarray, step: float = 1.1) -> np.ndarray:
    """Return d log T / d log violence from runs with violence times and over `step`; NaN where nobody protests."""
    with np.errstate(divide="ignore", invalid="ignore"):
        found = (np.log(more) - np.log(less)) / (2.0 * math.log(step))
    return np.where(np.isfinite(found), found, np.nan)


def naive_correlation(turnout: np.ndarray, repressed: np.ndarray, of_day: bool = False) -> float:
    """Return the correlation of the next day's log change of turnout with the day's repression, over city-days.

    Parameters
    ----------
    turnout : ndarray, shape (days, n_cities)
        Largest crowd of each day; city-days with nobody on one of the two days are left out.
    repressed : ndarray, shape (days, n_cities)
        Injured and detained per adult.
    of_day : bool
        Take the means of each day off both.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        change = np.log(turnout[1:] / turnout[:-1])
    known, before = np.isfinite(change), repressed[:-1]
    day, change, before = np.nonzero(known)[0], change[known], before[known]
    if of_day and len(day):
        n = np.maximum(np.bincount(day), 1)
        change, before = (each - (np.bincount(day, each) / n)[day] for each in (change, before))
    if len(day) < FEWEST_CITY_DAYS or np.ptp(change) < TINY or np.ptp(before) < TINY:
        return math.nan
    return float(np.corrcoef(change, before)[0, 1])


def _naive(result: Any) -> dict[str, float]:
    curves = result.curves_columns
    turnout = daily_peaks(np.asarray(curves["protesting"]))
    hurt = np.asarray(curves["injured_new"]) + np.asarray(curves["detained_new"])
    repressed = daily_sums(hurt) / result.adults
    return {"naive_correlation": naive_correlation(turnout, repressed),
            "naive_correlation_of_day": naive_correlation(turnout, repressed, of_day=True)}  # fmt: skip


def _total(result: Any, name: str) -> np.ndarray:
    """Return a curve summed over the cities, shape (hours,)."""
    return np.asarray(result.curves_columns[name]).sum(axis=1)


def _crowds(result: Any) -> dict[str, Any]:
    protesting, adults = _total(result, "protesting"), float(np.sum(result.adults))
    peak, days = int(np.argmax(protesting)), daily_peaks(protesting)
    rally, rallying = result.rally_present.sum(axis=1), _total(result, "rallying")
    protesting_by_city = np.asarray(result.curves_columns["protesting"])
    fullest, capital = int(np.argmax(rallying)), protesting_by_city[:, 0]
    opposed = float((result.curves_columns["private_opposition"][peak] * result.adults).sum())
    return {
        "peak_turnout": float(protesting[peak]),
        "peak_turnout_share": float(protesting[peak]) / adults,
        "peak_turnout_capital": float(capital.max()),
        "peak_turnout_elsewhere": float(protesting_by_city[:, 1:].sum(axis=1).max()),
        "first_day_turnout": float(days[0]),
        "last_day_turnout": float(days[-1]),
        "turnout_days": float(days.sum()),
        **weekly_growth(days),
        **_dispersion(result, int(np.argmax(capital))),
        "ever_participated": float(_total(result, "ever_participated")[-1]),
        "rally_size": float(rally.max()),
        "coerced_share": float(_total(result, "rallying_coerced")[fullest] / rallying[fullest])
        if rallying[fullest] > 0 else math.nan,
        **_plants_and_chains(result),
        "preference_falsification": (opposed - float(protesting[peak])) / adults,
    }  # fmt: skip


def _plants_and_chains(result: Any) -> dict[str, float]:
    """Return how many were on strike, in columns of strikers and in chains."""
    striking = _total(result, "striking")
    chains = [k for k, (_, site) in enumerate(result.site_names) if site == "chains"]
    return {
        "peak_chain": float(result.site_crowd[:, chains].sum(axis=1).max()),
        "peak_striking": float(striking.max()),
        "striking_days": float(daily_peaks(striking).sum()),
        "peak_column": float((result.striking.sum(axis=1) - striking).max()),
    }


def _dispersion(result: Any, hour: int) -> dict[str, float]:
    """Return how the capital's protesters are spread over its sites in an hour (inverse Simpson index)."""
    own = [k for k, (city, _) in enumerate(result.site_names) if city == result.cities[0]]
    crowd = result.site_crowd[hour, own]
    total = float(crowd.sum())
    if total <= 0.0:
        return {"main_site_share": math.nan, "site_dispersion": math.nan}
    shares = crowd / total
    return {"main_site_share": float(shares.max()), "site_dispersion": float(1.0 / (shares**2).sum())}


def _state(result: Any) -> dict[str, float]:
    withholding, resigned = _total(result, "officers_withholding"), _total(result, "officers_resigned")
    return {
        "detained": float(_total(result, "detained_new").sum()),
        "injured": float(_total(result, "injured_new").sum()),
        "dismissed": float(_total(result, "dismissed")[-1]),
        "officers_withholding": float(withholding.max()),
        "officers_resigned": float(resigned[-1]),
        "defections": float((withholding + resigned).max()),
        "units_withholding": float(result.stats.get("units_withholding", 0)),
        "officials_accommodating": float(_total(result, "officials_accommodating").max()),
        "officials_resigned": float(_total(result, "officials_resigned")[-1]),
    }


def _means(result: Any) -> dict[str, float]:
    weights = result.adults / np.sum(result.adults)
    columns = {"legitimacy": "legitimacy", "anger": "anger", "fear": "fear", "affinity": "russia_affinity"}
    return {
        name: float((result.curves_columns[f"mean_{column}"][-1] * weights).sum()) for name, column in columns.items()
    }


def _encouraged(result: Any) -> dict[str, float]:
    """Return turnout in the window of an encouragement and in the days after it, NaN without one."""
    names = ("others_turnout", "encouraged_later_turnout", "others_later_turnout", "later_turnout_ratio")
    if not len(result.encouraged):
        return dict.fromkeys(names, math.nan)
    p = result.parameters.encouragement
    end = p.from_hour + p.hours
    next_day = min((int(first) for first in day_starts(result.hours) if first >= end), default=result.hours)
    window, later = result.encouraged[p.from_hour : end], result.encouraged[next_day:]
    others = float(window[:, 1].max()) if len(window) else math.nan
    encouraged_later, others_later = later.max(axis=0).tolist() if len(later) else (math.nan, math.nan)
    ratio = encouraged_later / others_later if others_later > 0 else math.nan
    return dict(zip(names, (others, encouraged_later, others_later, ratio), strict=True))


def _reports(result: Any) -> dict[str, float]:
    """Return the largest report of each source and side, NaN without one."""
    names = [name for name in OUTCOMES if name.startswith("reported_")]
    values = {name: np.asarray(result.curves_columns[name]) for name in names}
    return {
        name: float(np.nanmax(found)) if np.isfinite(found).any() else math.nan for name, found in values.items()
    }


def _classes(result: Any) -> dict[str, Any]:
    capital = np.asarray(result.curves_columns["protesting"])[:, 0] / float(result.adults[0])
    days = main_days(result.events, result.cities[0], result.hours)
    force = daily_peaks(np.where(capital > 0, np.asarray(result.curves_columns["repression_level"])[:, 0], 0.0))
    conceded = float(np.asarray(result.curves_columns["concession_level"])[-1, 0])
    lost = (_total(result, "officers_withholding") + _total(result, "officers_resigned")).max()
    n_officers = float(result.stats.get("street_officers", math.inf))
    return {
        "outcome_class": outcome_class(daily_peaks(capital)[days], float(force[days[-1]]) if days else 0.0, conceded),
        "local_accommodation": bool(result.stats.get("mayors_gave_way", 0)),
        "security_split": bool(result.stats.get("units_withholding", 0) or lost >= SPLIT_SHARE * n_officers),
    }
