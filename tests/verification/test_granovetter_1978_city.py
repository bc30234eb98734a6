"""Granovetter (1978), doi:10.1086/226707: the city model itself, all but company switched off, is his crowd.

One town whose people see all of it from home (a complete network), one occasion of several days, no officers' deeds, no
luck. The join index is then grievance + company + offset. With hardship set to
1 - (threshold - 1/2) / (n - 1), legitimacy 0, grievance and company weighing 4 and an offset of -4, one joins if the
others who were out an hour ago are more than threshold - 1/2. The town runs hour by hour through `sim.hour.step`,
all nine phases, on either engine, and must have the very people out whom the classic has.
"""

import numpy as np
import pytest

from agents.vocabulary import Activity
from experiments import load_scenario
from sim.classics.granovetter.model import cascade, equilibrium
from sim.model import ProtestModel
from sim.parameters import MECHANISMS

KEPT = {"participation", "ties", "place", "officers"}  # what a street needs; officers stand about
OFF = [f"{name}.strength=0" for name in MECHANISMS if name not in KEPT]
SETTINGS = (
    *OFF, "participation.intercept=-4", "participation.intercept_elsewhere=0", "participation.preference_weight=0",
    "participation.grievance_weight=4", "participation.weekday_offset=0", "participation.profile_depth=0",
    "participation.crowd_belief_weight=0", "ties.company_weight=4", "ties.company_onset=0", "ties.home_weight=0.999999",
    "ties.work_weight=0", "ties.home_radius_cells=100", "persons_per_agent=1", "hours=160",
)  # fmt: skip


@pytest.fixture(scope="module")
def folder(riot_folder):
    return riot_folder(125)


def town(folder, engine, levels, *settings):
    """Return the model of a town whose people have these participation thresholds, before its first hour."""
    model = ProtestModel(load_scenario("riot", *SETTINGS, f"engine={engine}", *settings, config_dir=folder))
    citizens = model.world.citizens
    n = len(citizens.hardship)
    levels = np.asarray(levels(n), float)
    citizens.hardship[:] = 1.0 - (levels - 0.5) / (n - 1)
    citizens.legitimacy[:] = 0.0
    citizens.private_preference[:] = 0.0
    return model, levels


def crowds(model, n_hours):
    """Return who is out after each hour of the occasion, bool (n_hours, n)."""
    found = []
    for _ in range(n_hours):
        model.step()
        found.append(np.array(model.world.citizens.activity) == Activity.PROTESTING)
    return np.array(found)


def changed(n):
    levels = np.arange(n)
    levels[1] = 2
    return levels


def normal(sd):
    return lambda n: np.random.default_rng(3).permutation(25.0 / 100 * n + sd / 100 * n * np.random.default_rng(5)
                                                          .standard_normal(n)).round()  # fmt: skip


CROWDS = {"0 to n - 1": np.arange, "1 made 2": changed, "all need one": np.ones, "sd 18": normal(18),
          "sd 25": normal(25)}  # fmt: skip


@pytest.mark.parametrize("name", CROWDS)
@pytest.mark.parametrize("engine", ["compiled", "mesa"])
def test_the_town_is_the_crowd_person_by_person_and_hour_by_hour(folder, engine, name):
    model, levels = town(folder, engine, CROWDS[name])
    n_hours = len(levels) + 3 if engine == "compiled" else 12
    out = crowds(model, n_hours)
    wanted = cascade(levels, n_hours)
    first = int(np.flatnonzero(out.any(axis=1))[0]) if out.any() else 0  # the hour in which the occasion begins
    np.testing.assert_array_equal(out.sum(axis=1)[first:], wanted[: n_hours - first])
    before = np.concatenate([[0], wanted[: n_hours - first - 1]])
    np.testing.assert_array_equal(out[first:], levels <= before[:, None])


def test_everybody_riots_or_one_man_does(folder):
    ends = []
    for name in ("0 to n - 1", "1 made 2"):
        model, levels = town(folder, "compiled", CROWDS[name])
        ends.append(crowds(model, len(levels) + 5)[-1].sum())
        assert ends[-1] == equilibrium(levels)
    assert ends == [len(levels), 1]


def test_the_town_is_not_the_crowd_once_luck_is_on(folder):
    """The comparison can fail."""
    model, levels = town(folder, "compiled", np.arange, "luck.strength=1")
    assert (crowds(model, 40).sum(axis=1)[1:] != cascade(levels, 39)).any()
