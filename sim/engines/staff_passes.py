"""Passes over the columns of officers and officials; see `citizen_passes`."""

from __future__ import annotations

from agents.compiled.rule import kernel
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
