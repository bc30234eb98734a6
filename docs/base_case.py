"""Run the base case and write its tables into MODEL.md, section 7.

    uv run python docs/base_case.py

Five seeds of the eight cities against the targets, at two scales; then Minsk with one mechanism changed at a time, on
the same five seeds, against the signs that section 5 registered. Takes about two minutes on one core.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np

from experiments import load_scenario
from experiments.printing.run_table import count_spread, persons, target_value, verdict, window_label
from experiments.store.provenance import config_hash
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
SECOND_NIGHT = ("protest of 10 Aug", peak("protesting", DAY + 18, 2 * DAY + 6))
FOURTH_NIGHT = ("protest of 12 Aug, night", peak("protesting", 3 * DAY + 18, 4 * DAY + 6))
RALLY = ("rally of 16 Aug", lambda result: float(result.rally_present[:, MINSK].max()))
DETAINED = ("detained in the week", lambda result: float(result.curves_columns["detained_new"][:, MINSK].sum()))
LOST = ("officers lost", final("officers_withholding", "officers_resigned"))
GAVE_WAY = ("officials who gave way", final("officials_accommodating", "officials_resigned"))
MEANS = ("legitimacy", "anger", "fear", "russia_affinity")
LEGITIMACY, ANGER, FEAR, AFFINITY = ((f"mean {name.replace('_', ' ')}", final(f"mean_{name}")) for name in MEANS)
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
    (NO_VIOLENCE, FOURTH_NIGHT, +1),
    (NO_VIOLENCE, SECOND_NIGHT, 0),
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
PRIORS = (
    "job_pressure.order_share=0.05 job_pressure.threat=0.1",
    "job_pressure.order_share=0.4 job_pressure.threat=0.5",
)
DOSES = (0.0, 0.25, 0.5, 1.0, 2.0, 4.0)  # factors on the shares of arrests and of detentions that injure


def settings_hash() -> str:
    """Return 12 hexadecimal digits that change with any setting or data row of the base case."""
    settings = load_scenario("august_2020").model_dump(mode="json", exclude={"threads", "engine", "inspect"})
    digest = hashlib.sha256(config_hash(settings).encode())
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


def target_table(scales: dict[str, list[Result]]) -> tuple[list[str], list[str]]:
    """Return the table of targets, a column for each scale, and the list of those missed at the first scale."""
    first = next(iter(scales.values()))[0]
    lines = [f"| city | outcome | window | target | {' | '.join(f'{scale} persons per agent' for scale in scales)} |"]
    lines.append("|---" * (4 + len(scales)) + "|")
    missed = []
    for target in first.targets:
        wanted = persons(target.low) if target.low == target.high else f"{persons(target.low)} - {persons(target.high)}"
        outcome = target.outcome.replace("_", " ") + (", sum" if target.statistic == "sum" else "")
        where = target.city, outcome, window_label(first.start, target.hour_from, target.hour_to)
        found = []
        for runs in scales.values():
            values = [target_value(result, target) for result in runs]
            said = verdict(float(np.median(values)), target.low, target.high, count_spread(target))
            found.append(f"{spread(values)}: {said}")
        lines.append(f"| {' | '.join((*where, wanted, *found))} |")
        if not found[0].endswith(": within"):
            missed.append(f"- {', '.join(where)}: {found[0].rpartition(': ')[2]} (target {wanted}).")
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


def ever(result: Result) -> float:
    """Return the share of all adults who ever protested."""
    return float(result.curves_columns["ever_participated"][-1].sum() / result.adults.sum())


def absent(plant: str) -> Callable[[Result], float]:
    """Return a function that gives the most that a plant lacked in any hour."""
    return lambda result: float(result.striking[:, [name for _, name in result.plants].index(plant)].max())


def reported(runs: list[Result]) -> list[str]:
    """Return the lines on quantities that are reported and not aimed at."""
    prior = [coerced_share(result) for change in PRIORS for result in results("august_2020", change)]
    over_prior = f"; {per_cent(min(prior))} to {per_cent(max(prior))} over the prior of share ordered and threat"
    shares = {
        "growth of the largest crowd in Minsk from 9 to 16 August (observed: 4 to 10 times)":
            (growth, "{:.2g}".format, ""),
        "share of all participants who began before 11 August (a protest survey: 45 %, evidence.md section 6)":
            (lambda result: began_before(result, 2 * DAY), per_cent, ""),
        "coerced share of the rally of 16 August (no datum exists)": (coerced_share, per_cent, over_prior),
        "share of the adults of the eight cities who ever protested": (ever, per_cent, ""),
        "injuries in Minsk that became known (investigators knew of at least 1,406 victims by autumn)":
            (lambda result: float(result.curves_columns["injured_new"][:, MINSK].sum()), persons, ""),
        "absent at most from MTZ (thousands at first)": (absent("MTZ"), persons, ""),
        "absent at most from Belaruskali (its strike began on 17 August, with 120 absent)":
            (absent("Belaruskali"), persons, ""),
    }  # fmt: skip
    return [f"- {name}: {spread([measure(result) for result in runs], write)}{more}."
            for name, (measure, write, more) in shares.items()]  # fmt: skip


def sign_table() -> list[str]:
    """Return the table of registered and found signs, on the same seeds."""
    lines = ["| change (Minsk) | outcome | registered | found: mean change (seeds up / down) | seen |"]
    lines += ["|---" * 5 + "|"]
    base, done = results("minsk_2020"), {}
    for change, (name, measure), sign in REGISTERED:
        if change not in done:
            done[change] = results("minsk_2020", change)
        before, after = (np.array([measure(result) for result in group]) for group in (base, done[change]))
        up, down = int((after > before).sum()), int((after < before).sum())
        size = 100 * (after.mean() / before.mean() - 1) if before.mean() else float("nan")
        wanted = {1: "+", -1: "-", 0: "none"}[sign]
        lines.append(f"| `{change}` | {name} | {wanted} | {size:+.1f} % ({up} / {down}) | {seen(sign, up, down)} |")
    return lines


def seen(sign: int, up: int, down: int) -> str:
    """Say whether a registered sign was found: on every seed, on most without a contrary one, or not."""
    if sign == 0:
        return ""
    for_it, against = (up, down) if sign > 0 else (down, up)
    return "yes" if for_it == len(SEEDS) else "mostly" if for_it > len(SEEDS) / 2 and not against else "not seen"


def dose_table() -> list[str]:
    """Return how Minsk's crowds answer to more or less violent arrests."""
    outcomes = SECOND_NIGHT, FOURTH_NIGHT, SUNDAY
    lines = [f"| violence, times the base case's | {' | '.join(name for name, _ in outcomes)} |", "|---" * 4 + "|"]
    share = load_scenario("minsk_2020").repression
    for dose in DOSES:
        shares = {name: min(1.0, dose * getattr(share, name)) for name in ("violent_share", "custody_share")}
        runs = results("minsk_2020", " ".join(f"repression.{name}={value}" for name, value in shares.items()))
        crowds = (spread([measure(result) for result in runs]) for _, measure in outcomes)
        lines.append(f"| {dose:g} | {' | '.join(crowds)} |")
    return lines


