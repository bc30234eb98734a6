"""Passes over the columns of citizens: what the methods of `agents/citizen.py` and `agents/state_worker.py` do.

Each kernel takes rows start..stop of one city, the city's signals ``s`` and the parameters ``p``, and does for every
row what the method of the same name does, with the same rules. Imports neither mesa nor xarray.
"""

from __future__ import annotations

import numpy as np

from agents import decisions
from agents.compiled.arithmetic import log
from agents.compiled.draws import normal, uniform, uniform_open
from agents.compiled.rule import kernel
from agents.rules import (
    announced_share,
    chains,
    dismissal,
    encouragement,
    fear,
    job_pressure,
    leader,
    luck,
    media,
    participation,
    place,
    repression,
    russian_support,
    threat_framing,
    ties,
    walkout,
)
from agents.vocabulary import NO_HOUR, NO_SITE, Activity, Injury
from sim.engines.staff_passes import CHUNK
from sim.world.space import pick

QUIET, PROTESTING, STRIKING, RALLYING, DETAINED = (int(activity) for activity in Activity)
NO_INJURY, KNOWN, HIDDEN = (int(injury) for injury in Injury)
THIRD = 1.0 / 3.0  # the seen share weighs home, work and online ties alike


@kernel
def begin_day_rows(people, p, seed, person0, start, stop, luck_day):
    """Draw the luck of the day; count the online ties who are known to be injured."""
    for i in range(start, stop):
        day_normal = normal(seed, decisions.DAY, person0 + i, luck_day)
        people.luck[i] = luck.daily_luck(people.disposition[i], day_normal, p.luck.persistence, p.luck.strength)
        beaten = 0
        for k in range(people.ties.shape[1]):
            if people.injury[people.ties[i, k]] == KNOWN:
                beaten += 1
        people.beaten_ties[i] = beaten


@kernel
def incumbent_ties(people, start, stop, first_cell, home, group):
    """Count those who prefer the incumbent by home cell and by group."""
    for i in range(start, stop):
        if people.private_preference[i] >= 0.5:
            home[first_cell + people.home_cell[i]] += 1
            group[people.employer[i]] += 1


@kernel
def announce_rows(people, s, p, seed, person0, start, stop, first_cell, home, n_home, group, n_group, is_state):
    """Compare the announced share with the share seen among one's own ties."""
    for i in range(start, stop):
        own = 1.0 if people.private_preference[i] >= 0.5 else 0.0
        cell, g = first_cell + people.home_cell[i], people.employer[i]
        home_share = ties.others_share(home[cell], n_home[cell], own)
        work_share = ties.others_share(group[g], n_group[g], own)
        online = 0.0
        for k in range(people.ties.shape[1]):
            if people.private_preference[people.ties[i, k]] >= 0.5:
                online += 1.0
        online_share = online / people.ties.shape[1] if people.ties.shape[1] > 0 else home_share
        has_work = 1.0 if is_state[g] else 0.0
        around = ties.weighted_ties(home_share, work_share, online_share, has_work, THIRD, THIRD)
        noise = normal(seed, decisions.SEEN_SHARE, person0 + i, 0)
        seen = announced_share.seen_incumbent_share(around, noise, p.announced_share.seen_sd)
        lost = announced_share.legitimacy_lost(
            s.official_share, seen, p.announced_share.share_tolerance, p.announced_share.legitimacy_loss,
            p.announced_share.strength,
        )  # fmt: skip
        people.legitimacy[i] = max(0.0, people.legitimacy[i] - lost)


@kernel
def release_rows(people, s, seed, person0, start, stop, hour, known):
    """Release those whose term ends or whom an amnesty frees; hidden injuries become known (agents by group)."""
    for i in range(start, stop):
        if people.activity[i] != DETAINED:
            continue
        freed = s.release_share > 0.0 and uniform(seed, decisions.RELEASE, person0 + i, hour) < s.release_share
        if people.release_hour[i] <= hour or freed:
            people.activity[i] = QUIET
            people.release_hour[i] = NO_HOUR
            if people.injury[i] == HIDDEN:
                people.injury[i] = KNOWN
                known[people.employer[i]] += 1


