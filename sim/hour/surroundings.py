"""What agents look at: the signals of their city and what lies around them, read from the world once a phase."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from agents.person import Around
from sim.world.world import World


class Surroundings:
    """Signals and surroundings by city, as the agents of the engine `mesa` see them.

    Attributes
    ----------
    signals : list of namespace
        What the people of a city share in the hour (`agents.person.Signals`), as plain numbers.
    around : tuple of Around
        What they look up; the arrays are the world's own.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self.around: tuple[Around, ...] = world.around
        self.read()

    def read(self) -> None:
        """Read the signals anew: at the start of every phase, and after the step."""
        names = self.world.signals.dtype.names or ()
        rows = self.world.signals.tolist()
        self.signals: list[Any] = [SimpleNamespace(**dict(zip(names, row, strict=True))) for row in rows]
