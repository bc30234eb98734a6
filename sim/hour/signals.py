"""Phase 1 and the start of phase 3: what a city's people share in an hour."""

from __future__ import annotations

import numpy as np

from agents.compiled.arithmetic import log, power
from agents.rules import (
    anger,
    concession,
    encouragement,
    fear,
    leader,
    media,
    officers,
    officials,
    participation,
    repression,
)
from agents.rules.place import has_room
from agents.rules.rates import kept_share
from agents.rules.russian_support import level_with_lever, troop_risk
from agents.vocabulary import NO_SITE, Loyalty, Office
from sim.hour import detained, regime
from sim.inputs.forcings import DAY_STARTS, SIGNALLED
from sim.inputs.timeline import Windows
from sim.world.world import PLANT_OUT, World, gap_of_day, shock_of_day, update_site_weights

# What is counted during a street occasion, per city.
OCCASION = ("occasion_peak", "occasion_main_share", "occasion_detained", "occasion_injured", "occasion_report_ministry",
            "occasion_report_media")  # fmt: skip


def broadcast(world: World) -> None:
    """Set the signals of the hour from the timeline and from what the hour before left behind."""
    count_offices(world)
    regime.answer(world)
    world.signals["hour"] = world.hour
    world.signals["reserve_moves"] = world.hour % 24 == DAY_STARTS and world.parameters.repression.strength > 0.0
    for c in range(world.n_cities):
        _follow_occasion(world, c)
        _levels(world, c)
        _leader(world, c)
        _occasions(world, c)
        _rally(world, c)
        _sites(world, c)
        world.signals["is_active"][c] = _is_active(world, c)


def count_offices(world: World) -> None:
    """Set the shares of each city's officials who gave way, by office."""
    officials_, state = world.officials, world.city
    if not world.changes.has_changed("offices", officials_.loyalty):
        return
    office = len(Office) * officials_.home_city.astype(np.int64) + officials_.office
    gave_way = officials_.loyalty != Loyalty.LOYAL
    weight, size = officials_.weight, len(Office) * world.n_cities
    total = np.bincount(office, weight, minlength=size).reshape(world.n_cities, -1)
    lost = np.bincount(office[gave_way], weight[gave_way], minlength=size).reshape(world.n_cities, -1)
    share = lost / np.maximum(total, 1.0)
    state["mayor_share"] = share[:, Office.MAYOR]
    state["judge_share"] = share[:, Office.JUDGE]
    state["admitted_share"] = share[:, Office.COMMISSION]
    silent, staff = float(lost[:, Office.STATE_MEDIA].sum()), float(total[:, Office.STATE_MEDIA].sum())
    state["state_media_silent_share"][:] = silent / max(1.0, staff)


def _follow_occasion(world: World, c: int) -> None:
    """When a street occasion has ended, draw the lessons from it; when one begins, start to count."""
    state, street = world.city, world.forcings.street
    is_open = street.length[world.hour, c] > 0
    if state["occasion_open"][c]:  # reports are a day's: after midnight they no longer know of the evening
        for source in ("ministry", "media"):
            report, largest = world.reports[f"reported_protest_{source}"][c], state[f"occasion_report_{source}"]
            if report > largest[c]:  # not where there is none, NaN
                largest[c] = report
    if state["occasion_open"][c] and not is_open:
        _lessons(world, c)
    world.signals["lesson_due"][c] = state["occasion_open"][c] > 0 and not is_open
    if is_open and not state["occasion_open"][c]:
        for name in OCCASION:
            state[name][c] = 0.0
    state["occasion_open"][c] = float(is_open)
    kept = kept_share(world.parameters.participation.crowd_belief_decay, 1.0)
    state["crowd_share_state"][c] *= kept
    state["crowd_share_media"][c] *= kept


