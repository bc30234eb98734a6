"""A run again, and what some of its people decide on, hour by hour."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from typing import Any

import numpy as np

from agents.vocabulary import CITIZEN_COLUMNS
from experiments.analysis.changed_minds import Moment
from sim.engines.compiled import CompiledEngine
from sim.hour.observables import make_observer
from sim.hour.step import get_ready, step
from sim.world.world import World, build_world


class Watch(CompiledEngine):
    """Runs as ever, and keeps what the people in `rows` (of cities, by number) decide on in some hours."""

    def __init__(self, world: World, rows: Mapping[int, np.ndarray], hours: Container[int]) -> None:
        super().__init__(world)
        self.rows, self.hours = rows, hours
        self.moments: dict[tuple[int, int], Moment] = {}  # by city and hour

    def choose(self, world: World, c: int) -> None:
        """Choose; keep the state before, and the choice."""
        if self._is_dry or c not in self.rows or world.hour not in self.hours:
            super().choose(world, c)
            return
        rows, table = self.rows[c], world.citizens
        columns = {name: getattr(table, name)[rows] for name in CITIZEN_COLUMNS}  # copies, since rows is an array
        names = world.signals.dtype.names or ()
        signals = dict(zip(names, world.signals[c].item(), strict=True))
        around = world.around[c]._replace(**{name: value.copy() for name, value in world.around[c]._asdict().items()})
        super().choose(world, c)
        choice = table.next_activity[rows].astype(np.int64)
        self.moments[c, world.hour] = Moment(columns, rows, signals, around, world.parameters, choice)


def run_again(world: World, engine: Watch, hours: int, after_hour: Callable[[World], None] | None = None) -> None:
    """Run the first hours of a world; `after_hour` is called at the end of each."""
    get_ready(world, engine)
    observer = make_observer(world, world.parameters.hours)
    for _ in range(hours):
        step(world, engine, observer)
        if after_hour:
            after_hour(world)
    world.threads.close()


def moment_of(parameters: Any, city: int, hour: int) -> tuple[World, Moment | None]:
    """Run to the end of an hour; return the world, and what its people decided on.

    Returns
    -------
    world : World
    moment : Moment or None
        None if the people of the city had nothing to decide in that hour.
    """
    world = build_world(parameters)
    engine = Watch(world, {city: np.arange(*world.rows(city))}, {hour})
    run_again(world, engine, hour + 1)
    return world, engine.moments.get((city, hour))
