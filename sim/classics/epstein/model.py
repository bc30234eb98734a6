"""Epstein's civil violence, model I (2002), doi:10.1073/pnas.092080199: build a lattice and run it.

Every point in which the known ports differ from the paper is an option of `EpsteinOptions`, chosen once, here.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Protocol

import numpy as np

from sim.classics.epstein import kernels
from sim.classics.epstein.kernels import Lattice, Variant
from sim.classics.parameters import EpsteinOptions, EpsteinParameters, value_at
from sim.classics.results import ClassicResult, Keeper

CURVES = {
    "protesting": ("persons", "active and not jailed"),
    "detained": ("persons", "jailed"),
    "quiet": ("persons", "quiet and not jailed"),
    "officers": ("persons", "officers on the lattice"),
    "mean_tension": ("1", "mean of G - N at the last decision of the citizens who are not jailed"),
}
RATIOS = {"continuous": kernels.CONTINUOUS, "floor": kernels.FLOOR, "round": kernels.ROUND}
TERM_RANGES = {"inclusive": kernels.INCLUSIVE, "exclusive": kernels.EXCLUSIVE, "continuous": kernels.UNIFORM}


class Stepper(Protocol):
    """An engine: takes a step and counts."""

    name: str

    def take_step(self, legitimacy: float, n_officers: int, step: int) -> None:
        """Take one step."""

    def count(self, row: np.ndarray) -> None:
        """Write the values of `CURVES` into a row."""

    def cells(self) -> np.ndarray:
        """Return who is in each cell, int8 (size, size), as `sim.classics.results.CELLS`."""


class CompiledStepper:
    """Engine `compiled`: turns as passes over columns."""

    name = "compiled"

    def __init__(self, lattice: Lattice, variant: Variant) -> None:
        self.lattice, self.variant = lattice, variant
        nobody = lattice._replace(order=lattice.order[:0], people=lattice.people[:0])
        kernels.take_step(nobody, variant._replace(n_citizens=0), 0.0, 0, 0)  # compiles

    def take_step(self, legitimacy: float, n_officers: int, step: int) -> None:
        """Take one step."""
        kernels.take_step(self.lattice, self.variant, legitimacy, n_officers, step)

    def count(self, row: np.ndarray) -> None:
        """Write the values of `CURVES` into a row."""
        kernels.count(self.lattice, self.variant, row)

    def cells(self) -> np.ndarray:
        """Return who is in each cell, int8 (size, size)."""
        return kernels.occupants(self.lattice.people["cell"], self.lattice.people["state"], self.variant)


# --- neighbourhoods: distances (dy, dx), row by row ---


def cross(dy: int, dx: int, vision: float) -> bool:
    """Whether a cell lies in the same row or column, not further than the vision (N, S, E, W: the paper)."""
    return (dy == 0 or dx == 0) and abs(dy) + abs(dx) <= vision


def von_neumann(dy: int, dx: int, vision: float) -> bool:
    """Whether a cell can be reached in so many steps N, S, E, W: a diamond."""
    return abs(dy) + abs(dx) <= vision


def moore(dy: int, dx: int, vision: float) -> bool:
    """Whether a cell lies in the square around."""
    return max(abs(dy), abs(dx)) <= vision


def disc(dy: int, dx: int, vision: float) -> bool:
    """Whether a cell's middle is not further than the vision as the crow flies."""
    return dy * dy + dx * dx <= vision * vision


NEIGHBOURHOODS = {"cross": cross, "von_neumann": von_neumann, "moore": moore, "disc": disc}


def cells_in_view(options: EpsteinOptions) -> list[tuple[int, int]]:
    """Return the distances (dy, dx) to the cells in view, row by row; each cell of the torus once."""
    reach, size = math.floor(options.vision), options.size
    is_in_view = NEIGHBOURHOODS[options.neighbourhood]
    found: dict[tuple[int, int], tuple[int, int]] = {}
    for dy in range(-reach, reach + 1):
        for dx in range(-reach, reach + 1):
            is_own = dy == dx == 0
            if (options.include_own_cell if is_own else is_in_view(dy, dx, options.vision)):
                found.setdefault((dy % size, dx % size), (dy, dx))
    return list(found.values())


# --- building ---


def may_stack(options: EpsteinOptions) -> bool:
    """Whether the variant can bring several people into one cell."""
    is_freed_in_place = options.jailed == "removed" and options.release == "in_place"
    return is_freed_in_place or options.officer_after_arrest == "move_to_arrest"


def place_agents(parameters: EpsteinParameters) -> tuple[np.ndarray, int]:
    """Return the cell of each agent, int32, citizens first, and the number of citizens."""
    options = parameters.epstein
    n_cells = options.size**2
    if options.placement == "bernoulli":
        kind = np.zeros(n_cells, np.uint8)
        kernels.draw_occupants(parameters.seed, options.citizen_density, options.officer_density, kind)
        citizens, officers = np.flatnonzero(kind == 1), np.flatnonzero(kind == 2)
        return np.concatenate([citizens, officers]).astype(np.int32), len(citizens)
    n_citizens = round(options.citizen_density * n_cells)
    n_officers = min(round(options.officer_density * n_cells), n_cells - n_citizens)
    cell = np.empty(n_citizens + n_officers, np.int32)
    kernels.place_exactly(parameters.seed, n_cells, len(cell), cell)
    return cell, n_citizens


