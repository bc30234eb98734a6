"""``ploshcha view``: a page with a run's map and curves, or with two runs side by side."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from experiments.commands.options import folders_and_settings, whole
from sim.errors import InputError, not_allowed

VIEW_FILE = "view.html"
ALL_CITIES = "all cities"
PEOPLE, MOST_PEOPLE = 12, 500  # of each city

HELP = """\
usage: ploshcha view DIR [DIR2] [city=NAME] [hour=H] [people=N] [narrative=NAME]
                     [--open]

Write view.html into the (first) folder: one file that any browser opens from
the disk, with the map of the cities hour by hour and the curves beneath; of two
runs also who changed their mind in the city and hour at which it opens, as
ploshcha why tells it. Both folders are of ploshcha run with space=true, and of
the same people.

settings
  city=NAME        city at which the page opens (default the first; `all` shows
                   the maps of all cities)
  hour=H           hour at which it opens, from 0 (default the hour with the
                   most people on the street; of two runs the hour in which
                   their protesters differ most)
  people=N         persons of each city whose week can be looked at (default 12;
                   0 none); for them the run is computed again, by the program
                   that wrote it
  narrative=NAME   texts with the state of the page that each tells of, to be
                   gone through: five_minutes, or your own file NAME.yaml

options
  --open           open the page in your browser, too
  -h, --help       this text

examples
  ploshcha run space=true out=results/august && ploshcha view results/august
  ploshcha view results/august results/no_violence city=Minsk hour=183
"""


def main(arguments: Sequence[str]) -> int:
    """Run the command; return the exit code."""
    if any(word in ("-h", "--help") for word in arguments):
        print(HELP, end="")
        return 0
    folders, own, is_opened = split(arguments)
    path, n_bytes = write_view(folders, own)
    print(f"written to {path} ({n_bytes / 1e6:.1f} MB)")
    if is_opened:
        import webbrowser

        if not webbrowser.open(path.absolute().as_uri()):
            print("ploshcha: no browser was found; open the file yourself", file=sys.stderr)
    return 0


def split(arguments: Sequence[str]) -> tuple[list[Path], dict[str, str], bool]:
    """Tell folders, settings and the option apart.

    Raises
    ------
    InputError
        There is no folder or more than two, or another option.
    """
    shown = "--open, city=NAME, hour=H, people=N, narrative=NAME"
    folders, own = folders_and_settings(arguments, ("city", "hour", "people", "narrative"), shown, ("--open",))
    if not folders:
        raise InputError("folder is missing: name the folder of a run that was made with space=true")
    if len(folders) > 2:
        raise not_allowed("", "folder", folders[2], "one folder, or two to be seen side by side")
    return folders, own, "--open" in arguments


def write_view(folders: Sequence[Path], own: dict[str, str] | None = None) -> tuple[Path, int]:
    """Write the page of one or two runs into the first folder; return its path and size in bytes."""
    from experiments.page.build import page
    from experiments.page.payload import Block, payload
    from experiments.store.files import check_writable, told_if_unwritable, write_whole
    from experiments.store.space_folder import check_same_people, check_space_folder, differences, read_space_folder

    for folder in folders:
        check_space_folder(folder)
    check_writable(folders[0])
    runs = [read_space_folder(folder) for folder in folders]
    opened, n_people, block = _opened(runs, own or {}), _n_people(own or {}), Block()
    if len(runs) == 2:
        check_same_people(*runs)
    narrative = _narrative(runs, own or {}, n_people)
    description = payload(runs, differences(*runs) if len(runs) == 2 else [], opened, block)
    if narrative:
        description["narrative"] = narrative
    if n_people > 0:
        description["people"] = _people(runs, n_people, block)
    if len(runs) == 2:
        description["why"] = _why(folders, own or {}, runs[0].start)
        if "hour" in description["why"]:
            opened.setdefault("hour", description["why"]["hour"])
    text = page(description, block.text()).encode()
    path = folders[0] / VIEW_FILE
    with told_if_unwritable(folders[0], "folder"):
        write_whole(path, text)
    return path, len(text)


def _narrative(runs: Sequence[Any], own: dict[str, str], n_people: int) -> dict[str, Any] | None:
    """Return the narrative that is asked for."""
    from experiments.page.narrative import read_narrative

    if "narrative" not in own:
        return None
    cities = [*runs[0].cities, *([ALL_CITIES] if len(runs[0].cities) > 1 else [])]
    hours = min(run.hours for run in runs)
    return read_narrative(own["narrative"], runs[0].config["scenario"]["name"], hours, cities, n_people)


def _n_people(own: dict[str, str]) -> int:
    """Return how many persons of each city are told of."""
    return whole("people", own.get("people", str(PEOPLE)), 0, MOST_PEOPLE)


def _people(runs: Sequence[Any], n: int, block: Any) -> dict[str, Any]:
    """Return what is told of n persons of each city, or why that cannot be."""
    from experiments.analysis.weeks import weeks
    from experiments.commands.why import parameters_again
    from experiments.page.people import describe_people

    try:
        parameters = [parameters_again(run) for run in runs]
    except InputError as error:
        return {"fault": f"Nothing can be told of persons: {error}"}
    return {"cities": describe_people(weeks(parameters, n), block)}


def _why(folders: Sequence[Path], own: dict[str, str], start: date) -> dict[str, Any]:
    """Return who changed their mind at the city and hour at which the page opens, or why that cannot be told."""
    from experiments.analysis.changed_people import why_tables
    from experiments.commands.why import why
    from experiments.printing.hours import hour_label
    from experiments.printing.why_table import ORDER

    asked = {name: value for name, value in own.items() if name in ("city", "hour") and value != "all"}
    try:
        people, city, hour = why(folders, asked)
    except InputError as error:
        return {"title": "Who changed their mind", "fault": f"This cannot be told: {error}", "tables": []}
    when = f"{city}, {hour_label(start, hour)} (hour {hour})"
    title = f"{when}: persons who choose to protest in one run and not in the other"
    fault = "" if people else "Nobody."
    return {"title": title, "hour": hour, "fault": fault, "order": ORDER,
            "tables": [{"name": name, "rows": rows} for name, rows in why_tables(people).items() if rows]}  # fmt: skip


def _opened(runs: Sequence[Any], own: dict[str, str]) -> dict[str, Any]:
    """Return the city and the hour at which the page opens."""
    from experiments.store.space_folder import check_city

    city, hours = own.get("city", runs[0].cities[0]), min(run.hours for run in runs)
    opened: dict[str, Any] = {"city": ALL_CITIES if city == "all" and len(runs[0].cities) > 1 else city}
    if city != "all":
        check_city(runs[0], city)
    if "hour" in own:
        opened["hour"] = whole("hour", own["hour"], 0, hours - 1)
    return opened
