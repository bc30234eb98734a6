"""Counterfactual timelines: rows of a kind made stronger or weaker, moved, or added, all else as recorded.

A change concerns the rows of its kind that begin in [from_hour, to_hour) of the recorded timeline; rows are added as
they are written. It never touches what people do: a counterfactual varies forcings and holds the others.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from sim.errors import not_allowed
from sim.inputs.city import EVERY_CITY
from sim.inputs.contradictions import TAKEN_BACK, check_story
from sim.inputs.timeline import KINDS, LONGEST_WINDOW, ROUTED, Event, Timeline, overlap, places_of
from sim.parameters import CHANGEABLE, AddedRow, ForcingChange, Forcings

AS_RECORDED = ForcingChange()


def changed_timeline(timeline: Timeline, forcings: Forcings) -> Timeline:
    """Return the timeline with all changes made; the very same one if there are none.

    Raises
    ------
    InputError
        A place or city is none of the scenario's, or an added row meets another one of its kind and city, or one that
        contradicts it.
    """
    changes = {kind: change for kind in CHANGEABLE if (change := forcings.of(kind)) != AS_RECORDED}
    if not changes and not forcings.closed_places:
        return timeline
    events = [_changed(event, changes[event.kind]) if event.kind in changes else event for event in timeline.events]
    added: list[Event] = []
    for kind, change in changes.items():
        for row in change.add:
            added += _added(timeline, kind, row, [*events, *added])
    told = [_as_told(after, before) for after, before in zip(events, timeline.events, strict=True)]
    check_story([*told, *added], timeline.cities, "timeline.csv")
    events += added
    events += [event for place in forcings.closed_places for event in _closures(timeline, place)]
    events.sort(key=lambda event: (event.hour, event.city != EVERY_CITY))  # stable; a city's own come last
    return dataclasses.replace(timeline, events=tuple(events))


def _as_told(after: Event, before: Event) -> Event:
    """Return a changed row as the check for contradictions reads it: to leave out a concession takes nothing back."""
    return dataclasses.replace(after, intensity=before.intensity) if before.kind in TAKEN_BACK else after


def _added(timeline: Timeline, kind: str, row: AddedRow, others: list[Event]) -> list[Event]:
    """Return the events of an added row, one a day, checked against the scenario and the other events."""
    name, cities = f"forcings.{kind}.add", (EVERY_CITY, *timeline.cities)
    if row.city not in cities:
        raise not_allowed(name, "city", row.city, "one of " + ", ".join(cities), cities)
    stops = places_of(row.place) if kind in ROUTED else (row.place,) if row.place else ()
    if stops and not set(stops) <= set(known := timeline.places[timeline.cities.index(row.city)]):
        raise not_allowed(name, "place", row.place, "one of " + ", ".join(known), known)
    made: list[Event] = []
    for day in range(row.days):
        event = Event(row.hour + 24 * day, row.hours, row.city, kind, row.value, row.place, "", "", "", "", 0)
        met = next((other for other in [*others, *made] if _collide(event, other)), None)
        if met is not None:
            where = f"line {met.line} of timeline.csv" if met.line else "another added row"
            raise not_allowed(name, "hour", event.hour, f"hours free of {where}, which holds from {met.hour} on")
        made.append(event)
    return made


def _collide(one: Event, other: Event) -> bool:
    """Say whether two events of a kind and city (closures: place) claim an hour; a level that ends lies on others."""
    same = one.kind == other.kind and one.city == other.city and (one.kind != "closure" or one.place == other.place)
    lies_over = KINDS[one.kind].shape == "level" and (one.hours is None) != (other.hours is None)
    return same and not lies_over and overlap(one, other)


def _changed(event: Event, change: ForcingChange) -> Event:
    """Return one row, changed if it begins within the change's hours."""
    if event.hour < change.from_hour or (change.to_hour is not None and event.hour >= change.to_hour):
        return event
    kind = KINDS[event.kind]
    intensity = event.intensity * change.factor if change.value is None else change.value
    return dataclasses.replace(
        event, hour=event.hour + change.delay_hours, intensity=float(np.clip(intensity, kind.low, kind.high))
    )


def _closures(timeline: Timeline, place: str) -> list[Event]:
    """Return rows that close a place for the whole scenario, in every city that has one of that name."""
    cities = [city for city, places in zip(timeline.cities, timeline.places, strict=True) if place in places]
    if not cities:
        known = [name for places in timeline.places for name in places]
        raise not_allowed("", "forcings.closed_places", place, "places of the scenario's cities", known)
    hours = min(timeline.hours, LONGEST_WINDOW)
    return [Event(0, hours, city, "closure", 1.0, place, "", "", "", "", 0) for city in cities]
