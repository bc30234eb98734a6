"""The timeline of a scenario: what happened or is assumed from outside, hour by hour and city by city.

Events are of three shapes. A *level* holds until the next row of its kind; a *window* holds for some hours; a
*point* acts in its own hour. A *fact* documents what happened and has no effect.

A row may repeat: `repeat` is `daily` or `weekly`, `until` the last day on which it begins; a level that repeats has
`hours`. A level that does not repeat may end, with the day `until`. While a level with an end holds it lies over those
without one, which then hold again. The result is announced once.

A call and a march may go from place to place: `place` is then a route, ``Victoria Park > Admiralty``, whose places
share the hours of the window alike. Where one is closed, people go on to the next that is open.

There may be several leaders and channels: `who` names one, a blank stands for the leader. A call is silenced only while
the one who calls is detained, and weakened only if that one is in exile. The columns `repeat`, `until` and `who` may be
left out of the file.

Hour 0 is 00:00 of the scenario's first day, local time. A row for the city `all` holds for every city. Of two
levels in one hour, one for `all` and one for a city, the city keeps its own. A city's own window replaces, in
that city and as a whole, the windows of the same kind for `all` that it meets.
"""

import math
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

import numpy as np

from agents.mechanisms import own_kinds
from agents.rules.declaration import Kind
from sim.errors import InputError
from sim.inputs.city import EVERY_CITY
from sim.inputs.contradictions import check_story
from sim.inputs.tables import Row, read_table

LONGEST_WINDOW = 8784  # hours in a leap year
REPEATS = {"daily": 24, "weekly": 168}  # hours
MOST_REPEATS = 10_000
ROUTED = ("call", "march")  # kinds that may go from place to place
LEADING = ("call", "leader_detained", "exile")  # kinds of which `who` says which leader or channel
ROUTE = ">"  # between the places of a route


# The only table of kinds, with those that mechanisms declare beside their rules. From it follow the rows allowed in
# timeline.csv, `forcings.<kind>`, the hourly arrays (`sim.inputs.forcings`) and the signals (`sim.world.world`).
KINDS: dict[str, Kind] = {
    "connectivity": Kind("level", "share of normal internet traffic", default=1.0),
    "subscribers": Kind("level", "reach of independent channels in the country, persons", high=1e10),
    "repression": Kind("level", "multiplies the arrest hazard; 0 = no arrests", high=5.0),
    "violence": Kind("level", "multiplies the violent share of arrests", high=5.0, default=1.0),
    "term_hours": Kind("level", "mean detention term, hours", low=1.0, high=360.0, default=60.0),
    "russian_support": Kind("level", "Russian support"),
    "troops": Kind("level", "Russian troops"),
    "threat_framing": Kind("level", "framing of an external threat"),
    "exit_support": Kind("level", "share of an officer's exit cost that a fund covers"),
    "occasion": Kind("window", "hours in which people may protest"),
    "call": Kind("window", "a call to protest; its credibility", place="optional"),
    "chain": Kind("window", "hours of daytime chains"),
    "shift": Kind("window", "a shift at the plants"),
    "march": Kind("window", "a column of strikers", place="required"),
    "rally": Kind("window", "a rally for the incumbent; multiplies the share of workers ordered", high=5.0,
                  place="required"),
    "closure": Kind("window", "a closed site", place="required"),
    "appeal": Kind("window", "an appeal to officers and officials; reach times credibility"),
    "leader_detained": Kind("window", "the leader is detained"),
    "detained": Kind("window", "persons detained in it, as recorded: the level of repression follows from them",
                     high=1e6),
    "announcement": Kind("point", "the result; official share of the incumbent"),
    "exile": Kind("point", "the leader leaves the country"),
    "release": Kind("point", "share of those held who are released"),
    "fact": Kind("fact", "documents what happened", low=-math.inf, high=math.inf, place="optional"),
}  # fmt: skip
if taken := set(KINDS) & set(own_kinds()):
    raise TypeError(f"the kind {min(taken)} of a mechanism is one of the timeline's own: choose another name")
KINDS |= own_kinds()
LEVELS, WINDOWS, POINTS = (
    tuple(name for name, kind in KINDS.items() if kind.shape == shape) for shape in ("level", "window", "point")
)


@dataclass(frozen=True)
class Event:
    """One row of timeline.csv.

    `hour` counts from the scenario's start and may lie outside its hours; `hours` is None where a duration
    has no meaning, and of a level without an end (one with an end lies over the others); `intensity` is NaN for a fact
    without one; `city` is a city or `all`; `place`, `label` and `who` may be blank.
    """

    hour: int
    hours: int | None
    city: str
    kind: str
    intensity: float
    place: str
    label: str
    note: str
    source: str
    confidence: str
    line: int
    who: str = ""


