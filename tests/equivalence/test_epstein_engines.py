"""Epstein's model I: agents with their own methods and the compiled passes give the same run, bit for bit."""

import numpy as np
import pytest

from experiments import load_scenario
from sim import run
from sim.classics.epstein.model import build, make_stepper

SMALL = ("epstein.size=12", "epstein.vision=3", "steps=40", "epstein.max_jail_term=6")
VARIANTS = {
    "paper": (),
    "cross": ("epstein.neighbourhood=cross", "epstein.jail_term_range=continuous", "epstein.legitimacy=0.5"),
    "moore, round": ("epstein.ratio=round", "epstein.neighbourhood=moore", "epstein.activation=with_replacement"),
    "half the grid": ("epstein.vision=6", "epstein.legitimacy=0.5", "epstein.neighbourhood=moore"),
    "blocked, anywhere": ("epstein.jailed=block", "epstein.turn_order=move_act", "epstein.legitimacy=0.6"),
    "block, move to arrest": ("epstein.jailed=block", "epstein.officer_after_arrest=move_to_arrest",
                              "epstein.release=in_place", "epstein.legitimacy=0.5"),
    "own turn, removed": ("epstein.jail_countdown=own_turn", "epstein.legitimacy=0.5"),
    "nobody moves": ("epstein.movement.citizens=none", "epstein.movement.officers=none", "epstein.legitimacy=0.6"),
    "full": ("epstein.citizen_density=0.95", "epstein.officer_density=0.05", "epstein.legitimacy=0.5"),
    "schedules": ("epstein.legitimacy=[[0,0.8],[10,0.2]]", "epstein.officer_schedule=[[5,3],[20,0]]"),
    "for ever": ("epstein.max_jail_term=inf", "epstein.legitimacy=0.5"),
}  # fmt: skip
PRESETS = ("rebellion_netlogo", "civil_violence_mesa")


def same(parameters, seed):
    compiled, mesa = (run(parameters.model_copy(update={"engine": name}), seed=seed) for name in ("compiled", "mesa"))
    assert (compiled.stats["engine"], mesa.stats["engine"]) == ("compiled", "mesa")
    for name, values in compiled.curves_columns.items():
        np.testing.assert_array_equal(values, mesa.curves_columns[name], err_msg=name)
    return compiled.curves_columns


@pytest.mark.parametrize("name", VARIANTS)
def test_variant(name):
    curves = same(load_scenario("epstein_2002", *SMALL, *VARIANTS[name]), seed=3)
    assert curves["protesting"].max() > 0 and curves["detained"].max() > 0


@pytest.mark.parametrize("scenario", PRESETS)
@pytest.mark.parametrize("seed", [1, 2])
def test_preset(scenario, seed):
    curves = same(load_scenario(scenario, *SMALL[:3], "epstein.legitimacy=0.5"), seed)
    assert curves["detained"].max() > 0


def test_every_column_agrees_after_every_step():
    parameters = load_scenario("rebellion_netlogo", *SMALL, "epstein.legitimacy=0.5")
    compiled, mesa = (make_stepper(parameters.model_copy(update={"engine": name})) for name in ("compiled", "mesa"))
    for step in range(30):
        for stepper in (compiled, mesa):
            stepper.take_step(0.5, 99, step)
        people = compiled.lattice.people
        for name in ("cell", "state"):
            assert people[name].tolist() == [getattr(person, name) for person in mesa.model.everybody], (step, name)
        for name in ("term", "tension"):
            wanted = [getattr(citizen, name) for citizen in mesa.model.citizens]
            assert people[name][: len(wanted)].tolist() == wanted, (step, name)


def test_the_code_of_each_cell_tells_who_is_in_it():
    parameters = load_scenario("rebellion_netlogo", *SMALL, "epstein.legitimacy=0.5")
    stepper = make_stepper(parameters)
    for step in range(30):
        stepper.take_step(0.5, 99, step)
    lattice, variant = stepper.lattice, stepper.variant
    wanted = np.zeros(variant.size**2, np.int64)
    for person in lattice.people[lattice.people["state"] != 2]:
        wanted[person["cell"]] += {0: 1, 1: 1 << variant.bits, 3: 1 << 2 * variant.bits}[int(person["state"])]
    for copy in range(4):
        np.testing.assert_array_equal(lattice.code[lattice.places[:, copy]], wanted)
    assert lattice.n_empty[0] == (wanted == 0).sum()


def test_exact_placement_gives_everybody_a_cell_of_their_own():
    lattice, variant = build(load_scenario("epstein_2002"))
    assert (variant.n_citizens, len(lattice.people)) == (1120, 1184)
    assert len(set(lattice.people["cell"])) == 1184
