"""The step: one hour, nine phases, the same in every engine.

An engine lets the agents decide, phase by phase; what a city or a site adds up to is computed here. All act on the
state at the start of the phase, so the result depends on neither agent order nor threads.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np

from agents.compiled.rows import record
from agents.compiled.rule import kernel
from agents.rules.walkout import plant_threat_next
from sim.hour import observables, regime, signals, street
from sim.hour.observables import Observer, observe
from sim.world.space import Pull, box_sum, fill_site_weights
from sim.world.world import InHour, World, cities_with


class Engine(Protocol):
    """What an engine does in a phase for the agents of one city (officers and officials: of all cities)."""

    name: str

    def compile(self, world: World) -> None:
        """Get ready, so that no step is slowed by compiling."""

    def announce(self, world: World, c: int) -> None:
        """Let citizens compare the announced share with what they see."""

    def begin_day(self, world: World, c: int) -> None:
        """Draw the luck of the day and count the ties who were beaten."""

    def release(self, world: World, c: int) -> np.ndarray:
        """Release those whose term ends; return the newly known injured, agents by group."""

    def perceive(self, world: World, c: int) -> None:
        """Update legitimacy, anger, belief, fear, affinity and company."""

    def remember(self, world: World, c: int) -> None:
        """Remember the company of the street occasion that has ended."""

    def choose(self, world: World, c: int) -> None:
        """Choose the activity and the site of the hour."""

    def move(self, world: World, c: int) -> None:
        """Go there."""

    def deploy(self, world: World) -> bool:
        """Send officers to cities and sites; return whether anything that is counted of them may have changed."""

    def police(self, world: World, c: int) -> tuple[np.ndarray, np.ndarray]:
        """Arrest; return the detained and those of them injured in public, agents by group."""

    def defect(self, world: World, c: int) -> None:
        """Let officers and officials of a city keep faith, withhold or resign."""

    def dismiss(self, world: World, c: int) -> None:
        """Dismiss strikers and absentees."""


def get_ready(world: World, engine: Engine) -> None:
    """Compile or load every pass before the first step, by running it over no rows."""
    engine.compile(world)
    none = np.zeros(0)
    grow_threats(*np.zeros((3, 0), np.int64), world.p, none)
    fill_site_weights(none, none, none, none, none, Pull(1.0, 1.0, 1.0), np.zeros((0, 1)))
    nowhere = InHour(world.signals[:0], world.city[:0], world.facts[:0], world.forcings.by_hour[0, :0], world.p)
    signals.get_ready(world, nowhere)
    street.get_ready(world, nowhere)
    observables.get_ready(world, observables.make_observer(world, 1), nowhere)


def step(world: World, engine: Engine, observer: Observer) -> None:
    """Advance the world by one hour.

    1. signals   events of this hour set the broadcast signals
    2. release   those whose terms end
    3. perceive  ties, view, media -> legitimacy, anger, fear, expected company
    4. choose    join, stay or leave a protest, a chain, a walkout, a rally
    5. move      to the chosen place or home
    6. police    deploy, arrest, violence
    7. defect    officers, officials
    8. employers threaten, dismiss
    9. observe
    """
    signals.broadcast(world)
    _remember(world, engine)
    _release(world, engine)
    _perceive(world, engine)
    for c in world.active:
        engine.choose(world, c)
    for c in world.active:
        engine.move(world, c)
    street.count_crowds(world)
    _police(world, engine)
    for c in world.active:
        engine.defect(world, c)
    _employers(world, engine)
    observe(world, observer)
    regime.note_strikes(world)
    world.hour += 1


def _own_persons(world: World, c: int, counts: np.ndarray) -> float:
    """Return the persons of city c behind counts of agents by group."""
    own = world.groups.of(c)
    return float(street.persons(counts[own], world.groups.weight[own])) if counts.any() else 0.0


def _remember(world: World, engine: Engine) -> None:
    """When a street occasion has ended, people remember who went; then that is forgotten."""
    ended = cities_with(world.signals["lesson_due"])
    if world.parameters.remembers:
        for c in ended:
            street.count_went(world, c)
            engine.remember(world, c)
    for c in ended:
        world.citizens.went[slice(*world.rows(c))] = 0


def _release(world: World, engine: Engine) -> None:
    """Phase 2."""
    world.city["released_injured"] = 0.0
    for c in cities_with(world.city["n_detained"]):
        world.city["released_injured"][c] = _own_persons(world, c, engine.release(world, c))


def _perceive(world: World, engine: Engine) -> None:
    """Phase 3: the day's luck, the announcement, then what everybody sees and hears."""
    signals.hear_news(world)
    signals.sum_up(world)
    for c in world.active:
        if world.day_of_luck[c] != world.signals["luck_day"][c]:
            engine.begin_day(world, c)
            world.day_of_luck[c] = world.signals["luck_day"][c]
        if world.signals["official_share"][c] > 0:
            engine.announce(world, c)
    _count_out(world)
    for c in world.active:
        engine.perceive(world, c)


def _count_out(world: World) -> None:
    """Count who is out by home cell, around it, and by group."""
    grid, radius = world.grid, world.parameters.ties.home_radius_cells
    for c in world.active:
        own = grid.of(c)
        street.count_out(world, c)
        box_sum(grid.n_out[own], int(grid.side[c]), radius, grid.out_block[own])


def _police(world: World, engine: Engine) -> None:
    """Phase 6."""
    street.plan_deployment(world)
    if engine.deploy(world):
        street.count_force(world)
    street.plan_arrests(world)
    state = world.city
    state["new_detained"] = state["street_injured"] = 0.0
    for c in cities_with(world.signals["arrests_possible"]):
        if world.crowd[world.sites.of(c)].any():
            detained, injured = (_own_persons(world, c, counts) for counts in engine.police(world, c))
            state["new_detained"][c], state["street_injured"][c] = detained, injured
            state["occasion_detained"][c] += detained
            state["occasion_injured"][c] += injured


@kernel(is_counted=False)
def grow_threats(plant, n_out, n_agents, p, threat):
    """Let the threat at the plants among some groups follow the share of each who are out."""
    walkout = record(p).walkout
    for g in range(len(plant)):
        if plant[g] >= 0:
            threat[g] = plant_threat_next(threat[g], n_out[g] / n_agents[g], walkout.plant_share_safe,
                                          walkout.threat_growth, walkout.threat_ceiling)  # fmt: skip


def _employers(world: World, engine: Engine) -> None:
    """Phase 8: threats grow where a walkout is small, strikers and absentees are dismissed."""
    groups, at_work = world.groups, cities_with(world.signals["shift_open"])
    at_rally = cities_with(world.signals["rally_ends"])
    for c in world.active:
        if c in at_work:
            own = groups.of(c)
            grow_threats(groups.plant[own], world.group_out[own], groups.n_agents[own], world.p,
                         world.plant_threat[own])  # fmt: skip
        if c in at_work or c in at_rally:
            engine.dismiss(world, c)
