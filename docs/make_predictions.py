"""Write docs/predictions.csv and its table in docs/predictions.md: Minsk's Sundays after 4 October 2020; minutes.

    uv run --extra calibration python docs/make_predictions.py

Runs of minsk_november_2020 at draws of the shipped posterior teach an emulator of the later Sundays; the posterior and
the gap that the counts up to 4 October leave carry over to them in closed form.
"""

from __future__ import annotations

import csv
import re
import sys
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from experiments.calibration.emulator import fit_emulator
from experiments.calibration.gaussian import reports_given, seen_of
from experiments.calibration.one_emulation import load_fit, targets_of_case
from experiments.calibration.reference import Runs
from experiments.cli import main
from experiments.design.posterior import draws_of, posterior_folder
from experiments.store.chunks import read_chunks
from experiments.store.provenance import code_hash
from experiments.store.sweep_folder import results_of
from experiments.targets.values import PREFIX

ROOT = Path(__file__).resolve().parents[1]
PAGE, TABLE = ROOT / "docs" / "predictions.md", ROOT / "docs" / "predictions.csv"
NAME, FITTED, CASE = "six_waves", "minsk_autumn_2020", "minsk_november_2020"
DRAWS, PERSONS_PER_AGENT = 30, 400
LAST_COUNT = 57 * 24 + 6  # hour that ends 4 October
SCATTER = 0.4  # of one count about the crowd, in logs: as of every count in targets.csv
RUNS = ROOT / "results" / "predictions"


def runs_of_draws(folder: Path) -> Runs:
    """Make the runs that are left, each draw under luck of its own, and return them with the crowds of all Sundays."""
    draws = draws_of(f"{NAME}@{FITTED}", FITTED, DRAWS)
    names = tuple(draws[0])
    points = folder.with_suffix(".points.csv")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with points.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows([names, *([draw[name] for name in names] for draw in draws)])
    words = [f"scenario={CASE}", f"persons_per_agent={PERSONS_PER_AGENT}", "design=list", f"design.file={points}"]
    if code := main(["sweep", *words, "replicates=1", "common_luck=false", "executor.processes=1", f"out={folder}"]):
        raise SystemExit(code)
    done, _ = results_of(read_chunks(folder))
    crowds = tuple(dict.fromkeys(PREFIX + t.crowd for t in targets_of_case(CASE) if is_used(t)))
    rows = [run for run in sorted(done) if run >= max(done) + 1 - DRAWS]  # before them is the base case
    values = np.array([[draws[run - max(done) - 1 + DRAWS][name] for name in names] for run in rows], float)
    counted = np.array([[done[run][1][name] for name in crowds] for run in rows], float)
    return Runs(names, crowds, values, counted, np.zeros(len(rows), int), float(PERSONS_PER_AGENT))


def is_used(target) -> bool:
    """Say whether a target is fitted, or a Sunday that is predicted."""
    return target.is_informative or is_asked(target)


def is_asked(target) -> bool:
    """Say whether a target is a Sunday that is predicted."""
    return target.hour_from > LAST_COUNT and target.outcome == "protesting"


def predict() -> list[tuple[str, np.ndarray]]:
    """Return date and quantiles 1 to 99 % of the count of each Sunday, in persons."""
    runs = runs_of_draws(RUNS)
    emulator = fit_emulator(runs.names, runs.values, runs.logs)
    fit = load_fit(posterior_folder(NAME))
    rng = np.random.default_rng(1)
    known = dict.fromkeys(fit.hierarchy.cases, np.inf)
    values = fit.values(fit.posterior(known, rng), FITTED)
    asked = [replace(t, low=1.0, high=1.0, error="count", log_sd=SCATTER, informative="yes") if is_asked(t) else t
             for t in targets_of_case(CASE)]  # fmt: skip
    seen = seen_of(asked, runs.crowds, fit.biases(known))
    mean, covariance = reports_given(emulator, values, seen, LAST_COUNT)
    found = []
    for k, end in enumerate(seen.end[seen.end > LAST_COUNT].tolist()):
        sample = mean[:, k] + np.sqrt(covariance[:, k, k]) * rng.standard_normal((20, len(mean)))
        day = date(2020, 8, 9) + timedelta(days=(end - 1) // 24)
        found.append((str(day), np.exp(np.percentile(sample, np.arange(1, 100)))))
    return found


def write(found: list[tuple[str, np.ndarray]]) -> None:
    """Write the quantiles, and put the table into the page."""
    with TABLE.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["date", *(f"q{k:02d}" for k in range(1, 100))])
        writer.writerows([[day, *(f"{value:.0f}" for value in values)] for day, values in found])
    lines = ["| Sunday | 5 % | 25 % | median | 75 % | 95 % |", "|---|---|---|---|---|---|"]
    for day, values in found:
        shown = [f"{float(f'{values[k - 1]:.2g}'):,.0f}" for k in (5, 25, 50, 75, 95)]
        lines.append(f"| {day} | {' | '.join(shown)} |")
    lines += ["", f"Code of the model: `{code_hash()[:16]}`; {DRAWS} draws at {PERSONS_PER_AGENT} persons per agent."]
    text = PAGE.read_text(encoding="utf-8")
    begin, end = "<!-- table -->\n", "<!-- end of the table -->"
    PAGE.write_text(re.sub(f"{begin}.*{end}", lambda _: begin + "\n".join(lines) + "\n" + end, text, flags=re.S),
                    encoding="utf-8")  # fmt: skip


if __name__ == "__main__":
    write(predict())
    sys.exit(0)
