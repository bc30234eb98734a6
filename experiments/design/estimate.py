"""How long a run takes and how large it is, roughly, without running it."""

from __future__ import annotations

from typing import Any

SECONDS_PER_CITY_HOUR = 1.0e-4
SECONDS_PER_AGENT_HOUR = 3.3e-8
SECONDS_PER_CLASSIC_CELL_STEP = 2.5e-7
BYTES_PER_ROW = 75.0  # of one city and hour, or of one step, compressed


def seconds_of_run(parameters: Any) -> float:
    """Return the seconds that a run takes on one thread of an ordinary machine; right within a factor of two or so."""
    if not hasattr(parameters, "hours"):
        size = getattr(getattr(parameters, parameters.scenario.model, None), "size", 40)
        return parameters.steps * size**2 * SECONDS_PER_CLASSIC_CELL_STEP
    from sim.inputs.city import load_cities
    from sim.world.world import data_folder

    cities = load_cities(data_folder(parameters), parameters.scenario.cities)
    n_agents = sum(city.adults / parameters.persons_per_agent + city.street_officers / parameters.staff_per_agent
                   for city in cities)  # fmt: skip
    slower = 200.0 if parameters.engine == "mesa" else 1.0
    steps = len(cities) * SECONDS_PER_CITY_HOUR + n_agents * SECONDS_PER_AGENT_HOUR
    return slower * parameters.hours * steps


def bytes_of_run(parameters: Any) -> float:
    """Return the bytes that a run takes on the disk."""
    if not hasattr(parameters, "hours"):
        return parameters.steps * BYTES_PER_ROW / 4
    return parameters.hours * len(parameters.scenario.cities) * BYTES_PER_ROW


def some_runs(n_runs: int, most: int = 20) -> range:
    """Return some runs from all over a design."""
    return range(0, n_runs, max(1, n_runs // most))


def seconds_of_sweep(plan: Any) -> float:
    """Return the seconds that all runs of a plan take one after the other."""
    some = some_runs(plan.n_runs)
    return plan.n_runs * sum(seconds_of_run(plan.parameters_of(run)) for run in some) / len(some)
