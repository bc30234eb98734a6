"""Epstein's model I over columns: the turns of a step, one agent after the other, as compiled passes.

A cell's content is one number, its code: the sum of one unit for each quiet citizen (or jailed one who keeps the cell),
one for each active one and one for each officer in it. The three units are powers of two, so that a code of one byte
tells all; where a variant lets several people stand in one cell, the units lie further apart and the code has four
bytes. The lattice has a margin as wide as the view, which repeats the opposite side: no view ever wraps.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba.extending import register_jitable

from agents import decisions
from agents.compiled.draws import uniform, uniform4
from agents.compiled.rule import kernel
from agents.rules import epstein
from agents.rules.participation import grievance
from sim.classics import results

QUIET, ACTIVE, JAILED, OFFICER, WITHDRAWN = range(5)
NOWHERE = -1
CONTINUOUS, FLOOR, ROUND = range(3)
INCLUSIVE, EXCLUSIVE, UNIFORM = range(3)
part = register_jitable(inline="always")  # of a pass: copied into it, for its calls cost more than its work
HIGH = 1 << 32  # a draw's person number is agent + HIGH x attempt


# One record a person: term : steps still to serve; following : next agent in the same cell or NOWHERE.
PERSON = np.dtype(
    [("hardship", "f8"), ("risk_aversion", "f8"), ("tension", "f8"), ("term", "f8"), ("cell", "i4"),
     ("following", "i4"), ("state", "u1")], align=True,
)  # fmt: skip


class Lattice(NamedTuple):
    """State of a run, arrays.

    code : uint8 or uint32, cells with the margin; places : int32 (n_cells, 4), where a cell and its copies stand in it
    (the first is its own; filled up with that one); cell_at : int32, the cell that a place stands for;
    head : int32 (n_cells,), first agent in a cell or NOWHERE; people : PERSON (n_agents,), citizens first;
    offsets : int64, distances in `code` to the cells in view; order : int32 (n_agents,);
    empty_cells : int64, places of the empty cells in view; n_empty : int64 (1,), cells with nobody in them.
    """

    code: np.ndarray
    places: np.ndarray
    head: np.ndarray
    cell_at: np.ndarray
    people: np.ndarray
    offsets: np.ndarray
    order: np.ndarray
    empty_cells: np.ndarray
    n_empty: np.ndarray


class Variant(NamedTuple):
    """The chosen variant: numbers, and the name of each reading as an id."""

    seed: int
    size: int
    margin: int
    bits: int  # binary digits between the units of a code
    n_citizens: int
    ratio: int
    jail_term_range: int
    acts_first: bool
    jailed_block: bool
    released_in_place: bool
    moves_to_arrest: bool
    own_turn: bool
    with_replacement: bool
    citizens_move: bool
    officers_move: bool
    max_jail_term: float
    arrest_constant: float
    activation_threshold: float


@part
def unit_of(v, state):
    """Return what a person adds to the code of the cell: 1, 2^bits or 2^(2 bits)."""
    if state == ACTIVE:
        return 1 << v.bits
    return 1 << (2 * v.bits) if state == OFFICER else 1


@part
def add_code(g, cell, amount):
    """Change the code of a cell, and of its copies in the margin."""
    new = g.code[g.places[cell, 0]] + amount
    for k in range(4):
        g.code[g.places[cell, k]] = new


@part
def enter(g, v, agent, cell):
    """Put a person into a cell."""
    if g.head[cell] == NOWHERE:
        g.n_empty[0] -= 1
    g.people[agent].following = g.head[cell]
    g.head[cell] = agent
    g.people[agent].cell = cell
    add_code(g, cell, unit_of(v, g.people[agent].state))


@part
def unlink(head, people, cell, agent):
    """Take a person out of the list of those in a cell."""
    if head[cell] == agent:
        head[cell] = people[agent].following
        return
    before = head[cell]
    while people[before].following != agent:
        before = people[before].following
    people[before].following = people[agent].following


@part
def leave(g, v, agent):
    """Take a person out of the cell; its number is kept in `cell`."""
    cell = g.people[agent].cell
    unlink(g.head, g.people, cell, agent)
    if g.head[cell] == NOWHERE:
        g.n_empty[0] += 1
    add_code(g, cell, -unit_of(v, g.people[agent].state))


@part
def become(g, v, agent, state):
    """Change the state of a person who stands in a cell."""
    change = unit_of(v, state) - unit_of(v, g.people[agent].state)
    if change != 0:
        add_code(g, g.people[agent].cell, change)
    g.people[agent].state = state


@part
def look(g, v, agent):
    """Return officers, active and empty cells in view, and list the empty cells."""
    place, mask, bits = g.places[g.people[agent].cell, 0], (1 << v.bits) - 1, v.bits
    n_officers = n_active = n_empty = 0
    for k in range(len(g.offsets)):
        there = place + g.offsets[k]
        code = np.int64(g.code[there])
        n_active += (code >> bits) & mask
        n_officers += code >> (2 * bits)
        g.empty_cells[n_empty] = there
        n_empty += code == 0
    return n_officers, n_active, n_empty


@part
def find_active(g, v, agent, number):
    """Return the active citizen with this number among those in view, in the order of the cells in view."""
    place, mask, bits = g.places[g.people[agent].cell, 0], (1 << v.bits) - 1, v.bits
    for k in range(len(g.offsets)):
        there = place + g.offsets[k]
        n = (np.int64(g.code[there]) >> bits) & mask
        if number < n:
            break
        number -= n
    suspect = g.head[g.cell_at[there]]
    while g.people[suspect].state != ACTIVE or number > 0:
        number -= g.people[suspect].state == ACTIVE
        suspect = g.people[suspect].following
    return suspect


@part
def perceived_risk(v, n_officers, n_active):
    """Return the perceived probability of arrest in the chosen reading of the ratio."""
    if v.ratio == CONTINUOUS:
        return epstein.arrest_probability(n_officers, n_active, v.arrest_constant)
    if v.ratio == FLOOR:
        return epstein.arrest_probability_floor(n_officers, n_active, v.arrest_constant)
    return epstein.arrest_probability_round(n_officers, n_active, v.arrest_constant)


@part
def jail_term(v, unit):
    """Return the term in the chosen range."""
    if v.jail_term_range == INCLUSIVE:
        return epstein.jail_term_inclusive(unit, v.max_jail_term)
    if v.jail_term_range == EXCLUSIVE:
        return epstein.jail_term_exclusive(unit, v.max_jail_term)
    return epstein.jail_term_continuous(unit, v.max_jail_term)


@part
def decide(g, v, agent, legitimacy, n_officers, n_active):
    """Rule A: turn active or quiet."""
    risk = epstein.net_risk(g.people[agent].risk_aversion, perceived_risk(v, n_officers, 1 + n_active))
    g.people[agent].tension = epstein.tension(grievance(g.people[agent].hardship, legitimacy), risk)
    is_active = epstein.is_active(g.people[agent].tension, v.activation_threshold)
    become(g, v, agent, ACTIVE if is_active else QUIET)


@part
def arrest(g, v, officer, n_active, luck_suspect, luck_term):
    """Rule C: arrest one of the active in view, if any; return whether that changed what is in view."""
    if n_active == 0:
        return False
    suspect = find_active(g, v, officer, epstein.chosen(luck_suspect, n_active))
    cell = g.people[suspect].cell
    term = jail_term(v, luck_term)
    if term <= 0.0 and not v.own_turn:
        become(g, v, suspect, QUIET)
    else:
        become(g, v, suspect, JAILED)
        g.people[suspect].term = term
        if not v.jailed_block:
            leave(g, v, suspect)
    if v.moves_to_arrest and cell != g.people[officer].cell:
        leave(g, v, officer)
        enter(g, v, officer, cell)
    return True


@part
def act(g, v, agent, legitimacy, seen, luck):
    """Decide or arrest; return whether the empty cells in view may have changed."""
    if agent >= v.n_citizens:
        return arrest(g, v, agent, seen[1], luck[0], luck[1])
    decide(g, v, agent, legitimacy, seen[0], seen[1])
    return False


@part
def move(g, v, agent, n_empty, luck):
    """Rule M: move to one of the empty cells in view that were just listed."""
    if n_empty > 0 and (v.officers_move if agent >= v.n_citizens else v.citizens_move):
        cell = g.cell_at[g.empty_cells[epstein.chosen(luck[2], n_empty)]]
        leave(g, v, agent)
        enter(g, v, agent, cell)


@part
def release(g, v, agent, decision, luck_step):
    """Let a citizen out, quiet: in place, or into any empty cell; return whether there was one."""
    cell = g.people[agent].cell
    if not v.released_in_place:
        if g.n_empty[0] == 0:
            return False
        attempt = 0
        while attempt == 0 or g.head[cell] != NOWHERE:
            unit = uniform(v.seed, decision, agent + HIGH * attempt, luck_step)
            cell = epstein.chosen(unit, v.size * v.size)
            attempt += 1
    if v.jailed_block:
        leave(g, v, agent)
    g.people[agent].state = QUIET
    g.people[agent].term = 0.0
    enter(g, v, agent, cell)
    return True


@part
def serve(g, v, agent, luck_step):
    """Serve a turn of the term, where it runs by own turns; return whether the citizen is free to act."""
    if not v.own_turn:
        return False
    if g.people[agent].term > 0.0:
        g.people[agent].term -= 1.0
        return False
    return release(g, v, agent, decisions.EPSTEIN_RELEASE, luck_step)


@part
def turn(g, v, agent, legitimacy, luck_step):
    """One agent's turn: act and move, or move and act."""
    if g.people[agent].state == WITHDRAWN or (g.people[agent].state == JAILED and not serve(g, v, agent, luck_step)):
        return
    luck = uniform4(v.seed, decisions.EPSTEIN_TURN, agent, luck_step)
    seen = look(g, v, agent)
    if v.acts_first:
        if act(g, v, agent, legitimacy, seen, luck):
            seen = look(g, v, agent)
        move(g, v, agent, seen[2], luck)
    else:
        move(g, v, agent, seen[2], luck)
        act(g, v, agent, legitimacy, look(g, v, agent), luck)


