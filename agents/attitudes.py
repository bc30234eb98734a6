"""What a citizen thinks and feels after having looked around: the third phase of the step."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agents import decisions
from agents.compiled.decision import decision, derived
from agents.compiled.draws import normal
from agents.rules import announced_share, bonds, fear, luck, russian_support, ties
from agents.vocabulary import KNOWN, PROTESTING, STRIKING

if TYPE_CHECKING:
    from agents.person import Parameters, Person, Signals

THIRD = 1.0 / 3.0  # the seen share weighs home, work and online ties alike


class Perception(NamedTuple):
    """What a citizen thinks and feels after having looked around."""

    legitimacy: float
    anger: float
    arrest_belief: float
    fear: float
    russia_affinity: float
    company: float


class Memory(NamedTuple):
    """What a citizen keeps of a street occasion that is over."""

    company_main: float
    company_minor: float
    is_bound: bool


# --- once a day, and at the announcement ---


@decision
def begin_day(person: Person, s: Signals, p: Parameters) -> tuple[float, int]:
    """Draw the day's luck; count the online ties who are known to be injured."""
    day_normal = normal(s.seed, decisions.DAY, person.person, s.luck_day)
    beaten = 0
    for k in range(person.table.ties.shape[1]):
        if person.table.injury[person.table.ties[person.row, k]] == KNOWN:
            beaten += 1
    return luck.daily_luck(person.disposition, day_normal, p.luck.persistence, p.luck.strength), beaten


@decision
def hear_announcement(person: Person, s: Signals, p: Parameters) -> float:
    """Legitimacy after the announced share has been compared with the share seen among one's own ties."""
    around, group, cell = person.around, person.employer, person.home_cell
    own = 1.0 if person.private_preference >= 0.5 else 0.0
    home_share = ties.others_share(around.incumbent_home[cell], around.n_home[cell], own)
    work_share = ties.others_share(around.incumbent_group[group], around.n_agents[group], own)
    for_incumbent, n_ties = 0, person.table.ties.shape[1]
    for k in range(n_ties):
        if person.table.private_preference[person.table.ties[person.row, k]] >= 0.5:
            for_incumbent += 1
    online_share = for_incumbent / n_ties if n_ties > 0 else home_share
    seen_around = ties.weighted_ties(home_share, work_share, online_share, person.has_work, THIRD, THIRD)
    noise = normal(s.seed, decisions.SEEN_SHARE, person.person, 0)
    seen = announced_share.seen_incumbent_share(seen_around, noise, p.announced_share.seen_sd)
    lost = announced_share.legitimacy_lost(s.official_share, seen, p.announced_share.share_tolerance,
                                           p.announced_share.legitimacy_loss, p.announced_share.strength)  # fmt: skip
    return max(0.0, person.legitimacy - lost)


# --- in every hour with something to decide ---


@decision
def perceive(person: Person, s: Signals, p: Parameters) -> Perception:
    """Look around: legitimacy, anger, belief, fear, affinity and company."""
    belief = person.next_belief()
    return Perception(
        legitimacy=person.next_legitimacy(), anger=person.next_anger(), arrest_belief=belief,
        fear=person.next_fear(belief), russia_affinity=person.next_affinity(), company=person.look_for_company(),
    )  # fmt: skip


@derived
def beaten_tie_share(person: Person, s: Signals, p: Parameters) -> float:
    """Share of the own online ties whom one has seen injured."""
    n_ties = person.table.ties.shape[1]
    return ties.seen_online_share(person.beaten_ties / n_ties, s.news_connectivity) if n_ties > 0 else 0.0


@decision
def next_belief(person: Person, s: Signals, p: Parameters) -> float:
    """Belief about the risk, after what was reported."""
    return fear.belief_next(person.arrest_belief, s.risk_without_injuries, s.risk_of_injuries,
                            person.hears(s.connectivity), s.belief_weight)  # fmt: skip


@decision
def next_fear(person: Person, s: Signals, p: Parameters, belief: float) -> float:
    """Fear, from the belief and from what the street shows."""
    risk = fear.sanction_risk(belief, s.shown_risk, s.troop_risk)
    return fear.felt_fear(risk, s.sanction, p.fear.risk_scale, p.fear.strength)


