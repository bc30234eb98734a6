"""What a sweep says of a lever, and where an effect changes its sign: verdicts and intervals on known differences."""

from __future__ import annotations

import numpy as np
import pytest

from experiments.analysis.break_even import break_even, one_sign
from experiments.analysis.effects import paired_effect, with_signs
from experiments.analysis.findings import EFFECT, NONE_AT_ALL, NONE_OF_INTEREST, UNDECIDED, finding

N = 20
LUCK = np.random.default_rng(7).normal(0.0, 1.0, N)
LUCK -= LUCK.mean()


def effect(shift, spread, point=1, base=1000.0, n=N):
    """An effect with a known mean difference, and a scatter about it."""
    other = dict.fromkeys(range(n), base)
    return paired_effect(point, "peak_turnout", {k: base + shift + spread * LUCK[k] for k in range(n)}, other)


@pytest.mark.parametrize(
    ("shift", "spread", "share", "verdict"),
    [
        (100.0, 10.0, 0.05, EFFECT),
        (20.0, 10.0, 0.05, NONE_OF_INTEREST),  # a sign is shown, but all of it lies within 50
        (20.0, 10.0, 0.01, EFFECT),
        (0.0, 10.0, 0.05, NONE_OF_INTEREST),
        (0.0, 200.0, 0.05, UNDECIDED),  # no sign, and more than 50 is not ruled out
        (0.0, 0.0, 0.05, NONE_AT_ALL),
    ],
)
def test_verdicts(shift, spread, share, verdict):
    found = finding("lever", with_signs([effect(shift, spread)]), share)
    assert found.verdict == verdict and found.smallest == pytest.approx(1000.0 * share)


def test_one_value_with_an_effect_is_an_effect_of_the_lever():
    found = finding("lever", with_signs([effect(0.0, 10.0, 1), effect(-300.0, 10.0, 2)]), 0.05)
    assert found.verdict == EFFECT and found.largest.point == 2


def test_few_replicates_rule_nothing_out():
    assert finding("lever", with_signs([effect(0.0, 1.0, n=5)]), 0.05).verdict == UNDECIDED


def test_without_a_baseline_there_is_no_size_of_interest():
    found = finding("lever", with_signs([effect(1.0, 0.1, base=0.0)]), 0.05)
    assert found.verdict == EFFECT and np.isnan(found.smallest)


def rows(*means, spread=1.0):
    """Differences of replicates at each place: known means, the same luck at all."""
    return np.array(means)[None, :] + spread * LUCK[:, None]


def test_break_even_of_a_line_lies_where_it_crosses_zero():
    found = break_even([0.0, 1.0, 2.0, 3.0], rows(-3.0, -1.0, 1.0, 3.0))
    assert found.at == pytest.approx(1.5, abs=0.02) and found.rises
    half = 1.729 * LUCK.std(ddof=1) / np.sqrt(N) / 2.0  # Student's, over the slope
    assert [found.at - found.low, found.high - found.at] == pytest.approx([half, half], abs=0.06)
    assert not break_even([0.0, 1.0, 2.0, 3.0], rows(3.0, 1.0, -1.0, -3.0)).rises


@pytest.mark.parametrize("differences", [
    rows(1.0, 2.0, 3.0),  # one sign
    rows(0.01, -0.01, 0.02),  # none
    rows(-3.0, 3.0, -3.0),  # twice
    rows(-3.0, -1.0, 3.0)[:5],  # too few replicates
])  # fmt: skip
def test_no_break_even_where_it_is_not_shown(differences):
    assert break_even([0.0, 1.0, 2.0], differences) is None


def test_the_only_sign_of_a_row():
    assert [one_sign(found) for found in (rows(1.0, 2.0), rows(-1.0, -2.0), rows(-3.0, 3.0), rows(0.0, 0.01))] == [
        1, -1, 0, 0]  # fmt: skip


def test_a_break_even_interval_holds_the_truth_as_often_as_it_says():
    """The line -1 + x crosses 0 at 1; over 200 samples of 20 replicates the 90 % interval holds it in nine of ten."""
    luck = np.random.default_rng(3).normal(0.0, 1.0, (200, N, 1))
    found = [break_even([0.0, 2.0], np.array([-1.0, 1.0]) + each) for each in luck]
    known = [each for each in found if each is not None]
    held = np.mean([each.low <= 1.0 <= each.high for each in known])
    assert len(known) > 190 and 0.83 <= held <= 0.97  # 90 % and 3.3 standard errors of 2.1 %
