"""``ploshcha bench``: how fast the engines step, one JSON line per case."""

from __future__ import annotations

import csv
import json
import math
import mmap
import multiprocessing
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from experiments.executors.dispatch import end_if_repeated
from experiments.settings.read import OF_THE_RUN, read_settings
from sim.errors import InputError, not_allowed

try:
    import resource
except ImportError:  # Windows, which tells no peak
    resource = None  # type: ignore[assignment]

SCENARIO = "minsk_2020"
SMALLEST, LARGEST = 1_000, 30_000_000
FALL = 0.1  # of agent-steps per reference loop that `check` lets pass
PEER_SIZE, PEER_STEPS = 40, 60

HELP = """\
usage: ploshcha bench [agents=N,N,...] [engines=compiled,mesa] [peer=true]
       [check=FILE] [name=value ...]

Time the stepping loop of the whole model, all mechanisms on; print one JSON
line per case. agent_steps_per_cpu_second counts all hours,
occasion_agent_steps_per_cpu_second only those in which people had something to
decide: most hours are idle. Each case runs in a process of its own; kernels are
compiled before. reference_s is the CPU seconds of a small fixed loop, timed
right before and after the case: it tells how fast the machine is just then.

settings
  agents=N,N,...   citizens of a Minsk of that size (default 100000,1000000; at
                   most 30000000)
  engines=E,E      default compiled
  check=FILE       lines that an earlier bench printed (of another commit, say):
                   exit 1 if agent-steps per reference loop have fallen by more
                   than 10 %
  peer=true        also time Mesa's own civil-violence example (40 x 40) in the
                   same run
  name=value       any override of `ploshcha run`, such as threads=2 or
                   ties.home_radius_cells=30
"""


def main(arguments: Sequence[str]) -> int:
    """Run the command; return the exit code."""
    if any(word in ("-h", "--help") for word in arguments):
        print(HELP, end="")
        return 0
    end_if_repeated()
    own = {"agents": "100000,1000000", "engines": "compiled", "peer": "false", "check": ""}
    rest = []
    for word in arguments:
        name, equals, value = word.partition("=")
        if equals and name in own:
            own[name] = value
        elif name in OF_THE_RUN:
            raise not_allowed("", name, value, "none: a benchmark writes nothing")
        else:
            rest.append(word)
    sizes, engines = _sizes(own["agents"]), own["engines"].split(",")
    for engine in engines:
        read_settings([f"scenario={SCENARIO}", f"engine={engine}", *rest])
    before = _earlier(own["check"]) if own["check"] else {}
    fallen = 0
    for line in cases(sizes, engines, rest, _truth(own["peer"])):
        print(json.dumps(line), flush=True)
        ratio = _steps_per_loop(line) / before[_case(line)] if _case(line) in before else math.inf
        if ratio < 1.0 - FALL:
            print(f"{line['engine']}, {line['agents']} agents: {ratio:.2f} times the agent-steps per reference loop of "
                  f"{own['check']}", file=sys.stderr)  # fmt: skip
            fallen += 1
    return int(fallen > 0)


def _earlier(file: str) -> dict[tuple, float]:
    """Return agent-steps per reference loop by case, of lines that a bench printed before."""
    try:
        lines = [json.loads(line) for line in Path(file).read_text(encoding="utf-8").splitlines() if line]
        return {_case(line): _steps_per_loop(line) for line in lines}
    except (OSError, ValueError, KeyError, TypeError):
        raise not_allowed("", "check", file, "a file of lines that ploshcha bench printed") from None


def _case(line: dict[str, Any]) -> tuple:
    """Return what two lines must share to be compared."""
    return line["engine"], line["scenario"], line["agents"], line.get("threads"), tuple(line.get("overrides", ()))


def _steps_per_loop(line: dict[str, Any]) -> float:
    """Return the agent-steps of occasion hours in the CPU time of a reference loop."""
    return float(line["occasion_agent_steps_per_cpu_second"]) * float(line["reference_s"])


