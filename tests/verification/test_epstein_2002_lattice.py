"""Epstein (2002), doi:10.1073/pnas.092080199, model I on its lattice: closed forms, bounds, results, a peer."""

import functools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.rules import epstein as rules
from agents.rules.participation import grievance
from experiments import load_scenario
from sim import run
from sim.classics.epstein.model import build, make_stepper
from sim.classics.results import outbursts

T = 0.1
FLOOR, ROUND = "epstein.ratio=floor", "epstein.ratio=round"
VARIANTS = [
    (), (FLOOR,), (ROUND,), ("epstein.neighbourhood=cross",), ("epstein.turn_order=move_act",),
    ("epstein.jailed=block", "epstein.release=in_place"), ("epstein.jail_countdown=own_turn",),
    ("epstein.officer_after_arrest=move_to_arrest", "epstein.neighbourhood=disc", "epstein.release=in_place"),
    ("epstein.activation=with_replacement",), ("epstein.placement=bernoulli", "epstein.neighbourhood=moore"),
]  # fmt: skip


@functools.cache
def fresh(n):
    """Seeds that nobody looked at before the bounds were set."""
    return range(1000, 1000 + n)


def curves(scenario, *overrides, seed=1):
    return run(load_scenario(scenario, *overrides), seed=seed).curves_columns


def protesting(scenario, *overrides, seed=1):
    return curves(scenario, *overrides, seed=seed)["protesting"]


# --- rules ---


@pytest.mark.parametrize("n_officers", range(12))
@pytest.mark.parametrize("n_active", range(1, 12))
def test_the_three_ratios(n_officers, n_active):
    ratio = n_officers / n_active
    for rule, seen in ((rules.arrest_probability, ratio), (rules.arrest_probability_floor, np.floor(ratio)),
                       (rules.arrest_probability_round, round(ratio))):  # fmt: skip
        assert rule(n_officers, n_active, 2.3) == pytest.approx(1 - np.exp(-2.3 * seen), abs=1e-15)


@settings(deadline=None, max_examples=200)
@given(st.floats(0, 1, exclude_max=True), st.integers(0, 1000))
def test_jail_terms(unit, longest):
    inclusive, exclusive = rules.jail_term_inclusive(unit, longest), rules.jail_term_exclusive(unit, longest)
    assert 0 <= exclusive <= inclusive <= longest and inclusive == int(inclusive)
    assert exclusive <= max(longest - 1, 0) and 0 <= rules.jail_term_continuous(unit, longest) <= longest
    assert rules.jail_term_continuous(unit, float("inf")) == float("inf")
    assert 0 <= rules.chosen(unit, longest + 1) <= longest


@pytest.mark.parametrize("legitimacy, probability, expected", [
    (0.82, 0.0, 0.444), (0.82, 0.9, 0.0198), (0.80, 0.0, 0.500), (0.80, 0.9, 0.0278),
    (0.70, 0.0, 0.667), (0.70, 0.9, 0.0741), (0.90, 0.0, 0.0), (0.95, 0.5, 0.0),
])
def test_active_share_at_a_given_probability_of_arrest(legitimacy, probability, expected):
    """On a grid of midpoints of H and R: off by at most 2 / side, for the border is monotone."""
    side = 300
    middle = (np.arange(side) + 0.5) / side
    n_active = sum(
        rules.is_active(rules.tension(grievance(h, legitimacy), rules.net_risk(r, probability)), T)
        for h in middle for r in middle
    )  # fmt: skip
    assert n_active / side**2 == pytest.approx(expected, abs=2 / side + 0.0005)


# --- the lattice ---


@pytest.mark.parametrize("legitimacy", [0.82, 0.80, 0.70])
def test_without_officers_the_active_share_is_the_closed_form(legitimacy):
    n = 1120
    share = 1 - T / (1 - legitimacy)
    active = protesting("epstein_2002", "epstein.officer_density=0", f"epstein.legitimacy={legitimacy}", "steps=3")
    assert (active == active[0]).all()
    assert active[0] / n == pytest.approx(share, abs=4 * (share * (1 - share) / n) ** 0.5)


