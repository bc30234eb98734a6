"""History matching: what the reports rule out, by Gaussian-process emulators of the crowds (scikit-learn).

A point is ruled out where the second-largest implausibility over reports exceeds 3. What is left is no posterior: it
says where a fit may lie. Source: Vernon, Goldstein & Bower (2010), doi:10.1214/10-BA524.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from experiments.calibration.table import Table
from experiments.targets.reports import Reports
from sim.errors import not_allowed

CUT = 3.0  # Pukelsheim's three-sigma rule
MOST_RUNS = 400  # that an emulator learns from: its cost grows with the cube
N_TRIED = 20_000  # points of the prior


def emulators(table: Table) -> dict[str, list[Any]]:
    """Return a Gaussian process for the log of each crowd, by case; luck is its noise."""
    try:
        from sklearn.gaussian_process import GaussianProcessRegressor
        from sklearn.gaussian_process.kernels import RBF, ConstantKernel, WhiteKernel
    except ImportError:
        told = "abc_smc, or with scikit-learn installed: pip install 'ploshcha[calibration]'"
        raise not_allowed("", "method", "history_matching", told) from None
    n = table.v.shape[1]
    kernel = ConstantKernel(1.0) * RBF(np.full(n, 2.0), (0.2, 50.0)) + WhiteKernel(0.2, (1e-4, 10.0))
    found: dict[str, list[Any]] = {}
    for case, logs in table.logs.items():
        known = np.flatnonzero(np.isfinite(logs).all(axis=1))[-MOST_RUNS:]
        found[case] = [
            GaussianProcessRegressor(kernel, normalize_y=True, random_state=1).fit(table.v[known], column[known])
            for column in logs.T
        ]
    return found


def implausibility(fits: Mapping[str, list[Any]], reports: Mapping[str, Reports], v: np.ndarray) -> np.ndarray:
    """Return the second-largest implausibility at points in v (the largest of a single report), shape (n,)."""
    found = []
    for case, own in reports.items():
        told = [fit.predict(v, return_std=True) for fit in fits[case]]
        means, sds = np.stack([mean for mean, _ in told], 1), np.stack([sd for _, sd in told], 1)
        seen, sd = means[:, own.crowd] + own.bias, np.hypot(sds[:, own.crowd], own.scatter())
        found.append((np.maximum(seen - own.high, 0.0) + np.maximum(own.low - seen, 0.0)) / sd)
    ordered = np.sort(np.concatenate(found, axis=1), axis=1)
    return ordered[:, -2] if ordered.shape[1] > 1 else ordered[:, -1]


def not_ruled_out(table: Table, reports: Mapping[str, Reports], rng: np.random.Generator) -> tuple[np.ndarray, float]:
    """Return points of the prior that are not ruled out, in v, and their share of those tried."""
    v = rng.standard_normal((N_TRIED, table.v.shape[1]))
    kept = v[implausibility(emulators(table), reports, v) <= CUT]
    return kept, len(kept) / N_TRIED
