"""A citizen: sees, hears, is angry or afraid, and joins or not."""

from __future__ import annotations

from typing import NamedTuple

from agents import decisions
from agents.compiled.arithmetic import log
from agents.compiled.draws import normal, uniform, uniform_open
from agents.rules import (
    anger,
    announced_share,
    chains,
    dismissal,
    encouragement,
    fear,
    job_pressure,
    leader,
    luck,
    participation,
    place,
    repression,
    russian_support,
    threat_framing,
    ties,
)
from agents.view import View, add_columns
from agents.vocabulary import CITIZEN_COLUMNS, NO_SITE, Activity, Injury

OUT = (Activity.PROTESTING, Activity.STRIKING)
THIRD = 1.0 / 3.0


class Perception(NamedTuple):
    """What a citizen thinks and feels after having looked around."""

    legitimacy: float
    anger: float
    arrest_belief: float
    fear: float
    russia_affinity: float
    company: float


class Choice(NamedTuple):
    """What a citizen does in the hour, and where."""

    activity: Activity
    site: int = NO_SITE
    is_ordered: bool = False
    is_coerced: bool = False


class Arrest(NamedTuple):
    """An arrest: until which hour, and the injury that the citizen has from then on."""

    release_hour: int
    injury: Injury
    is_public: bool


