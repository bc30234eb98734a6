"""Outcome classes: by hand, and that shipped levers reach them inside their ranges (DECISIONS D22)."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from experiments.outcomes import CLASSES, main_days, outcome_class, outcomes


@pytest.mark.parametrize(("shares", "expected"), [
    ([0.02, 0.004, 0.05], "grown"),  # 2.5 times the first
    ([0.02, 0.05, 0.02], "fizzled"),  # 0.4 times the largest before
    ([0.02, 0.01, 0.029], "sustained"),  # 1.45 times: less than the scatter of one count, 1.49
    ([0.02, 0.01, 0.0135], "sustained"),
    ([0.009, 0.001, 0.008], "contained"),  # never one in a hundred
    ([0.009, 0.001, 0.0], "contained"),
    ([0.05, 0.0], "fizzled"),
    ([0.5], "unresolved"),
    ([], "unresolved"),
])  # fmt: skip
def test_by_hand(shares, expected):
    assert outcome_class(np.array(shares)) == expected
    assert expected in CLASSES


@pytest.mark.parametrize(("shares", "repression", "concession", "expected"), [
    ([0.02, 0.05, 0.02], 0.5, 0.0, "suppressed"), ([0.009, 0.001, 0.008], 1.0, 0.0, "suppressed"),
    ([0.02, 0.05, 0.02], 0.4, 0.0, "fizzled"), ([0.02, 0.004, 0.05], 1.0, 0.0, "grown"),
    ([0.02, 0.004, 0.05], 0.0, 0.6, "conceded"), ([0.5], 1.0, 0.0, "unresolved"),
])  # fmt: skip
def test_force_and_concession_by_hand(shares, repression, concession, expected):
    assert outcome_class(np.array(shares), repression, concession) == expected


def test_main_occasions_are_days_to_which_the_capital_is_called():
    def event(kind, hour, city="all", intensity=1.0):
        return SimpleNamespace(kind=kind, hour=hour, city=city, intensity=intensity)

    evenings = [event("occasion", 18 + 24 * day) for day in range(4)]
    assert main_days(evenings, "Minsk", 96) == [0, 1, 2, 3]
    calls = [event("call", 25, "Minsk"), event("call", 90, intensity=0.0), event("call", 40, "Brest")]
    calls.append(event("call", 200))
    assert main_days(evenings + calls, "Minsk", 96) == [0, 3]  # 01:00 is in the night before; elsewhere and later not
    assert main_days([*evenings, calls[0]], "Minsk", 96) == [0, 1, 2, 3]  # one call is no course of events


def test_a_lever_does_not_change_which_days_are_compared(settings, simulate):
    base, silent = (simulate(settings("minsk_2020", {"persons_per_agent": 400, **changes}))
                    for changes in ({}, {"forcings.call": {"factor": 0.0}}))  # fmt: skip
    days = [main_days(result.events, "Minsk", result.hours) for result in (base, silent)]
    assert days[0] == days[1] == [0, 2, 6, 7]


@pytest.mark.parametrize(("changes", "expected"), [
    ({}, "grown"),
    ({"anger.strength": 0.0, "forcings.repression": {"value": 4.0, "from_hour": 102}}, "suppressed"),
    ({"anger.strength": 0.5, "forcings.repression": {"value": 4.0, "from_hour": 102}}, "sustained"),
    ({"anger.strength": 0.0, "forcings.repression": {"value": 5.0}, "fear.strength": 2.0}, "suppressed"),
    ({"participation.strength": 0.05}, "contained"),
    ({"concession.strength": 1.0, "forcings.concession": {"add": [{"hour": 150, "value": 1.0}]}}, "conceded"),
])  # fmt: skip
def test_shipped_levers_reach_every_class(settings, simulate, changes, expected):
    """The most frequent class of ten seeds that no threshold was chosen on."""
    found = [outcomes(simulate(settings("minsk_2020", {"persons_per_agent": 400, **changes}), seed))["outcome_class"]
             for seed in range(201, 211)]  # fmt: skip
    assert max(CLASSES, key=found.count) == expected
