r"""Reports and crowds as one normal distribution: likelihoods, and forecasts given the counts so far, in closed form.

A report of crowd k by a kind of source is y = log x_k + b + sd e in logs. A range, and "more than" up to its largest
believable figure, is taken as a count of its middle, with the spread of an even distribution over it added. The bias b
of a kind is unsure and the same for all its reports, so they err together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from experiments.calibration.emulator import Emulator
from experiments.targets.values import PREFIX, log_value


@dataclass(frozen=True)
class Seen:
    """Reports of a case in logs; arrays have a place per report.

    crowd : int64, place of the crowd among the emulator's. y : float64. own : float64 (n, n), covariance of what the
    reports have of their own; bias : float64, the mean of the kind's bias. end : int64, hour at which the window ends.
    is_closed : bool, whether the report is a figure or a range, and no open "more than". scatter : float64, standard
    deviation of the report without its kind's bias.
    """

    crowd: np.ndarray
    y: np.ndarray
    bias: np.ndarray
    own: np.ndarray
    end: np.ndarray
    is_closed: np.ndarray
    scatter: np.ndarray

    def until(self, hour: float) -> Seen:
        """Return the reports of windows that have ended by an hour."""
        kept = np.flatnonzero(self.end <= hour)
        return Seen(self.crowd[kept], self.y[kept], self.bias[kept], self.own[np.ix_(kept, kept)], self.end[kept],
                    self.is_closed[kept], self.scatter[kept])  # fmt: skip


def seen_of(
    targets: Sequence[Any], crowds: Sequence[str], biases: Mapping[str, tuple[float, float]] | None = None
) -> Seen:
    """Return the reports of targets that can be missed and whose crowds an emulator has.

    Parameters
    ----------
    targets : sequence of Target
        Rows of targets.csv.
    crowds : sequence of str
        Names of the emulator's crowds, as outcomes of a run.
    biases : mapping of str to (float, float), optional
        Bias of each kind of source in logs, and its standard deviation; default none.
    """
    used = [target for target in targets if target.is_informative and PREFIX + target.crowd in crowds]
    ends = np.array([[log_value(t.outcome, t.low), log_value(t.outcome, t.high)] for t in used]).reshape(-1, 2)
    sd = np.hypot([t.spread for t in used], (ends[:, 1] - ends[:, 0]) / np.sqrt(12.0))
    told = biases or {}
    own = np.diag(sd**2)
    for kind, (_, bias_sd) in told.items():
        is_kind = np.array([t.counted_by == kind for t in used], float)
        own += bias_sd**2 * np.outer(is_kind, is_kind)
    return Seen(
        np.array([list(crowds).index(PREFIX + t.crowd) for t in used], np.int64), ends.mean(axis=1),
        np.array([told.get(t.counted_by, (0.0, 0.0))[0] for t in used], float), own,
        np.array([t.hour_to for t in used], np.int64),
        np.array([t.error_model in ("count", "range") for t in used], bool), sd,
    )  # fmt: skip


class Likelihood:
    """The likelihood of a case's reports at many parameters at once: S_0 and S_1 are made diagonal together."""

    def __init__(self, emulator: Emulator, seen: Seen) -> None:
        own = emulator.fixed[np.ix_(seen.crowd, seen.crowd)] + seen.own
        by_gap = emulator.by_gap[np.ix_(seen.crowd, seen.crowd)]
        root = np.linalg.cholesky(own)
        inner = np.linalg.solve(root, np.linalg.solve(root, by_gap).T)
        self._added, vectors = np.linalg.eigh((inner + inner.T) / 2)
        self._whiten = np.linalg.solve(root.T, vectors)
        self._log_det = 2.0 * np.log(np.diag(root)).sum()
        self._emulator, self._seen = emulator, seen

    def log(self, values: np.ndarray) -> np.ndarray:
        """Return the log-likelihood of each row of parameters, float64 (n,): without reports 0, wherever it lies."""
        seen = self._seen
        if not len(seen.y):
            return np.zeros(len(values))
        off = seen.y - seen.bias - self._emulator.mean(values)[:, seen.crowd]
        spread = 1.0 + self._emulator.gap(values)[:, None] ** 2 * np.maximum(self._added, 0.0)
        told = ((off @ self._whiten) ** 2 / spread + np.log(spread) + np.log(2 * np.pi)).sum(axis=1)
        return -0.5 * (told + self._log_det) + self._emulator.log_known(values)


def reports_given(emulator: Emulator, values: np.ndarray, seen: Seen, hour: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the distribution of the reports of windows that end later than an hour, given those before it.

    The gap of the city and the biases of sources carry over by their covariance.

    Returns
    -------
    tuple of ndarray, shapes (n, n_later) and (n, n_later, n_later)
        Mean and covariance at each row of parameters.
    """
    is_past = seen.end <= hour
    past, later = np.flatnonzero(is_past), np.flatnonzero(~is_past)
    mean = emulator.mean(values)[:, seen.crowd] + seen.bias
    at = np.ix_(seen.crowd, seen.crowd)
    whole = emulator.fixed[at] + seen.own + emulator.gap(values)[:, None, None] ** 2 * emulator.by_gap[at]
    if not len(past):
        return mean, whole
    inner, across = whole[:, past][:, :, past], whole[:, later][:, :, past]
    gain = np.linalg.solve(inner, across.transpose(0, 2, 1)).transpose(0, 2, 1)
    told = mean[:, later] + np.einsum("nij,nj->ni", gain, seen.y[past] - mean[:, past])
    return told, whole[:, later][:, :, later] - gain @ across.transpose(0, 2, 1)
