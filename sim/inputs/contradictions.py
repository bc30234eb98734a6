"""Events that cannot both have happened, though each row alone is sound."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sim.errors import InputError
from sim.inputs.city import EVERY_CITY

TAKEN_BACK = ("concession", "guarantee")


def check_story(events: Sequence[Any], cities: Sequence[str], file: str) -> None:
    """Refuse events that contradict each other in a city.

    Parameters
    ----------
    events : sequence of Event
        In any order; those of the line 0 were added by a counterfactual.

    Raises
    ------
    InputError
        The result is announced twice, a concession or guarantee is taken back before it was made, or a leader is
        detained who has left the country. Names the line of the file.
    """
    in_order = sorted(events, key=lambda event: (event.hour, event.line))
    for city in cities:
        own = [event for event in in_order if event.city in (EVERY_CITY, city)]
        for event, told in (*_announced_again(own, city), *_taken_back(own, city), *_held_abroad(own, city)):
            where = f"{file} line {event.line}" if event.line else f"forcings.{event.kind}.add"
            raise InputError(f"{where}: kind={event.kind} is not allowed {told}")


def _line(event: Any) -> str:
    return f"line {event.line}" if event.line else "an added row"


def _announced_again(own: Sequence[Any], city: str) -> Iterator[tuple[Any, str]]:
    """Yield a second announcement, which would make people who have believed a result believe another."""
    announced = sorted((event for event in own if event.kind == "announcement"), key=lambda event: event.line or 10**9)
    for other in announced[1:]:
        if other.hour != announced[0].hour:
            yield other, f"twice for {city}: {_line(announced[0])} announces the result"


def _taken_back(own: Sequence[Any], city: str) -> Iterator[tuple[Any, str]]:
    """Yield what falls to 0 after hour 0 without ever having been above."""
    for kind in TAKEN_BACK:
        made = False
        for event in own:
            if event.kind == kind:
                made |= event.intensity > 0.0
                if not made and event.hour > 0:
                    yield event, f"to be 0 in hour {event.hour} for {city}: nothing was made that could be taken back"


def _held_abroad(own: Sequence[Any], city: str) -> Iterator[tuple[Any, str]]:
    """Yield the detention of a leader who is abroad."""
    left: dict[str, Any] = {}
    for event in own:
        if event.kind == "exile" and event.intensity > 0.0:
            left.setdefault(event.who, event)
        if event.kind == "leader_detained" and event.intensity > 0.0 and event.who in left:
            whom = event.who or "the leader"
            yield event, f"in hour {event.hour} for {city}: {whom} is in exile since {_line(left[event.who])}"
