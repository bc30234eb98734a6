"""Methods on a table whose posterior is known: a crowd that is linear and normal in its parameters."""

import numpy as np
import pytest
from scipy import stats

from experiments.calibration.abc import effective_size, posterior, proposal
from experiments.calibration.checks import coverages, identified, quantiles, truth_ranks
from experiments.calibration.history import not_ruled_out
from experiments.calibration.priors import Prior
from experiments.calibration.table import Table, make_table
from experiments.targets.reports import Reports

LUCK = 0.3  # of a run


def one_report(log, sd=0.4, n=1):
    crowds = tuple(f"c{k}" for k in range(n))
    same = np.full(n, 0.0)
    return Reports(crowds, np.arange(n), same + log, same + log, same + sd, same, same, crowds, ("",) * n)


def toy(n=2000, seed=0, proposals=(None,), slope=1.0):
    """Runs whose log crowd is 7 + slope v + luck; later rounds from proposals."""
    rng = np.random.default_rng(seed)
    points = [rng.standard_normal((n, 1)) if p is None else p.draw(n, rng) for p in proposals]
    logs = [{"toy": 7.0 + slope * v + LUCK * rng.standard_normal(v.shape)} for v in points]
    return make_table(points, logs, list(proposals))


def moments(found):
    mean = float(found.weights @ found.v[:, 0])
    return mean, float(np.sqrt(found.weights @ (found.v[:, 0] - mean) ** 2))


@pytest.mark.parametrize("sd", [0.4, 0.05])
def test_the_posterior_is_the_one_known(sd):
    """v ~ N(0, 1), y = 7 + v + noise: mean (y - 7) / (1 + s2), variance s2 / (1 + s2), s2 luck and report together."""
    s2 = LUCK**2 + sd**2
    found = posterior(toy(), {"toy": one_report(8.0, sd)}, ess=200)
    mean, width = moments(found)
    assert mean == pytest.approx(1 / (1 + s2), abs=0.06)
    assert width == pytest.approx(np.sqrt(s2 / (1 + s2)), rel=0.15)
    assert (found.tolerance == 0.0) == (sd == 0.4)


def test_without_the_regression_a_wide_tolerance_would_show():
    table, reports = toy(400), {"toy": one_report(8.5, 0.05)}
    found = posterior(table, reports, ess=100)
    raw = float(found.weights @ table.v[:, 0])
    exact = 1.5 / (1 + LUCK**2 + 0.05**2)
    assert found.tolerance > 0.4
    assert abs(moments(found)[0] - exact) < 0.1 < abs(raw - exact)


def test_later_rounds_agree_with_the_first_and_are_worth_more():
    first = toy(300)
    kernel = proposal(posterior(first, {"toy": one_report(9.0, 0.1)}, ess=40))
    both = toy(300, proposals=(None, kernel))
    found = posterior(both, {"toy": one_report(9.0, 0.1)}, ess=40)
    s2 = LUCK**2 + 0.1**2
    assert moments(found)[0] == pytest.approx(2 / (1 + s2), abs=0.12)
    assert found.tolerance < posterior(first, {"toy": one_report(9.0, 0.1)}, ess=40).tolerance
    assert np.exp(both.log_weights).max() <= 2 / 0.2 + 1e-9
    assert np.exp(both.log_weights).mean() == pytest.approx(1.0, abs=0.1)  # weights are of a density


def test_a_run_that_failed_has_no_weight():
    table = toy(100)
    table.logs["toy"][:50] = np.nan
    assert posterior(table, {"toy": one_report(7.0)}, ess=5).weights[:50].max() < 1e-12


def test_known_truths_are_covered_and_a_wrong_likelihood_is_caught():
    table, reports = toy(1500), {"toy": one_report(7.0, 0.4)}
    (right,) = coverages(["v"], truth_ranks(table, reports, 300, 1, 100))
    assert right.is_even and 0.85 <= right.in90 <= 0.95 and 0.42 <= right.in50 <= 0.58
    sure = {"toy": one_report(7.0, 0.05)}
    (wrong,) = coverages(["v"], truth_ranks(table, reports, 300, 1, 100, assumed=sure))
    assert not wrong.is_even and wrong.in90 < 0.85
    biased = {"toy": one_report(7.0, 0.4)}
    biased["toy"].bias[:] = 0.7
    (shifted,) = coverages(["v"], truth_ranks(table, reports, 300, 1, 100, assumed=biased))
    assert not shifted.is_even


def test_a_parameter_that_nothing_speaks_of_keeps_its_prior():
    rng = np.random.default_rng(3)
    v = rng.standard_normal((2000, 3))
    logs = {"toy": 7.0 + v[:, :1] + v[:, 1:2] + 0.1 * rng.standard_normal((2000, 1))}
    table = Table(v, logs, np.zeros(2000), np.zeros(2000, np.int64))
    found = posterior(table, {"toy": one_report(7.0, 0.2)}, ess=150)
    rows = identified(["a", "b", "free"], found.v, found)
    assert rows[2].width_ratio == pytest.approx(1.0, abs=0.15)
    assert rows[0].width_ratio < 0.8 and rows[0].ridge_with == "b" and rows[0].correlation < -0.8


def test_history_matching_rules_out_what_is_far():
    kept, share = not_ruled_out(toy(150), {"toy": one_report(9.0, 0.1)}, np.random.default_rng(1))
    edge = 3 * np.hypot(LUCK, 0.1)
    assert share == pytest.approx(stats.norm.cdf(2 + edge) - stats.norm.cdf(2 - edge), rel=0.2)
    assert kept.min() == pytest.approx(2 - edge, abs=0.25)


def test_a_case_that_is_left_out_says_nothing():
    """Two cases that disagree: each fold is the posterior of the other case alone, and they differ."""
    table = toy(800)
    table.logs["other"] = table.logs["toy"].copy()
    reports = {"toy": one_report(8.5, 0.1), "other": one_report(6.0, 0.1)}
    without_toy = posterior(table, {"other": reports["other"]}, ess=50)
    without_other = posterior(table, {"toy": reports["toy"]}, ess=50)
    assert moments(without_toy)[0] < -0.5 < 1.0 < moments(without_other)[0]
    assert moments(posterior(table, reports, ess=50))[0] == pytest.approx(0.25 / 1.05, abs=0.3)


def test_priors_keep_their_bounds():
    v = np.array([-40.0, 0.0, 40.0])
    assert Prior("a", "uniform", -6, 0).value(v).tolist() == [-6, -3, 0]
    cut = Prior("a", "normal", 0.2, 0.5, 0.0, 1.0).value(np.array([-6.0, 6.0]))
    assert 0.0 <= cut[0] < 0.01 and 0.99 < cut[1] <= 1.0


def test_weighted_quantiles_by_hand():
    assert quantiles(np.array([3.0, 1.0, np.nan, 2.0]), np.array([0.1, 0.6, 0.2, 0.1]), [0.5, 0.9]) == [1.0, 3.0]
    assert effective_size(np.array([0.5, 0.5])) == 2.0
