"""Epstein (2002), doi:10.1073/pnas.092080199, model I: who is active, by the shipped rules without luck.

A citizen is active if G - N > T with G = H (1 - L), N = R P, and H, R uniform on [0, 1]. The join index with the
weights of grievance and fear 1, all others 0, fear P and offset -T is G - N - T; without luck one joins if it is
above 0. Integrating over H and R gives the active share at a given probability of arrest P:

    P = 0:               1 - T / (1 - L)
    P >= 1 - L - T >= 0:   (1 - L - T)^2 / (2 (1 - L) P)
"""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.compiled.rule import kernel
from agents.rules.luck import daily_luck
from agents.rules.participation import MotiveWeights, OwnState, grievance, join_index, joins, own_motive
from agents.rules.repression import arrest_probability

ACTIVATION_THRESHOLD = 0.1
SIDE = 4000  # the border of the active region is monotone and crosses at most 2 SIDE of the SIDE^2 cells
ERROR = 2.0 / SIDE


@kernel
def active_share(legitimacy, risk, side):
    """Return the active share of a population whose H and R lie on a grid of midpoints."""
    n_active = 0
    for i in range(side):
        for j in range(side):
            grieved, risk_aversion = grievance((i + 0.5) / side, legitimacy), (j + 0.5) / side
            own = OwnState(0.0, grieved, 0.0, risk_aversion, risk, 0.0)
            motive = own_motive(own, MotiveWeights(0.0, 1.0, 0.0, 1.0))
            if joins(0.0, 0.0, join_index(motive, 0.0, 0.0, 0.0, 0.0, -ACTIVATION_THRESHOLD)):
                n_active += 1
    return n_active / side**2


@pytest.mark.parametrize("legitimacy, risk, expected", [
    (0.82, 0.0, 0.444), (0.82, 0.9, 0.0198),
    (0.80, 0.0, 0.500), (0.80, 0.9, 0.0278),
    (0.70, 0.0, 0.667), (0.70, 0.9, 0.0741),
])
def test_active_share(legitimacy, risk, expected):
    """(1 - .1 / .18) = 4 / 9, .08^2 / (2 x .18 x .9) = .01975, and so on."""
    rounding = 0.0005 if risk == 0.0 else 0.00005
    assert active_share(legitimacy, risk, SIDE) == pytest.approx(expected, abs=rounding + ERROR)


@pytest.mark.parametrize("legitimacy", [0.90, 0.95, 1.0])
@pytest.mark.parametrize("risk", [0.0, 0.5])
def test_nobody_is_active_at_high_legitimacy(legitimacy, risk):
    assert active_share(legitimacy, risk, 500) == 0.0


@pytest.mark.parametrize("legitimacy", [0.3, 0.5, 0.82])
def test_the_share_falls_with_risk_from_its_bound(legitimacy):
    """Actives never exceed 1 - T / (1 - L), the share without any officer."""
    found = [active_share(legitimacy, risk, 1000) for risk in (0.0, 0.2, 0.5, 0.9)]
    assert found == sorted(found, reverse=True) and found[-1] < found[0]
    assert found[0] == pytest.approx(1.0 - ACTIVATION_THRESHOLD / (1.0 - legitimacy), abs=2.0 / 1000)


@settings(deadline=None, max_examples=200)
@given(st.floats(0, 1), st.floats(-6, 6), st.floats(-6, 6), st.floats(0, 1), st.floats(-20, 20))
def test_without_luck_one_joins_if_the_index_is_above_0(preference, disposition, day_normal, persistence, index):
    luck = daily_luck(disposition, day_normal, persistence, 0.0)
    assert joins(preference, luck, index) == (preference < 0.5 and index > 0.0)


def test_one_officer_and_one_active_give_the_paper_s_probability_of_arrest():
    """k = 2.3 makes P = .9 at C = A; the shipped form C / (A + C) is half of C / A there, so its level is 2."""
    assert arrest_probability(1.0, 1.0, 2.0, 2.3) == pytest.approx(0.9, abs=0.0005)
