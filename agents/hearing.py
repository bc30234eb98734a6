"""What citizens, officers and officials have in common: they hear the news and get angry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.compiled.decision import decision, derived
from agents.rules import anger, media

if TYPE_CHECKING:
    from agents.person import Parameters, Person, Signals


@derived
def diet(person: Person, s: Signals, p: Parameters) -> float:
    """Media diet after the state media's losses."""
    return media.effective_diet(person.media_diet, s.state_media_silent_share, p.officials.state_media_loss)


@decision
def hears(person: Person, s: Signals, p: Parameters, connectivity: float) -> float:
    """Share of independent news that reaches one at this connectivity."""
    return media.exposure(person.diet, connectivity, p.media.base_exposure, p.media.strength)


@decision
def next_anger(person: Person, s: Signals, p: Parameters) -> float:
    """Anger after the news."""
    news_heard = person.hears(s.news_connectivity) * s.news_seen
    angry = anger.anger_next(person.anger, news_heard, person.beaten_tie_share, s.n_hours, s.anger_kept,
                             p.anger.anger_gain, p.anger.beaten_tie_gain, p.anger.strength)  # fmt: skip
    if p.anger.outrage_gain == 0.0:
        return angry
    return anger.outraged(angry, person.hears(s.connectivity), s.outrage, p.anger.outrage_gain, p.anger.strength)
