"""A run again, up to what the people of a city decide on in one hour."""

from __future__ import annotations

from typing import Any

import numpy as np

from agents.vocabulary import CITIZEN_COLUMNS
from experiments.analysis.changed_minds import Moment
from sim.engines.compiled import CompiledEngine
from sim.hour.observables import make_observer
from sim.hour.step import get_ready, step
from sim.world.world import World, build_world


class Watch(CompiledEngine):
    """Runs as ever, and keeps what the people of one city decide on in one hour."""

    def __init__(self, world: World, city: int, hour: int) -> None:
        super().__init__(world)
        self.watched = city, hour
        self.moment: Moment | None = None

    def choose(self, world: World, c: int) -> None:
        """Choose; keep the state before, and the choice."""
        if (c, world.hour) != self.watched or self._is_dry:
            super().choose(world, c)
            return
        rows, table = slice(*world.rows(c)), world.citizens
        columns = {name: getattr(table, name)[rows].copy() for name in CITIZEN_COLUMNS}
        names = world.signals.dtype.names or ()
        signals = dict(zip(names, world.signals[c].item(), strict=True))
        around = world.around[c]._replace(**{name: value.copy() for name, value in world.around[c]._asdict().items()})
        super().choose(world, c)
        choice = table.next_activity[rows].astype(np.int64)
        self.moment = Moment(columns, rows.start, signals, around, world.parameters, choice)


def moment_of(parameters: Any, city: int, hour: int) -> tuple[World, Moment | None]:
    """Run to the end of an hour; return the world, and what its people decided on.

    Returns
    -------
    world : World
    moment : Moment or None
        None if the people of the city had nothing to decide in that hour.
    """
    world = build_world(parameters)
    engine = Watch(world, city, hour)
    get_ready(world, engine)
    observer = make_observer(world, parameters.hours)
    for _ in range(hour + 1):
        step(world, engine, observer)
    world.threads.close()
    return world, engine.moment
