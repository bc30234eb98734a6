"""The reference table that every method reads: parameters of runs, and what each run says of the reported crowds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import stats
from scipy.special import logsumexp

PRIOR_SHARE = 0.2  # of the draws of a later round that are from the prior: no weight can then exceed 1 / .2


@dataclass(frozen=True)
class Proposal:
    """Where a round's points come from: kernels about earlier ones and, for safety, the prior; without any, the prior.

    centres : float64 (n, n_parameters), in v. weights : float64 (n,), sum 1. root : float64, Cholesky factor.
    """

    centres: np.ndarray
    weights: np.ndarray
    root: np.ndarray

    def draw(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """Return n points in v."""
        which = rng.choice(len(self.weights), n, p=self.weights)
        near = self.centres[which] + rng.standard_normal((n, self.centres.shape[1])) @ self.root.T
        is_prior = rng.random(n) < PRIOR_SHARE
        return np.where(is_prior[:, None], rng.standard_normal(near.shape), near)

    def log_density(self, v: np.ndarray) -> np.ndarray:
        """Return the log density at points in v, shape (n,)."""
        kernels = [stats.multivariate_normal(centre, self.root @ self.root.T).logpdf(v) for centre in self.centres]
        near = logsumexp(np.array(kernels).reshape(len(self.centres), -1), axis=0, b=self.weights[:, None])
        return np.logaddexp(np.log(PRIOR_SHARE) + log_prior(v), np.log1p(-PRIOR_SHARE) + near)


@dataclass(frozen=True)
class Table:
    """Runs of all rounds. `v` are their parameters, standard normal under the prior; `logs` those of crowds by case.

    log_weights : log of prior over what the points were drawn from, all rounds together (Owen & Zhou 2000).
    rounds : int64, the round of each run.
    """

    v: np.ndarray
    logs: Mapping[str, np.ndarray]
    log_weights: np.ndarray
    rounds: np.ndarray

    def __len__(self) -> int:
        return len(self.v)

    def without(self, run: int) -> Table:
        """Return the table without one of its runs."""
        kept = np.arange(len(self)) != run
        return replace(self, v=self.v[kept], logs={case: logs[kept] for case, logs in self.logs.items()},
                       log_weights=self.log_weights[kept], rounds=self.rounds[kept])  # fmt: skip


def log_prior(v: np.ndarray) -> np.ndarray:
    """Return the log of the prior's density in v, shape (n,)."""
    return stats.norm.logpdf(v).sum(axis=1)


def make_table(
    points: Sequence[np.ndarray], logs: Sequence[Mapping[str, np.ndarray]], proposals: Sequence[Proposal | None]
) -> Table:
    """Return the table of all rounds.

    Parameters
    ----------
    points : sequence of ndarray, shape (n, n_parameters)
        In v, of each round; runs that failed have NaN in their logs and no weight.
    logs : sequence of mapping of str to ndarray, shape (n, n_crowds)
        Of each round, by case.
    proposals : sequence of Proposal or None
        Where each round's points came from; None: the prior.
    """
    v, sizes = np.concatenate(list(points)), np.array([len(each) for each in points], float)
    densities = [log_prior(v) if proposal is None else proposal.log_density(v) for proposal in proposals]
    mixture = logsumexp(np.array(densities), axis=0, b=(sizes / sizes.sum())[:, None])
    rounds = np.repeat(np.arange(len(points)), sizes.astype(int))
    joined = {case: np.concatenate([each[case] for each in logs]) for case in logs[0]}
    return Table(v, joined, log_prior(v) - mixture, rounds)
