"""Passes over the columns of citizens: each row decides, by the decisions that agents have, and the pass writes.

Each kernel takes the columns, what lies around the people of a city, the city's signals ``s``, the parameters ``p``
and rows start..stop. Imports neither mesa nor xarray.
"""

from __future__ import annotations

import numpy as np

from agents.compiled.rows import record, table_at
from agents.compiled.rule import kernel
from agents.vocabulary import DETAINED, NO_HOUR, NO_SITE, PROTESTING, QUIET, STRIKING
from sim.engines.people import citizens

# A pass goes through a buffer of this many rows: a loop that reads and writes the same column is not vectorised. The
# loop stands in each pass: as a function of its own, given the people, it made a run 11 to 20 % slower.
CHUNK = 512


@kernel(is_counted=False)
def begin_day_rows(columns, around, s, p, start, stop):
    """Draw the luck of the day; count the online ties who are known to be injured."""
    people, columns = citizens(columns, around, s, p), table_at(columns)
    for i in range(start, stop):
        columns.luck[i], columns.beaten_ties[i] = people[i].begin_day()


@kernel(is_counted=False)
def incumbent_ties(columns, start, stop, home, group):
    """Count those who prefer the incumbent by home cell of the city and by group."""
    columns = table_at(columns)
    for i in range(start, stop):
        if columns.private_preference[i] >= 0.5:
            home[columns.home_cell[i]] += 1
            group[columns.employer[i]] += 1


@kernel(is_counted=False)
def announce_rows(columns, around, s, p, start, stop):
    """Compare the announced share with the share seen among one's own ties."""
    people, columns = citizens(columns, around, s, p), table_at(columns)
    for i in range(start, stop):
        columns.legitimacy[i] = people[i].hear_announcement()


@kernel(is_counted=False)
def release_rows(columns, around, s, p, start, stop, known):
    """Release those whose term ends or whom an amnesty frees; count the newly known injured (agents by group)."""
    people, columns = citizens(columns, around, s, p), table_at(columns)
    for i in range(start, stop):
        release = people[i].face_release()
        if release.is_released:
            known[columns.employer[i]] += release.injury != columns.injury[i]
            columns.activity[i], columns.release_hour[i], columns.injury[i] = QUIET, NO_HOUR, release.injury


@kernel
def anger_rows(columns, around, s, p, start, stop):
    """Update anger after the news."""
    people, columns = citizens(columns, around, s, p), table_at(columns)
    anger, buffer = columns.anger, np.empty(CHUNK)
    for first in range(start, stop, CHUNK):
        n = min(CHUNK, stop - first)
        for k in range(n):
            buffer[k] = people[first + k].next_anger()
        for k in range(n):
            anger[first + k] = buffer[k]


@kernel
def fear_rows(columns, around, s, p, start, stop):
    """Update belief and fear from what was reported and what the street shows."""
    people, columns = citizens(columns, around, s, p), table_at(columns)
    belief, fear, buffer = columns.arrest_belief, columns.fear, np.empty(CHUNK)
    for first in range(start, stop, CHUNK):
        n = min(CHUNK, stop - first)
        for k in range(n):
            buffer[k] = people[first + k].next_belief()
        for k in range(n):
            belief[first + k] = buffer[k]
        for k in range(n):
            fear[first + k] = people[first + k].next_fear(buffer[k])


@kernel
def legitimacy_rows(columns, around, s, p, start, stop):
    """Update legitimacy and the affinity to Russia, if anything moves them."""
    now = record(s)
    if now.support == 0.0 and now.troops == 0.0 and now.legitimacy_lost == 0.0 and now.legitimacy_regained == 0.0:
        return
    people, columns = citizens(columns, around, s, p), table_at(columns)
    legitimacy, affinity, buffer, other = columns.legitimacy, columns.russia_affinity, np.empty(CHUNK), np.empty(CHUNK)
    for first in range(start, stop, CHUNK):
        n = min(CHUNK, stop - first)
        for k in range(n):
            buffer[k] = people[first + k].next_legitimacy()
        for k in range(n):
            other[k] = people[first + k].next_affinity()
        for k in range(n):
            legitimacy[first + k] = buffer[k]
        for k in range(n):
            affinity[first + k] = other[k]


@kernel(is_counted=False)
def company_rows(columns, around, s, p, start, stop):
    """Look for company among the own ties."""
    people, columns = citizens(columns, around, s, p), table_at(columns)
    for i in range(start, stop):
        columns.company[i] = people[i].look_for_company()


@kernel(is_counted=False)
def remember_rows(columns, around, s, p, start, stop):
    """Remember the company of the occasion that has ended."""
    people, columns = citizens(columns, around, s, p), table_at(columns)
    for i in range(start, stop):
        memory = people[i].remember()
        columns.company_main[i], columns.company_minor[i] = memory.company_main, memory.company_minor
        columns.is_bound[i] = memory.is_bound


@kernel(is_counted=False)
def choose_rows(columns, around, s, p, start, stop):
    """Choose the activity and the site of the hour."""
    people, columns = citizens(columns, around, s, p), table_at(columns)
    for i in range(start, stop):
        choice = people[i].choose()
        columns.next_activity[i], columns.next_site[i] = choice.activity, choice.site
        columns.is_ordered[i], columns.is_coerced[i] = choice.is_ordered, choice.is_coerced


@kernel(is_counted=False)
def move_rows(columns, start, stop, hour, is_occasion):
    """Go to the chosen place."""
    columns = table_at(columns)
    for i in range(start, stop):
        columns.activity[i] = columns.next_activity[i]
        columns.site[i] = columns.next_site[i]
        if is_occasion and (columns.activity[i] == PROTESTING or columns.activity[i] == STRIKING):
            columns.went[i] = 1
        if columns.activity[i] == PROTESTING and columns.first_hour[i] == NO_HOUR:
            columns.first_hour[i] = hour


@kernel(is_counted=False)
def arrest_rows(columns, around, s, p, start, stop, detained, injured):
    """Arrest participants; detained and publicly injured agents are counted by group."""
    people, columns = citizens(columns, around, s, p), table_at(columns)
    for i in range(start, stop):
        arrest = people[i].face_arrest()
        if arrest.release_hour != NO_HOUR:
            columns.activity[i], columns.site[i] = DETAINED, NO_SITE
            columns.release_hour[i], columns.injury[i] = arrest.release_hour, arrest.injury
            detained[columns.employer[i]] += 1
            injured[columns.employer[i]] += arrest.is_public


@kernel(is_counted=False)
def dismiss_rows(columns, around, s, p, start, stop):
    """Dismiss strikers, and when a rally ends those who were ordered and stayed away."""
    people, columns = citizens(columns, around, s, p), table_at(columns)
    for i in range(start, stop):
        if people[i].faces_dismissal():
            columns.is_dismissed[i] = 1