@kernel
def fear_rows(column, arrest_belief, media_diet, s, p, start, stop):
    """Update belief and fear from what was reported and what the street shows."""
    silent_share, state_media_loss = s.state_media_silent_share, p.officials.state_media_loss
    connectivity, base_exposure, media_strength = s.connectivity, p.media.base_exposure, p.media.strength
    without, of_injuries, weight = s.risk_without_injuries, s.risk_of_injuries, s.belief_weight
    shown, troops, sanction = s.shown_risk, s.troop_risk, s.sanction
    risk_scale, strength = p.fear.risk_scale, p.fear.strength
    buffer = np.empty(CHUNK)
    for first in range(start, stop, CHUNK):
        n = min(CHUNK, stop - first)
        for k in range(n):
            i = first + k
            diet = media.effective_diet(media_diet[i], silent_share, state_media_loss)
            hears = media.exposure(diet, connectivity, base_exposure, media_strength)
            buffer[k] = fear.belief_next(arrest_belief[i], without, of_injuries, hears, weight)
        for k in range(n):
            arrest_belief[first + k] = buffer[k]
        for k in range(n):
            risk = fear.sanction_risk(buffer[k], shown, troops)
            column[first + k] = fear.felt_fear(risk, sanction, risk_scale, strength)


@kernel
def legitimacy_rows(people, s, p, start, stop):
    """Update legitimacy and the affinity to Russia."""
    for i in range(start, stop):
        lost = russian_support.legitimacy_lost_to_support(
            people.legitimacy[i], people.russia_affinity[i], s.support, s.troops, s.n_hours,
            p.russian_support.legitimacy_support_loss, p.russian_support.legitimacy_troops_loss,
        )  # fmt: skip
        legitimacy = people.legitimacy[i] - lost - s.legitimacy_lost + s.legitimacy_regained
        people.legitimacy[i] = min(1.0, max(0.0, legitimacy))
        people.russia_affinity[i] = russian_support.affinity_next(
            people.russia_affinity[i], s.support, s.troops, s.n_hours, p.russian_support.affinity_support_loss,
            p.russian_support.affinity_troops_loss,
        )  # fmt: skip


@kernel
def company_rows(people, s, p, start, stop, first_cell, out_block, n_block, group_out, n_group, is_state):
    """Look for company among the own ties."""
    n_ties = people.ties.shape[1]
    home_weight, work_weight = p.ties.home_weight, p.ties.work_weight
    for i in range(start, stop):
        own = 1.0 if people.activity[i] == PROTESTING or people.activity[i] == STRIKING else 0.0
        cell, g = first_cell + people.home_cell[i], people.employer[i]
        home_share = ties.others_share(out_block[cell], n_block[cell], own)
        work_share = ties.others_share(group_out[g], n_group[g], own)
        online = 0.0
        for k in range(n_ties):
            activity = people.activity[people.ties[i, k]]
            if activity == PROTESTING or activity == STRIKING:
                online += 1.0
        online_share = ties.seen_online_share(online / n_ties, s.connectivity) if n_ties > 0 else home_share
        has_work = 1.0 if is_state[g] else 0.0
        people.company[i] = ties.weighted_ties(home_share, work_share, online_share, has_work, home_weight, work_weight)


@kernel
def is_sent(s, p, seed, person):
    """Whether a state worker is ordered to the rally of the hour, and has a seat if it is in another city."""
    order_draw = uniform(seed, decisions.ORDERED, person, s.luck_day)
    if not job_pressure.is_ordered(order_draw, p.job_pressure.order_share, s.rally_intensity, p.job_pressure.strength):
        return False
    if s.rally_is_here == 1:
        return True
    return job_pressure.is_bussed(uniform(seed, decisions.BUSSED, person, s.luck_day), p.job_pressure.bus_share)


@kernel
def rally_decision(s, p, seed, person, works_for_state, private_preference, media_diet, anger, job_dependence):
    """Whether one attends a rally for the incumbent, is ordered to it, and would not have gone without the order."""
    ordered = works_for_state and is_sent(s, p, seed, person)
    if not ordered and s.rally_is_here == 0:
        return False, False, False
    framed = threat_framing.framing(s.threat_framing, media_diet, p.threat_framing.framing_weight,
                                    p.threat_framing.strength)  # fmt: skip
    willing = job_pressure.rally_index(
        private_preference, framed, anger, p.participation.rally_intercept, p.participation.rally_preference_weight,
        log(p.participation.strength),
    )  # fmt: skip
    pushed = willing
    if ordered:
        pushed = willing + job_pressure.order_push(p.job_pressure.threat, job_dependence, p.job_pressure.order_weight,
                                                   p.job_pressure.order_threat_weight)  # fmt: skip
    draw = uniform_open(seed, decisions.RALLY_DAY, person, s.luck_day)
    rally_luck = luck.occasion_luck(draw, p.luck.strength)
    return rally_luck < pushed, ordered, s.rally_is_here == 0 or not rally_luck < willing


