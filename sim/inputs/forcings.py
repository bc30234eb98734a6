"""Forcings: the timeline as hourly arrays, what the model takes from outside."""

from __future__ import annotations

from dataclasses import dataclass

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
    is_detained, is_exiled : float64 0 or 1, the leader.
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
    return Forcings(
        value=value,
        window=window,
        street=_prefer(window["call"], window["occasion"]),
        is_detained=(value["leader_detained"] > 0).astype(float),
        is_exiled=(np.cumsum(value["exile"], axis=0) > 0).astype(float),
        closed=closed,
        luck_day=luck_day,
        is_weekday=(weekday != (WEEKDAYS.index(main_day) if main_day in WEEKDAYS else -1)).astype(float),
    )


def _prefer(call: Windows, occasion: Windows) -> Windows:
    """Return the call where one with credibility holds, else the occasion."""
    called = call.intensity > 0
    return Windows(*(np.where(called, getattr(call, name), getattr(occasion, name))
                     for name in ("intensity", "place", "start", "length")))  # fmt: skip
