"""Time runs of Minsk's week against another checkout, in turns, seed by seed: the table of docs/performance.md.

    git worktree add ../old dc9d50e && (cd ../old && uv sync)
    uv run python docs/small_runs_bench.py ../old

Prints, for each size of run, the median over seeds of other / this in CPU seconds, and the quietest run of this; the
last row is of the whole command ``ploshcha run`` at 400 persons an agent, with start and figure, bytecode cached.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

RUNNER = """
import sys, time
from experiments import load_scenario
from sim import run
parameters = load_scenario("minsk_2020", *sys.argv[1:])
run(parameters, seed=0)  # compiled before it is timed
for line in sys.stdin:
    before = time.process_time()
    run(parameters, seed=int(line))
    print(time.process_time() - before, flush=True)
"""
WHOLE = "the whole command"
SIZES = {
    "200": ["persons_per_agent=200"],
    "2,000": ["persons_per_agent=2000"],
    "200, staff 20": ["persons_per_agent=200", "staff_per_agent=20"],
    "2,000, staff 20": ["persons_per_agent=2000", "staff_per_agent=20"],
    "1": ["persons_per_agent=1"],
    WHOLE: ["persons_per_agent=400"],
}
KEPT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
SINCE = ("staff_per_agent",)  # settings that the other checkout may not have


class Runner:
    """A process of one checkout that runs the seeds that it is told."""

    def __init__(self, checkout: Path, words: list[str]):
        python = checkout / ".venv" / "bin" / "python"
        self.process = subprocess.Popen(
            [python, "-c", RUNNER, *words], cwd=checkout, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def seconds(self, seed: int) -> float:
        """Run one seed; return its CPU seconds."""
        print(seed, file=self.process.stdin, flush=True)
        return float(self.process.stdout.readline())

    def end(self) -> None:
        """End the process."""
        self.process.kill()


class Command:
    """The command of one checkout, in a process of its own for each seed."""

    def __init__(self, checkout: Path, words: list[str]):
        self.words = [str(checkout / ".venv" / "bin" / "ploshcha"), "run", "scenario=minsk_2020", *words]
        self.seconds(0)  # compiled before it is timed

    def seconds(self, seed: int) -> float:
        """Run one seed; return its CPU seconds."""
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        with tempfile.TemporaryDirectory() as folder:
            words = [*self.words, f"seed={seed}", f"out={folder}/run"]
            subprocess.run(words, check=True, capture_output=True, env=KEPT)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime

    def end(self) -> None:
        """Nothing is left to end."""


def main() -> None:
    """Time each size in pairs and print a row."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("other", type=Path)
    parser.add_argument("--pairs", type=int, default=15)
    parser.add_argument("--only", help="one of the sizes, such as 200")
    words = parser.parse_args()
    for name, settings in SIZES.items():
        if words.only not in (None, name):
            continue
        kind = Command if name == WHOLE else Runner
        ours = kind(Path.cwd(), settings)
        theirs = kind(words.other.absolute(), [word for word in settings if not word.startswith(SINCE)])
        pairs = [(theirs.seconds(seed), ours.seconds(seed)) for seed in range(1, words.pairs + 1)]
        ratio = statistics.median(other / own for other, own in pairs)
        print(f"{name:20s} {ratio:5.2f} times as fast, {min(own for _, own in pairs):6.2f} s", flush=True)
        for runner in (ours, theirs):
            runner.end()


if __name__ == "__main__":
    sys.exit(main())