def reference_loop() -> float:
    """Return the CPU seconds of a fixed piece of work: random reads from 16 MB, square roots, additions in Python."""
    import numpy as np

    values = np.arange(2_000_000, dtype=float)
    where = (np.arange(1_000_000) * 1_234_577) % len(values)
    began, total = time.process_time(), 0
    for _ in range(5):
        np.sqrt(values[where]).sum()
    for k in range(300_000):
        total += k & 7
    return time.process_time() - began


def timed_with_reference(function: Callable[..., dict[str, Any]], values: tuple) -> dict[str, Any]:
    """Time a case, and the reference loop before and after it; `reference_s` is the mean."""
    before = reference_loop()
    line = function(*values)
    return line | {"reference_s": round(0.5 * (before + reference_loop()), 5)}


def _sizes(text: str) -> list[int]:
    """Return the numbers of citizens asked for."""
    sizes = []
    for word in text.split(","):
        try:
            size = int(float(word))
        except (ValueError, OverflowError):
            size = 0
        if not SMALLEST <= size <= LARGEST:
            raise not_allowed("", "agents", word, f"whole numbers from {SMALLEST} to {LARGEST}")
        sizes.append(size)
    return sizes


def _truth(text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise not_allowed("", "peer", text, "true or false", ("true", "false"))
    return text.lower() == "true"


def cases(sizes: Sequence[int], engines: Sequence[str], rest: Sequence[str], peer: bool) -> Iterator[dict[str, Any]]:
    """Time every case in a process of its own."""
    spawn = multiprocessing.get_context("spawn")
    work = [(time_city, (size, engine, tuple(rest))) for engine in engines for size in sizes]
    for function, values in work + ([(time_peer, ())] if peer else []):
        with spawn.Pool(1) as pool:
            yield pool.apply(timed_with_reference, (function, values))


def time_city(size: int, engine: str, rest: Sequence[str]) -> dict[str, Any]:
    """Build a Minsk of `size` citizens and step it through its hours."""
    with tempfile.TemporaryDirectory() as folder:
        scale = [f"persons_per_agent={_prepare(Path(folder), size)}", f"scenario.data={folder}"]
        parameters = read_settings([f"scenario={SCENARIO}", f"engine={engine}", *scale, *rest]).parameters
        from sim.hour.observables import make_observer
        from sim.hour.step import get_ready, step
        from sim.simulation import make_engine
        from sim.world.world import build_world

        _build_once(parameters)
        before = _resident()
        began = time.perf_counter()
        world = build_world(parameters)
        built = time.perf_counter()
        engine_of_world = make_engine(world)
        get_ready(world, engine_of_world)
        observer = make_observer(world, parameters.hours)
        ready = time.perf_counter()
        clock, phases = {"occasion": 0.0, "idle": 0.0}, _timed_phases(engine_of_world)
        first, occasions, cpu_start, wall_start = 0.0, 0, time.process_time(), time.perf_counter()
        for hour in range(parameters.hours):
            began_hour = time.process_time()
            step(world, engine_of_world, observer)
            is_occasion = bool(world.signals["is_active"].any())
            occasions += is_occasion
            clock["occasion" if is_occasion else "idle"] += time.process_time() - began_hour
            if hour == 0:
                first = time.perf_counter() - ready
        cpu, wall = time.process_time() - cpu_start, time.perf_counter() - wall_start
        n, steps = world.n_agents, world.n_agents * parameters.hours
        return {
            "engine": engine, "scenario": SCENARIO, "agents": n, "steps": parameters.hours,
            "threads": parameters.threads, "overrides": list(rest),
            "agent_steps_per_second": round(steps / wall), "agent_steps_per_cpu_second": round(steps / cpu),
            "occasion_agent_steps_per_cpu_second": round(n * occasions / max(clock["occasion"], 1e-9)),
            "occasion_hours": occasions, "first_step_s": round(first, 4), "build_s": round(built - began, 3),
            "agents_built_per_second": round(n / (built - began)), "wall_s": round(wall, 3), "cpu_s": round(cpu, 3),
            "state_bytes_per_agent": round(_state_bytes(world) / n, 1),
            "peak_bytes_per_agent": None if resource is None else round((_peak() - before) / n, 1),
            "cpu_share": {name: round(seconds / cpu, 3) for name, seconds in phases.items()},
        }  # fmt: skip


PHASES = ("announce", "begin_day", "release", "perceive", "choose", "move", "deploy", "police", "defect", "dismiss")


def _timed_phases(engine: Any) -> dict[str, float]:
    """Let an engine add up the CPU seconds of its phases; the rest of a step is counting and the city's part."""
    seconds = dict.fromkeys(PHASES, 0.0)

    def timed(name: str, phase: Callable[..., Any]) -> Callable[..., Any]:
        def run_phase(*values: Any) -> Any:
            began = time.process_time()
            found = phase(*values)
            seconds[name] += time.process_time() - began
            return found

        return run_phase

    for name in PHASES:
        setattr(engine, name, timed(name, getattr(engine, name)))
    return seconds


def _build_once(parameters: Any) -> None:
    """Compile or load what builds a population, on a small one, so that the build is timed and not the compiler."""
    from sim.world.world import build_world

    build_world(parameters.model_copy(update={"persons_per_agent": 100_000.0}))


def _prepare(folder: Path, size: int) -> float:
    """Copy the data with a population that gives `size` citizens; return the persons per agent."""
    from sim.inputs.city import load_cities
    from sim.world.world import data_folder

    settings = read_settings([f"scenario={SCENARIO}"]).parameters
    source = data_folder(settings)
    adults = load_cities(source, settings.scenario.cities)[0].adults
    factor = max(1.0, size / adults)
    for path in source.glob("*.csv"):
        rows = list(csv.DictReader(path.open(encoding="utf-8")))
        for row in rows:
            if path.name == "cities.csv" and row["quantity"] in ("population", "country_adults"):
                row["value"] = str(round(float(row["value"]) * factor))
        with (folder / path.name).open("w", encoding="utf-8", newline="") as handle:
            writer = csv.DictWriter(handle, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    return max(1.0, adults / size)


def _state_bytes(world: Any) -> int:
    """Return the bytes of all columns, ties and grids."""
    tables = (world.citizens, world.officers, world.officials)
    columns = sum(column.nbytes for table in tables for column in table)
    grid = world.grid
    return columns + sum(part.nbytes for part in (grid.n_home, grid.n_block, grid.n_out, grid.out_block)) + sum(
        weights.nbytes for weights in grid.site_weights)  # fmt: skip


def _peak() -> int:
    """Return the largest resident memory of the process so far, bytes; 0 where the system does not tell."""
    if resource is None:
        return 0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def _resident() -> int:
    """Return the resident memory now, bytes; the peak so far where the system does not tell."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * mmap.PAGESIZE
    except (OSError, IndexError, ValueError):
        return _peak()


def time_peer() -> dict[str, Any]:
    """Time Mesa's own civil-violence example: its model alone, without its data collector."""
    try:
        from mesa.examples.advanced.epstein_civil_violence.model import EpsteinCivilViolence, EpsteinScenario
    except ImportError as error:
        raise InputError(f"peer=true is not allowed: this Mesa has no civil-violence example ({error})") from None
    model = EpsteinCivilViolence(width=PEER_SIZE, height=PEER_SIZE,
                                 scenario=EpsteinScenario(rng=42, max_iters=10**9))  # fmt: skip
    model.datacollector.collect = lambda *_: None
    for _ in range(5):  # fills the neighbourhood caches of its cells
        model.step()
    began, cpu = time.perf_counter(), time.process_time()
    for _ in range(PEER_STEPS):
        model.step()
    wall, cpu = time.perf_counter() - began, time.process_time() - cpu
    n = len(model.agents)
    return {
        "engine": "mesa example", "scenario": f"civil violence {PEER_SIZE}x{PEER_SIZE}", "agents": n,
        "steps": PEER_STEPS, "agent_steps_per_second": round(n * PEER_STEPS / wall),
        "agent_steps_per_cpu_second": round(n * PEER_STEPS / cpu),
        "occasion_agent_steps_per_cpu_second": round(n * PEER_STEPS / cpu), "first_step_s": None,
    }  # fmt: skip
