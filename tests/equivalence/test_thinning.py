"""Staff of whom most need not be asked decide as if each were: to the bit, whatever the signs of the weights."""

import numpy as np
import pytest

from experiments import load_scenario
from sim import run
from sim.engines import compiled
from sim.world.world import build_world

SETTINGS = ("vyraj", "persons_per_agent=60", "hours=44", "repression.arrest_constant=1", "participation.intercept=-3",
            "officers.base_hazard=0.05", "officials.base_hazard=0.05")  # fmt: skip
NEGATIVE = ("officers.officer_anger_weight=-2", "officers.officer_crowd_weight=-5", "officers.surveillance=-1",
            "officers.officer_support_weight=-1", "officials.official_anger_weight=-2",
            "officials.official_crowd_weight=-5")  # fmt: skip


@pytest.mark.parametrize("scale", [1, 20])
def test_staff_of_a_city_are_numbered_one_after_another(scale):
    # their draws are taken many at once, from the number of the first
    world = build_world(load_scenario("august_2020", "persons_per_agent=2000", f"staff_per_agent={scale}"))
    for staff in (world.officers, world.officials):
        is_same_city = np.diff(staff.home_city) == 0
        assert is_same_city.any() and (np.diff(staff.person)[is_same_city] == 1).all()


@pytest.mark.parametrize("weights", [(), NEGATIVE, ("officers.base_hazard=1",)], ids=["shipped", "negative", "certain"])
def test_thinned_staff_decide_as_if_all_were_asked(weights, monkeypatch):
    thinned = run(load_scenario(*SETTINGS, *weights))
    monkeypatch.setattr(compiled, "SHIPPED", None)  # as if a rule were replaced
    asked = run(load_scenario(*SETTINGS, *weights))
    lost = [name for name in asked.curves_columns if name.endswith(("_resigned", "_withholding", "_accommodating"))]
    assert any(asked.curves_columns[name].any() for name in lost)
    for name, values in asked.curves_columns.items():
        assert np.array_equal(values, thinned.curves_columns[name], equal_nan=True), name
