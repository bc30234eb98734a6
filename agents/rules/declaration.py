"""How a mechanism declares itself beside its rules: parameters, and the kinds of events that it reads.

A mechanism is a file of this folder with rules and one subclass of `Mechanism`: frozen, plain Python, a field for each
parameter. Everything else follows from it: the settings and their limits (`sim.parameters`), the names known on the
command line, docs/parameters.md, the record that the engines read, the tests.
"""

import math
from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields
from typing import Any, ClassVar, dataclass_transform

# Limits: what is refused outside of them. A plausible range, declared beside them, refuses nothing.
SHARE = {"ge": 0.0, "le": 1.0}
OPEN_SHARE = {"gt": 0.0, "lt": 1.0}
RATE = {"ge": 0.0, "lt": 1.0}
WEIGHT = {"ge": -100.0, "le": 100.0}
POSITIVE = {"ge": 1e-6, "le": 1e9}
NOT_NEGATIVE = {"ge": 0.0, "le": 1e9}
STRENGTH = {"ge": 0.0, "le": 10.0}

# Sources that several parameters share.
ASSUMED = "assumption"
START = "MODEL.md section 5, start value (assumption)"


def between(low: int, high: int) -> dict[str, int]:
    """Return the limits of a whole number."""
    return {"ge": low, "le": high}


def parameter(
    default: Any,
    symbol: str,
    unit: str,
    limits: Mapping[str, float],
    plausible: tuple[float, float],
    meaning: str,
    source: str = ASSUMED,
    *,
    start: float | None = None,
    by_hand: bool = False,
    is_identified: bool = True,
    prior: str = "",
    absent: float | None = None,
) -> Any:
    """Declare a parameter.

    Parameters
    ----------
    default : float or int
        Value of the base case, to which `source` refers; a case's file in ``conf/`` holds only what differs.
    symbol, unit, meaning, source : str
        As in the rules' formulas; where the value is from, with the word assumption if nobody measured it.
    limits : mapping
        What is refused outside: ``ge``, ``gt``, ``le``, ``lt``.
    plausible : tuple of float
        Lowest and highest value worth trying: of priors, sensitivity analyses and sliders.
    start : float, optional
        The start value (MODEL.md section 5), where the default was set by hand to another one.
    by_hand : bool
        Whether the default was set by hand while looking at the targets; true where `start` is given.
    is_identified : bool
        False where no datum of the case speaks about it.
    prior : str
        Its distribution, where it is not just the plausible range.
    absent : float, optional
        Of a parameter added later: the value at which all is as before it existed. At it the parameter is left out of
        the hashes of settings, so that what was computed before stays valid. It is never changed.
    """
    about = {
        "symbol": symbol, "unit": unit, "plausible": list(plausible), "meaning": meaning, "source": source,
        "start": start, "by_hand": by_hand or start is not None, "is_identified": is_identified, "prior": prior,
        "absent": absent,
    }  # fmt: skip
    said = f"{symbol}, {unit}: {meaning}; {source}"
    return field(default=default, metadata={**limits, "description": said, "json_schema_extra": about})


def strength(
    meaning: str, unit: str = "factor", limits: Mapping[str, float] = STRENGTH, default: float = 1.0
) -> Any:
    """Declare what a whole mechanism is multiplied with; at 0 it is off and no other parameter of it matters."""
    return parameter(default, "s", unit, limits, (0.0, min(2.0, limits["le"])), meaning)


@dataclass(frozen=True)
class Kind:
    """What a kind of event of the timeline may hold: its shape, the range of its intensity, whether it has a place."""

    shape: str  # level, window, point or fact
    meaning: str = ""
    low: float = 0.0
    high: float = 1.0
    default: float = 0.0  # of a level, before its first row
    place: str = "blank"  # blank, optional or required


@dataclass_transform(frozen_default=True)
@dataclass(frozen=True)
class Group:
    """Parameters that are set together; a subclass is a frozen dataclass, checked wherever settings are read."""

    __pydantic_config__: ClassVar[Any] = {"extra": "forbid", "allow_inf_nan": False}

    def __init_subclass__(cls) -> None:
        """Make the subclass a frozen dataclass."""
        dataclass(frozen=True)(cls)


class Mechanism(Group):
    """Parameters of a mechanism, one of them its `strength`.

    switch : name of the parameter that is 0 where the mechanism is off: then no other one changes anything.
    kinds : events of the timeline that the mechanism reads, by name; in an hour, ``signals[name]`` is their level or
        intensity in a city.
    """

    switch: ClassVar[str] = "strength"
    kinds: ClassVar[Mapping[str, Kind]] = {}


@dataclass(frozen=True)
class Declared:
    """All that is declared about a parameter; `name` is that of the command line, ``fear.fear_weight``."""

    name: str
    symbol: str
    unit: str
    default: Any
    low: float
    high: float
    limits: Mapping[str, float]
    plausible: tuple[float, float]
    prior: str
    start: float | None
    by_hand: bool
    is_identified: bool
    source: str
    meaning: str
    file: str


def declared(group: str, parameters: type[Group]) -> list[Declared]:
    """Return what a class declares about its parameters, in their order."""
    file = parameters.__module__.replace(".", "/") + ".py"
    return [_declared(f"{group}.{each.name}", each, file) for each in fields(parameters)]


def limits_of(each: Field) -> dict[str, float]:
    """Return the limits of a parameter."""
    return {bound: each.metadata[bound] for bound in ("ge", "gt", "le", "lt") if bound in each.metadata}


def _declared(name: str, each: Field, file: str) -> Declared:
    limits, about = limits_of(each), each.metadata["json_schema_extra"]
    kept = ("symbol", "unit", "prior", "start", "by_hand", "is_identified", "source", "meaning")
    return Declared(
        name=name, default=each.default, low=limits.get("ge", limits.get("gt", -math.inf)),
        high=limits.get("le", limits.get("lt", math.inf)), limits=limits, plausible=tuple(about["plausible"]),
        file=file, **{key: about[key] for key in kept},
    )  # fmt: skip
