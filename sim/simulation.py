"""Runs a scenario from hour 0 to its end."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from sim.collect import collect
from sim.errors import InputError
from sim.hour.observables import make_observer
from sim.hour.step import Engine, get_ready, step
from sim.parameters import Parameters
from sim.results import Result
from sim.rulebook import Rulebook
from sim.world.world import World, build_world


def make_engine(world: World) -> Engine:
    """Return the engine that the parameters name; Mesa is imported only where it is asked for."""
    if world.parameters.engine == "mesa":
        from sim.model import ProtestModel

        return ProtestModel.of_world(world).engine
    from sim.engines.compiled import CompiledEngine

    return CompiledEngine(world)


def run(
    parameters: Any,
    seed: int | None = None,
    progress: Callable[[int, int], None] | None = None,
    rules: Mapping[str, Callable] | None = None,
    space: bool = False,
) -> Any:
    """Run a scenario: cities, or a classic.

    Parameters
    ----------
    parameters : Parameters or ClassicParameters
        From ``experiments.load_scenario``.
    seed : int, optional
        Replaces the seed of the parameters.
    progress : callable, optional
        Called with (hours done, hours) after every step.
    rules : mapping of str to callable, optional
        Your own rules in place of shipped ones, such as ``{"anger.anger_next": mine}`` (see `sim.rulebook`).
    space : bool
        Also collect who is where in each hour (`Result.space`); changes no result. A classic has no map.

    Returns
    -------
    Result or ClassicResult

    Raises
    ------
    InputError
        On anything wrong in the scenario's data files.
    """
    if seed is not None:
        parameters = parameters.model_copy(update={"seed": seed})
    if not isinstance(parameters, Parameters):
        return _run_classic(parameters, progress, rules)
    with Rulebook(rules) as rulebook:
        return _run(parameters, progress, rulebook.names, space)


def _run_classic(parameters: Any, progress: Callable[[int, int], None] | None, rules: Any) -> Any:
    """Run a published model as it was published: no rule of it is replaced."""
    from sim.classics.registry import runner

    if rules:
        raise InputError("rules are not allowed: those of a classic cannot be replaced, its variants are options")
    return runner(parameters.scenario.model)(parameters, progress)


def _run(
    parameters: Parameters, progress: Callable[[int, int], None] | None, replaced_rules: list[str], space: bool
) -> Result:
    """Build, get ready, step to the end, and time it."""
    began = time.perf_counter()
    world = build_world(parameters)
    engine = make_engine(world)
    get_ready(world, engine)
    observer = make_observer(world, parameters.hours, space)
    built = time.perf_counter()
    cpu = time.process_time()
    for hour in range(parameters.hours):
        step(world, engine, observer)
        if progress is not None:
            progress(hour + 1, parameters.hours)
    wall, cpu = time.perf_counter() - built, time.process_time() - cpu
    world.threads.close()
    steps = parameters.hours * world.n_agents
    return collect(world, observer, {
        "engine": engine.name, "agents": world.n_agents, "steps": steps, "wall_seconds": wall, "cpu_seconds": cpu,
        "build_seconds": built - began, "agent_steps_per_second": steps / wall, "replaced_rules": replaced_rules,
    })  # fmt: skip
