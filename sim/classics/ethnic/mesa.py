"""Epstein's model II, engine `mesa`: members of two groups and officers act by their own methods, one after the other.

The same rules and the same luck as `sim.classics.ethnic.model`, written for readers: bit for bit the same run.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import mesa
import numpy as np

from agents import decisions
from agents.compiled.draws import uniform, uniform4
from agents.rules import epstein
from agents.rules.participation import grievance
from sim.classics.ethnic.kernels import BLUE, DEAD, GREEN, NOBODY, OFFICER, SHOWN, smaller_group
from sim.classics.parameters import EthnicParameters
from sim.classics.results import EMPTY


class Person(mesa.Agent):
    """Whoever stands on the lattice, one a cell."""

    model: TwoGroups

    def __init__(self, model: TwoGroups, number: int, cell: int, born: int) -> None:
        super().__init__(model)
        self.number, self.cell, self.born = number, cell, born
        model.people[number] = self
        model.at[cell] = self

    def around(self) -> list[Person]:
        """Return the people in view, row by row."""
        found = (self.model.at[cell] for cell in self.model.view[self.cell])
        return [person for person in found if person is not None]

    def take_turn(self, step: int) -> None:
        """Act, then move to a random empty cell in view; the cells of the killed come last among the empty."""
        luck = uniform4(self.model.seed_of_run, decisions.EPSTEIN_TURN, self.number, step)
        empty = [cell for cell in self.model.view[self.cell] if self.model.at[cell] is None]
        empty += self.act(luck)
        if empty:
            left, self.cell = self.cell, empty[epstein.chosen(luck[2], len(empty))]
            self.model.at[left], self.model.at[self.cell] = None, self
            self.leave_behind(left, luck, step)

    def act(self, luck: tuple[float, ...]) -> list[int]:
        """Do what one does; return the cells that it made empty."""
        raise NotImplementedError

    def leave_behind(self, cell: int, luck: tuple[float, ...], step: int) -> None:
        """Leave nothing in the cell that one moved out of."""


class Member(Person):
    """A citizen of one of the two groups: quiet, active or jailed."""

    def __init__(
        self, model: TwoGroups, number: int, cell: int, born: int, *, group: int, hardship: float, risk_aversion: float,
        longest_life: float, age: float = 0.0,
    ) -> None:  # fmt: skip
        super().__init__(model, number, cell, born)
        self.group, self.hardship, self.risk_aversion = group, hardship, risk_aversion
        self.longest_life, self.age = longest_life, age
        self.is_active, self.term = False, 0.0

    @property
    def is_free(self) -> bool:
        """Whether one is not in jail."""
        return self.term <= 0.0

    def take_turn(self, step: int) -> None:
        """Grow older; die, serve, or act and move."""
        self.age += 1.0
        if self.age > self.longest_life:
            self.die()
        elif not self.is_free:
            self.term -= 1.0
        else:
            super().take_turn(step)

    def act(self, luck: tuple[float, ...]) -> list[int]:
        """Turn active by rule A; an active citizen kills a random free member of the other group in view."""
        options, around = self.model.options, self.around()
        n_officers = sum(isinstance(person, Officer) for person in around)
        free = [person for person in around if isinstance(person, Member) and person.is_free]
        n_active = 1 + sum(person.is_active for person in free)
        probability = epstein.arrest_probability(n_officers, n_active, options.arrest_constant)
        risk = epstein.net_risk(self.risk_aversion, probability)
        tension = epstein.tension(grievance(self.hardship, options.legitimacy), risk)
        self.is_active = bool(epstein.is_active(tension, options.activation_threshold))
        others = [person for person in free if person.group != self.group]
        if not (self.is_active and others):
            return []
        victim = others[epstein.chosen(luck[0], len(others))]
        victim.die()
        self.model.n_killed += 1
        return [victim.cell]

    def leave_behind(self, cell: int, luck: tuple[float, ...], step: int) -> None:
        """Leave a clone, now and then: the same group and hardship, its own risk aversion and length of life."""
        options, free_numbers = self.model.options, self.model.free_numbers
        if luck[3] < options.clone_probability and free_numbers:
            traits = uniform4(self.model.seed_of_run, decisions.EPSTEIN_TRAITS, self.number, step + 1)
            Member(self.model, free_numbers.pop(), cell, step, group=self.group, hardship=self.hardship,
                   risk_aversion=traits[0], longest_life=traits[1] * options.max_age)  # fmt: skip

    def die(self) -> None:
        """Leave the lattice for good."""
        self.model.at[self.cell] = self.model.people[self.number] = None
        self.remove()


class Officer(Person):
    """An officer who keeps the peace."""

    def act(self, luck: tuple[float, ...]) -> list[int]:
        """Jail a random active citizen in view, of either group."""
        around = (person for person in self.around() if isinstance(person, Member))
        suspects = [citizen for citizen in around if citizen.is_free and citizen.is_active]
        if suspects:
            suspect = suspects[epstein.chosen(luck[0], len(suspects))]
            suspect.is_active = False
            suspect.term = epstein.jail_term_continuous(luck[1], self.model.options.max_jail_term)
        return []


class TwoGroups(mesa.Model):
    """The lattice: who stands where; the numbers of the dead go to the newborn of the next step."""

    def __init__(self, parameters: EthnicParameters, records: np.ndarray, view: np.ndarray) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            super().__init__(rng=parameters.seed)
        self.options, self.seed_of_run = parameters.ethnic, parameters.seed
        self.view: list[list[int]] = view.tolist()
        self.people: list[Person | None] = [None] * len(records)
        self.at: list[Person | None] = [None] * len(records)
        self.free_numbers: list[int] = []
        self.n_killed = 0
        for number, record in enumerate(records):
            cell = int(record["cell"])
            if record["kind"] == OFFICER:
                Officer(self, number, cell, NOBODY)
            elif record["kind"] != DEAD:
                traits = {name: float(record[name]) for name in ("hardship", "risk_aversion", "longest_life", "age")}
                Member(self, number, cell, NOBODY, group=int(record["kind"]), **traits)

    @property
    def members(self) -> list[Member]:
        """The living citizens by their numbers."""
        return [person for person in self.people if isinstance(person, Member)]

    def draw_order(self, step: int) -> list[int]:
        """Draw whose turn comes when, among all numbers."""
        order = list(range(len(self.people)))
        for k in range(len(order) - 1, 0, -1):
            other = epstein.chosen(uniform(self.seed_of_run, decisions.EPSTEIN_ORDER, k, step), k + 1)
            order[k], order[other] = order[other], order[k]
        return order

    def take_step(self, step: int) -> None:
        """1. draw the order, 2. let each die of age, serve, act, move and clone; count the killed."""
        self.n_killed = 0
        self.free_numbers = [number for number, person in enumerate(self.people) if person is None]
        for number in self.draw_order(step):
            person = self.people[number]
            if person is not None and person.born != step:
                person.take_turn(step)


class MesaStepper:
    """Engine `mesa`."""

    name = "mesa"

    def __init__(self, parameters: EthnicParameters, records: np.ndarray, view: np.ndarray) -> None:
        self.model = TwoGroups(parameters, records, view)

    def take_step(self, step: int) -> None:
        """Take one step."""
        self.model.take_step(step)

    def count(self, row: np.ndarray) -> None:
        """Write the values of `sim.classics.ethnic.model.CURVES` into a row."""
        members = self.model.members
        n_blue, n_green = (sum(member.group == group for member in members) for group in (BLUE, GREEN))
        free = [member for member in members if member.is_free]
        n_free, n_active = len(free), sum(member.is_active for member in free)
        n_officers = sum(isinstance(person, Officer) for person in self.model.people)
        row[:7] = (n_active, len(members) - n_free, n_free - n_active, n_officers, n_blue, n_green, self.model.n_killed)
        group = smaller_group(n_blue, n_green)
        row[7:] = self.havens([member for member in members if member.group == group], n_officers)

    def cells(self) -> np.ndarray:
        """Return who is in each cell, int8 (size, size); the jailed as members of their group."""
        kinds = [EMPTY if person is None else SHOWN[person.group if isinstance(person, Member) else OFFICER]
                 for person in self.model.at]  # fmt: skip
        size = round(len(kinds) ** 0.5)
        return np.array(kinds, np.int8).reshape(size, size)

    def havens(self, smaller: Sequence[Member], n_officers: int) -> tuple[float, float]:
        """Return shelter and own share of the smaller group, as `sim.classics.ethnic.model.havens`."""
        seen = [person for member in smaller for person in member.around()]
        n_citizens = sum(isinstance(person, Member) for person in seen)
        n_own = sum(isinstance(person, Member) and person.group == smaller[0].group for person in seen)
        n_seen, chance = len(seen) - n_citizens, n_officers * len(self.model.view[0]) / len(self.model.at)
        sheltered = n_seen / len(smaller) / chance if smaller and n_officers else np.nan
        return sheltered, n_own / n_citizens if n_citizens else np.nan
