"""Run the base case and write its tables into MODEL.md, section 7.

    uv run python docs/base_case.py

Five seeds of the eight cities against the targets, then Minsk with one mechanism changed at a time, on the same five
seeds, against the signs that section 5 registered. Takes about two minutes on one core.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np

from experiments import load_scenario
from experiments.table import count_spread, persons, target_value, verdict, window_label
from sim import run
from sim.results import Result

ROOT = Path(__file__).resolve().parents[1]
MODEL = ROOT / "MODEL.md"
SEEDS = range(1, 6)
BEGIN, END = "<!-- base case: begin -->", "<!-- base case: end -->"
MINSK = 0
DAY = 24


def peak(name: str, first: int, last: int) -> Callable[[Result], float]:
    """Return a function that gives the largest value of a curve in Minsk over hours first..last."""
    return lambda result: float(result.curves_columns[name][first:last, MINSK].max())


def final(*names: str) -> Callable[[Result], float]:
    """Return a function that gives the last value of a curve in Minsk, several added."""
    return lambda result: float(sum(result.curves_columns[name][-1, MINSK] for name in names))


SUNDAY = ("protest of 16 Aug", peak("protesting", 7 * DAY, 8 * DAY))
ELECTION_NIGHT = ("protest of 9 Aug", peak("protesting", 18, 30))
LATER_NIGHTS = ("protest of 12 Aug", peak("protesting", 3 * DAY + 18, 4 * DAY + 6))
RALLY = ("rally of 16 Aug", lambda result: float(result.rally_present[:, MINSK].max()))
DETAINED = ("detained in the week", lambda result: float(result.curves_columns["detained_new"][:, MINSK].sum()))
LOST = ("officers lost", final("officers_withholding", "officers_resigned"))
GAVE_WAY = ("officials who gave way", final("officials_accommodating", "officials_resigned"))
LEGITIMACY, ANGER, FEAR, AFFINITY = (
    (f"mean {name.replace('_', ' ')}", final(f"mean_{name}")) for name in ("legitimacy", "anger", "fear", "russia_affinity")
)
STRIKE = ("peak on strike", peak("striking", 0, 8 * DAY))
CHAIN = ("chain of 12 Aug", peak("protesting", 3 * DAY + 8, 3 * DAY + 18))
DISMISSED = ("dismissed", final("dismissed"))
NO_VIOLENCE = "repression.violent_share=0 repression.custody_share=0"
APPEALS = "appeals.strength=5 appeals.exit_support_extra=1"

# change, outcome, registered sign of (changed minus base); 0 = not registered, for information
REGISTERED = (
    ("announced_share.strength=0", ELECTION_NIGHT, -1),
    ("announced_share.strength=0", LEGITIMACY, +1),
    ("anger.strength=0", SUNDAY, -1),
    (NO_VIOLENCE, SUNDAY, -1),
    (NO_VIOLENCE, LATER_NIGHTS, +1),
    ("fear.strength=0", ELECTION_NIGHT, +1),
    ("repression.strength=0", ELECTION_NIGHT, +1),
    ("repression.strength=0", SUNDAY, 0),
    ("media.strength=0", ANGER, +1),
    ("leader.strength=0", SUNDAY, -1),
    ("ties.strength=0", SUNDAY, -1),
    ("chains.strength=0", CHAIN, -1),
    ("walkout.strength=0", STRIKE, -1),
    ("dismissal.strength=0", DISMISSED, -1),
    ("job_pressure.strength=0", RALLY, -1),
    ("job_pressure.strength=0", SUNDAY, +1),
    ("job_pressure.threat=0.4", RALLY, +1),
    ("threat_framing.strength=0", RALLY, -1),
    ("appeals.strength=0", LOST, -1),
    (APPEALS, LOST, +1),
    (APPEALS, SUNDAY, 0),
    ("officers.strength=0", DETAINED, +1),
    ("officials.strength=0", GAVE_WAY, -1),
    ("russian_support.strength=0", AFFINITY, +1),
    ("russian_support.strength=0", LOST, +1),
    ("russian_support.strength=0", SUNDAY, 0),
    ("russian_support.troops_lever=1", AFFINITY, -1),
    ("russian_support.troops_lever=1", FEAR, +1),
)
PRIORS = ("job_pressure.order_share=0.05 job_pressure.threat=0.1", "job_pressure.order_share=0.4 job_pressure.threat=0.5")


def settings_hash() -> str:
    """Return 12 hexadecimal digits that change with any setting or data row of the base case."""
    text = load_scenario("august_2020").model_dump_json(exclude={"threads", "engine"})
    digest = hashlib.sha256(text.encode())
    for path in sorted((ROOT / "conf" / "data" / "belarus_2020").glob("*.csv")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def results(scenario: str, change: str = "") -> list[Result]:
    """Run a scenario on all seeds."""
    parameters = load_scenario(scenario, *change.split())
    return [run(parameters, seed=seed) for seed in SEEDS]


def spread(values: list[float], write: Callable[[float], str] = persons) -> str:
    """Write median and range."""
    low, middle, high = np.quantile(values, [0.0, 0.5, 1.0])
    return f"{write(middle)} ({write(low)} - {write(high)})"


def per_cent(value: float) -> str:
    """Write a share."""
    return f"{100 * value:.3g} %"


def target_table(runs: list[Result]) -> tuple[list[str], list[str]]:
    """Return the table of targets and the list of those that are missed."""
    lines = ["| city | outcome | window | target | model: median (range) | verdict on the median |", "|---|---|---|---|---|---|"]
    missed = []
    for target in runs[0].targets:
        values = [target_value(result, target) for result in runs]
        said = verdict(float(np.median(values)), target.low, target.high, count_spread(target))
        wanted = persons(target.low) if target.low == target.high else f"{persons(target.low)} - {persons(target.high)}"
        outcome = target.outcome.replace("_", " ") + (", sum" if target.statistic == "sum" else "")
        window = window_label(runs[0].start, target.hour_from, target.hour_to)
        lines.append(f"| {target.city} | {outcome} | {window} | {wanted} | {spread(values)} | {said} |")
        if said != "within":
            missed.append(f"- {target.city}, {outcome}, {window}: {said} ({persons(float(np.median(values)))}, target {wanted}).")
    return lines, missed


def began_before(result: Result, hour: int) -> float:
    """Return the share of those who ever protested whose first protest was before an hour, all cities."""
    first = result.stats["first_hours"]
    return float(first[:hour].sum() / first.sum())


def coerced_share(result: Result) -> float:
    """Return the share of those rallying, wherever they live, who are coerced, in the rally's largest hour."""
    rallying = result.curves_columns["rallying"].sum(axis=1)
    hour = int(np.argmax(rallying))
    return float(result.curves_columns["rallying_coerced"][hour].sum() / rallying[hour])


