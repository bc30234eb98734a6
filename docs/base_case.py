"""Run the base case and write its tables into docs/base_case.md.

    uv run python docs/base_case.py

Twenty seeds of the eight cities against the targets; then Minsk with one mechanism changed at a time, on the same
seeds, against the signs that the rules registered. Takes some minutes on two cores.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache, partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from experiments import load_scenario
from experiments.analysis.effects import relative_change
from experiments.analysis.targets import count_spread, target_range, verdict
from experiments.days import HOURS, daily_peaks, day_hours
from experiments.design.hashes import config_hash
from experiments.printing.hours import window_label
from experiments.printing.run_table import persons
from experiments.targets.values import target_value
from sim import run
from sim.parameters import Parameters
from sim.results import Result

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "base_case.md"
SEEDS = range(1, 21)
FEW_SEEDS = range(1, 6)  # of the two ends of a prior, which luck moves little
PROCESSES = 2
EIGHT = "persons_per_agent=100"  # of the eight cities
ALONE = "persons_per_agent=200"  # of Minsk alone
SMALLEST = 0.02  # smallest change of interest, as a share of the base case's mean
COVERAGE = 0.9
BEGIN, END = "<!-- base case: begin -->", "<!-- base case: end -->"
MINSK = 0


def peak(name: str, day: int) -> Callable[[Result], float]:
    """Return a function that gives the largest value of a curve in Minsk on a day, 0 = 9 August, 06:00 to 06:00."""
    return lambda result: float(daily_peaks(result.curves_columns[name])[day, MINSK])


def between(name: str, day: int, first: int, last: int) -> Callable[[Result], float]:
    """Return a function that gives the largest value of a curve in Minsk in some hours of a day, up to 30:00."""
    return lambda result: float(result.curves_columns[name][HOURS * day + first : HOURS * day + last, MINSK].max())


def final(*names: str) -> Callable[[Result], float]:
    """Return a function that gives the last value of a curve in Minsk, several added."""
    return lambda result: float(sum(result.curves_columns[name][-1, MINSK] for name in names))


SUNDAY = ("protest of 16 Aug", peak("protesting", 7))
ELECTION_NIGHT = ("protest of 9 Aug", peak("protesting", 0))
SECOND_NIGHT = ("protest of 10 Aug", peak("protesting", 1))
FOURTH_NIGHT = ("protest of 12 Aug, night", between("protesting", 3, 18, 30))
RALLY = ("rally of 16 Aug", lambda result: float(result.rally_present[:, MINSK].max()))
DETAINED = ("detained in the week", lambda result: float(result.curves_columns["detained_new"][:, MINSK].sum()))
LOST = ("officers lost", final("officers_withholding", "officers_resigned"))
GAVE_WAY = ("officials who gave way", final("officials_accommodating", "officials_resigned"))
MEANS = ("legitimacy", "anger", "fear", "russia_affinity")
LEGITIMACY, ANGER, FEAR, AFFINITY = ((f"mean {name.replace('_', ' ')}", final(f"mean_{name}")) for name in MEANS)
STRIKE = ("peak on strike", lambda result: float(result.curves_columns["striking"][:, MINSK].max()))
CHAIN = ("chain of 12 Aug", between("protesting", 3, 8, 18))
DISMISSED = ("dismissed", final("dismissed"))
NO_VIOLENCE = "repression.violent_share=0 repression.custody_share=0"
APPEALS = "appeals.strength=5 appeals.exit_support_extra=1"

OWN, BUILT, TUNED, FREE = "no: its own counter", "no: by construction", "tuned for", "yes"
# change, outcome, registered sign of (changed minus base), whether it could have failed; 0 = not registered, for
# information. By construction: the equations of section 5 are monotone in it. Tuned for: DECISIONS D10.
REGISTERED = (
    ("announced_share.strength=0", ELECTION_NIGHT, -1, BUILT),
    ("announced_share.strength=0", LEGITIMACY, +1, OWN),
    ("anger.strength=0", SUNDAY, -1, TUNED),
    (NO_VIOLENCE, SUNDAY, -1, TUNED),
    (NO_VIOLENCE, FOURTH_NIGHT, +1, FREE),
    (NO_VIOLENCE, SECOND_NIGHT, 0, FREE),
    ("fear.strength=0", ELECTION_NIGHT, +1, BUILT),
    ("repression.strength=0", ELECTION_NIGHT, +1, BUILT),
    ("repression.strength=0", SUNDAY, 0, FREE),
    ("media.strength=0", ANGER, +1, BUILT),
    ("leader.strength=0", SUNDAY, -1, BUILT),
    ("ties.strength=0", SUNDAY, -1, BUILT),
    ("chains.strength=0", CHAIN, -1, OWN),
    ("walkout.strength=0", STRIKE, -1, OWN),
    ("dismissal.strength=0", DISMISSED, -1, OWN),
    ("job_pressure.strength=0", RALLY, -1, BUILT),
    ("job_pressure.strength=0", SUNDAY, +1, BUILT),
    ("job_pressure.threat=0.4", RALLY, +1, BUILT),
    ("threat_framing.strength=0", RALLY, -1, BUILT),
    ("appeals.strength=0", LOST, -1, BUILT),
    (APPEALS, LOST, +1, BUILT),
    (APPEALS, SUNDAY, 0, FREE),
    ("officers.strength=0", DETAINED, +1, FREE),
    ("officials.strength=0", GAVE_WAY, -1, OWN),
    ("russian_support.strength=0", AFFINITY, +1, OWN),
    ("russian_support.strength=0", LOST, +1, FREE),
    ("russian_support.strength=0", SUNDAY, 0, FREE),
    ("russian_support.troops_lever=1", AFFINITY, -1, BUILT),
    ("russian_support.troops_lever=1", FEAR, +1, BUILT),
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


def results(scenario: str, change: str = "", seeds: range = SEEDS) -> list[Result]:
    """Run a scenario on all seeds, in two processes."""
    parameters = load_scenario(scenario, *change.split())
    return list(workers().map(partial(run_seed, parameters), seeds))


@cache
def workers() -> ProcessPoolExecutor:
    """Return the processes that run seeds side by side."""
    return ProcessPoolExecutor(PROCESSES, get_context("forkserver"))


def run_seed(parameters: Parameters, seed: int) -> Result:
    """Run one seed."""
    return run(parameters, seed=seed)


def spread(values: Sequence[float] | np.ndarray, write: Callable[[float], str] = persons) -> str:
    """Write the median and what holds nine in ten seeds; a missing report is left out."""
    low, middle, high = np.nanquantile(values, [0.05, 0.5, 0.95])
    return f"{write(middle)} ({write(low)} - {write(high)})"


def per_cent(value: float) -> str:
    """Write a share."""
    return f"{100 * value:.3g} %"


def target_table(runs: list[Result]) -> list[str]:
    """Return the table of targets, then how many are inside on how many seeds."""
    first, n = runs[0], len(runs)
    lines = ["| city | outcome | window | target | could be missed | median (5-95 %) | seeds inside | median is |"]
    lines.append("|---" * 8 + "|")
    inside: dict[bool, list[int]] = {True: [], False: []}
    for target in first.targets:
        wanted = persons(target.low) if target.low == target.high else f"{persons(target.low)} - {persons(target.high)}"
        outcome = target.outcome.replace("_", " ") + (", sum" if target.statistic == "sum" else "")
        values = np.array([target_value(result, target) for result in runs])
        low, high = target_range(target)
        met = int(((low <= values) & (values <= high)).sum())
        inside[target.is_informative].append(met)
        said = verdict(float(np.nanmedian(values)), target.low, target.high, count_spread(target))
        window = window_label(first.start, target.hour_from, target.hour_to)
        cells = (target.city, outcome, window, wanted, target.informative, spread(values), f"{met} of {n}", said)
        lines.append(f"| {' | '.join(cells)} |")
    return [*lines, "", met_line(inside[True], n), "", listed_line(inside[False], n)]


def met_line(inside: Sequence[int], n: int) -> str:
    """Say how many of the targets that can be missed are inside on how many seeds."""
    most, half, none = (sum(test(met) for met in inside)
                        for test in (lambda m: m >= 0.9 * n, lambda m: m >= 0.5 * n, lambda m: m == 0))  # fmt: skip
    return (f"Of {len(inside)} targets that can be missed, {most} are met on at least nine seeds in ten, {half} on at "
            f"least half of them and {none} on none; a pair of seed and target is inside with frequency "
            f"{sum(inside) / (n * len(inside)):.0%}.")  # fmt: skip


def listed_line(inside: Sequence[int], n: int) -> str:
    """Say what became of the targets that are no evidence."""
    return (f"The {len(inside)} others cannot be missed or say nothing new, as their row says, and are left out of "
            f"that count (inside on {min(inside)} to {max(inside)} of {n} seeds).")  # fmt: skip


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
    prior = [coerced_share(result) for change in PRIORS
             for result in results("august_2020", f"{EIGHT} {change}", FEW_SEEDS)]  # fmt: skip
    ends = f"{per_cent(min(prior))} to {per_cent(max(prior))}"
    over_prior = f"; {ends} over the prior of share ordered and threat, five seeds"
    shares = {
        "growth of the largest crowd in Minsk from 9 to 16 August (observed: 4 to 10 times)":
            (growth, "{:.2g}".format, ""),
        "share of all participants who began before 11 August (a protest survey: 45 %, evidence.md section 6)":
            (lambda result: began_before(result, day_hours(result.hours, 2).start), per_cent, ""),
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
    """Return the table of registered and found signs, on the same seeds, then the count."""
    head = "| change (Minsk) | outcome | registered | could have failed | mean paired change (90 % interval) | seen |"
    lines, base, done = [head, "|---" * 6 + "|"], results("minsk_2020", ALONE), {}
    seen_of: dict[str, Counter[str]] = {}
    for change, (name, measure), sign, kind in REGISTERED:
        if change not in done:
            done[change] = results("minsk_2020", f"{ALONE} {change}")
        before, after = (np.array([measure(result) for result in group]) for group in (base, done[change]))
        mean, low, high = relative_change(after, before)
        said = seen(sign, mean, low, high)
        if sign:
            seen_of.setdefault(kind, Counter())[said] += 1
        wanted, change_found = {1: "+", -1: "-", 0: "none"}[sign], f"{mean:+.1%} ({low:+.1%} .. {high:+.1%})"
        lines.append(f"| `{change}` | {name} | {wanted} | {kind if sign else '-'} | {change_found} | {said} |")
    return [*lines, "", count_line(seen_of)]


def seen(sign: int, mean: float, low: float, high: float) -> str:
    """Say whether a registered sign was found, by the interval and the smallest change of interest."""
    if sign == 0:
        return ""
    if not (low > 0 or high < 0):
        return "not shown"
    if np.sign(mean) != sign:
        return "reversed"
    return "yes" if abs(mean) >= SMALLEST else "small"


def count_line(seen_of: dict[str, Counter[str]]) -> str:
    """Say how many registered signs were seen, apart by whether they could have failed."""
    told = {FREE: "free to fail", TUNED: "tuned for", BUILT: "by construction"}
    parts = [f"{words}: {seen_of[kind]['yes']} of {seen_of[kind].total()}" for kind, words in told.items()]
    return (f"Seen: {', '.join(parts)}. The {seen_of[OWN].total()} on a mechanism's own counter are no test and are "
            "left out; they show that a switch works.")  # fmt: skip


def dose_table() -> list[str]:
    """Return how Minsk's crowds answer to more or less violent arrests."""
    outcomes = ELECTION_NIGHT, SECOND_NIGHT, FOURTH_NIGHT, SUNDAY
    lines = [f"| violence, times the base case's | {' | '.join(name for name, _ in outcomes)} |", "|---" * 5 + "|"]
    share = load_scenario("minsk_2020").repression
    for dose in DOSES:
        shares = {name: min(1.0, dose * getattr(share, name)) for name in ("violent_share", "custody_share")}
        change = " ".join(f"repression.{name}={value}" for name, value in shares.items())
        runs = results("minsk_2020", f"{ALONE} {change}")
        crowds = (spread([measure(result) for result in runs]) for _, measure in outcomes)
        lines.append(f"| {dose:g} | {' | '.join(crowds)} |")
    return lines