@kernel
def chosen_site(s, p, seed, person, stays_at, site_weights, home_cell, first_site, neighbourhood):
    """The called site, another one, the own neighbourhood, or none; who is at an open place stays there."""
    if s.called_site != NO_SITE and s.called_is_closed == 1:
        local_draw = uniform(seed, decisions.LOCAL_PROTEST, person, s.luck_day)
        return neighbourhood if place.stays_local(local_draw, p.place.local_share, p.place.strength) else NO_SITE
    if s.called_site != NO_SITE and s.called_has_room == 1:
        return s.called_site
    if stays_at != NO_SITE:
        return stays_at
    picked = pick(site_weights[home_cell], uniform(seed, decisions.SITE, person, s.luck_day))
    return first_site + picked if picked >= 0 else neighbourhood


@kernel
def kept_site(people, i, is_closed, first_site, neighbourhood):
    """The open place where one protests already, or none."""
    here = people.site[i]
    is_there = people.activity[i] == PROTESTING and first_site <= here < neighbourhood
    return here if is_there and not is_closed[here] else NO_SITE


@kernel
def choose_rows(people, s, p, seed, person0, start, stop, is_state, is_plant, group_out, n_group, plant_threat,
                site_weights, is_closed, first_site, neighbourhood, encouraged):
    """Choose the activity and the site of the hour."""
    striking_odds = log(p.walkout.strength)
    for i in range(start, stop):
        people.next_activity[i] = QUIET
        people.next_site[i] = NO_SITE
        people.is_ordered[i] = 0
        people.is_coerced[i] = 0
        if people.activity[i] == DETAINED:
            people.next_activity[i] = DETAINED
            continue
        person, g = person0 + i, people.employer[i]
        job_dependence = people.job_dependence[i]
        works_for_state = is_state[g] and people.is_dismissed[i] == 0

        if s.encouraged_now == 1 and encouraged[i]:
            people.is_ordered[i] = s.rally_intensity > 0.0 and works_for_state and is_sent(s, p, seed, person)
            draw = uniform(seed, decisions.ENCOURAGED_GOES, person, 0)
            if encouragement.follows(draw, p.encouragement.strength):
                site = chosen_site(s, p, seed, person, kept_site(people, i, is_closed, first_site, neighbourhood),
                                   site_weights, people.home_cell[i], first_site, neighbourhood)  # fmt: skip
                if site != NO_SITE:
                    people.next_activity[i] = PROTESTING
                    people.next_site[i] = site
                    continue

        if s.rally_intensity > 0.0:
            attends, ordered, coerced = rally_decision(
                s, p, seed, person, works_for_state, people.private_preference[i], people.media_diet[i],
                people.anger[i], job_dependence,
            )  # fmt: skip
            people.is_ordered[i] = ordered
            if attends:
                people.next_activity[i] = RALLYING
                people.next_site[i] = s.rally_site
                people.is_coerced[i] = coerced
                continue

        day_luck = people.luck[i]
        felt_grievance = participation.grievance(people.hardship[i], people.legitimacy[i])
        motive = participation.own_motive(
            people.private_preference[i], felt_grievance, people.anger[i], people.risk_aversion[i], people.fear[i],
            p.participation.preference_weight, p.participation.grievance_weight, p.anger.anger_weight,
            p.fear.fear_weight,
        )  # fmt: skip
        cost = 0.0
        if works_for_state:
            cost = job_pressure.workplace_cost(
                p.job_pressure.threat, job_dependence, p.job_pressure.protest_threat_weight, p.job_pressure.strength,
            )  # fmt: skip
        company = ties.company_effect(people.company[i], p.ties.company_weight, p.ties.company_onset, p.ties.strength)
        others = company + participation.crowd_effect(people.media_diet[i], s.crowd_share_state, s.crowd_share_media,
                                                      s.connectivity, p.participation.crowd_belief_weight)  # fmt: skip
        resents = russian_support.resentment(people.russia_affinity[i], s.support, p.russian_support.resentment_weight)

        # a walkout, and the strikers' column
        if s.shift_open == 1 and is_plant[g] and works_for_state:
            index = walkout.walkout_index(
                felt_grievance, people.anger[i], group_out[g] / n_group[g], plant_threat[g], job_dependence,
                p.walkout.walkout_intercept, p.walkout.walkout_grievance_weight, p.walkout.walkout_anger_weight,
                p.walkout.plant_share_weight, p.walkout.walkout_threat_weight, striking_odds,
            )  # fmt: skip
            if day_luck < index:
                people.next_activity[i] = STRIKING
                if s.march_site != NO_SITE:
                    street = participation.join_index(motive, cost, others, 0.0, resents, s.march_hour_offset)
                    marching = walkout.march_index(street, p.walkout.march_offset)
                    if participation.joins(people.private_preference[i], day_luck, marching):
                        people.next_activity[i] = PROTESTING
                        people.next_site[i] = s.march_site
                continue

        # a protest, called or not
        if s.street_open == 1:
            diet = media.effective_diet(people.media_diet[i], s.state_media_silent_share, p.officials.state_media_loss)
            call = leader.called(s.credibility, s.reach, diet, s.connectivity, p.leader.call_weight, p.leader.strength)
            index = participation.join_index(motive, cost, others, call, resents, s.street_offset)
            if participation.joins(people.private_preference[i], day_luck, index):
                site = chosen_site(s, p, seed, person, kept_site(people, i, is_closed, first_site, neighbourhood),
                                   site_weights, people.home_cell[i], first_site, neighbourhood)  # fmt: skip
                if site != NO_SITE:
                    people.next_activity[i] = PROTESTING
                    people.next_site[i] = site
                    continue

        # a daytime chain
        if s.chain_open == 1:
            base = participation.join_index(motive, cost, others, 0.0, resents, s.chain_offset)
            index = chains.chain_index(base, people.is_woman[i], p.chains.chain_offset, p.chains.chain_men_offset)
            if participation.joins(people.private_preference[i], day_luck, index):
                people.next_activity[i] = PROTESTING
                people.next_site[i] = neighbourhood + 1


