"""What a citizen does in an hour, and where: each decision once, for agents and for compiled passes.

Read from the top: `choose` asks for one step after the other. A person is an agent, or a row in a pass; `s` are the
signals of the person's city, `p` the parameters. A step is asked of the person, ``person.protest()``, so that a
subclass of `Citizen` may override it; any of them can be replaced by name on both engines (`sim.rulebook`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agents import decisions
from agents.compiled.arithmetic import log
from agents.compiled.decision import decision, derived, helper
from agents.compiled.draws import pick, uniform, uniform_open
from agents.rules import (
    bonds,
    chains,
    encouragement,
    fear,
    job_pressure,
    leader,
    luck,
    participation,
    place,
    russian_support,
    threat_framing,
    ties,
    walkout,
)
from agents.vocabulary import DETAINED, NO_SITE, PROTESTING, QUIET, RALLYING, STRIKING

if TYPE_CHECKING:
    from agents.person import Parameters, Person, Signals


class Choice(NamedTuple):
    """What a citizen does in the hour, and where."""

    activity: int
    site: int = NO_SITE
    is_ordered: bool = False
    is_coerced: bool = False


STAYS = Choice(QUIET, NO_SITE, False, False)  # a step that comes to nothing: the next one is asked for


@helper
def stays(choice: Choice | None) -> bool:
    """Whether a step came to nothing; one of a subclass may also return None."""
    return choice is None or choice.activity == QUIET


@decision
def choose(person: Person, s: Signals, p: Parameters) -> Choice:
    """Follow an encouragement, else a rally, else a walkout, else a protest, else a chain, else nothing."""
    if person.activity == DETAINED:
        return Choice(DETAINED, NO_SITE, False, False)
    is_ordered = person.is_ordered_to_rally()
    choice = person.follow_encouragement()
    if stays(choice):
        choice = person.attend_rally(is_ordered)
    if stays(choice):
        choice = person.walk_out()
    if stays(choice):
        choice = person.protest()
    if stays(choice):
        choice = person.stand_in_chain()
    if stays(choice):
        choice = STAYS
    return Choice(choice.activity, choice.site, is_ordered, choice.is_coerced)


# --- the steps ---


@decision
def follow_encouragement(person: Person, s: Signals, p: Parameters) -> Choice:
    """Go to the protest of the hour, whatever the own choice, if encouraged to."""
    if not (s.encouraged_now == 1 and person.around.encouraged[person.row]):
        return STAYS
    draw = uniform(s.seed, decisions.ENCOURAGED_GOES, person.person, 0)
    if not encouragement.follows(draw, p.encouragement.strength):
        return STAYS
    return protest_at(person.choose_site())


@decision
def attend_rally(person: Person, s: Signals, p: Parameters, is_ordered: bool) -> Choice:
    """Attend a rally for the incumbent, by choice or since ordered; coerced: would not have gone without the order."""
    if not (s.rally_intensity > 0.0 and (is_ordered or s.rally_is_here == 1)):
        return STAYS
    willing = person.rally_index()
    pushed = willing + person.order_push() if is_ordered else willing
    draw = uniform_open(s.seed, decisions.RALLY_DAY, person.person, s.luck_day)
    rally_luck = luck.occasion_luck(draw, p.luck.strength)
    if not rally_luck < pushed:
        return STAYS
    is_coerced = s.rally_is_here == 0 or not rally_luck < willing
    return Choice(RALLYING, s.rally_site, False, is_coerced)


@decision
def walk_out(person: Person, s: Signals, p: Parameters) -> Choice:
    """Walk out of the plant, and perhaps join the column to the square."""
    if not (s.shift_open == 1 and person.is_plant_worker and person.has_state_job):
        return STAYS
    if not person.luck < person.walkout_index():
        return STAYS
    if s.march_site != NO_SITE:
        marching = walkout.march_index(person.join_index(0.0, s.march_hour_offset), p.walkout.march_offset)
        if participation.joins(person.private_preference, person.luck, marching):
            return Choice(PROTESTING, s.march_site, False, False)
    return Choice(STRIKING, NO_SITE, False, False)


@decision
def protest(person: Person, s: Signals, p: Parameters) -> Choice:
    """Join a protest that is on, called or not."""
    if s.street_open == 0:
        return STAYS
    call = leader.called(s.credibility, s.reach, person.diet, s.connectivity, p.leader.call_weight, p.leader.strength)
    index = person.join_index(call, s.street_offset)
    if not participation.joins(person.private_preference, person.luck, index):
        return STAYS
    return protest_at(person.choose_site())


@decision
def stand_in_chain(person: Person, s: Signals, p: Parameters) -> Choice:
    """Stand in a daytime chain close to home."""
    if s.chain_open == 0:
        return STAYS
    base = person.join_index(0.0, s.chain_offset)
    index = chains.chain_index(base, person.is_woman, p.chains.chain_offset, p.chains.chain_men_offset)
    if not participation.joins(person.private_preference, person.luck, index):
        return STAYS
    return Choice(PROTESTING, s.chain_site, False, False)


# --- where ---


@helper
def protest_at(site: int) -> Choice:
    """Protest at a site, or stay at home if there is none."""
    return Choice(PROTESTING, site, False, False) if site != NO_SITE else STAYS


@decision
def choose_site(person: Person, s: Signals, p: Parameters) -> int:
    """The called site, another one, the own neighbourhood, or none; who is at an open place stays there."""
    is_called = s.called_site != NO_SITE and person.knows_called_place()
    if is_called and s.called_is_closed == 1:
        local_draw = uniform(s.seed, decisions.LOCAL_PROTEST, person.person, s.luck_day)
        return s.neighbourhood if place.stays_local(local_draw, p.place.local_share, p.place.strength) else NO_SITE
    if is_called and s.called_has_room == 1:
        return s.called_site
    if person.protests_at_open_place:
        return person.site
    draw = uniform(s.seed, decisions.SITE, person.person, s.luck_day)
    picked = pick(person.around.site_weights[person.home_cell], draw)
    return s.first_site + picked if picked >= 0 else s.neighbourhood


@decision
def knows_called_place(person: Person, s: Signals, p: Parameters) -> bool:
    """Whether one knows which place the call of the hour names; a call without effect on anybody names it to all."""
    if p.leader.known_by_mouth == 1.0 or p.leader.strength == 0.0:
        return True
    draw = uniform(s.seed, decisions.KNOWS_PLACE, person.person, s.luck_day)
    return leader.knows_place(draw, s.connectivity, p.leader.known_by_mouth)


@derived
def protests_at_open_place(person: Person, s: Signals, p: Parameters) -> bool:
    """Whether one protests at a place of the city, not around the home or in a chain, that is not closed."""
    is_there = person.activity == PROTESTING and s.first_site <= person.site < s.neighbourhood
    return is_there and not person.around.site_closed[person.site]


# --- how much one is drawn to it ---


@derived
def grievance(person: Person, s: Signals, p: Parameters) -> float:
    """Grievance G."""
    return participation.grievance(person.hardship, person.legitimacy)


@decision
def own_motive(person: Person, s: Signals, p: Parameters) -> float:
    """What the own state adds to the index of a protest."""
    own = participation.OwnState(
        private_preference=person.private_preference, grievance=person.grievance, anger=person.anger,
        risk_aversion=person.risk_aversion, fear=person.fear,
        lesson_cost=fear.lesson_cost(s.lesson, person.risk_aversion, p.fear.lesson_weight, p.fear.strength),
    )  # fmt: skip
    weights = participation.MotiveWeights(
        preference_weight=p.participation.preference_weight, grievance_weight=p.participation.grievance_weight,
        anger_weight=p.anger.anger_weight, fear_weight=p.fear.fear_weight,
    )  # fmt: skip
    return participation.own_motive(own, weights)


@decision
def join_index(person: Person, s: Signals, p: Parameters, called: float, occasion_offset: float) -> float:
    """Log-odds of taking part in an occasion of the hour."""
    company = ties.company_effect(person.company, p.ties.company_weight, p.ties.company_onset, p.ties.strength)
    believed = participation.crowd_effect(person.media_diet, s.crowd_share_state, s.crowd_share_media,
                                          s.connectivity, p.participation.crowd_belief_weight)  # fmt: skip
    remembered = person.remembered_company
    bound = bonds.bond_effect(person.is_bound, p.bonds.bond_weight, p.bonds.strength)
    others = company + remembered + bound + believed
    resents = russian_support.resentment(person.russia_affinity, s.support, p.russian_support.resentment_weight)
    return participation.join_index(person.own_motive(), person.workplace_cost(), others, called, resents,
                                    occasion_offset)  # fmt: skip


@derived
def remembered_company(person: Person, s: Signals, p: Parameters) -> float:
    """What company remembered of the day's kind adds to the index."""
    weight = p.ties.strength * p.ties.remembered_weight
    if weight == 0.0:
        return 0.0
    main = ties.remembered_effect(person.company_main, p.ties.remembered_scale, p.ties.remembered_bound)
    minor = ties.remembered_effect(person.company_minor, p.ties.remembered_scale, p.ties.remembered_bound)
    return weight * (s.main_share * main + (1.0 - s.main_share) * minor)