def text() -> str:
    """Return what stands between the marks of the page."""
    runs = results("august_2020", EIGHT)
    scales = [word.partition("=")[2] for word in (EIGHT, ALONE)]
    seeds = f"Seeds {SEEDS.start}-{SEEDS.stop - 1}"
    lines = [f"{seeds}; eight cities at {scales[0]} persons per agent; settings `{settings_hash()}`.", ""]
    lines += [*target_table(runs), "", "Reported, not aimed at, median (5-95 % of seeds):", "", *reported(runs), ""]
    lines += [f"Signs that were registered (mechanisms.md): Minsk at {scales[1]} persons per agent, same seeds.", ""]
    lines += [*sign_table(), ""]
    lines += ["Dose of violence, median (5-95 % of seeds), days from 06:00 to 06:00:", "", *dose_table()]
    return "\n".join(lines)


def parts() -> tuple[str, str, str]:
    """Return what stands before, between and after the marks of the page."""
    before, begin, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    between, end, after = rest.partition(END)
    if not (begin and end):
        raise SystemExit(f"{PAGE.name}: the marks {BEGIN} and {END} are missing")
    return before, between, after


if __name__ == "__main__":
    found = text()
    before, _, after = parts()
    PAGE.write_text(f"{before}{BEGIN}\n{found}\n{END}{after}", encoding="utf-8")
