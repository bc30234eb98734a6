"""Engine `mesa`: every agent decides by its own methods; the engine writes what they return."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from agents.view import View, read_only
from agents.vocabulary import NO_HOUR, NO_SITE, Activity
from sim.world.world import World

if TYPE_CHECKING:
    from sim.model import ProtestModel


class MesaEngine:
    """Runs the phases of :mod:`sim.hour.step` by asking the agents one by one."""

    name = "mesa"

    def __init__(self, world: World, model: ProtestModel) -> None:
        self.model = model

    def compile(self, world: World) -> None:
        """Nothing to compile: the rules are, and methods are Python."""

    def _ask(self, world: World, views: Iterable[View], method: str) -> list:
        """Let agents decide on the state at the start of the phase: all columns are locked meanwhile."""
        self.model.surroundings.read()
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
        rows, grid = slice(*world.rows(c)), world.grid
        people = world.citizens
        for_incumbent = people.private_preference[rows] >= 0.5
        own = slice(int(grid.first[c]), int(grid.first[c + 1]))
        n_cells = own.stop - own.start
        world.grid.incumbent_home[own] = np.bincount(people.home_cell[rows][for_incumbent], minlength=n_cells)
        own_groups = people.employer[rows][for_incumbent]
        world.incumbent_group[:] = np.bincount(own_groups, minlength=len(world.incumbent_group))
        people.legitimacy[rows] = self._ask(world, self._citizens(world, c), "hear_announcement")

    def begin_day(self, world: World, c: int) -> None:
        """Draw the luck of the day and count the ties who were beaten."""
        rows, people = slice(*world.rows(c)), world.citizens
        luck, beaten = zip(*self._ask(world, self._citizens(world, c), "begin_day"), strict=True)
        people.luck[rows], people.beaten_ties[rows] = luck, beaten

    def release(self, world: World, c: int) -> np.ndarray:
        """Release those whose term ends; return the newly known injured, agents by group."""
        known, people = np.zeros(len(world.groups.city), np.int64), world.citizens
        views = self._citizens(world, c)
        for view, release in zip(views, self._ask(world, views, "face_release"), strict=True):
            if release.is_released:
                known[people.employer[view.row]] += release.injury != people.injury[view.row]
                people.activity[view.row], people.release_hour[view.row] = Activity.QUIET, NO_HOUR
                people.injury[view.row] = release.injury
        return known

    def perceive(self, world: World, c: int) -> None:
        """Update legitimacy, anger, belief, fear, affinity and company; the anger of officers and officials."""
        rows, people = slice(*world.rows(c)), world.citizens
        seen = self._ask(world, self._citizens(world, c), "perceive")
        for name, values in zip(seen[0]._fields, zip(*seen, strict=True), strict=True):
            getattr(people, name)[rows] = values
        for table in ("officers", "officials"):
            views = self._staff(world, table, c)
            getattr(world, table).anger[[view.row for view in views]] = self._ask(world, views, "next_anger")

    def remember(self, world: World, c: int) -> None:
        """Remember the company of the occasion that has ended."""
        rows, people = slice(*world.rows(c)), world.citizens
        remembered = zip(*self._ask(world, self._citizens(world, c), "remember"), strict=True)
        people.company_main[rows], people.company_minor[rows], people.is_bound[rows] = remembered

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
        is_out = np.isin(people.activity[rows], (Activity.PROTESTING, Activity.STRIKING))
        if world.signals["street_open"][c]:
            people.went[rows][is_out] = 1
        joins_first = (people.activity[rows] == Activity.PROTESTING) & (people.first_hour[rows] == NO_HOUR)
        people.first_hour[rows][joins_first] = world.hour

    def deploy(self, world: World) -> bool:
        """Send officers to cities and sites."""
        posts = self._ask(world, self.model.views("officers"), "deploy")
        world.officers.posted_city[:], world.officers.site[:] = zip(*posts, strict=True)
        return True

    def police(self, world: World, c: int) -> tuple[np.ndarray, np.ndarray]:
        """Arrest; return the detained and those of them injured in public, agents by group."""
        detained, injured = (np.zeros(len(world.groups.city), np.int64) for _ in range(2))
        people, views = world.citizens, self._citizens(world, c)
        for view, arrest in zip(views, self._ask(world, views, "face_arrest"), strict=True):
            if arrest.release_hour != NO_HOUR:
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
