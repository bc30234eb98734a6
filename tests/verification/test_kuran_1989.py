"""Kuran (1989), doi:10.1007/BF00116762 (doi not verified): the ten-person sequences, in per cent of the people."""

import numpy as np
import pytest

from experiments import load_scenario
from sim import run
from sim.classics.kuran.model import public_opposition

TAIL = [40, 50, 60, 70, 80, 100]


@pytest.mark.parametrize("first_four, expected", [
    ([0, 20, 20, 30], 10), ([0, 10, 20, 30], 90),
    ([0, 20, 30, 30], 10), ([0, 10, 30, 30], 20),
])
def test_public_opposition(first_four, expected):
    listed = [*first_four, *TAIL]
    assert public_opposition(np.array(listed)) == expected
    parameters = load_scenario("kuran_1989", f"kuran.listed={listed}".replace(" ", ""))
    assert run(parameters).curves_columns["protesting"][-1] == expected / 10
