"""What the tests that run the model share.

Folders of ``tests/`` are no packages, so the helpers are fixtures that return functions.
"""

from __future__ import annotations

import signal
from dataclasses import dataclass
from functools import cache

import numpy as np
import pytest

from agents.mechanisms import mechanisms, own_kinds
from experiments import load_scenario
from sim import run
from sim.hour.observables import Observer, make_observer
from sim.hour.step import Engine, step
from sim.inputs.timeline import KINDS
from sim.parameters import CHANGEABLE, Parameters
from sim.simulation import make_engine
from sim.world.world import World, build_world

if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:  # begun in the background of a script: what tests begin would
    signal.signal(signal.SIGINT, signal.default_int_handler)  # be deaf to Ctrl-C as well

TABLES = ("citizens", "officers", "officials")

# A week in which everything happens, even in a small town: used where a mechanism has to be at work to be tested.
LIVELY = {
    "participation.intercept": -3.0, "participation.intercept_elsewhere": 0.0, "participation.weekday_offset": -0.5,
    "participation.rally_intercept": -3.0, "participation.crowd_belief_weight": 2.0,
    "repression.arrest_constant": 1.0, "repression.garrison": 20.0, "repression.violent_share": 0.4,
    "repression.custody_share": 0.4, "repression.reserve_share": 0.5, "fear.fear_weight": 0.5,
    "chains.chain_offset": 1.0, "chains.chain_men_offset": -1.0, "place.site_capacity": 0.5,
    "walkout.walkout_intercept": -2.0, "walkout.march_offset": 2.0,
    "job_pressure.order_share": 0.5, "job_pressure.bus_share": 0.5,
    "dismissal.striker_rate": 0.05, "dismissal.absentee_rate": 0.3,
    "officers.base_hazard": 0.05, "officials.base_hazard": 0.05,
    "russian_support.support_lever": 0.2, "russian_support.troops_lever": 0.3,
    "russian_support.resentment_weight": 0.5,
    "ties.remembered_weight": 1.0, "ties.remembered_start": 0.02, "fear.lesson_weight": 1.0, "anger.outrage_gain": 0.5,
    "luck.gap_sd": 0.3, "luck.gap_start": -0.2, "participation.call_lift": 1.0, "leader.known_by_mouth": 0.5,
    "officers.officer_arrests_weight": 1.0, "officers.officer_comrades_weight": 1.0, "regime.force_intercept": 9.0,
    "encouragement.share": 0.04, "encouragement.strength": 0.9, "encouragement.from_hour": 20,
    "encouragement.hours": 4, "encouragement.block_cells": 2,
}  # fmt: skip


def wake_up_what_is_off() -> dict[str, object]:
    """Mechanisms that are off as declared, at strength 1, and an event of each kind that a mechanism declares."""
    sleeping = [name for name, mechanism in mechanisms().items() if mechanism().strength == 0.0]
    rows = {}
    for kind in own_kinds().keys() & set(CHANGEABLE):
        row = {"hour": 18, "value": (KINDS[kind].low + min(KINDS[kind].high, 1.0)) / 2 or 0.5}
        rows[f"forcings.{kind}.add"] = [row if KINDS[kind].shape == "point" else row | {"hours": 8, "days": 7}]
    return {f"{name}.strength": 1.0 for name in sleeping} | rows


LIVELY |= wake_up_what_is_off()


def changed_parameters(parameters: Parameters, changes: dict[str, object]) -> Parameters:
    """Return validated parameters with changes such as ``{"anger.strength": 0, "hours": 24}``."""
    record = parameters.model_dump()
    for name, value in changes.items():
        *groups, field = name.split(".")
        inner = record
        for group in groups:
            inner = inner[group]
        inner[field] = value
    return Parameters.model_validate(record)


@dataclass
class Stepped:
    """A run that is taken step by step."""

    world: World
    engine: Engine
    observer: Observer

    def step(self) -> None:
        """Advance by one hour."""
        step(self.world, self.engine, self.observer)

    def columns(self) -> dict[str, np.ndarray]:
        """All columns by name: citizens.anger, officers.site ..."""
        return {f"{table}.{name}": column for table in TABLES
                for name, column in getattr(self.world, table)._asdict().items()}  # fmt: skip

    def use(self, name: str) -> Engine:
        """Go on with another engine, `mesa` or `compiled`."""
        self.world.parameters = self.world.parameters.model_copy(update={"engine": name})
        self.engine = make_engine(self.world)
        return self.engine


def begin(parameters: Parameters) -> Stepped:
    """Build a world and stand before its first hour."""
    world = build_world(parameters)
    return Stepped(world, make_engine(world), make_observer(world, parameters.hours))


@pytest.fixture(scope="session")
def settings():
    """Parameters of a scenario: settings("vyraj", {"persons_per_agent": 400}, lively=True)."""
    load = cache(load_scenario)

    def parameters(scenario, changes=None, lively=False):
        return changed_parameters(load(scenario), {**(LIVELY if lively else {}), **(changes or {})})

    return parameters


@pytest.fixture(scope="session")
def changed():
    """Change and validate parameters: changed(parameters, {"anger.strength": 0})."""
    return changed_parameters


@pytest.fixture(scope="session")
def stepped():
    """Begin a run that is taken step by step: stepped(parameters) has a world and step()."""
    return begin


@pytest.fixture(scope="session")
def simulate():
    """Run parameters for a seed: simulate(parameters, seed); the same run is made once in a session."""
    results = {}

    def result(parameters, seed=1):
        key = parameters.model_copy(update={"seed": seed}).model_dump_json()
        if key not in results:
            results[key] = run(parameters, seed=seed)
        return results[key]

    return result
