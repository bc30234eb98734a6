"""Epstein's civil violence, model II (2002), doi:10.1073/pnas.092080199: two groups, and officers who keep the peace.

Legitimacy is what a group grants to the other's right to exist. An active citizen kills a random member of the other
group in view; officers arrest an active citizen of either group. Citizens clone into an empty cell in view and die of
age. Details that were not verified against the paper: A counts the active of both groups; a clone inherits group and
hardship and draws its own risk aversion; the first citizens have random ages.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol

import numpy as np

from agents import decisions
from agents.compiled.draws import uniform, uniform4
from agents.compiled.rule import kernel
from agents.rules import epstein
from agents.rules.participation import grievance
from sim.classics.epstein.kernels import shuffle
from sim.classics.epstein.model import NEIGHBOURHOODS
from sim.classics.parameters import EthnicOptions, EthnicParameters
from sim.classics.results import ClassicResult

DEAD, BLUE, GREEN, OFFICER = range(4)
NOBODY = -1
CURVES = {
    "protesting": ("persons", "active and not jailed"), "detained": ("persons", "jailed"),
    "quiet": ("persons", "quiet and not jailed"), "officers": ("persons", "officers on the lattice"),
    "blue": ("persons", "living members of one group"), "green": ("persons", "living members of the other group"),
    "killed": ("persons", "killed within the step"),
    "mean_shelter": ("1", "officers in view of the smaller group's members over those in view of any cell (chance: 1)"),
    "mean_own_share": ("1", "share of the own group among the citizens in view, of members of the smaller group"),
}  # fmt: skip
PERSON = np.dtype([("kind", "i8"), ("cell", "i8"), ("is_active", "i8"), ("term", "f8"), ("age", "f8"),
                   ("hardship", "f8"), ("risk_aversion", "f8"), ("longest_life", "f8"), ("born", "i8")])  # fmt: skip


@kernel
def look(people, at, view, cell, kind, officers_only, others, empty):
    """List the people whom one may act on and the empty cells in view; return the counts and officers and active."""
    n_officers = n_active = n_others = n_empty = 0
    for k in range(view.shape[1]):
        there = view[cell, k]
        person = at[there]
        if person == NOBODY:
            empty[n_empty] = there
            n_empty += 1
        elif people[person].kind == OFFICER:
            n_officers += 1
        elif people[person].term <= 0.0:
            is_active = people[person].is_active == 1
            n_active += is_active
            if is_active if officers_only else people[person].kind != kind:
                others[n_others] = person
                n_others += 1
    return n_officers, n_active, n_others, n_empty


@kernel
def give_life(people, person, kind, cell, hardship, luck, max_age, step):
    """Fill a person's record."""
    record = people[person]
    record.kind, record.cell, record.is_active, record.term, record.age = kind, cell, 0, 0.0, 0.0
    record.hardship, record.risk_aversion = hardship, luck[0]
    record.longest_life, record.born = luck[1] * max_age, step


