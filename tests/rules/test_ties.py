"""Ties: the share of others who are out, and what company adds."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.rules.ties import company_effect, others_share, seen_online_share, weighted_ties

quick = settings(deadline=None, max_examples=60)
share = st.floats(0, 1)


@pytest.mark.parametrize("n_out, n_all, is_out, expected", [
    (3.0, 11.0, 0.0, 0.3), (3.0, 11.0, 1.0, 0.2), (1.0, 11.0, 1.0, 0.0), (11.0, 11.0, 1.0, 1.0), (10.0, 11.0, 0.0, 1.0),
    (1.0, 1.0, 1.0, 0.0), (0.0, 1.0, 0.0, 0.0), (0.0, 0.0, 0.0, 0.0),
])
def test_others(n_out, n_all, is_out, expected):
    assert others_share(n_out, n_all, is_out) == expected


@quick
@given(st.integers(2, 10_000), st.data())
def test_others_are_a_share_without_oneself(n_all, data):
    n_out = data.draw(st.integers(0, n_all - 1))
    assert 0.0 <= others_share(n_out, n_all, 0.0) <= 1.0
    assert others_share(n_out + 1, n_all, 1.0) == others_share(n_out, n_all, 0.0)


@pytest.mark.parametrize("home, work, online, has_work, expected", [
    (0.1, 0.2, 0.3, 1.0, 0.21),  # .03 + .06 + .12
    (0.1, 0.9, 0.3, 0.0, 0.214285714),  # (.03 + .12) / .7
    (1.0, 1.0, 1.0, 1.0, 1.0), (1.0, 0.0, 1.0, 0.0, 1.0), (0.0, 0.0, 0.0, 1.0, 0.0),
])
def test_weighted(home, work, online, has_work, expected):
    assert weighted_ties(home, work, online, has_work, 0.3, 0.3) == pytest.approx(expected, rel=1e-8)


@quick
@given(share, share, share, st.sampled_from([0.0, 1.0]), st.floats(0, 0.49), st.floats(0, 0.49))
def test_weighted_share_lies_between_its_parts(home, work, online, has_work, home_weight, work_weight):
    parts = (home, work, online) if has_work else (home, online)
    found = weighted_ties(home, work, online, has_work, home_weight, work_weight)
    assert min(parts) - 1e-12 <= found <= max(parts) + 1e-12


@pytest.mark.parametrize("online, connectivity, seen", [
    (0.4, 1.0, 0.4),  # the network is up: the true share, to the bit
    (0.4, 0.5, 0.2),  # 9-12 August: .2 online, .5 with proxies
    (0.4, 0.0, 0.0), (0.0, 0.5, 0.0), (1.0, 0.375, 0.375),
])
def test_online_ties_are_seen_through_the_network(online, connectivity, seen):
    assert seen_online_share(online, connectivity) == pytest.approx(seen, abs=1e-15)
    assert seen_online_share(online, 1.0) == online


@quick
@given(share, share, share, st.tuples(share, share), st.sampled_from([0.0, 1.0]))
def test_a_shutdown_never_raises_company(home, work, online, connectivity, has_work):
    """Who is not seen counts as being at home; home and work do not take the weight of online ties."""
    low, high = (
        weighted_ties(home, work, seen_online_share(online, u), has_work, 0.3, 0.3)
        for u in sorted(connectivity)
    )
    assert low <= high + 1e-15


@pytest.mark.parametrize("company, onset, strength, expected", [
    (0.2, 0.0, 1.0, 0.3), (1.0, 0.0, 1.0, 1.5), (0.4, 0.4, 1.0, 0.0), (0.39, 0.4, 1.0, 0.0), (0.7, 0.4, 1.0, 0.75),
    (1.0, 0.4, 1.0, 1.5), (0.2, 0.0, 2.0, 0.6),
])
def test_company(company, onset, strength, expected):
    assert company_effect(company, 1.5, onset, strength) == pytest.approx(expected, abs=1e-12)


@quick
@given(st.tuples(share, share), st.floats(0, 10), st.floats(0, 0.9), st.floats(0, 10))
def test_company_never_keeps_at_home(company, weight, onset, strength):
    low, high = (company_effect(x, weight, onset, strength) for x in sorted(company))
    assert 0.0 <= low <= high <= strength * weight * (1 + 1e-12)


@quick
@given(share, st.floats(0, 10), st.floats(0, 0.9))
def test_strength_0_makes_company_irrelevant(company, weight, onset):
    assert company_effect(company, weight, onset, 0.0) == 0.0
