"""Are the bands of a fit by emulators what they say? Runs of a case are taken as truth, one at a time.

Counts are drawn from a run's crowds by the error models of its reports; the case alone is fitted with an emulator that
has not seen the run, its parameters standing evenly in the box of the runs. So it sees errors of emulator, likelihood
and sampler together, and none of the model.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from experiments.calibration.emulator import fit_emulator
from experiments.calibration.gaussian import Likelihood, seen_of
from experiments.calibration.hierarchy import Hierarchy, sample
from experiments.calibration.priors import Prior
from experiments.calibration.reference import Runs
from experiments.calibration.several import alive

N_PARTICLES = 200


def truth_places(
    case: str, runs: Runs, targets: Sequence[Any], n: int, seed: int, believed: float = 1.0
) -> tuple[tuple[str, ...], np.ndarray]:
    """Return names, and the place of known truths in their posteriors, shape (n, n_parameters), in [0, 1].

    Parameters
    ----------
    n : int
        Runs that are taken as truth, at most.
    believed : float
        Factor of the scatter of reports that the fit believes in: other than 1 it must be caught.
    """
    own = alive(runs)
    rng = np.random.default_rng([seed, *case.encode()])
    low, high = own.values.min(axis=0), own.values.max(axis=0)
    box = tuple(Prior(name, "uniform", *ends) for name, *ends in zip(own.names, low, high, strict=True))
    hierarchy, found = Hierarchy(box, (), (case,), {}), []
    for run in rng.permutation(len(own.rounds))[:n].tolist():
        others = own.kept(np.arange(len(own.rounds)) != run)
        emulator = fit_emulator(others.names, others.values, others.logs)
        seen = seen_of(targets, own.crowds)
        drawn = own.logs[run, seen.crowd] + rng.multivariate_normal(np.zeros(len(seen.y)), seen.own)
        likelihood = Likelihood(emulator, replace(seen, y=drawn, own=seen.own * believed**2))

        def log_likelihood(z: np.ndarray, told: Likelihood = likelihood) -> np.ndarray:
            return told.log(hierarchy.values(z, case, own.names))

        z = sample(log_likelihood, hierarchy.n, N_PARTICLES, rng)
        found.append((hierarchy.values(z, case, own.names) < own.values[run]).mean(axis=0))
    return own.names, np.array(found)
