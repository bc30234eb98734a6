"""Siegel (2009), Social networks and collective action, doi:10.1111/j.1540-5907.2008.00361.x.

A person takes part if b > c: b ~ N(b_mean, b_sd) is fixed, c follows the share of one's ties who stayed at home,
c' = lambda c + (1 - lambda) (1 - local participation rate), from c = 1 on; everybody at once. On the complete graph the
share taking part solves x = 1 - Phi((1 - x - b_mean) / b_sd). How the four networks are drawn is ours in its details.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from math import erf, sqrt

import numpy as np

from agents import decisions
from agents.compiled.draws import normal
from sim.classics.granovetter.model import CURVES, finish
from sim.classics.parameters import SiegelParameters
from sim.classics.results import ClassicResult
from sim.classics.siegel.networks import NETWORKS, Pairs, both_ways


def equilibrium_share(motivation_mean: float, motivation_sd: float, n_steps: int = 100_000) -> float:
    """Return the share taking part in the end on a large complete graph, from nobody on."""
    share = 0.0
    for _ in range(n_steps):
        new = 0.5 * (1.0 - erf((1.0 - share - motivation_mean) / (motivation_sd * sqrt(2.0))))
        if abs(new - share) < 1e-12:
            break
        share = new
    return share


def local_participation(is_out: np.ndarray, ties: Pairs | None) -> np.ndarray:
    """Return the share of each person's ties who take part, float64 (n_people,); None: all others; 0 without ties."""
    n = len(is_out)
    if ties is None:
        return (is_out.sum() - is_out) / (n - 1)
    n_ties = np.bincount(ties[0], minlength=n)
    return np.bincount(ties[0], weights=is_out[ties[1]], minlength=n) / np.maximum(n_ties, 1)


def draw_motivation(parameters: SiegelParameters) -> np.ndarray:
    """Return the motivation b of each person, float64 (n_people,)."""
    options, seed = parameters.siegel, parameters.seed
    luck = np.array([normal(seed, decisions.SIEGEL_MOTIVATION, k, 0) for k in range(options.n_people)])
    return options.motivation_mean + options.motivation_sd * luck


def draw_ties(parameters: SiegelParameters) -> Pairs | None:
    """Return the ties of a run, each in both directions; None where all know all."""
    options = parameters.siegel
    if options.network == "complete":
        return None
    rng = np.random.Generator(np.random.Philox(key=[parameters.seed, decisions.SIEGEL_TIES]))
    return both_ways(NETWORKS[options.network](options, rng))


def participation(motivation: np.ndarray, ties: Pairs | None, memory: float, steps: int) -> np.ndarray:
    """Return how many take part after each step, int64 (steps,)."""
    cost, n_out = np.ones(len(motivation)), np.zeros(steps, np.int64)
    for step in range(steps):
        is_out = (motivation > cost).astype(np.float64)
        n_out[step] = is_out.sum()
        cost = memory * cost + (1.0 - memory) * (1.0 - local_participation(is_out, ties))
    return n_out


def participation_by(engine: str) -> Callable[[np.ndarray, Pairs | None, float, int], np.ndarray]:
    """Return `participation` of an engine; Mesa is imported only where asked for."""
    if engine == "mesa":
        from sim.classics import crowd_mesa

        return crowd_mesa.participation
    return participation


def run(parameters: SiegelParameters, progress: Callable[[int, int], None] | None = None) -> ClassicResult:
    """Run Siegel's model."""
    began, options = time.perf_counter(), parameters.siegel
    participate = participation_by(parameters.engine)
    n_out = participate(draw_motivation(parameters), draw_ties(parameters), options.memory, parameters.steps)
    return finish(parameters, {"protesting": n_out, "quiet": options.n_people - n_out}, CURVES, began)