@kernel(is_counted=False)
def shuffle(order, seed, decision, step):
    """Put 0, 1, ... in random order; the luck of place k has the number k."""
    for k in range(len(order)):
        order[k] = k
    for k in range(len(order) - 1, 0, -1):
        other = epstein.chosen(uniform(seed, decision, k, step), k + 1)
        order[k], order[other] = order[other], order[k]


@kernel
def draw_order(g, v, step):
    """Draw whose turn comes when: everybody once in random order, or each turn anybody's."""
    n = len(g.order)
    if v.with_replacement:
        for k in range(n):
            g.order[k] = epstein.chosen(uniform(v.seed, decisions.EPSTEIN_ORDER, k, step), n)
        return
    shuffle(g.order, v.seed, decisions.EPSTEIN_ORDER, step)


@kernel(is_counted=False)
def take_turns(g, v, legitimacy, step):
    """All turns of a step; the k-th turn's luck has the number step x n_agents + k."""
    n = len(g.order)
    for k in range(n):
        turn(g, v, g.order[k], legitimacy, step * n + k)


@kernel(is_counted=False)
def end_step(g, v, step):
    """Count down the terms, where they run by steps, and let out whose term is over."""
    if v.own_turn:
        return
    for agent in range(v.n_citizens):
        if g.people[agent].state == JAILED:
            g.people[agent].term -= 1.0
            if g.people[agent].term <= 0.0:
                release(g, v, agent, decisions.EPSTEIN_RELEASE, (step + 1) * len(g.order))