def text() -> str:
    """Return what stands between the marks in MODEL.md."""
    runs = results("august_2020")
    scales = {"100": results("august_2020", "persons_per_agent=100")}
    scales[f"{runs[0].parameters.persons_per_agent:g}"] = runs
    targets, missed = target_table(scales)
    n, seeds = len(targets) - 2, f"Seeds {SEEDS.start}-{SEEDS.stop - 1}"
    lines = [f"{seeds}, median (range) and verdict on the median; settings `{settings_hash()}`.", "", *targets, ""]
    lines += [f"At 100 persons per agent {n - len(missed)} of {n} targets are met; missed, by how much:", "", *missed]
    lines += ["", f"What follows is at {runs[0].parameters.persons_per_agent:g} persons per agent, same seeds.", ""]
    lines += ["Reported, not aimed at, median (range):", "", *reported(runs), ""]
    lines += ["Signs that section 5 registered:", "", *sign_table(), ""]
    return "\n".join([*lines, "Dose of violence, median (range):", "", *dose_table()])


def parts() -> tuple[str, str, str]:
    """Return what stands before, between and after the marks in MODEL.md."""
    before, begin, rest = MODEL.read_text(encoding="utf-8").partition(BEGIN)
    between, end, after = rest.partition(END)
    if not (begin and end):
        raise SystemExit(f"MODEL.md: the marks {BEGIN} and {END} are missing")
    return before, between, after


if __name__ == "__main__":
    before, _, after = parts()
    MODEL.write_text(f"{before}{BEGIN}\n{text()}\n{END}{after}", encoding="utf-8")