def _lessons(world: World, c: int) -> None:
    """Update the reported risk, the crowd that is expected and the crowd that is believed."""
    state, p = world.city, world.parameters.fear
    arrested, injured, peak = (state[f"occasion_{name}"][c] for name in ("detained", "injured", "peak"))
    before, before_injuries = state["risk_without_injuries"][c], state["risk_of_injuries"][c]
    without = fear.reported_risk(arrested, 0.0, before, peak, p.injury_weight, p.prior_persons)
    whole = fear.reported_risk(arrested, injured, before + before_injuries, peak, p.injury_weight, p.prior_persons)
    state["risk_without_injuries"][c], state["risk_of_injuries"][c] = without, whole - without
    regime.note_occasion(world, c, peak)
    state["expected_crowd"][c] = peak
    seen = officers.seen_defection(state["officers_lost"][c], state["n_officers"][c])
    treated = fear.treatment(arrested, injured, peak, p.injury_weight, p.lesson_scale)
    main = state["occasion_main_share"][c]
    for kind, share in (("main", main), ("minor", 1.0 - main)):
        state[f"lesson_{kind}"][c] = fear.lesson_next(state[f"lesson_{kind}"][c], treated, seen, share, p.lesson_rate)
        state[f"expected_{kind}"][c] += share * (peak - state[f"expected_{kind}"][c])
    world.signals["turnout"][c], world.signals["turnout_main_share"][c] = peak / world.adults[c], main
    state["crowd_share_state"][c] = state["occasion_report_ministry"][c] / world.adults[c]
    state["crowd_share_media"][c] = state["occasion_report_media"][c] / world.adults[c]


def _levels(world: World, c: int) -> None:
    """Levels of the timeline after what officials and levers make of them."""
    f, h, p, s, state = world.forcings.value, world.hour, world.parameters, world.signals, world.city
    for kind in SIGNALLED:  # as the timeline has them; below, what becomes of some
        s[kind][c] = f[kind][h, c]
    s["luck_day"][c] = world.forcings.luck_day[h]
    s["connectivity"][c] = media.effective_connectivity(s["connectivity"][c], p.media.proxy_share, p.media.strength)
    s["state_media_silent_share"][c] = state["state_media_silent_share"][c]
    if regime.answers(world):
        by_rule, share = max(state["force"][c], p.regime.restraint), p.regime.strength
        s["repression"][c] = (1.0 - share) * s["repression"][c] + share * by_rule
        s["concession"][c] = max(s["concession"][c], share * state["conceded"][c])
    s["repression"][c] = officials.repression_after_mayor(s["repression"][c], state["mayor_share"][c],
                                                          p.officials.mayor_relief)  # fmt: skip
    if detained.is_recorded(world, c):
        s["repression"][c] = detained.level_seen(world, c, s["repression"][c])
    s["term_hours"][c] = officials.term_after_judges(s["term_hours"][c], state["judge_share"][c],
                                                     p.officials.judge_leniency)  # fmt: skip
    russia = p.russian_support
    s["support"][c] = level_with_lever(s["russian_support"][c], russia.support_lever, russia.strength)
    s["troops"][c] = level_with_lever(s["troops"][c], russia.troops_lever, russia.strength)
    s["troop_risk"][c] = troop_risk(s["troops"][c], russia.troop_risk_weight)
    s["appeal"][c] = f["appeal"][h, c]
    if f["threat"][h, c] > 0.0:
        for kind in ("lesson_main", "lesson_minor"):
            state[kind][c] = max(state[kind][c], f["threat"][h, c])
    s["official_share"][c] = f["announcement"][h, c]
    s["release_share"][c] = f["release"][h, c]
    s["city_share_out"][c] = world.crowd[world.sites.of(c)].sum() / world.adults[c]
    s["crowd_share_state"][c], s["crowd_share_media"][c] = state["crowd_share_state"][c], state["crowd_share_media"][c]
    is_forced = s["repression"][c] > 0.0 or (detained.is_recorded(world, c) and detained.is_wanted(world, c))
    s["arrests_possible"][c] = is_forced and p.repression.strength > 0.0


def _leader(world: World, c: int) -> None:
    """Credibility and reach of a call, if one is on."""
    f, h, p, s = world.forcings, world.hour, world.parameters.leader, world.signals
    s["credibility"][c] = leader.leader_credibility(f.value["call"][h, c], f.is_exiled[h, c], f.is_detained[h, c],
                                                    p.exile_factor)  # fmt: skip
    named = f.value["call"][h, c] if f.window["call"].place[h, c] >= 0 else 0.0
    given = concession.guaranteed(s["guarantee"][c], world.parameters.concession.strength)
    s["main_share"][c] = participation.main_share(1.0 - f.is_weekday[h], named, given, regime.call_lift(world))
    s["reach"][c] = leader.channel_reach(s["subscribers"][c], world.country_adults, p.forwards)


