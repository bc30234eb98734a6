"""Passes over the columns of officers and officials; see `citizen_passes`."""

from __future__ import annotations

from agents import decisions
from agents.compiled.draws import uniform
from agents.compiled.rule import kernel
from agents.rules.officers import unit_withholds
from agents.vocabulary import LOYAL
from sim.engines.people import officers, officials


@kernel
def officer_anger_rows(columns, around, s, p, start, stop):
    """Update the anger of officers after the news."""
    people = officers(columns, around, s, p)
    for i in range(start, stop):
        columns.anger[i] = people[i].next_anger()


@kernel
def official_anger_rows(columns, around, s, p, start, stop):
    """Update the anger of officials after the news."""
    people = officials(columns, around, s, p)
    for i in range(start, stop):
        columns.anger[i] = people[i].next_anger()


@kernel
def deploy_rows(columns, around, s, p, start, stop):
    """Send officers to a city (overnight, the reserve) and to a site."""
    people = officers(columns, around, s, p)
    for i in range(start, stop):
        columns.posted_city[i], columns.site[i] = people[i].deploy()


@kernel
def defect_officer_rows(columns, around, s, p, start, stop):
    """Let officers keep serving, withhold or resign."""
    people = officers(columns, around, s, p)
    for i in range(start, stop):
        columns.loyalty[i] = people[i].defect()


@kernel
def defect_official_rows(columns, around, s, p, start, stop):
    """Let officials stay loyal, accommodate or resign."""
    people = officials(columns, around, s, p)
    for i in range(start, stop):
        columns.loyalty[i] = people[i].defect()


@kernel
def thinned_officer_rows(columns, around, s, p, start, stop, bound):
    """`defect_officer_rows` for those alone whose draw is below the bound or whose unit withholds."""
    people = officers(columns, around, s, p)
    for i in range(start, stop):
        if columns.loyalty[i] == LOYAL:
            share_lost = around.unit_lost[columns.unit[i]] / around.unit_size[columns.unit[i]]
            if (unit_withholds(share_lost, p.officers.unit_tipping_share)
                    or uniform(s.seed, decisions.OFFICER_DEFECTION, people[i].person, s.hour) < bound):  # fmt: skip
                columns.loyalty[i] = people[i].defect()


@kernel
def thinned_official_rows(columns, around, s, p, start, stop, bound):
    """`defect_official_rows` for those alone whose draw is below the bound."""
    people = officials(columns, around, s, p)
    for i in range(start, stop):
        if (columns.loyalty[i] == LOYAL
                and uniform(s.seed, decisions.OFFICIAL_DEFECTION, people[i].person, s.hour) < bound):  # fmt: skip
            columns.loyalty[i] = people[i].defect()
