"""Granovetter (1978), Threshold models of collective behavior, doi:10.1086/226707.

Each person joins once at least as many others are out as the participation threshold says.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from math import erf, sqrt

import numpy as np

from agents import decisions
from agents.compiled.draws import normal
from sim.classics.parameters import ClassicParameters, GranovetterParameters
from sim.classics.results import ClassicResult
from sim.errors import not_allowed

CURVES = {"protesting": ("persons", "taking part"), "quiet": ("persons", "not taking part")}


def joined(participation_thresholds: np.ndarray, n_out: float) -> int:
    """Return how many would take part if `n_out` persons did: those whose threshold is reached."""
    return int((participation_thresholds <= n_out).sum())


def cascade(participation_thresholds: np.ndarray, steps: int) -> np.ndarray:
    """Return how many take part after each step, from nobody on, int64 (steps,)."""
    found, n_out = np.zeros(steps, np.int64), 0
    for step in range(steps):
        n_out = joined(participation_thresholds, n_out)
        found[step] = n_out
    return found


def equilibrium(participation_thresholds: np.ndarray) -> int:
    """Return how many take part in the end, from nobody on: all before the first who waits for more than there are."""
    stays = np.sort(participation_thresholds) > np.arange(len(participation_thresholds))
    return int(stays.argmax()) if stays.any() else len(stays)


def equilibrium_share(mean: float, sd: float, n_steps: int = 100_000) -> float:
    """Return the share that takes part in the end in a large crowd with normal thresholds, as shares of it."""
    share = 0.0
    for _ in range(n_steps):
        new = 0.5 * (1.0 + erf((share - mean) / (sd * sqrt(2.0))))
        if abs(new - share) < 1e-12:
            break
        share = new
    return share


def draw_thresholds(parameters: GranovetterParameters) -> np.ndarray:
    """Return the participation thresholds of a run, persons, float64."""
    options, seed = parameters.granovetter, parameters.seed
    if options.distribution == "listed":
        if not options.listed:
            raise not_allowed("", "granovetter.listed", [], "participation thresholds, at least one")
        return np.array(options.listed)
    if options.distribution == "uniform":
        return np.arange(options.n_people, dtype=np.float64)
    luck = [normal(seed, decisions.GRANOVETTER_THRESHOLD, person, 0) for person in range(options.n_people)]
    return options.mean + options.sd * np.array(luck)


def finish(parameters: ClassicParameters, curves: Mapping[str, np.ndarray], units: dict, began: float) -> ClassicResult:
    """Return the result of a run that is over in an instant."""
    wall = max(time.perf_counter() - began, 1e-9)
    n_agents = int(sum(values[0] for name, values in curves.items() if units[name][0] == "persons"))
    columns = {name: np.asarray(values, dtype=np.float64) for name, values in curves.items()}
    stats = {"engine": parameters.engine, "agents": n_agents, "steps": n_agents * parameters.steps,
             "wall_seconds": wall, "cpu_seconds": wall, "build_seconds": 0.0,
             "agent_steps_per_second": n_agents * parameters.steps / wall}  # fmt: skip
    return ClassicResult(parameters, parameters.steps, columns, units, stats)


def cascade_by(engine: str) -> Callable[[np.ndarray, int], np.ndarray]:
    """Return `cascade` of an engine; Mesa is imported only where asked for."""
    if engine == "mesa":
        from sim.classics import crowd_mesa

        return crowd_mesa.cascade
    return cascade


def run(parameters: GranovetterParameters, progress: Callable[[int, int], None] | None = None) -> ClassicResult:
    """Run Granovetter's model."""
    began = time.perf_counter()
    participation_thresholds = draw_thresholds(parameters)
    n_out = cascade_by(parameters.engine)(participation_thresholds, parameters.steps)
    curves = {"protesting": n_out, "quiet": len(participation_thresholds) - n_out}
    return finish(parameters, curves, CURVES, began)