@dataclass(frozen=True)
class Timeline:
    """The events that concern a scenario's cities, by hour (events for `all` first), then line of the file.

    `places` holds the place names of each city, in the order of `cities`: place indices refer to it.
    """

    start: date
    hours: int
    cities: tuple[str, ...]
    places: tuple[tuple[str, ...], ...]
    events: tuple[Event, ...]


@dataclass(frozen=True)
class Windows:
    """One kind of window (or point) by hour and city; every array has shape (hours, n_cities).

    intensity : float64, 0 where there is none.
    place : int64, index into the city's places, -1 where there is none.
    start : int64, hour in which the covering window begins; may be negative; 0 where there is none.
    length : int64, hours of the covering window; 0 where there is none (a call of intensity 0 has a length).
    """

    intensity: np.ndarray
    place: np.ndarray
    start: np.ndarray
    length: np.ndarray


def load_timeline(
    path: Path | str,
    cities: tuple[str, ...] | list[str],
    places: Mapping[str, tuple[str, ...]],
    start: date,
    hours: int,
) -> Timeline:
    """Read and check a timeline.

    Parameters
    ----------
    path : path
        The file timeline.csv.
    cities : sequence of str
        Names of the scenario's cities. Rows of other known cities are checked, then skipped.
    places : mapping of str to tuple of str
        Place names of every city of the data folder, as `sim.inputs.city.load_place_names` returns them.
    start : date
        Day of hour 0.
    hours : int
        Hours of the scenario.

    Raises
    ------
    InputError
        On a malformed row, an unknown name, two levels in one hour or two windows of a kind that overlap.
    """
    columns = ("date", "hour", "hours", "city", "kind", "intensity", "place", "label", "note")
    rows = read_table(path, columns, "the events of the scenario", ("repeat", "until", "who"))
    events = [event for row in rows for event in _events(row, places, start)]
    _check_overlaps(events, Path(path).name)
    check_story(events, cities, Path(path).name)
    kept = sorted(
        (event for event in events if event.city in (EVERY_CITY, *cities)),
        key=lambda event: (event.hour, event.city != EVERY_CITY, event.line),
    )
    return Timeline(start, hours, tuple(cities), tuple(places[city] for city in cities), tuple(kept))


def level_series(timeline: Timeline, kind: str) -> np.ndarray:
    """Expand a level to every hour and city: float64, shape (hours, n_cities)."""
    series = np.full((timeline.hours, len(timeline.cities)), _of_shape(kind, "level").default)
    of_kind = [event for event in timeline.events if event.kind == kind]
    for event in sorted(of_kind, key=lambda event: event.hours is not None):  # stable; those that end lie on top
        stop = timeline.hours if event.hours is None else max(_end(event), 0)
        series[max(event.hour, 0) : stop, _columns(timeline, event)] = event.intensity
    return series


def lasting_levels(timeline: Timeline) -> tuple[int, dict[str, float]]:
    """Return the hour after the last row, and the levels that hold from there to the end of the run for want of others.

    Returns
    -------
    hour : int
        0 without rows.
    levels : dict of str to float
        Levels other than the default, the largest over the cities.
    """
    last = max((_end(event) for event in timeline.events if KINDS[event.kind].shape != "fact"), default=0)
    held = {event.kind for event in timeline.events if KINDS[event.kind].shape == "level"}
    found = {kind: float(level_series(timeline, kind)[-1].max()) for kind in sorted(held)}
    return last, {kind: value for kind, value in found.items() if value != KINDS[kind].default}


def window_series(timeline: Timeline, kind: str) -> Windows:
    """Expand a kind of window, or of point (then one hour long), to every hour and city."""
    _of_shape(kind, "window", "point")
    shape = timeline.hours, len(timeline.cities)
    series = Windows(np.zeros(shape), np.full(shape, -1), np.zeros(shape, int), np.zeros(shape, int))
    for column, event in _windows(timeline, kind):
        first = max(event.hour, 0)
        span = slice(first, max(min(_end(event), timeline.hours), first))
        series.intensity[span, column] = event.intensity
        series.place[span, column] = _route(timeline, column, event)[first - event.hour : span.stop - event.hour]
        series.start[span, column] = event.hour
        series.length[span, column] = _end(event) - event.hour
    return series


def callers(timeline: Timeline) -> np.ndarray:
    """Return the leader or channel whose call holds: object, shape (hours, n_cities), blank for the leader or none."""
    found = np.full((timeline.hours, len(timeline.cities)), "", object)
    for column, event in _windows(timeline, "call"):
        found[max(event.hour, 0) : max(_end(event), 0), column] = event.who
    return found


