"""Published answers: one rule of three values for all, what a claim must say, what is counted."""

from __future__ import annotations

import math
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from scipy import stats

from experiments.analysis.published import Answer, answer, verdict
from experiments.design.claims import Claim, read_claims
from experiments.design.experiment_file import read_experiment
from experiments.design.levers import Lever
from experiments.printing.sweep_table import published_lines, tally
from sim.errors import InputError

FOLDER = Path(__file__).resolve().parents[2] / "conf" / "experiment"
SHIPPED = {path.stem: read_experiment(path) for path in sorted(FOLDER.glob("*.yaml"))}
BASE = {"source": "Nobody 1900", "claim": "more", "outcome": "peak_turnout", "at": {"dose": 1}, "against": {"dose": 0},
        "could_fail": "free", "why": "a test"}  # fmt: skip
UP, DOWN, NONE = ({"sign": s, "smallest": 0.05} for s in (1, -1, 0))
RANGE = {"between": [0.05, 0.4]}


def claim(**changes):
    return Claim(**{**BASE, **changes})


def said(answer_of, at, against, common_luck=True):
    """Verdict on a claim of the outcomes of replicates at two points."""
    n = max(len(at), len(against))
    plan = SimpleNamespace(points=[{"dose": 0}, {"dose": 1}], baseline=0, replicates=n,
                           settings=SimpleNamespace(common_luck=common_luck))  # fmt: skip
    values = {point * n + k: {"peak_turnout": x} for point, found in enumerate((against, at))
              for k, x in enumerate(found)}  # fmt: skip
    return answer(plan, values, claim(**answer_of)).verdict


def around(mean, half, n=20, baseline=100.0):
    """Outcomes whose difference to the baseline has this mean and half width of its interval (Student's: symmetric)."""
    steps = np.linspace(-1, 1, n)
    width = stats.t.ppf(0.95, n - 1) * steps.std(ddof=1) / math.sqrt(n)
    return baseline * (1 + mean + half / width * steps)


HUNDRED = [100.0] * 20


@pytest.mark.parametrize(("answer_of", "at", "expected"), [
    (UP, HUNDRED, "disagree"),  # exactly nothing on 20 of 20, where more was published
    (DOWN, HUNDRED, "disagree"),
    (RANGE, HUNDRED, "disagree"),
    (NONE, HUNDRED, "agree"),
    (RANGE, around(0.002, 0.004), "disagree"),  # +0.2 % against 5 to 40 %
    (NONE, around(0.020, 0.002), "agree"),  # +2.0 % is none ...
    (UP, around(0.022, 0.002), "disagree"),  # ... so +2.2 % is not more
    (UP, around(0.07, 0.01), "agree"),
    (UP, around(0.07, 0.04), "undecided"),
    (UP, around(-0.2, 0.01), "disagree"),
    (DOWN, around(-0.2, 0.01), "agree"),
    (DOWN, around(-0.04, 0.005), "disagree"),
    (NONE, around(0.07, 0.01), "disagree"),  # shown, and not small
    (NONE, around(-0.07, 0.01), "disagree"),
    (NONE, around(0.0, 0.08), "undecided"),  # too wide to say none: both sides
    (NONE, around(0.04, 0.03), "undecided"),
    (RANGE, around(0.2, 0.05), "agree"),
    (RANGE, around(0.39, 0.05), "undecided"),  # it meets the range, and is not in it
    (RANGE, around(0.6, 0.05), "disagree"),
    (UP, around(3.0, 0.3), "agree"),  # no upper bound
])  # fmt: skip
def test_verdict_on_a_difference(answer_of, at, expected):
    assert said(answer_of, at, HUNDRED) == expected


@pytest.mark.parametrize("answer_of", [UP, DOWN, NONE, RANGE])
@pytest.mark.parametrize(("at", "against"), [
    ([1.0] * 9, [1.0] * 9),  # nine replicates
    ([1.0] * 20, [0.0] * 20),  # no share of nothing
    ([0.0] * 20, [0.0] * 20),
    ([1.0] * 20, [math.nan] * 20),
    ([math.nan] * 11 + [1.0] * 9, [1.0] * 20),
])  # fmt: skip
def test_nothing_can_be_said(answer_of, at, against):
    assert said(answer_of, at, against) == "undecided"


def test_a_negative_baseline_and_independent_luck():
    assert said(UP, [-0.5] * 20, [-1.0] * 20) == "agree"  # half of it more
    assert said(DOWN, [-1.5] * 20, [-1.0] * 20) == "agree"
    assert said(NONE, HUNDRED, HUNDRED, common_luck=False) == "agree"
    assert said(UP, HUNDRED, HUNDRED, common_luck=False) == "disagree"


@pytest.mark.parametrize(("values", "expected"), [
    ([2.0, 2.1, 1.9, 2.0, 2.0] * 2, "agree"),
    ([2.0] * 10, "agree"),
    ([0.2, 0.3] * 5, "disagree"),
    ([0.0] * 10, "disagree"),
    ([9.0, 9.1] * 5, "disagree"),
    ([1.0, 2.0, 1.2, 1.9, 1.5] * 2, "undecided"),
    ([2.0] * 9, "undecided"),
    ([math.nan] * 10, "undecided"),
])  # fmt: skip
def test_verdict_on_a_value_itself(values, expected):
    """In its own unit, by the same rule."""
    assert said({"against": None, "between": [1.5, 3.0]}, values, [0.0] * len(values)) == expected


