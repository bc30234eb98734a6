"""How cost and memory grow: agents of a run from 1e4 to 1e7, runs of a sweep from 1 to 1e5, in one figure.

    uv run python docs/growth.py                # times all of it, minutes; writes docs/growth.csv and docs/growth.png
    uv run python docs/growth.py --drawn        # only draws docs/growth.csv again

The agents are a Minsk of that size for a week, all mechanisms on (`ploshcha bench`). The runs are of Mesa's
civil-violence example, 20 x 20 cells for 10 steps: what such a sweep costs is what a sweep itself costs. The limit is
the time to bring the bytes of an agent, each once, from memory at the speed at which NumPy copies them on one core.
"""

from __future__ import annotations

import argparse
import csv
import json
import multiprocessing
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

DOCS = Path(__file__).parent
TABLE, FIGURE = DOCS / "growth.csv", DOCS / "growth.png"
AGENTS = ("1e4", "1e5", "1e6", "1e7")
RUNS = (1, 10, 100, 1_000, 10_000, 100_000)
COMMAND = [sys.executable, "-c", "from experiments.cli import main; raise SystemExit(main())"]
SWEEP = ("scenario=civil_violence_mesa", "epstein.size=20", "steps=10")
COLUMNS = ("what", "n", "wall_s", "cpu_s", "ns_an_agent_step", "bytes_an_agent", "peak_mb", "files", "disk_mb",
           "resume_s", "copied_gb_a_second", "reference_s")  # fmt: skip


def copied() -> float:
    """Return how many bytes a second NumPy copies, reads and writes counted, in units of 1e9."""
    source = np.ones(50_000_000)
    target, best = np.empty_like(source), 0.0
    for _ in range(5):
        begun = time.perf_counter()
        np.copyto(target, source)
        best = max(best, 2 * source.nbytes / (time.perf_counter() - begun))
    return best / 1e9


def apart(function: Callable[[], float]) -> float:
    """Call a function in a process of its own: what is started from a large one counts as large itself."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return float(pool.apply(function))


def of_agents(number: str) -> dict[str, Any]:
    """Step a city of so many citizens through its week."""
    words = [*COMMAND, "bench", f"agents={number}"]
    line = json.loads(subprocess.run(words, check=True, capture_output=True, text=True).stdout)
    return {
        "what": "agents", "n": line["agents"], "wall_s": line["wall_s"], "cpu_s": line["cpu_s"],
        "ns_an_agent_step": round(1e9 / line["occasion_agent_steps_per_cpu_second"], 2),
        "bytes_an_agent": line["state_bytes_per_agent"],
        "peak_mb": round(line["peak_bytes_per_agent"] * line["agents"] / 1e6, 1),
        "copied_gb_a_second": round(apart(copied), 1), "reference_s": line["reference_s"],
    }  # fmt: skip


def of_runs(n: int, folder: Path) -> dict[str, Any]:
    """Run a sweep of so many small runs, start-up and figures included, and look at it once more."""
    words = [*COMMAND, "sweep", *SWEEP, f"replicates={n}", f"out={folder}"]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begun = time.perf_counter()
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - begun
    if status:
        raise SystemExit(f"a sweep of {n} runs failed")
    cpu = resource.getrusage(resource.RUSAGE_CHILDREN)
    begun = time.perf_counter()
    subprocess.run([*COMMAND, "resume", str(folder)], check=True, capture_output=True)
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {
        "what": "runs", "n": n, "wall_s": round(wall, 2),
        "cpu_s": round(cpu.ru_utime + cpu.ru_stime - before.ru_utime - before.ru_stime, 2),
        "peak_mb": round(used.ru_maxrss / 1024, 1), "files": len(files),
        "disk_mb": round(sum(path.stat().st_size for path in files) / 1e6, 2),
        "resume_s": round(time.perf_counter() - begun, 2),
    }  # fmt: skip


def timed() -> None:
    """Time all sizes, and write the table as they come."""
    with TABLE.open("w", encoding="utf-8", newline="") as file, tempfile.TemporaryDirectory() as folder:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        subprocess.run([*COMMAND, "run", *SWEEP, f"out={folder}/warm"], check=True, capture_output=True)  # compiles
        for number in AGENTS:
            writer.writerow(of_agents(number))
            file.flush()
        for n in RUNS:
            writer.writerow(of_runs(n, Path(folder) / str(n)))
            file.flush()


def draw() -> None:
    """Draw the table: time and memory, by agents and by runs, on logarithmic axes."""
    from matplotlib import pyplot as plt

    with TABLE.open(encoding="utf-8") as file:
        rows: list[dict[str, Any]] = [{k: v if k == "what" else float(v or "nan") for k, v in row.items()}
                                      for row in csv.DictReader(file)]  # fmt: skip
    agents, runs = ([row for row in rows if row["what"] == what] for what in ("agents", "runs"))
    plt.rcParams.update({"font.size": 8, "axes.spines.top": False, "axes.spines.right": False})
    figure, axes = plt.subplots(2, 2, figsize=(7, 5), layout="constrained", sharex="col")

    def line(axis: Any, some: list, values: list[float], label: str, **look: Any) -> None:
        axis.loglog([row["n"] for row in some], values, label=label, **({"marker": "o", "ms": 4} | look))

    limit = {"color": "#888888", "ls": "--", "marker": ""}
    line(axes[0, 0], agents, [row["ns_an_agent_step"] for row in agents], "a step of an agent", color="#0072b2")
    line(axes[0, 0], agents, [row["bytes_an_agent"] / row["copied_gb_a_second"] for row in agents],
         "its bytes, once from memory", **limit)  # fmt: skip
    line(axes[1, 0], agents, [row["peak_mb"] for row in agents], "largest, of the process", color="#0072b2")
    line(axes[1, 0], agents, [row["bytes_an_agent"] * row["n"] / 1e6 for row in agents], "columns, ties, grid", **limit)
    line(axes[0, 1], runs, [1e3 * row["cpu_s"] / row["n"] for row in runs], "a run, all included", color="#d55e00")
    line(axes[0, 1], runs, [1e3 * runs[-1]["cpu_s"] / runs[-1]["n"] for _ in runs], "of the largest sweep", **limit)
    line(axes[1, 1], runs, [row["peak_mb"] for row in runs], "largest process", color="#d55e00")
    line(axes[1, 1], runs, [row["disk_mb"] for row in runs], "on disk", color="#009e73")
    for axis, label, unit in zip(
        axes.flat, ("CPU time of an agent-step", "CPU time of a run", "Memory", "Memory and disk"),
        ("ns", "ms", "MB", "MB"), strict=True,
    ):
        axis.set_title(f"{label} ({unit})", loc="left", fontsize=9)
        axis.legend(frameon=False, fontsize=7)
        axis.set_ylim(bottom=axis.get_ylim()[0] / 3, top=axis.get_ylim()[1] * 3)
    axes[1, 0].set_xlabel("agents")
    axes[1, 1].set_xlabel("runs of a sweep")
    figure.savefig(FIGURE, dpi=150)


def main() -> None:
    """Time and draw, or only draw."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--drawn", action="store_true", help="draw the table that is there")
    if not parser.parse_args().drawn:
        timed()
    draw()


if __name__ == "__main__":
    main()
