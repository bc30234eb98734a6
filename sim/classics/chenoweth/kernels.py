"""Chenoweth, Hocking and Marks (2022) over columns: the turns of a step, one agent after the other, compiled."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from agents import decisions
from agents.compiled.arithmetic import normal_quantile
from agents.compiled.draws import opened, uniform4
from agents.compiled.rule import kernel
from agents.rules import chenoweth, epstein
from agents.rules.participation import grievance
from sim.classics.epstein.kernels import shuffle

CITIZEN, ACTIVIST, OFFICER, PILLAR = range(4)
RANDOM, NEAREST_PILLAR, LEAST_LOYAL_PILLAR = range(3)  # where activists go
NOWHERE = -1  # cell of the killed; in a view: beyond the wall; in a cell: nobody

# pause : steps until one may protest again; term : steps still to serve; start : first step of one's own.
PERSON = np.dtype(
    [("hardship", "f8"), ("arrest_cost", "f8"), ("defection_threshold", "f8"), ("cell", "i4"), ("pause", "i4"),
     ("term", "i4"), ("start", "i4"), ("kind", "u1"), ("is_member", "u1"), ("is_protesting", "u1"),
     ("has_defected", "u1"), ("is_committed", "u1"), ("is_immediate", "u1")], align=True,
)  # fmt: skip


class Society(NamedTuple):
    """State of a run, arrays.

    people : PERSON (n_agents,), citizens, activists, officers, pillars; at : int32 (n_cells,), who is in a cell;
    in_view : int32 (n_cells, n_view), cells in view, row by row; order : int64 (n_agents,);
    found : int64, cells or people just listed; legitimacy : float64 (1,); killed : int64 (1,), in this step.
    """

    people: np.ndarray
    at: np.ndarray
    in_view: np.ndarray
    order: np.ndarray
    found: np.ndarray
    legitimacy: np.ndarray
    killed: np.ndarray


class Variant(NamedTuple):
    """The chosen variant: numbers, and the name of each reading as an id."""

    seed: int
    size: int
    is_torus: bool
    first_pillar: int  # number of the first pillar among the people
    search: int
    reach: float  # how far activists see pillars, cells
    defected_pillars_attract: bool
    defected_officers_deter: bool
    arrest_constant: float
    joining_threshold: float
    peer_pressure_number: float
    protest_cycle: int
    protest_duration: int
    least_members: int
    find_probability: float
    target_probability: float
    kill_probability: float
    max_jail_term: int
    backlash_factor: float


@kernel(is_counted=False)
def is_in_campaign(person):
    """Whether somebody counts as one of the campaign in view: a member, or an activist at liberty."""
    return person.is_member == 1 or (person.kind == ACTIVIST and person.term == 0)


@kernel(is_counted=False)
def look(g, v, cell):
    """Return how many in view: anybody, protesting, in the campaign, officers who deter."""
    n_others = n_protesting = n_members = n_officers = 0
    for k in range(g.in_view.shape[1]):
        there = g.in_view[cell, k]
        if there == NOWHERE or g.at[there] == NOWHERE:
            continue
        other = g.people[g.at[there]]
        n_others += 1
        n_protesting += other.is_protesting
        n_members += is_in_campaign(other)
        n_officers += other.kind == OFFICER and (v.defected_officers_deter or other.has_defected == 0)
    return n_others, n_protesting, n_members, n_officers


@kernel(is_counted=False)
def list_empty(g, cell):
    """List the empty cells in view; return how many."""
    n_empty = 0
    for k in range(g.in_view.shape[1]):
        there = g.in_view[cell, k]
        if there != NOWHERE and g.at[there] == NOWHERE:
            g.found[n_empty] = there
            n_empty += 1
    return n_empty


@kernel(is_counted=False)
def squared_distance(v, a, b):
    """Return the squared distance between two cells."""
    dy, dx = abs(a // v.size - b // v.size), abs(a % v.size - b % v.size)
    if v.is_torus:
        dy, dx = min(dy, v.size - dy), min(dx, v.size - dx)
    return dy * dy + dx * dx


@kernel(is_counted=False)
def is_attractive(g, v, cell, pillar):
    """Whether an activist in a cell sees a pillar and would go there."""
    is_wanted = v.defected_pillars_attract or g.people[pillar].has_defected == 0
    return is_wanted and squared_distance(v, cell, g.people[pillar].cell) <= v.reach * v.reach


@kernel(is_counted=False)
def least_loyal(g, v, cell):
    """Return the attractive pillar with the lowest defection threshold, or NOWHERE."""
    found = NOWHERE
    for pillar in range(v.first_pillar, len(g.people)):
        if is_attractive(g, v, cell, pillar) and (
            found == NOWHERE or g.people[pillar].defection_threshold < g.people[found].defection_threshold
        ):
            found = pillar
    return found


@kernel(is_counted=False)
def distance_to_target(g, v, spot, cell, target):
    """Return the squared distance from a spot to the target, or to the nearest pillar attractive from the cell."""
    if target != NOWHERE:
        return squared_distance(v, spot, g.people[target].cell)
    nearest = 4 * v.size * v.size
    for pillar in range(v.first_pillar, len(g.people)):
        if is_attractive(g, v, cell, pillar):
            nearest = min(nearest, squared_distance(v, spot, g.people[pillar].cell))
    return nearest


@kernel(is_counted=False)
def nearest_spots(g, v, cell, n_empty, target):
    """Keep of the listed cells and one's own those nearest to the target; return how many."""
    g.found[n_empty] = cell
    nearest, n_kept = 4 * v.size * v.size, 0
    for k in range(n_empty + 1):
        distance = distance_to_target(g, v, g.found[k], cell, target)
        if distance < nearest:
            nearest, n_kept = distance, 0
        if distance == nearest:
            g.found[n_kept] = g.found[k]
            n_kept += 1
    return n_kept


