"""Golden runs: short runs whose curves are kept, so that no change of results goes unseen.

    uv run python tests/golden/update.py          # write the files anew
    uv run python tests/golden/update.py --check  # only say what would change

Run it after a change that is meant to change results, look at the diff, commit it knowingly, and say in CHANGELOG.md
under "Results change" what moved and why. `test_golden.py` compares.
"""

from __future__ import annotations

import hashlib
import json
import math
import sys
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
RUNS = {
    "vyraj": {"persons_per_agent": 20.0, "seeds": [1, 2, 3]},
    "minsk_2020": {"persons_per_agent": 2000.0, "seeds": [1]},
}
EVERY = 3  # hours between the values that are kept
DIGITS = 12


def rounded(value: float) -> float | None:
    """Return a value to DIGITS significant digits, None for a missing one."""
    return None if math.isnan(value) else float(f"{value:.{DIGITS}g}")


def golden_run(scenario: str, persons_per_agent: float, seed: int) -> dict:
    """Run and return what is kept: values of each curve by city every EVERY hours, and the SHA-256 of all its bits."""
    from experiments import load_scenario
    from sim import run

    result = run(load_scenario(scenario, f"persons_per_agent={persons_per_agent}"), seed=seed)
    kept = slice(EVERY - 1, None, EVERY)
    return {
        name: {"sha256": hashlib.sha256(np.ascontiguousarray(values).tobytes()).hexdigest()}
        | {city: [rounded(v) for v in values[kept, c].tolist()] for c, city in enumerate(result.cities)}
        for name, values in result.curves_columns.items()
    }


def golden_scenario(scenario: str) -> dict:
    """Return the content of the scenario's golden file."""
    settings = RUNS[scenario]
    size = settings["persons_per_agent"]
    return settings | {"every_hours": EVERY,
                       "runs": {str(seed): golden_run(scenario, size, seed) for seed in settings["seeds"]}}  # fmt: skip


def stored(scenario: str) -> dict | None:
    """Return what the golden file holds, None if there is none."""
    file = HERE / f"{scenario}.json"
    return json.loads(file.read_text()) if file.exists() else None


def differences(old: dict, new: dict) -> list[str]:
    """Say in words where two golden contents differ: seed, curve, city, hour and both values."""
    found = [f"{name}: {old.get(name)} was kept, {new[name]} is set" for name in new
             if name != "runs" and old.get(name) != new[name]]  # fmt: skip
    if found:  # other hours or another size: nothing to compare
        return found
    for seed, curves in new["runs"].items():
        before = old["runs"].get(seed, {})
        for name in sorted(curves.keys() | before.keys()):
            found += [f"seed {seed}, {name}{text}" for text in _curve(before.get(name, {}), curves.get(name, {}))]
    return found


def _curve(old: dict, new: dict) -> list[str]:
    if not old or not new:
        return [": a new curve" if new else ": the curve is gone"]
    for city in new.keys() - {"sha256"}:
        for k, (before, now) in enumerate(zip(old.get(city, []), new[city], strict=False)):
            if before != now:
                return [f", {city}, hour {EVERY * (k + 1) - 1}: {before} was kept, the run gives {now}"]
    return [": same values at the hours kept, other bits elsewhere"] if old != new else []


def _text(content: dict) -> str:
    """Return JSON with one curve and city a line, so that a diff can be read."""
    text = json.dumps(content, indent=1, allow_nan=False)
    lines, joined = [], ""
    for line in text.split("\n"):
        joined += line.strip() if joined else line
        if joined.count("[") > joined.count("]"):
            joined += " " if line.endswith(",") else ""
            continue
        lines.append(joined)
        joined = ""
    return "\n".join(lines) + "\n"


def main(arguments: list[str]) -> int:
    """Write or check all golden files; return 1 if a check finds a difference."""
    is_check, n = "--check" in arguments, 0
    for scenario in RUNS:
        new, old = golden_scenario(scenario), stored(scenario)
        changes = differences(old, new) if old else ["no file yet"]
        n += len(changes)
        print(f"{scenario}: {len(changes)} differences", *changes[:20], sep="\n  ")
        if changes and not is_check:
            (HERE / f"{scenario}.json").write_text(_text(new))
    return int(is_check and n > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