def _offset(world: World, c: int, window: Windows, minor_share: float, log_strength: float) -> float:
    """Return what the people of a city share in the join index of a window's hour."""
    p, grants = world.parameters.participation, world.parameters.concession
    since = world.hour - window.start[world.hour, c] + 0.5
    profile = participation.occasion_profile(since, float(window.length[world.hour, c]), p.profile_depth)
    granted = concession.appeased(world.signals["concession"][c], grants.concession_weight, grants.strength)
    return participation.occasion_offset(
        p.intercept, float(world.cities[c].is_capital), p.intercept_elsewhere, minor_share, p.weekday_offset, profile,
        world.shock[c], log_strength,
    ) - granted  # fmt: skip


def _occasions(world: World, c: int) -> None:
    """What is open in the hour, and the city's part of each index."""
    f, h, s, p = world.forcings, world.hour, world.signals, world.parameters
    day = int(f.luck_day[h])
    if h == 0 or f.luck_day[h - 1] != day:
        if h > 0:
            world.city["gap"][c] = gap_of_day(world, c, day)
        world.shock[c] = shock_of_day(world, c, day) + world.city["gap"][c]
    joining, first = log(p.participation.strength), int(world.sites.first[c])
    minor = 1.0 - s["main_share"][c]
    s["street_open"][c] = f.street.length[h, c] > 0
    s["chain_open"][c] = f.value["chain"][h, c] > 0
    s["shift_open"][c] = f.value["shift"][h, c] > 0 and len(world.cities[c].plants) > 0
    s["march_site"][c] = NO_SITE
    if s["street_open"][c]:
        s["street_offset"][c] = _offset(world, c, f.street, minor, joining)
        world.city["occasion_main_share"][c] = max(world.city["occasion_main_share"][c], s["main_share"][c])
    e = p.encouragement
    s["encouraged_now"][c] = (s["street_open"][c] and e.share > 0.0
                              and encouragement.encouraged_now(h, e.from_hour, e.hours))  # fmt: skip
    if s["chain_open"][c]:
        chains = log(p.chains.strength) + log(f.value["chain"][h, c])
        s["chain_offset"][c] = _offset(world, c, f.window["chain"], 0.0, joining + chains)
    if s["shift_open"][c] and f.value["march"][h, c] > 0:
        s["march_site"][c] = first + f.window["march"].place[h, c]
        s["march_hour_offset"][c] = _offset(world, c, f.window["march"], minor, joining)


def _rally(world: World, c: int) -> None:
    """The rally of the hour, here or in another city that sends buses."""
    rally, h, s = world.forcings.window["rally"], world.hour, world.signals
    s["rally_intensity"][c], s["rally_site"][c], s["rally_is_here"][c], s["rally_ends"][c] = 0.0, NO_SITE, 0, 0
    where = np.flatnonzero(rally.intensity[h] > 0)
    if len(where) == 0:
        return
    host = c if c in where else int(where[0])
    s["rally_intensity"][c] = rally.intensity[h, host]
    s["rally_site"][c] = world.sites.first[host] + rally.place[h, host]
    s["rally_is_here"][c] = host == c
    s["rally_ends"][c] = rally.start[h, host] + rally.length[h, host] - 1 == h


def _sites(world: World, c: int) -> None:
    """Which sites are open and have room, and the state of the called one."""
    f, h, s, sites, p = world.forcings, world.hour, world.signals, world.sites, world.parameters.place
    first, n = int(sites.first[c]), int(sites.n_places[c])
    own = slice(first, first + n)
    before = int(sites.n_places[:c].sum())
    closed = f.closed[h, before : before + n] & (p.strength > 0)
    world.site_closed[own] = closed
    room = np.array([has_room(crowd, area, p.site_capacity, p.strength)
                     for crowd, area in zip(world.crowd[own], sites.area_m2[own], strict=True)])  # fmt: skip
    if s["street_open"][c]:
        update_site_weights(world, c, np.where(closed | ~room, 0.0, sites.attraction[own]))
    called = int(f.street.place[h, c]) if s["street_open"][c] else NO_SITE
    s["called_site"][c] = first + called if called >= 0 else NO_SITE
    s["called_is_closed"][c] = called >= 0 and closed[called]
    s["called_has_room"][c] = called >= 0 and room[called]


def _is_active(world: World, c: int) -> bool:
    """Say whether the city's people have anything to decide: an occasion, people out, or the daily taking stock."""
    s = world.signals
    any_open = s["street_open"][c] or s["chain_open"][c] or s["shift_open"][c] or s["rally_intensity"][c] > 0
    own = world.groups.city == c
    any_out = world.counts[own, 1:4].any() or world.counts[own, PLANT_OUT].any()
    takes_stock = world.hour % 24 == DAY_STARTS - 1
    return bool(any_open or any_out or takes_stock or s["official_share"][c] > 0)