class Citizen(View):
    """An adult. Stands for as many persons as the group's weight says."""

    @property
    def is_plant_worker(self) -> bool:
        """Only state workers are."""
        return False

    @property
    def is_out(self) -> bool:
        """Seen out by neighbours, colleagues and friends."""
        return self.activity in OUT

    @property
    def online_ties(self) -> list[int]:
        """Rows of the people whom one follows."""
        return self.table.ties[self.row].tolist()

    @property
    def cell(self) -> int:
        """Cell where the citizen is now: the place's, or home (a chain or a protest around the home is there)."""
        return self.model.cell_of_site(self.site) if self.model.is_place(self.site) else self.home_cell

    def begin_day(self) -> tuple[float, int]:
        """Return the day's luck and the number of online ties known to be injured."""
        day_normal = normal(self.model.seed, decisions.DAY, self.person, self.signals.luck_day)
        p = self.p.luck
        injury = self.table.injury
        beaten = sum(injury[row] == Injury.KNOWN for row in self.online_ties)
        return luck.daily_luck(self.disposition, day_normal, p.persistence, p.strength), beaten

    def hear_announcement(self) -> float:
        """Return the legitimacy after the announced share has been compared with the share seen around."""
        p = self.p.announced_share
        own = 1.0 if self.private_preference >= 0.5 else 0.0
        home_share = ties.others_share(*self.model.incumbent_at_home(self), own)
        work_share = ties.others_share(*self.model.incumbent_at_work(self), own)
        preference, rows = self.table.private_preference, self.online_ties
        online_share = float(sum(preference[row] >= 0.5 for row in rows)) / len(rows) if rows else home_share
        around = ties.weighted_ties(home_share, work_share, online_share, self.has_work, THIRD, THIRD)
        noise = normal(self.model.seed, decisions.SEEN_SHARE, self.person, 0)
        seen = announced_share.seen_incumbent_share(around, noise, p.seen_sd)
        lost = announced_share.legitimacy_lost(self.signals.official_share, seen, p.share_tolerance, p.legitimacy_loss,
                                               p.strength)  # fmt: skip
        return max(0.0, self.legitimacy - lost)

    @property
    def has_work(self) -> float:
        """1.0 if the citizen has colleagues in the state sector."""
        return 1.0 if self.model.is_state_group(self.employer) else 0.0

    def is_released(self) -> bool:
        """Say whether the term ends or an amnesty frees."""
        share = self.signals.release_share
        hour = self.model.hour
        freed = share > 0.0 and uniform(self.model.seed, decisions.RELEASE, self.person, hour) < share
        return self.release_hour <= hour or freed

    def perceive(self) -> Perception:
        """Return legitimacy, anger, belief, fear, affinity and company after a look around."""
        s, p = self.signals, self.p
        rows = self.online_ties
        beaten_share = ties.seen_online_share(self.beaten_ties / len(rows), s.news_connectivity) if rows else 0.0
        angry = anger.anger_next(self.anger, self.hears(s.news_connectivity) * s.news_seen, beaten_share, s.n_hours,
                                 s.anger_kept, p.anger.anger_gain, p.anger.beaten_tie_gain,
                                 p.anger.strength)  # fmt: skip
        belief = fear.belief_next(self.arrest_belief, s.risk_without_injuries, s.risk_of_injuries,
                                  self.hears(s.connectivity), s.belief_weight)  # fmt: skip
        risk = fear.sanction_risk(belief, s.shown_risk, s.troop_risk)
        afraid = fear.felt_fear(risk, s.sanction, p.fear.risk_scale, p.fear.strength)
        russia = p.russian_support
        lost = russian_support.legitimacy_lost_to_support(
            self.legitimacy, self.russia_affinity, s.support, s.troops, s.n_hours, russia.legitimacy_support_loss,
            russia.legitimacy_troops_loss,
        )  # fmt: skip
        legitimacy = min(1.0, max(0.0, self.legitimacy - lost - s.legitimacy_lost + s.legitimacy_regained))
        affinity = russian_support.affinity_next(self.russia_affinity, s.support, s.troops, s.n_hours,
                                                 russia.affinity_support_loss, russia.affinity_troops_loss)  # fmt: skip
        return Perception(legitimacy, angry, belief, afraid, affinity, self.look_for_company(rows))

    def look_for_company(self, rows: list[int]) -> float:
        """Return the share of own ties who are seen out."""
        p = self.p.ties
        if p.strength == 0.0:
            return self.company
        own = 1.0 if self.is_out else 0.0
        home_share = ties.others_share(*self.model.out_at_home(self), own)
        work_share = ties.others_share(*self.model.out_at_work(self), own)
        activity = self.table.activity
        online_share = home_share
        if rows:
            share_out = float(sum(activity[row] in OUT for row in rows)) / len(rows)
            online_share = ties.seen_online_share(share_out, self.signals.connectivity)
        return ties.weighted_ties(home_share, work_share, online_share, self.has_work, p.home_weight, p.work_weight)

    def choose(self) -> Choice:
        """Return what to do in this hour: follow an encouragement, a rally, a walkout, a protest, a chain, nothing."""
        if self.activity == Activity.DETAINED:
            return Choice(Activity.DETAINED)
        is_ordered = self.is_ordered_to_rally()
        choice = (self.follow_encouragement() or self.attend_rally(is_ordered) or self.walk_out() or self.protest()
                  or self.stand_in_chain())  # fmt: skip
        return (choice or Choice(Activity.QUIET))._replace(is_ordered=is_ordered)

    def follow_encouragement(self) -> Choice | None:
        """Go to the protest of the hour, whatever the own choice, if encouraged to."""
        if not (self.signals.encouraged_now == 1 and self.model.is_encouraged(self)):
            return None
        draw = uniform(self.model.seed, decisions.ENCOURAGED_GOES, self.person, 0)
        if not encouragement.follows(draw, self.p.encouragement.strength):
            return None
        site = self.choose_site()
        return Choice(Activity.PROTESTING, site) if site != NO_SITE else None

    def is_ordered_to_rally(self) -> bool:
        """Only state workers are."""
        return False

    def order_push(self) -> float:
        """Return what an order adds to the index of a rally."""
        return 0.0

    def attend_rally(self, is_ordered: bool) -> Choice | None:
        """Attend a rally for the incumbent, by choice or since ordered."""
        s, p = self.signals, self.p
        if not (s.rally_intensity > 0.0 and (is_ordered or s.rally_is_here == 1)):
            return None
        framed = threat_framing.framing(s.threat_framing, self.media_diet, p.threat_framing.framing_weight,
                                        p.threat_framing.strength)  # fmt: skip
        willing = job_pressure.rally_index(
            self.private_preference, framed, self.anger, p.participation.rally_intercept,
            p.participation.rally_preference_weight, log(p.participation.strength),
        )  # fmt: skip
        draw = uniform_open(self.model.seed, decisions.RALLY_DAY, self.person, s.luck_day)
        rally_luck = luck.occasion_luck(draw, p.luck.strength)
        pushed = willing + self.order_push() if is_ordered else willing
        if not rally_luck < pushed:
            return None
        is_coerced = s.rally_is_here == 0 or not rally_luck < willing
        return Choice(Activity.RALLYING, s.rally_site, is_coerced=is_coerced)

    @property
    def grievance(self) -> float:
        """Grievance G."""
        return participation.grievance(self.hardship, self.legitimacy)

    def own_motive(self) -> float:
        """Return what the own state adds to the index of a protest."""
        p = self.p.participation
        return participation.own_motive(
            self.private_preference, self.grievance, self.anger, self.risk_aversion, self.fear, p.preference_weight,
            p.grievance_weight, self.p.anger.anger_weight, self.p.fear.fear_weight,
        )  # fmt: skip

    def workplace_cost(self) -> float:
        """Return what the job takes off the index of a protest."""
        return 0.0

    def join_index(self, called: float, occasion_offset: float) -> float:
        """Return the log-odds of taking part in an occasion of the hour."""
        s, p = self.signals, self.p
        company = ties.company_effect(self.company, p.ties.company_weight, p.ties.company_onset, p.ties.strength)
        believed = participation.crowd_effect(self.media_diet, s.crowd_share_state, s.crowd_share_media,
                                              s.connectivity, p.participation.crowd_belief_weight)  # fmt: skip
        resents = russian_support.resentment(self.russia_affinity, s.support, p.russian_support.resentment_weight)
        return participation.join_index(self.own_motive(), self.workplace_cost(), company + believed, called, resents,
                                        occasion_offset)  # fmt: skip

    def walk_out(self) -> Choice | None:
        """Only plant workers do."""
        return None

    def protest(self) -> Choice | None:
        """Join a protest that is on, called or not."""
        s, p = self.signals, self.p.leader
        if s.street_open == 0:
            return None
        call = leader.called(s.credibility, s.reach, self.diet, s.connectivity, p.call_weight, p.strength)
        index = self.join_index(call, s.street_offset)
        if not participation.joins(self.private_preference, self.luck, index):
            return None
        site = self.choose_site()
        return Choice(Activity.PROTESTING, site) if site != NO_SITE else None

    def choose_site(self) -> int:
        """Return the called site, another one, the own neighbourhood, or none; who is at an open place stays there."""
        s, p, seed = self.signals, self.p.place, self.model.seed
        neighbourhood = self.model.neighbourhood(self.city_index)
        if s.called_site != NO_SITE and s.called_is_closed == 1:
            local_draw = uniform(seed, decisions.LOCAL_PROTEST, self.person, s.luck_day)
            return neighbourhood if place.stays_local(local_draw, p.local_share, p.strength) else NO_SITE
        if s.called_site == NO_SITE or s.called_has_room == 0:
            if self.activity == Activity.PROTESTING and self.model.is_open_place(self.city_index, self.site):
                return self.site
            site = self.model.pick_site(self, uniform(seed, decisions.SITE, self.person, s.luck_day))
            return site if site != NO_SITE else neighbourhood
        return s.called_site

    def stand_in_chain(self) -> Choice | None:
        """Stand in a daytime chain close to home."""
        s, p = self.signals, self.p.chains
        if s.chain_open == 0:
            return None
        base = self.join_index(0.0, s.chain_offset)
        index = chains.chain_index(base, self.is_woman, p.chain_offset, p.chain_men_offset)
        if not participation.joins(self.private_preference, self.luck, index):
            return None
        return Choice(Activity.PROTESTING, self.model.chain_site(self.city_index))

    def face_arrest(self) -> Arrest | None:
        """Return the arrest, if there is one."""
        s, p, model = self.signals, self.p.repression, self.model
        is_chain = self.site == model.chain_site(self.city_index)
        spared = chains.arrest_selectivity(self.is_woman, is_chain, self.p.chains.selectivity_women)
        draw = uniform(model.seed, decisions.ARREST, self.person, model.hour)
        if not draw < model.arrest_probability(self.site) * spared:
            return None
        term_draw = uniform(model.seed, decisions.TERM, self.person, model.hour)
        term = repression.detention_hours(term_draw, s.term_hours, p.longest_term)
        violent = repression.violence_probability(p.violent_share, s.violence)
        in_custody = repression.violence_probability(p.custody_share, s.violence)
        until = model.hour + int(term)
        if uniform(model.seed, decisions.VIOLENCE, self.person, model.hour) < violent:
            return Arrest(until, Injury.KNOWN, True)
        beaten = uniform(model.seed, decisions.CUSTODY, self.person, model.hour) < in_custody
        if self.injury == Injury.NONE and beaten:
            return Arrest(until, Injury.HIDDEN, False)
        return Arrest(until, Injury(self.injury), False)

    def faces_dismissal(self) -> bool:
        """Say whether the employer dismisses the citizen in this hour."""
        s, p = self.signals, self.p.dismissal
        in_column = self.activity == Activity.PROTESTING and s.shift_open == 1 and self.is_plant_worker
        is_striking = self.activity == Activity.STRIKING or (in_column and s.march_site != NO_SITE)
        is_absent = s.rally_ends == 1 and self.is_ordered == 1 and self.activity != Activity.RALLYING
        if not (is_striking or is_absent) or self.is_dismissed == 1:
            return False
        draw = uniform(self.model.seed, decisions.DISMISSAL, self.person, self.model.hour)
        return dismissal.is_dismissed(draw, is_striking, is_absent, p.striker_rate, p.absentee_rate, p.strength)


add_columns(Citizen, CITIZEN_COLUMNS)
