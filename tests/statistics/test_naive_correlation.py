"""The naive correlation of repression and protest: by hand, and what it takes for an effect that does not exist."""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pytest

from experiments.analysis.published import answer
from experiments.design.claims import Claim
from experiments.outcomes import naive_correlation, outcomes


def test_by_hand():
    turnout = np.exp(np.array([[0.0, 0.0, 0.0], [1.0, 2.0, 3.0], [0.0, 0.0, 0.0]]))
    repressed = np.array([[1.0, 2.0, 3.0], [3.0, 4.0, 5.0], [9.0, 9.0, 9.0]])
    change = np.array([1.0, 2.0, 3.0, -1.0, -2.0, -3.0])
    expected = np.corrcoef(change, repressed[:2].ravel())[0, 1]
    assert naive_correlation(turnout, repressed) == pytest.approx(expected)
    assert naive_correlation(turnout[:2], repressed[:2], of_day=True) == pytest.approx(1.0)
    assert naive_correlation(turnout, repressed, of_day=True) == pytest.approx(0.0, abs=1e-12)  # 1 on one day, -1 next


def test_missing_where_nothing_can_be_said():
    turnout, repressed = np.array([[5.0, 0.0, 3.0], [1.0, 2.0, 0.0]]), np.ones((2, 3))
    assert math.isnan(naive_correlation(turnout, repressed))
    assert math.isnan(naive_correlation(np.full((3, 3), 2.0), np.arange(9.0).reshape(3, 3)))
    assert math.isnan(naive_correlation(np.zeros((0, 3)), np.zeros((0, 3))))


def test_it_sees_an_effect_where_there_is_none(settings, simulate):
    """Without anger and fear nothing that officers do reaches the next day but by detention; it is strongly negative.

    The paired effect of injuries, under the same luck, is none.
    """
    off = {"persons_per_agent": 200, "anger.strength": 0.0, "fear.strength": 0.0, "chains.strength": 0.0}
    calm = off | {"repression.violent_share": 0.0, "repression.custody_share": 0.0}
    for seed in (1, 2, 3):
        violent, other = (simulate(settings("august_2020", changes), seed) for changes in (off, calm))
        assert outcomes(violent)["naive_correlation"] < -0.2
        assert outcomes(violent)["turnout_days"] == outcomes(other)["turnout_days"]
        assert outcomes(violent)["injured"] > 0 == outcomes(other)["injured"]


@pytest.mark.parametrize(("found", "signs", "said"), [
    ([1.0] * 12 + [-1.0] * 8, (12, 8), "agree"),
    ([0.0] * 4 + [1.0] * 8 + [-1.0] * 8, (8, 8), "agree"),  # 0 is neither
    ([1.0, 1.0, 1.0] + [-1.0] * 17, (3, 17), "undecided"),  # 4 to 34 % of runs
    ([-1.0] * 20, (0, 20), "undecided"),  # 0 to 14 %
    ([-1.0] * 29 + [math.nan], (0, 29), "disagree"),  # 0 to 9.8 %
    ([1.0, -1.0] * 4 + [1.0], (5, 4), "undecided"),  # nine runs
])  # fmt: skip
def test_a_claim_of_both_signs(found, signs, said):
    """Each sign in a tenth of the runs at least, by the exact interval of the rarer one's share."""
    plan = SimpleNamespace(points=[{"dose": 0.0}, {"dose": 1.0}], baseline=0, replicates=len(found))
    values = {len(found) + run: {"naive_correlation": value} for run, value in enumerate(found)}
    claim = {"source": "made up", "claim": "both", "outcome": "naive_correlation", "sign": "both", "smallest": 0.1,
             "could_fail": "free", "why": "a test"}  # fmt: skip
    told = answer(plan, values, Claim(**claim, at={"dose": 1.0}))
    assert (told.signs, told.n, told.verdict) == (signs, sum(map(math.isfinite, found)), said)
    nothing = answer(plan, values, Claim(**claim, at={"dose": 2.0}))
    assert (nothing.is_run, nothing.n, nothing.verdict) == (False, 0, "undecided")
