"""Epstein's model II, engine `compiled`: the turns of a step as one pass over records of people."""

from __future__ import annotations

import numpy as np

from agents import decisions
from agents.compiled.draws import uniform4
from agents.compiled.rule import kernel
from agents.rules import epstein
from agents.rules.participation import grievance
from sim.classics import results
from sim.classics.epstein.kernels import shuffle

DEAD, BLUE, GREEN, OFFICER = range(4)
SHOWN = {BLUE: results.BLUE, GREEN: results.GREEN, OFFICER: results.OFFICER}  # in a cell
NOBODY = -1
PERSON = np.dtype([("kind", "i8"), ("cell", "i8"), ("is_active", "i8"), ("term", "f8"), ("age", "f8"),
                   ("hardship", "f8"), ("risk_aversion", "f8"), ("longest_life", "f8"), ("born", "i8")])  # fmt: skip


@kernel
def look(people, at, view, cell, kind, officers_only, others, empty):
    """List the people whom one may act on and the empty cells in view; return the counts and officers and active."""
    n_officers = n_active = n_others = n_empty = 0
    for k in range(view.shape[1]):
        there = view[cell, k]
        person = at[there]
        if person == NOBODY:
            empty[n_empty] = there
            n_empty += 1
        elif people[person].kind == OFFICER:
            n_officers += 1
        elif people[person].term <= 0.0:
            is_active = people[person].is_active == 1
            n_active += is_active
            if is_active if officers_only else people[person].kind != kind:
                others[n_others] = person
                n_others += 1
    return n_officers, n_active, n_others, n_empty


@kernel
def give_life(people, person, kind, cell, hardship, luck, max_age, step):
    """Fill a person's record."""
    record = people[person]
    record.kind, record.cell, record.is_active, record.term, record.age = kind, cell, 0, 0.0, 0.0
    record.hardship, record.risk_aversion = hardship, luck[0]
    record.longest_life, record.born = luck[1] * max_age, step


@kernel
def take_step(people, at, view, seed, step, legitimacy, p, killed):
    """1. draw the order, 2. let each die of age, serve, act, move and clone; count the killed."""
    n = len(people)
    order, others, empty = np.empty(n, np.int64), np.empty(view.shape[1], np.int64), np.empty(view.shape[1], np.int64)
    free = np.empty(n, np.int64)
    n_free = n_killed = 0
    for person in range(n):
        if people[person].kind == DEAD:
            free[n_free] = person
            n_free += 1
    shuffle(order, seed, decisions.EPSTEIN_ORDER, step)
    for k in range(n):
        me = people[order[k]]
        if me.kind == DEAD or me.born == step:
            continue
        cell, is_officer = me.cell, me.kind == OFFICER
        if not is_officer:
            me.age += 1.0
            if me.age > me.longest_life:
                me.kind, at[cell] = DEAD, NOBODY
                continue
            if me.term > 0.0:
                me.term -= 1.0
                continue
        luck = uniform4(seed, decisions.EPSTEIN_TURN, order[k], step)
        seen = look(people, at, view, cell, me.kind, is_officer, others, empty)
        if not is_officer:
            probability = epstein.arrest_probability(seen[0], seen[1] + 1, p[0])
            risk = epstein.net_risk(me.risk_aversion, probability)
            tension = epstein.tension(grievance(me.hardship, legitimacy), risk)
            me.is_active = 1 if epstein.is_active(tension, p[1]) else 0
        n_empty = seen[3]
        if seen[2] > 0 and (is_officer or me.is_active == 1):
            target = people[others[epstein.chosen(luck[0], seen[2])]]
            if is_officer:
                target.is_active, target.term = 0, epstein.jail_term_continuous(luck[1], p[2])
            else:
                target.kind, at[target.cell] = DEAD, NOBODY
                empty[n_empty] = target.cell
                n_empty += 1
                n_killed += 1
        if n_empty > 0:
            spot = epstein.chosen(luck[2], n_empty)
            target_cell = empty[spot]
            at[cell], at[target_cell], me.cell = NOBODY, order[k], target_cell
            if not is_officer and luck[3] < p[3] and n_free > 0:  # the clone takes the cell that was left
                n_free -= 1
                traits = uniform4(seed, decisions.EPSTEIN_TRAITS, order[k], step + 1)
                give_life(people, free[n_free], me.kind, cell, me.hardship, traits, p[4], step)
                at[cell] = free[n_free]
    killed[0] = n_killed


def smaller_group(n_blue: int, n_green: int) -> int:
    """Return the group that has fewer living members, blue of two alike; the losing one, if any is."""
    return BLUE if n_blue <= n_green else GREEN
