"""The announced result against the share seen among one's own ties."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.rules.announced_share import legitimacy_lost, seen_incumbent_share

quick = settings(deadline=None, max_examples=60)
share, noise = st.floats(0, 1), st.floats(-8, 8)


@pytest.mark.parametrize("company, normal, sd, expected", [
    (0.3, 0.0, 0.1, 0.3), (0.3, 1.0, 0.1, 0.4), (0.3, -1.5, 0.1, 0.15), (0.1, -2.0, 0.1, 0.0), (0.95, 3.0, 0.1, 1.0),
])
def test_seen_share(company, normal, sd, expected):
    assert seen_incumbent_share(company, normal, sd) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("official, seen, expected", [
    (0.801, 0.288, 0.1852),  # .4 (.801 - .288 - .05): the result of 2020 in a crowd of average friends
    (0.801, 0.751, 0.0),  # a gap of .05 is shrugged off
    (0.801, 0.9, 0.0),  # nobody gains legitimacy
    (0.801, 0.0, 0.3004),
])
def test_legitimacy_lost(official, seen, expected):
    assert legitimacy_lost(official, seen, 0.05, 0.4, 1.0) == pytest.approx(expected, abs=1e-12)
    assert legitimacy_lost(official, seen, 0.05, 0.4, 2.0) == pytest.approx(2.0 * expected, abs=1e-12)


@quick
@given(st.tuples(share, share), noise, st.floats(0, 0.5))
def test_seen_share_is_a_share_and_rises_with_company(company, normal, sd):
    low, high = (seen_incumbent_share(x, normal, sd) for x in sorted(company))
    assert 0.0 <= low <= high <= 1.0


@quick
@given(st.tuples(share, share), st.tuples(share, share), share, share)
def test_loss_rises_with_the_gap(official, seen, tolerance, loss):
    def lost(announced, around):
        return legitimacy_lost(announced, around, tolerance, loss, 1.0)

    assert 0.0 <= lost(min(official), seen[0]) <= lost(max(official), seen[0]) <= loss
    assert lost(official[0], max(seen)) <= lost(official[0], min(seen))


@quick
@given(share, share, share, share)
def test_strength_0_leaves_legitimacy_alone(official, seen, tolerance, loss):
    assert legitimacy_lost(official, seen, tolerance, loss, 0.0) == 0.0
