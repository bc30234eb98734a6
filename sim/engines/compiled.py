"""Engine `compiled`: the phases as passes over the columns, calling the rules that the agents' methods call.

The passes stand in `citizen_passes` and `staff_passes`; here they are given their rows, block by block. Imports
neither mesa nor xarray.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

from sim.engines.citizen_passes import (
    announce_rows,
    arrest_rows,
    begin_day_rows,
    choose_rows,
    company_rows,
    dismiss_rows,
    fear_rows,
    incumbent_ties,
    legitimacy_rows,
    move_rows,
    release_rows,
)
from sim.engines.staff_passes import anger_rows, defect_officer_rows, defect_official_rows, deploy_rows
from sim.inputs.forcings import DAY_STARTS
from sim.world.world import World

R = TypeVar("R")


class CompiledEngine:
    """Runs the phases of :mod:`sim.hour.step` as compiled passes over the columns."""

    name = "compiled"

    def __init__(self, world: World) -> None:
        groups = world.groups
        self.is_state = groups.is_state.astype(np.bool_)
        self.is_plant = groups.plant >= 0
        first_rows = [np.searchsorted(columns.home_city, np.arange(world.n_cities + 1))
                      for columns in (world.officers, world.officials)]  # fmt: skip
        self.officer_rows, self.official_rows = first_rows
        self._is_dry = False

    def compile(self, world: World) -> None:
        """Compile or load every pass by running it over no rows: nothing changes."""
        self._is_dry = True
        for phase in (self.announce, self.begin_day, self.release, self.perceive, self.choose, self.move, self.police,
                      self.defect, self.dismiss):  # fmt: skip
            phase(world, 0)
        self.deploy(world)
        self._is_dry = False

    def _each(self, world: World, start: int, stop: int, work: Callable[[int, int], R]) -> list[R]:
        """Let the world's crew do the work, block by block."""
        return [work(0, 0)] if self._is_dry else world.crew.each(start, stop, work)

    def _citizens(self, world: World, c: int, work: Callable[[int, int], R]) -> list[R]:
        return self._each(world, *world.rows(c), work)

    def announce(self, world: World, c: int) -> None:
        """Let citizens compare the announced share with what they see."""
        grid, groups, people = world.grid, world.groups, world.citizens
        s, key, cell = world.signals[c], int(world.person0[c]), int(grid.first[c])

        def count(first: int, last: int) -> tuple[np.ndarray, np.ndarray]:
            home, group = np.zeros_like(grid.n_home), np.zeros_like(groups.n_agents)
            incumbent_ties(people, first, last, cell, home, group)
            return home, group

        homes, works = zip(*self._citizens(world, c, count), strict=True)
        home, group = np.sum(homes, axis=0), np.sum(works, axis=0)
        self._citizens(world, c, lambda first, last: announce_rows(
            people, s, world.p, world.seed, key, first, last, cell, home, grid.n_home, group, groups.n_agents,
            self.is_state))  # fmt: skip

    def begin_day(self, world: World, c: int) -> None:
        """Draw the luck of the day and count the ties who were beaten."""
        key, day = int(world.person0[c]), int(world.signals["luck_day"][c])
        self._citizens(world, c, lambda first, last: begin_day_rows(
            world.citizens, world.p, world.seed, key, first, last, day))  # fmt: skip

    def release(self, world: World, c: int) -> np.ndarray:
        """Release those whose term ends; return the newly known injured, agents by group."""
        s, key = world.signals[c], int(world.person0[c])

        def work(first: int, last: int) -> np.ndarray:
            known = np.zeros(len(world.groups.city), np.int64)
            release_rows(world.citizens, s, world.seed, key, first, last, world.hour, known)
            return known

        return np.sum(self._citizens(world, c, work), axis=0)

    def perceive(self, world: World, c: int) -> None:
        """Update legitimacy, anger, belief, fear, affinity and company; the anger of officers and officials."""
        grid, groups, people, p = world.grid, world.groups, world.citizens, world.p
        s, cell, n_ties = world.signals[c], int(grid.first[c]), world.citizens.ties.shape[1]
        moves_legitimacy = self._is_dry or any(
            s[name] != 0 for name in ("support", "troops", "legitimacy_lost", "legitimacy_regained"))  # fmt: skip
        looks_for_company = self._is_dry or world.parameters.ties.strength > 0.0

        def work(first: int, last: int) -> None:
            anger_rows(people.anger, people.media_diet, people.beaten_ties, n_ties, s, p, first, last)
            fear_rows(people.fear, people.arrest_belief, people.media_diet, s, p, first, last)
            if moves_legitimacy:
                legitimacy_rows(people, s, p, first, last)
            if looks_for_company:
                company_rows(people, s, p, first, last, cell, grid.out_block, grid.n_block, world.group_out,
                             groups.n_agents, self.is_state)  # fmt: skip

        self._citizens(world, c, work)
        for columns, rows in ((world.officers, self.officer_rows), (world.officials, self.official_rows)):

            def hear(first: int, last: int, columns: Any = columns) -> None:
                anger_rows(columns.anger, columns.media_diet, columns.loyalty, 0, s, p, first, last)

            self._each(world, int(rows[c]), int(rows[c + 1]), hear)

    def choose(self, world: World, c: int) -> None:
        """Choose the activity and the site of the hour."""
        groups, sites, s, key = world.groups, world.sites, world.signals[c], int(world.person0[c])
        weights, first_site, neighbourhood = world.grid.site_weights[c], int(sites.first[c]), sites.neighbourhood(c)
        self._citizens(world, c, lambda first, last: choose_rows(
            world.citizens, s, world.p, world.seed, key, first, last, self.is_state, self.is_plant, world.group_out,
            groups.n_agents, world.plant_threat, weights, world.site_closed, first_site, neighbourhood,
            world.encouraged))  # fmt: skip

    def move(self, world: World, c: int) -> None:
        """Go there."""
        self._citizens(world, c, lambda first, last: move_rows(world.citizens, first, last, world.hour))

    def deploy(self, world: World) -> None:
        """Send officers to cities and sites."""
        day, moves = int(world.forcings.luck_day[world.hour]), moves_reserve(world)
        self._each(world, 0, len(world.officers.loyalty), lambda first, last: deploy_rows(
            world.officers, world.p, world.seed, first, last, day, moves, world.reserve_weights, world.deployment,
            world.sites.first))  # fmt: skip

    def police(self, world: World, c: int) -> tuple[np.ndarray, np.ndarray]:
        """Arrest; return the detained and those of them injured in public, agents by group."""
        s, key, chain_site = world.signals[c], int(world.person0[c]), world.sites.chain(c)

        def work(first: int, last: int) -> np.ndarray:
            counts = np.zeros((2, len(world.groups.city)), np.int64)
            arrest_rows(world.citizens, s, world.p, world.seed, key, first, last, world.hour, world.arrest_probability,
                        chain_site, counts[0], counts[1])  # fmt: skip
            return counts

        detained, injured = np.sum(self._citizens(world, c, work), axis=0)
        return detained, injured

    def defect(self, world: World, c: int) -> None:
        """Let officers and officials of a city keep faith, withhold or resign."""
        s, rows = world.signals[c], self.officer_rows
        self._each(world, int(rows[c]), int(rows[c + 1]), lambda first, last: defect_officer_rows(
            world.officers, s, world.p, world.seed, first, last, world.hour, world.unit_lost,
            world.unit_size))  # fmt: skip
        rows = self.official_rows
        self._each(world, int(rows[c]), int(rows[c + 1]), lambda first, last: defect_official_rows(
            world.officials, s, world.p, world.seed, first, last, world.hour))  # fmt: skip

    def dismiss(self, world: World, c: int) -> None:
        """Dismiss strikers and absentees."""
        s, key = world.signals[c], int(world.person0[c])
        self._citizens(world, c, lambda first, last: dismiss_rows(
            world.citizens, s, world.p, world.seed, key, first, last, world.hour, self.is_plant))  # fmt: skip


def moves_reserve(world: World) -> bool:
    """Say whether the reserve moves between cities in this hour."""
    return world.hour % 24 == DAY_STARTS and world.parameters.repression.strength > 0.0
