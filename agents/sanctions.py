"""What is done to a citizen: arrest, release, dismissal."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agents import decisions
from agents.compiled.decision import decision
from agents.compiled.draws import uniform
from agents.rules import chains, dismissal, repression
from agents.vocabulary import DETAINED, HIDDEN, KNOWN, NO_HOUR, NO_INJURY, NO_SITE, PROTESTING, RALLYING, STRIKING

if TYPE_CHECKING:
    from agents.person import Parameters, Person, Signals


class Arrest(NamedTuple):
    """An arrest: until which hour (-1: no arrest), and the injury that the citizen has from then on."""

    release_hour: int
    injury: int
    is_public: bool


class Release(NamedTuple):
    """Whether one is released, and the injury from then on: that of custody becomes known."""

    is_released: bool
    injury: int


@decision
def face_arrest(person: Person, s: Signals, p: Parameters) -> Arrest:
    """Be arrested, or not, while protesting; an injury in public is known, one in custody hidden."""
    if not (person.activity == PROTESTING and person.is_caught()):
        return Arrest(NO_HOUR, person.injury, False)
    term_draw = uniform(s.seed, decisions.TERM, person.person, s.hour)
    until = s.hour + int(repression.detention_hours(term_draw, s.term_hours, p.repression.longest_term))
    violent = repression.violence_probability(p.repression.violent_share, s.violence)
    if uniform(s.seed, decisions.VIOLENCE, person.person, s.hour) < violent:
        return Arrest(until, KNOWN, True)
    in_custody = repression.violence_probability(p.repression.custody_share, s.violence)
    is_beaten = uniform(s.seed, decisions.CUSTODY, person.person, s.hour) < in_custody
    return Arrest(until, HIDDEN if is_beaten and person.injury == NO_INJURY else person.injury, False)


@decision
def is_caught(person: Person, s: Signals, p: Parameters) -> bool:
    """Whether the officers at the site arrest one; women in a chain are spared."""
    spared = chains.arrest_selectivity(person.is_woman, person.site == s.chain_site, p.chains.selectivity_women)
    draw = uniform(s.seed, decisions.ARREST, person.person, s.hour)
    return draw < person.around.arrest_probability[person.site] * spared


@decision
def face_release(person: Person, s: Signals, p: Parameters) -> Release:
    """Leave detention, or not."""
    is_released = person.activity == DETAINED and person.is_released()
    return Release(is_released, KNOWN if is_released and person.injury == HIDDEN else person.injury)


@decision
def is_released(person: Person, s: Signals, p: Parameters) -> bool:
    """Whether the term ends or an amnesty frees."""
    if person.release_hour <= s.hour:
        return True
    return s.release_share > 0.0 and uniform(s.seed, decisions.RELEASE, person.person, s.hour) < s.release_share


@decision
def faces_dismissal(person: Person, s: Signals, p: Parameters) -> bool:
    """Whether the employer dismisses one: for striking, or as a rally ends to which one was ordered and did not go."""
    in_column = person.activity == PROTESTING and s.shift_open == 1 and person.is_plant_worker
    is_striking = person.activity == STRIKING or (in_column and s.march_site != NO_SITE)
    is_absent = s.rally_ends == 1 and person.is_ordered == 1 and person.activity != RALLYING
    if not (is_striking or is_absent) or person.is_dismissed == 1:
        return False
    draw = uniform(s.seed, decisions.DISMISSAL, person.person, s.hour)
    return dismissal.is_dismissed(draw, is_striking, is_absent, p.dismissal.striker_rate, p.dismissal.absentee_rate,
                                  p.dismissal.strength)  # fmt: skip
