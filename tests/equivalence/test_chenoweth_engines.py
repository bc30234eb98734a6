"""Nonviolent resistance: agents with their own methods and the compiled passes give the same run, bit for bit."""

import numpy as np
import pytest

from experiments import load_scenario
from sim import run
from sim.classics.chenoweth.model import make_stepper

SMALL = ("chenoweth.size=16", "chenoweth.activist_density=0.05", "chenoweth.pillar_density=0.05",
         "chenoweth.success_share=1", "steps=40")  # fmt: skip
SEEN = ("protesting", "members", "detained", "killed")
VARIANTS = {
    "random": (),
    "rapid": ("chenoweth.strategy=rapid",),
    "commitment": ("chenoweth.strategy=commitment", "chenoweth.defected_officers_deter=false"),
    "pillars": ("chenoweth.strategy=pillars",),
    "pillars, walls": ("chenoweth.strategy=pillars", "chenoweth.edges=walls", "chenoweth.vision=5.5"),
    "least loyal": ("chenoweth.strategy=least_loyal_pillars",),
    "least loyal, left alone": ("chenoweth.strategy=least_loyal_pillars", "chenoweth.defected_pillars_attract=false",
                                "chenoweth.edges=walls"),
    "a mixture": ("chenoweth.immediate_share=0.5", "chenoweth.committed_share=0.5", "chenoweth.protest_duration=3"),
    "full": ("chenoweth.citizen_density=0.86", "chenoweth.legitimacy=0.1", "chenoweth.kill_probability=0.6"),
}  # fmt: skip


def both(parameters):
    return (parameters.model_copy(update={"engine": name}) for name in ("compiled", "mesa"))


@pytest.mark.parametrize("name", VARIANTS)
def test_variant(name):
    compiled, mesa = (run(p, seed=3) for p in both(load_scenario("chenoweth_2022", *SMALL, *VARIANTS[name])))
    assert (compiled.stats["engine"], mesa.stats["engine"]) == ("compiled", "mesa")
    assert compiled.stats["outcome_line"] == mesa.stats["outcome_line"]
    for column, values in compiled.curves_columns.items():
        np.testing.assert_array_equal(values, mesa.curves_columns[column], err_msg=column)
    assert all(compiled.curves_columns[column].max() > 0 for column in SEEN)
    assert compiled.curves_columns["pillars_left"][-1] < compiled.curves_columns["pillars_left"][0]


def test_every_column_agrees_after_every_step():
    compiled, mesa = (make_stepper(p) for p in both(load_scenario("chenoweth_2022", *SMALL, *VARIANTS["a mixture"])))
    for step in range(30):
        for stepper in (compiled, mesa):
            stepper.take_step(step)
        people = compiled.society.people
        for name in ("cell", "is_member", "is_protesting", "has_defected", "term"):
            assert people[name].tolist() == [getattr(person, name) for person in mesa.model.everybody], (step, name)
        wanted = np.full(len(compiled.society.at), -1)
        alive = np.flatnonzero(people["cell"] >= 0)
        wanted[people["cell"][alive]] = alive
        np.testing.assert_array_equal(compiled.society.at, wanted)
        assert compiled.campaign() == mesa.campaign()


def test_the_preset_agrees():
    compiled, mesa = (run(p, seed=5) for p in both(load_scenario("chenoweth_2022", "steps=15")))
    for column, values in compiled.curves_columns.items():
        np.testing.assert_array_equal(values, mesa.curves_columns[column], err_msg=column)
