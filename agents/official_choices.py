"""What an official decides: whether to stay loyal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents import decisions
from agents.compiled.decision import decision, derived, helper
from agents.compiled.draws import uniform
from agents.rules import appeals, officers, officials
from agents.rules.rates import probability_within
from agents.vocabulary import LOYAL, RESIGNED, WITHHOLDING

if TYPE_CHECKING:
    from agents.person import Parameters, Signals, Staff


@derived
def beaten_tie_share(person: Staff, s: Signals, p: Parameters) -> float:
    """Officials hear of the injured from the news alone."""
    return 0.0


@decision
def defect(person: Staff, s: Signals, p: Parameters) -> int:
    """Stay loyal, accommodate or resign."""
    if person.loyalty != LOYAL:
        return person.loyalty
    draw = uniform(s.seed, decisions.OFFICIAL_DEFECTION, person.person, s.hour)
    if not draw < probability_within(person.defection_hazard(), s.n_hours):
        return LOYAL
    way = uniform(s.seed, decisions.OFFICIAL_WAY, person.person, s.hour)
    return RESIGNED if officers.resigns(way, p.officials.official_resign_share) else WITHHOLDING


@decision
def defection_hazard(person: Staff, s: Signals, p: Parameters) -> float:
    """Hazard per day to give way."""
    appeal = appeals.appeal_heard(s.appeal, person.hears(s.connectivity), p.appeals.strength)
    state = officials.OfficialState(anger=person.anger, city_share_out=s.city_share_out, appeal=appeal,
                                    russian_support=s.support)  # fmt: skip
    return officials.official_hazard(state, official_weights(p), p.officials.strength)


@helper
def official_weights(p: Parameters) -> officials.OfficialWeights:
    """Weights of the hazard."""
    return officials.OfficialWeights(
        base_hazard=p.officials.base_hazard, official_anger_weight=p.officials.official_anger_weight,
        official_crowd_weight=p.officials.official_crowd_weight,
        official_appeal_weight=p.officials.official_appeal_weight,
        official_support_weight=p.officials.official_support_weight,
    )  # fmt: skip
