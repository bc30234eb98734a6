"""Engine `mesa`: every agent decides by its own methods; the engine writes what they return."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from agents.citizen import Arrest
from agents.view import View, read_only
from agents.vocabulary import NO_HOUR, NO_SITE, Activity, Injury
from sim.world.world import World

if TYPE_CHECKING:
    from sim.model import ProtestModel


class MesaEngine:
    """Runs the phases of :mod:`sim.hour.step` by asking the agents one by one."""

    name = "mesa"

    def __init__(self, world: World, model: ProtestModel) -> None:
        self.model = model
        self.incumbent_home = np.zeros_like(world.grid.n_home)
        self.incumbent_group = np.zeros_like(world.groups.n_agents)

    def compile(self, world: World) -> None:
        """Nothing to compile: the rules are, and methods are Python."""

    def _ask(self, world: World, views: Iterable[View], method: str) -> list:
        """Let agents decide on the state at the start of the phase: all columns are locked meanwhile."""
        tables = (world.citizens, world.officers, world.officials)
        for table in tables:
            read_only(table, True)
        try:
            return [getattr(view, method)() for view in views]
        finally:
            for table in tables:
                read_only(table, False)

    def _citizens(self, world: World, c: int) -> list[View]:
        start, stop = world.rows(c)
        return self.model.views("citizens")[start:stop]

    def _staff(self, world: World, table: str, c: int) -> list[View]:
        columns = getattr(world, table)
        start, stop = np.searchsorted(columns.home_city, (c, c + 1))
        return self.model.views(table)[start:stop]

    def announce(self, world: World, c: int) -> None:
        """Let citizens compare the announced share with what they see."""
        self._read_signals()
        rows, grid = slice(*world.rows(c)), world.grid
        people = world.citizens
        for_incumbent = people.private_preference[rows] >= 0.5
        own = slice(int(grid.first[c]), int(grid.first[c + 1]))
        n_cells = own.stop - own.start
        self.incumbent_home[own] = np.bincount(people.home_cell[rows][for_incumbent], minlength=n_cells)
        of_city = np.bincount(people.employer[rows][for_incumbent], minlength=len(self.incumbent_group))
        self.incumbent_group = np.where(world.groups.city == c, of_city, self.incumbent_group)
        people.legitimacy[rows] = self._ask(world, self._citizens(world, c), "hear_announcement")

    def _read_signals(self) -> None:
        self.model.read_signals()

    def begin_day(self, world: World, c: int) -> None:
        """Draw the luck of the day and count the ties who were beaten."""
        self._read_signals()
        rows, people = slice(*world.rows(c)), world.citizens
        luck, beaten = zip(*self._ask(world, self._citizens(world, c), "begin_day"), strict=True)
        people.luck[rows], people.beaten_ties[rows] = luck, beaten

    def release(self, world: World, c: int) -> np.ndarray:
        """Release those whose term ends; return the newly known injured, agents by group."""
        self._read_signals()
        known, people = np.zeros(len(world.groups.city), np.int64), world.citizens
        held = [view for view in self._citizens(world, c) if view.activity == Activity.DETAINED]
        for view, is_released in zip(held, self._ask(world, held, "is_released"), strict=True):
            if is_released:
                people.activity[view.row], people.release_hour[view.row] = Activity.QUIET, NO_HOUR
                if people.injury[view.row] == Injury.HIDDEN:
                    people.injury[view.row] = Injury.KNOWN
                    known[people.employer[view.row]] += 1
        return known

    def perceive(self, world: World, c: int) -> None:
        """Update legitimacy, anger, belief, fear, affinity and company; the anger of officers and officials."""
        self._read_signals()
        rows, people = slice(*world.rows(c)), world.citizens
        seen = self._ask(world, self._citizens(world, c), "perceive")
        for name, values in zip(seen[0]._fields, zip(*seen, strict=True), strict=True):
            getattr(people, name)[rows] = values
        for table in ("officers", "officials"):
            views = self._staff(world, table, c)
            getattr(world, table).anger[[view.row for view in views]] = self._ask(world, views, "perceive")

    def choose(self, world: World, c: int) -> None:
        """Choose the activity and the site of the hour."""
        rows, people = slice(*world.rows(c)), world.citizens
        activity, site, ordered, coerced = zip(*self._ask(world, self._citizens(world, c), "choose"), strict=True)
        people.next_activity[rows], people.next_site[rows] = activity, site
        people.is_ordered[rows], people.is_coerced[rows] = ordered, coerced

    def move(self, world: World, c: int) -> None:
        """Go there."""
        rows, people = slice(*world.rows(c)), world.citizens
        people.activity[rows], people.site[rows] = people.next_activity[rows], people.next_site[rows]
        joins_first = (people.activity[rows] == Activity.PROTESTING) & (people.first_hour[rows] == NO_HOUR)
        people.first_hour[rows][joins_first] = world.hour

    def deploy(self, world: World) -> None:
        """Send officers to cities and sites."""
        self._read_signals()
        posts = self._ask(world, self.model.views("officers"), "deploy")
        world.officers.posted_city[:], world.officers.site[:] = zip(*posts, strict=True)

    def police(self, world: World, c: int) -> tuple[np.ndarray, np.ndarray]:
        """Arrest; return the detained and those of them injured in public, agents by group."""
        detained, injured = (np.zeros(len(world.groups.city), np.int64) for _ in range(2))
        out = [view for view in self._citizens(world, c) if view.activity == Activity.PROTESTING]
        people, arrest = world.citizens, None
        for view, arrest in zip(out, self._ask(world, out, "face_arrest"), strict=True):
            if isinstance(arrest, Arrest):
                people.activity[view.row], people.site[view.row] = Activity.DETAINED, NO_SITE
                people.release_hour[view.row], people.injury[view.row] = arrest.release_hour, arrest.injury
                detained[people.employer[view.row]] += 1
                injured[people.employer[view.row]] += arrest.is_public
        return detained, injured

    def defect(self, world: World, c: int) -> None:
        """Let officers and officials of a city keep faith, withhold or resign."""
        for table in ("officers", "officials"):
            views = self._staff(world, table, c)
            getattr(world, table).loyalty[[view.row for view in views]] = self._ask(world, views, "defect")

    def dismiss(self, world: World, c: int) -> None:
        """Dismiss strikers and absentees."""
        rows, people = slice(*world.rows(c)), world.citizens
        people.is_dismissed[rows] |= np.array(self._ask(world, self._citizens(world, c), "faces_dismissal"), np.uint8)
