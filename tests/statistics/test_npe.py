"""A neural posterior on a made-up table whose true posterior is known; and what the flow sees of reports."""

import numpy as np
import pytest

from experiments.calibration.checks import coverages
from experiments.calibration.npe import features_of
from experiments.calibration.table import make_table
from experiments.targets.reports import Reports

N, SD = 1500, 0.5


def reports(low, high):
    n = len(low)
    return Reports(tuple(f"c{k}" for k in range(n)), np.arange(n), np.array(low, float), np.array(high, float),
                   np.full(n, SD), np.zeros(n), np.zeros(n), ("",) * n, ("",) * n)  # fmt: skip


def test_what_is_seen_of_reports():
    seen = features_of(reports([2.0, 1.0, 3.0, -np.inf], [2.0, 4.0, np.inf, 5.0]))
    assert seen.tolist() == [2.0, 2.5, 1.0, -1.0]


@pytest.fixture(scope="module")
def learned():
    """Two crowds with logs v0 and v0 + v1, counted with a scatter: the posterior is normal, in closed form."""
    pytest.importorskip("bayesflow")
    from experiments.calibration.npe import learn

    v = np.random.default_rng(0).standard_normal((N, 2))
    table = make_table([v], [{"a": np.stack([v[:, 0], v[:, 0] + v[:, 1]], axis=1)}], [None])
    return learn(table, reports([1.0, 0.2], [1.0, 0.2]), 1), table


def test_the_posterior_is_the_one_known_in_closed_form(learned):
    flow, table = learned
    told = reports([1.0, 0.2], [1.0, 0.2])
    design = np.array([[1.0, 0.0], [1.0, 1.0]])
    covariance = np.linalg.inv(np.eye(2) + design.T @ design / SD**2)
    mean = covariance @ design.T @ np.array([1.0, 0.2]) / SD**2
    drawn = flow.draws(features_of(told)[None], 4000, 1)[0]
    assert drawn.mean(axis=0) == pytest.approx(mean, abs=0.1)
    assert drawn.std(axis=0) == pytest.approx(np.sqrt(np.diag(covariance)), rel=0.2)
    weights = flow.weights(table, told)
    assert weights.sum() == pytest.approx(1.0) and weights @ table.v == pytest.approx(mean, abs=0.15)


def test_known_truths_that_it_has_not_seen_are_covered(learned):
    flow, table = learned
    assert len(flow.truths) == N // 5
    told = reports([1.0, 0.2], [1.0, 0.2])
    right = coverages(("a", "b"), flow.ranks(table, told, 300, 2))
    assert all(0.84 <= each.in90 <= 0.96 for each in right)  # three standard errors of 300 truths are .052
    from dataclasses import replace

    wrong = coverages(("a", "b"), flow.ranks(table, replace(told, sd=told.sd * 4), 300, 2))
    assert not all(each.is_even for each in wrong)  # reports that scatter four times as much as it has learned