@decision
def rally_index(person: Person, s: Signals, p: Parameters) -> float:
    """Log-odds of attending the rally by the own choice."""
    framed = threat_framing.framing(s.threat_framing, person.media_diet, p.threat_framing.framing_weight,
                                    p.threat_framing.strength)  # fmt: skip
    return job_pressure.rally_index(person.private_preference, framed, person.anger, p.participation.rally_intercept,
                                    p.participation.rally_preference_weight, log(p.participation.strength))  # fmt: skip


# --- what the job does: nothing outside the state sector, and to the dismissed ---


@derived
def is_plant_worker(person: Person, s: Signals, p: Parameters) -> bool:
    """Whether the employer is, or was, a plant."""
    return person.around.is_plant[person.employer]


@derived
def has_state_job(person: Person, s: Signals, p: Parameters) -> bool:
    """Whether one is employed by the state and has not been dismissed."""
    return person.around.is_state[person.employer] and person.is_dismissed == 0


@decision
def is_ordered_to_rally(person: Person, s: Signals, p: Parameters) -> bool:
    """Whether one is ordered to the rally of the hour, and has a seat if it is in another city."""
    if not (s.rally_intensity > 0.0 and person.has_state_job):
        return False
    order_draw = uniform(s.seed, decisions.ORDERED, person.person, s.luck_day)
    if not job_pressure.is_ordered(order_draw, p.job_pressure.order_share, s.rally_intensity, p.job_pressure.strength):
        return False
    if s.rally_is_here == 1:
        return True
    bus_draw = uniform(s.seed, decisions.BUSSED, person.person, s.luck_day)
    return job_pressure.is_bussed(bus_draw, p.job_pressure.bus_share)


