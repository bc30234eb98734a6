"""Forcings: the timeline as hourly arrays, what the model takes from outside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.inputs.timeline import Timeline, Windows, closed_sites, level_series, window_series

DAY_STARTS = 6  # a luck day runs 06:00-06:00, so that a night is one occasion
SUNDAY = 6


@dataclass(frozen=True)
class Forcings:
    """Hourly arrays, shape (hours, n_cities) unless said otherwise.

    connectivity, subscribers, repression, violence, term_hours, russian_support, troops, threat_framing,
    exit_support : levels, float64.
    street, chain, shift, march, rally, appeal : windows. `street` is the call where one with credibility holds,
    else the occasion; `credibility` is the call's intensity, 0 without one; `place` of the street window is the called
    site's index among the city's places, -1 without one.
    official_share : float64, 0 but in the hour of the announcement.
    is_detained, is_exiled : float64 0 or 1, the leader.
    release : float64, share of those held who are released in the hour.
    closed : bool (hours, n_places of all cities).
    luck_day : int64 (hours,); is_weekday : float64 (hours,), every day but Sunday.
    """

    connectivity: np.ndarray
    subscribers: np.ndarray
    repression: np.ndarray
    violence: np.ndarray
    term_hours: np.ndarray
    russian_support: np.ndarray
    troops: np.ndarray
    threat_framing: np.ndarray
    exit_support: np.ndarray
    street: Windows
    credibility: np.ndarray
    chain: Windows
    shift: Windows
    march: Windows
    rally: Windows
    appeal: Windows
    official_share: np.ndarray
    is_detained: np.ndarray
    is_exiled: np.ndarray
    release: np.ndarray
    closed: np.ndarray
    luck_day: np.ndarray
    is_weekday: np.ndarray


LEVELS = ("connectivity", "subscribers", "repression", "violence", "term_hours", "russian_support", "troops",
          "threat_framing", "exit_support")  # fmt: skip
WINDOWS = ("chain", "shift", "march", "rally", "appeal")


def build_forcings(timeline: Timeline) -> Forcings:
    """Expand a timeline to hourly arrays."""
    call, occasion = window_series(timeline, "call"), window_series(timeline, "occasion")
    hour = np.arange(timeline.hours)
    luck_day = (hour - DAY_STARTS) // 24 + 1
    weekday = (timeline.start.weekday() + luck_day - 1) % 7
    exile = window_series(timeline, "exile").intensity
    levels: dict[str, Any] = {kind: level_series(timeline, kind) for kind in LEVELS}
    windows: dict[str, Any] = {kind: window_series(timeline, kind) for kind in WINDOWS}
    return Forcings(
        **levels,
        **windows,
        street=_prefer(call, occasion),
        credibility=call.intensity,
        official_share=window_series(timeline, "announcement").intensity,
        is_detained=(window_series(timeline, "leader_detained").intensity > 0).astype(float),
        is_exiled=(np.cumsum(exile, axis=0) > 0).astype(float),
        release=window_series(timeline, "release").intensity,
        closed=closed_sites(timeline),
        luck_day=luck_day,
        is_weekday=(weekday != SUNDAY).astype(float),
    )


def _prefer(call: Windows, occasion: Windows) -> Windows:
    """Return the call where one with credibility holds, else the occasion."""
    called = call.intensity > 0
    return Windows(*(np.where(called, getattr(call, name), getattr(occasion, name))
                     for name in ("intensity", "place", "start", "length")))  # fmt: skip