def closed_sites(timeline: Timeline) -> np.ndarray:
    """Return which sites are closed: bool, shape (hours, n_sites), the places of all cities in a row."""
    first = np.cumsum([0, *map(len, timeline.places)])
    closed = np.zeros((timeline.hours, first[-1]), bool)
    for column, event in _windows(timeline, "closure"):
        site = first[column] + timeline.places[column].index(event.place)
        closed[max(event.hour, 0) : max(_end(event), 0), site] |= event.intensity > 0
    return closed


def places_of(text: str) -> tuple[str, ...]:
    """Return the places that a row names: none, one, or those of a route in their order."""
    return tuple(name.strip() for name in text.split(ROUTE)) if text else ()


def _of_shape(kind: str, *shapes: str) -> Kind:
    """Return the kind, which must have one of these shapes: else the caller erred, not the user."""
    if KINDS[kind].shape not in shapes:
        raise ValueError(f"{kind} is a {KINDS[kind].shape}, not a {' or '.join(shapes)}")
    return KINDS[kind]


def _columns(timeline: Timeline, event: Event) -> list[int]:
    """Return the columns of the cities that an event concerns."""
    return [column for column, city in enumerate(timeline.cities) if event.city in (EVERY_CITY, city)]


def _end(event: Event) -> int:
    """Return the first hour after an event; a point lasts one hour."""
    return event.hour + (event.hours or 1)


def overlap(one: Event, other: Event) -> bool:
    """Say whether two events hold in the same hour."""
    return one.hour < _end(other) and other.hour < _end(one)


def _windows(timeline: Timeline, kind: str) -> Iterator[tuple[int, Event]]:
    """Yield (column, event) of a kind; a city's own window replaces those for all cities that it meets."""
    of_kind = [event for event in timeline.events if event.kind == kind]
    for column, city in enumerate(timeline.cities):
        own = [event for event in of_kind if event.city == city]  # by hour
        yield from ((column, event) for event in own)
        starts, ends = [event.hour for event in own], list(accumulate(map(_end, own), max))
        for event in of_kind:
            n_before = bisect_left(starts, _end(event))  # own that begin before it ends
            if event.city == EVERY_CITY and not (n_before and ends[n_before - 1] > event.hour):
                yield column, event


