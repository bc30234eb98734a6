"""Time sweeps: against mesa.batch_run, against a plain loop, and with many small runs. One JSON line each.

    uv run python docs/sweeps_bench.py [batch] [loop] [many] [--repeats 3]

batch : 100 runs x 200 steps of Mesa's civil-violence example at 40x40, all cores, both as commands of their own,
        start-up, files and figures included, taken in turns.
loop : the same runs by a sweep on one process and by a loop over sim.run in this process, in turns.
many : 10,000 small runs on all cores: what a run costs above its own time, the first finished runs, memory.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

MESA = """
import warnings
warnings.simplefilter("ignore")
from mesa.batchrunner import batch_run
from mesa.examples.advanced.epstein_civil_violence.model import EpsteinCivilViolence, EpsteinScenario

class Model(EpsteinCivilViolence):
    def __init__(self, rng=None, **other):
        super().__init__(width=40, height=40, scenario=EpsteinScenario(rng=rng, max_iters=10**9))

if __name__ == "__main__":
    batch_run(Model, parameters={}, rng=list(range(100)), max_steps=200, number_processes=None,
              data_collection_period=1, display_progress=False)
"""
EXAMPLE = ("scenario=civil_violence_mesa", "steps=200", "epstein.activation_threshold=0.1,0.11", "replicates=50")
LOOP = ("scenario=minsk_2020", "persons_per_agent=400", "job_pressure.threat=0.2,0.4", "replicates=25")
SMALL = ("scenario=civil_violence_mesa", "epstein.size=20", "steps=10", "epstein.activation_threshold=0.1,0.11")


def ploshcha(*words: str) -> list[str]:
    """Return the command line of a sweep."""
    return [sys.executable, "-c", "from experiments.cli import main; raise SystemExit(main())", "sweep", *words]


def seconds(command: list[str]) -> float:
    """Run a command to its end; return its wall-clock seconds."""
    begun = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - begun


def batch(folder: Path, repeats: int) -> dict[str, object]:
    """Compare with mesa.batch_run."""
    script = folder / "mesa_batch.py"
    script.write_text(MESA, encoding="utf-8")
    seconds(ploshcha(*EXAMPLE, "steps=1", f"out={folder / 'warm'}"))  # compiles, if need be
    ours, theirs = [], []
    for k in range(repeats):
        ours.append(seconds(ploshcha(*EXAMPLE, f"out={folder / f'batch{k}'}")))
        theirs.append(seconds([sys.executable, str(script)]))
    ratios = [other / own for own, other in zip(ours, theirs, strict=True)]
    return {"what": "batch", "ours_seconds": ours, "mesa_seconds": theirs, "ratio": statistics.median(ratios)}


def loop(folder: Path, repeats: int) -> dict[str, object]:
    """Compare a sweep on one process with a loop over sim.run, start-up left out."""
    from experiments.design.plan import make_plan
    from experiments.one_sweep import compute, summarise
    from sim import run

    kept, ratios, whole = [], [], []
    for k in range(repeats + 1):  # the first warms up
        plan = make_plan([*LOOP, "executor.processes=1", f"out={folder / f'loop{k}'}"])
        parameters = [plan.parameters_of(run).model_copy(update={"threads": 1}) for run in range(plan.n_runs)]
        begun = time.perf_counter()
        for each in parameters:
            kept = [run(each)]
        plain = time.perf_counter() - begun
        begun = time.perf_counter()
        compute(plan, folder / f"loop{k}")
        swept = time.perf_counter() - begun
        begun = time.perf_counter()
        summarise(folder / f"loop{k}", plan)
        drawn = time.perf_counter() - begun
        ratios.append((swept - drawn) / plain)
        whole.append(drawn)
    del kept
    return {"what": "loop", "runs": plan.n_runs, "seconds_a_run": plain / plan.n_runs,
            "ratio": statistics.median(ratios[1:]), "all": ratios[1:],
            "summary_and_figures_seconds": statistics.median(whole[1:])}  # fmt: skip


def many(folder: Path, repeats: int) -> dict[str, object]:
    """Run 10,000 small runs: cost above the run itself, first chunk, peak memory of the parent."""
    import resource

    from experiments.design.plan import make_plan
    from sim import run

    found: dict[str, object] = {"what": "many"}
    plan = make_plan([*SMALL, "replicates=500"])
    run(plan.parameters_of(0))  # compiles, or loads what is compiled
    begun = time.perf_counter()
    for k in range(plan.n_runs):
        run(plan.parameters_of(k))
    alone = (time.perf_counter() - begun) / plan.n_runs
    processes = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    for n in (1_000, 10_000):
        out = folder / f"many{n}"
        begun, first = time.perf_counter(), None
        process = subprocess.Popen(ploshcha(*SMALL, f"replicates={n // 2}", f"out={out}"), stdout=subprocess.DEVNULL)
        while process.poll() is None:
            if first is None and next(out.glob("runs/*.parquet"), None):
                first = time.perf_counter() - begun
            time.sleep(0.02)
        took = time.perf_counter() - begun
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024  # largest of the children so far, MB
        found[f"{n} runs"] = {"seconds": took, "first_result_seconds": first, "peak_mb_a_process": peak,
                              "ms_a_run_above_its_own": 1000 * (took * processes / n - alone)}  # fmt: skip
    return {**found, "ms_of_a_run_alone": 1000 * alone, "processes": processes}


def main() -> None:
    """Print a line for each."""
    parser = argparse.ArgumentParser()
    parser.add_argument("what", nargs="*", default=["batch", "loop", "many"])
    parser.add_argument("--repeats", type=int, default=3)
    arguments = parser.parse_args()
    for name in arguments.what:
        with tempfile.TemporaryDirectory() as folder:
            found = {"batch": batch, "loop": loop, "many": many}[name](Path(folder), arguments.repeats)
        print(json.dumps(found, default=float), flush=True)


if __name__ == "__main__":
    main()
