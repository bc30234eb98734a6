"""Phase 1 and the start of phase 3: what a city's people share in an hour.

A kernel goes through the cities: `city` is the record of what is remembered of one (`CITY_STATES`), `its` of what never
changes (`CITY_FACTS`), `now` of the timeline in this hour (`sim.inputs.forcings`), `s` of its signals.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from agents import decisions
from agents.compiled.arithmetic import log, power
from agents.compiled.decision import helper
from agents.compiled.draws import normal
from agents.compiled.rows import record, table_at
from agents.compiled.rule import kernel
from agents.rules import (
    anger,
    concession,
    encouragement,
    fear,
    leader,
    luck,
    media,
    officers,
    officials,
    participation,
    repression,
)
from agents.rules.place import has_room
from agents.rules.rates import kept_share
from agents.rules.russian_support import level_with_lever, troop_risk
from agents.vocabulary import CITY_STRIDE, NO_SITE, PROTESTING, RALLYING, Loyalty, Office
from sim.hour import regime
from sim.hour.detained import is_recorded, is_wanted, level_seen
from sim.hour.sums import total_of
from sim.inputs.forcings import DAY_STARTS
from sim.parameters import Parameters
from sim.world.world import PLANT_OUT, InHour, World, cities_with, update_site_weights


def broadcast(world: World) -> None:
    """Set the signals of the hour from the timeline and from what the hour before left behind."""
    count_offices(world)
    regime.answer(world)
    f, hour, sites = world.forcings, world.hour, world.sites
    world.levels[:] = f.levels[hour]
    places = Places(crowd=world.crowd, area_m2=sites.area_m2, attraction=sites.attraction,
                    closed_by_order=f.closed[hour], is_closed=world.site_closed,
                    open_attraction=world.open_attraction)  # fmt: skip
    broadcast_rows(hour, regime.answers(world), world.now(), places, world.groups.city, world.counts)
    for c in cities_with(world.signals["street_open"]):
        update_site_weights(world, c)
    world.active = cities_with(world.signals["is_active"])


def get_ready(world: World, nowhere: InHour) -> None:
    """Compile or load the passes by running them over no cities."""
    sites = world.sites
    places = Places(world.crowd, sites.area_m2, sites.attraction, world.forcings.closed[0], world.site_closed,
                    world.open_attraction)  # fmt: skip
    count_office_rows(world.at(world.officials), 0, 0, world.office_sizes)
    broadcast_rows(0, False, nowhere, places, world.groups.city, world.counts)
    hear_news_rows(nowhere.signals, nowhere.states, nowhere.facts, nowhere.p)
    sum_up_rows(nowhere.signals, nowhere.states, nowhere.facts, nowhere.p, world.crowd)


class Places(NamedTuple):
    """What is known of the sites of all cities, arrays (n_sites,) but `closed_by_order` (n_places,)."""

    crowd: np.ndarray
    area_m2: np.ndarray
    attraction: np.ndarray
    closed_by_order: np.ndarray
    is_closed: np.ndarray
    open_attraction: np.ndarray


@kernel
def broadcast_rows(hour, by_rule, cities, places, group_city, counts):
    """Set the signals of every city; `by_rule`: whether force is by rule in this hour."""
    signals, states, facts, events = cities.signals, cities.states, cities.facts, cities.events
    p, host = record(cities.p), rally_host(events)
    for c in range(len(states)):
        s, city, its, now = record(signals, c), record(states, c), record(facts, c), record(events, c)
        crowd = places.crowd[its.first_site : its.end_site]
        s.hour = hour
        s.reserve_moves = hour % 24 == DAY_STARTS and p.repression.strength > 0.0
        follow_occasion(s, city, its, now, p)
        set_levels(hour, by_rule, s, city, its, now, p, total_of(crowd))
        set_leader(s, its, now, p)
        set_occasions(hour, s, city, its, now, p)
        set_rally(hour, s, c, host, events, facts)
        set_sites(s, its, now, p, places)
        s.is_active = is_active(hour, s, c, group_city, counts)


def count_offices(world: World) -> None:
    """Set the shares of each city's officials who gave way, by office."""
    officials_, state = world.officials, world.city
    if not world.changes.has_changed("offices", officials_.loyalty):
        return
    total, lost = world.office_sizes, np.zeros_like(world.office_sizes)
    count_office_rows(world.at(officials_), 0, len(officials_.loyalty), lost)
    share = lost / np.maximum(total, 1.0)
    state["mayor_share"] = share[:, Office.MAYOR]
    state["judge_share"] = share[:, Office.JUDGE]
    state["admitted_share"] = share[:, Office.COMMISSION]
    silent, staff = float(lost[:, Office.STATE_MEDIA].sum()), float(total[:, Office.STATE_MEDIA].sum())
    state["state_media_silent_share"][:] = silent / max(1.0, staff)


