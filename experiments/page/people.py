"""What the page needs of persons: who they are, and their weeks in one block of bytes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from agents.vocabulary import NO_SITE
from experiments.analysis.weeks import FIXED, STATE, People, Week
from experiments.page.payload import Block

AGES = ("18 to 29", "30 to 44", "45 to 59", "60 or older")
OCCASIONS = {"": "", "protest": "a protest", "stand_in_chain": "a human chain", "walk_out": "a walkout"}
MISSING = -(2**15)
SCALE = 1000  # log-odds and states are told to the thousandth


def describe_people(found: Sequence[People], block: Block) -> list[dict[str, Any]]:
    """Describe the persons of each city, and append their weeks to the block."""
    return [{
        "persons": [_person(people, k) for k in range(len(people.keys))],
        "occasions": list(OCCASIONS.values()),
        "weeks": [_week(week, people.site_names, block) for week in people.weeks],
    } for people in found]  # fmt: skip


def _person(people: People, k: int) -> dict[str, Any]:
    """Describe a person in words, and by what never changes."""
    job = {"everybody else": "no state job", "other state sector": "works for the state"}.get(people.group[k])
    sex, age = "Woman" if people.is_woman[k] else "Man", AGES[people.age_band[k]]
    who = f"{sex}, {age}, {job or f'works at {people.group[k]}'}"
    traits = {name: round(people.traits[k][name], 2) for name in FIXED}
    return {"key": people.keys[k], "who": who, "stands_for": round(people.persons[k]), "east_m": people.east_m[k],
            "north_m": people.north_m[k], "opposes": people.traits[k]["private_preference"] < 0.5} | traits  # fmt: skip


def _week(week: Week, site_names: Sequence[str], block: Block) -> dict[str, Any]:
    """Append the weeks of a city's persons, by person and hour."""
    numbers = sorted(set(week.site[week.site != NO_SITE].tolist()))
    names = ["", *(site_names[number] for number in numbers)]
    site = np.where(week.site == NO_SITE, 0, np.searchsorted(numbers, week.site) + 1)
    labels = dict.fromkeys(name for weighed in week.weighed.values() for name in weighed.terms)
    terms = {name: _table(week, lambda weighed, name=name: weighed.terms.get(name, 0.0)) for name in labels}
    occasions = list(OCCASIONS)
    return {
        "activity": block.add(week.activity.astype("u1")), "site": block.add(site.astype("u1")), "sites": names,
        "state": {name: block.add(thousandths(values)) for name, values in zip(STATE, week.state, strict=True)},
        "occasion": block.add(np.nan_to_num(_table(week, lambda each: occasions.index(each.occasion))).astype("u1")),
        "index": block.add(thousandths(_table(week, lambda each: each.index))),
        "luck": block.add(thousandths(_table(week, lambda each: each.luck))),
        "terms": {name: block.add(thousandths(table)) for name, table in terms.items()
                  if np.abs(np.nan_to_num(table)).max(initial=0.0) > 0.5 / SCALE},
    }  # fmt: skip


def _table(week: Week, of: Any) -> np.ndarray:
    """Return a number of what was weighed by person and hour; missing where nothing was on."""
    table = np.full(week.activity.shape, np.nan)
    for where, weighed in week.weighed.items():
        table[where] = of(weighed)
    return table


def thousandths(values: np.ndarray) -> np.ndarray:
    """Return numbers as whole thousandths, cut at 32; missing ones as the lowest number there is."""
    whole = np.clip(np.rint(SCALE * values), 1 + MISSING, -1 - MISSING)
    return np.where(np.isnan(values), MISSING, whole).astype("<i2")