@kernel
def take_step(people, at, view, seed, step, legitimacy, p, killed):
    """1. draw the order, 2. let each die of age, serve, act, move and clone; count the killed."""
    n = len(people)
    order, others, empty = np.empty(n, np.int64), np.empty(view.shape[1], np.int64), np.empty(view.shape[1], np.int64)
    free = np.empty(n, np.int64)
    n_free = n_killed = 0
    for person in range(n):
        if people[person].kind == DEAD:
            free[n_free] = person
            n_free += 1
    shuffle(order, seed, decisions.EPSTEIN_ORDER, step)
    for k in range(n):
        me = people[order[k]]
        if me.kind == DEAD or me.born == step:
            continue
        cell, is_officer = me.cell, me.kind == OFFICER
        if not is_officer:
            me.age += 1.0
            if me.age > me.longest_life:
                me.kind, at[cell] = DEAD, NOBODY
                continue
            if me.term > 0.0:
                me.term -= 1.0
                continue
        luck = uniform4(seed, decisions.EPSTEIN_TURN, order[k], step)
        seen = look(people, at, view, cell, me.kind, is_officer, others, empty)
        if not is_officer:
            probability = epstein.arrest_probability(seen[0], seen[1] + 1, p[0])
            risk = epstein.net_risk(me.risk_aversion, probability)
            tension = epstein.tension(grievance(me.hardship, legitimacy), risk)
            me.is_active = 1 if epstein.is_active(tension, p[1]) else 0
        n_empty = seen[3]
        if seen[2] > 0 and (is_officer or me.is_active == 1):
            target = people[others[epstein.chosen(luck[0], seen[2])]]
            if is_officer:
                target.is_active, target.term = 0, epstein.jail_term_continuous(luck[1], p[2])
            else:
                target.kind, at[target.cell] = DEAD, NOBODY
                empty[n_empty] = target.cell
                n_empty += 1
                n_killed += 1
        if n_empty > 0:
            spot = epstein.chosen(luck[2], n_empty)
            target_cell = empty[spot]
            at[cell], at[target_cell], me.cell = NOBODY, order[k], target_cell
            if not is_officer and luck[3] < p[3] and n_free > 0:  # the clone takes the cell that was left
                n_free -= 1
                traits = uniform4(seed, decisions.EPSTEIN_TRAITS, order[k], step + 1)
                give_life(people, free[n_free], me.kind, cell, me.hardship, traits, p[4], step)
                at[cell] = free[n_free]
    killed[0] = n_killed


def smaller_group(n_blue: int, n_green: int) -> int:
    """Return the group that has fewer living members, blue of two alike; the losing one, if any is."""
    return BLUE if n_blue <= n_green else GREEN


def havens(people: np.ndarray, at: np.ndarray, view: np.ndarray) -> tuple[float, float]:
    """Return how sheltered the members of the smaller group are, and how much among themselves; nan where undefined.

    Shelter is the mean number of officers in their view over the mean of all cells of the lattice. If safe havens form
    around officers it is above 1; if the losing group survives wherever, 1. Jailed members are counted like others.
    """
    kind = np.where(at == NOBODY, DEAD, people["kind"][at])  # of the person in each cell
    n_blue, n_green, n_officers = (int((kind == one).sum()) for one in (BLUE, GREEN, OFFICER))
    group = smaller_group(n_blue, n_green)
    seen = kind[view[kind == group]]
    n_own, n_citizens = int((seen == group).sum()), int(((seen == BLUE) | (seen == GREEN)).sum())
    chance = n_officers * view.shape[1] / len(at)
    sheltered = int((seen == OFFICER).sum()) / len(seen) / chance if len(seen) and n_officers else np.nan
    return sheltered, n_own / n_citizens if n_citizens else np.nan


def count(people: np.ndarray, at: np.ndarray, view: np.ndarray, row: np.ndarray) -> None:
    """Write the values of `CURVES`, all but the killed, into a row."""
    row[7:] = havens(people, at, view)
    kind = people["kind"]
    is_citizen, is_jailed, is_active = (kind == BLUE) | (kind == GREEN), people["term"] > 0, people["is_active"] == 1
    row[:6] = [
        (is_citizen & is_active & ~is_jailed).sum(), (is_citizen & is_jailed).sum(),
        (is_citizen & ~is_active & ~is_jailed).sum(), (kind == OFFICER).sum(), (kind == BLUE).sum(),
        (kind == GREEN).sum(),
    ]  # fmt: skip


def views(options: EthnicOptions) -> np.ndarray:
    """Return the cells in view from each cell, int64 (n_cells, n_view)."""
    size, reach = options.size, int(options.vision)
    span = range(-reach, reach + 1)
    is_in_view = NEIGHBOURHOODS[options.neighbourhood]
    shifts = [(dy, dx) for dy in span for dx in span if (dy or dx) and is_in_view(dy, dx, options.vision)]
    y, x = np.divmod(np.arange(size * size), size)
    cells = [(y + dy) % size * size + (x + dx) % size for dy, dx in dict.fromkeys(shifts)]
    return np.stack(cells, axis=1).astype(np.int64)


