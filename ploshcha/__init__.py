"""The front door of ploshcha, for notebooks and scripts: ``import ploshcha``. Importing it loads nothing heavy.

``ploshcha.load_scenario`` gives the parameters of a scenario, ``run`` simulates it (its result draws and saves
itself), ``sweep`` runs a design many times over, ``load`` opens what either wrote, ``view`` shows one run or two on the
map, ``why`` tells who changed their mind between two, ``paired_interval`` is the interval that the tables print,
``ProtestModel`` the model as Mesa's users know it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from ploshcha.neighbours import check_packages

if TYPE_CHECKING:
    from experiments import load, load_scenario
    from experiments.analysis.intervals import paired_interval
    from experiments.notebook import run, sweep, view, why
    from sim.model import ProtestModel
    from sim.state import State

__all__ = ["ProtestModel", "State", "load", "load_scenario", "paired_interval", "run", "sweep", "view", "why"]

PLACES = {
    "ProtestModel": "sim.model",
    "State": "sim.state",
    "load": "experiments",
    "load_scenario": "experiments",
    "paired_interval": "experiments.analysis.intervals",
    "run": "experiments.notebook",
    "sweep": "experiments.notebook",
    "view": "experiments.notebook",
    "why": "experiments.notebook",
}


def __getattr__(name: str) -> Any:
    """Import what is asked for, once it is sure that the packages are ours.

    Raises
    ------
    ImportError
        Another package stands in front of one of ours, or files of ours are missing; the message is one line.
    """
    if name not in PLACES:
        raise AttributeError(f"module 'ploshcha' has no attribute {name!r}; it has {', '.join(sorted(PLACES))}")
    check_packages()
    return getattr(import_module(PLACES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *PLACES})
