"""Each case forecast from a fit of the others: rolling and at one shot, beside rivals, with terms taken out.

No run is made: the reference runs of a fit are read again without the reports of the case. Its levels are drawn from
the population of the others' and weighed by its own counts up to the origin; its gap and the biases of sources carry
over in closed form (`experiments.calibration.gaussian.reports_given`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import combinations
from typing import Any

import numpy as np

from experiments.calibration.emulator import Emulator
from experiments.calibration.gaussian import Likelihood, Seen, reports_given
from experiments.calibration.several import Fit
from experiments.forecasting.rivals import RIVALS, rival_forecast
from experiments.forecasting.scores import score_sample, score_student
from experiments.forecasting.series import Count, before, counts_of
from experiments.forecasting.tables import Row
from experiments.targets.values import PREFIX

RENEWED = 20  # levels drawn for each particle
N_ROWS, N_SAMPLE = 400, 2000  # parameters kept at an origin; sample of a forecast
ONE_SHOT_DAYS = 3  # counted days that the forecast at one shot knows
IN_STREET = ".protesting.peak."
ROLLING, ONE_SHOT = "rolling", "one_shot"

# What takes a term out of turnout=learning: the value at which it does nothing.
TERMS: Mapping[str, Mapping[str, float]] = {
    "no company remembered": {"ties.remembered_weight": 0.0},
    "no outrage": {"anger.anger_weight": 0.0},
    "no lesson": {"fear.lesson_weight": 0.0},
    "no concession": {"concession.concession_weight": 0.0},
    "no start gap": {"luck.gap_start": 0.0},
}


@dataclass(frozen=True)
class Left:
    """A case that is left out: its counts, and of each the reports and their weights."""

    name: str
    start: date
    main_day: str
    targets: Sequence[Any]

    @property
    def counts(self) -> list[Count]:
        """Counts by date."""
        return counts_of(self.name, self.targets, self.start, self.main_day)


def forecasts(
    fit: Fit, left: Left, others: Sequence[str], model: str, seed: int, information: str = ""
) -> dict[str, list[Row]]:
    """Return the forecasts of a case by a model that has seen the other cases only, rolling and at one shot.

    Parameters
    ----------
    others : sequence of str
        Cases that the posterior has seen.
    """
    rng = np.random.default_rng([seed, len(left.name), *left.name.encode()])
    z = fit.posterior({case: np.inf for case in others}, rng)
    return forecasts_at(fit, left, others, z, model, rng, information)


def forecasts_at(
    fit: Fit, left: Left, others: Sequence[str], z: np.ndarray, model: str, rng: np.random.Generator,
    information: str = "",
) -> dict[str, list[Row]]:  # fmt: skip
    """Return the forecasts of a case at particles `z` of a posterior that has seen the other cases only."""
    z = np.concatenate([fit.hierarchy.renewed(z, left.name, rng) for _ in range(RENEWED)])
    values = fit.values(z, left.name)
    counts = [count for count in left.counts if count.crowd in fit.crowds[left.name]]
    days = sorted({count.day for count in counts})
    told = information or "counts to the origin and who counts; forcings as recorded, also after it; the other cases"
    rows: dict[str, list[Row]] = {ROLLING: [], ONE_SHOT: []}
    for origin in days[:-1]:
        rows[ROLLING] += _from(fit, left, values, counts, origin, others, model, told, True, rng)
    if len(days) > ONE_SHOT_DAYS:
        rows[ONE_SHOT] = _from(fit, left, values, counts, days[ONE_SHOT_DAYS - 1], others, model, told, False, rng)
    return rows


def taught(fit: Fit, lefts: Sequence[Left], model: str, seed: int) -> dict[str, dict[str, list[Row]]]:
    """Return, by way and case, forecasts of each other case from a fit that has seen neither of the two.

    So nothing that bands of a case are corrected by has seen its counts. A fit serves both cases of a pair.
    """
    found: dict[str, dict[str, list[Row]]] = {way: {left.name: [] for left in lefts} for way in (ROLLING, ONE_SHOT)}
    for k, pair in enumerate(combinations(lefts, 2)):
        rng = np.random.default_rng([seed, 2, k])
        others = [left.name for left in lefts if left not in pair]
        z = fit.posterior({case: np.inf for case in others}, rng)
        for unseen, own in (pair, pair[::-1]):
            for way, rows in forecasts_at(fit, own, others, z, model, rng).items():
                found[way][unseen.name] += rows
    return found


def with_events_of(fit: Fit, case: str, donor: str) -> Fit:
    """Return a fit in which a case has another one's events: a placebo, with the same freedom and nothing of its own.

    Each reported crowd of the case takes the place of the donor's that is as far into its wave; a shift keeps the mean
    over the runs, so that levels of the case need no other box.
    """
    own, other = fit.emulators[case], fit.emulators[donor]
    street = [k for k, name in enumerate(fit.crowds[donor]) if IN_STREET in name]
    there = np.array([_end(fit.crowds[donor][k]) for k in street], float)
    here = np.array([_end(name) for name in fit.crowds[case]], float)
    parts = [(ends - ends.min()) / max(float(np.ptp(ends)), 1.0) for ends in (here, there)]
    at = np.array(street)[np.abs(parts[0][:, None] - parts[1][None, :]).argmin(axis=1)]
    shift = float(own.mean_y.mean() - other.mean_y[at].mean())
    taken = replace(
        other, mean_y=other.mean_y[at] + shift, slope=other.slope[:, at], fixed=other.fixed[np.ix_(at, at)],
        by_gap=other.by_gap[np.ix_(at, at)], explained=other.explained[at],
    )  # fmt: skip
    return replace(fit, emulators={**fit.emulators, case: taken})


def _end(crowd: str) -> int:
    """Return the hour at which the window of a crowd ends, from its name."""
    return int(crowd.rpartition("-")[2])


def _from(
    fit: Fit, left: Left, values: np.ndarray, counts: Sequence[Count], origin: date, others: Sequence[str], model: str,
    told: str, is_rolling: bool, rng: np.random.Generator,
) -> list[Row]:  # fmt: skip
    """Return the forecasts from one origin."""
    hour = ((origin - left.start).days + 1) * 24 + 6
    seen = fit.seen(left.name, {**{case: np.inf for case in others}, left.name: hour})
    emulator = fit.emulators[left.name]
    logs = Likelihood(emulator, seen.until(hour)).log(values)
    return rows_given(emulator, fit.crowds[left.name], values, logs, seen, hour, wanted(counts, origin, is_rolling),
                      origin, model, told, rng)  # fmt: skip


def rows_given(
    emulator: Emulator, crowds: Sequence[str], values: np.ndarray, logs: np.ndarray, seen: Seen, hour: float,
    counts: Sequence[Count], origin: date, model: str, told: str, rng: np.random.Generator,
) -> list[Row]:  # fmt: skip
    """Return the forecasts of counts given the reports up to an hour.

    Parameters
    ----------
    values : ndarray, shape (n, n_parameters)
        Parameters, of log weights `logs`.
    counts : sequence of Count
        What is forecast; one whose reports are all open is left out.
    """
    weights = np.exp(logs - logs.max())
    at = np.searchsorted(np.cumsum(weights) / weights.sum(), (np.arange(N_ROWS) + rng.random()) / N_ROWS)
    mean, covariance = reports_given(emulator, values[np.minimum(at, len(values) - 1)], seen, hour)
    later = np.flatnonzero(seen.end > hour)
    rows = []
    for count in counts:
        weight = count_weights(seen, later, list(crowds).index(count.crowd))
        if not weight.any():
            continue
        middle, spread = mean @ weight, np.sqrt(np.einsum("i,nij,j->n", weight, covariance, weight))
        which = np.arange(N_SAMPLE) % len(middle)
        sample = middle[which] + spread[which] * rng.standard_normal(N_SAMPLE)
        score = score_sample(sample, count.log) if np.isfinite(count.log) else None
        rows.append(Row(count, origin, model, told, score, np.percentile(sample, np.arange(1, 100))))
    return rows


def wanted(counts: Sequence[Count], origin: date, is_rolling: bool) -> list[Count]:
    """Return the scored counts after an origin; rolling: the next of each kind of day and city."""
    later = [count for count in counts if count.day > origin and np.isfinite(count.log)]
    if not is_rolling:
        return later
    first = {(c.city, c.outcome, c.kind): c for c in reversed(later)}
    return [count for count in later if first[count.city, count.outcome, count.kind] is count]


def count_weights(seen: Seen, later: np.ndarray, crowd: int) -> np.ndarray:
    """Return the weight of each later report in the count of a crowd, as `series.counts_of` has it, float64."""
    is_own = (seen.crowd[later] == crowd) & seen.is_closed[later]
    # the kind's bias is common to reports and no part of their weight
    precision = np.where(is_own, 1.0 / seen.scatter[later] ** 2, 0.0)
    return precision / precision.sum() if precision.any() else precision


def simple_forecasts(left: Left, crowds: Sequence[str]) -> dict[str, list[Row]]:
    """Return the forecasts of the simple rivals, rolling and at one shot, of the same counts from the same origins."""
    counts = [count for count in left.counts if count.crowd in crowds]
    days = sorted({count.day for count in counts})
    found: dict[str, list[Row]] = {ROLLING: [], ONE_SHOT: []}
    shots = [days[ONE_SHOT_DAYS - 1]] if len(days) > ONE_SHOT_DAYS else []
    for way, origins in ((ROLLING, days[:-1]), (ONE_SHOT, shots)):
        for origin in origins:
            for count in wanted(counts, origin, way == ROLLING):
                known = before(counts, count, origin)
                for name in RIVALS:
                    told = rival_forecast(name, known, count.day)
                    if told is not None:
                        kinds = f"{len(known)} counts to {origin}, of {count.kind} days if any"
                        found[way].append(Row(count, origin, name, kinds, score_student(told, count.log), None))
    return found


def left_of(case: str, targets: Sequence[Any], start: date, main_day: str) -> Left:
    """Return a case that is to be left out, of targets that can be missed."""
    return Left(case, start, main_day, [target for target in targets if PREFIX + target.crowd])
