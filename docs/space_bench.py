"""What ``space=true`` costs: runs with a map and without one, in turns, in CPU seconds.

    uv run python docs/space_bench.py scenario=minsk_2020 persons_per_agent=20

Each pair is one seed, run three times with a map and three times without, in turns, and the quickest of each is taken:
the machine may have other work. Told are medians and quartiles over the pairs, of the simulation alone, and of the
command ``ploshcha run`` with all that it writes.
"""

import resource
import statistics
import subprocess
import sys
import tempfile
import time

from experiments.settings.read import read_settings
from sim import run

PAIRS, TURNS = 9, 3


def simulation(words: list[str], seed: int, space: bool) -> float:
    """Return the CPU seconds of a simulation."""
    parameters = read_settings(words).parameters
    begun = time.process_time()
    run(parameters, seed=seed, space=space)
    return time.process_time() - begun


def command(words: list[str], seed: int, space: bool) -> float:
    """Return the CPU seconds of the command."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with tempfile.TemporaryDirectory() as place:
        own = [f"seed={seed}", f"space={str(space).lower()}", f"out={place}/run"]
        subprocess.run([sys.executable, "-m", "ploshcha", "run", *words, *own], check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def main(words: list[str]) -> None:
    """Time the pairs and print their ratios."""
    for seconds in (simulation, command):
        seconds(words, 0, True)  # compiles
        ratios = []
        for seed in range(1, PAIRS + 1):
            turns = [[seconds(words, seed, space) for space in (True, False)] for _ in range(TURNS)]
            with_map, without = (min(times) for times in zip(*turns, strict=True))
            ratios.append(with_map / without)
        low, middle, high = statistics.quantiles(ratios, n=4)
        print(f"{seconds.__name__}: {middle:.3f} times the CPU seconds of a run without a map, quartiles {low:.3f} and "
              f"{high:.3f}, {PAIRS} pairs", flush=True)  # fmt: skip


if __name__ == "__main__":
    main(sys.argv[1:])
