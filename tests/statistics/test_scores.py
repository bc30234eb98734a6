"""Scores and rivals by hand."""

import math
from datetime import date

import numpy as np
import pytest
from scipy import stats

from experiments.forecasting.by_emulator import asked_as_counts
from experiments.forecasting.by_weights import Members, member_weights
from experiments.forecasting.rivals import MEMORY, PRIOR_SD, Student, rival_forecast
from experiments.forecasting.scores import differences, score_quantiles, score_sample, score_student
from experiments.forecasting.series import Count, before, count_bias, counts_of
from experiments.targets import biases
from experiments.targets.reports import reports_of
from sim.inputs.targets import Target


def count(day, log, kind="main", city="Alvena"):
    return Count("vyraj", city, "protesting", f"c{day}", date(2031, 5, day), 24 * day, kind, log, 0.4)


def test_crps_of_a_sample_by_hand():
    """E|X - y| - E|X - X'| / 2, with 0 and 1 against 2: 1.5 - .5 x .5 (pairs drawn with replacement: .25)."""
    assert score_sample(np.array([0.0, 1.0]), 2.0).crps == pytest.approx(1.5 - 0.5 * 1.0)  # fair: pairs of two members
    assert score_sample(np.array([3.0, 3.0, 3.0]), 2.0).crps == pytest.approx(1.0)


def test_crps_of_a_wide_student_is_that_of_the_normal():
    """CRPS of N(0, 1) at 0 is (sqrt 2 - 1) / sqrt(pi): Gneiting and Raftery (2007)."""
    found = score_student(Student(0.0, 1.0, 1e6), 0.0)
    assert found.crps == pytest.approx((math.sqrt(2) - 1) / math.sqrt(math.pi), rel=1e-3) and found.pit == 0.5


def test_bands_hold_what_they_say():
    sample = np.linspace(0, 1, 1001)
    inside = [score_sample(sample, place) for place in (0.1, 0.3, 0.7, 0.96)]
    assert [s.is_in("in50") for s in inside] == [False, True, True, False]
    assert [s.is_in("in90") for s in inside] == [True, True, True, False]


def test_means_of_the_rivals_by_hand():
    known = [count(4, 6.0), count(11, 8.0), count(18, 10.0)]
    means = {name: rival_forecast(name, known, date(2031, 5, 25)).mean
             for name in ("last_value", "mean_of_three", "log_trend", "ar1_gap")}  # fmt: skip
    assert means == pytest.approx({"last_value": 10, "mean_of_three": 8, "log_trend": 12, "ar1_gap": 8 + 2 * MEMORY})


def test_scales_of_the_rivals_by_hand():
    known = [count(4, 6.0), count(11, 8.0)]
    found = rival_forecast("last_value", known, date(2031, 5, 25))  # two weeks ahead, one error of 2
    assert found.df == 3 and found.scale == pytest.approx(math.sqrt(2 * (2 * PRIOR_SD**2 + 4) / 3))
    gap = rival_forecast("ar1_gap", known, date(2031, 5, 25))
    assert gap.scale == pytest.approx(math.sqrt((2 * PRIOR_SD**2 + 4) / 3 * (1 + MEMORY**2)))
    assert rival_forecast("last_value", [], date(2031, 5, 25)) is None


def test_rivals_know_their_own_kind_of_day_up_to_the_origin():
    counts = [count(4, 6.0), count(6, 3.0, "minor"), count(11, 8.0), count(18, 9.0), count(11, 1.0, city="Tarnel")]
    assert [c.log for c in before(counts, counts[3], date(2031, 5, 12))] == [6.0, 8.0]
    assert [c.log for c in before(counts, count(20, 0, "minor"), date(2031, 5, 12))] == [3.0]
    assert [c.log for c in before(counts[:1], count(20, 0, "minor"), date(2031, 5, 12))] == [6.0]


def test_counts_of_targets():
    def row(low, high, hour, error=""):
        return Target("Alvena", "protesting", "peak", hour, hour + 18, low, high, "yes", "", "", "assumption", 2, error)

    found = counts_of("vyraj", [row(100, 100, 54), row(400, 400, 54), row(50, 90, 30, "more_than")],
                      date(2031, 5, 2), "sunday")  # fmt: skip
    assert [c.day for c in found] == [date(2031, 5, 3), date(2031, 5, 4)] and math.isnan(found[0].log)
    assert found[1].kind == "main" and found[1].log == pytest.approx(math.log(200))
    assert found[1].sd == pytest.approx(0.4 / math.sqrt(2))