def test_with_officers_all_around_the_active_share_is_the_closed_form():
    """All of the torus in view of everybody and nobody arrested for any time: C / A is one number, so P is known."""
    parameters = load_scenario(
        "epstein_2002", "epstein.neighbourhood=moore", "epstein.vision=20", "epstein.legitimacy=0.7",
        "epstein.officer_density=0.3", "epstein.jailed=block", "epstein.max_jail_term=0", "steps=30",
    )  # fmt: skip
    stepper = make_stepper(parameters)
    for step in range(30):
        stepper.take_step(0.7, 480, step)
    tension = stepper.lattice.people["tension"][:1120]
    people = stepper.lattice.people[:1120]
    found = (people["hardship"] * 0.3 - tension) / people["risk_aversion"]
    assert np.median(found) == pytest.approx(1.0, abs=0.01)
    share = 0.2**2 / (2 * 0.3)  # P = 1, within exp(-2.3 x 480 / 150) = .0006
    assert (tension > T).mean() == pytest.approx(share, abs=4 * (share / 1120) ** 0.5)


@pytest.mark.parametrize("variant", VARIANTS, ids=str)
@pytest.mark.parametrize("legitimacy", [0.82, 0.5])
def test_bounds_of_every_variant(variant, legitimacy):
    overrides = (*variant, f"epstein.legitimacy={legitimacy}", "steps=100")
    lattice, engine = build(load_scenario("epstein_2002", *overrides, "seed=1"))
    found = curves("epstein_2002", *overrides)
    n_willing = (lattice.people["hardship"][: engine.n_citizens] * (1 - legitimacy) > T).sum()
    assert 0 < found["protesting"].max() <= n_willing
    total = found["protesting"] + found["detained"] + found["quiet"]
    assert (total == engine.n_citizens).all() and (found["officers"] == len(lattice.people) - engine.n_citizens).all()


def test_nobody_is_active_at_high_legitimacy():
    assert protesting("epstein_2002", "epstein.legitimacy=0.9", "epstein.officer_density=0", "steps=20").max() == 0


# --- published results ---


def n_outbursts(*overrides):
    return np.array([len(outbursts(protesting("epstein_2002_run2", *overrides, seed=seed))) for seed in fresh(10)])


def test_outbursts_of_run_2_depend_on_the_ratio():
    """In a diamond of 112 cells: nearly none as the ratio is, many once it is rounded."""
    assert n_outbursts().sum() <= 1
    assert n_outbursts(FLOOR).min() >= 10 and n_outbursts(ROUND).min() >= 3


def test_the_paper_s_own_view_crosses_50_without_any_calm():
    """N, S, E and W alone are 28 cells: episodes above 50 without rounding, but of a crowd that never goes home."""
    cross = "epstein.neighbourhood=cross"
    assert n_outbursts(cross).min() >= 3
    assert all(calm(cross, seed=seed) < 0.02 for seed in fresh(6))
    assert all(calm(ROUND, "epstein.neighbourhood=disc", seed=seed) > 0.6 for seed in fresh(6))


def calm(*overrides, seed):
    """Share of the steps with fewer than ten active, the first fifty left out."""
    return (protesting("epstein_2002_run2", *overrides, seed=seed)[50:] < 10).mean()


def waits(scenario, *overrides, n_seeds=4):
    return np.array([o.waiting for seed in fresh(n_seeds)
                     for o in outbursts(protesting(scenario, *overrides, seed=seed))[1:]])  # fmt: skip


