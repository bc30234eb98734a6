"""Write docs/learning.md and docs/autumn.png: what people who learn meet and miss, and how many free numbers it takes.

    uv run python docs/learning.py [free | week | sundays]

Twenty seeds of the eight cities' week and of Minsk's Sundays, and every declared number moved, one at a time: ten
minutes of one core. With a word only that part is renewed.
"""

from __future__ import annotations

import contextlib
import math
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import matplotlib
import numpy as np
from base_case import EIGHT, results, spread, target_table

from agents.rules.declaration import Declared
from experiments import load_scenario
from experiments.analysis.targets import target_range
from experiments.days import daily_peaks
from experiments.figures.colours import BLUE, VERMILION
from experiments.printing.run_table import persons
from sim import run
from sim.errors import InputError
from sim.inputs.targets import Target
from sim.parameters import Parameters, changed, declared
from sim.results import Result

matplotlib.use("Agg")
from matplotlib import pyplot as plt  # noqa: E402

TARGET = Path(__file__).resolve().parent / "learning.md"
FIGURE = TARGET.with_name("autumn.png")
AUTUMN = "persons_per_agent=400"
SUNDAYS = range(7, 57, 7)  # days of the scenario, 0 = 9 August; 16 August to 4 October
WEEK_TOO = "turnout=learning"
MODELS = {"additive_2020": "the rival, the default", "learning": "people who learn"}
COARSE = "persons_per_agent=2000"  # of the numbers moved one at a time
WITHIN = 3.0  # factor, of Grodno's and Brest's first crowds
EARLY = {"Grodno": 5, "Brest": 6}  # day of the first large crowd
HEAD = """\
# People who learn: what they meet, what they miss

Written by `uv run python docs/learning.py`; do not edit by hand. `turnout=learning` ([MODEL.md](../MODEL.md), section
5a) was searched by hand over Minsk's counts to 4 October 2020: of Minsk this is a fit, of the other cities it is
none, as no parameter is a city's own. Bands and ranges hold luck only: twenty seeds.
"""

FREE = """\
## Free numbers

A number is *at work* if moving it to the farther end of its declared range changes anything that a run of Minsk's week
writes; *free* if no source measures it (its source says assumption or start value, or it was set by hand). Strengths
are switches and are left out, the numbers of the population are not.

| model | declared | at work | move the crowd | free, at work | free, move the crowd |
|---|---|---|---|---|---|
"""
SUNDAY_HEAD = f"""\
## Sundays in Minsk

    ploshcha run scenario=minsk_autumn_2020 {AUTUMN}

![largest crowd of each day, Minsk, with the counts](autumn.png)

The range of counts goes from the lowest to the highest, each taken with the scatter of one count.

| Sunday | counts | model, median (5-95 %) | seeds inside the range of counts |
|---|---|---|---|
"""


def week() -> list[str]:
    """Return the eight cities' week against its targets."""
    runs = results("august_2020", f"{EIGHT} {WEEK_TOO}")
    lines = ["## The week in eight cities", "", f"    ploshcha run scenario=august_2020 {WEEK_TOO} {EIGHT}", ""]
    return [*lines, *target_table(runs), "", *early(runs)]


def early(runs: list[Result]) -> Iterator[str]:
    """Say how far the first large crowds outside the capital are off."""
    for city, day in EARLY.items():
        crowds = [float(daily_peaks(result.curves_columns["protesting"])[day, runs[0].cities.index(city)])
                  for result in runs]  # fmt: skip
        wanted = of_day(runs[0], city, day)[0]
        inside = sum(wanted.low / WITHIN <= crowd <= wanted.high * WITHIN for crowd in crowds)
        yield (f"{city}, {9 + day} August: {spread(crowds)}, counted {persons(wanted.low)}: within a factor "
               f"{WITHIN:g} on {inside} of {len(crowds)} seeds.\n")  # fmt: skip


def sundays() -> list[str]:
    """Return Minsk's Sundays beside their counts, and draw the curve."""
    runs = results("minsk_autumn_2020", AUTUMN)
    peaks = np.array([daily_peaks(result.curves_columns["protesting"])[:, 0] for result in runs])
    draw(runs[0], peaks)
    lines = SUNDAY_HEAD.splitlines()
    for day in SUNDAYS:
        counts = counted(runs[0], day)
        low, high = min(low for low, _ in counts), max(high for _, high in counts)
        inside = sum(low <= crowd <= high for crowd in peaks[:, day])
        told = "; ".join(f"{persons(a)} - {persons(b)}" if a < b else persons(a) for a, b in reported(runs[0], day))
        lines.append(f"| {date(day)} | {told} | {spread(peaks[:, day])} | {inside} of {len(peaks)} |")
    return lines


def of_day(result: Result, city: str, day: int) -> list[Target]:
    """Return the counts of a city's crowd on a day."""
    return [each for each in result.targets if each.city == city and each.outcome == "protesting"
            and 24 * day <= each.hour_from < 24 * day + 24]  # fmt: skip


def reported(result: Result, day: int) -> list[tuple[float, float]]:
    """Return the counts of a day in Minsk as they were printed, lowest and highest."""
    return sorted({(target.low, target.high) for target in of_day(result, "Minsk", day)})