def test_differences_have_the_standard_error_of_counts():
    crps = {"ploshcha": {("o1", 1): 0.2, ("o2", 1): 0.4, ("o1", 2): 0.5},
            "last_value": {("o1", 1): 0.4, ("o2", 1): 0.4, ("o1", 2): 1.0, ("o1", 3): 9.0}}  # fmt: skip
    (found,) = differences(crps, "ploshcha", ["last_value", "log_trend"])
    assert found.n == 2 and found.difference == pytest.approx((-0.1 - 0.5) / 2)
    assert found.standard_error == pytest.approx(0.4 / math.sqrt(2) / math.sqrt(2))
    assert found.ratio == pytest.approx((1.1 / 3) / (1.8 / 3))


def test_a_true_forecast_beats_one_that_is_too_sure():
    rng = np.random.default_rng(2)
    counts = rng.normal(0, 1, 400)
    right = [score_student(Student(0, 1, 1e6), y) for y in counts]
    sure = [score_student(Student(0, 0.3, 1e6), y) for y in counts]
    assert np.mean([s.crps for s in right]) < np.mean([s.crps for s in sure])
    assert stats.kstest([s.pit for s in right], "uniform").pvalue > 0.01
    assert stats.kstest([s.pit for s in sure], "uniform").pvalue < 1e-6
    assert 0.85 < np.mean([s.is_in("in90") for s in right]) < 0.95


def report(low, high, hour, error="", kind="", informative="yes"):
    return Target("Alvena", "protesting", "peak", hour, hour + 18, low, high, informative, "", "", "assumption", 2,
                  error, 0.0, kind)  # fmt: skip


def test_quantiles_score_as_the_sample_they_are_of():
    sample = stats.norm.ppf((np.arange(20000) + 0.5) / 20000)
    told = np.percentile(sample, np.arange(1, 100))
    for log in (-3.0, 0.3, 2.0):
        whole, short = score_sample(sample, log), score_quantiles(told, log)
        assert short.crps == pytest.approx(whole.crps, abs=0.03)  # two tails of 1 % are not told
        assert short.pit == pytest.approx(whole.pit, abs=0.011)


def test_occasions_that_nobody_has_counted_are_forecast_and_never_evidence():
    asked = report(0, 1e6, 54, "not_counted", "press", "no: nobody has counted it")
    (found,) = counts_of("vyraj", [asked], date(2031, 5, 2), "sunday")
    assert found.is_asked and math.isnan(found.log) and found.sd == 0.4
    assert [t.low for t in asked_as_counts([asked], hour=54)] == [1.0] and asked_as_counts([asked], hour=80) == []
    counted = report(500, 500, 54, "", "press")
    assert asked_as_counts([asked, counted], hour=54) == [counted]  # as soon as somebody has, it says nothing more
    (found,) = counts_of("vyraj", [asked, counted], date(2031, 5, 2), "sunday")
    assert not found.is_asked and found.log == pytest.approx(math.log(500))


def test_the_bias_of_a_count_is_the_mean_of_its_kinds():
    rows = [report(100, 100, 54, "", "press"), report(100, 100, 54, "", "police"), report(7, 9, 30)]
    plain, both = counts_of("vyraj", rows, date(2031, 5, 2), "sunday")
    assert count_bias(rows, both, {"press": (0.4, 0.2)}) == pytest.approx((0.2, math.hypot(0.1, biases.PRIOR_SD / 2)))
    assert count_bias(rows, plain, {"press": (0.4, 0.2)}) == (0, 0)


def test_reports_that_a_posterior_has_seen_choose_among_runs_of_a_draw_only():
    """Draw 0 is far from the report, draw 1 near it: a posterior that knows the report has weighed them already."""
    rows = [report(1000, 1000, 54)]
    reports, none = reports_of(rows), reports_of([])
    far, near = [100.0, 110.0] * 20, [1000.0, 3000.0] * 20
    runs = Members("ploshcha", {"target." + rows[0].crowd: np.array(far + near)}, np.repeat([0, 1], 40))
    seen = member_weights(runs, reports, reports, rows)
    assert seen[:40].sum() == pytest.approx(0.5) and seen[40] > 3 * seen[41]
    assert member_weights(runs, reports, none, rows)[:40].sum() < 1e-3
