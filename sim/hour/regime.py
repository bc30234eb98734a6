"""What the state does on a day, where that follows from a rule: one answer for all cities, at 06:00."""

from __future__ import annotations

import math

import numpy as np

from agents import decisions
from agents.compiled.decision import helper
from agents.compiled.draws import uniform
from agents.compiled.rule import kernel
from agents.rules import participation, regime
from agents.rules.russian_support import level_with_lever
from agents.vocabulary import COUNTRY
from sim.inputs.forcings import DAY_STARTS
from sim.parameters import Parameters
from sim.world.world import PLANT_OUT, World, cities_with

SHIFT_HOURS_A_WEEK = 45.0  # of output


def answers(world: World) -> bool:
    """Say whether force is by rule in this hour."""
    p = world.parameters.regime
    return p.strength > 0.0 and world.hour >= p.from_hour


def answer(world: World) -> None:
    """Decide on force and concession, at the start of a day or in the first hour in which the rule holds."""
    if not answers(world):
        return
    p, state, h = world.parameters.regime, world.city, world.hour
    if h % 24 != DAY_STARTS and h != max(0, math.ceil(p.from_hour)):
        return
    day, weighed = int(world.forcings.luck_day[h]), stakes(world)
    force = regime.force_probability(weighed, regime.ForceWeights(**_own(p, regime.ForceWeights)))
    concede = regime.concession_probability(weighed, regime.ConcessionWeights(**_own(p, regime.ConcessionWeights)))
    state["force"][:] = float(uniform(world.seed, decisions.REGIME_FORCE, COUNTRY, day) < force)
    if uniform(world.seed, decisions.REGIME_CONCESSION, COUNTRY, day) < concede:
        state["conceded"][:] = 1.0
    for name in ("backfire", "output_lost"):
        state[name] *= regime.kept_of_day(p.memory_days)


def _own(p: object, weights: type[regime.ForceWeights | regime.ConcessionWeights]) -> dict[str, float]:
    return {name: getattr(p, name) for name in weights._fields}


def stakes(world: World) -> regime.Stakes:
    """Return what the state weighs: sums over cities, or means by adults."""
    state, adults = world.city, world.adults / world.adults.sum()
    loyal = float((state["n_officers"] - state["officers_lost"]).sum())
    russia, f, h = world.parameters.russian_support, world.forcings.value, world.hour
    support = max(level_with_lever(level, russia.support_lever, russia.strength) for level in f["russian_support"][h])
    troops = max(level_with_lever(level, russia.troops_lever, russia.strength) for level in f["troops"][h])
    return regime.Stakes(
        capacity=regime.capacity(loyal, expected_crowd(world)), backing=min(1.0, support + troops),
        backfire=float(state["backfire"].copy() @ adults), output_lost=float(state["output_lost"][0]),
        outrage=world.parameters.anger.strength * float(state["outrage"].copy() @ adults),
    )  # fmt: skip


@helper
def call_lift(p: Parameters) -> float:
    """Return how far a call makes a day a main one; not at all where nobody protests."""
    return p.participation.call_lift if p.participation.strength > 0.0 else 0.0


def expected_crowd(world: World) -> float:
    """Return the crowd that is expected in all cities on the day that begins, as the last of its kind, persons."""
    state, f, last = world.city, world.forcings, min(world.hour + 24, len(world.forcings.luck_day))
    lift, total = call_lift(world.parameters), 0.0
    for c in range(world.n_cities):
        named = np.where(f.window["call"].place[world.hour : last, c] >= 0, f.value["call"][world.hour : last, c], 0.0)
        main = participation.main_share(1.0 - f.is_weekday[world.hour], float(named.max(initial=0.0)), 0.0, lift)
        total += main * state["expected_main"][c] + (1.0 - main) * state["expected_minor"][c]
    return total


@kernel
def note_occasion(city, peak, main):
    """Remember whether the crowd of an occasion was larger than the last, which force had met; main: of its day."""
    city.backfire += regime.backfire_gain(city.lesson_main, peak, city.expected_main, main)
    city.backfire += regime.backfire_gain(city.lesson_minor, peak, city.expected_minor, 1.0 - main)


def note_strikes(world: World) -> None:
    """Add the output of an hour of the shift that strikes cost: the share of all who work at plants and are absent."""
    s = world.signals
    if not cities_with(s["shift_open"]):
        return
    is_plant = world.groups.plant >= 0
    on_shift = is_plant & (s["shift_open"][world.groups.city] == 1)
    if not on_shift.any():
        return
    absent = (world.counts[:, PLANT_OUT] * world.groups.weight)[on_shift].sum()
    employed = (world.groups.n_agents * world.groups.weight)[is_plant].sum()
    world.city["output_lost"] += absent / employed / SHIFT_HOURS_A_WEEK
