"""A case's files, read and checked once in a process: the runs of a sweep share what they say."""

from __future__ import annotations

import functools
from datetime import date
from pathlib import Path
from typing import NamedTuple

from sim.inputs.city import City, country_adults, load_cities, load_place_names
from sim.inputs.targets import Target, load_targets
from sim.inputs.timeline import Timeline, load_timeline


class Case(NamedTuple):
    """What a folder of data says about a scenario; nothing in it can be changed."""

    cities: tuple[City, ...]
    country_adults: int
    timeline: Timeline
    targets: tuple[Target, ...]


def load_case(folder: Path, names: tuple[str, ...], start: date, hours: int) -> Case:
    """Return the case of these cities; a file that was edited is read again.

    Raises
    ------
    InputError
        On anything wrong in the data files.
    """
    return _load(folder, names, start, hours, _contents(folder))


def _contents(folder: Path) -> tuple[tuple[str, bytes], ...]:
    """Return names and bytes of the tables; one that cannot be read is left to the reader to explain."""
    try:
        return tuple((path.name, path.read_bytes()) for path in sorted(folder.glob("*.csv")))
    except OSError:
        return ()


@functools.lru_cache(maxsize=16)
def _load(folder: Path, names: tuple[str, ...], start: date, hours: int, _: tuple[tuple[str, bytes], ...]) -> Case:
    cities = load_cities(folder, names)
    places = load_place_names(folder)
    timeline = load_timeline(folder / "timeline.csv", names, places, start, hours)
    return Case(cities, country_adults(folder), timeline, load_targets(folder, names, start))
