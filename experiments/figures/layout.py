"""Where things go in the figure of a run: panels, event numbers and their key, all in inches.

Laid out by hand, before anything is drawn: the automatic layouts of matplotlib take seconds with this many
panels, and the height of the figure follows from what it has to hold.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from experiments.printing.hours import hour_label

WIDTH, MARGIN, RIGHT_AXIS = 7.0, 0.68, 0.62
HEAD = 0.78  # with one line of facts and one of the legend
FACTS_LINE, LEGEND_LINE = 0.12, 0.15
LEAD_HEIGHT, WIDE_HEIGHT, PANEL_HEIGHT, PANEL_TITLE, DATE_AXIS = 2.6, 1.7, 1.15, 0.2, 0.37
EDGE = 0.12  # left of the heading, right of the key
GAP = 0.55  # between two small panels: the labels of the left one's right-hand axis
LANE, NUMBER_WIDTH = 0.122, 0.17  # one row of event numbers; the room that a number takes
KEY_LINE = 0.118
SMALL, MEDIUM, LARGE = 7.0, 7.4, 10.0  # font sizes, points
EVERYWHERE = "all"


@dataclass(frozen=True)
class Entry:
    """A numbered line of the key: events of one hour with the same label, in one city or in several."""

    number: int
    hour: int
    text: str
    panels: tuple[int, ...]  # column numbers of the run's cities


@dataclass(frozen=True)
class Marker:
    """The number of an entry as it stands above a panel, and the row in which it does."""

    number: int
    hour: int
    lane: int


@dataclass(frozen=True)
class Panel:
    """The place of one city's axes; `top` is counted downwards from the top of the figure."""

    city: int
    left: float
    top: float
    width: float
    height: float
    markers: tuple[Marker, ...]
    lanes: int  # rows of numbers above the panel, or above a fuller one beside it
    is_leftmost: bool = True

    @property
    def is_lead(self) -> bool:
        """Whether this is the large panel of the first city."""
        return self.city == 0


@dataclass(frozen=True)
class KeyBox:
    """The place of the key of events."""

    left: float
    top: float
    width: float
    columns: int


def numbered_events(events: Sequence[Any], cities: Sequence[str], hours: int) -> list[Entry]:
    """Number the events that have a label, by time; those of the whole country go to the first panel."""
    places: dict[tuple[int, str], list[str]] = {}
    for event in events:
        if event.label and 0 <= event.hour < hours and (event.city == EVERYWHERE or event.city in cities):
            places.setdefault((event.hour, event.label), []).append(event.city)
    order = sorted(places, key=lambda group: group[0])
    return [_entry(number, *group, places[group], list(cities)) for number, group in enumerate(order, start=1)]


def _entry(number: int, hour: int, label: str, where: list[str], cities: list[str]) -> Entry:
    """Name the cities of an event, unless it concerns all of the figure."""
    local = [city for city in cities if city in where]
    if EVERYWHERE in where or len(local) == len(cities):
        return Entry(number, hour, label, tuple(cities.index(city) for city in local) or (0,))
    names = " and ".join(local) if len(local) < 3 else f"{len(local)} cities"
    return Entry(number, hour, f"{names}: {label}", tuple(cities.index(city) for city in local))


def place_panels(
    entries: Sequence[Entry], n_cities: int, hours: int, head: float = HEAD
) -> tuple[list[Panel], float]:
    """Return the panels, the first city's on top, and the depth that they reach."""
    width = WIDTH - MARGIN - RIGHT_AXIS
    panels, depth = _row_of_panels([0], entries, hours, head, width, LEAD_HEIGHT)
    others = list(range(1, n_cities))
    columns = _n_columns(len(others))
    width = (width - (columns - 1) * GAP) / columns
    height = WIDE_HEIGHT if columns == 1 else PANEL_HEIGHT
    for first in range(0, len(others), columns):
        row, depth = _row_of_panels(others[first : first + columns], entries, hours, depth, width, height)
        panels += row
    return panels, depth


def _n_columns(n_others: int) -> int:
    return {0: 1, 1: 1, 2: 2, 4: 2}.get(n_others, 3)


def _row_of_panels(
    cities: Sequence[int], entries: Sequence[Entry], hours: int, depth: float, width: float, height: float
) -> tuple[list[Panel], float]:
    """Place one row of panels below `depth`; all leave the room that the fullest needs for its numbers."""
    own = [
        _in_lanes([entry for entry in entries if city in entry.panels], NUMBER_WIDTH * hours / width) for city in cities
    ]
    lanes = max(marker.lane + 1 for row in own for marker in row) if any(own) else 0
    top = depth + PANEL_TITLE + LANE * lanes
    panels = [
        Panel(city, MARGIN + place * (width + GAP), top, width, height, own[place], lanes, is_leftmost=place == 0)
        for place, city in enumerate(cities)
    ]
    return panels, top + height + DATE_AXIS


def _in_lanes(entries: Sequence[Entry], room_hours: float) -> tuple[Marker, ...]:
    """Lift a number to the first row in which it does not touch the one before it."""
    free_from: list[float] = []
    placed = []
    for entry in entries:
        lane = next((lane for lane, hour in enumerate(free_from) if hour <= entry.hour), len(free_from))
        free_from[lane : lane + 1] = [entry.hour + room_hours]
        placed.append(Marker(entry.number, entry.hour, lane))
    return tuple(placed)


def place_key(start: date, entries: Sequence[Entry], panels: Sequence[Panel], depth: float) -> tuple[KeyBox, float]:
    """Put the key beside the last row of panels if half the width is free, else below it.

    Return the key's place and the depth that the figure has reached.
    """
    last = panels[-1]
    left = last.left + last.width + GAP + 0.1
    key = KeyBox(left, last.top - PANEL_TITLE, WIDTH - EDGE - left, 2)
    if key.width < 0.5 * WIDTH:
        key = KeyBox(MARGIN - 0.1, depth + 0.05, WIDTH - MARGIN - EDGE, 3)
    placed = key_lines(start, entries, key)
    return key, max([depth, *(top + KEY_LINE * len(lines) for _, top, _, lines in placed)])


def key_lines(start: date, entries: Sequence[Entry], key: KeyBox) -> list[tuple[float, float, int, list[str]]]:
    """Return (left, top, number, lines) of every entry of the key, in columns of about equal height."""
    column_width = key.width / key.columns
    texts = [wrap(f"{hour_label(start, entry.hour)[4:]}  {entry.text}", column_width - 0.3, SMALL) for entry in entries]
    full = math.ceil(sum(map(len, texts)) / key.columns)
    placed, column, used = [], 0, 0
    for entry, lines in zip(entries, texts, strict=True):
        if used >= full and column < key.columns - 1:
            column, used = column + 1, 0
        placed.append((key.left + column * column_width, key.top + KEY_LINE * used, entry.number, lines))
        used += len(lines)
    return placed


def wrap(text: str, width: float, size: float, weight: str = "normal") -> list[str]:
    """Break a text into lines of at most `width` inches; a single word may be longer."""
    lines: list[str] = []
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, size, weight) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


@lru_cache(maxsize=4096)
def text_width(text: str, size: float, weight: str = "normal") -> float:
    """Return the width of a text in inches, in the font that matplotlib brings along."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import text_to_path

    font = FontProperties(size=size, weight=weight)
    return text_to_path.get_text_width_height_descent(text, font, False)[0] / 72
