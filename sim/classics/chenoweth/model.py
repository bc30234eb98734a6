"""Chenoweth, Hocking and Marks (2022), A dynamic model of nonviolent resistance strategy.

doi:10.1371/journal.pone.0269976. Activists and citizens who join them protest; officers arrest and kill; officers and
pillars of support defect where protesters make up enough of those around them. The campaign has won once enough pillars
have defected. Rules and numbers come from a public reimplementation; none was verified against the paper
(docs/classics.md).
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Protocol

import numpy as np

from sim.classics.chenoweth import kernels
from sim.classics.chenoweth.kernels import ACTIVIST, CITIZEN, NOWHERE, OFFICER, PILLAR, Society, Variant
from sim.classics.epstein.kernels import place_exactly
from sim.classics.epstein.model import disc
from sim.classics.parameters import ChenowethOptions, ChenowethParameters
from sim.classics.results import ClassicResult

CURVES = {
    "protesting": ("persons", "citizens and activists who protest"),
    "detained": ("persons", "citizens and activists in jail"),
    "quiet": ("persons", "citizens and activists who neither protest nor are in jail"),
    "members": ("persons", "citizens who belong to the campaign, protesting or not"),
    "activists": ("persons", "activists at liberty"),
    "officers": ("persons", "officers who have not defected"),
    "pillars_left": ("pillars", "pillars of support that have not defected"),
    "killed": ("persons", "killed within the step"),
    "legitimacy": ("1", "legitimacy of the government"),
    "has_succeeded": ("flag", "the campaign has won"),
}
SEARCHES = {"pillars": kernels.NEAREST_PILLAR, "least_loyal_pillars": kernels.LEAST_LOYAL_PILLAR}
OUTCOMES = {"success": "The campaign won", "defeat": "The campaign was defeated", "undecided": "Nothing was decided"}


class Stepper(Protocol):
    """An engine: takes a step and counts."""

    name: str

    def take_step(self, step: int) -> None:
        """Take one step."""

    def count(self, row: np.ndarray) -> None:
        """Write the values of `CURVES`, all but the last, into a row."""

    def campaign(self) -> int:
        """Return how many activists, in jail too, and members are alive."""


class CompiledStepper:
    """Engine `compiled`: turns as passes over columns."""

    name = "compiled"

    def __init__(self, society: Society, variant: Variant) -> None:
        self.society, self.variant = society, variant
        kernels.take_step(society._replace(order=society.order[:0]), variant, 0)  # compiles

    def take_step(self, step: int) -> None:
        """Take one step."""
        kernels.take_step(self.society, self.variant, step)

    def count(self, row: np.ndarray) -> None:
        """Write the values of `CURVES`, all but the last, into a row."""
        g, people = self.society, self.society.people[self.society.people["cell"] != NOWHERE]
        kind, is_free, is_loyal = people["kind"], people["term"] == 0, people["has_defected"] == 0
        is_civil = (kind == CITIZEN) | (kind == ACTIVIST)
        is_out = is_civil & (people["is_protesting"] == 1)
        row[:9] = [
            is_out.sum(), (is_civil & ~is_free).sum(), (is_civil & is_free & ~is_out).sum(), people["is_member"].sum(),
            ((kind == ACTIVIST) & is_free).sum(), ((kind == OFFICER) & is_loyal).sum(),
            ((kind == PILLAR) & is_loyal).sum(), g.killed[0], g.legitimacy[0],
        ]  # fmt: skip

    def campaign(self) -> int:
        """Return how many activists, in jail too, and members are alive."""
        people = self.society.people
        return int(((people["cell"] != NOWHERE) & ((people["kind"] == ACTIVIST) | (people["is_member"] == 1))).sum())


# --- building ---


def numbers_of(options: ChenowethOptions) -> list[int]:
    """Return how many citizens, activists, officers and pillars there are."""
    densities = (options.citizen_density, options.activist_density, options.officer_density, options.pillar_density)
    found, room = [], options.size**2
    for density in densities:
        found.append(min(round(density * options.size**2), room))
        room -= found[-1]
    return found


def cells_in_view(options: ChenowethOptions) -> np.ndarray:
    """Return the cells in view from each cell, row by row, int32 (n_cells, n_view); NOWHERE beyond a wall."""
    size, reach = options.size, math.floor(options.vision)
    span = range(-reach, reach + 1)
    shifts = [(dy, dx) for dy in span for dx in span if (dy or dx) and disc(dy, dx, options.vision)]
    y, x = np.divmod(np.arange(size * size), size)
    view = np.empty((size * size, len(shifts)), np.int32)
    for k, (dy, dx) in enumerate(shifts):
        view[:, k] = (y + dy) % size * size + (x + dx) % size
        if options.edges == "walls":
            is_outside = (y + dy < 0) | (y + dy >= size) | (x + dx < 0) | (x + dx >= size)
            view[is_outside, k] = NOWHERE
    return view


def choose_variant(parameters: ChenowethParameters, first_pillar: int) -> Variant:
    """Turn the named options into the ids and numbers that the kernels know."""
    options = parameters.chenoweth
    same = {name: getattr(options, name) for name in Variant._fields if hasattr(options, name)}
    return Variant(
        **same, seed=parameters.seed, is_torus=options.edges == "torus", first_pillar=first_pillar,
        search=SEARCHES.get(options.strategy, kernels.RANDOM),
        reach=options.search_vision if options.strategy == "least_loyal_pillars" else options.vision,
    )  # fmt: skip


def build(parameters: ChenowethParameters) -> tuple[Society, Variant]:
    """Build the society of a run as it is before its first step."""
    options, seed = parameters.chenoweth, parameters.seed
    numbers = numbers_of(options)
    n, n_cells = sum(numbers), options.size**2
    people, at, cell = np.zeros(n, kernels.PERSON), np.full(n_cells, NOWHERE, np.int32), np.empty(n, np.int32)
    place_exactly(seed, n_cells, n, cell)
    people["kind"], people["cell"] = np.repeat([CITIZEN, ACTIVIST, OFFICER, PILLAR], numbers), cell
    at[cell] = np.arange(n)
    kernels.draw_traits(
        people, seed, (options.income_log_mean, options.income_log_sd),
        (options.defection_mean, options.defection_sd, options.defection_floor),
        1.0 if options.strategy == "commitment" else options.committed_share,
        1.0 if options.strategy == "rapid" else options.immediate_share, options.latest_start,
        (float(options.max_jail_term), options.jail_cost_rate),
    )  # fmt: skip
    view = cells_in_view(options)
    society = Society(
        people=people, at=at, in_view=view, order=np.arange(n), found=np.empty(view.shape[1] + 1, np.int64),
        legitimacy=np.array([options.legitimacy]), killed=np.zeros(1, np.int64),
    )  # fmt: skip
    return society, choose_variant(parameters, n - numbers[3])


def make_stepper(parameters: ChenowethParameters) -> Stepper:
    """Return the engine that the parameters name, before its first step; Mesa is imported only where asked for."""
    society, variant = build(parameters)
    if parameters.engine == "mesa":
        from sim.classics.chenoweth.mesa import MesaStepper

        return MesaStepper(society, variant)
    return CompiledStepper(society, variant)


# --- running ---


def has_won(n_defected: int, n_pillars: int, success_share: float) -> bool:
    """Whether more than this share of the pillars has defected."""
    return n_pillars > 0 and n_defected / n_pillars > success_share


def outcome_line(outcome: str, n_steps: int, n_defected: int, n_pillars: int) -> str:
    """Return the outcome of a run in words."""
    steps = "step" if n_steps == 1 else "steps"
    return f"{OUTCOMES[outcome]} after {n_steps} {steps}: {n_defected} of {n_pillars} pillars defected"


def run(parameters: ChenowethParameters, progress: Callable[[int, int], None] | None = None) -> ClassicResult:
    """Run the model until one side has won, or to the end of its steps.

    Parameters
    ----------
    parameters : ChenowethParameters
        From ``experiments.load_scenario``.
    progress : callable, optional
        Called with (steps done, steps) after every step.
    """
    began, options = time.perf_counter(), parameters.chenoweth
    stepper, numbers = make_stepper(parameters), numbers_of(options)
    built, cpu = time.perf_counter(), time.process_time()
    rows, outcome, n_steps = np.zeros((parameters.steps, len(CURVES))), "undecided", 0
    while n_steps < parameters.steps and outcome == "undecided":
        row = rows[n_steps]
        stepper.take_step(n_steps)
        stepper.count(row)
        n_steps += 1
        if has_won(numbers[3] - int(row[6]), numbers[3], options.success_share):
            row[9], outcome = 1.0, "success"
        elif stepper.campaign() <= options.least_members:
            outcome = "defeat"
        if progress is not None:
            progress(n_steps, parameters.steps)
    wall, cpu = time.perf_counter() - built, time.process_time() - cpu
    curves = {name: rows[:n_steps, k].copy() for k, name in enumerate(CURVES)}
    n_defected, n_agents = numbers[3] - int(curves["pillars_left"][-1]), sum(numbers)
    return ClassicResult(parameters, n_steps, curves, CURVES, {
        "engine": stepper.name, "agents": n_agents, "steps": n_steps * n_agents, "wall_seconds": wall,
        "cpu_seconds": cpu, "build_seconds": built - began, "agent_steps_per_second": n_steps * n_agents / wall,
        "outcome": outcome, "outcome_line": outcome_line(outcome, n_steps, n_defected, numbers[3]),
    })  # fmt: skip
