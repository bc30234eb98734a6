"""The naive correlation of repression and protest: by hand, and what it takes for an effect that does not exist."""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pytest

from experiments.analysis.finish import signs_told
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


@pytest.mark.parametrize(("found", "told", "answer"), [
    ([1.0, -1.0, -2.0, -0.5, 0.0], "1 above and 3 below 0, n = 5", "agree"),
    ([-1.0, -2.0, -3.0, -0.5, math.nan, -1.0], "0 above and 5 below 0, n = 5", "disagree"),
    ([1.0, *[-1.0] * 19], "1 above and 19 below 0, n = 20", "disagree"),  # fewer than a tenth
    ([1.0, -1.0], "1 above and 1 below 0, n = 2", "undecided"),
])  # fmt: skip
def test_a_claim_of_both_signs(found, told, answer):
    plan = SimpleNamespace(points=[{"dose": 0.0}, {"dose": 1.0}], baseline=0, replicates=len(found))
    values = {len(found) + run: {"naive": value} for run, value in enumerate(found)}
    claim = {"outcome": "naive", "sign": "both", "at": {"dose": 1.0}}
    assert signs_told(plan, values, claim) == (told, answer)
    assert signs_told(plan, values, claim | {"at": {"dose": 2.0}}) == ("not run", "undecided")