@decision
def order_push(person: Person, s: Signals, p: Parameters) -> float:
    """What an order adds to the index of a rally."""
    return job_pressure.order_push(p.job_pressure.threat, person.job_dependence, p.job_pressure.order_weight,
                                   p.job_pressure.order_threat_weight)  # fmt: skip


@decision
def workplace_cost(person: Person, s: Signals, p: Parameters) -> float:
    """What the job takes off the index of a protest."""
    if not person.has_state_job:
        return 0.0
    return job_pressure.workplace_cost(p.job_pressure.threat, person.job_dependence,
                                       p.job_pressure.protest_threat_weight, p.job_pressure.strength)  # fmt: skip


@decision
def walkout_index(person: Person, s: Signals, p: Parameters) -> float:
    """Log-odds of walking out of the plant."""
    around, group = person.around, person.employer
    state = walkout.WorkerState(
        grievance=person.grievance, anger=person.anger,
        plant_share_out=around.group_out[group] / around.n_agents[group], plant_threat=around.plant_threat[group],
        job_dependence=person.job_dependence,
    )  # fmt: skip
    weights = walkout.WalkoutWeights(
        walkout_intercept=p.walkout.walkout_intercept, walkout_grievance_weight=p.walkout.walkout_grievance_weight,
        walkout_anger_weight=p.walkout.walkout_anger_weight, plant_share_weight=p.walkout.plant_share_weight,
        walkout_threat_weight=p.walkout.walkout_threat_weight,
    )  # fmt: skip
    return walkout.walkout_index(state, weights, log(p.walkout.strength))
