"""Staff at scale: fewer officers and officials stand for all, and what comes out is the same within luck.

Sizes were written down before a run was looked at: the smallest difference of interest is .10 in the logarithm of the
largest crowd, .15 in that of the detained, .02 in the share of officers and of officials who give way. The hazards are
40 and 10 times those declared, so that many do.
"""

import math

import numpy as np
import pytest

from agents.vocabulary import Office
from experiments import load_scenario
from sim.simulation import run
from sim.world.staff import LEAST_OFFICIALS, LEAST_UNITS, build_officers, build_officials
from sim.world.world import build_world

LIVELY = {"officers.base_hazard": 0.02, "officials.base_hazard": 0.005}
SMALLEST = {"peak": 0.10, "detained": 0.15, "officers": 0.02, "officials": 0.02}
N_PAIRS = 16
T_975 = 2.131  # quantile of Student's t with 15 degrees of freedom


@pytest.fixture(scope="module")
def cities():
    return build_world(load_scenario("august_2020", persons_per_agent=2000)).cities


@pytest.mark.parametrize("staff_per_agent", [1.0, 3.0, 20.0, 1e6])
def test_weights_add_up_to_the_data(cities, staff_per_agent):
    officers, officials = (build(cities, 1, staff_per_agent) for build in (build_officers, build_officials))
    for c, city in enumerate(cities):
        own = officers.home_city == c
        assert officers.weight[own].sum() == pytest.approx(city.street_officers, rel=1e-12)
        holders = (1, city.judges, city.commission_members, city.state_media_staff)
        for office, persons in zip(Office, holders, strict=True):
            rows = (officials.home_city == c) & (officials.office == office)
            assert officials.weight[rows].sum() == pytest.approx(persons, rel=1e-12)
            assert rows.sum() >= min(persons, LEAST_OFFICIALS)


@pytest.mark.parametrize("staff_per_agent", [3.0, 20.0, 1e6])
def test_units_stay_whole_and_enough(cities, staff_per_agent):
    officers = build_officers(cities, 1, staff_per_agent)
    for c, city in enumerate(cities):
        of_all = -(-city.street_officers // city.unit_size)
        sizes = np.bincount(officers.unit[officers.home_city == c])
        sizes = sizes[sizes > 0]
        assert len(sizes) >= min(of_all, LEAST_UNITS)
        assert (sizes == city.unit_size).all() or len(sizes) == of_all


def test_everybody_at_one_for_one(cities):
    officers, officials = build_officers(cities, 1, 1.0), build_officials(cities, 1, 1.0)
    assert (officers.weight == 1.0).all() and (officials.weight == 1.0).all()
    assert len(officers.weight) == sum(city.street_officers for city in cities)


def _numbers(result):
    curves, end = result.curves_columns, -1
    gave_way = {who: sum(float(curves[f"{who}_{state}"][end].sum()) for state in states)
                for who, states in (("officers", ("withholding", "resigned")),
                                    ("officials", ("accommodating", "resigned")))}  # fmt: skip
    return np.array([math.log1p(curves["protesting"].max()), math.log1p(curves["detained_new"].sum()),
                     gave_way["officers"] / 4_500, gave_way["officials"] / 11_681])  # fmt: skip


@pytest.fixture(scope="module")
def paired():
    """Numbers of runs of Minsk, one for one and at 20, by seed: (2, N_PAIRS, 4)."""
    whole = load_scenario("minsk_2020", persons_per_agent=2000, **LIVELY)
    few = whole.model_copy(update={"staff_per_agent": 20.0})
    return np.array([[_numbers(run(p, seed=seed)) for seed in range(1, N_PAIRS + 1)] for p in (whole, few)])


@pytest.mark.parametrize("number", SMALLEST)
def test_the_same_within_luck(paired, number):
    k = list(SMALLEST).index(number)
    difference = paired[1, :, k] - paired[0, :, k]
    half = T_975 * difference.std(ddof=1) / math.sqrt(N_PAIRS)
    low, high = difference.mean() - half, difference.mean() + half
    assert -SMALLEST[number] < low and high < SMALLEST[number], f"{low:+.3f} to {high:+.3f}"


def test_could_have_failed(paired):
    """Staff counted by heads, not by weight, would be far outside; and enough give way for it to matter."""
    assert paired[0, :, 2].mean() > 0.05
    by_heads = paired[1, :, 2] * (LEAST_UNITS * 50 / 4_500)
    assert abs((by_heads - paired[0, :, 2]).mean()) > 2 * SMALLEST["officers"]
