"""What a security officer decides: where to stand, and whether to go on serving."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agents import decisions
from agents.compiled.decision import decision, derived, helper
from agents.compiled.draws import pick, uniform
from agents.rules import appeals, officers, repression
from agents.rules.rates import probability_within
from agents.vocabulary import LOYAL, NO_SITE, RESIGNED, WITHHOLDING

if TYPE_CHECKING:
    from agents.person import Officer, Parameters, Signals


class Post(NamedTuple):
    """Where an officer stands: city index and site, -1 in barracks."""

    city: int
    site: int


@derived
def beaten_tie_share(person: Officer, s: Signals, p: Parameters) -> float:
    """Officers hear of the injured from the news alone."""
    return 0.0


@decision
def deploy(person: Officer, s: Signals, p: Parameters) -> Post:
    """Take the post of the hour; the reserve changes cities overnight."""
    if person.loyalty == RESIGNED:
        return Post(person.posted_city, NO_SITE)
    city, around = person.city_of_hour(), person.around
    first, last = around.first_site[city], around.first_site[city + 1]
    picked = pick(around.deployment[first:last], person.position)
    return Post(city, first + picked if picked >= 0 else NO_SITE)


@decision
def city_of_hour(person: Officer, s: Signals, p: Parameters) -> int:
    """City to serve in: as before, or from the night's move on home or, of the reserve, where there was protest."""
    if s.reserve_moves == 0:
        return person.posted_city
    if not repression.is_reserve(person.unit_rank, p.repression.reserve_share):
        return person.home_city
    picked = pick(person.around.reserve_weights, uniform(s.seed, decisions.RESERVE, person.unit_key, s.luck_day))
    return picked if picked >= 0 else person.home_city


@derived
def comrades_lost(person: Officer, s: Signals, p: Parameters) -> float:
    """Share of the own unit that withholds or has resigned."""
    return person.around.unit_lost[person.unit] / person.around.unit_size[person.unit]


@decision
def defect(person: Officer, s: Signals, p: Parameters) -> int:
    """Keep serving, withhold or resign; a unit that has lost enough withholds as a whole."""
    if person.loyalty != LOYAL:
        return person.loyalty
    if officers.unit_withholds(person.comrades_lost, p.officers.unit_tipping_share):
        return WITHHOLDING
    draw = uniform(s.seed, decisions.OFFICER_DEFECTION, person.person, s.hour)
    if not draw < probability_within(person.defection_hazard(), s.n_hours):
        return LOYAL
    way = uniform(s.seed, decisions.OFFICER_WAY, person.person, s.hour)
    return RESIGNED if officers.resigns(way, p.officers.resign_share) else WITHHOLDING


@decision
def defection_hazard(person: Officer, s: Signals, p: Parameters) -> float:
    """Hazard per day to stop serving."""
    appeal = appeals.appeal_heard(s.appeal, person.hears(s.connectivity), p.appeals.strength)
    cost = appeals.exit_cost_left(person.exit_cost, s.exit_support, p.appeals.exit_support_extra, p.appeals.strength)
    state = officers.OfficerState(anger=person.anger, city_share_out=s.city_share_out, appeal=appeal, exit_cost=cost,
                                  russian_support=s.support, arrests_made=s.arrests_per_officer,
                                  comrades_lost=person.comrades_lost)  # fmt: skip
    return officers.officer_hazard(state, officer_weights(p), p.officers.strength)


@helper
def officer_weights(p: Parameters) -> officers.OfficerWeights:
    """Weights of the hazard."""
    return officers.OfficerWeights(
        base_hazard=p.officers.base_hazard, officer_anger_weight=p.officers.officer_anger_weight,
        officer_crowd_weight=p.officers.officer_crowd_weight, officer_appeal_weight=p.officers.officer_appeal_weight,
        exit_cost_weight=p.officers.exit_cost_weight, surveillance=p.officers.surveillance,
        officer_support_weight=p.officers.officer_support_weight,
        officer_arrests_weight=p.officers.officer_arrests_weight,
        officer_comrades_weight=p.officers.officer_comrades_weight,
    )  # fmt: skip
