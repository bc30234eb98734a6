"""Traits: preference, legitimacy, uniform traits and age bands, from normal draws."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.rules.traits import age_band, initial_legitimacy, preference_exponent, private_preference, uniform_trait

quick = settings(deadline=None, max_examples=60)
z = st.floats(-40, 40)  # every draw lies within 8.3
EXPONENT = 0.6861660533  # log(1 - .5 ** .8) / log(.288)


@pytest.mark.parametrize("against, polarisation, expected", [
    (0.712, 0.8, EXPONENT), (0.75, 2.0, 0.2075187496), (0.5, 1.0, 1.0), (0.75, 1.0, 0.5),
])
def test_exponent(against, polarisation, expected):
    assert preference_exponent(against, polarisation) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("normal, expected", [
    (-2.0, 0.0055426883), (-1.0, 0.0646343798), (0.0, 0.2968777350), (1.0, 0.6600849577), (2.0, 0.9076617380),
    (0.5592369776, 0.5),  # the 71.2 % quantile
    (-40.0, 0.0), (40.0, 1.0),
])
def test_preference(normal, expected):
    assert private_preference(normal, EXPONENT, 0.8) == pytest.approx(expected, rel=1e-8)


@pytest.mark.parametrize("normal, expected", [(0.0, 0.5), (1.0, 0.8413447461), (-1.96, 0.0249978951)])
def test_uniform_preference(normal, expected):
    """Polarisation 1 and half against: the uniform distribution, as is every other trait."""
    assert private_preference(normal, preference_exponent(0.5, 1.0), 1.0) == pytest.approx(expected, rel=1e-8)
    assert uniform_trait(normal) == pytest.approx(expected, rel=1e-8)


@quick
@given(st.tuples(z, z), st.floats(0.02, 0.98), st.floats(0.1, 10))
def test_preference_is_a_share_and_rises(normals, against, polarisation):
    exponent = preference_exponent(against, polarisation)
    low, high = (private_preference(x, exponent, polarisation) for x in sorted(normals))
    assert 0.0 <= low <= high + 1e-12 and high <= 1.0


@quick
@given(st.tuples(z, z))
def test_uniform_trait_is_a_share_and_rises(normals):
    low, high = (uniform_trait(x) for x in sorted(normals))
    assert 0.0 <= low <= high + 1e-15 and high <= 1.0


@pytest.mark.parametrize("preference, normal, expected", [
    (0.0, 0.0, 0.4), (1.0, 0.0, 0.85), (0.5, 1.0, 0.705), (1.0, 3.0, 1.0), (0.0, -6.0, 0.0),
])
def test_legitimacy(preference, normal, expected):
    assert initial_legitimacy(preference, normal, 0.4, 0.45, 0.08) == pytest.approx(expected, abs=1e-12)


@quick
@given(st.tuples(st.floats(0, 1), st.floats(0, 1)), st.floats(-8, 8))
def test_legitimacy_is_a_share_and_rises_with_preference(preference, normal):
    low, high = (initial_legitimacy(x, normal, 0.4, 0.45, 0.08) for x in sorted(preference))
    assert 0.0 <= low <= high <= 1.0


@pytest.mark.parametrize("normal, expected", [
    (-3.0, 0), (-0.9155, 0), (-0.9153, 1), (-0.0502, 1), (-0.0501, 2), (0.6433, 2), (0.6434, 3), (3.0, 3),
])
def test_age(normal, expected):
    """Quantiles of .18, .48 and .74: -.915365, -.050154, .643345."""
    assert age_band(normal, 0.18, 0.30, 0.26) == expected


@quick
@given(st.tuples(z, z))
def test_age_rises(normals):
    assert age_band(min(normals), 0.18, 0.30, 0.26) <= age_band(max(normals), 0.18, 0.30, 0.26)
