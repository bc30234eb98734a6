"""Runs a scenario from hour 0 to its end."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sim.collect import collect
from sim.errors import InputError, not_allowed
from sim.hour.observables import make_observer
from sim.hour.step import Engine, get_ready, step
from sim.parameters import Frozen, Parameters
from sim.results import Result
from sim.rulebook import Rulebook
from sim.state import State, check_start, go_on, take_state
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
    start: State | None = None,
    save_state: Iterable[int] = (),
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
    start : State, optional
        Go on from here (`sim.state`): the result is that of a run which was never interrupted. Settings that differ
        from the state's act from its hour on; of seed, people and past none may.
    save_state : iterable of int
        Hours before which the state is kept, for `Result.state`; the scenario's length keeps it at the end.

    Returns
    -------
    Result or ClassicResult

    Raises
    ------
    InputError
        On anything wrong in the scenario's data files, or a `start` that does not belong to the parameters.
    """
    if not isinstance(parameters, Frozen):
        raise not_allowed("", "parameters", repr(parameters), "what load_scenario(NAME) returns")
    if seed is not None:
        parameters = parameters.model_copy(update={"seed": seed})
    if not isinstance(parameters, Parameters):
        if start is not None or save_state:
            raise InputError("start and save_state are not allowed: a classic has no state to go on from")
        return _run_classic(parameters, progress, rules)
    hours = _hours_to_save(parameters, start, save_state)
    with Rulebook(rules) as rulebook:
        return _run(parameters, progress, rulebook.names, space, start, hours)


def _run_classic(parameters: Any, progress: Callable[[int, int], None] | None, rules: Any) -> Any:
    """Run a published model as it was published: no rule of it is replaced."""
    from sim.classics.registry import runner

    if rules:
        raise InputError("rules are not allowed: those of a classic cannot be replaced, its variants are options")
    return runner(parameters.scenario.model)(parameters, progress)


def _hours_to_save(parameters: Parameters, start: State | None, save_state: Iterable[int]) -> set[int]:
    """Check where a run starts and where its state is wanted, before anything is built."""
    hours, first = set(save_state), 1
    if start is not None:
        check_start(start, parameters)
        first = start.hour + 1
    for hour in sorted(hours):
        if not first <= hour <= parameters.hours:
            raise not_allowed("", "save_state", hour, f"hours from {first} to {parameters.hours}")
    return hours


def _run(
    parameters: Parameters,
    progress: Callable[[int, int], None] | None,
    replaced_rules: list[str],
    space: bool,
    start: State | None,
    save_state: set[int],
) -> Result:
    """Build, get ready, step to the end, and time it."""
    if space and start is not None:
        raise InputError("space=true is not allowed: a run that goes on from a state knows not who was where before")
    began = time.perf_counter()
    world = build_world(parameters)
    engine = make_engine(world)
    get_ready(world, engine)
    observer = make_observer(world, parameters.hours, space)
    if start is not None:
        go_on(start, world, observer)
    built, first, states = time.perf_counter(), world.hour, {}
    cpu = time.process_time()
    for hour in range(first, parameters.hours):
        step(world, engine, observer)
        if hour + 1 in save_state:
            states[hour + 1] = take_state(world, observer)
        if progress is not None:
            progress(hour + 1, parameters.hours)
    wall, cpu = time.perf_counter() - built, time.process_time() - cpu
    world.threads.close()
    steps = (parameters.hours - first) * world.n_agents
    return collect(world, observer, {
        "engine": engine.name, "agents": world.n_agents, "steps": steps, "wall_seconds": wall, "cpu_seconds": cpu,
        "build_seconds": built - began, "agent_steps_per_second": steps / wall, "replaced_rules": replaced_rules,
    }, states)  # fmt: skip