def hear_news(world: World) -> None:
    """Let the hour's violence enter each city's news stock and outrage, and add up what there is to hear."""
    state, p = world.city, world.parameters.anger
    per_1000 = 1000.0 / world.adults
    known = state["street_injured"] + state["released_injured"]
    of_country = 1000.0 * known.sum() / world.adults.sum()
    for c in range(world.n_cities):
        stock = anger.news_stock_next(
            state["news_stock"][c], state["street_injured"][c] * per_1000[c], state["new_detained"][c] * per_1000[c],
            state["released_injured"][c] * per_1000[c], p.news_decay, p.detained_news_weight,
        )  # fmt: skip
        injured = 0.5 * known[c] * per_1000[c] + 0.5 * of_country
        state["outrage"][c] = anger.outrage_next(state["outrage"][c], injured, world.signals["outrage_event"][c],
                                                 p.outrage_decay, p.outrage_scale)  # fmt: skip
        seen = anger.seen_news(stock, p.news_scale)
        state["news_stock"][c] = stock
        state["news_sum"][c] += seen
        state["news_connected"][c] += seen * world.signals["connectivity"][c]
        state["hours_waited"][c] += 1.0


def sum_up(world: World, c: int) -> None:
    """Give the people of an active city what has gathered since their last turn, and the risk that they see."""
    state, s, p = world.city, world.signals, world.parameters
    n_hours = state["hours_waited"][c]
    s["n_hours"][c] = n_hours
    s["news_seen"][c] = state["news_sum"][c]
    s["news_connectivity"][c] = s["connectivity"][c]
    if state["news_sum"][c] > 0.0:
        s["news_connectivity"][c] = state["news_connected"][c] / state["news_sum"][c]
    s["outrage"][c] = state["outrage"][c]
    s["anger_kept"][c] = kept_share(p.anger.anger_decay, n_hours)
    learns = p.fear.strength > 0.0
    s["belief_weight"][c] = 1.0 - power(1.0 - p.fear.belief_learning, n_hours) if learns else 0.0
    for name in ("risk_without_injuries", "risk_of_injuries"):
        s[name][c] = state[name][c]
    s["legitimacy_regained"][c] = officials.legitimacy_regained(state["mayor_share"][c], p.officials.mayor_legitimacy,
                                                                n_hours)  # fmt: skip
    admitted = state["admitted_share"][c] - state["admitted_before"][c]
    s["legitimacy_lost"][c] = officials.legitimacy_lost_to_admission(admitted, p.officials.admission_loss)
    state["admitted_before"][c] = state["admitted_share"][c]
    _shown_risk(world, c)
    for name in ("hours_waited", "news_sum", "news_connected"):
        state[name][c] = 0.0


def arrest_constant(world: World) -> float:
    """Return kappa as it is in force, per hour: of arrests and of the risk that people expect alike."""
    return world.parameters.repression.arrest_constant * world.parameters.repression.strength


def _shown_risk(world: World, c: int) -> None:
    """Risk that the force on the street shows, and the sanction that goes with it."""
    state, s, p = world.city, world.signals, world.parameters
    seen = officers.seen_defection(state["officers_lost"][c], state["n_officers"][c])
    force = fear.expected_force(state["n_officers"][c], seen, p.fear.defection_visibility,
                                p.russian_support.support_force, s["support"][c])  # fmt: skip
    k = s["main_share"][c]
    expected = state["expected_crowd"][c]
    if p.fear.lesson_weight != 0.0:
        expected = k * state["expected_main"][c] + (1.0 - k) * state["expected_minor"][c]
    crowd = max(world.crowd[world.sites.of(c)].sum(), expected)
    learned = k * state["lesson_main"][c] + (1.0 - k) * state["lesson_minor"][c]
    s["lesson"][c] = learned * (1.0 - concession.guaranteed(s["guarantee"][c], p.concession.strength))
    s["arrests_per_officer"][c] = state["occasion_detained"][c] / max(1.0, state["n_officers"][c])
    s["shown_risk"][c] = fear.shown_risk(s["repression"][c], force, crowd, arrest_constant(world), p.fear.stay_hours)
    violent = 0.0
    if p.repression.strength > 0.0:
        violent = repression.violence_probability(p.repression.violent_share, s["violence"][c])
    s["sanction"][c] = fear.expected_sanction(violent, p.fear.sanction_detention, p.fear.sanction_violence)