@kernel(is_counted=False)
def count_office_rows(officials_, start, stop, lost):
    """Count officials who gave way by city and office, added to float64 (n_cities, offices)."""
    officials_ = table_at(officials_)
    for i in range(start, stop):
        if officials_.loyalty[i] != Loyalty.LOYAL:
            lost[officials_.home_city[i], officials_.office[i]] += officials_.weight[i]


@kernel
def follow_occasion(s, city, its, now, p):
    """When a street occasion has ended, draw the lessons from it; when one begins, start to count."""
    is_open, was_open = now.street_length > 0, city.occasion_open > 0.0
    if was_open:  # reports are a day's: after midnight they no longer know of the evening; NaN is larger than nothing
        if city.reported_protest_ministry > city.occasion_report_ministry:
            city.occasion_report_ministry = city.reported_protest_ministry
        if city.reported_protest_media > city.occasion_report_media:
            city.occasion_report_media = city.reported_protest_media
    if was_open and not is_open:
        draw_lessons(s, city, its, p)
    s.lesson_due = was_open and not is_open
    if is_open and not was_open:
        city.occasion_peak = city.occasion_main_share = city.occasion_detained = city.occasion_injured = 0.0
        city.occasion_report_ministry = city.occasion_report_media = 0.0
    city.occasion_open = 1.0 if is_open else 0.0
    kept = kept_share(p.participation.crowd_belief_decay, 1.0)
    city.crowd_share_state *= kept
    city.crowd_share_media *= kept


@kernel
def draw_lessons(s, city, its, p):
    """Update the reported risk, the crowd that is expected and the crowd that is believed."""
    arrested, injured, peak = city.occasion_detained, city.occasion_injured, city.occasion_peak
    before, before_injuries = city.risk_without_injuries, city.risk_of_injuries
    without = fear.reported_risk(arrested, 0.0, before, peak, p.fear.injury_weight, p.fear.prior_persons)
    whole = fear.reported_risk(arrested, injured, before + before_injuries, peak, p.fear.injury_weight,
                               p.fear.prior_persons)  # fmt: skip
    city.risk_without_injuries, city.risk_of_injuries = without, whole - without
    main = city.occasion_main_share
    regime.note_occasion(city, peak, main)
    city.expected_crowd = peak
    seen = officers.seen_defection(city.officers_lost, city.n_officers)
    treated = fear.treatment(arrested, injured, peak, p.fear.injury_weight, p.fear.lesson_scale)
    city.lesson_main = fear.lesson_next(city.lesson_main, treated, seen, main, p.fear.lesson_rate)
    city.lesson_minor = fear.lesson_next(city.lesson_minor, treated, seen, 1.0 - main, p.fear.lesson_rate)
    city.expected_main += main * (peak - city.expected_main)
    city.expected_minor += (1.0 - main) * (peak - city.expected_minor)
    s.turnout, s.turnout_main_share = peak / its.adults, main
    city.crowd_share_state = city.occasion_report_ministry / its.adults
    city.crowd_share_media = city.occasion_report_media / its.adults


