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
from sim.classics.epstein.model import NEIGHBOURHOODS
from sim.classics.ethnic.kernels import BLUE, DEAD, GREEN, NOBODY, OFFICER, PERSON, SHOWN, smaller_group, take_step
from sim.classics.parameters import EthnicOptions, EthnicParameters
from sim.classics.results import ClassicResult, Keeper

CURVES = {
    "protesting": ("persons", "active and not jailed"), "detained": ("persons", "jailed"),
    "quiet": ("persons", "quiet and not jailed"), "officers": ("persons", "officers on the lattice"),
    "blue": ("persons", "living members of one group"), "green": ("persons", "living members of the other group"),
    "killed": ("persons", "killed within the step"),
    "mean_shelter": ("1", "officers in view of the smaller group's members over those in view of any cell (chance: 1)"),
    "mean_own_share": ("1", "share of the own group among the citizens in view, of members of the smaller group"),
}  # fmt: skip


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

    def cells(self) -> np.ndarray:
        """Return who is in each cell, int8 (size, size), as `sim.classics.results.CELLS`."""


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

    def cells(self) -> np.ndarray:
        """Return who is in each cell, int8 (size, size); the jailed as members of their group."""
        kind = np.where(self.at == NOBODY, DEAD, self.people["kind"][self.at])
        found = np.zeros(len(kind), np.int8)
        for own, shown in SHOWN.items():
            found[kind == own] = shown
        size = round(len(kind) ** 0.5)
        return found.reshape(size, size)


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
    rows, n_turns, keeper = np.zeros((parameters.steps, len(CURVES))), 0, Keeper(parameters.steps)
    built, cpu = time.perf_counter(), time.process_time()
    for step in range(parameters.steps):
        stepper.take_step(step)
        stepper.count(rows[step])
        keeper.look(step, float(rows[step, 0]), stepper.cells)
        n_turns += int(rows[step, 3:6].sum())
        if progress is not None:
            progress(step + 1, parameters.steps)
    wall, cpu = time.perf_counter() - built, time.process_time() - cpu
    curves = {name: rows[:, k].copy() for k, name in enumerate(CURVES)}
    return ClassicResult(parameters, parameters.steps, curves, CURVES, {
        "engine": stepper.name, "agents": int(rows[0, 3:6].sum()), "steps": n_turns, "wall_seconds": wall,
        "cpu_seconds": cpu, "build_seconds": built - began, "agent_steps_per_second": n_turns / wall,
    }, keeper.kept)  # fmt: skip
