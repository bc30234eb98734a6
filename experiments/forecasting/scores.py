"""How good forecasts are: CRPS of the log count, coverage, place of the count in the forecast, and differences.

CRPS by scoringrules, of the count in logs (a factor of 2 too high costs as much as 2 too low); lower is better.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from experiments.forecasting.rivals import Student

BANDS = {"in50": 0.5, "in90": 0.9}


@dataclass(frozen=True)
class Score:
    """The score of one forecast of one count; `pit` is the forecast's probability of less than what was counted."""

    crps: float
    pit: float

    def is_in(self, band: str) -> bool:
        """Whether the count lies in the middle band of the forecast, such as in90."""
        return abs(self.pit - 0.5) <= BANDS[band] / 2


def score_student(forecast: Student, log_count: float) -> Score:
    """Score Student's distribution in logs."""
    from scoringrules import crps_t

    crps = float(crps_t(log_count, forecast.df, forecast.mean, forecast.scale))
    return Score(crps, float(stats.t.cdf((log_count - forecast.mean) / forecast.scale, forecast.df)))


def score_sample(logs: np.ndarray, log_count: float) -> Score:
    """Score a sample in logs, shape (n,), all of the same weight."""
    from scoringrules import crps_ensemble

    below, same = float((logs < log_count).sum()), float((logs == log_count).sum())
    return Score(float(crps_ensemble(log_count, logs, estimator="pwm")), (below + same / 2) / len(logs))


def score_quantiles(logs: np.ndarray, log_count: float) -> Score:
    """Score quantiles 1 to 99 % in logs, shape (99,), as a sample of the same weight; `pit` lies between 0 and 1."""
    from scoringrules import crps_quantile

    places = np.arange(1, 100) / 100.0
    pit = float(np.interp(log_count, logs, places, left=0.0, right=1.0))
    return Score(float(crps_quantile(log_count, logs, places)), pit)


@dataclass(frozen=True)
class Difference:
    """A model's mean CRPS beside a rival's, over the same counts; below 0 the model is better."""

    model: str
    rival: str
    n: int
    crps: float
    rival_crps: float
    difference: float
    standard_error: float

    @property
    def ratio(self) -> float:
        """Mean CRPS over the rival's."""
        return self.crps / self.rival_crps if self.rival_crps > 0 else math.nan


def differences(crps: Mapping[str, Mapping[object, float]], model: str, rivals: Sequence[str]) -> list[Difference]:
    """Compare a model with rivals on the counts that both have forecast.

    Parameters
    ----------
    crps : mapping of str to mapping
        Of each model, CRPS by what was forecast.

    Notes
    -----
    The standard error takes the differences as independent; forecasts of one count from several origins are not, so
    it is that of the mean of the counts, each the mean over its origins: a key is (origin, count...).
    """
    found = []
    for rival in rivals:
        both = [key for key in crps[model] if key in crps.get(rival, {})]
        if both:
            found.append(_difference(crps, model, rival, both))
    return found


def _difference(
    crps: Mapping[str, Mapping[object, float]], model: str, rival: str, keys: Sequence[object]
) -> Difference:
    own, other = (np.array([crps[name][key] for key in keys]) for name in (model, rival))
    by_count: dict[object, list[float]] = {}
    for key, value in zip(keys, own - other, strict=True):
        by_count.setdefault(key[1:] if isinstance(key, tuple) else key, []).append(float(value))
    means = np.array([np.mean(values) for values in by_count.values()])
    error = float(means.std(ddof=1) / math.sqrt(len(means))) if len(means) > 1 else math.nan
    return Difference(model, rival, len(means), float(own.mean()), float(other.mean()), float(means.mean()), error)
