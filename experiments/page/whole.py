"""The whole page of one run or of two: map and curves, persons, who changed their mind, a narrative."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from experiments.analysis.again import changed_between, parameters_again
from experiments.page.build import page
from experiments.page.narrative import read_narrative
from experiments.page.payload import Block, payload
from experiments.printing.hours import hour_label
from experiments.printing.why_table import ORDER, summary
from experiments.store.space_folder import SpaceFolder, check_hour, check_same_people, differences
from sim.errors import InputError, not_allowed

EVERY, ALL_CITIES = "all", "all cities"  # as it is asked for, and as the page calls it
PEOPLE, MOST_PEOPLE = 12, 500  # of each city


def whole_page(
    runs: Sequence[SpaceFolder],
    city: str | None = None,
    hour: int | None = None,
    people: int = PEOPLE,
    narrative: str | None = None,
) -> str:
    """Return the page of one or two runs.

    Parameters
    ----------
    runs : one or two runs
        Of the same people.
    city : str, optional
        City at which it opens, or ``all``; default the first.
    hour : int, optional
        Hour at which it opens; default the fullest, or of two runs the one in which they differ most.
    people : int
        Persons of each city whose week can be looked at; for them the runs are computed again.
    narrative : str, optional
        Name of a shipped one, or a YAML file.

    Raises
    ------
    InputError
        Something that was asked for is not there, or the runs are of different people.
    """
    if not 0 <= people <= MOST_PEOPLE:
        raise not_allowed("", "people", people, f"an integer from 0 to {MOST_PEOPLE}")
    opened, block = _opened(runs, city, hour), Block()
    if len(runs) == 2:
        check_same_people(*runs)
    story = None if narrative is None else _narrative(runs, narrative, people)
    description = payload(runs, differences(*runs) if len(runs) == 2 else [], opened, block)
    if story:
        description["narrative"] = story
    if people > 0:
        description["people"] = _people(runs, people, block)
    if len(runs) == 2:
        description["why"] = _why(runs, None if city == EVERY else city, hour)
        if "hour" in description["why"]:
            opened.setdefault("hour", description["why"]["hour"])
    return page(description, block.text())


def _opened(runs: Sequence[SpaceFolder], city: str | None, hour: int | None) -> dict[str, Any]:
    """Return the city and the hour at which the page opens."""
    name = runs[0].cities[0] if city is None else city
    if name not in (*runs[0].cities, EVERY):
        raise not_allowed("", "city", name, "one of " + ", ".join((*runs[0].cities, EVERY)), (*runs[0].cities, EVERY))
    opened: dict[str, Any] = {"city": name}
    if name == EVERY:
        opened["city"] = ALL_CITIES if len(runs[0].cities) > 1 else runs[0].cities[0]
    if hour is not None:
        opened["hour"] = check_hour(hour, min(run.hours for run in runs))
    return opened


def _narrative(runs: Sequence[SpaceFolder], name: str, n_people: int) -> dict[str, Any]:
    """Return the narrative that is asked for."""
    cities = [*runs[0].cities, *([ALL_CITIES] if len(runs[0].cities) > 1 else [])]
    hours = min(run.hours for run in runs)
    return read_narrative(name, runs[0].config["scenario"]["name"], hours, cities, n_people)


def _people(runs: Sequence[SpaceFolder], n: int, block: Block) -> dict[str, Any]:
    """Return what is told of n persons of each city, or why that cannot be."""
    from experiments.analysis.weeks import weeks
    from experiments.page.people import describe_people

    try:
        parameters = [parameters_again(run) for run in runs]
    except InputError as error:
        return {"fault": f"Nothing can be told of persons: {error}"}
    return {"cities": describe_people(weeks(parameters, n), block)}


def _why(runs: Sequence[SpaceFolder], city: str | None, hour: int | None) -> dict[str, Any]:
    """Return who changed their mind at the city and hour at which the page opens, or why that cannot be told."""
    from experiments.analysis.changed_people import why_tables

    try:
        people, city, hour = changed_between(runs, city, hour)
    except InputError as error:
        return {"title": "Who changed their mind", "fault": f"This cannot be told: {error}", "tables": []}
    when = f"{city}, {hour_label(runs[0].start, hour)} (hour {hour})"
    title = f"{when}: persons who choose to protest in one run and not in the other"
    fault, told = ("", summary(people, "left", "right")) if people else ("Nobody.", "")
    names = " ".join(run.folder.resolve().name for run in runs)
    elsewhere = (f"This is about one city and hour. For others: ploshcha why {names} city=NAME hour=H. Where those "
                 "live who are out in one run only, the maps show for every hour: shade cells by “protesting: right "
                 "minus left”.")  # fmt: skip
    return {"title": title, "city": city, "hour": hour, "fault": fault, "summary": told, "order": ORDER,
            "elsewhere": elsewhere,
            "tables": [{"name": name, "rows": rows} for name, rows in why_tables(people).items() if rows]}  # fmt: skip
