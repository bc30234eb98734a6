"""Fits of several cases by emulators, on made-up cases whose truth is known, and forecasts of one that was left out."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from scipy import stats

from experiments.calibration.checks import coverages
from experiments.calibration.emulator import fit_emulator
from experiments.calibration.gaussian import Likelihood, reports_given, seen_of
from experiments.calibration.hierarchy import Hierarchy, Level
from experiments.calibration.priors import Prior
from experiments.calibration.reference import Runs, read_runs, write_runs
from experiments.calibration.several import make_fit
from experiments.forecasting.left_out import ONE_SHOT, ROLLING, Left, forecasts, taught, with_events_of
from experiments.forecasting.one_crossvalidation import comparisons, folds
from sim.inputs.targets import Target

N_COUNTS, MEMORY = 8, 0.7
NAMES = ("toy.growth", "luck.gap_sd", "toy.level")
START = date(2001, 1, 7)
ENDS = [24 * (7 * k + 1) for k in range(N_COUNTS)]


def luck(n, rng):
    """A gap that lasts: normal, with correlation .7 from week to week."""
    between = MEMORY ** np.abs(np.subtract.outer(np.arange(N_COUNTS), np.arange(N_COUNTS)))
    return rng.standard_normal((n, N_COUNTS)) @ np.linalg.cholesky(between).T


def crowds(values, rng):
    """Logs of crowds: level + growth a week + gap."""
    weeks = np.arange(N_COUNTS)
    return 9.0 + values[:, 2:3] + values[:, 0:1] * weeks + values[:, 1:2] * luck(len(values), rng)


def runs(n=250, seed=0):
    rng = np.random.default_rng(seed)
    values = np.array([0.0, 0.1, -2.5]) + rng.random((n, 3)) * np.array([0.4, 0.5, 5.0])
    names = tuple(f"target.Town.protesting.peak.{end - 18}-{end}" for end in ENDS)
    return Runs(NAMES, names, values, np.exp(crowds(values, rng)), np.zeros(n, int), 1.0)


def targets(logs, sd=0.3, kind=""):
    return [
        Target("Town", "protesting", "peak", end - 18, end, float(np.exp(log)), float(np.exp(log)), "yes", "", "", "",
               2 + k, "count", sd, kind)
        for k, (log, end) in enumerate(zip(logs, ENDS, strict=True))
    ]  # fmt: skip


def hierarchy(cases):
    shared = (Prior("toy.growth", "uniform", 0.0, 0.4), Prior("luck.gap_sd", "uniform", 0.1, 0.6))
    return Hierarchy(shared, (Level("toy.level", 0.0, 1.0, 0.6),), cases, {})


def told(logs_by_case, n=300, sd=0.3):
    cases = tuple(logs_by_case)
    return make_fit(hierarchy(cases), {case: runs(seed=k) for k, case in enumerate(cases)},
                    {case: targets(logs, sd) for case, logs in logs_by_case.items()}, n)  # fmt: skip


def truth(rng, cases):
    """Draw parameters from the prior, crowds and counts: what a world in which the model holds would show."""
    z = rng.standard_normal((1, hierarchy(cases).n))
    found = {}
    for case in cases:
        log = crowds(hierarchy(cases).values(z, case, NAMES), rng)[0]
        found[case] = log + 0.3 * rng.standard_normal(N_COUNTS)
    return z[0], found


def test_an_emulator_knows_mean_and_luck():
    own = runs(400)
    found = fit_emulator(own.names, own.values, own.logs)
    rng = np.random.default_rng(5)
    values = np.array([[0.2, 0.3, 1.0]])
    seen = crowds(np.repeat(values, 4000, axis=0), rng)
    assert found.mean(values)[0] == pytest.approx(seen.mean(axis=0), abs=0.15)
    covariance = found.fixed + 0.3**2 * found.by_gap
    assert np.diag(covariance) == pytest.approx(np.diag(np.cov(seen.T)), rel=0.35)
    assert covariance[0, 1] / covariance[0, 0] == pytest.approx(MEMORY, abs=0.2)


def test_an_emulator_of_noise_says_that_it_tells_nothing():
    rng = np.random.default_rng(1)
    found = fit_emulator([f"p{k}" for k in range(8)], rng.random((25, 8)), rng.standard_normal((25, 3)))
    assert found.explained.max() < 0.5  # 44 terms and 25 runs: a fit would go through all of them


def test_the_likelihood_is_that_of_one_normal_distribution():
    own = runs(200)
    emulator = fit_emulator(own.names, own.values, own.logs)
    seen = seen_of(targets(own.logs[0], kind="press"), own.crowds, {"press": (0.2, 0.5)})
    values = own.values[:4]
    for row, log in zip(values, Likelihood(emulator, seen).log(values), strict=True):
        covariance = emulator.fixed + row[1] ** 2 * emulator.by_gap + seen.own
        whole = stats.multivariate_normal(emulator.mean(row[None])[0] + 0.2, covariance)
        assert log == pytest.approx(whole.logpdf(seen.y))
    assert seen.own[0, 1] == pytest.approx(0.25)  # one kind of source errs to one side in all its reports


def test_reports_given_is_conditioning():
    own = runs(200)
    emulator = fit_emulator(own.names, own.values, own.logs)
    seen, values = seen_of(targets(own.logs[3]), own.crowds), own.values[:2]
    mean, covariance = reports_given(emulator, values, seen, ENDS[4])
    whole = emulator.fixed + values[1, 1] ** 2 * emulator.by_gap + seen.own
    middle = emulator.mean(values)[1]
    by_hand = middle[5:] + whole[5:, :5] @ np.linalg.solve(whole[:5, :5], seen.y[:5] - middle[:5])
    assert mean[1] == pytest.approx(by_hand)
    assert covariance[1] == pytest.approx(whole[5:, 5:] - whole[5:, :5] @ np.linalg.solve(whole[:5, :5], whole[:5, 5:]))
    assert (np.diag(covariance[1]) < np.diag(whole)[5:]).all()


def places(n, believed_sd, seed):
    """The place of known truths of the shared parameters in their posteriors."""
    rng, cases, found = np.random.default_rng(seed), ("a", "b"), []
    for _ in range(n):
        z, logs = truth(rng, cases)
        fit = told(logs, 150, believed_sd)
        drawn = fit.posterior({case: np.inf for case in cases}, rng)
        found.append((drawn[:, :3] < z[:3]).mean(axis=0))
    return np.array(found)


def test_known_truths_lie_where_they_should_and_a_wrong_error_model_is_caught():
    names = ("growth", "gap", "level")
    right = coverages(names, places(30, 0.3, 3))
    assert all(each.is_even for each in right)
    wrong = coverages(names, places(20, 0.02, 3))  # counts believed to a fiftieth
    assert not all(each.is_even for each in wrong)


def test_parameters_of_folds_move_and_a_case_that_says_nothing_moves_none():
    logs = truth(np.random.default_rng(8), ("a", "b", "c"))[1]
    moved = folds(told(logs, 150), 1)
    growth = {row[0]: abs(row[4]) for row in moved if row[1] == "toy.growth"}
    assert min(growth.values()) > 0.0
    silent = told(logs, 150)
    silent = replace(silent, targets={**silent.targets, "c": []})
    still = {row[0]: row[4] for row in folds(silent, 1) if row[1] == "toy.growth"}
    assert still["c"] == 0.0 and still["a"] != 0.0
    emulator = silent.emulators["c"]
    beyond = np.array([emulator.high + 10.0 * (emulator.high - emulator.low)])  # no run was made there
    assert Likelihood(emulator, silent.seen("c", {"c": np.inf})).log(beyond) == 0.0


def left(case, logs):
    return Left(case, START, "sunday", targets(logs))


def test_a_forecast_knows_nothing_of_later_counts():
    logs = truth(np.random.default_rng(9), ("a", "b", "c"))[1]
    changed = {**logs, "c": np.concatenate([logs["c"][:4], logs["c"][4:] + 3.0])}
    rows = [forecasts(told(each, 150), left("c", each["c"]), ("a", "b"), "own", 1)[ROLLING] for each in (logs, changed)]
    early = [[row.logs for row in own if row.origin <= START + timedelta(days=21)] for own in rows]
    assert len(early[0]) == 4
    for one, other in zip(*early, strict=True):
        assert np.array_equal(one, other)
    assert not np.array_equal(rows[0][5].logs, rows[1][5].logs)


def test_forecasts_of_a_world_in_which_the_model_holds_cover_and_beat_the_last_value():
    from experiments.forecasting.left_out import simple_forecasts

    rng, rows = np.random.default_rng(11), []
    for k in range(24):  # a quarter of them scatter by .04 in the ratio, which is .8 or so
        cases = ("a", "b", f"c{k}")
        logs = truth(rng, cases)[1]
        fit, own = told(logs, 200), left(cases[2], logs[cases[2]])
        rows += forecasts(fit, own, cases[:2], "own", 1)[ROLLING]
        rows += simple_forecasts(own, fit.crowds[cases[2]])[ROLLING]
    scores = [row.score for row in rows if row.model == "own"]
    assert 0.75 <= np.mean([score.is_in("in90") for score in scores]) <= 0.99
    beside = {each.rival: each for each in comparisons(ROLLING, rows, "own")}
    assert beside["last_value"].ratio < 0.95


def test_what_a_band_is_corrected_by_has_not_seen_its_case():
    """With three cases b is forecast from c alone where a is to be corrected: counts of a change nothing there."""
    logs = truth(np.random.default_rng(9), ("a", "b", "c"))[1]
    changed = {**logs, "a": logs["a"] + 2.0}
    one, other = (taught(told(each, 100), [left(case, each[case]) for case in each], "own", 1)
                  for each in (logs, changed))  # fmt: skip
    for way in (ROLLING, ONE_SHOT):
        for unseen in ("a", "b"):
            pairs = list(zip(one[way][unseen], other[way][unseen], strict=True))
            assert {row.count.case for row, _ in pairs} == {"a", "b", "c"} - {unseen}
            is_same = [np.array_equal(row.logs, again.logs) for row, again in pairs if row.count.case != "a"]
            assert all(is_same) if unseen == "a" else not any(is_same)


def test_reference_runs_come_back(tmp_path):
    own = runs(30)
    write_runs(tmp_path, "a", own)
    again = read_runs(tmp_path, ["a"])["a"]
    assert again.names == own.names and again.crowds == own.crowds
    assert np.array_equal(again.values, own.values)
    assert again.counted == pytest.approx(own.counted, abs=0.5)


def test_a_placebo_has_the_donors_shape_and_no_parameter_of_its_own():
    fit = told(truth(np.random.default_rng(2), ("a", "b"))[1], 100)
    swapped = with_events_of(fit, "a", "b").emulators["a"]
    values = runs().values[:3]
    difference = swapped.mean(values) - fit.emulators["b"].mean(values)
    assert difference == pytest.approx(np.full_like(difference, difference[0, 0]))  # same windows: a shift alone
    assert swapped.mean_y.mean() == pytest.approx(fit.emulators["a"].mean_y.mean())