def counted(result: Result, day: int) -> list[tuple[float, float]]:
    """Return the counts of a day in Minsk with their scatter."""
    return [target_range(target) for target in of_day(result, "Minsk", day)]


def date(day: int) -> str:
    """Write a day of the scenario."""
    return f"{9 + day} Aug" if day < 23 else f"{day - 22} Sep" if day < 53 else f"{day - 52} Oct"


def draw(result: Result, peaks: np.ndarray) -> None:
    """Draw the largest crowd of each day with bands, and the counts."""
    figure, axis = plt.subplots(figsize=(7, 3.6), layout="constrained")
    days = np.arange(peaks.shape[1])
    for outer, shade in ((90, 0.2), (50, 0.35)):
        low, high = np.percentile(peaks, [50 - outer / 2, 50 + outer / 2], axis=0)
        axis.fill_between(days, np.maximum(low, 1), np.maximum(high, 1), color=BLUE, alpha=shade, lw=0)
    axis.plot(days, np.maximum(np.median(peaks, axis=0), 1), color=BLUE, lw=1.2)
    for day in days:
        for low, high in reported(result, day):
            axis.plot([day, day], [low, high], color=VERMILION, marker="_", ms=6, lw=1.5)
    axis.set(yscale="log", ylim=(300, 1e6), ylabel="protesters, fullest hour of the day", xlim=(-1, len(days)))
    axis.set_xticks(list(SUNDAYS), [date(day) for day in SUNDAYS], fontsize=8)
    axis.set_title(f"Minsk: counts (red) and {len(peaks)} seeds, median, 50 and 90 %; luck only", fontsize=9)
    figure.savefig(FIGURE, dpi=150)


def free() -> list[str]:
    """Return how many declared numbers are at work, are assumed, and move the crowd, in either model."""
    lines = FREE.splitlines()
    idle: dict[str, list[str]] = {}
    for model, said in MODELS.items():
        p = load_scenario("minsk_2020", COARSE, f"turnout={model}")
        base, numbers = written(run(p)), [each for each in declared() if is_number(each)]
        moved = {each.name: effect_of(p, base, each) for each in numbers}
        assumed = {each.name for each in numbers if is_assumed(p, each)}
        at_work = [name for name, effect in moved.items() if effect]
        crowd = [name for name in at_work if moved[name] == "crowd"]
        idle[model] = [name for name in at_work if name not in crowd]
        cells = (f"`{model}`, {said}", len(numbers), len(at_work), len(crowd), len(assumed.intersection(at_work)),
                 len(assumed.intersection(crowd)))  # fmt: skip
        lines.append(f"| {' | '.join(map(str, cells))} |")
    for model, names in idle.items():
        told = ", ".join(f"`{name}`" for name in names)
        lines += ["", f"At work and without effect on the crowd of that week, `{model}`: {told}."]
    return lines


def is_number(each: Declared) -> bool:
    """Whether a parameter is a number, and no switch."""
    return isinstance(each.default, int | float) and not each.name.endswith(".strength")


def is_assumed(p: Parameters, each: Declared) -> bool:
    """Whether no source measures the value that a parameter has."""
    is_declared = math.isclose(each.default, value_of(p, each.name))
    return each.by_hand or not is_declared or bool(re.search("assum|start value", each.source))


def value_of(p: Parameters, name: str) -> float:
    """Return a parameter's value."""
    group, _, key = name.partition(".")
    return float(getattr(getattr(p, group), key))


def written(result: Result) -> dict[str, bytes]:
    """Return what a run writes, to be compared."""
    return {name: np.asarray(values).tobytes() for name, values in result.curves_columns.items()}


def effect_of(p: Parameters, base: dict[str, bytes], each: Declared) -> str:
    """Return whether moving a number changes the crowd, something else, or nothing: "crowd", "else" or ""."""
    if getattr(getattr(p, each.name.partition(".")[0]), "strength", 1.0) == 0.0:
        return ""
    for end in sorted(each.plausible, key=lambda end: -abs(end - value_of(p, each.name))):
        with contextlib.suppress(InputError):  # the weights of home and work leave some for ties online
            moved = changed(p, {each.name: int(end) if isinstance(each.default, int) else float(end)})
            break
    after = written(run(moved))
    return "crowd" if after["protesting"] != base["protesting"] else "else" if after != base else ""


PARTS = {"free": ("Free numbers", free), "week": ("The week in eight cities", week),
         "sundays": ("Sundays in Minsk", sundays)}  # fmt: skip


def write(names: list[str]) -> None:
    """Renew some parts of the page, or all."""
    old = TARGET.read_text(encoding="utf-8").split("\n## ")[1:] if TARGET.exists() else []
    kept = {part.partition("\n")[0]: f"## {part}".rstrip() for part in old}
    for name, (title, part) in PARTS.items():
        if name in names or not names:
            kept[title] = "\n".join(part()).rstrip()
    made = [kept[title] for title, _ in PARTS.values() if title in kept]
    TARGET.write_text("\n\n".join([HEAD.rstrip(), *made]) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write(sys.argv[1:])
