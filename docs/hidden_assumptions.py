"""How much of the base case hangs on numbers that nobody has measured; write docs/hidden_assumptions.md.

    uv run python docs/hidden_assumptions.py

(a) b_S, what a person's resentment of Russia's support adds to the index of a protest, is 0 in the base case and has
the prior N(0, 1). (b) A walk through sets of assumed parameters, within their plausible ranges (docs/parameters.md):
those that fit the week in Minsk at least as well as the shipped set are kept, and asked what the violence did to the
march of 16 August. Minsk, 200 persons per agent; about three minutes on one core.

Written down beforehand: (a) b_S = +1 brings more people, -1 fewer; of interest from 10 % on. (b) No sign is expected;
of interest is whether both signs occur, by 5 % at least. The distance of a set is the sum over seeds and over the
targets of Minsk (targets.csv; without the reports, which are the same crowds seen through a source) of the squared log
distance to the range that meets the target; values below half an agent count as that. A set is kept if its distance is
not above the shipped set's; the walk is symmetric, so within what fits it prefers nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from experiments import load_scenario
from experiments.analysis.targets import target_range
from experiments.printing.run_table import persons
from experiments.targets.values import target_value
from sim import run
from sim.parameters import Parameters, declared
from sim.results import Result

TARGET = Path(__file__).resolve().parent / "hidden_assumptions.md"
SIZE = 200  # persons per agent
SUNDAY = slice(7 * 24 + 6, 8 * 24)
PAIRED_SEEDS = range(1, 21)
FIT_SEEDS = range(1, 4)
N_SETS = 400
N_MOVED, STEP = 5, 0.3  # parameters moved at a time, sd of a move in shares of the range
DRAW_SEED = 2020
NO_VIOLENCE = {"repression.violent_share": 0.0, "repression.custody_share": 0.0}
# Parameters moved within their plausible ranges; True: evenly in logs, as the range spans a factor.
MOVED = {
    "fear.fear_weight": False, "fear.belief_learning": True, "fear.injury_weight": True, "fear.risk_scale": True,
    "anger.anger_weight": False, "anger.anger_gain": True, "anger.news_decay": False, "anger.anger_decay": True,
    "participation.intercept": False, "participation.weekday_offset": False, "repression.arrest_constant": True,
    "repression.violent_share": False, "repression.custody_share": False,
}  # fmt: skip
RANGES = {each.name: (*map(float, each.plausible), MOVED[each.name]) for each in declared() if each.name in MOVED}


def changed(parameters: Parameters, changes: Mapping[str, float]) -> Parameters:
    """Return validated parameters with changes such as ``{"fear.fear_weight": 1.0}``."""
    record = parameters.model_dump()
    for name, value in changes.items():
        group, field = name.split(".")
        record[group][field] = value
    return Parameters.model_validate(record)


def march(result: Result) -> float:
    """Return the largest crowd of 16 August, persons."""
    return float(result.curves_columns["protesting"][SUNDAY, 0].max())


def distance(result: Result) -> float:
    """Return the squared log distance of a run to the ranges that meet the targets, summed over the targets."""
    total = 0.0
    for target in result.targets:
        if not target.outcome.startswith("reported"):
            low, high = target_range(target)
            value = max(target_value(result, target), SIZE / 2)
            total += max(math.log(max(low, SIZE / 2) / value), math.log(value / max(high, SIZE / 2)), 0.0) ** 2
    return total


def fit(parameters: Parameters, limit: float = math.inf) -> tuple[float, list[float]]:
    """Return distance and marches over the seeds; stop as soon as the distance, which only grows, exceeds the limit."""
    total, marches = 0.0, []
    for seed in FIT_SEEDS:
        result = run(parameters, seed=seed)
        total += distance(result)
        if total > limit:
            break
        marches.append(march(result))
    return total, marches


def plain(u: np.ndarray) -> dict[str, float]:
    """Return the parameters at a point of the unit cube."""
    return {
        name: float(low * (high / low) ** x if is_log else low + (high - low) * x)
        for x, (name, (low, high, is_log)) in zip(u, RANGES.items(), strict=True)
    }


def point(parameters: Parameters) -> np.ndarray:
    """Return where a set lies in the unit cube, float64 (n_parameters,)."""
    record = parameters.model_dump()
    values = {name: record[name.split(".")[0]][name.split(".")[1]] for name in RANGES}
    return np.array([
        math.log(values[name] / low) / math.log(high / low) if is_log else (values[name] - low) / (high - low)
        for name, (low, high, is_log) in RANGES.items()
    ])  # fmt: skip


def proposals(base: Parameters, fits: Callable[[dict[str, float]], bool]) -> int:
    """Walk from the shipped set, evenly through what fits; return the number of sets tried."""
    rng, here = np.random.default_rng(DRAW_SEED), point(base)
    for _ in range(N_SETS):
        there = here.copy()
        moved = rng.choice(len(here), N_MOVED, replace=False)
        there[moved] = np.abs(there[moved] + STEP * rng.standard_normal(N_MOVED))
        there = np.where(there > 1.0, 2.0 - there, there)
        if (there >= 0.0).all() and fits(plain(there)):
            here = there
    return N_SETS


def change(marches: list[float], without: list[float]) -> float:
    """Return the relative change of the mean march over the seeds."""
    return float(np.mean(without) / np.mean(marches) - 1.0)


def resentment() -> list[str]:
    """Return the table of (a)."""
    base = load_scenario("minsk_2020", f"persons_per_agent={SIZE}")
    recorded = np.array([march(run(base, seed=seed)) for seed in PAIRED_SEEDS])
    lines = ["| b_S | march of 16 August, median | change, mean of 20 paired seeds | range over seeds |",
             "|---|---|---|---|", f"| 0 | {persons(np.median(recorded))} | | |"]  # fmt: skip
    for weight in (1.0, -1.0):
        other = changed(base, {"russian_support.resentment_weight": weight})
        crowds = np.array([march(run(other, seed=seed)) for seed in PAIRED_SEEDS])
        ratio = crowds / recorded - 1.0
        lines.append(f"| {weight:+g} | {persons(np.median(crowds))} | {ratio.mean():+.0%} | {ratio.min():+.0%} to "
                     f"{ratio.max():+.0%} |")  # fmt: skip
    return lines


def violence() -> list[str]:
    """Return the text and table of (b)."""
    base = load_scenario("minsk_2020", f"persons_per_agent={SIZE}")
    limit, marches = fit(base)
    shipped = change(marches, fit(changed(base, NO_VIOLENCE))[1])
    kept: list[tuple[float, float, dict[str, float]]] = []

    def fits(values: dict[str, float]) -> bool:
        found, crowds = fit(changed(base, values), limit)
        if found <= limit:
            kept.append((change(crowds, fit(changed(base, values | NO_VIOLENCE))[1]), found, values))
        return found <= limit

    return described(base, proposals(base, fits), limit, shipped, kept)


def described(
    base: Parameters, n_tried: int, limit: float, shipped: float, kept: list[tuple[float, float, dict[str, float]]]
) -> list[str]:
    """Return the text and table about the sets kept: change of the march, distance, parameters of each."""
    kept.sort(key=lambda one: one[0])
    effects = np.array([one[0] for one in kept])
    low, middle, high = np.quantile(effects, [0.05, 0.5, 0.95])
    rows = [("lowest", kept[0]), ("median", kept[len(kept) // 2]), ("highest", kept[-1])]
    cells = [f"{shipped:+.0%}", *(f"{one[0]:+.0%}" for _, one in rows)]
    distances = [f"{limit:.2f}", *(f"{one[1]:.2f}" for _, one in rows)]
    lines = [
        f"{n_tried} sets were tried, {len(kept)} kept (distance at most {limit:.2f}, that of the shipped set).",
        f"Without any violence the march changes by {effects.min():+.0%} to {effects.max():+.0%} over the kept sets",
        f"(middle nine tenths {low:+.0%} to {high:+.0%}, median {middle:+.0%}; shipped set {shipped:+.0%}):",
        f"by -5 % or more in {(effects <= -0.05).sum()} of them, by +5 % or more in {(effects >= 0.05).sum()}.", "",
        f"| parameter | range | shipped | {' | '.join(f'{name} change' for name, _ in rows)} |",
        "|---|---|---|---|---|---|",
        f"| change of the march without violence | | {' | '.join(cells)} |",
        f"| distance | | {' | '.join(distances)} |",
    ]  # fmt: skip
    for name, value in plain(point(base)).items():
        extent = f"{RANGES[name][0]:g} to {RANGES[name][1]:g}"
        lines.append(f"| `{name}` | {extent} | {value:.3g} | {' | '.join(f'{one[2][name]:.3g}' for _, one in rows)} |")
    return lines


HEAD = """\
# Hidden assumptions

Written by `uv run python docs/hidden_assumptions.py`; do not edit by hand. Minsk, 200 persons per agent. What was
expected, and how the distance is defined, stands at the head of that file.

## Resentment of Russia's support

b_S (`russian_support.resentment_weight`) is 0 in the base case, and its prior is N(0, 1): nobody has measured it, and
its sign is open. One prior sd moves the march of 16 August:
"""
MIDDLE = f"""\
Whatever is said of that day's size rests on b_S = 0.

## What the violence did, over sets that fit as well

Walk through the plausible ranges (parameters.md) of {len(RANGES)} assumed parameters, from the shipped set on
({N_MOVED} at a time, normal steps with an sd of {STEP:g} of a range), through sets that fit the week in Minsk at
least as well as the shipped one (seeds {FIT_SEEDS[0]}-{FIT_SEEDS[-1]}). Sets drawn evenly from the whole ranges
hardly ever fit. A walk of this length need not have seen all that fits: the range is at least as wide. Both signs were
to count as seen from 5 % on, see the last line.
"""


def main() -> None:
    """Write the page."""
    TARGET.write_text("\n".join([HEAD, *resentment(), "", MIDDLE, *violence()]) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