def test_ends_of_the_range_belong_to_it():
    assert verdict(0.05, 0.4, 10, (0.05, 0.4)) == "agree"
    assert verdict(0.4, 0.5, 10, (0.05, 0.4)) == "undecided"
    assert verdict(-0.5, 0.5, 10, (0.05, 0.4)) == "undecided"  # wider than it


def test_a_claim_that_cannot_be_answered_gets_no_verdict_and_is_not_counted():
    asked = claim(**RANGE, cannot_answer="another lever", could_fail=None, why=None)
    found = Answer(asked, 30, (0.2, 0.1, 0.3))
    assert found.verdict == "cannot answer: another lever"
    assert published_lines([found])[1] == "Nobody 1900: more: cannot answer: another lever"
    assert tally([found]) == "free claims: 0 agree, 0 disagree, 0 undecided; not counted: 1 cannot be answered"


def test_only_free_claims_are_counted():
    sure = (0.2, 0.1, 0.3)
    found = [Answer(claim(**UP), 20, sure), Answer(claim(**DOWN), 20, sure), Answer(claim(**UP), 9, sure),
             Answer(claim(**UP, could_fail="by construction"), 20, sure),
             Answer(claim(**DOWN, could_fail="tuned for"), 20, sure)]  # fmt: skip
    assert tally(found) == ("free claims: 1 agree, 1 disagree, 1 undecided; "
                            "not counted: 1 by construction, 1 tuned for")  # fmt: skip


def test_each_line_says_what_was_found_published_and_could_have_failed():
    lines = published_lines([Answer(claim(**UP), 20, (0.2, 0.1, 0.3)), Answer(claim(**NONE), is_run=False),
                             Answer(claim(**NONE))])  # fmt: skip
    assert "90 % interval, luck only" in lines[0]
    assert lines[1:4] == ["Nobody 1900: more: agree", "    +20.0 % (+10.0 .. +30.0), published +5 % or more, n = 20",
                          "    free: a test"]  # fmt: skip
    assert lines[4:6] == ["Nobody 1900: more: undecided", "    not run"]
    assert lines[7:9] == ["Nobody 1900: more: undecided", "    no value"]


LEVERS = [Lever("dose", values=(0, 1))]


@pytest.mark.parametrize(("changes", "told"), [
    ({"could_fail": None}, "could_fail is missing: could_fail is one of by construction, tuned for, free"),
    ({"could_fail": "by constructoin"}, "did you mean by construction?"),
    ({"why": None}, "why is missing"),
    ({"why": ""}, "why is missing"),
    ({"smallest": None}, "smallest is missing"),
    ({"smallest": 0}, "smallest=0 is not allowed: a number > 0"),
    ({"smallest": -0.1}, "smallest=-0.1"),
    ({"smalest": 0.1}, "did you mean smallest?"),
    ({"sign": 2}, "sign=2 is not allowed: one of 1, 0, -1, both"),
    ({"sign": True}, "sign=True is not allowed"),
    ({"sign": None, "smallest": None}, "sign or between is missing"),
    ({"between": [0, 1]}, "both are there"),
    ({"sign": None, "between": [0, 1]}, "smallest is not allowed with between"),
    ({"sign": None, "smallest": None, "between": [1, 0]}, "low < high"),
    ({"against": None}, "against is missing"),
    ({"sign": "both"}, "against is not allowed"),
    ({"outcome": "peak_turnot", "sign": 1}, None),  # columns of other models begin like this
    ({"outcome": "turnout"}, "outcome=turnout"),
    ({"at": {"doze": 1}}, "did you mean dose?"),
    ({"source": None}, "source"),
])  # fmt: skip
def test_what_a_claim_must_say(changes, told):
    found = [{**BASE, **UP, **changes}]
    if told is None:
        assert read_claims("mine.yaml", found, LEVERS)
        return
    with pytest.raises(InputError) as error:
        read_claims("mine.yaml", found, LEVERS)
    assert told in str(error.value) and str(error.value).startswith("mine.yaml: published 1: ")
    assert "\n" not in str(error.value)


def test_published_is_a_list_of_claims():
    assert read_claims("mine.yaml", None, LEVERS) == ()
    for found in ({"a": 1}, ["a"], "a"):
        with pytest.raises(InputError, match="mine.yaml"):
            read_claims("mine.yaml", found, LEVERS)


@pytest.mark.parametrize("name", [name for name, experiment in SHIPPED.items() if experiment.published])
def test_replicates_of_a_shipped_claim_allow_every_verdict(name):
    """Of a claim of both signs, 0 of n must be able to disagree."""
    for one in SHIPPED[name].published:
        if one.sign == "both":
            assert 1 - 0.05 ** (1 / SHIPPED[name].replicates) < one.published[0]
        assert SHIPPED[name].replicates >= 20


def test_enikolopov_is_asked_by_penetration():
    (one,) = SHIPPED["published_enikolopov_2020"].published
    assert one.is_free and not one.cannot_answer
    assert "forcings.connectivity.value" in str(SHIPPED["published_enikolopov_2020"].levers)


def test_what_follows_from_a_rule_is_not_free():
    """Claims whose agreement is a weight's sign, or a level that was set for it."""
    kinds = {one.claim: one.could_fail for experiment in SHIPPED.values() for one in experiment.published}
    assert kinds["a higher count lowers turnout where b_C < 0"] == "by construction"
    assert kinds["b_A = 0, paired effect of violence -"] == "by construction"
    assert kinds["threshold form, 30 % out: nothing"] == "tuned for"
    assert kinds["low violence +"] == "tuned for"
    free = [one for experiment in SHIPPED.values() for one in experiment.published if one.could_fail == "free"]
    assert len(free) == 56