def _route(timeline: Timeline, column: int, event: Event) -> np.ndarray:
    """Return the place of each hour of an event among those of its city, int64, -1 if it has none."""
    known, n_hours = timeline.places[column], _end(event) - event.hour
    stops = [known.index(name) for name in places_of(event.place)] or [-1]
    return np.array([stops[h * len(stops) // n_hours] for h in range(n_hours)])


def open_places(timeline: Timeline, kind: str, windows: Windows, closed: np.ndarray) -> Windows:
    """Return the windows of a kind with routes led round the places that are closed, if another one is open.

    Parameters
    ----------
    closed : ndarray of bool, shape (hours, n_sites)
        From `closed_sites`.
    """
    place = windows.place.copy()
    first = np.cumsum([0, *map(len, timeline.places)])
    for column, event in _windows(timeline, kind):
        stops = [timeline.places[column].index(name) for name in places_of(event.place)]
        for hour in range(max(event.hour, 0), min(_end(event), timeline.hours) if len(stops) > 1 else 0):
            now = stops.index(place[hour, column])
            there = [stop for stop in [*stops[now:], *stops[:now][::-1]] if not closed[hour, first[column] + stop]]
            place[hour, column] = there[0] if there else place[hour, column]
    return replace(windows, place=place)


def hour_of(row: Row, day: str, hour: str, start: date) -> int:
    """Return the hours from the scenario's start to a date and an hour of that day."""
    return (row.day(day) - start).days * 24 + row.integer(hour, 0, 23)


def _events(row: Row, places: Mapping[str, tuple[str, ...]], start: date) -> Iterator[Event]:
    """Yield the checked events of one row: one, or as many as it repeats."""
    event, repeat = _event(row, places, start), row.cells["repeat"]
    until = _last_hour(row, event, start)
    if not repeat:
        yield event
        return
    step = REPEATS[row.choice("repeat", REPEATS)]
    if until is None:
        raise row.error("until", f"the last day on which a {repeat} row begins, such as 2020-08-16")
    if event.kind in ("announcement", "exile") or (KINDS[event.kind].shape == "level" and event.hours is None):
        allowed = "for levels that end after some hours, and for windows" if event.hours is None else "blank"
        raise row.error("repeat", f"blank for {event.kind}: repeating is {allowed}")
    if (until - event.hour) // step >= MOST_REPEATS:
        raise row.error("until", f"a day before {MOST_REPEATS:,} repetitions")
    yield from (replace(event, hour=hour) for hour in range(event.hour, until, step))


def _last_hour(row: Row, event: Event, start: date) -> int | None:
    """Return the first hour after the day `until`, None where it is blank."""
    if not row.cells["until"]:
        return None
    if not row.cells["repeat"] and KINDS[event.kind].shape != "level":
        raise row.error("until", f"blank, since {event.kind} is no level and does not repeat")
    until = ((row.day("until") - start).days + 1) * 24
    if until <= event.hour:
        raise row.error("until", f"{row.cells['date']} or later")
    return until


def _event(row: Row, places: Mapping[str, tuple[str, ...]], start: date) -> Event:
    """Return the checked event of one row, at its first time."""
    hour = hour_of(row, "date", "hour", start)
    city = row.choice("city", (EVERY_CITY, *places))
    name = row.choice("kind", KINDS)
    return Event(
        hour=hour, hours=_duration(row, KINDS[name].shape, hour, start), city=city, kind=name,
        intensity=_intensity(row, KINDS[name]), place=_place(row, KINDS[name], city, places),
        label=row.cells["label"], note=row.cells["note"], source=row.cells["source"],
        confidence=row.cells["confidence"], line=row.line, who=_who(row),
    )  # fmt: skip


def _who(row: Row) -> str:
    """Return the leader or channel of a row; blank: the leader."""
    if row.cells["who"] and row.cells["kind"] not in LEADING:
        raise row.error("who", f"blank: {', '.join(LEADING)} have a leader or channel")
    return row.cells["who"]


def _duration(row: Row, shape: str, hour: int, start: date) -> int | None:
    """Return the hours of a window, or of a level that ends; points must leave them blank, a fact may."""
    is_repeated = shape == "level" and bool(row.cells["repeat"])
    if shape == "window" or (row.cells["hours"] and (is_repeated or shape == "fact")):
        return row.integer("hours", 1, LONGEST_WINDOW)
    if shape == "level" and row.cells["until"] and not row.cells["repeat"]:
        return ((row.day("until") - start).days + 1) * 24 - hour
    if row.cells["hours"]:
        raise row.error("hours", f"blank, since {row.cells['kind']} is a {shape}")
    return None


def _intensity(row: Row, kind: Kind) -> float:
    """Return the intensity, which only a fact may leave blank."""
    if kind.shape == "fact" and not row.cells["intensity"]:
        return math.nan
    return row.number("intensity", kind.low, kind.high)


def _place(row: Row, kind: Kind, city: str, places: Mapping[str, tuple[str, ...]]) -> str:
    """Return the place, checked against those of the city and against what the kind needs."""
    name = row.cells["place"]
    if kind.place == "required" and city == EVERY_CITY:
        raise row.error("city", f"one city, since {row.cells['kind']} needs a place", tuple(places))
    if row.cells["kind"] in ROUTED and ROUTE in name and city != EVERY_CITY:
        return _checked_route(row, places[city])
    if kind.place == "required" or (name and kind.place == "optional" and city != EVERY_CITY):
        return row.choice("place", places[city])
    if name:
        has_one = kind.place == "optional"
        raise row.error("place", "blank for all cities" if has_one else f"blank for {row.cells['kind']}")
    return ""


def _checked_route(row: Row, known: tuple[str, ...]) -> str:
    """Return a route, checked against the places of its city: each once."""
    stops = places_of(row.cells["place"])
    if not set(stops) <= set(known) or len(set(stops)) < len(stops):
        raise row.error("place", f"a route, each place once, of {', '.join(known)}")
    return f" {ROUTE} ".join(stops)


def _check_overlaps(events: list[Event], file: str) -> None:
    """Refuse two rows of a kind and city that hold in the same hour (levels without an end: that begin in it)."""
    groups: dict[tuple[Any, ...], list[Event]] = {}
    for event in events:
        place = event.place if event.kind == "closure" else event.who if event.kind == "leader_detained" else ""
        shape = KINDS[event.kind].shape
        if shape != "fact":
            is_open = shape == "level" and event.hours is None
            groups.setdefault((event.kind, event.city, place, is_open), []).append(event)
    for (kind, city, *_), group in groups.items():
        group.sort(key=lambda event: (event.hour, event.line))
        for one, other in pairwise(group):  # the first that meets another meets its neighbour
            if overlap(one, other):
                first, second = sorted((one.line, other.line))
                raise InputError(
                    f"{file} line {second}: kind={kind} for {city} overlaps with line {first}: "
                    "one at a time for each kind and city"
                )
