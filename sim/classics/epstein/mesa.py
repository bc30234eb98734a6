"""Epstein's model I, engine `mesa`: citizens and officers act by their own methods, one after the other.

The same rules and the same luck as `sim.classics.epstein.kernels`, written for readers: bit for bit the same run.
"""

from __future__ import annotations

import math
import warnings

import mesa
import numpy as np

from agents import decisions
from agents.compiled.draws import uniform, uniform4
from agents.rules import epstein
from agents.rules.participation import grievance
from sim.classics.epstein import kernels
from sim.classics.epstein.kernels import ACTIVE, JAILED, OFFICER, QUIET, WITHDRAWN, Lattice, Variant

PROBABILITIES = {
    kernels.CONTINUOUS: epstein.arrest_probability,
    kernels.FLOOR: epstein.arrest_probability_floor,
    kernels.ROUND: epstein.arrest_probability_round,
}
JAIL_TERMS = {
    kernels.INCLUSIVE: epstein.jail_term_inclusive,
    kernels.EXCLUSIVE: epstein.jail_term_exclusive,
    kernels.UNIFORM: epstein.jail_term_continuous,
}


class Person(mesa.Agent):
    """Whoever stands on the lattice."""

    model: CivilViolence

    def __init__(self, model: CivilViolence, number: int, cell: int, state: int) -> None:
        super().__init__(model)
        self.number, self.cell, self.state = number, cell, state

    @property
    def can_move(self) -> bool:
        """Whether the variant lets such people move."""
        raise NotImplementedError

    def act(self, luck: tuple[float, ...]) -> None:
        """Rule A of a citizen, rule C of an officer."""
        raise NotImplementedError

    def look(self) -> list[int]:
        """Return the cells in view, row by row."""
        return self.model.view_of(self.cell)

    def in_view(self) -> list[Person]:
        """Return the people in view."""
        return [person for cell in self.look() for person in self.model.people_at[cell]]

    def move(self, luck: tuple[float, ...]) -> None:
        """Rule M: move to a random empty cell in view."""
        empty = [cell for cell in self.look() if not self.model.people_at[cell]]
        if empty and self.can_move:
            self.model.leave(self)
            self.model.enter(self, empty[epstein.chosen(luck[2], len(empty))])

    def take_turn(self, number: int) -> None:
        """Act and move, or move and act."""
        luck = uniform4(self.model.variant.seed, decisions.EPSTEIN_TURN, self.number, number)
        if self.model.variant.acts_first:
            self.act(luck)
            self.move(luck)
        else:
            self.move(luck)
            self.act(luck)


class EpsteinCitizen(Person):
    """A citizen, quiet, active or jailed."""

    def __init__(self, model: CivilViolence, number: int, record: np.void) -> None:
        super().__init__(model, number, int(record["cell"]), QUIET)
        self.hardship, self.risk_aversion = float(record["hardship"]), float(record["risk_aversion"])
        self.tension, self.term = float(record["tension"]), 0.0

    @property
    def can_move(self) -> bool:
        """Whether citizens move."""
        return self.model.variant.citizens_move

    def act(self, luck: tuple[float, ...]) -> None:
        """Rule A: turn active if grievance exceeds net risk by more than the threshold."""
        variant, around = self.model.variant, self.in_view()
        n_officers = sum(person.state == OFFICER for person in around)
        n_active = 1 + sum(person.state == ACTIVE for person in around)
        probability = PROBABILITIES[variant.ratio](n_officers, n_active, variant.arrest_constant)
        risk = epstein.net_risk(self.risk_aversion, probability)
        self.tension = epstein.tension(grievance(self.hardship, self.model.legitimacy), risk)
        self.state = ACTIVE if epstein.is_active(self.tension, variant.activation_threshold) else QUIET

    def face_arrest(self, luck: tuple[float, ...]) -> None:
        """Go to jail; a term of no step is over at once."""
        variant = self.model.variant
        term = JAIL_TERMS[variant.jail_term_range](luck[1], variant.max_jail_term)
        if term <= 0.0 and not variant.own_turn:
            self.state = QUIET
            return
        self.state, self.term = JAILED, term
        if not variant.jailed_block:
            self.model.leave(self)

    def take_turn(self, number: int) -> None:
        """Act and move if free."""
        if self.state != JAILED or self.serve(number):
            super().take_turn(number)

    def serve(self, number: int) -> bool:
        """Serve a turn of the term, where it runs by own turns; return whether one is free."""
        if not self.model.variant.own_turn:
            return False
        if self.term > 0.0:
            self.term -= 1.0
            return False
        return self.go_free(number)

    def end_step(self, number: int) -> None:
        """Serve a step of the term, where it runs by steps."""
        if self.state == JAILED:
            self.term -= 1.0
            if self.term <= 0.0:
                self.go_free(number)

    def go_free(self, number: int) -> bool:
        """Come out quiet, in place or into any empty cell; return whether there was one."""
        variant, cell = self.model.variant, self.cell
        if not variant.released_in_place:
            if all(self.model.people_at):
                return False
            cell = self.model.any_empty_cell(self.number, number)
        if variant.jailed_block:
            self.model.leave(self)
        self.state, self.term = QUIET, 0.0
        self.model.enter(self, cell)
        return True


