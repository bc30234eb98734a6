"""Error models by hand: counts, ranges, open reports, several reports of one crowd, and biases of kinds of sources."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
from scipy import stats

from experiments import load_scenario
from experiments.settings.read import CONFIG_ROOT
from experiments.targets.biases import PRIOR_SD, fit_biases
from experiments.targets.reports import excess, log_likelihoods, reports_of, simulated
from experiments.targets.values import distance, log_excess, log_value
from sim.inputs.targets import Target, load_targets

SHIPPED = sorted(path.stem for path in (CONFIG_ROOT / "scenario").glob("*.yaml") if "\ndata: " in path.read_text())


def target(low, high, error="", log_sd=0.0, counted_by="", hour=0, line=2, informative="yes"):
    return Target("Alvena", "protesting", "peak", hour, hour + 24, low, high, informative, "", "made up", "assumption",
                  line, error, log_sd, counted_by)  # fmt: skip


def logs(*crowds):
    return np.log(np.array(crowds, float))[:, None]


def test_a_count_is_normal_in_logs():
    reports = reports_of([target(1000, 1000, log_sd=0.5)])
    found = log_likelihoods(reports, logs(1000, 1000 * math.e))[:, 0]
    assert found == pytest.approx(stats.norm.logpdf([0, 2]) - math.log(0.5))


def test_a_range_and_open_reports_are_probabilities():
    rows = [target(1000, 4000), target(1000, 9000, "more_than"), target(0, 1000, "fewer_than")]
    found = np.exp(log_likelihoods(reports_of(rows), logs(1000)))[0]
    assert found == pytest.approx([stats.norm.cdf(math.log(4) / 0.2) - 0.5, 0.5, 0.5])


def test_far_tails_keep_their_order_and_no_crowd_is_least_likely():
    reports = reports_of([target(1e5, 2e5, log_sd=0.1)])
    found = log_likelihoods(reports, np.array([[5.0], [6.0], [math.nan]]))[:, 0]
    assert found[1] > found[0] > found[2] and np.isfinite(found).all()


def test_several_reports_speak_of_one_crowd():
    reports = reports_of([target(900, 900, line=2), target(1100, 1100, line=3), target(50, 50, hour=24, line=4)])
    assert len(reports.crowds) == 2 and reports.crowd.tolist() == [0, 0, 1]
    assert log_likelihoods(reports, np.log([[1000, 50]])).shape == (1, 3)


def test_what_cannot_be_missed_is_no_report():
    assert reports_of([target(1, 1, informative="no: by construction")]).crowds == ()


def test_a_bias_is_learned_from_crowds_that_two_kinds_counted():
    rows = []
    for day in range(40):  # organisers say 4 times what the police says
        rows += [target(1000, 1000, counted_by="police", hour=24 * day, log_sd=0.1),
                 target(4000, 4000, counted_by="organisers", hour=24 * day, log_sd=0.1)]  # fmt: skip
    found = fit_biases([reports_of(rows)])
    assert found["organisers"][0] - found["police"][0] == pytest.approx(math.log(4), abs=0.01)
    assert found["organisers"][0] == pytest.approx(math.log(2), abs=0.01)  # of the two, neither is nearer
    assert found["police"][1] == pytest.approx(PRIOR_SD / math.sqrt(2), rel=0.05)  # their mean stays unknown
    assert fit_biases([reports_of([target(5, 5, counted_by="press")])]) == {"press": (0.0, pytest.approx(PRIOR_SD))}
    assert fit_biases([reports_of([target(5, 5)])]) == {}


def test_a_crowd_that_nobody_counted_says_nothing_of_a_bias():
    counted = [target(1000, 1000, counted_by="police"), target(4000, 4000, counted_by="organisers")]
    others = [target(1000, 3000, counted_by="police", hour=24), target(500, 9000, "more_than", hour=48)]
    assert fit_biases([reports_of([*counted, *others])]) == fit_biases([reports_of(counted)])


@pytest.mark.parametrize("name", SHIPPED)
def test_reports_of_every_shipped_case_can_be_weighed(name):
    scenario = load_scenario(name).scenario
    targets = load_targets(CONFIG_ROOT / "data" / scenario.data, scenario.cities, scenario.start)
    reports = reports_of(targets, fit_biases([reports_of(targets)]))
    assert np.isfinite(log_likelihoods(reports, np.zeros((2, len(reports.crowds))))).all()


def test_a_bias_shifts_what_a_crowd_makes_likely():
    reports = reports_of([target(4000, 4000, counted_by="organisers")], {"organisers": (math.log(2), 0.3)})
    found = log_likelihoods(reports, logs(1000, 2000, 4000))[:, 0]
    assert found[1] > found[0] and found[0] == pytest.approx(found[2])
    assert reports.scatter()[0] == pytest.approx(0.5)  # .4 and .3 in squares
    assert excess(reports, logs(1000))[0, 0] == pytest.approx(-math.log(2))


@pytest.mark.parametrize("row", [target(1000, 1000), target(500, 2000), target(1000, 9000, "more_than")])
def test_the_likelihood_is_that_of_what_is_simulated(row):
    """Truths drawn from a prior, reports from truths: the truth's rank in its posterior is then even (SBC)."""
    rng = np.random.default_rng(1)
    prior, reports, ranks = rng.normal(7.0, 0.7, 4000), reports_of([row]), []
    for truth in rng.normal(7.0, 0.7, 400):
        weights = np.exp(log_likelihoods(simulated(reports, np.array([truth]), rng), prior[:, None])[:, 0])
        ranks.append(weights[prior < truth].sum() / weights.sum())
    assert stats.kstest(ranks, "uniform").pvalue > 0.01
    wrong = [stats.norm.cdf(3 * stats.norm.ppf(min(max(rank, 1e-9), 1 - 1e-9))) for rank in ranks]
    assert stats.kstest(wrong, "uniform").pvalue < 1e-6  # posteriors a third as wide would be caught


def test_distance_is_to_the_nearer_end_in_logs():
    rows = [target(1000, 2000), target(100, 100, hour=24), target(7, 7, hour=48, informative="no: by construction")]
    values = {"target.Alvena.protesting.peak.0-24": 4000.0, "target.Alvena.protesting.peak.24-48": 100.0,
              "target.Alvena.protesting.peak.48-72": 1e6}  # fmt: skip
    assert distance(rows, values) == pytest.approx(math.log(2) / math.sqrt(2))
    assert math.isnan(distance(rows, {}))
    assert log_excess(target(1000, 2000, "more_than"), 1e6) == 0.0
    assert log_excess(target(0, 100), 0.0) == 0.0 and log_value("protesting", 0.0) == math.log(10)


def test_a_run_without_targets_has_no_distance():
    from experiments.targets.values import crowd_values

    assert crowd_values(SimpleNamespace()) == {}
