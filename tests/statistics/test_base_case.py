"""The base case lands near the facts: median of five seeds, eight cities, one citizen for 100 persons.

Ranges as registered before the fit (docs/base_case.md, and conf/data/belarus_2020/targets.csv). They are not to be
widened when a parameter moves.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

SEEDS = range(1, 6)
NIGHT, SUNDAY = slice(18, 30), slice(7 * 24 + 6, 8 * 24)
FIRST_NIGHTS, PAUSE = slice(18, 4 * 24 + 6), slice(4 * 24 + 6, 8 * 24)
ONE_COUNT, MINISTRY = math.exp(0.4), math.exp(0.5)  # spread of one count; of the ministry's bias


@pytest.fixture(scope="session")
def week(settings, simulate):
    """Runs of the base case, and a function for medians: week(lambda curve: ..., city)."""
    parameters = settings("august_2020", {"persons_per_agent": 100})
    results = [simulate(parameters, seed) for seed in SEEDS]

    def curves(result, c):
        columns = result.curves_columns | {"rally_present": result.rally_present}
        return {name: values[:, c] for name, values in columns.items()}

    def median(outcome, city="Minsk"):
        c = results[0].cities.index(city)
        return float(np.median([outcome(curves(result, c)) for result in results]))

    return median


def test_opposition_on_16_august(week):
    assert 100_000 <= week(lambda curve: curve["protesting"][SUNDAY].max()) <= 250_000


def test_opposition_at_least_triples_in_the_week(week):
    assert week(lambda curve: curve["protesting"][SUNDAY].max() / curve["protesting"][NIGHT].max()) >= 3.0


def test_rally_for_the_incumbent(week):
    assert 10_000 <= week(lambda curve: curve["rally_present"][SUNDAY].max()) <= 35_000


@pytest.mark.parametrize(
    ("report", "published", "factor"),
    [
        ("reported_protest_media", 220_000, ONE_COUNT),
        ("reported_rally_media", 31_000, ONE_COUNT),
        ("reported_rally_ministry", 65_000, MINISTRY),
    ],
)
def test_reported_counts_of_16_august(week, report, published, factor):
    """What the sources make of the crowds, within the spread of a single count."""
    assert published / factor <= week(lambda curve: np.nanmax(curve[report][SUNDAY])) <= published * factor


def test_detained_in_minsk_9_to_12_august(week):
    assert 1_000 <= week(lambda curve: curve["detained_new"][FIRST_NIGHTS].sum()) <= 5_000


def test_about_nobody_detained_in_minsk_in_the_pause(week):
    """13 August, 06:00, to 16 August: at most 100, one agent."""
    assert week(lambda curve: curve["detained_new"][PAUSE].sum()) <= 100


@pytest.mark.parametrize("city", ["Brest", "Gomel", "Grodno", "Mogilev", "Vitebsk", "Soligorsk", "Zhodino"])
def test_some_crowd_in_each_other_city(week, city):
    """A crowd, not a few agents: at least 500 persons on 16 August."""
    assert week(lambda curve: curve["protesting"][SUNDAY].max(), city) >= 500


def test_few_officers_resigned(settings, week, stepped):
    """Fewer than 2 % of the street officers, in Minsk and in every city."""
    world = stepped(settings("august_2020", {"persons_per_agent": 2000})).world
    for city in world.cities:
        assert week(lambda curve: curve["officers_resigned"][-1], city.name) < 0.02 * city.street_officers