def growth(result: Result) -> float:
    """Return the largest crowd of Minsk on 16 August over that of election night."""
    return SUNDAY[1](result) / ELECTION_NIGHT[1](result)


def resigned_share(result: Result) -> float:
    """Return the share of all street officers who resigned within the week."""
    return float(result.curves_columns["officers_resigned"][-1].sum() / result.stats["officers"])


def reported(runs: list[Result]) -> list[str]:
    """Return the lines on quantities that are reported and not aimed at."""
    prior = [coerced_share(result) for change in PRIORS for result in results("august_2020", change)]
    shares = {
        "growth of the largest crowd in Minsk from 9 to 16 August (observed 4-10)": spread(list(map(growth, runs)), "{:.2g}".format),
        "share of all participants who began before 11 August (a protest survey: 40-45 %, see evidence.md section 6)": spread(
            [began_before(result, 2 * DAY) for result in runs], per_cent),
        "coerced share of the rally, no datum exists": spread(list(map(coerced_share, runs)), per_cent)
        + f"; {per_cent(min(prior))} to {per_cent(max(prior))} over the prior of share ordered and threat",
        "adults of the eight cities who ever protested": spread(
            [float(r.curves_columns["ever_participated"][-1].sum() / r.adults.sum()) for r in runs], per_cent),
    }  # fmt: skip
    return [f"- {name}: {value}." for name, value in shares.items()]


def sign_table() -> list[str]:
    """Return the table of registered and found signs, on the same seeds."""
    lines = ["| change (Minsk) | outcome | registered | found: mean change (seeds up / down) | as registered |", "|---|---|---|---|---|"]
    base = results("minsk_2020")
    done: dict[str, list[Result]] = {}
    for change, (name, measure), sign in REGISTERED:
        changed = done.setdefault(change, []) or results("minsk_2020", change)
        done[change] = changed
        before, after = (np.array([measure(result) for result in group]) for group in (base, changed))
        up, down = int((after > before).sum()), int((after < before).sum())
        size = 100 * (after.mean() / before.mean() - 1) if before.mean() else float("nan")
        wanted = {1: "+", -1: "-", 0: "none"}[sign]
        agrees = {1: up == len(before), -1: down == len(before), 0: None}[sign]
        word = "" if agrees is None else "yes" if agrees else "no"
        lines.append(f"| `{change}` | {name} | {wanted} | {size:+.1f} % ({up} / {down}) | {word} |")
    return lines


def text() -> str:
    """Return what stands between the marks in MODEL.md."""
    runs = results("august_2020")
    targets, missed = target_table(runs)
    at_all = f"{len(targets) - 2 - len(missed)} of {len(targets) - 2} targets are met; missed:"
    lines = [f"Seeds {SEEDS.start}-{SEEDS.stop - 1}, {runs[0].parameters.persons_per_agent:g} persons per agent, settings `{settings_hash()}`."]
    lines += ["", *targets, "", at_all, "", *missed, "", "Reported, not aimed at, median (range) over the same runs:", ""]
    return "\n".join([*lines, *reported(runs), "", *sign_table()])


def written() -> str:
    """Return the part of MODEL.md between the marks."""
    found = re.search(f"{BEGIN}\n(.*?)\n{END}", MODEL.read_text(encoding="utf-8"), re.DOTALL)
    return found[1] if found else ""


if __name__ == "__main__":
    whole = MODEL.read_text(encoding="utf-8")
    MODEL.write_text(whole.replace(written(), text()), encoding="utf-8")