@kernel(is_counted=False)
def withdraw(g, v, n_officers):
    """Withdraw the officers with the highest numbers until so many are left."""
    for agent in range(v.n_citizens + n_officers, len(g.people)):
        if g.people[agent].state == OFFICER:
            leave(g, v, agent)
            g.people[agent].state = WITHDRAWN


@kernel
def take_step(g, v, legitimacy, n_officers, step):
    """1. withdraw officers, 2. draw the order, 3. take turns, 4. let out whose term is over."""
    withdraw(g, v, n_officers)
    draw_order(g, v, step)
    take_turns(g, v, legitimacy, step)
    end_step(g, v, step)


@kernel
def count(g, v, row):
    """Write protesting, detained, quiet, officers and mean tension into a row."""
    counts = np.zeros(5, np.int64)
    total = 0.0
    for agent in range(len(g.people)):
        state = g.people[agent].state
        counts[state] += 1
        if state <= ACTIVE:
            total += g.people[agent].tension
    row[0], row[1], row[2], row[3] = counts[ACTIVE], counts[JAILED], counts[QUIET], counts[OFFICER]
    n_free = counts[QUIET] + counts[ACTIVE]
    row[4] = total / n_free if n_free > 0 else math.nan


@kernel
def place_exactly(seed, n_cells, n_agents, cell):
    """Draw a cell of its own for each agent."""
    cells = np.arange(n_cells)
    for agent in range(n_agents):
        unit = uniform(seed, decisions.EPSTEIN_CITIZEN_CELL, agent, 0)
        other = agent + epstein.chosen(unit, n_cells - agent)
        cells[agent], cells[other] = cells[other], cells[agent]
        cell[agent] = cells[agent]


