"""Chenoweth, Hocking and Marks (2022), engine `mesa`: everybody acts by methods of their own.

The same rules and the same luck as `sim.classics.chenoweth.kernels`, written for readers: bit for bit the same run.
"""

from __future__ import annotations

import warnings

import mesa
import numpy as np

from agents import decisions
from agents.compiled.draws import uniform, uniform4
from agents.rules import chenoweth, epstein
from agents.rules.participation import grievance
from sim.classics.chenoweth import kernels
from sim.classics.chenoweth.kernels import NOWHERE, Society, Variant


class Person(mesa.Agent):
    """Whoever stands on the lattice."""

    model: Resistance
    is_member = is_protesting = has_defected = can_move = False
    term = 0

    def __init__(self, model: Resistance, number: int, record: np.void) -> None:
        super().__init__(model)
        self.number, self.cell, self.start = number, int(record["cell"]), int(record["start"])

    @property
    def is_in_campaign(self) -> bool:
        """Whether one counts as of the campaign in view."""
        return self.is_member

    def act(self, luck: tuple[float, ...], step: int) -> None:
        """Do what people of this kind do."""
        raise NotImplementedError

    def rest(self) -> None:
        """Come nearer to the next protest: nothing for those who never protest."""

    def in_view(self) -> list[Person]:
        """Return the people in view, row by row."""
        found = (self.model.person_at[cell] for cell in self.model.view_of(self.cell))
        return [person for person in found if person is not None]

    def spots(self) -> list[int]:
        """Return the empty cells in view."""
        return [cell for cell in self.model.view_of(self.cell) if self.model.person_at[cell] is None]

    def move(self, luck: tuple[float, ...]) -> None:
        """Rule M: move to a random one of the spots."""
        spots = self.spots()
        if spots:
            self.model.put(self, spots[epstein.chosen(luck[0], len(spots))])

    def take_turn(self, step: int) -> None:
        """1. rest, 2. move, 3. repress, 4. protest and decide (the immediate in reverse), 5. defect, 6. serve."""
        if self.cell == NOWHERE or step < self.start:
            return
        luck = uniform4(self.model.variant.seed, decisions.CHENOWETH_TURN, self.number, step)
        self.rest()
        if self.can_move and self.term == 0:
            self.move(luck)
        self.act(luck, step)
        self.term = max(self.term - 1, 0)


class Civilian(Person):
    """One who may protest and be jailed."""

    can_move = True
    pause = 0

    def rest(self) -> None:
        """Come nearer to the next protest, and end the present one after its duration."""
        variant = self.model.variant
        if self.pause > 0:
            self.pause -= 1
            if self.pause <= variant.protest_cycle - variant.protest_duration:
                self.is_protesting = False

    def protest(self) -> None:
        """Rule N: protest if not pausing, and if there are others of the campaign in view."""
        n_members = sum(other.is_in_campaign for other in self.in_view())
        is_ready = self.is_in_campaign and self.pause == 0
        if is_ready and chenoweth.starts_protest(n_members, self.model.variant.least_members):
            self.is_protesting, self.pause = True, self.model.variant.protest_cycle

    def face_officer(self, luck_kill: float, luck_term: float) -> None:
        """Be killed or go to jail."""
        model, variant = self.model, self.model.variant
        self.is_member = self.is_protesting = False
        if luck_kill < variant.kill_probability:
            model.person_at[self.cell], self.cell = None, NOWHERE
            model.n_killed += 1
            model.legitimacy = chenoweth.legitimacy_after_killing(model.legitimacy, variant.backlash_factor)
        else:
            self.term = chenoweth.jail_term(luck_term, variant.max_jail_term)


class ChenowethCitizen(Civilian):
    """A citizen, who joins the campaign and leaves it."""

    def __init__(self, model: Resistance, number: int, record: np.void) -> None:
        super().__init__(model, number, record)
        self.hardship, self.arrest_cost = float(record["hardship"]), float(record["arrest_cost"])
        self.is_committed, self.is_immediate = bool(record["is_committed"]), bool(record["is_immediate"])

    def act(self, luck: tuple[float, ...], step: int) -> None:
        """Protest and decide, or the other way round."""
        if self.is_immediate:
            self.decide()
            self.protest()
        else:
            self.protest()
            self.decide()

    def decide(self) -> None:
        """Rule C: join or leave the campaign, unless in jail or committed to it."""
        if self.term > 0 or (self.is_member and self.is_committed):
            return
        variant, around = self.model.variant, self.in_view()
        n_members = sum(other.is_in_campaign for other in around)
        n_officers = sum(isinstance(other, ChenowethOfficer) and other.deters for other in around)
        pressure = chenoweth.peer_pressure(sum(other.is_protesting for other in around), variant.peer_pressure_number)
        risk = epstein.arrest_probability(n_officers, 1 + n_members, variant.arrest_constant)
        complaint = grievance(self.hardship, self.model.legitimacy)
        drive = chenoweth.joining_drive(complaint, pressure, risk, self.arrest_cost)
        self.is_member = chenoweth.is_member(drive, variant.joining_threshold)


