"""What people learn: company, lessons, outrage, a city's gap, calls, concessions; values by hand and signs."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.rules.anger import outrage_next, outraged
from agents.rules.concession import appeased, guaranteed
from agents.rules.fear import lesson_cost, lesson_next, treatment
from agents.rules.leader import knows_place
from agents.rules.luck import city_gap
from agents.rules.participation import main_share
from agents.rules.ties import believed_turnout, remembered_effect, remembered_next

quick = settings(deadline=None, max_examples=60)
share = st.floats(0, 1)


@pytest.mark.parametrize("turnout, diet, connectivity, expected", [
    (0.1, 0.5, 1.0, 0.085),  # .1 (.5 x .5 + .5 x 1 x 1.2)
    (0.1, 1.0, 1.0, 0.05), (0.1, 0.0, 0.5, 0.06), (0.0, 0.3, 1.0, 0.0), (1.0, 0.0, 1.0, 1.0),
])
def test_turnout_that_one_believes(turnout, diet, connectivity, expected):
    found = believed_turnout(turnout, diet, connectivity, math.log(0.5), math.log(1.2))
    assert found == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("remembered, seen, believed, kind, expected", [
    (0.02, 0.1, 0.06, 1.0, 0.065),  # .02 + .75 (.08 - .02)
    (0.02, 0.1, 0.06, 0.0, 0.02), (0.0, 0.0, 0.0, 1.0, 0.0), (0.08, 0.0, 0.0, 1.0, 0.02),
])
def test_company_remembered(remembered, seen, believed, kind, expected):
    assert remembered_next(remembered, seen, believed, kind, 0.75, 0.5) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("remembered, expected", [
    (0.0, 0.0), (0.01, math.log(2.0 / 1.2)), (0.05, math.log(6.0 / 2.0)), (1.0, math.log(101.0 / 21.0)),
])
def test_company_remembered_weighs_as_a_bounded_logarithm(remembered, expected):
    assert remembered_effect(remembered, 0.01, 0.05) == pytest.approx(expected, rel=1e-12)


@quick
@given(st.tuples(share, share))
def test_more_company_remembered_never_weighs_less(remembered):
    low, high = (remembered_effect(end(remembered), 0.01, 0.05) for end in (min, max))
    assert 0.0 <= low <= high < math.log(5.0)


@pytest.mark.parametrize("detained, injured, crowd, expected", [
    (300.0, 50.0, 50_000.0, 1.0 / 3.0),  # (300 + 4 x 50) / 1,500
    (0.0, 0.0, 50_000.0, 0.0), (5_000.0, 0.0, 50_000.0, 1.0), (10.0, 0.0, 0.0, 0.0),
])
def test_how_an_occasion_was_treated(detained, injured, crowd, expected):
    assert treatment(detained, injured, crowd, 4.0, 0.03) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("lesson, treated, seen_defection, kind, expected", [
    (0.2, 0.8, 0.0, 1.0, 0.5), (0.8, 0.0, 0.0, 1.0, 0.4), (0.8, 0.0, 0.0, 0.0, 0.8), (0.0, 0.8, 0.25, 1.0, 0.3),
])
def test_the_lesson_of_a_kind_of_day(lesson, treated, seen_defection, kind, expected):
    """Force teaches, its absence relieves, another kind of day says nothing, officers who give way take it back."""
    assert lesson_next(lesson, treated, seen_defection, kind, 0.5) == pytest.approx(expected, rel=1e-12)


@quick
@given(share, st.tuples(share, share))
def test_a_worse_lesson_never_draws_people_out(risk_aversion, lesson):
    low, high = (lesson_cost(end(lesson), risk_aversion, 2.0, 1.0) for end in (min, max))
    assert 0.0 <= low <= high and lesson_cost(lesson[0], risk_aversion, 2.0, 0.0) == 0.0


def test_outrage_fades_and_grows():
    """Half is left after a week at a decay of 1 - 2^(-1/7) a day; .3 injured per 1,000 are two units of .15."""
    decay = 1.0 - 0.5 ** (1.0 / 7.0)
    stock = 4.0
    for _ in range(168):
        stock = outrage_next(stock, 0.0, 0.0, decay, 0.15)
    assert stock == pytest.approx(2.0, rel=1e-9)
    assert outrage_next(0.0, 0.3, 1.0, decay, 0.15) == pytest.approx(3.0, rel=1e-12)


@pytest.mark.parametrize("anger, exposure, outrage, gain, strength, expected", [
    (0.0, 1.0, math.log(2.0), 1.0, 1.0, 0.5), (0.7, 1.0, math.log(2.0), 1.0, 1.0, 0.7), (0.0, 0.5, 1e9, 0.8, 1.0, 0.4),
    (0.2, 1.0, 1e9, 1.0, 0.0, 0.2), (0.0, 1.0, 1e9, 1.0, 3.0, 1.0), (0.3, 0.0, 5.0, 1.0, 1.0, 0.3),
])
def test_anger_does_not_fall_below_the_outrage_that_one_hears(anger, exposure, outrage, gain, strength, expected):
    assert outraged(anger, exposure, outrage, gain, strength) == pytest.approx(expected, rel=1e-12)


def test_a_gap_closes_and_spreads():
    """Without noise rho is left after a week; with it the variance stays at q^2."""
    gap = -2.0
    for _ in range(7):
        gap = city_gap(gap, 0.0, 0.8, 0.3)
    assert gap == pytest.approx(-1.6, rel=1e-9)
    kept = 0.8 ** (1.0 / 7.0)
    assert city_gap(0.0, 1.0, 0.8, 0.3) == pytest.approx(0.3 * math.sqrt(1.0 - kept * kept), rel=1e-9)
    assert city_gap(0.5, 1.0, 1.0, 0.3) == 0.5


@pytest.mark.parametrize("weekly, credibility, guarantee, lift, expected", [
    (1.0, 0.0, 0.0, 0.0, 1.0), (0.0, 0.0, 0.0, 1.25, 0.0), (0.0, 0.8, 0.0, 1.25, 1.0), (0.0, 0.4, 0.0, 1.25, 0.25),
    (0.0, 1.0, 0.0, 1.25, 1.0), (0.0, 0.4, 0.6, 1.25, 0.6), (0.0, 0.9, 0.0, 0.0, 0.0),
])
def test_calls_and_guarantees_make_a_day_a_main_one(weekly, credibility, guarantee, lift, expected):
    assert main_share(weekly, credibility, guarantee, lift) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("concession, strength, expected", [
    (1.0, 1.0, 3.0), (0.5, 1.0, 1.5), (0.5, 4.0, 3.0), (1.0, 0.0, 0.0),
])
def test_a_concession(concession, strength, expected):
    assert appeased(concession, 3.0, strength) == pytest.approx(expected, rel=1e-12)


def test_a_guarantee():
    assert [guaranteed(0.5, strength) for strength in (0.0, 1.0, 3.0)] == [0.0, 0.5, 1.0]


@pytest.mark.parametrize("draw, connectivity, by_mouth, expected", [
    (0.5, 1.0, 0.0, True), (0.5, 0.3, 0.0, False), (0.29, 0.3, 0.0, True), (0.64, 0.3, 0.5, True),
    (0.66, 0.3, 0.5, False), (0.99, 0.0, 1.0, True),
])
def test_who_knows_the_place(draw, connectivity, by_mouth, expected):
    assert knows_place(draw, connectivity, by_mouth) is expected