@kernel(is_counted=False)
def sees_pillar(g, v, cell):
    """Whether any pillar is attractive from a cell."""
    for pillar in range(v.first_pillar, len(g.people)):
        if is_attractive(g, v, cell, pillar):
            return True
    return False


@kernel(is_counted=False)
def move(g, v, agent, luck):
    """Rule M: to a random empty cell in view; activists with a strategy to the one nearest to a pillar in sight."""
    cell = g.people[agent].cell
    n_spots = list_empty(g, cell)
    if n_spots == 0:
        return
    if g.people[agent].kind == ACTIVIST and v.search != RANDOM and sees_pillar(g, v, cell):
        target = least_loyal(g, v, cell) if v.search == LEAST_LOYAL_PILLAR else NOWHERE
        n_spots = nearest_spots(g, v, cell, n_spots, target)
    spot = g.found[epstein.chosen(luck, n_spots)]
    g.at[cell] = NOWHERE
    g.at[spot] = agent
    g.people[agent].cell = spot


@kernel(is_counted=False)
def list_suspects(g, cell, has_protest):
    """List the protesters in view, or where nobody protests the members; return how many."""
    n_suspects = 0
    for k in range(g.in_view.shape[1]):
        there = g.in_view[cell, k]
        if there == NOWHERE or g.at[there] == NOWHERE:
            continue
        other = g.people[g.at[there]]
        if other.is_protesting == 1 if has_protest else is_in_campaign(other):
            g.found[n_suspects] = g.at[there]
            n_suspects += 1
    return n_suspects


@kernel(is_counted=False)
def repress(g, v, agent, luck, step):
    """Rule P: a loyal officer goes for somebody of the campaign in view, and arrests or kills."""
    cell = g.people[agent].cell
    seen = look(g, v, cell)
    if not chenoweth.is_targeted(seen[2], seen[1], luck[1], luck[2], v.find_probability, v.target_probability):
        return
    more = uniform4(v.seed, decisions.CHENOWETH_ARREST, agent, step)
    n_suspects = list_suspects(g, cell, seen[1] > 0)
    suspect = g.people[g.found[epstein.chosen(more[0], n_suspects)]]
    suspect.is_member, suspect.is_protesting = 0, 0
    if luck[3] < v.kill_probability:
        g.at[suspect.cell] = NOWHERE
        suspect.cell = NOWHERE
        g.killed[0] += 1
        g.legitimacy[0] = chenoweth.legitimacy_after_killing(g.legitimacy[0], v.backlash_factor)
    else:
        suspect.term = chenoweth.jail_term(more[1], v.max_jail_term)