def settle(parameters: EthnicParameters) -> tuple[np.ndarray, np.ndarray]:
    """Return the people, half of the citizens in each group, and who is in each cell."""
    options, seed = parameters.ethnic, parameters.seed
    n_cells = options.size**2
    people, at = np.zeros(n_cells, PERSON), np.full(n_cells, NOBODY, np.int64)
    luck = np.array([uniform4(seed, decisions.EPSTEIN_TRAITS, person, 0) for person in range(n_cells)])
    cells = np.argsort([uniform(seed, decisions.EPSTEIN_CITIZEN_CELL, cell, 0) for cell in range(n_cells)])
    n_citizens = round(options.citizen_density * n_cells)
    n_officers = min(round(options.officer_density * n_cells), n_cells - n_citizens)
    for person in range(n_citizens + n_officers):
        record = people[person]
        record["kind"] = OFFICER if person >= n_citizens else BLUE if person % 2 else GREEN
        record["cell"], record["born"] = cells[person], -1
        record["hardship"], record["risk_aversion"] = luck[person, :2]
        record["longest_life"] = luck[person, 2] * options.max_age
        record["age"] = luck[person, 3] * record["longest_life"]
        at[cells[person]] = person
    return people, at


class Stepper(Protocol):
    """An engine: takes a step and counts."""

    name: str

    def take_step(self, step: int) -> None:
        """Take one step."""

    def count(self, row: np.ndarray) -> None:
        """Write the values of `CURVES` into a row."""


class CompiledStepper:
    """Engine `compiled`: turns as one pass over records."""

    name = "compiled"

    def __init__(self, parameters: EthnicParameters, people: np.ndarray, at: np.ndarray, view: np.ndarray) -> None:
        options = parameters.ethnic
        self.people, self.at, self.view = people, at, view
        self.seed, self.legitimacy, self.n_killed = parameters.seed, options.legitimacy, np.zeros(1)
        self.numbers = np.array([options.arrest_constant, options.activation_threshold, options.max_jail_term,
                                 options.clone_probability, options.max_age])  # fmt: skip

    def take_step(self, step: int) -> None:
        """Take one step."""
        take_step(self.people, self.at, self.view, self.seed, step, self.legitimacy, self.numbers, self.n_killed)

    def count(self, row: np.ndarray) -> None:
        """Write the values of `CURVES` into a row."""
        row[6] = self.n_killed[0]
        count(self.people, self.at, self.view, row)


def make_stepper(parameters: EthnicParameters) -> Stepper:
    """Return the engine that the parameters name, before its first step; Mesa is imported only where asked for."""
    (people, at), view = settle(parameters), views(parameters.ethnic)
    if parameters.engine == "mesa":
        from sim.classics.ethnic.mesa import MesaStepper

        return MesaStepper(parameters, people, view)
    return CompiledStepper(parameters, people, at, view)


def run(parameters: EthnicParameters, progress: Callable[[int, int], None] | None = None) -> ClassicResult:
    """Run Epstein's model II."""
    began = time.perf_counter()
    stepper = make_stepper(parameters)
    rows, n_turns = np.zeros((parameters.steps, len(CURVES))), 0
    built, cpu = time.perf_counter(), time.process_time()
    for step in range(parameters.steps):
        stepper.take_step(step)
        stepper.count(rows[step])
        n_turns += int(rows[step, 3:6].sum())
        if progress is not None:
            progress(step + 1, parameters.steps)
    wall, cpu = time.perf_counter() - built, time.process_time() - cpu
    curves = {name: rows[:, k].copy() for k, name in enumerate(CURVES)}
    return ClassicResult(parameters, parameters.steps, curves, CURVES, {
        "engine": stepper.name, "agents": int(rows[0, 3:6].sum()), "steps": n_turns, "wall_seconds": wall,
        "cpu_seconds": cpu, "build_seconds": built - began, "agent_steps_per_second": n_turns / wall,
    })  # fmt: skip