@kernel
def set_levels(hour, by_rule, s, city, its, now, p, crowd):
    """Levels of the timeline, which stand in the signals, after what officials and levers make of them."""
    s.luck_day = now.luck_day
    s.connectivity = media.effective_connectivity(s.connectivity, p.media.proxy_share, p.media.strength)
    s.state_media_silent_share = city.state_media_silent_share
    if by_rule:
        force, share = max(city.force, p.regime.restraint), p.regime.strength
        s.repression = (1.0 - share) * s.repression + share * force
        s.concession = max(s.concession, share * city.conceded)
    s.repression = officials.repression_after_mayor(s.repression, city.mayor_share, p.officials.mayor_relief)
    if is_recorded(now, by_rule):
        s.repression = level_seen(hour, city, now, s.repression)
    s.term_hours = officials.term_after_judges(s.term_hours, city.judge_share, p.officials.judge_leniency)
    russia = p.russian_support
    s.support = level_with_lever(s.russian_support, russia.support_lever, russia.strength)
    s.troops = level_with_lever(s.troops, russia.troops_lever, russia.strength)
    s.troop_risk = troop_risk(s.troops, russia.troop_risk_weight)
    s.appeal = now.appeal
    if now.threat > 0.0:
        city.lesson_main, city.lesson_minor = max(city.lesson_main, now.threat), max(city.lesson_minor, now.threat)
    s.official_share = now.announcement
    s.release_share = now.release
    s.city_share_out = crowd / its.adults
    s.crowd_share_state, s.crowd_share_media = city.crowd_share_state, city.crowd_share_media
    is_forced = s.repression > 0.0 or (is_recorded(now, by_rule) and is_wanted(city, now))
    s.arrests_possible = is_forced and p.repression.strength > 0.0


@kernel
def set_leader(s, its, now, p):
    """Credibility and reach of a call, if one is on."""
    s.credibility = leader.leader_credibility(now.call, now.is_exiled, now.is_detained, p.leader.exile_factor)
    named = now.call if now.call_place >= 0 else 0.0
    given = concession.guaranteed(s.guarantee, p.concession.strength)
    s.main_share = participation.main_share(1.0 - now.is_weekday, named, given, regime.call_lift(p))
    s.reach = leader.channel_reach(s.subscribers, its.country_adults, p.leader.forwards)


@kernel
def offset(since, length, s, city, its, p, minor_share, log_strength):
    """Return what the people of a city share in the join index, `since` hours after a window of a length began."""
    profile = participation.occasion_profile(since, float(length), p.participation.profile_depth)
    granted = concession.appeased(s.concession, p.concession.concession_weight, p.concession.strength)
    return participation.occasion_offset(
        p.participation.intercept, its.is_capital, p.participation.intercept_elsewhere, minor_share,
        p.participation.weekday_offset, profile, city.shock, log_strength,
    ) - granted  # fmt: skip


@kernel
def set_occasions(hour, s, city, its, now, p):
    """What is open in the hour, and the city's part of each index."""
    if hour == 0 or now.begins_luck_day == 1:
        draw_day(hour, s, city, its, now, p)
    joining, minor = log(p.participation.strength), 1.0 - s.main_share
    s.street_open = now.street_length > 0
    s.chain_open = now.chain > 0
    s.shift_open = now.shift > 0 and its.n_plants > 0
    s.march_site = NO_SITE
    if s.street_open == 1:
        s.street_offset = offset(hour - now.street_start + 0.5, now.street_length, s, city, its, p, minor, joining)
        city.occasion_main_share = max(city.occasion_main_share, s.main_share)
    e = p.encouragement
    s.encouraged_now = (s.street_open == 1 and e.share > 0.0
                        and encouragement.encouraged_now(hour, e.from_hour, e.hours))  # fmt: skip
    if s.chain_open == 1:
        chains = log(p.chains.strength) + log(now.chain)
        s.chain_offset = offset(hour - now.chain_start + 0.5, now.chain_length, s, city, its, p, 0.0, joining + chains)
    if s.shift_open == 1 and now.march > 0:
        s.march_site = its.first_site + now.march_place
        s.march_hour_offset = offset(hour - now.march_start + 0.5, now.march_length, s, city, its, p, minor, joining)