def choose_variant(parameters: EpsteinParameters, n_citizens: int) -> Variant:
    """Turn the named options into the ids that the kernels know."""
    options = parameters.epstein
    return Variant(
        seed=parameters.seed, size=options.size, margin=math.floor(options.vision),
        bits=10 if may_stack(options) else 2, n_citizens=n_citizens, ratio=RATIOS[options.ratio],
        jail_term_range=TERM_RANGES[options.jail_term_range], acts_first=options.turn_order == "act_move",
        jailed_block=options.jailed == "block", released_in_place=options.release == "in_place",
        moves_to_arrest=options.officer_after_arrest == "move_to_arrest", own_turn=options.jail_countdown == "own_turn",
        with_replacement=options.activation == "with_replacement",
        citizens_move=options.movement.citizens != "none", officers_move=options.movement.officers != "none",
        max_jail_term=options.max_jail_term, arrest_constant=options.arrest_constant,
        activation_threshold=options.activation_threshold,
    )  # fmt: skip


def build(parameters: EpsteinParameters) -> tuple[Lattice, Variant]:
    """Build the lattice of a run as it is before its first step."""
    cell, n_citizens = place_agents(parameters)
    variant, n = choose_variant(parameters, n_citizens), len(cell)
    width, n_cells = variant.size + 2 * variant.margin, variant.size**2
    view = [dy * width + dx for dy, dx in cells_in_view(parameters.epstein)]
    people = np.zeros(n, kernels.PERSON)
    people["cell"], people["following"], people["state"] = cell, kernels.NOWHERE, kernels.OFFICER
    people["state"][:n_citizens] = kernels.QUIET
    places, cell_at = np.empty((n_cells, 4), np.int32), np.empty(width * width, np.int32)
    kernels.find_places(variant.size, variant.margin, places, cell_at)
    lattice = Lattice(
        code=np.zeros(width * width, np.uint8 if variant.bits == 2 else np.uint32), places=places, cell_at=cell_at,
        head=np.full(n_cells, kernels.NOWHERE, np.int32), people=people, offsets=np.array(view, np.int64),
        order=np.arange(n, dtype=np.int32), empty_cells=np.zeros(len(view), np.int64),
        n_empty=np.array([n_cells], np.int64),
    )  # fmt: skip
    kernels.settle(lattice, variant, float(value_at(parameters.epstein.legitimacy, 0) or 0.0))
    return lattice, variant


def make_stepper(parameters: EpsteinParameters) -> Stepper:
    """Return the engine that the parameters name, before its first step; Mesa is imported only where asked for."""
    lattice, variant = build(parameters)
    if parameters.engine == "mesa":
        from sim.classics.epstein.mesa import MesaStepper

        return MesaStepper(lattice, variant, cells_in_view(parameters.epstein))
    return CompiledStepper(lattice, variant)


# --- running ---


def officers_left(parameters: EpsteinParameters, n_officers: int, step: int) -> int:
    """Return how many officers the schedule leaves at a step."""
    scheduled = value_at(parameters.epstein.officer_schedule, step)
    return n_officers if scheduled is None else min(n_officers, int(scheduled))


def run(parameters: EpsteinParameters, progress: Callable[[int, int], None] | None = None) -> ClassicResult:
    """Run Epstein's model I.

    Parameters
    ----------
    parameters : EpsteinParameters
        From ``experiments.load_scenario``.
    progress : callable, optional
        Called with (steps done, steps) after every step.
    """
    began = time.perf_counter()
    stepper = make_stepper(parameters)
    first = np.zeros(len(CURVES))
    stepper.count(first)
    n_agents, n_officers = int(first[:4].sum()), int(first[3])
    built, cpu = time.perf_counter(), time.process_time()
    rows, keeper = np.zeros((parameters.steps, len(CURVES))), Keeper(parameters.steps)
    for step in range(parameters.steps):
        legitimacy = float(value_at(parameters.epstein.legitimacy, step) or 0.0)
        stepper.take_step(legitimacy, officers_left(parameters, n_officers, step), step)
        stepper.count(rows[step])
        keeper.look(step, float(rows[step, 0]), stepper.cells)
        if progress is not None:
            progress(step + 1, parameters.steps)
    wall, cpu = time.perf_counter() - built, time.process_time() - cpu
    curves = {name: rows[:, k].copy() for k, name in enumerate(CURVES)}
    return ClassicResult(parameters, parameters.steps, curves, CURVES, {
        "engine": stepper.name, "agents": n_agents, "steps": parameters.steps * n_agents, "wall_seconds": wall,
        "cpu_seconds": cpu, "build_seconds": built - began,
        "agent_steps_per_second": parameters.steps * n_agents / wall,
    }, keeper.kept)  # fmt: skip
