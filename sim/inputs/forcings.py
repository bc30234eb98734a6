"""Forcings: the timeline as hourly arrays, what the model takes from outside."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from agents.mechanisms import own_kinds
from sim.inputs.timeline import (
    KINDS,
    LEVELS,
    POINTS,
    ROUTED,
    WINDOWS,
    Timeline,
    Windows,
    callers,
    closed_sites,
    level_series,
    open_places,
    window_series,
)

DAY_STARTS = 6  # a luck day runs 06:00-06:00, so that a night is one occasion
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
# Kinds of which each hour's value is a signal of the same name: all levels, and what mechanisms declare.
SIGNALLED = (*LEVELS, *(name for name in own_kinds() if KINDS[name].shape in ("window", "point")))


@dataclass(frozen=True)
class Forcings:
    """Hourly arrays, shape (hours, n_cities) unless said otherwise.

    value : by kind, float64: the level that holds, or the intensity of the window or point, 0 without one.
    window : by kind of window or point: where it is, when it began, how long it lasts.
    street : the call where one with credibility holds, else the occasion; its `place` is the called site's index among
        the city's places, -1 without one.
    is_detained, is_exiled : float64 0 or 1, the leader or channel of the call that holds.
    closed : bool (hours, n_places of all cities).
    luck_day : int64 (hours,); is_weekday : float64 (hours,), every day but the weekly one.
    """

    value: dict[str, np.ndarray]
    window: dict[str, Windows]
    street: Windows
    is_detained: np.ndarray
    is_exiled: np.ndarray
    closed: np.ndarray
    luck_day: np.ndarray
    is_weekday: np.ndarray


def build_forcings(timeline: Timeline, main_day: str = "sunday") -> Forcings:
    """Expand a timeline to hourly arrays; `main_day` is the weekly day of the protest, one of `WEEKDAYS` or none."""
    window = {kind: window_series(timeline, kind) for kind in (*WINDOWS, *POINTS)}
    value = {kind: level_series(timeline, kind) for kind in LEVELS}
    value |= {kind: series.intensity for kind, series in window.items()}
    closed = closed_sites(timeline)
    window |= {kind: open_places(timeline, kind, window[kind], closed) for kind in ROUTED}
    luck_day = (np.arange(timeline.hours) - DAY_STARTS) // 24 + 1
    weekday = (timeline.start.weekday() + luck_day - 1) % 7
    is_detained, is_exiled = _callers(timeline)
    return Forcings(
        value=value,
        window=window,
        street=_prefer(window["call"], window["occasion"]),
        is_detained=is_detained,
        is_exiled=is_exiled,
        closed=closed,
        luck_day=luck_day,
        is_weekday=(weekday != (WEEKDAYS.index(main_day) if main_day in WEEKDAYS else -1)).astype(float),
    )


def _callers(timeline: Timeline) -> tuple[np.ndarray, np.ndarray]:
    """Return whether the one whose call holds is detained, and in exile; float64 (hours, n_cities) each."""
    calling = callers(timeline)
    detained, exiled = np.zeros(calling.shape), np.zeros(calling.shape)
    for who in {event.who for event in timeline.events}:
        own = replace(timeline, events=tuple(event for event in timeline.events if event.who == who))
        held = window_series(own, "leader_detained").intensity > 0
        left = np.cumsum(window_series(own, "exile").intensity, axis=0) > 0
        calls = calling == who
        detained[calls], exiled[calls] = held[calls], left[calls]
    return detained, exiled


def _prefer(call: Windows, occasion: Windows) -> Windows:
    """Return the call where one with credibility holds, else the occasion."""
    called = call.intensity > 0
    return Windows(*(np.where(called, getattr(call, name), getattr(occasion, name))
                     for name in ("intensity", "place", "start", "length")))  # fmt: skip
