"""Counterfactual timelines: nothing changes before the cause, and what follows has the sign one expects."""

import numpy as np
import pytest

from experiments import load_scenario
from sim import run
from sim.errors import InputError

PAUSE = 4 * 24 + 6  # 13 August, 06:00: repression stops
RELEASE = 4 * 24 + 22  # 13 August, 22:00: the first are released
SUNDAY = slice(7 * 24, 8 * 24)


def week(*overrides, seed=1):
    return run(load_scenario("minsk_2020", "persons_per_agent=200", *overrides), seed=seed).curves_columns


@pytest.fixture(scope="module")
def recorded():
    return week()


@pytest.mark.parametrize(
    ("overrides", "first_hour"),
    [
        (["forcings.release.delay_hours=48"], RELEASE),
        (["forcings.repression.value=1", f"forcings.repression.from_hour={PAUSE}"], PAUSE),
        (["forcings.call.factor=0.5", "forcings.call.from_hour=168"], 168),
    ],
    ids=["releases later", "no pause", "weaker calls"],
)
def test_nothing_changes_before_the_cause_and_something_after(recorded, overrides, first_hour):
    other = week(*overrides)
    differs = [~np.isclose(recorded[name], other[name], rtol=0, atol=0, equal_nan=True) for name in recorded]
    hours = np.flatnonzero(np.any(differs, axis=(0, 2)))
    assert len(hours) > 0
    assert hours[0] >= first_hour


def test_a_factor_of_one_is_no_change(recorded):
    other = week("forcings.violence.factor=1", "forcings.violence.from_hour=18")
    assert all(np.array_equal(recorded[name], other[name], equal_nan=True) for name in recorded)


@pytest.mark.parametrize("seed", range(1, 6))
def test_without_the_pause_fewer_march_and_more_are_detained(seed):
    base = week(seed=seed)
    other = week("forcings.repression.value=1", f"forcings.repression.from_hour={PAUSE}", seed=seed)
    assert other["protesting"][SUNDAY].max() < 0.8 * base["protesting"][SUNDAY].max()
    assert other["detained_new"].sum() > base["detained_new"].sum()


def test_a_closed_square_is_empty():
    result = run(load_scenario("minsk_2020", "persons_per_agent=400", "forcings.closed_places=[Stela]"), seed=1)
    stela = result.site_names.index(("Minsk", "Stela"))
    assert result.site_crowd[:, stela].max() == 0
    assert result.site_crowd[SUNDAY].sum() > 0  # some protest near home instead


def test_an_unknown_place_is_one_line():
    with pytest.raises(InputError, match=r"forcings\.closed_places=Nowhere"):
        run(load_scenario("minsk_2020", "persons_per_agent=2000", "forcings.closed_places=[Nowhere]"))


def test_an_added_row_changes_nothing_before_it_and_something_after(recorded):
    other = week("forcings.troops.add=[{hour: 100, hours: 48, value: 1}]")
    differs = [~np.isclose(recorded[name], other[name], rtol=0, atol=0, equal_nan=True) for name in recorded]
    hours = np.flatnonzero(np.any(differs, axis=(0, 2)))
    assert len(hours) > 0 and hours[0] >= 100
