"""Time Epstein's model I here and in Mesa's own example, side by side: one JSON line each.

    uv run python docs/classics_bench.py [--sizes 40 200 1000] [--mesa-sizes 40 200]

One thread, vision 7, von Neumann neighbourhood, exact sequential schedule, the parameters of Mesa's example
(scenario civil_violence_mesa) and, ours alone, the defaults of epstein_2002. Mesa's data collector is switched off;
five steps go before, which fill its caches of neighbourhoods.
"""

from __future__ import annotations

import argparse
import json
import time
import warnings
from collections.abc import Callable

from experiments import load_scenario
from sim.classics.epstein.model import make_stepper

WARM_UP = 5


def timed(step: Callable[[], None], n_agents: int, least_seconds: float) -> dict[str, float]:
    """Take steps for some seconds; return agents' steps by CPU second."""
    for _ in range(WARM_UP):
        step()
    begun, n_steps = time.process_time(), 0
    while time.process_time() - begun < least_seconds:
        step()
        n_steps += 1
    seconds = time.process_time() - begun
    return {"agents": n_agents, "steps": n_steps, "agent_steps_per_cpu_second": round(n_agents * n_steps / seconds)}


def ours(scenario: str, size: int, least_seconds: float) -> dict[str, float]:
    """Time the compiled engine."""
    stepper = make_stepper(load_scenario(scenario, f"epstein.size={size}"))
    people, n_done = stepper.lattice.people, iter(range(1_000_000_000))  # type: ignore[attr-defined]
    legitimacy = 0.8 if scenario == "civil_violence_mesa" else 0.82
    return timed(lambda: stepper.take_step(legitimacy, len(people), next(n_done)), len(people), least_seconds)


def mesa_example(size: int, least_seconds: float) -> dict[str, float]:
    """Time Mesa's example."""
    from mesa.examples.advanced.epstein_civil_violence.model import EpsteinCivilViolence, EpsteinScenario

    scenario = EpsteinScenario(rng=1, max_iters=10**9)
    model = EpsteinCivilViolence(width=size, height=size, scenario=scenario)
    model.datacollector = type("Silent", (), {"collect": lambda self, model: None})()
    return timed(model.step, len(model.agents), least_seconds)


def main() -> None:
    """Print one line for each."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--sizes", type=int, nargs="*", default=[40, 200, 1000])
    parser.add_argument("--mesa-sizes", type=int, nargs="*", default=[40, 200])
    parser.add_argument("--seconds", type=float, default=2.0)
    arguments = parser.parse_args()
    warnings.simplefilter("ignore", FutureWarning)
    for size in arguments.sizes:
        reference = mesa_example(size, arguments.seconds) if size in arguments.mesa_sizes else None
        if reference:
            print(json.dumps({"tool": "mesa example", "size": size, **reference}), flush=True)
        for scenario in ("civil_violence_mesa", "epstein_2002"):
            found = ours(scenario, size, arguments.seconds)
            if reference and scenario == "civil_violence_mesa":
                found["times"] = round(found["agent_steps_per_cpu_second"] / reference["agent_steps_per_cpu_second"])
            print(json.dumps({"tool": f"ploshcha {scenario}", "size": size, **found}), flush=True)


if __name__ == "__main__":
    main()
