"""Who protests in one of two runs of the same people and not in the other, and which inputs of the decision did it.

Nothing here names a term of the join index: the decisions themselves are asked (`agents/choices.py`), once with all
that they read as it was in the first run, once as in the second, and between with one input after another replaced.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np

from agents import attitudes, choices, hearing, sanctions
from agents.compiled.decision import decisions_of
from agents.rules import participation
from agents.vocabulary import CITIZEN_COLUMNS

DECISIONS = decisions_of(hearing, attitudes, choices, sanctions)
LEAVES = (bool, int, float, str, np.generic, np.ndarray)
OCCASIONS = ("walk_out", "protest", "stand_in_chain")
"""Steps of a choice that may end in a protest, in the order in which a person takes them."""


class Moment(NamedTuple):
    """What the people of a city decide on in an hour, and what they chose; before the police act.

    columns : mapping of str to ndarray, by person; rows : int64 (n,), their rows in the whole table.
    signals, around, p : what they share, look up, and the parameters.
    choice : int64 (n,), the chosen activity.
    """

    columns: Mapping[str, np.ndarray]
    rows: np.ndarray
    signals: Mapping[str, Any]
    around: Any
    p: Any
    choice: np.ndarray


@dataclass
class Mixed:
    """A person some of whose inputs are of the second run, all others of the first; notes which inputs are read."""

    moments: tuple[Moment, Moment]
    index: int
    swapped: frozenset[str] = frozenset()
    read: dict[str, Callable[[Moment], Any]] = field(default_factory=dict)

    def value(self, name: str, of: Callable[[Moment], Any]) -> Any:
        """Return an input by its full name, from the run it is to come from."""
        self.read[name] = of
        return of(self.moments[name in self.swapped])

    def __getattr__(self, name: str) -> Any:
        if name in DECISIONS:
            decide = getattr(DECISIONS[name], name)
            asked = functools.partial(decide, self, Shared(self, "signals"), Shared(self, "p"))
            return asked() if decide.is_derived else asked
        if name == "around":
            return Shared(self, "around")
        if name == "row":
            return int(self.moments[0].rows[self.index])
        if name == "person":
            return int(self.moments[0].signals["person0"]) + self.row
        if name not in CITIZEN_COLUMNS:
            raise AttributeError(f"a person has no {name}")
        return self.value(name, lambda moment: moment.columns[name][self.index].item())


@dataclass
class Shared:
    """Signals, surroundings or parameters of which each field is an input."""

    person: Mixed
    kind: str
    path: tuple[str, ...] = ()

    def __getattr__(self, name: str) -> Any:
        path = (*self.path, name)
        if not isinstance(getter(self.kind, path)(self.person.moments[0]), LEAVES):
            return Shared(self.person, self.kind, path)
        return self.person.value(input_name(self.kind, path), getter(self.kind, path))


def input_name(kind: str, path: Sequence[str]) -> str:
    """Return the full name of an input: ``company``, ``signals.crowd_share_media``, ``anger.anger_weight``."""
    return ".".join(path if kind == "p" else (kind, *path))


def getter(kind: str, path: Sequence[str]) -> Callable[[Moment], Any]:
    """Return what reads a field of the signals, surroundings or parameters of a moment."""

    def read(moment: Moment) -> Any:
        found = getattr(moment, kind)
        for name in path:
            found = found[name] if isinstance(found, Mapping) else getattr(found, name)
        return found

    return read


class Reached(Exception):  # noqa: N818  no error: the index is there, the rest of the decision need not be made
    """Ends a decision where it compares the index with the luck."""


@contextmanager
def listening(module: ModuleType, name: str, listener: Callable) -> Iterator[None]:
    """Let decisions in plain Python call `listener` with a rule and its arguments, in place of the rule."""
    rule = getattr(module, name)
    setattr(module, name, functools.partial(listener, rule))
    try:
        yield
    finally:
        setattr(module, name, rule)


def stop_at_the_index(rule: Callable, private_preference: float, luck: float, index: float) -> bool:
    """End a decision with the margin by which somebody takes part: index minus luck."""
    if private_preference >= 0.5:
        return False
    raise Reached(index - luck)


def margin(person: Mixed, occasion: str) -> float | None:
    """Return index minus luck at an occasion; None if there is none for this person. Above 0 one takes part."""
    try:
        getattr(person, occasion)()
    except Reached as reached:
        return float(reached.args[0])
    return None


class Tipped(NamedTuple):
    """What moved one person's index at an occasion: terms that add up to the difference of the margins."""

    occasion: str
    margins: tuple[float, float]
    terms: dict[str, float]

    @property
    def term(self) -> str:
        """The input that moved the index most in the direction of the change."""
        sign = 1.0 if self.margins[1] > self.margins[0] else -1.0
        return max(self.terms, key=lambda name: sign * self.terms[name])


def explain(moments: tuple[Moment, Moment], index: int) -> Tipped | None:
    """Decompose the change of one person's index at the first occasion at which the two runs differ.

    Inputs that differ are replaced one after the other in the order in which the decision reads them, and once more in
    the opposite order; a term is the mean of its two steps. The terms add up to the difference whatever the order; for
    an index that is a sum they do not depend on it.

    Returns
    -------
    Tipped or None
        None where no index tells: no such occasion in one of the runs, or another choice came first.
    """
    with listening(participation, "joins", stop_at_the_index):
        for occasion in OCCASIONS:
            margins, inputs = _ends(moments, index, occasion)
            if None not in margins and (margins[0] > 0.0) != (margins[1] > 0.0):
                there = _steps(moments, index, occasion, inputs)
                back = _steps(moments, index, occasion, inputs[::-1])
                if there is not None and back is not None:
                    return Tipped(occasion, margins, {name: (there[name] + back[name]) / 2.0 for name in inputs})
    return None


def _ends(moments: tuple[Moment, Moment], index: int, occasion: str) -> tuple[Any, list[str]]:
    """Return the margins in both runs, and the inputs that were read and differ."""
    first, second = (Mixed((moment, moment), index) for moment in moments)
    margins = margin(first, occasion), margin(second, occasion)
    read = {**first.read, **second.read}
    return margins, [name for name, of in read.items() if not np.array_equal(*map(of, moments))]


def _steps(moments: tuple[Moment, Moment], index: int, occasion: str, inputs: Sequence[str]) -> dict[str, float] | None:
    """Return what each replacement adds; None if the occasion is not there half-way."""
    swapped: frozenset[str] = frozenset()
    before, steps = margin(Mixed(moments, index), occasion), {}
    for name in inputs:
        swapped |= {name}
        after = margin(Mixed(moments, index, swapped), occasion)
        if before is None or after is None:
            return None
        steps[name], before = after - before, after
    return steps