class EpsteinOfficer(Person):
    """An officer, on duty or withdrawn."""

    @property
    def can_move(self) -> bool:
        """Whether officers move."""
        return self.model.variant.officers_move

    def act(self, luck: tuple[float, ...]) -> None:
        """Rule C: arrest a random active citizen in view."""
        citizens = [person for person in self.in_view() if isinstance(person, EpsteinCitizen)]
        suspects = [citizen for citizen in citizens if citizen.state == ACTIVE]
        if not suspects:
            return
        suspect = suspects[epstein.chosen(luck[0], len(suspects))]
        suspect.face_arrest(luck)
        if self.model.variant.moves_to_arrest and suspect.cell != self.cell:
            self.model.leave(self)
            self.model.enter(self, suspect.cell)

    def take_turn(self, number: int) -> None:
        """Act and move while on duty."""
        if self.state == OFFICER:
            super().take_turn(number)


class CivilViolence(mesa.Model):
    """The lattice: who stands where, the one who came last first."""

    def __init__(self, lattice: Lattice, variant: Variant, view: list[tuple[int, int]]) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            super().__init__(rng=variant.seed)
        self.variant, self.view, self.legitimacy = variant, view, 0.0
        self.people_at: list[list[Person]] = [[] for _ in range(variant.size**2)]
        records = lattice.people
        self.citizens = [EpsteinCitizen(self, k, records[k]) for k in range(variant.n_citizens)]
        self.officers = [EpsteinOfficer(self, k, int(records[k]["cell"]), OFFICER)
                         for k in range(variant.n_citizens, len(records))]  # fmt: skip
        self.everybody: list[Person] = [*self.citizens, *self.officers]
        for person in self.everybody:
            self.enter(person, person.cell)

    def view_of(self, cell: int) -> list[int]:
        """Return the cells in view from a cell of the torus."""
        size = self.variant.size
        y, x = divmod(cell, size)
        return [(y + dy) % size * size + (x + dx) % size for dy, dx in self.view]

    def enter(self, person: Person, cell: int) -> None:
        """Put a person into a cell."""
        person.cell = cell
        self.people_at[cell].insert(0, person)

    def leave(self, person: Person) -> None:
        """Take a person out of the cell."""
        self.people_at[person.cell].remove(person)

    def any_empty_cell(self, person: int, number: int) -> int:
        """Draw cells of the whole lattice until one is empty."""
        attempt = 0
        while True:
            unit = uniform(self.variant.seed, decisions.EPSTEIN_RELEASE, person + kernels.HIGH * attempt, number)
            cell = epstein.chosen(unit, self.variant.size**2)
            if not self.people_at[cell]:
                return cell
            attempt += 1

    def draw_order(self, step: int) -> list[int]:
        """Draw whose turn comes when: everybody once in random order, or each turn anybody's."""
        n, seed = len(self.everybody), self.variant.seed
        if self.variant.with_replacement:
            return [epstein.chosen(uniform(seed, decisions.EPSTEIN_ORDER, k, step), n) for k in range(n)]
        order = list(range(n))
        for k in range(n - 1, 0, -1):
            other = epstein.chosen(uniform(seed, decisions.EPSTEIN_ORDER, k, step), k + 1)
            order[k], order[other] = order[other], order[k]
        return order

    def take_step(self, legitimacy: float, n_officers: int, step: int) -> None:
        """1. withdraw officers, 2. draw the order, 3. take turns, 4. let out whose term is over."""
        self.legitimacy, n = legitimacy, len(self.everybody)
        for officer in self.officers[n_officers:]:
            if officer.state == OFFICER:
                self.leave(officer)
                officer.state = WITHDRAWN
        for k, number in enumerate(self.draw_order(step)):
            self.everybody[number].take_turn(step * n + k)
        if not self.variant.own_turn:
            for citizen in self.citizens:
                citizen.end_step((step + 1) * n)


class MesaStepper:
    """Engine `mesa`."""

    name = "mesa"

    def __init__(self, lattice: Lattice, variant: Variant, view: list[tuple[int, int]]) -> None:
        self.model = CivilViolence(lattice, variant, view)

    def take_step(self, legitimacy: float, n_officers: int, step: int) -> None:
        """Take one step."""
        self.model.take_step(legitimacy, n_officers, step)

    def count(self, row: np.ndarray) -> None:
        """Write protesting, detained, quiet, officers and mean tension into a row."""
        states = [person.state for person in self.model.everybody]
        row[:4] = [states.count(state) for state in (ACTIVE, JAILED, QUIET, OFFICER)]
        total, n_free = 0.0, states.count(ACTIVE) + states.count(QUIET)
        for citizen in self.model.citizens:
            if citizen.state != JAILED:
                total += citizen.tension
        row[4] = total / n_free if n_free else math.nan

    def cells(self) -> np.ndarray:
        """Return who is in each cell, int8 (size, size)."""
        cells, states = (np.array([getattr(person, name) for person in self.model.everybody], np.int64)
                         for name in ("cell", "state"))  # fmt: skip
        return kernels.occupants(cells, states, self.model.variant)
