r"""Several cases at once: behaviour is shared, a level is a case's own, and levels have a population.

A shared parameter has its prior (uniform, seen through a standard normal v). A level of case c is

.. math:: level_c = \mu + \tau e_c, \quad \mu \sim N(\mu_0, s_0), \quad \tau = \tau_0 e^{v / 2}

with v standard normal and e_c of Student's distribution with 3 degrees of freedom, so that one case may lie far from
the others; a case that was left out gets a new e_c. Everything that is sampled is standard normal under the prior, so
elliptical slices (Murray, Adams & MacKay 2010, arXiv:1001.0175) need no tuning; particles go from prior to posterior by
tempering (Del Moral, Doucet & Jasra 2006, doi:10.1111/j.1467-9868.2006.00553.x).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import optimize, special

from experiments.calibration.abc import effective_size
from experiments.calibration.priors import Prior
from sim.errors import not_allowed

SLICES = 15  # passes of elliptical slices after each step of tempering; 4 left too few distinct particles
LEFT = 0.5  # effective share of particles after a step
LEAST_STEP = 1e-6  # of the temperature
SPREAD_SD = 0.5  # of the log of tau
SPREAD_OF_MEAN = 0.8  # prior median of tau, in prior deviations of mu
FREEDOM = 3.0  # degrees of freedom of a level about its population


@dataclass(frozen=True)
class Level:
    """The population of a level: prior mean and deviation of mu, prior median of tau."""

    name: str
    mean: float
    sd: float
    spread: float


@dataclass(frozen=True)
class Hierarchy:
    """Which columns of a particle are what. `fixed` holds shared parameters that are given: of an ablation."""

    shared: tuple[Prior, ...]
    levels: tuple[Level, ...]
    cases: tuple[str, ...]
    fixed: Mapping[str, float]

    @property
    def n(self) -> int:
        """Number of columns."""
        return len(self.shared) + len(self.levels) * (2 + len(self.cases))

    def values(self, z: np.ndarray, case: str, names: Sequence[str]) -> np.ndarray:
        """Return the parameters of a case, shape (n, len(names)), of particles z, shape (n, self.n)."""
        return self.of_cases(z, {case: names})[case]

    def of_cases(self, z: np.ndarray, wanted: Mapping[str, Sequence[str]]) -> dict[str, np.ndarray]:
        """Return the parameters of cases by name, each of shape (n, number of names), of particles z."""
        same = {prior.name: prior.value(z[:, k]) for k, prior in enumerate(self.shared)}
        same |= {name: np.full(len(z), value) for name, value in self.fixed.items()}
        first = len(self.shared) + 2 * len(self.levels)
        levels = {}
        for k, level in enumerate(self.levels):
            mean, spread = self.population(z, k)
            columns = [first + k * len(self.cases) + self.cases.index(case) for case in wanted]
            own = special.stdtrit(FREEDOM, special.ndtr(z[:, columns]))
            levels[level.name] = mean[:, None] + spread[:, None] * own
        return {
            case: np.stack([same[name] if name in same else levels[name][:, c] for name in names], axis=1)
            for c, (case, names) in enumerate(wanted.items())
        }

    def population(self, z: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
        """Return mu and tau of the k-th level, float64 (n,)."""
        level, first = self.levels[k], len(self.shared) + 2 * k
        return level.mean + level.sd * z[:, first], level.spread * np.exp(SPREAD_SD * z[:, first + 1])

    def renewed(self, z: np.ndarray, case: str, rng: np.random.Generator) -> np.ndarray:
        """Return particles in which the levels of a case are drawn anew from their population."""
        z = z.copy()
        for k in range(len(self.levels)):
            column = len(self.shared) + 2 * len(self.levels) + k * len(self.cases) + self.cases.index(case)
            z[:, column] = rng.standard_normal(len(z))
        return z


def make_hierarchy(priors: Sequence[Prior], per_case: Sequence[str], cases: Sequence[str]) -> Hierarchy:
    """Return the hierarchy of these priors; that of a level, a parameter of `per_case`, is of its mean over cases.

    Raises
    ------
    InputError
        A level has a prior that is not normal.
    """
    for prior in priors:
        if prior.name in per_case and prior.distribution != "normal":
            allowed = "normal in priors=FILE, since it is per_case: mean and deviation of the mean over cases"
            raise not_allowed("", prior.name, prior.distribution, allowed)
    levels = tuple(Level(prior.name, prior.first, prior.second, SPREAD_OF_MEAN * prior.second) for prior in priors
                   if prior.name in per_case)  # fmt: skip
    return Hierarchy(tuple(prior for prior in priors if prior.name not in per_case), levels, tuple(cases), {})


def sample(
    log_likelihood: Callable[[np.ndarray], np.ndarray], n_columns: int, n: int, rng: np.random.Generator
) -> np.ndarray:
    """Return n particles of the posterior, shape (n, n_columns), of a standard normal prior.

    Parameters
    ----------
    log_likelihood : callable
        Of particles, shape (n, n_columns), to float64 (n,).
    """
    z = rng.standard_normal((n, n_columns))
    logs, heat = log_likelihood(z), 0.0
    while heat < 1.0:
        step = _step(logs, 1.0 - heat)
        weights = np.exp(step * (logs - logs.max()))
        heat = min(1.0, heat + step)
        at = np.searchsorted(np.cumsum(weights) / weights.sum(), (np.arange(n) + rng.random()) / n)
        z, logs = z[np.minimum(at, n - 1)], logs[np.minimum(at, n - 1)]
        for _ in range(SLICES):
            z, logs = _slice(log_likelihood, z, logs, heat, rng)
    return z


def _step(logs: np.ndarray, most: float) -> float:
    """Return the largest step of the temperature that leaves enough particles."""

    def spare(step: float) -> float:
        weights = np.exp(step * (logs - logs.max()))
        return effective_size(weights / weights.sum()) - LEFT * len(logs)

    return most if spare(most) >= 0.0 else max(LEAST_STEP, optimize.brentq(spare, 0.0, most, rtol=1e-4))


def _slice(
    log_likelihood: Callable[[np.ndarray], np.ndarray], z: np.ndarray, logs: np.ndarray, heat: float,
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """Move every particle along an ellipse to a point that its slice allows."""
    n = len(z)
    other, least = rng.standard_normal(z.shape), heat * logs + np.log(rng.random(n))
    angle = rng.random(n) * 2 * np.pi
    low, high = angle - 2 * np.pi, angle.copy()
    found, found_logs, left = z.copy(), logs.copy(), np.arange(n)
    for _ in range(60):
        tried = z[left] * np.cos(angle[left])[:, None] + other[left] * np.sin(angle[left])[:, None]
        tried_logs = log_likelihood(tried)
        is_in = heat * tried_logs > least[left]
        found[left[is_in]], found_logs[left[is_in]] = tried[is_in], tried_logs[is_in]
        left = left[~is_in]
        if not len(left):
            break
        is_below = angle[left] < 0
        low[left] = np.where(is_below, angle[left], low[left])
        high[left] = np.where(is_below, high[left], angle[left])
        angle[left] = low[left] + rng.random(len(left)) * (high[left] - low[left])
    return found, found_logs
