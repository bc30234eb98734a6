"""Where to protest: weights of sites, room, and the own neighbourhood."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.rules.place import has_room, site_weight, stays_local

quick = settings(deadline=None, max_examples=60)
share, attraction, metres = st.floats(0, 1), st.floats(1e-3, 1e3), st.floats(0, 2e4)


@pytest.mark.parametrize("size, distance, exponent, strength, expected", [
    (3.0, 2000.0, 1.0, 1.0, 1.819591979),  # 3 exp(-.5)
    (4.0, 1500.0, 0.5, 1.0, 1.374578558),  # 2 exp(-.375)
    (4.0, 1500.0, 0.5, 0.5, 1.172424223),  # the square root of that
    (3.0, 0.0, 1.0, 1.0, 3.0), (0.0, 100.0, 1.0, 1.0, 0.0),
])
def test_weight(size, distance, exponent, strength, expected):
    assert site_weight(size, distance, exponent, 0.25, strength) == pytest.approx(expected, rel=1e-9)


@quick
@given(st.tuples(attraction, attraction), st.tuples(metres, metres), share)
def test_weight_rises_with_attraction_and_falls_with_distance(size, distance, strength):
    def weight(s, d):
        return site_weight(s, d, 1.0, 0.25, strength)

    assert 0.0 < weight(min(size), distance[0]) <= weight(max(size), distance[0]) * (1 + 1e-12)
    assert weight(size[0], max(distance)) <= weight(size[0], min(distance)) * (1 + 1e-12)


@quick
@given(attraction, metres, st.floats(0, 3))
def test_strength_0_makes_all_open_sites_alike(size, distance, exponent):
    assert site_weight(size, distance, exponent, 0.25, 0.0) == 1.0
    assert site_weight(0.0, distance, exponent, 0.25, 0.0) == 0.0


@pytest.mark.parametrize("crowd, strength, expected", [
    (28_799.0, 1.0, True), (28_800.0, 1.0, False), (1e6, 1.0, False), (1e6, 0.0, True),
])
def test_room_on_independence_square(crowd, strength, expected):
    """7,200 m2 at 4 persons per m2."""
    assert has_room(crowd, 7200.0, 4.0, strength) is expected


@quick
@given(st.tuples(metres, metres), st.floats(1, 1e6), st.floats(0.5, 6))
def test_a_smaller_crowd_has_room_where_a_larger_one_has(crowd, area, capacity):
    assert has_room(max(crowd), area, capacity, 1.0) <= has_room(min(crowd), area, capacity, 1.0)


@pytest.mark.parametrize("draw, strength, expected", [
    (0.29, 1.0, True), (0.3, 1.0, False), (0.16, 0.5, False), (0.0, 0.0, False),
])
def test_local(draw, strength, expected):
    assert stays_local(draw, 0.3, strength) is expected
