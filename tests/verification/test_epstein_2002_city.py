"""Epstein (2002), doi:10.1073/pnas.092080199: the city model itself, without luck, activates whom his rule does.

A town with all mechanisms off but participation and fear, and an own rule in place of felt fear that gives everybody
the same perceived probability of arrest P. Grievance and fear weigh 1, the rest 0, the offset is -T. Hour by hour
through `sim.hour.step`, on either engine, those and only those are out who have H (1 - L) - R P > T, and their share
is the closed form.
"""

import numpy as np
import pytest

from agents.compiled.rule import rule
from agents.vocabulary import Activity
from experiments import load_scenario
from sim.model import ProtestModel
from sim.parameters import MECHANISMS

T = 0.1
KEPT = {"participation", "fear", "place", "officers"}
OFF = [f"{name}.strength=0" for name in MECHANISMS if name not in KEPT]
SETTINGS = (
    *OFF, f"participation.intercept={-T}", "participation.intercept_elsewhere=0", "participation.preference_weight=0",
    "participation.grievance_weight=1", "participation.weekday_offset=0", "participation.profile_depth=0",
    "participation.crowd_belief_weight=0", "fear.fear_weight=1", "persons_per_agent=1", "hours=6",
)  # fmt: skip


@rule
def no_arrest(risk: float, sanction: float, risk_scale: float, strength: float) -> float:
    """P = 0."""
    return 0.0 * strength


@rule
def likely_arrest(risk: float, sanction: float, risk_scale: float, strength: float) -> float:
    """P = .9: as many officers as active in view."""
    return 0.9 * strength


@pytest.fixture(scope="module")
def folder(riot_folder):
    return riot_folder(12_500)


def town(folder, engine, felt_fear, legitimacy, *settings):
    parameters = load_scenario("riot", *SETTINGS, f"engine={engine}", *settings, config_dir=folder)
    model = ProtestModel(parameters, rules={"fear.felt_fear": felt_fear})
    citizens, rng = model.world.citizens, np.random.default_rng(1)
    n = len(citizens.hardship)
    citizens.hardship[:], citizens.risk_aversion[:] = rng.random(n), rng.random(n)
    citizens.legitimacy[:], citizens.private_preference[:] = legitimacy, 0.0
    for _ in range(4):
        model.step()
    assert (citizens.legitimacy == np.asarray(legitimacy, citizens.legitimacy.dtype)).all()
    return citizens, np.array(citizens.activity) == Activity.PROTESTING


def is_active(citizens, probability):
    """Epstein's rule A, in double precision as the rules have it."""
    hardship, legitimacy = (np.asarray(column, np.float64) for column in (citizens.hardship, citizens.legitimacy))
    risk_aversion = np.asarray(citizens.risk_aversion, np.float64)
    return hardship * (1.0 - legitimacy) - risk_aversion * probability - T


@pytest.mark.parametrize("engine, legitimacy, felt_fear, probability, share", [
    ("compiled", 0.82, no_arrest, 0.0, 1 - T / 0.18), ("compiled", 0.82, likely_arrest, 0.9, 0.08**2 / (0.36 * 0.9)),
    ("compiled", 0.70, likely_arrest, 0.9, 0.2**2 / (0.6 * 0.9)), ("compiled", 0.95, no_arrest, 0.0, 0.0),
    ("mesa", 0.70, likely_arrest, 0.9, 0.2**2 / (0.6 * 0.9)),
])  # fmt: skip
def test_those_are_out_whom_the_paper_s_rule_activates(folder, engine, legitimacy, felt_fear, probability, share):
    citizens, is_out = town(folder, engine, felt_fear, legitimacy)
    beyond = is_active(citizens, probability)
    is_clear = np.abs(beyond) > 1e-6  # columns are of single precision
    np.testing.assert_array_equal(is_out[is_clear], beyond[is_clear] > 0)
    assert is_clear.mean() > 0.99
    n = len(is_out)
    assert is_out.mean() == pytest.approx(share, abs=4 * (share * (1 - share) / n) ** 0.5 + 1 / n)


def test_with_luck_others_are_out_too(folder):
    """The comparison can fail."""
    citizens, is_out = town(folder, "compiled", no_arrest, 0.82, "luck.strength=1")
    assert (is_out != (is_active(citizens, 0.0) > 0)).mean() > 0.05