@kernel(is_counted=False)
def decide(g, v, agent, seen):
    """Rule C: a citizen at liberty joins or leaves the campaign, unless committed to it."""
    me = g.people[agent]
    if me.kind != CITIZEN or me.term > 0 or (me.is_member == 1 and me.is_committed == 1):
        return
    pressure = chenoweth.peer_pressure(seen[1], v.peer_pressure_number)
    risk = epstein.arrest_probability(seen[3], 1 + seen[2], v.arrest_constant)
    drive = chenoweth.joining_drive(grievance(me.hardship, g.legitimacy[0]), pressure, risk, me.arrest_cost)
    me.is_member = 1 if chenoweth.is_member(drive, v.joining_threshold) else 0


@kernel(is_counted=False)
def protest(g, v, agent, seen):
    """Rule N: a member or activist who is not pausing protests, if there are others of the campaign in view."""
    me = g.people[agent]
    if is_in_campaign(me) and me.pause == 0 and chenoweth.starts_protest(seen[2], v.least_members):
        me.is_protesting, me.pause = 1, v.protest_cycle


@kernel(is_counted=False)
def defect(g, agent, seen):
    """Rule D: an officer or pillar defects."""
    if chenoweth.defects(seen[1], seen[0], g.people[agent].defection_threshold):
        g.people[agent].has_defected = 1


@kernel(is_counted=False)
def rest(g, v, agent):
    """Come nearer to the next protest, and end the present one after its duration."""
    me = g.people[agent]
    if me.pause > 0:
        me.pause -= 1
        if me.pause <= v.protest_cycle - v.protest_duration:
            me.is_protesting = 0


@kernel(is_counted=False)
def turn(g, v, agent, step):
    """1. rest, 2. move, 3. repress, 4. protest and decide (the immediate in reverse), 5. defect, 6. serve."""
    me = g.people[agent]
    if me.cell == NOWHERE or step < me.start:
        return
    luck = uniform4(v.seed, decisions.CHENOWETH_TURN, agent, step)
    rest(g, v, agent)
    if me.kind != PILLAR and me.term == 0:
        move(g, v, agent, luck[0])
    if me.kind == OFFICER and me.has_defected == 0:
        repress(g, v, agent, luck, step)
    seen = look(g, v, me.cell)
    if me.kind == OFFICER or me.kind == PILLAR:
        defect(g, agent, seen)
    elif me.is_immediate == 1:
        decide(g, v, agent, seen)
        protest(g, v, agent, seen)
    else:
        protest(g, v, agent, seen)
        decide(g, v, agent, seen)
    me.term = max(me.term - 1, 0)


@kernel(is_counted=False)
def take_step(g, v, step):
    """1. draw the order, 2. take turns."""
    g.killed[0] = 0
    shuffle(g.order, v.seed, decisions.CHENOWETH_ORDER, step)
    for k in range(len(g.order)):
        turn(g, v, g.order[k], step)


@kernel(is_counted=False)
def draw_traits(people, seed, income, defection, committed_share, immediate_share, latest_start, jail):
    """Draw what people are; income : log mean, log sd; defection : mean, sd, floor; jail : maximum term, cost rate."""
    average = chenoweth.mean_income(income[0], income[1])
    for agent in range(len(people)):
        me = people[agent]
        luck = uniform4(seed, decisions.CHENOWETH_TRAITS, agent, 0)
        normal_luck = normal_quantile(opened(luck[0]))
        me.start = 1 + epstein.chosen(luck[3], latest_start)
        if me.kind == CITIZEN:
            earned = chenoweth.income(normal_luck, income[0], income[1])
            me.hardship = chenoweth.hardship_of_income(earned, average)
            me.arrest_cost = chenoweth.arrest_cost(earned, jail[0], jail[1])
            me.is_committed = 1 if luck[1] < committed_share else 0
            me.is_immediate = 1 if luck[2] < immediate_share else 0
        elif me.kind != ACTIVIST:
            me.defection_threshold = chenoweth.defection_threshold(
                normal_luck, defection[0], defection[1], defection[2]
            )
