"""A full site keeps those who are there and sends newcomers elsewhere: no crowd blinks from hour to hour."""

import numpy as np
import pytest

from experiments import load_scenario
from sim import run

AFTERNOON = slice(7 * 24 + 14, 7 * 24 + 18)  # the march of 16 August, until the profile falls


@pytest.fixture(scope="module")
def small_square():
    return run(load_scenario("minsk_2020", "persons_per_agent=400", "place.site_capacity=0.5"), seed=1)


def crowd(result, place):
    return result.site_crowd[AFTERNOON, result.site_names.index(("Minsk", place))]


def test_the_called_site_fills_and_stays_full(small_square):
    stela = crowd(small_square, "Stela")
    assert (np.diff(stela) >= 0).all()
    assert stela.max() > 0.5 * 110_000  # the hour in which it fills is not cut short, only newcomers after it


def test_newcomers_go_to_other_squares(small_square):
    others = sum(crowd(small_square, name) for name in ("Independence Square", "Pushkinskaya", "Komarovsky market"))
    assert others.max() > 10_000
    roomy = run(load_scenario("minsk_2020", "persons_per_agent=400"), seed=1)
    assert crowd(roomy, "Pushkinskaya").max() == 0  # with room for all, the called site takes everybody


def test_the_crowd_of_the_city_does_not_blink(small_square):
    city = small_square.curves_columns["protesting"][AFTERNOON, 0]
    assert (np.diff(city) > 0).all()
