"""Say of what the time of a small run is made: CPU milliseconds a run, the parts and each compiled pass.

    uv run python docs/small_runs_parts.py persons_per_agent=2000
    uv run python docs/small_runs_parts.py scenario=minsk_autumn_2020 persons_per_agent=200

Medians over seeds; a pass that takes less than a fiftieth of the run is counted with the others.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections import defaultdict
from typing import Any

from agents.compiled.rule import OnDemand
from experiments.settings.read import read_settings
from sim import run

SEEDS = range(1, 16)
CALL = OnDemand.__call__
took: dict[str, float] = defaultdict(float)


def timed(self: Any, *values: Any, **named: Any) -> Any:
    """Call a compiled pass and keep its time."""
    before = time.thread_time()
    result = CALL(self, *values, **named)
    took[self.__name__] += time.thread_time() - before
    return result


def main() -> None:
    """Time the runs, once as they are and once with a clock around each pass."""
    words = sys.argv[1:]
    named = words if any(word.startswith("scenario=") for word in words) else ["scenario=minsk_2020", *words]
    parameters = read_settings(named).parameters
    run(parameters, seed=0)  # compiled before it is timed
    whole, built, passes = [], [], []
    for seed in SEEDS:
        before = time.process_time()
        result = run(parameters, seed=seed)
        whole.append(time.process_time() - before)
        built.append(whole[-1] - result.stats["cpu_seconds"])
    OnDemand.__call__ = timed  # type: ignore[method-assign]
    for seed in SEEDS:
        took.clear()
        run(parameters, seed=seed)
        passes.append(dict(took))
    total = statistics.median(whole)
    parts = {name: statistics.median(each.get(name, 0.0) for each in passes) for name in set().union(*passes)}
    print(f"{1000 * total:7.1f} ms a run, {1000 * statistics.median(built):.1f} of it before hour 0 or after the last")
    for name, seconds in sorted(parts.items(), key=lambda item: -item[1]):
        if seconds > total / 50:
            print(f"{1000 * seconds:7.1f} {name}")
    others = sum(seconds for seconds in parts.values() if seconds <= total / 50)
    print(f"{1000 * others:7.1f} other passes\n{1000 * (total - sum(parts.values())):7.1f} Python")


if __name__ == "__main__":
    sys.exit(main())
