"""Priors: of declared parameters their plausible ranges, else a file or interval(low,high) on the command line.

Every prior is seen through v = Phi^-1(F(value)), so that all of them together are standard normal in v.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from agents.rules.declaration import Declared
from experiments.design.fitted import declared_parameters, fitted_parameter
from experiments.words import path_of
from sim.errors import InputError, not_allowed
from sim.inputs.tables import read_table

LEAST_SHARE = 1e-6  # of a normal distribution within a parameter's limits


@dataclass(frozen=True)
class Prior:
    """The prior of one parameter: uniform from `first` to `second`, or normal with that mean and deviation, cut."""

    name: str
    distribution: str
    first: float
    second: float
    low: float = -math.inf
    high: float = math.inf

    def value(self, v: np.ndarray) -> np.ndarray:
        """Return the parameter's values at places v of the standard normal distribution."""
        u = special.ndtr(v)
        if self.distribution == "uniform":
            return self.first + u * (self.second - self.first)
        ends = special.ndtr((np.array([self.low, self.high]) - self.first) / self.second)
        found = self.first + self.second * special.ndtri(ends[0] + u * (ends[1] - ends[0]))
        return found.clip(self.low, self.high)


def make_priors(
    free: Sequence[str], ranges: Mapping[str, tuple[float, float]], file: str | None
) -> tuple[Prior, ...]:
    """Return the priors of what is fitted.

    Parameters
    ----------
    free : sequence of str
        Parameters whose prior is uniform over the declared plausible range.
    ranges : mapping of str to (float, float)
        Parameters with another range.
    file : str, optional
        A CSV file: ``parameter,distribution,first,second,source,confidence``; uniform from first to second, or normal
        with mean first and deviation second, cut where values are refused.

    Raises
    ------
    InputError
        A name is no parameter that may be fitted, stands twice, or a range is outside of what is allowed.
    """
    known = declared_parameters()
    found = [_prior(name, "uniform", *_plausible(known, name)) for name in free]
    found += [_prior(name, "uniform", low, high) for name, (low, high) in ranges.items()]
    if file is not None:
        found += _of_file(file)
    names = [prior.name for prior in found]
    for name in names:
        if names.count(name) > 1:
            raise not_allowed("", "free", name, "each parameter once: in free, in priors, or as interval(low,high)")
    if not found:
        raise not_allowed("", "free", "[]", "parameters to be fitted, such as free=[participation.intercept]")
    return tuple(found)


def _of_file(file: str) -> list[Prior]:
    if not file.strip():
        raise not_allowed("", "priors", file, "a CSV file")
    found = []
    for row in read_table(path_of("priors", file), ("parameter", "distribution", "first", "second"), "priors"):
        numbers = row.number("first", -1e9, 1e9), row.number("second", -1e9, 1e9)
        name, distribution = row.text("parameter"), row.choice("distribution", ("uniform", "normal"))
        try:
            found.append(_prior(name, distribution, *numbers, field="parameter"))
        except InputError as error:
            raise InputError(f"{row.where}: {error}") from None
    return found


def _plausible(known: Mapping[str, Declared], name: str) -> tuple[float, float]:
    return known[name].plausible if name in known else (0.0, 1.0)


def _prior(name: str, distribution: str, first: float, second: float, field: str = "free") -> Prior:
    about = fitted_parameter("", field, name)
    if distribution == "uniform" and not about.low <= first < second <= about.high:
        allowed = f"low < high within {about.low:g} to {about.high:g}"
        raise not_allowed("", name, f"interval({first:g},{second:g})", allowed)
    if distribution == "normal" and second <= 0:
        raise not_allowed("", name, f"normal({first:g},{second:g})", "a deviation above 0")
    if distribution == "normal":
        ends = special.ndtr((np.array([about.low, about.high]) - first) / second)
        if not ends[1] - ends[0] > LEAST_SHARE:
            allowed = f"a normal distribution of which something lies from {about.low:g} to {about.high:g}"
            raise not_allowed("", name, f"normal({first:g},{second:g})", allowed)
    return Prior(name, distribution, float(first), float(second), about.low, about.high)
