"""A neural posterior: a coupling flow learns from runs which parameters go with which reports (bayesflow on JAX).

Each run of the prior is reported several times by the error models (`experiments.targets.reports.simulated`); the flow
is trained to give the run's parameters a high density, given what was reported of it. There is no tolerance. A fifth of
the runs is kept out as known truths, a tenth tells when to stop. Source: Radev et al. (2020),
doi:10.1109/TNNLS.2020.3042395.
"""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np

from experiments.calibration.table import Table, log_prior
from experiments.targets.reports import Reports, simulated
from sim.errors import not_allowed

TRUTHS, STOPS = 0.2, 0.1  # shares of the runs that are kept out, as truths and to stop by
ROWS, MOST_REPORTED = 20_000, 10  # reports of all runs, at least; of one run, at most
BATCH, STEPS, PATIENCE = 64, 20_000, 15  # of the training; patience in epochs
LEAST_EPOCHS, MOST_EPOCHS = 20, 200
N_DRAWS, N_RANKED = 2000, 500  # draws of the posterior; of each known truth's
LEAST_SD = 1e-6


@dataclass(frozen=True)
class Learned:
    """A trained flow. truths : int64 (n,), runs of the table that it has not seen. mean, sd : of its features."""

    flow: Any
    mean: np.ndarray
    sd: np.ndarray
    truths: np.ndarray
    n_parameters: int

    def draws(self, features: np.ndarray, n: int, seed: int) -> np.ndarray:
        """Return draws of the posterior in v, shape (n_reported, n, n_parameters).

        Parameters
        ----------
        features : ndarray, shape (n_reported, n_features)
            Of each set of reports (`features_of`).
        """
        import keras

        keras.utils.set_random_seed(seed)
        conditions = {"reports": ((features - self.mean) / self.sd).astype(np.float32)}
        found = self.flow.sample(num_samples=n, conditions=conditions, seed=seed)["v"]
        return np.asarray(found, float)[:, :, : self.n_parameters]

    def weights(self, table: Table, reports: Reports) -> np.ndarray:
        """Return the weights of the table's runs, sum 1: how much denser the posterior is there than the prior."""
        v = _at_least_two(table.v, np.random.default_rng(0))
        seen = np.repeat(((features_of(reports) - self.mean) / self.sd)[None], len(v), axis=0)
        logs = self.flow.log_prob({"v": v.astype(np.float32), "reports": seen.astype(np.float32)}) - log_prior(v)
        logs = np.where(_usable(table), np.asarray(logs, float), -np.inf)
        weights = np.exp(logs - logs.max())
        return weights / weights.sum()

    def ranks(self, table: Table, reports: Reports, n: int, seed: int) -> np.ndarray:
        """Return the place of known truths in their posteriors, as `checks.truth_ranks`, shape (n, n_parameters)."""
        rng, own = np.random.default_rng(seed), self.truths[:n]
        if not len(own):
            return np.zeros((0, self.n_parameters))
        (logs,) = table.logs.values()
        told = np.stack([features_of(simulated(reports, logs[run], rng)) for run in own.tolist()])
        return (self.draws(told, N_RANKED, seed) < table.v[own][:, None, :]).mean(axis=1)


def features_of(reports: Reports) -> np.ndarray:
    """Return what the flow sees of reports, float64 (n,): a figure, the middle of a range, the side of an open one."""
    is_open = np.isinf(reports.high) | np.isinf(reports.low)
    with np.errstate(invalid="ignore"):
        middle = (reports.low + reports.high) / 2
    return np.where(is_open, np.where(np.isinf(reports.high), 1.0, -1.0), middle)


def _usable(table: Table) -> np.ndarray:
    (logs,) = table.logs.values()
    return np.isfinite(logs).all(axis=1)


def _at_least_two(v: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return v, a single parameter with a column of noise beside it: a coupling flow needs two."""
    return v if v.shape[1] > 1 else np.concatenate([v, rng.standard_normal(v.shape)], axis=1)


def learn(table: Table, reports: Reports, seed: int) -> Learned:
    """Train a flow on the runs of one case, all from the prior."""
    os.environ.setdefault("KERAS_BACKEND", "jax")
    logging.getLogger("jax").setLevel(logging.ERROR)
    import bayesflow
    import keras

    logging.getLogger("bayesflow").setLevel(logging.ERROR)  # it sets its own when imported
    keras.utils.set_random_seed(seed)
    rng = np.random.default_rng(seed)
    order = rng.permutation(np.flatnonzero(_usable(table)))
    n_truths, n_stops = int(TRUTHS * len(order)), max(1, int(STOPS * len(order)))
    truths, stops, own = order[:n_truths], order[n_truths : n_truths + n_stops], order[n_truths + n_stops :]
    (logs,) = table.logs.values()
    times = min(MOST_REPORTED, max(1, ROWS // len(own)))

    def reported(runs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        which = np.repeat(runs, times)
        told = np.stack([features_of(simulated(reports, logs[run], rng)) for run in which.tolist()])
        return _at_least_two(table.v[which], rng).astype(np.float32), told

    v, told = reported(own)
    mean, sd = told.mean(axis=0), np.maximum(told.std(axis=0), LEAST_SD)
    v_stop, told_stop = reported(stops)
    flow = bayesflow.BasicWorkflow(
        inference_network=bayesflow.networks.CouplingFlow(), inference_variables="v", inference_conditions="reports",
        standardize=None,
    )  # fmt: skip
    epochs = int(np.clip(STEPS * BATCH / len(v), LEAST_EPOCHS, MOST_EPOCHS))
    flow.fit_offline(
        {"v": v, "reports": ((told - mean) / sd).astype(np.float32)}, epochs=epochs, batch_size=BATCH, verbose=0,
        validation_data={"v": v_stop, "reports": ((told_stop - mean) / sd).astype(np.float32)},
        callbacks=[keras.callbacks.EarlyStopping("val_loss", patience=PATIENCE, restore_best_weights=True)],
    )  # fmt: skip
    return Learned(flow, mean, sd, np.sort(truths), table.v.shape[1])


def check_installed() -> None:
    """Look for what a neural posterior needs, without importing it: its threads would be forked with the runs.

    Raises
    ------
    InputError
        It is not installed.
    """
    if not all(find_spec(name) for name in ("bayesflow", "jax")):
        told = "abc_smc, or with bayesflow and jax installed: pip install 'ploshcha[npe]'"
        raise not_allowed("", "method", "npe", told)
