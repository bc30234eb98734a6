"""An encouragement: who is drawn, that nothing else moves, and its signs under common random numbers."""

from __future__ import annotations

import math

import numpy as np
import pytest

from agents.vocabulary import Activity
from experiments.outcomes import outcomes

SIZE = {"persons_per_agent": 100}
SEEDS = range(1, 8)  # that all agree has level 2^-7 by chance
EVENING = 141  # within the window of the base case, 14 August


def with_share(share, **more):
    return SIZE | {"encouragement.share": share} | {f"encouragement.{name}": value for name, value in more.items()}


@pytest.mark.parametrize("block_cells", [0, 3])
def test_who_is_drawn_depends_on_seed_and_share_only(settings, stepped, block_cells):
    def drawn(share, **more):
        changes = with_share(share, block_cells=block_cells, **more)
        return stepped(settings("minsk_2020", changes | {"persons_per_agent": 1000})).world.encouraged

    some, more = drawn(0.2), drawn(0.5)
    assert some.any() and (some <= more).all() and not np.array_equal(some, more)
    assert np.array_equal(some, drawn(0.2, strength=0.0, from_hour=20, hours=3))
    assert drawn(1.0).all() and drawn(0.0).shape == (0,)


def test_shares_are_met(settings, stepped):
    """By person a binomial sample; by block with the larger scatter of blocks, as their squared sizes say."""
    for block_cells in (0, 3):
        errors = []
        for seed in range(30):
            world = stepped(settings("minsk_2020", with_share(0.3, block_cells=block_cells) | {"seed": seed})).world
            errors.append(world.encouraged.mean() - 0.3)
        n, side = len(world.encouraged), int(world.grid.side[0])
        cell = world.citizens.home_cell
        block = cell // side // 3 * side + cell % side // 3
        squares = ((np.bincount(block) / n) ** 2).sum() if block_cells else 1 / n
        assert abs(np.mean(errors)) < 4 * math.sqrt(0.21 * squares / len(errors))
        assert 0.5 < np.std(errors) / math.sqrt(0.21 * squares) < 1.6


def test_a_block_is_drawn_as_a_whole(settings, stepped):
    world = stepped(settings("minsk_2020", with_share(0.4, block_cells=3))).world
    side, cell = int(world.grid.side[0]), world.citizens.home_cell
    block = cell // side // 3 * side + cell % side // 3
    share = np.bincount(block, world.encouraged) / np.maximum(np.bincount(block), 1)
    assert set(share.tolist()) == {0.0, 1.0}


@pytest.mark.parametrize("off", [{"encouragement.share": 0.0}, {"encouragement.share": 0.5, "encouragement.hours": 0},
                                 {"encouragement.share": 0.5, "encouragement.strength": 0.0}])  # fmt: skip
def test_off_leaves_every_bit(settings, simulate, off):
    base, same = (simulate(settings("minsk_2020", SIZE | changes)) for changes in ({}, off))
    for name, values in base.curves_columns.items():
        assert np.array_equal(values, same.curves_columns[name], equal_nan=True), name


def test_the_free_go_and_the_detained_stay(settings, stepped):
    """With arrests on, in the night of 10 August: whoever is encouraged and free is on the street, or just arrested."""
    changes = with_share(0.5, strength=1.0, from_hour=43, hours=3)
    run = stepped(settings("minsk_2020", changes, lively=True))
    for _ in range(43):
        run.step()
    people, world = run.world.citizens, run.world
    held = people.activity == Activity.DETAINED
    run.step()
    drawn = world.encouraged
    still = held & (people.release_hour > 43)
    assert (still & drawn).any() and (people.activity[still] == Activity.DETAINED).all()
    assert np.isin(people.activity[drawn & ~held], (Activity.PROTESTING, Activity.DETAINED)).all()
    assert (people.private_preference[drawn & (people.activity == Activity.PROTESTING)] >= 0.5).any()


def test_before_the_window_nothing_differs(settings, simulate):
    base, other = (simulate(settings("minsk_2020", changes)) for changes in (SIZE, with_share(0.3)))
    for name, values in base.curves_columns.items():
        assert np.array_equal(values[:138], other.curves_columns[name][:138], equal_nan=True), name
    assert other.curves_columns["protesting"][EVENING, 0] > 5 * base.curves_columns["protesting"][EVENING, 0]


def test_outcomes_are_missing_without_and_shares_with(settings, simulate):
    names = ("others_turnout", "encouraged_later_turnout", "others_later_turnout", "later_turnout_ratio")
    found = outcomes(simulate(settings("minsk_2020", SIZE)))
    assert all(math.isnan(found[name]) for name in names)
    result = simulate(settings("minsk_2020", with_share(0.3)))
    found = outcomes(result)
    assert result.encouraged[EVENING, 0] == pytest.approx(1.0)  # no arrests on that evening; nobody is still held
    assert 0 < found["others_turnout"] < 0.1
    drawn, others = result.encouraged[-24:].max(axis=0)
    assert (found["encouraged_later_turnout"], found["others_later_turnout"]) == (drawn, others)
    total = simulate(settings("minsk_2020", with_share(0.3))).curves_columns["protesting"][:, 0] / result.adults[0]
    assert ((result.encouraged.min(axis=1) <= total + 1e-12) & (total <= result.encouraged.max(axis=1) + 1e-12)).all()


@pytest.fixture(scope="session")
def effect(settings, simulate):
    """Relative change of an outcome by the encouragement, by seed: strength 1 against 0, the same people drawn."""

    def change(name, seeds=SEEDS, changes=None, **of_encouragement):
        by_strength = []
        for strength in (1.0, 0.0):
            parameters = settings("minsk_2020", with_share(strength=strength, **of_encouragement) | (changes or {}))
            by_strength.append(np.array([outcomes(simulate(parameters, seed))[name] for seed in seeds]))
        return by_strength[0] / by_strength[1] - 1.0

    return change


def test_company_brings_others_along(effect):
    """In the window: up, seed by seed, through ties alone and through officials who give way alone; else nothing."""
    no_ties, no_officials = {"ties.strength": 0.0}, {"officials.strength": 0.0}
    assert (effect("others_turnout", share=0.6, changes=no_officials) > 0).all()
    assert (effect("others_turnout", share=0.6, changes=no_ties) > 0).all()
    assert (effect("others_turnout", share=0.6, changes=no_ties | no_officials, seeds=SEEDS[:3]) == 0).all()


def test_the_encouraged_remember_nothing(effect):
    """In the days after, the encouraged differ from the others as much as they would have anyway: within 5 %."""
    for block_cells in (0, 3):
        assert np.abs(effect("later_turnout_ratio", share=0.25, block_cells=block_cells)).max() < 0.05