@kernel
def draw_occupants(seed, citizen_density, officer_density, kind):
    """Draw for each cell whether a citizen (1), an officer (2) or nobody (0) is in it."""
    for cell in range(len(kind)):
        unit = uniform(seed, decisions.EPSTEIN_CITIZEN_CELL, cell, 0)
        kind[cell] = 1 if unit < citizen_density else 2 if unit < citizen_density + officer_density else 0


@kernel(is_counted=False)
def settle(g, v, legitimacy):
    """Draw the citizens' traits and put everybody into the cell drawn for them."""
    for agent in range(len(g.people)):
        if agent < v.n_citizens:
            luck = uniform4(v.seed, decisions.EPSTEIN_TRAITS, agent, 0)
            g.people[agent].hardship, g.people[agent].risk_aversion = luck[0], luck[1]
            g.people[agent].tension = grievance(luck[0], legitimacy)
        enter(g, v, agent, g.people[agent].cell)


@kernel
def find_places(size, margin, places, cell_at):
    """Find where each cell and its copies in the margin stand in the code."""
    width = size + 2 * margin
    for cell in range(size * size):
        y, x = cell // size + margin, cell % size + margin
        yy = y + size if y + size < width else y - size if y - size >= 0 else y
        xx = x + size if x + size < width else x - size if x - size >= 0 else x
        places[cell, 0], places[cell, 1] = y * width + x, y * width + xx
        places[cell, 2], places[cell, 3] = yy * width + x, yy * width + xx
        for k in range(4):
            cell_at[places[cell, k]] = cell


def occupants(cells: np.ndarray, states: np.ndarray, v: Variant) -> np.ndarray:
    """Return who is in each cell, int8 (size, size): of several the officer, then the active; the removed nowhere."""
    found = np.zeros(v.size**2, np.int8)
    shown = {JAILED: results.JAILED, QUIET: results.QUIET, ACTIVE: results.ACTIVE, OFFICER: results.OFFICER}
    for state, name in shown.items():
        if state != JAILED or v.jailed_block:
            found[cells[states == state]] = name
    return found.reshape(v.size, v.size)