@kernel
def move_rows(people, start, stop, hour):
    """Go to the chosen place."""
    for i in range(start, stop):
        people.activity[i] = people.next_activity[i]
        people.site[i] = people.next_site[i]
        if people.activity[i] == PROTESTING and people.first_hour[i] == NO_HOUR:
            people.first_hour[i] = hour


@kernel
def arrest_rows(people, s, p, seed, person0, start, stop, hour, arrest_probability, chain_site, detained, injured):
    """Arrest participants; detained and publicly injured agents are counted by group."""
    for i in range(start, stop):
        if people.activity[i] != PROTESTING:
            continue
        person = person0 + i
        is_chain = people.site[i] == chain_site
        spared = chains.arrest_selectivity(people.is_woman[i], is_chain, p.chains.selectivity_women)
        if uniform(seed, decisions.ARREST, person, hour) < arrest_probability[people.site[i]] * spared:
            people.activity[i] = DETAINED
            people.site[i] = NO_SITE
            term = repression.detention_hours(uniform(seed, decisions.TERM, person, hour), s.term_hours,
                                              p.repression.longest_term)  # fmt: skip
            people.release_hour[i] = hour + int(term)
            detained[people.employer[i]] += 1
            violent = repression.violence_probability(p.repression.violent_share, s.violence)
            in_custody = repression.violence_probability(p.repression.custody_share, s.violence)
            if uniform(seed, decisions.VIOLENCE, person, hour) < violent:
                people.injury[i] = KNOWN
                injured[people.employer[i]] += 1
            elif people.injury[i] == NO_INJURY and uniform(seed, decisions.CUSTODY, person, hour) < in_custody:
                people.injury[i] = HIDDEN


@kernel
def dismiss_rows(people, s, p, seed, person0, start, stop, hour, is_plant):
    """Dismiss strikers, and when a rally ends those who were ordered and stayed away."""
    for i in range(start, stop):
        on_street = people.activity[i] == PROTESTING and s.shift_open == 1 and is_plant[people.employer[i]]
        is_striking = people.activity[i] == STRIKING or (on_street and s.march_site != NO_SITE)
        is_absent = s.rally_ends == 1 and people.is_ordered[i] == 1 and people.activity[i] != RALLYING
        if (is_striking or is_absent) and people.is_dismissed[i] == 0:
            draw = uniform(seed, decisions.DISMISSAL, person0 + i, hour)
            if dismissal.is_dismissed(draw, is_striking, is_absent, p.dismissal.striker_rate, p.dismissal.absentee_rate,
                                      p.dismissal.strength):  # fmt: skip
                people.is_dismissed[i] = 1
