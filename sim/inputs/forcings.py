"""Forcings: the timeline as hourly arrays, what the model takes from outside."""

from __future__ import annotations

import functools
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
# What kernels read of an hour: values of these kinds, and of these (street: see `Forcings`) place, start and length.
RECORDED = ("call", "chain", "shift", "march", "rally", "appeal", "threat", "announcement", "release", "detained")
PLACED = ("street", "call", "chain", "march", "rally", "detained")
BY_HOUR = np.dtype([
    *((kind, "f8") for kind in RECORDED),
    *((f"{kind}_{name}", "i8") for kind in PLACED for name in ("place", "start", "length")),
    ("detained_hours_left", "i8"), ("is_detained", "f8"), ("is_exiled", "f8"), ("is_weekday", "f8"),
    ("luck_day", "i8"), ("begins_luck_day", "i8"),
])  # fmt: skip
SIGNALLED = (*LEVELS, *(name for name in own_kinds() if KINDS[name].shape in ("window", "point")))


@dataclass(frozen=True)
class Forcings:
    """Hourly arrays, shape (hours, n_cities) unless said otherwise.

    by_hour : records of what kernels read, by the names of `RECORDED` and `PLACED`.
    levels : float64 (hours, n_cities, kinds of `SIGNALLED`), their values.
    value : by kind, float64: the level that holds, or the intensity of the window or point, 0 without one.
    window : by kind of window or point: where it is, when it began, how long it lasts.
    street : the call where one with credibility holds, else the occasion; its `place` is the called site's index among
        the city's places, -1 without one.
    is_detained, is_exiled : float64 0 or 1, the leader or channel of the call that holds.
    closed : bool (hours, n_places of all cities).
    luck_day : int64 (hours,); is_weekday : float64 (hours,), every day but the weekly one.
    """

    by_hour: np.ndarray
    levels: np.ndarray
    value: dict[str, np.ndarray]
    window: dict[str, Windows]
    street: Windows
    is_detained: np.ndarray
    is_exiled: np.ndarray
    closed: np.ndarray
    luck_day: np.ndarray
    is_weekday: np.ndarray


@functools.lru_cache(maxsize=4)  # the runs of a sweep share them
def build_forcings(timeline: Timeline, main_day: str = "sunday") -> Forcings:
    """Expand a timeline to hourly arrays, not to be written.

    `main_day` is the weekly day of the protest, one of `WEEKDAYS` or none.
    """
    window = {kind: window_series(timeline, kind) for kind in (*WINDOWS, *POINTS)}
    value = {kind: level_series(timeline, kind) for kind in LEVELS}
    value |= {kind: series.intensity for kind, series in window.items()}
    closed = closed_sites(timeline)
    window |= {kind: open_places(timeline, kind, window[kind], closed) for kind in ROUTED}
    luck_day = (np.arange(timeline.hours) - DAY_STARTS) // 24 + 1
    weekday = (timeline.start.weekday() + luck_day - 1) % 7
    is_detained, is_exiled = _callers(timeline)
    street, is_weekday = _prefer(window["call"], window["occasion"]), weekday != _number(main_day)
    by_hour = np.zeros(street.length.shape, BY_HOUR)
    for kind in RECORDED:
        by_hour[kind] = value[kind]
    for kind in PLACED:
        series = street if kind == "street" else window[kind]
        for name in ("place", "start", "length"):
            by_hour[f"{kind}_{name}"] = getattr(series, name)
    by_hour["detained_hours_left"] = _hours_left(by_hour)
    by_hour["is_detained"], by_hour["is_exiled"] = is_detained, is_exiled
    by_hour["luck_day"], by_hour["is_weekday"] = luck_day[:, None], is_weekday[:, None]
    by_hour["begins_luck_day"][1:] = (luck_day[1:] != luck_day[:-1])[:, None]
    return _locked(Forcings(
        by_hour=by_hour,
        levels=np.stack([value[kind] for kind in SIGNALLED], axis=-1),
        value=value,
        window=window,
        street=street,
        is_detained=is_detained,
        is_exiled=is_exiled,
        closed=closed,
        luck_day=luck_day,
        is_weekday=is_weekday.astype(float),
    ))  # fmt: skip


def _locked(forcings: Forcings) -> Forcings:
    """Let no run write what others share."""
    windows = [array for series in (forcings.street, *forcings.window.values()) for array in vars(series).values()]
    for array in (*vars(forcings).values(), *forcings.value.values(), *windows):
        if isinstance(array, np.ndarray):
            array.flags.writeable = False
    return forcings


def _number(main_day: str) -> int:
    """Return the number of a day of the week, -1 of none."""
    return WEEKDAYS.index(main_day) if main_day in WEEKDAYS else -1


def _hours_left(by_hour: np.ndarray) -> np.ndarray:
    """Return the hours left of a window of `detained` in which people may be on the street, at least 1; int64."""
    left = np.ones(by_hour.shape, np.int64)
    for h, c in zip(*np.nonzero(by_hour["detained_length"]), strict=True):
        rest = by_hour[h : by_hour["detained_start"][h, c] + by_hour["detained_length"][h, c], c]
        is_open = (rest["street_length"] > 0) | (rest["chain"] > 0) | (rest["march"] > 0)
        left[h, c] = max(1, int(is_open.sum()))
    return left


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
