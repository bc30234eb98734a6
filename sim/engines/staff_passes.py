"""Passes over the columns of officers and officials, and of anger, which they share with citizens.

The counterparts of the methods in `agents/security_officer.py` and `agents/official.py`; see `citizen_passes`.
"""

from __future__ import annotations

import numpy as np

from agents import decisions
from agents.compiled.draws import uniform
from agents.compiled.rule import kernel
from agents.rules import (
    anger,
    appeals,
    media,
    officers,
    officials,
    repression,
    ties,
)
from agents.rules.rates import probability_within
from agents.vocabulary import NO_SITE, Loyalty
from sim.world.space import pick

LOYAL, WITHHOLDING, RESIGNED = (int(loyalty) for loyalty in Loyalty)
# A pass goes through a buffer of this many rows: a loop that reads and writes the same column is not vectorised.
CHUNK = 512


@kernel
def anger_rows(column, media_diet, beaten_ties, n_ties, s, p, start, stop):
    """Update the anger of citizens, officers or officials after the news."""
    silent_share, state_media_loss = s.state_media_silent_share, p.officials.state_media_loss
    connectivity, base_exposure, media_strength = s.news_connectivity, p.media.base_exposure, p.media.strength
    news_seen, n_hours, anger_kept = s.news_seen, s.n_hours, s.anger_kept
    all_ties = float(n_ties) if n_ties > 0 else np.inf
    gain, tie_gain, strength = p.anger.anger_gain, p.anger.beaten_tie_gain, p.anger.strength
    buffer = np.empty(CHUNK)
    for first in range(start, stop, CHUNK):
        n = min(CHUNK, stop - first)
        for k in range(n):
            i = first + k
            diet = media.effective_diet(media_diet[i], silent_share, state_media_loss)
            heard = media.exposure(diet, connectivity, base_exposure, media_strength)
            beaten_share = ties.seen_online_share(beaten_ties[i] / all_ties, connectivity)
            buffer[k] = anger.anger_next(column[i], heard * news_seen, beaten_share, n_hours, anger_kept, gain,
                                         tie_gain, strength)  # fmt: skip
        for k in range(n):
            column[first + k] = buffer[k]


@kernel
def deploy_rows(columns, p, seed, start, stop, luck_day, moves_reserve, reserve_weights, deployment, first_site):
    """Send officers to a city (overnight, the reserve) and to a site."""
    for i in range(start, stop):
        if columns.loyalty[i] == RESIGNED:
            columns.site[i] = NO_SITE
            continue
        if moves_reserve:
            columns.posted_city[i] = columns.home_city[i]
            if repression.is_reserve(columns.unit_rank[i], p.repression.reserve_share):
                picked = pick(reserve_weights, uniform(seed, decisions.RESERVE, columns.unit_key[i], luck_day))
                if picked >= 0:
                    columns.posted_city[i] = picked
        c = columns.posted_city[i]
        picked = pick(deployment[first_site[c] : first_site[c + 1]], columns.position[i])
        columns.site[i] = first_site[c] + picked if picked >= 0 else NO_SITE


@kernel
def defect_officer_rows(columns, s, p, seed, start, stop, hour, unit_lost, unit_size):
    """Let officers keep serving, withhold or resign."""
    for i in range(start, stop):
        if columns.loyalty[i] != LOYAL:
            continue
        unit = columns.unit[i]
        if officers.unit_withholds(unit_lost[unit] / unit_size[unit], p.officers.unit_tipping_share):
            columns.loyalty[i] = WITHHOLDING
            continue
        diet = media.effective_diet(columns.media_diet[i], s.state_media_silent_share, p.officials.state_media_loss)
        hears = media.exposure(diet, s.connectivity, p.media.base_exposure, p.media.strength)
        appeal = appeals.appeal_heard(s.appeal, hears, p.appeals.strength)
        cost = appeals.exit_cost_left(columns.exit_cost[i], s.exit_support, p.appeals.exit_support_extra,
                                      p.appeals.strength)  # fmt: skip
        hazard = officers.officer_hazard(
            columns.anger[i], s.city_share_out, appeal, cost, s.support, p.officers.base_hazard,
            p.officers.officer_anger_weight, p.officers.officer_crowd_weight, p.officers.officer_appeal_weight,
            p.officers.exit_cost_weight, p.officers.surveillance, p.officers.officer_support_weight,
            p.officers.strength,
        )  # fmt: skip
        if uniform(seed, decisions.OFFICER_DEFECTION, columns.person[i], hour) < probability_within(hazard, s.n_hours):
            way = uniform(seed, decisions.OFFICER_WAY, columns.person[i], hour)
            columns.loyalty[i] = RESIGNED if officers.resigns(way, p.officers.resign_share) else WITHHOLDING


@kernel
def defect_official_rows(columns, s, p, seed, start, stop, hour):
    """Let officials stay loyal, accommodate or resign."""
    for i in range(start, stop):
        if columns.loyalty[i] != LOYAL:
            continue
        diet = media.effective_diet(columns.media_diet[i], s.state_media_silent_share, p.officials.state_media_loss)
        hears = media.exposure(diet, s.connectivity, p.media.base_exposure, p.media.strength)
        appeal = appeals.appeal_heard(s.appeal, hears, p.appeals.strength)
        hazard = officials.official_hazard(
            columns.anger[i], s.city_share_out, appeal, s.support, p.officials.base_hazard,
            p.officials.official_anger_weight, p.officials.official_crowd_weight, p.officials.official_appeal_weight,
            p.officials.official_support_weight, p.officials.strength,
        )  # fmt: skip
        if uniform(seed, decisions.OFFICIAL_DEFECTION, columns.person[i], hour) < probability_within(hazard, s.n_hours):
            way = uniform(seed, decisions.OFFICIAL_WAY, columns.person[i], hour)
            columns.loyalty[i] = RESIGNED if officers.resigns(way, p.officials.official_resign_share) else WITHHOLDING