@kernel
def draw_day(hour, s, city, its, now, p):
    """Draw the shock of the day, log-odds, and let the city's lasting gap move on by a day."""
    key, strength = its.code * CITY_STRIDE, p.luck.strength
    if hour > 0:
        day_normal = normal(s.seed, decisions.CITY_GAP, key, now.luck_day)
        city.gap = luck.city_gap(city.gap, day_normal, p.luck.gap_memory, p.luck.gap_sd * strength)
    day_normal = normal(s.seed, decisions.CITY_SHOCK, key, now.luck_day)
    city.shock = luck.city_day_shock(day_normal, p.luck.shock_sd, strength) + city.gap


@kernel
def rally_host(events):
    """Return the first city with a rally in the hour, -1 without one."""
    for c in range(len(events)):
        if record(events, c).rally > 0:
            return c
    return -1


@kernel
def set_rally(hour, s, c, first_host, events, facts):
    """The rally of the hour, here or in another city that sends buses."""
    s.rally_intensity, s.rally_site, s.rally_is_here, s.rally_ends = 0.0, NO_SITE, 0, 0
    if first_host < 0:
        return
    host = c if record(events, c).rally > 0 else first_host
    there = record(events, host)
    s.rally_intensity = there.rally
    s.rally_site = record(facts, host).first_site + there.rally_place
    s.rally_is_here = host == c
    s.rally_ends = there.rally_start + there.rally_length - 1 == hour


@kernel
def set_sites(s, its, now, p, places):
    """Which sites are open and have room, and the state of the called one."""
    called = now.street_place if s.street_open == 1 else NO_SITE
    s.called_site = its.first_site + called if called >= 0 else NO_SITE
    s.called_is_closed = s.called_has_room = 0
    for k in range(its.n_places):
        site = its.first_site + k
        closed = places.closed_by_order[its.first_place + k] and p.place.strength > 0
        room = has_room(places.crowd[site], places.area_m2[site], p.place.site_capacity, p.place.strength)
        places.is_closed[site] = closed
        places.open_attraction[site] = 0.0 if closed or not room else places.attraction[site]
        if k == called:
            s.called_is_closed, s.called_has_room = closed, room


@kernel
def is_active(hour, s, c, group_city, counts):
    """Say whether the city's people have anything to decide: an occasion, people out, or the daily taking stock."""
    if s.street_open or s.chain_open or s.shift_open or s.rally_intensity > 0 or s.official_share > 0:
        return True
    if hour % 24 == DAY_STARTS - 1:
        return True
    for g in range(len(group_city)):
        if group_city[g] == c and (counts[g, PROTESTING : RALLYING + 1].any() or counts[g, PLANT_OUT] > 0):
            return True
    return False


def hear_news(world: World) -> None:
    """Let the hour's violence enter each city's news stock and outrage, and add up what there is to hear."""
    hear_news_rows(world.signals, world.city, world.facts, world.p)


