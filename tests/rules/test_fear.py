"""Fear: force expected, risk shown, reported and believed, sanction, and the logarithm of it all."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from agents.rules.fear import (
    belief_next,
    expected_force,
    expected_sanction,
    felt_fear,
    reported_risk,
    sanction_risk,
    shown_risk,
)

quick = settings(deadline=None, max_examples=60)
share, strength = st.floats(0, 1), st.floats(0, 10)
officers, crowd = st.floats(1, 1e5), st.floats(0, 1e6)


@pytest.mark.parametrize("seen, support, expected", [
    (0.0, 0.0, 4500.0), (0.1, 0.0, 3150.0), (0.0, 1.0, 5850.0), (0.1, 0.5, 3622.5), (0.4, 1.0, 0.0),
])
def test_force(seen, support, expected):
    assert expected_force(4500.0, seen, 3.0, 0.3, support) == pytest.approx(expected, rel=1e-12)


@quick
@given(officers, st.tuples(share, share), st.tuples(share, share))
def test_defection_lowers_and_russian_support_raises_the_force(n, seen, support):
    def force(defected, russian):
        return expected_force(n, defected, 3.0, 0.3, russian)

    assert 0.0 <= force(max(seen), support[0]) <= force(min(seen), support[0])
    assert force(seen[0], min(support)) <= force(seen[0], max(support))


@pytest.mark.parametrize("repression, n_officers, persons, expected", [
    (1.0, 4500.0, 30_000.0, 0.0333444420), (2.0, 4500.0, 4500.0, 0.2289484142),
    (1.0, 4500.0, 220_000.0, 0.0051980246), (1.0, 0.0, 1000.0, 0.0), (0.0, 4500.0, 1000.0, 0.0),
])
def test_shown_risk(repression, n_officers, persons, expected):
    assert shown_risk(repression, n_officers, persons, 0.065, 4.0) == pytest.approx(expected, rel=1e-8)


@quick
@given(st.floats(0, 5), officers, crowd, st.floats(0.01, 100))
def test_shown_risk_does_not_depend_on_the_scale(repression, n_officers, persons, scale):
    risk = shown_risk(repression, n_officers, persons, 0.065, 4.0)
    scaled = shown_risk(repression, scale * n_officers, scale * persons, 0.065, 4.0)
    assert scaled == pytest.approx(risk, rel=1e-9, abs=1e-15)
    assert 0.0 <= risk < 1.0


@quick
@given(st.tuples(officers, officers), st.tuples(crowd, crowd), st.floats(0, 5))
def test_shown_risk_rises_with_force_and_falls_with_the_crowd(n_officers, persons, repression):
    def risk(force, many):
        return shown_risk(repression, force, many, 0.065, 4.0)

    assert risk(min(n_officers), persons[0]) <= risk(max(n_officers), persons[0]) + 1e-15
    assert risk(n_officers[0], max(persons)) <= risk(n_officers[0], min(persons)) + 1e-15


@pytest.mark.parametrize("belief, shown, troops, expected", [
    (0.02, 0.03, 0.0, 0.05), (0.5, 0.4, 0.3, 1.0), (0.0, 0.0, 0.0, 0.0),
])
def test_sanction_risk(belief, shown, troops, expected):
    assert sanction_risk(belief, shown, troops) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("detained, injured, earlier, peak, expected", [
    (1000.0, 250.0, 0.0, 30_000.0, 0.0655737705),  # (1000 + 4 x 250) / 30,500
    (1000.0, 0.0, 0.04, 30_000.0, 0.0331147541),  # (1000 + 10) / 30,500
    (0.0, 0.0, 0.04, 0.0, 0.02),  # nothing happened: half of it is forgotten
    (9000.0, 9000.0, 1.0, 100.0, 1.0),
])
def test_reported_risk(detained, injured, earlier, peak, expected):
    assert reported_risk(detained, injured, earlier, peak, 4.0, 500.0) == pytest.approx(expected, rel=1e-8)


@quick
@given(crowd, st.tuples(share, share), share, share, st.floats(1, 1e4))
def test_reported_risk_is_a_share_and_rises_with_the_detained(peak, detained, injured, earlier, prior):
    low, high = (reported_risk(part * peak, injured * peak, earlier, peak, 4.0, prior) for part in sorted(detained))
    assert 0.0 <= low <= high <= 1.0


@quick
@given(share, share, crowd, st.floats(1, 1e4))
def test_reported_risk_falls_with_a_crowd_of_which_nobody_is_detained(earlier, share_more, peak, prior):
    more = peak * (1.0 + share_more)
    assert reported_risk(0.0, 0.0, earlier, more, 4.0, prior) <= reported_risk(0.0, 0.0, earlier, peak, 4.0, prior)


@pytest.mark.parametrize("belief, without, injuries, heard, weight, expected", [
    (0.02, 0.05, 0.03, 1.0, 0.1, 0.026), (0.02, 0.05, 0.03, 0.0, 0.1, 0.023),
    (0.02, 0.05, 0.03, 0.5, 1.0, 0.065), (0.02, 0.9, 0.9, 1.0, 1.0, 1.0),
])
def test_belief(belief, without, injuries, heard, weight, expected):
    assert belief_next(belief, without, injuries, heard, weight) == pytest.approx(expected, rel=1e-12)


@quick
@given(share, share, share, share, share)
@example(0.1, 1.0, 1.0, 1.0, 1.0)
def test_belief_moves_towards_the_report(belief, without, injuries, heard, weight):
    report = min(1.0, without + heard * injuries)
    after = belief_next(belief, without, injuries, heard, weight)
    assert min(belief, report) - 1e-15 <= after <= max(belief, report) + 1e-15
    assert 0.0 <= after <= 1.0
    assert belief_next(belief, without, injuries, heard, 0.0) == belief


@pytest.mark.parametrize("violent, expected", [(0.0, 3.0), (0.25, 4.75), (1.0, 10.0)])
def test_sanction(violent, expected):
    assert expected_sanction(violent, 3.0, 10.0) == pytest.approx(expected, rel=1e-12)


@quick
@given(st.tuples(share, share))
def test_sanction_rises_with_violence(violent):
    low, high = (expected_sanction(part, 3.0, 10.0) for part in sorted(violent))
    assert 3.0 <= low <= high + 1e-14 and high <= 10.0 + 1e-14


@pytest.mark.parametrize("risk, sanction, expected", [
    (0.05, 4.75, 3.2088254890), (0.03, 3.0, 2.3025850930), (0.1, 1.0, 2.3978952728), (0.0, 10.0, 0.0),
])
def test_fear(risk, sanction, expected):
    assert felt_fear(risk, sanction, 0.01, 1.0) == pytest.approx(expected, rel=1e-8)
    assert felt_fear(risk, sanction, 0.01, 0.5) == pytest.approx(0.5 * expected, rel=1e-8)


@quick
@given(st.tuples(share, share), st.tuples(st.floats(0, 100), st.floats(0, 100)), strength)
def test_fear_rises_with_risk_and_sanction(risk, sanction, factor):
    def fear(probability, size):
        return felt_fear(probability, size, 0.01, factor)

    assert 0.0 <= fear(min(risk), sanction[0]) <= fear(max(risk), sanction[0]) * (1 + 1e-14)
    assert fear(risk[0], min(sanction)) <= fear(risk[0], max(sanction)) * (1 + 1e-14)


@quick
@given(share, st.floats(0, 100), st.floats(1e-3, 1))
def test_strength_0_frightens_nobody(risk, sanction, scale):
    assert felt_fear(risk, sanction, scale, 0.0) == 0.0
