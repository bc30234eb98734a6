"""Forecasts of runs at draws of a fit by emulators: an emulator of the runs, given the reports up to the origin.

The runs, each under luck of its own, teach an emulator of all crowds, later ones too. Parameters are the posterior's;
the city's gap and the biases of sources carry over in closed form (`experiments.calibration.gaussian.reports_given`),
as in docs/scores.md, where a case is forecast from a fit of the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import numpy as np

from experiments.calibration.emulator import Emulator, fit_emulator
from experiments.calibration.gaussian import Likelihood, seen_of
from experiments.calibration.one_emulation import FIT_FILE, load_fit
from experiments.calibration.reference import Runs
from experiments.calibration.several import Fit, alive
from experiments.design.points import Point
from experiments.design.posterior import posterior_folder
from experiments.forecasting.left_out import rows_given
from experiments.forecasting.series import Count
from experiments.forecasting.tables import Row
from experiments.targets.values import PREFIX
from sim.errors import not_allowed
from sim.inputs.targets import NOT_COUNTED

RUNS_A_PARAMETER = 4  # at least, for a quadratic


@dataclass(frozen=True)
class Emulated:
    """A model that forecasts by an emulator: its runs, the fit whose posterior it has, and that fit's case.

    values : float64 (n, n_parameters), draws of the posterior. seen_to : hour of the last report that they have seen.
    """

    name: str
    fit: Fit
    case: str | None
    emulator: Emulator
    crowds: tuple[str, ...]
    values: np.ndarray
    seen_to: float


def is_emulated(posterior: str) -> bool:
    """Whether a posterior, a folder or FOLDER@CASE, is a fit by emulators."""
    return (posterior_folder(posterior.partition("@")[0]) / FIT_FILE).is_file()


def check_runs(n_runs: int, n_parameters: int) -> None:
    """Refuse too few runs for an emulator.

    Raises
    ------
    InputError
        They are.
    """
    if n_runs < (least := RUNS_A_PARAMETER * n_parameters):
        raise not_allowed("", "draws", n_runs, f"of a fit by emulators at least {least}, draws x replicates")


def emulated(
    name: str, posterior: str, case: str | None, until: date, start: date, draws: Sequence[Point], runs: Runs
) -> Emulated:
    """Return the model of runs at draws of a posterior.

    Parameters
    ----------
    case : str, optional
        Whose levels the draws are; none: the scenario is no case of the fit.
    until : date
        Last day of the reports that the fit has seen; `date.max`: all that the case has.
    runs : Runs
        At these draws, each under luck of its own.
    """
    fit = load_fit(posterior_folder(posterior.partition("@")[0]))
    used = alive(runs)
    emulator = fit_emulator(used.names, used.values, used.logs)
    values = np.array([[draw[each] for each in runs.names] for draw in draws], float)
    own = [target.hour_to for target in fit.targets[case] if target.is_informative] if case else []
    seen_to = min(max(own, default=0), hour_after(until, start))
    return Emulated(name, fit, case, emulator, runs.crowds, values, seen_to)


def hour_after(day: date, start: date) -> int:
    """Return the hour that ends a day, 06:00 of the next."""
    return ((day - start).days + 1) * 24 + 6


def seen_until(model: Emulated, start: date) -> date:
    """Return the last day whose reports the posterior has seen."""
    return start + timedelta(days=int(model.seen_to - 7) // 24)


def emulated_rows(
    model: Emulated, targets: Sequence[Any], counts: Sequence[Count], origin: date, start: date, told: str
) -> list[Row]:
    """Return the forecasts of counts from an origin.

    Reports that the posterior has not seen, between `seen_to` and the origin, weigh its draws.
    """
    hour = hour_after(origin, start)
    known = {case: hour if case == model.case else np.inf for case in model.fit.hierarchy.cases}
    seen = seen_of(asked_as_counts(targets, hour), model.crowds, model.fit.biases(known))
    logs = np.zeros(len(model.values))
    if hour > model.seen_to:
        logs = Likelihood(model.emulator, seen.until(hour)).log(model.values)
        logs -= Likelihood(model.emulator, seen.until(model.seen_to)).log(model.values)
    rng = np.random.default_rng([origin.toordinal(), *model.name.encode()])
    return rows_given(model.emulator, model.crowds, model.values, logs, seen, hour, counts, origin, model.name, told,
                      rng)  # fmt: skip


def asked_as_counts(targets: Sequence[Any], hour: float) -> list[Any]:
    """Return the targets, with later occasions that nobody has counted as counts, of which only the scatter is used."""
    counted = {target.crowd for target in targets if target.is_informative}
    return [
        replace(target, low=1.0, high=1.0, error="count", informative="yes") if target.error == NOT_COUNTED else target
        for target in targets
        if target.error != NOT_COUNTED or (target.crowd not in counted and target.hour_to > hour)
    ]


def crowds_of(targets: Sequence[Any]) -> tuple[str, ...]:
    """Return the names of the crowds that an emulator of these targets has to tell."""
    used = [target for target in targets if target.is_informative or target.error == NOT_COUNTED]
    return tuple(dict.fromkeys(PREFIX + target.crowd for target in used))
