"""Levers: what a sweep varies, under the names of the command line.

A lever has values, a range, or named alternatives that change several settings together.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from experiments import words
from sim.errors import InputError, not_allowed

RANGE_LEVELS = 5  # of a range on a grid, where design.n does not say


@dataclass(frozen=True)
class Lever:
    """One lever: exactly one of `values`, (`low`, `high`) or `alternatives` says what it may be."""

    name: str
    values: tuple[Any, ...] = ()
    low: float = math.nan
    high: float = math.nan
    alternatives: Mapping[str, Mapping[str, Any]] | None = None
    is_whole: bool = False  # of a range: whole numbers only

    @property
    def is_range(self) -> bool:
        """Whether any number between two bounds is meant."""
        return not math.isnan(self.low)

    @property
    def is_numeric(self) -> bool:
        """Whether the lever lies on an axis of numbers."""
        return self.is_range or bool(self.values) and all(is_number(value) for value in self.values)

    @property
    def bounds(self) -> tuple[float, float]:
        """Lowest and highest value of a numeric lever."""
        return (self.low, self.high) if self.is_range else (min(self.values), max(self.values))

    def levels(self, n: int | None) -> list[Any]:
        """Return the values on a grid; `n` of them, evenly spaced, for a range."""
        if self.is_range:
            n = n or RANGE_LEVELS
            return list(dict.fromkeys(self.at(k / max(n - 1, 1)) for k in range(n)))
        return list(self.values or self.alternatives or ())

    def at(self, place: float) -> Any:
        """Return the value at a place in [0, 1] of the lever: between its bounds, or one of its alternatives."""
        if not self.is_numeric:
            options = self.levels(None)
            return options[min(int(place * len(options)), len(options) - 1)]
        low, high = self.bounds
        value = low + place * (high - low)
        is_whole = self.is_whole or not self.is_range and all(isinstance(option, int) for option in self.values)
        return round(value) if is_whole else float(value)

    def settings(self, value: Any) -> dict[str, Any]:
        """Return the settings that a value stands for, by name."""
        return dict(self.alternatives[value]) if self.alternatives is not None else {self.name: value}

    def named(self, where: str, value: Any) -> Any:
        """Return a value that a file names: an alternative by its name, anything else as it is.

        Raises
        ------
        InputError
            There is no such alternative.
        """
        if self.alternatives is None:
            return value
        if (name := words.as_written(value)) not in self.alternatives:
            raise not_allowed(where, self.name, name, "one of " + ", ".join(self.alternatives), self.alternatives)
        return name


def is_number(value: Any) -> bool:
    """Whether a value is a number, and not true or false."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def cell(value: Any) -> Any:
    """Return a lever's value as it stands in a table: a number, or a text."""
    if is_number(value):
        return float(value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def read_levers(where: str, found: Any) -> list[Lever]:
    """Return the levers of an experiment file; {} says that nothing but the seed is varied.

    Raises
    ------
    InputError
        One is neither a list of values, nor {low, high}, nor named alternatives.
    """
    if not isinstance(found, Mapping):
        raise not_allowed(where, "levers", found, "names of settings, each with values, {low, high} or alternatives")
    for name in found:
        if not isinstance(name, str) or not name.strip():
            raise not_allowed(where, "levers", words.as_written(name), "names of settings, or a name of alternatives")
    return [_lever(where, name, value) for name, value in found.items()]


def _lever(where: str, name: str, found: Any) -> Lever:
    allowed = "a list of values, {low: .., high: ..}, or named alternatives such as {as it was: {}, no calls: {..}}"
    if isinstance(found, list) and found:
        words.check_once(where, name, found)
        return Lever(name, values=tuple(found))
    if isinstance(found, Mapping) and set(found) == {"low", "high"}:
        return range_lever(where, name, found["low"], found["high"])
    if isinstance(found, Mapping) and found and all(isinstance(part, Mapping) for part in found.values()):
        alternatives = {words.as_written(key): {str(k): v for k, v in part.items()} for key, part in found.items()}
        words.check_once(where, name, [words.as_written(key) for key in found])
        _check_differ(where, name, alternatives)
        return Lever(name, alternatives=alternatives)
    raise not_allowed(where, name, words.as_written(found), allowed)


def _check_differ(where: str, name: str, alternatives: Mapping[str, Mapping[str, Any]]) -> None:
    """Refuse alternatives that set the same: their runs would be the same runs."""
    known: dict[str, str] = {}
    for option, part in alternatives.items():
        made = json.dumps({key: words.meaning(part[key]) for key in sorted(part)}, default=str)
        if (first := known.setdefault(made, option)) != option:
            raise not_allowed(where, name, option, f"an alternative of its own; it sets what {first} sets")


def range_lever(where: str, name: str, low: Any, high: Any) -> Lever:
    """Return a lever for the numbers between two bounds."""
    if not (is_number(low) and is_number(high) and math.isfinite(low) and math.isfinite(high) and low < high):
        raise not_allowed(where, name, f"[{low}, {high}]", "two numbers, low < high")
    return Lever(name, low=float(low), high=float(high))


def as_range(lever: Lever, current: Any) -> Lever:
    """Return a numeric lever as the range from its lowest to its highest value; alternatives stay what they are.

    Parameters
    ----------
    current : object
        Value of the setting in the base case: a whole number tells that the setting takes nothing else.

    Raises
    ------
    InputError
        There is only one value.
    """
    options = lever.bounds if lever.is_numeric else lever.levels(None)
    if len({cell(option) for option in options}) < 2:
        raise not_allowed("", lever.name, options[0], "a range, such as interval(0,1), or several values")
    if not lever.is_numeric:
        return lever
    low, high = lever.bounds
    if is_number(current) and isinstance(current, int):
        low, high = math.ceil(low), math.floor(high)
        if low >= high:
            raise not_allowed("", lever.name, "interval({:g},{:g})".format(*lever.bounds), "a range of whole numbers")
        return Lever(lever.name, values=(low, high))
    is_whole = all(isinstance(value, int) for value in lever.values or (low,))
    if current is None and is_whole:  # perhaps an hour that is not set
        return Lever(lever.name, values=(low, high))
    return range_lever("", lever.name, low, high)


def whole_range(lever: Lever, current: Any) -> Lever:
    """Return a range of whole numbers if the setting takes nothing else, which its value in the base case tells.

    Raises
    ------
    InputError
        There are not two whole numbers in the range.
    """
    if not is_number(current) or not isinstance(current, int):
        return lever
    low, high = math.ceil(lever.low), math.floor(lever.high)
    if low >= high:
        shown = f"interval({lever.low:g},{lever.high:g})"
        raise not_allowed("", lever.name, shown, "a range with two whole numbers in it")
    return replace(lever, low=float(low), high=float(high), is_whole=True)


def with_value(lever: Lever, value: Any) -> Lever:
    """Return a lever that has a place for the baseline's value, too; an axis of numbers has one for any number."""
    if not lever.values or any(cell(value) == cell(own) for own in lever.values):
        return lever
    return lever if lever.is_numeric and is_number(value) else replace(lever, values=(value, *lever.values))


def levers_of_words(overrides: list[Any]) -> list[Lever]:
    """Return the levers of a command line: settings with several values, or with interval(low,high).

    Parameters
    ----------
    overrides : list of hydra Override
        As `experiments.words.parse` returns them.
    """
    from hydra.core.override_parser.types import IntervalSweep

    levers = []
    for override in overrides:
        name, value = override.key_or_group, override.value()
        if not override.is_sweep_override():
            continue
        if isinstance(value, IntervalSweep):
            levers.append(range_lever("", name, value.start, value.end))
        elif words.has_values(override):
            levers.append(Lever(name, values=words.values_of(override)))
        else:
            raise InputError(f"{override.input_line} is not allowed: values as in {name}=0,1 or interval(0,1)")
    return levers


@cache
def value_of_text(name: str, text: str) -> Any:
    """Return the value of a cell of a table of designs, read like an override.

    Raises
    ------
    InputError
        It is not one value.
    """
    (override,) = words.parse([f"{name}={text}"])
    if override.is_sweep_override():
        raise not_allowed("", name, text, "one value: a row is one point")
    return override.value()


def in_order(found: set[Any], lever: Lever) -> list[Any]:
    """Return values of a lever in the order of an axis: numbers rising, others as they were written."""
    if lever.is_numeric:
        return sorted(found)
    return [value for value in dict.fromkeys(cell(v) for v in lever.levels(None)) if value in found]