class Activist(Civilian):
    """An activist, always of the campaign; with a strategy one who seeks pillars."""

    @property
    def is_in_campaign(self) -> bool:
        """Whether the activist is at liberty."""
        return self.term == 0

    def act(self, luck: tuple[float, ...], step: int) -> None:
        """Protest."""
        self.protest()

    def spots(self) -> list[int]:
        """Return the empty cells in view; of these and one's own those nearest to a pillar in sight that attracts."""
        model, spots = self.model, super().spots()
        targets = [pillar for pillar in model.pillars if self.seeks(pillar)]
        if model.variant.search == kernels.RANDOM or not spots or not targets:
            return spots
        if model.variant.search == kernels.LEAST_LOYAL_PILLAR:
            targets = [min(targets, key=lambda pillar: pillar.defection_threshold)]
        spots.append(self.cell)
        distances = [min(model.squared_distance(spot, pillar.cell) for pillar in targets) for spot in spots]
        return [spot for spot, distance in zip(spots, distances, strict=True) if distance == min(distances)]

    def seeks(self, pillar: Pillar) -> bool:
        """Whether a pillar is in sight and attracts."""
        variant = self.model.variant
        is_wanted = variant.defected_pillars_attract or not pillar.has_defected
        return is_wanted and self.model.squared_distance(self.cell, pillar.cell) <= variant.reach * variant.reach


class Supporter(Person):
    """One on whom the government rests, loyal until too many protest."""

    def __init__(self, model: Resistance, number: int, record: np.void) -> None:
        super().__init__(model, number, record)
        self.defection_threshold = float(record["defection_threshold"])

    def act(self, luck: tuple[float, ...], step: int) -> None:
        """Rule D: defect."""
        around = self.in_view()
        n_protesting = sum(other.is_protesting for other in around)
        if chenoweth.defects(n_protesting, len(around), self.defection_threshold):
            self.has_defected = True


class Pillar(Supporter):
    """A pillar of support, which stays where it is."""


class ChenowethOfficer(Supporter):
    """An officer, who arrests and kills until defecting."""

    can_move = True

    @property
    def deters(self) -> bool:
        """Whether citizens in view reckon with the officer."""
        return self.model.variant.defected_officers_deter or not self.has_defected

    def act(self, luck: tuple[float, ...], step: int) -> None:
        """Repress while loyal, then perhaps defect."""
        if not self.has_defected:
            self.repress(luck, step)
        super().act(luck, step)

    def repress(self, luck: tuple[float, ...], step: int) -> None:
        """Rule P: go for a protester in view or, where nobody protests, for one of the campaign."""
        variant, around = self.model.variant, [other for other in self.in_view() if isinstance(other, Civilian)]
        members = [other for other in around if other.is_in_campaign]
        protesters = [other for other in around if other.is_protesting]
        if chenoweth.is_targeted(
            len(members), len(protesters), luck[1], luck[2], variant.find_probability, variant.target_probability
        ):
            more = uniform4(variant.seed, decisions.CHENOWETH_ARREST, self.number, step)
            suspects = protesters or members
            suspects[epstein.chosen(more[0], len(suspects))].face_officer(luck[3], more[1])


class Resistance(mesa.Model):
    """The lattice: who stands where."""

    def __init__(self, society: Society, variant: Variant) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            super().__init__(rng=variant.seed)
        self.variant, self.views = variant, society.in_view
        self.legitimacy, self.n_killed = float(society.legitimacy[0]), 0
        kinds = (ChenowethCitizen, Activist, ChenowethOfficer, Pillar)
        self.everybody: list[Person] = [kinds[record["kind"]](self, k, record)
                                        for k, record in enumerate(society.people)]  # fmt: skip
        self.pillars = [person for person in self.everybody if isinstance(person, Pillar)]
        self.person_at: list[Person | None] = [None] * len(society.at)
        for person in self.everybody:
            self.person_at[person.cell] = person

    def view_of(self, cell: int) -> list[int]:
        """Return the cells in view from a cell, none beyond a wall."""
        return [there for there in self.views[cell].tolist() if there != NOWHERE]

    def squared_distance(self, a: int, b: int) -> int:
        """Return the squared distance between two cells."""
        size = self.variant.size
        dy, dx = abs(a // size - b // size), abs(a % size - b % size)
        if self.variant.is_torus:
            dy, dx = min(dy, size - dy), min(dx, size - dx)
        return dy * dy + dx * dx

    def put(self, person: Person, cell: int) -> None:
        """Put a person into another cell."""
        self.person_at[person.cell] = None
        self.person_at[cell], person.cell = person, cell

    def draw_order(self, step: int) -> list[int]:
        """Draw whose turn comes when."""
        order = list(range(len(self.everybody)))
        for k in range(len(order) - 1, 0, -1):
            other = epstein.chosen(uniform(self.variant.seed, decisions.CHENOWETH_ORDER, k, step), k + 1)
            order[k], order[other] = order[other], order[k]
        return order

    def take_step(self, step: int) -> None:
        """1. draw the order, 2. take turns."""
        self.n_killed = 0
        for number in self.draw_order(step):
            self.everybody[number].take_turn(step)


class MesaStepper:
    """Engine `mesa`."""

    name = "mesa"

    def __init__(self, society: Society, variant: Variant) -> None:
        self.model = Resistance(society, variant)

    def alive(self, kind: type) -> list:
        """Return the living of a kind."""
        return [person for person in self.model.everybody if isinstance(person, kind) and person.cell != NOWHERE]

    def take_step(self, step: int) -> None:
        """Take one step."""
        self.model.take_step(step)

    def count(self, row: np.ndarray) -> None:
        """Write the values of the curves, all but the last, into a row."""
        civilians = self.alive(Civilian)
        row[:9] = [
            sum(person.is_protesting for person in civilians), sum(person.term > 0 for person in civilians),
            sum(person.term == 0 and not person.is_protesting for person in civilians),
            sum(person.is_member for person in civilians),
            sum(person.is_in_campaign for person in self.alive(Activist)),
            *(sum(not person.has_defected for person in self.alive(kind)) for kind in (ChenowethOfficer, Pillar)),
            self.model.n_killed, self.model.legitimacy,
        ]  # fmt: skip

    def campaign(self) -> int:
        """Return how many activists, in jail too, and members are alive."""
        return len(self.alive(Activist)) + sum(person.is_member for person in self.alive(ChenowethCitizen))
