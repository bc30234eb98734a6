"""Engine `compiled`: the phases as passes over the columns, in which every row decides as an agent does.

The passes stand in `citizen_passes` and `staff_passes`; here they are given their rows, block by block. Imports
neither mesa nor xarray.
"""

from __future__ import annotations

import functools
from collections.abc import Callable

import numpy as np

from sim.engines.citizen_passes import (
    anger_rows,
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
    remember_rows,
)
from sim.engines.staff_passes import (
    defect_officer_rows,
    defect_official_rows,
    deploy_rows,
    officer_anger_rows,
    official_anger_rows,
    thinned_officer_rows,
    thinned_official_rows,
)
from sim.world.world import World, cities_with

# A pass is made anew where any rule under it is replaced (`sim.rulebook`): another one then stands under its name.
SHIPPED = (deploy_rows, defect_officer_rows, defect_official_rows)


class CompiledEngine:
    """Runs the phases of :mod:`sim.hour.step` as compiled passes over the columns."""

    name = "compiled"

    def __init__(self, world: World) -> None:
        first_rows = [np.searchsorted(columns.home_city, np.arange(world.n_cities + 1)).tolist()
                      for columns in (world.officers, world.officials)]  # fmt: skip
        self.officer_rows, self.official_rows = first_rows
        # What lies around the people of a city, the city's signals, and the parameters.
        self._seen = [(world.at(world.around[c]), world.signals[c : c + 1], world.p) for c in range(world.n_cities)]
        self._is_dry = False

    def compile(self, world: World) -> None:
        """Compile or load every pass that the run may need, by running it over no rows: nothing changes."""
        self._is_dry = True
        for phase in (self.announce, self.begin_day, self.release, self.perceive, self.choose, self.move, self.police,
                      self.defect, self.dismiss):  # fmt: skip
            phase(world, 0)
        if world.parameters.remembers:
            self.remember(world, 0)
        self.deploy(world)
        self._is_dry = False

    def _rows(self, world: World, c: int) -> tuple[int, int]:
        """Return first and last + 1 row of the citizens of a city, nobody's to get ready."""
        return (0, 0) if self._is_dry else world.rows(c)

    def _citizens(self, world: World, c: int, *passes: Callable) -> None:
        """Let a city's citizens decide, pass after pass."""
        given = (world.at(world.citizens), *self._seen[c])

        def work(first: int, last: int) -> None:
            for each in passes:
                each(*given, first, last)

        world.threads.each(*self._rows(world, c), work)

    def _counted(self, world: World, c: int, one_pass: Callable, n_counts: int) -> np.ndarray:
        """Let a city's citizens decide in a pass that counts agents by group, int64 (n_counts, n_groups)."""
        given = (world.at(world.citizens), *self._seen[c])

        def work(first: int, last: int) -> np.ndarray:
            counts = np.zeros((n_counts, len(world.groups.city)), np.int64)
            one_pass(*given, first, last, *counts)
            return counts

        return world.threads.summed(*self._rows(world, c), work)

    def _staff(self, world: World, c: int, officers_pass: Callable, officials_pass: Callable | None = None) -> None:
        """Let the officers and officials at home in a city decide."""
        for columns, rows, one_pass in ((world.officers, self.officer_rows, officers_pass),
                                        (world.officials, self.official_rows, officials_pass)):  # fmt: skip
            if one_pass is not None:
                first, last = (0, 0) if self._is_dry else rows[c : c + 2]
                world.threads.each(first, last, functools.partial(one_pass, world.at(columns), *self._seen[c]))

    def _is_shipped(self) -> bool:
        """Say whether no rule under the passes of staff is replaced."""
        return (deploy_rows, defect_officer_rows, defect_official_rows) == SHIPPED

    def announce(self, world: World, c: int) -> None:
        """Let citizens compare the announced share with what they see."""
        own = world.grid.of(c)
        n_cells, n_groups = own.stop - own.start, len(world.incumbent_group)

        def count(first: int, last: int) -> np.ndarray:
            found = np.zeros(n_cells + n_groups, np.int64)
            incumbent_ties(world.at(world.citizens), first, last, found[:n_cells], found[n_cells:])
            return found

        found = world.threads.summed(*self._rows(world, c), count)
        world.grid.incumbent_home[own], world.incumbent_group[:] = found[:n_cells], found[n_cells:]
        self._citizens(world, c, announce_rows)

    def begin_day(self, world: World, c: int) -> None:
        """Draw the luck of the day and count the ties who were beaten."""
        self._citizens(world, c, begin_day_rows)

    def release(self, world: World, c: int) -> np.ndarray:
        """Release those whose term ends; return the newly known injured, agents by group."""
        return self._counted(world, c, release_rows, 1)[0]

    def perceive(self, world: World, c: int) -> None:
        """Update legitimacy, anger, belief, fear, affinity and company; the anger of officers and officials."""
        passes = [anger_rows, fear_rows, legitimacy_rows]
        if self._is_dry or world.parameters.ties.strength > 0.0:
            passes.append(company_rows)
        self._citizens(world, c, *passes)
        self._staff(world, c, officer_anger_rows, official_anger_rows)

    def remember(self, world: World, c: int) -> None:
        """Remember the company of the occasion that has ended."""
        self._citizens(world, c, remember_rows)

    def choose(self, world: World, c: int) -> None:
        """Choose the activity and the site of the hour."""
        self._citizens(world, c, choose_rows)

    def move(self, world: World, c: int) -> None:
        """Go there."""
        is_occasion, columns = bool(world.signals["street_open"][c]), world.at(world.citizens)
        world.threads.each(*self._rows(world, c),
                           lambda first, last: move_rows(columns, first, last, world.hour, is_occasion))  # fmt: skip

    def deploy(self, world: World) -> bool:
        """Send officers to cities and sites; return whether anything that is counted of them may have changed."""
        officers, moves = world.officers, cities_with(world.signals["reserve_moves"])
        seen = (world.deployment, officers.loyalty, officers.posted_city, officers.site)
        if self._is_shipped() and not (self._is_dry or moves or world.changes.has_changed("posts", *seen)):
            return False
        for c in range(world.n_cities):
            self._staff(world, c, deploy_rows)
        if not self._is_dry:
            world.changes.remember("posts", *seen)  # who stands where is part of it
        return True

    def police(self, world: World, c: int) -> tuple[np.ndarray, np.ndarray]:
        """Arrest; return the detained and those of them injured in public, agents by group."""
        detained, injured = self._counted(world, c, arrest_rows, 2)
        return detained, injured

    def defect(self, world: World, c: int) -> None:
        """Let officers and officials of a city keep faith, withhold or resign."""
        if self._is_shipped():
            self._staff(world, c, thinned_officer_rows, thinned_official_rows)
        else:
            self._staff(world, c, defect_officer_rows, defect_official_rows)

    def dismiss(self, world: World, c: int) -> None:
        """Dismiss strikers and absentees."""
        self._citizens(world, c, dismiss_rows)