@kernel
def hear_news_rows(signals, states, facts, p):
    """Let every city hear the news of the hour."""
    p, n = record(p), len(states)
    known, adults = np.empty(n), np.empty(n)
    for c in range(n):
        city = record(states, c)
        known[c] = city.street_injured + city.released_injured
        adults[c] = record(facts, c).adults
    of_country = 1000.0 * total_of(known) / max(total_of(adults), 1.0)  # also without any city, to get ready
    for c in range(n):
        s, city = record(signals, c), record(states, c)
        per_1000 = 1000.0 / adults[c]
        stock = anger.news_stock_next(
            city.news_stock, city.street_injured * per_1000, city.new_detained * per_1000,
            city.released_injured * per_1000, p.anger.news_decay, p.anger.detained_news_weight,
        )  # fmt: skip
        injured = 0.5 * known[c] * per_1000 + 0.5 * of_country
        city.outrage = anger.outrage_next(city.outrage, injured, s.outrage_event, p.anger.outrage_decay,
                                          p.anger.outrage_scale)  # fmt: skip
        seen = anger.seen_news(stock, p.anger.news_scale)
        city.news_stock = stock
        city.news_sum += seen
        city.news_connected += seen * s.connectivity
        city.hours_waited += 1.0


def sum_up(world: World) -> None:
    """Give the people of active cities what has gathered since their last turn, and the risk that they see."""
    sum_up_rows(world.signals, world.city, world.facts, world.p, world.crowd)


@kernel
def sum_up_rows(signals, states, facts, p, crowd):
    """Sum up for every active city."""
    p = record(p)
    for c in range(len(states)):
        s, city, its = record(signals, c), record(states, c), record(facts, c)
        if s.is_active == 1:
            sum_up_news(s, city, p)
            show_risk(s, city, p, total_of(crowd[its.first_site : its.end_site]))
            city.hours_waited = city.news_sum = city.news_connected = 0.0


@kernel
def sum_up_news(s, city, p):
    """What has gathered since the last turn."""
    s.n_hours = city.hours_waited
    s.news_seen = city.news_sum
    s.news_connectivity = s.connectivity
    if city.news_sum > 0.0:
        s.news_connectivity = city.news_connected / city.news_sum
    s.outrage = city.outrage
    s.anger_kept = kept_share(p.anger.anger_decay, s.n_hours)
    s.belief_weight = 0.0
    if p.fear.strength > 0.0:
        s.belief_weight = 1.0 - power(1.0 - p.fear.belief_learning, s.n_hours)
    s.risk_without_injuries, s.risk_of_injuries = city.risk_without_injuries, city.risk_of_injuries
    s.legitimacy_regained = officials.legitimacy_regained(city.mayor_share, p.officials.mayor_legitimacy, s.n_hours)
    admitted = city.admitted_share - city.admitted_before
    s.legitimacy_lost = officials.legitimacy_lost_to_admission(admitted, p.officials.admission_loss)
    city.admitted_before = city.admitted_share


@helper
def arrest_constant(p: Parameters) -> float:
    """Return kappa as it is in force, per hour: of arrests and of the risk that people expect alike."""
    return p.repression.arrest_constant * p.repression.strength


@kernel
def show_risk(s, city, p, crowd_now):
    """Risk that the force on the street shows, and the sanction that goes with it."""
    seen = officers.seen_defection(city.officers_lost, city.n_officers)
    force = fear.expected_force(city.n_officers, seen, p.fear.defection_visibility, p.russian_support.support_force,
                                s.support)  # fmt: skip
    k = s.main_share
    expected = city.expected_crowd
    if p.fear.lesson_weight != 0.0:
        expected = k * city.expected_main + (1.0 - k) * city.expected_minor
    crowd = max(crowd_now, expected)
    learned = k * city.lesson_main + (1.0 - k) * city.lesson_minor
    s.lesson = learned * (1.0 - concession.guaranteed(s.guarantee, p.concession.strength))
    s.arrests_per_officer = city.occasion_detained / max(1.0, city.n_officers)
    s.shown_risk = fear.shown_risk(s.repression, force, crowd, arrest_constant(p), p.fear.stay_hours)
    violent = 0.0
    if p.repression.strength > 0.0:
        violent = repression.violence_probability(p.repression.violent_share, s.violence)
    s.sanction = fear.expected_sanction(violent, p.fear.sanction_detention, p.fear.sanction_violence)