@decision
def next_legitimacy(person: Person, s: Signals, p: Parameters) -> float:
    """Legitimacy, after Russian support and troops and what officials did."""
    lost = russian_support.legitimacy_lost_to_support(
        person.legitimacy, person.russia_affinity, s.support, s.troops, s.n_hours,
        p.russian_support.legitimacy_support_loss, p.russian_support.legitimacy_troops_loss,
    )  # fmt: skip
    return min(1.0, max(0.0, person.legitimacy - lost - s.legitimacy_lost + s.legitimacy_regained))


@decision
def next_affinity(person: Person, s: Signals, p: Parameters) -> float:
    """Affinity to Russia, after support and troops."""
    return russian_support.affinity_next(person.russia_affinity, s.support, s.troops, s.n_hours,
                                         p.russian_support.affinity_support_loss,
                                         p.russian_support.affinity_troops_loss)  # fmt: skip


@decision
def look_for_company(person: Person, s: Signals, p: Parameters) -> float:
    """Share of the own ties who are seen out."""
    if p.ties.strength == 0.0:
        return person.company
    around, group, cell = person.around, person.employer, person.home_cell
    own = 1.0 if person.is_out else 0.0
    home_share = ties.others_share(around.out_block[cell], around.n_block[cell], own)
    work_share = ties.others_share(around.group_out[group], around.n_agents[group], own)
    n_out, n_ties = 0, person.table.ties.shape[1]
    for k in range(n_ties):
        activity = person.table.activity[person.table.ties[person.row, k]]
        if activity == PROTESTING or activity == STRIKING:
            n_out += 1
    online_share = ties.seen_online_share(n_out / n_ties, s.connectivity) if n_ties > 0 else home_share
    return ties.weighted_ties(home_share, work_share, online_share, person.has_work, p.ties.home_weight,
                              p.ties.work_weight)  # fmt: skip


# --- once a street occasion is over ---


@decision
def remember(person: Person, s: Signals, p: Parameters) -> Memory:
    """Company remembered of main and of minor days, and a bond, after the occasion that has ended."""
    around, group, cell = person.around, person.employer, person.home_cell
    home_share = ties.others_share(around.went_block[cell], around.n_block[cell], person.went)
    work_share = ties.others_share(around.group_went[group], around.n_agents[group], person.went)
    n_went, n_ties = 0, person.table.ties.shape[1]
    for k in range(n_ties):
        n_went += person.table.went[person.table.ties[person.row, k]]
    online_share = ties.seen_online_share(n_went / n_ties, s.connectivity) if n_ties > 0 else home_share
    seen = ties.weighted_ties(home_share, work_share, online_share, person.has_work, p.ties.home_weight,
                              p.ties.work_weight)  # fmt: skip
    counts = p.reported_counts
    believed = ties.believed_turnout(s.turnout, person.diet, s.connectivity,
                                     counts.strength * counts.ministry_protest_bias,
                                     counts.strength * counts.media_protest_bias)  # fmt: skip
    rate, weight = p.ties.memory_rate, p.ties.seen_weight
    main = ties.remembered_next(person.company_main, seen, believed, s.turnout_main_share, rate, weight)
    minor = ties.remembered_next(person.company_minor, seen, believed, 1.0 - s.turnout_main_share, rate, weight)
    is_bound = person.is_bound == 1
    if p.bonds.strength > 0.0:
        is_bound = bonds.is_bound_after(is_bound, person.went, seen, p.bonds.bond_onset)
    return Memory(main, minor, is_bound)


@derived
def is_out(person: Person, s: Signals, p: Parameters) -> bool:
    """Seen out by neighbours, colleagues and friends."""
    return person.activity == PROTESTING or person.activity == STRIKING


@derived
def has_work(person: Person, s: Signals, p: Parameters) -> float:
    """1.0 if one has colleagues in the state sector."""
    return 1.0 if person.around.is_state[person.employer] else 0.0