def test_waiting_times_of_the_paper_s_own_view_are_as_of_an_exponential():
    """Coefficient of variation near 1 and mean above median: skewed, as the paper's."""
    found = waits("epstein_2002_run2", "epstein.neighbourhood=cross", "steps=1000")
    assert len(found) > 60 and 0.8 < found.std() / found.mean() < 1.4 and found.mean() > 1.1 * np.median(found)


def test_waiting_times_of_floor_and_disc_are_near_periodic():
    """The paper's are skewed, with a long tail; a memoryless wait would have a coefficient of variation of 1."""
    waiting = waits("rebellion_netlogo")
    assert len(waiting) > 40 and np.std(waiting) / np.mean(waiting) < 0.5


@pytest.mark.parametrize("variant", [(), (FLOOR,), ("epstein.neighbourhood=cross",)], ids=str)
def test_a_jump_in_legitimacy_brings_more_out_than_small_steps(variant):
    """Run 4 against run 3, while that one's legitimacy is not below run 4's .7; median of 30 seeds."""
    jump = [protesting("epstein_2002_run4", *variant, "steps=100", seed=seed)[77:].max() for seed in fresh(30)]
    small = [protesting("epstein_2002_run3", *variant, "steps=21", seed=seed).max() for seed in fresh(30)]
    assert np.median(jump) > 1.5 * np.median(small)


@pytest.mark.parametrize("variant", [(), (FLOOR,), (ROUND,)], ids=str)
def test_withdrawing_officers_does_nothing_until_a_share_is_gone(variant):
    """The median seed has at most 50 active until officers are gone; in the end more than a third are active.

    Not every seed: under `floor`, seed 1001 has more than 50 before anybody has had a turn twice.
    """
    runs = [protesting("epstein_2002_run5", *variant, seed=seed) for seed in fresh(12)]
    first = [np.flatnonzero(active > 50)[0] for active in runs]
    assert 5 < np.median(first) < 118
    assert all(active[-1] > 1120 / 3 for active in runs)


# --- a peer: Mesa's own example, side by side ---

PEER = ("epstein.size=20", "epstein.vision=4", "epstein.legitimacy=0.7", "epstein.max_jail_term=15", "steps=100")


def statistics(active, jailed):
    return active.mean(), jailed.mean(), active.max(), (active > 30).sum(), active.std()


@functools.cache
def of_mesa_example(n_seeds=40):
    from mesa.examples.advanced.epstein_civil_violence.model import EpsteinCivilViolence, EpsteinScenario

    rows = []
    for seed in range(n_seeds):
        # the example looks at cop_vision only
        scenario = EpsteinScenario(rng=seed, legitimacy=0.7, max_jail_term=15, citizen_vision=4, cop_vision=4)
        model = EpsteinCivilViolence(width=20, height=20, scenario=scenario)
        counts = []
        for _ in range(100):
            model.step()
            counts.append((model.ACTIVE, model.ARRESTED))
        rows.append(statistics(*np.array(counts).T))
    return np.array(rows)


def distances(*overrides):
    """Differences of the means of five statistics, in standard errors of the difference (Welch)."""
    found = [curves("civil_violence_mesa", *PEER, *overrides, seed=seed) for seed in range(100)]
    ours = np.array([statistics(c["protesting"], c["detained"]) for c in found])
    mesa = of_mesa_example()
    return (ours.mean(0) - mesa.mean(0)) / np.sqrt(ours.var(0) / len(ours) + mesa.var(0) / len(mesa))


@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_agreement_with_the_mesa_example():
    """All five within 4 standard errors: less than one false alarm in 3,000."""
    assert np.abs(distances()).max() < 4


@pytest.mark.filterwarnings("ignore::FutureWarning")
@pytest.mark.parametrize("wrong", [FLOOR, "epstein.ratio=continuous", "epstein.neighbourhood=moore",
                                   "epstein.jail_countdown=end_of_step"])  # fmt: skip
def test_a_wrong_variant_is_caught(wrong):
    assert np.abs(distances(wrong)).max() > 4
