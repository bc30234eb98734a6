r"""A Gaussian emulator of a case's crowds: what a run with given parameters would say, with all its luck.

The logs of the crowds are normal about a quadratic in the parameters, with a covariance that has a part of its own for
the lasting gap, g = luck.gap_sd:

.. math:: \log x \sim N(m(\theta), S_0 + g^2 S_1)

The quadratic is fitted by ridge regression; both parts of the covariance by regression of products of residuals, each
residual that of a fit without its own run, so what the quadratic misses is in them. Sources: Wood (2010),
doi:10.1038/nature09319 (synthetic likelihood); Kennedy & O'Hagan (2001), doi:10.1111/1467-9868.00294 (emulators).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

GAP = "luck.gap_sd"
RIDGES = 10.0 ** np.linspace(-2, 3, 16)
SHRINK = 0.1  # of covariances towards their diagonal: more crowds than a few hundred runs can tell apart
EDGE = 0.05  # of the width of the box
LEAST_VARIANCE = 1e-3  # of a crowd in logs


@dataclass(frozen=True)
class Emulator:
    """An emulator of one case.

    names : parameters, in the order of columns. low, high : float64 (n_parameters,), the box in which runs were made.
    mean_x, mean_y, slope : of the regression. fixed, by_gap : float64 (n_crowds, n_crowds), S_0 and S_1.
    explained : float64 (n_crowds,), share of the variance over the runs that the quadratic tells of runs left out.
    """

    names: tuple[str, ...]
    low: np.ndarray
    high: np.ndarray
    mean_x: np.ndarray
    mean_y: np.ndarray
    slope: np.ndarray
    fixed: np.ndarray
    by_gap: np.ndarray
    explained: np.ndarray

    def mean(self, values: np.ndarray) -> np.ndarray:
        """Return the mean logs of the crowds, shape (n, n_crowds), of parameters within the box or set to its edge."""
        x = _features(_scaled(np.clip(values, self.low, self.high), self.low, self.high))
        return (x - self.mean_x) @ self.slope + self.mean_y

    def log_known(self, values: np.ndarray) -> np.ndarray:
        """Return the log of how far rows of parameters may be believed, float64 (n,): 0 within the box of the runs.

        It falls as a normal density whose deviation is a twentieth of the box: no run says what happens there.
        """
        width = np.maximum(self.high - self.low, 1e-12)
        off = np.maximum(values - self.high, 0.0) + np.maximum(self.low - values, 0.0)
        return -0.5 * ((off / (EDGE * width)) ** 2).sum(axis=1)

    def gap(self, values: np.ndarray) -> np.ndarray:
        """Return the spread of the lasting gap of each row, float64 (n,)."""
        k = self.names.index(GAP) if GAP in self.names else None
        return np.ones(len(values)) if k is None else np.clip(values[:, k], self.low[k], self.high[k])


def fit_emulator(names: Sequence[str], values: np.ndarray, logs: np.ndarray) -> Emulator:
    """Return the emulator of runs.

    Parameters
    ----------
    names : sequence of str
        Of the parameters.
    values : ndarray, shape (n_runs, n_parameters)
        Of each run.
    logs : ndarray, shape (n_runs, n_crowds)
        Logs of the crowds.
    """
    low, high = values.min(axis=0), values.max(axis=0)
    x = _features(_scaled(values, low, high))
    mean_x, mean_y = x.mean(axis=0), logs.mean(axis=0)
    u, s, vt = np.linalg.svd(x - mean_x, full_matrices=False)
    slope, residuals = np.zeros((x.shape[1], logs.shape[1])), np.empty_like(logs)
    for k in range(logs.shape[1]):
        y = u.T @ (logs[:, k] - mean_y[k])
        tried = [_left_out(u, s, y, logs[:, k] - mean_y[k], ridge) for ridge in RIDGES]
        best = int(np.argmin([float((each**2).mean()) for each in tried]))
        residuals[:, k] = tried[best]
        slope[:, k] = vt.T @ (s / (s**2 + RIDGES[best]) * y)
    explained = 1.0 - (residuals**2).mean(axis=0) / np.maximum(logs.var(axis=0), 1e-12)
    gap = values[:, list(names).index(GAP)] if GAP in names else None
    return Emulator(tuple(names), low, high, mean_x, mean_y, slope, *_covariances(residuals, gap), explained)


def _scaled(values: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    return 2.0 * (values - low) / np.maximum(high - low, 1e-12) - 1.0


def _features(z: np.ndarray) -> np.ndarray:
    """Return linear, square and mixed terms, shape (n, n_terms)."""
    first, second = np.triu_indices(z.shape[1])
    return np.concatenate([z, z[:, first] * z[:, second]], axis=1)


def _left_out(u: np.ndarray, s: np.ndarray, y: np.ndarray, target: np.ndarray, ridge: float) -> np.ndarray:
    """Return the residual of each run from a fit without it."""
    share = s**2 / (s**2 + ridge)
    leverage = (u**2 @ share) + 1.0 / len(u)
    return (target - u @ (share * y)) / np.maximum(1.0 - leverage, 1e-9)


def _covariances(residuals: np.ndarray, gap: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    """Return the covariance without a gap, and what one of spread 1 adds."""
    n, k = residuals.shape
    products = (residuals[:, :, None] * residuals[:, None, :]).reshape(n, -1)
    if gap is None:
        return _proper(products.mean(axis=0).reshape(k, k), LEAST_VARIANCE), np.zeros((k, k))
    design = np.stack([np.ones(n), gap**2], axis=1)
    found = np.linalg.lstsq(design, products, rcond=None)[0]
    by_gap = _proper(found[1].reshape(k, k), 0.0)
    rest = (products - gap[:, None] ** 2 * by_gap.reshape(1, -1)).mean(axis=0)  # what a refused sign leaves, kept
    return _proper(rest.reshape(k, k), LEAST_VARIANCE), by_gap


def _proper(matrix: np.ndarray, least: float) -> np.ndarray:
    """Return the nearest covariance, shrunk a little towards its diagonal."""
    shrunk = (1.0 - SHRINK) * matrix + SHRINK * np.diag(np.diag(matrix))
    roots, vectors = np.linalg.eigh((shrunk + shrunk.T) / 2)
    return (vectors * np.maximum(roots, least)) @ vectors.T
