"""Run the second case and write its table into docs/second_case.md.

    uv run python docs/second_case.py

Twenty seeds that b_0 was not set on, for each reading of the police in conf/experiment/published_leipzig_1989.yaml, and
some changes of one setting. Takes about two minutes on one core.
"""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import numpy as np
import yaml

from experiments import load_scenario
from experiments.analysis.effects import mean_value
from experiments.analysis.intervals import HOLDS
from experiments.analysis.published import verdict
from experiments.days import daily_peaks
from experiments.outcomes import weekly_growth
from experiments.printing.run_table import persons
from sim import run

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "docs" / "second_case.md"
DATA = ROOT / "conf" / "data" / "leipzig_1989"
EXPERIMENT = ROOT / "conf" / "experiment" / "published_leipzig_1989.yaml"
BEGIN, END = "<!-- second case: begin -->", "<!-- second case: end -->"
SCENARIO = "leipzig_1989"
SEEDS = range(11, 31)  # b_0 was set on 1-10
MONDAYS = (0, 7, 14, 21)  # days since 25 September
RECORDED = (
    (5_000, 5_000),
    (15_000, 20_000),
    (50_000, 70_000),
    (120_000, 150_000),
)  # sources: conf/data/leipzig_1989/targets.csv
FACTOR = 2.0
MARKS = ("verified", "memory", "assumption")
NO_FADING = "participation.crowd_belief_decay=0"
CHANGES = (
    "as recorded: fear.strength=0",
    "as recorded: anger.strength=0",
    "as feared: anger.strength=0",
    f"none: participation.crowd_belief_weight=20 {NO_FADING}",
    f"none: participation.crowd_belief_weight=100 {NO_FADING}",
)


def readings() -> dict[str, list[str]]:
    """Return the settings of each reading of the police, as the experiment has them."""
    found = yaml.safe_load(EXPERIMENT.read_text(encoding="utf-8"))["levers"]["repression"]
    return {name: [f"{key}={value}" for key, value in changes.items()] for name, changes in found.items()}


def days(*changes: str) -> np.ndarray:
    """Return the largest crowd of each day, float64 (n_seeds, n_days)."""
    parameters = load_scenario(SCENARIO, *changes)
    results = (run(parameters, seed=seed) for seed in SEEDS)
    return np.array([daily_peaks(result.curves_columns["protesting"][:, 0]) for result in results])


def published() -> list[tuple[float, float]]:
    """Return the recorded growth to each Monday, as a range of a factor two about the geometric middles."""
    middles = [float(np.sqrt(low * high)) for low, high in RECORDED]
    return [(b / a / FACTOR, b / a * FACTOR) for a, b in zip(middles, middles[1:], strict=False)]


def row(name: str, crowds: np.ndarray) -> str:
    """Return a line: median crowd of each Monday, then mean growth with its interval and the verdict."""
    medians = [persons(float(middle)) for middle in np.median(crowds[:, MONDAYS], axis=0)]
    growth = [weekly_growth(crowd) for crowd in crowds]
    cells = []
    for outcome, between in zip(growth[0], published(), strict=True):
        found = mean_value(0, outcome, {seed: values[outcome] for seed, values in enumerate(growth)})
        said = verdict(found.low, found.high, found.n, between)
        cells.append(f"{found.value:.2f} ({found.low:.2f} - {found.high:.2f}): {said}")
    return f"| {' | '.join((name, *medians, *cells))} |"


def confidence() -> list[str]:
    """Return the table of rows by file and mark."""
    lines = [f"| file | {' | '.join(MARKS)} |", "|---" * 4 + "|"]
    for path in sorted(DATA.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            marks = Counter(line["confidence"] for line in csv.DictReader(file))
        lines.append(f"| `{path.name}` | {' | '.join(str(marks[mark]) for mark in MARKS)} |")
    return lines


def text() -> str:
    """Return what stands between the marks in the document."""
    head = "| police | 25 Sept | 2 Oct | 9 Oct | 16 Oct | growth to 2 Oct | to 9 Oct | to 16 Oct |"
    counts = ["5,000", "15,000 - 20,000", "50,000 - 70,000", "120,000 - 150,000"]
    ranges = [f"{low:.2f} - {high:.2f}" for low, high in published()]
    known = readings()
    lines = [f"Seeds {SEEDS.start}-{SEEDS.stop - 1}: median crowd; mean growth ({HOLDS}).", "", head]
    lines += ["|---" * 8 + "|", f"| *recorded* | {' | '.join(counts)} | {' | '.join(ranges)} |"]
    lines += [row(name, days(*changes)) for name, changes in known.items()]
    lines += ["", "One setting more, to see what carries the growth:", "", head, "|---" * 8 + "|"]
    for change in CHANGES:
        name, _, words = change.partition(": ")
        shown = ", ".join(f"`{word}`" for word in words.split())
        lines.append(row(f"{name}, {shown}", days(*known[name], *words.split())))
    return "\n".join([*lines, "", "Rows of the five files, by what they rest on:", "", *confidence()])


if __name__ == "__main__":
    before, begin, rest = TARGET.read_text(encoding="utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise SystemExit(f"{TARGET.name}: the marks {BEGIN} and {END} are missing")
    TARGET.write_text(f"{before}{BEGIN}\n{text()}\n{END}{after}", encoding="utf-8")
