"""Media: connectivity with proxies, exposure, and the state media's losses."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.rules.media import effective_connectivity, effective_diet, exposure

quick = settings(deadline=None, max_examples=60)
share = st.floats(0, 1)


@pytest.mark.parametrize("connectivity, strength, expected", [
    (0.2, 1.0, 0.5),  # 9-12 August: .2 online, .5 with proxies
    (1.0, 1.0, 1.0), (0.0, 1.0, 0.375), (0.2, 0.5, 0.75),
])
def test_connectivity(connectivity, strength, expected):
    assert effective_connectivity(connectivity, 0.375, strength) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("diet, connectivity, strength, expected", [
    (0.7, 0.5, 1.0, 0.2775), (0.7, 0.5, 0.5, 0.63875), (0.0, 1.0, 1.0, 1.0), (1.0, 1.0, 1.0, 0.15),
    (0.0, 0.0, 1.0, 0.15),
])
def test_exposure(diet, connectivity, strength, expected):
    assert exposure(diet, connectivity, 0.15, strength) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("silent, expected", [(0.0, 0.8), (0.5, 0.6), (1.0, 0.4)])
def test_diet(silent, expected):
    assert effective_diet(0.8, silent, 0.5) == pytest.approx(expected, rel=1e-12)


@quick
@given(st.tuples(share, share), share, share)
def test_connectivity_is_a_share_and_rises(connectivity, proxies, strength):
    low, high = (effective_connectivity(u, proxies, strength) for u in sorted(connectivity))
    assert 0.0 <= low <= high + 1e-15 and high <= 1.0


@quick
@given(st.tuples(share, share), st.tuples(share, share), share, share)
def test_exposure_is_a_share_that_rises_with_connectivity_and_falls_with_diet(diet, connectivity, base, strength):
    def heard(m, u):
        return exposure(m, u, base, strength)

    assert 0.0 <= heard(diet[0], min(connectivity)) <= heard(diet[0], max(connectivity)) + 1e-15
    assert heard(max(diet), connectivity[0]) <= heard(min(diet), connectivity[0]) + 1e-15
    assert heard(diet[0], connectivity[0]) <= 1.0
    assert exposure(diet[0], connectivity[0], base, 1.0) >= base - 1e-15


@quick
@given(share, share, share)
def test_strength_0_lets_everybody_hear_everything(diet, connectivity, other):
    assert effective_connectivity(connectivity, other, 0.0) == 1.0
    assert exposure(diet, connectivity, other, 0.0) == 1.0


@quick
@given(share, st.tuples(share, share), share)
def test_silence_takes_viewers_from_state_television(diet, silent, loss):
    assert 0.0 <= effective_diet(diet, max(silent), loss) <= effective_diet(diet, min(silent), loss) <= diet
    assert effective_diet(diet, 0.0, loss) == effective_diet(diet, silent[0], 0.0) == diet
