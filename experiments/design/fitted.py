"""Which parameters may be fitted: numbers of a range that say how people are, and nothing that the state does."""

from __future__ import annotations

from dataclasses import replace

from agents.rules.declaration import Declared
from sim.errors import not_allowed
from sim.parameters import declared

NOT_FITTED = ("regime", "encouragement")  # a rule of the state that nothing identifies; an experiment's own levers
CALM_TURNOUT = "participation.calm_turnout"  # stated in a prior only; the intercept is solved for
WHY = "a parameter of people; what the state does is given (forcings.*, strength, regime) and never fitted"


def declared_parameters() -> dict[str, Declared]:
    """Return all declared parameters by name, and what a prior may be stated in instead of one."""
    found = {each.name: each for each in declared()}
    intercept = found["participation.intercept"]
    return found | {CALM_TURNOUT: replace(
        intercept, name=CALM_TURNOUT, symbol="T", low=-20.0, high=5.0, plausible=(-7.0, -2.0),
        meaning="log-odds of the turnout of a calm main day; the intercept is solved for",
    )}  # fmt: skip


def fitted_parameter(where: str, field: str, name: str) -> Declared:
    """Return what is declared of a parameter that may be fitted.

    Parameters
    ----------
    where, field : str
        File and field in which the name stands, for the message.
    name : str
        Of the parameter, such as ``participation.intercept``.

    Raises
    ------
    InputError
        There is none of that name, or it is none that is fitted.
    """
    group, _, last = name.partition(".")
    if group in NOT_FITTED or group == "forcings" or last == "strength":
        raise not_allowed(where, field, name, WHY)
    known = declared_parameters()
    if name not in known:
        raise not_allowed(where, field, name, "a declared parameter (docs/parameters.md)", known)
    if not isinstance(known[name].default, float):
        raise not_allowed(where, field, name, "a parameter that may be any number of a range")
    return known[name]
