"""Counterfactual timelines: rows of a kind made stronger or weaker, moved, or added, all else as recorded.

A change concerns the rows of its kind that begin in [from_hour, to_hour) of the recorded timeline. It never touches
what people do: a counterfactual varies forcings and holds the others.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from sim.errors import not_allowed
from sim.inputs.timeline import KINDS, LONGEST_WINDOW, Event, Timeline
from sim.parameters import ForcingChange, Forcings

AS_RECORDED = ForcingChange()


def changed_timeline(timeline: Timeline, forcings: Forcings) -> Timeline:
    """Return the timeline with all changes made; the very same one if there are none.

    Raises
    ------
    InputError
        A place to be closed is in none of the scenario's cities.
    """
    changes = {kind: change for kind in KINDS if (change := getattr(forcings, kind, AS_RECORDED)) != AS_RECORDED}
    if not changes and not forcings.closed_places:
        return timeline
    events = [_changed(event, changes[event.kind]) if event.kind in changes else event for event in timeline.events]
    events += [event for place in forcings.closed_places for event in _closures(timeline, place)]
    events.sort(key=lambda event: event.hour)  # stable: rows for all cities stay before a city's own
    return dataclasses.replace(timeline, events=tuple(events))


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
