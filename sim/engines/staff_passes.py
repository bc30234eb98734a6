"""Passes over the columns of officers and officials; see `citizen_passes`."""

from __future__ import annotations

import numpy as np

from agents import decisions
from agents.compiled.draws import n_below
from agents.compiled.rows import record, table_at
from agents.compiled.rule import kernel
from agents.vocabulary import LOYAL
from sim.engines.citizen_passes import CHUNK
from sim.engines.people import officers, officials
from sim.engines.thinning import (
    largest_officer_probability,
    largest_official_probability,
    smallest_and_largest,
    units_lost,
)

FEW = 128  # rows that are asked together whether they stay loyal, if it is not sure of all of them


@kernel
def officer_anger_rows(columns, around, s, p, start, stop):
    """Update the anger of officers after the news."""
    people, columns = officers(columns, around, s, p), table_at(columns)
    anger, buffer = columns.anger, np.empty(CHUNK)
    for first in range(start, stop, CHUNK):
        n = min(CHUNK, stop - first)
        for k in range(n):
            buffer[k] = people[first + k].next_anger()
        for k in range(n):
            anger[first + k] = buffer[k]


@kernel
def official_anger_rows(columns, around, s, p, start, stop):
    """Update the anger of officials after the news."""
    people, columns = officials(columns, around, s, p), table_at(columns)
    anger, buffer = columns.anger, np.empty(CHUNK)
    for first in range(start, stop, CHUNK):
        n = min(CHUNK, stop - first)
        for k in range(n):
            buffer[k] = people[first + k].next_anger()
        for k in range(n):
            anger[first + k] = buffer[k]


@kernel(is_counted=False)
def deploy_rows(columns, around, s, p, start, stop):
    """Send officers to a city (overnight, the reserve) and to a site."""
    people, columns = officers(columns, around, s, p), table_at(columns)
    for i in range(start, stop):
        columns.posted_city[i], columns.site[i] = people[i].deploy()


@kernel(is_counted=False)
def defect_officer_rows(columns, around, s, p, start, stop):
    """Let officers keep serving, withhold or resign."""
    people, columns = officers(columns, around, s, p), table_at(columns)
    for i in range(start, stop):
        columns.loyalty[i] = people[i].defect()


@kernel(is_counted=False)
def defect_official_rows(columns, around, s, p, start, stop):
    """Let officials stay loyal, accommodate or resign."""
    people, columns = officials(columns, around, s, p), table_at(columns)
    for i in range(start, stop):
        columns.loyalty[i] = people[i].defect()


@kernel
def thinned_officer_rows(columns, around, s, p, start, stop):
    """`defect_officer_rows` for those alone among whom a draw is below the bound or a unit withholds."""
    people, columns = officers(columns, around, s, p), table_at(columns)
    loyalty, around, s, p = columns.loyalty, table_at(around), record(s), record(p)
    withholds, most_lost = units_lost(around, p.officers.unit_tipping_share)
    bound = largest_officer_probability(s, p, smallest_and_largest(columns.anger, start, stop), most_lost)
    any_withholds = withholds.any()
    for first in range(start, stop, FEW):
        last = min(stop, first + FEW)
        n = n_below(s.seed, decisions.OFFICER_DEFECTION, columns.person[first], last - first, s.hour, bound)
        is_asked = n > 0
        if any_withholds:
            for i in range(first, last):
                is_asked |= loyalty[i] == LOYAL and withholds[columns.unit[i]]
        if is_asked:
            for i in range(first, last):
                loyalty[i] = people[i].defect()


@kernel
def thinned_official_rows(columns, around, s, p, start, stop):
    """`defect_official_rows` for those alone among whom a draw is below the bound."""
    people, columns = officials(columns, around, s, p), table_at(columns)
    loyalty, s, p = columns.loyalty, record(s), record(p)
    bound = largest_official_probability(s, p, smallest_and_largest(columns.anger, start, stop))
    for first in range(start, stop, FEW):
        last = min(stop, first + FEW)
        if n_below(s.seed, decisions.OFFICIAL_DEFECTION, columns.person[first], last - first, s.hour, bound) > 0:
            for i in range(first, last):
                loyalty[i] = people[i].defect()
