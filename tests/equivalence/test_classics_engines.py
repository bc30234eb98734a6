"""Epstein's model II, Granovetter, Kuran, Siegel: agents with their own methods give the same run, bit for bit."""

import numpy as np
import pytest

from experiments import load_scenario
from sim import run
from sim.classics.crowd_mesa import tied_crowd
from sim.classics.ethnic import model as ethnic
from sim.classics.siegel.model import draw_motivation, draw_ties, local_participation


def same(scenario, *overrides, seed=1):
    parameters = load_scenario(scenario, *overrides)
    compiled, mesa = (run(parameters.model_copy(update={"engine": name}), seed=seed) for name in ("compiled", "mesa"))
    assert (compiled.stats["engine"], mesa.stats["engine"]) == ("compiled", "mesa")
    assert list(compiled.curves_columns) == list(mesa.curves_columns)
    for name, values in compiled.curves_columns.items():
        np.testing.assert_array_equal(values, mesa.curves_columns[name], err_msg=name)
    return compiled.curves_columns


SMALL = ("ethnic.size=14", "ethnic.vision=3", "steps=60")
GROUPS = {
    "no officers": (),
    "officers": ("ethnic.officer_density=0.1", "ethnic.max_jail_term=6"),
    "the eight around": ("ethnic.vision=1.7", "ethnic.neighbourhood=disc", "ethnic.officer_density=0.05"),
    "cross, short lives": ("ethnic.neighbourhood=cross", "ethnic.max_age=12", "ethnic.clone_probability=0.3"),
    "full": ("ethnic.citizen_density=0.9", "ethnic.officer_density=0.1", "ethnic.legitimacy=0.6"),
}  # fmt: skip


@pytest.mark.parametrize("name", GROUPS)
@pytest.mark.parametrize("seed", [1, 2])
def test_two_groups(name, seed):
    curves = same("epstein_2002_ethnic", *SMALL, *GROUPS[name], seed=seed)
    assert curves["killed"].sum() > 0


def test_every_person_of_the_two_groups_agrees_after_every_step():
    parameters = load_scenario("epstein_2002_ethnic", *SMALL, *GROUPS["officers"])
    compiled, mesa = (ethnic.make_stepper(parameters.model_copy(update={"engine": name}))
                      for name in ("compiled", "mesa"))  # fmt: skip
    for step in range(40):
        compiled.take_step(step)
        mesa.take_step(step)
        for record, person in zip(compiled.people, mesa.model.people, strict=True):
            if person is None:
                assert record["kind"] == ethnic.DEAD
                continue
            assert (record["cell"], record["born"]) == (person.cell, person.born)
            if record["kind"] != ethnic.OFFICER:
                names = ("is_active", "term", "age", "hardship", "risk_aversion", "longest_life")
                assert [record[name] for name in names] == [getattr(person, name) for name in names]
                assert record["kind"] == person.group
    assert len(mesa.model.agents) == sum(person is not None for person in mesa.model.people)


@pytest.mark.parametrize("overrides", [
    ("granovetter_1978",), ("granovetter_1978_changed",),
    ("granovetter_1978", "granovetter.distribution=normal", "granovetter.sd=13", "granovetter.n_people=300"),
    ("kuran_1989",), ("kuran_1989", "kuran.listed=[0,10,30,30,40,50,60,70,80,100]"),
    ("kuran_1989", "kuran.listed=[0,33.3,33.4,70,10,50,60]"),
], ids=" ".join)
def test_thresholds(overrides):
    for seed in (1, 2):
        assert same(*overrides, seed=seed)["protesting"][0] >= 0


@pytest.mark.parametrize("network", ["complete", "small_world", "village", "opinion_leader", "hierarchy"])
@pytest.mark.parametrize("memory", [0.0, 0.37])
def test_networks(network, memory):
    """300 persons; how many are out."""
    curves = same("siegel_2009", f"siegel.network={network}", f"siegel.memory={memory}", "siegel.n_people=300",
                  "siegel.motivation_sd=0.3", "steps=60")  # fmt: skip
    assert curves["protesting"][-1] > curves["protesting"][0] > 0


@pytest.mark.parametrize("network", ["complete", "small_world", "opinion_leader"])
def test_every_cost_agrees_after_every_step(network):
    parameters = load_scenario("siegel_2009", f"siegel.network={network}", "siegel.n_people=200",
                               "siegel.motivation_sd=0.3")  # fmt: skip
    motivation, ties, memory = draw_motivation(parameters), draw_ties(parameters), 0.37
    crowd, cost = tied_crowd(motivation, ties, memory), np.ones(200)
    for _ in range(30):
        is_out = (motivation > cost).astype(float)
        cost = memory * cost + (1.0 - memory) * (1.0 - local_participation(is_out, ties))
        assert crowd.take_step() == is_out.sum()
        assert [(person.is_out, person.cost) for person in crowd.people] == list(zip(is_out, cost, strict=True))
