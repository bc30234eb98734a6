"""Which classics there are: the parameters of each, and what runs it. Models are imported when they are asked for."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING

from sim.errors import not_allowed

if TYPE_CHECKING:
    from sim.classics.parameters import ClassicParameters
    from sim.classics.results import ClassicResult

# `model` of a scenario, a folder of sim.classics: class of its parameters
MODELS = {
    "chenoweth": "ChenowethParameters",
    "epstein": "EpsteinParameters",
    "ethnic": "EthnicParameters",
    "granovetter": "GranovetterParameters",
    "kuran": "KuranParameters",
    "siegel": "SiegelParameters",
}


def parameters_class(model: str) -> type[ClassicParameters]:
    """Return the class of a classic's parameters.

    Raises
    ------
    InputError
        There is no such classic.
    """
    if model not in MODELS:
        raise not_allowed("", "scenario.model", model, "one of " + ", ".join(MODELS), MODELS)
    return getattr(import_module("sim.classics.parameters"), MODELS[model])


def curves_of(model: str) -> dict[str, tuple[str, str]]:
    """Return (unit, long name) of each curve of a classic, by name."""
    return import_module(f"sim.classics.{model}.model").CURVES


def runner(model: str) -> Callable[..., ClassicResult]:
    """Return the function that runs a classic."""
    return import_module(f"sim.classics.{model}.model").run
