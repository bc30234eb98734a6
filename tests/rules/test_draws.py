"""Draws: NumPy's Philox bit for bit, open intervals, distributions, and the same bits in every mode."""

import math
import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy import special, stats

from agents.compiled import draws
from agents.compiled.arithmetic import log, normal_quantile
from agents.compiled.draws import exponential, n_below, normal, opened, uniform, uniform4, uniform_open
from agents.compiled.rule import kernel

TWO_TO_64 = 2**64
NAMES = ["uniform", "uniform_open", "normal", "exponential"]
PLAIN_PYTHON = """
import sys, numpy as np
from agents.compiled import draws
keys = np.load(sys.argv[2]).tolist()
assert not hasattr(draws.uniform, "signatures"), "compiled after all"
np.save(sys.argv[3], [[getattr(draws, name)(*key) for key in keys] for name in sys.argv[1].split(",")])
"""
words = st.integers(-(2**63), 2**63 - 1)


def philox_words(seed, decision, person, step):
    """Return NumPy's first block, for integers read modulo 2^64."""
    key = np.array([seed % TWO_TO_64, 0], dtype=np.uint64)
    counter = np.array([person % TWO_TO_64, decision % TWO_TO_64, step % TWO_TO_64, 0], dtype=np.uint64)
    return [int(word) for word in np.random.Philox(key=key, counter=counter).random_raw(4)]


def random_keys(n, seed=20200809):
    """Return n rows (seed, decision, person, step) as the model uses them."""
    rng = np.random.default_rng(seed)
    persons = rng.integers(1, 9, n) * 2**32 + rng.integers(0, 2_000_000, n)
    return np.stack([rng.integers(-(2**62), 2**62, n), rng.integers(0, 100, n), persons, rng.integers(0, 192, n)], 1)


@kernel
def uniforms(decisions, persons, steps, out):
    """Fill `out` with the draws of seed 1."""
    for i in range(out.size):
        out[i] = uniform(1, decisions[i], persons[i], steps[i])


# --- the generator ---


@settings(deadline=None, max_examples=200)
@given(words, st.integers(0, 99), st.integers(0, 2**40), words, st.integers(0, 300), st.floats(0.0, 1.0))
def test_many_draws_are_below_a_bound_as_often_as_one_by_one(seed, decision, first, step, n, bound):
    draws = [uniform(seed, decision, first + k, step) for k in range(n)]
    assert n_below(seed, decision, first, n, step, bound) == sum(draw < bound for draw in draws)


def test_a_draw_at_the_bound_is_not_below_it():
    draw = uniform(1, 2, 3, 4)
    assert n_below(1, 2, 3, 1, 4, draw) == 0 and n_below(1, 2, 3, 1, 4, math.nextafter(draw, 1.0)) == 1


@settings(deadline=None, max_examples=500)
@given(words, words, words.filter(lambda person: person != -1), words)
@example(0, 0, 0, 0)
@example(2**63 - 1, -1, 2**40, -(2**63))
def test_uniform4_is_numpys_philox(seed, decision, person, step):
    expected = tuple((word >> 11) * 2.0**-53 for word in philox_words(seed, decision, person, step))
    assert uniform4(seed, decision, person, step) == expected
    assert uniform(seed, decision, person, step) == expected[0]


@pytest.mark.parametrize("person", [2**40, 2**40 - 1, -(2**40), -2, 2**32 - 1, (7 << 32) + 1_999_999])
def test_persons_far_out(person):
    assert uniform(1, 2, person, 3) == (philox_words(1, 2, person, 3)[0] >> 11) * 2.0**-53


def test_uniform_is_what_numpys_generator_returns_first():
    assert uniform(11, 4, 77, 30) == np.random.Generator(np.random.Philox(key=[11, 0], counter=[77, 4, 30, 0])).random()


def test_known_answer_of_random123():
    """Salmon et al. publish the block of the zero counter and key; person -1 is counted up to it."""
    published = 0x16554D9ECA36314C, 0xDB20FE9D672D0FDC, 0xD7E772CEE186176B, 0x7E68B68AEC7BA23B
    assert uniform4(0, 0, -1, 0) == tuple((word >> 11) * 2.0**-53 for word in published)


@pytest.mark.parametrize("key, expected", [
    ((0, 0, 0, 0), "0x1.7a5d3204726c0p-7"), ((1, 2, 3, 4), "0x1.03fb743075522p-2"),
    ((7, 30, (3 << 32) + 123456, 191), "0x1.b2391853ec224p-2"), ((2**63 - 1, 1, 5, -2), "0x1.36caeb4514954p-2"),
])
def test_draws_are_frozen(key, expected):
    """The luck of a published run can be drawn again for ever."""
    assert uniform(*key).hex() == expected


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.uint32, np.int64])
def test_storage_types_do_not_matter(dtype):
    assert uniform(1, dtype(200), 5, dtype(30)) == uniform(1, int(dtype(200)), 5, 30)


# --- what is made of it ---


def test_opened_excludes_both_ends():
    assert opened(0.0) == 2.0**-54
    assert opened(1 - 2.0**-53) == 1 - 2.0**-53
    assert opened(0.25) == 0.25 + 2.0**-54
    assert math.isfinite(normal_quantile(opened(0.0))) and math.isfinite(normal_quantile(opened(1 - 2.0**-53)))


@settings(deadline=None)
@given(words, st.integers(0, 200), st.integers(0, 2**40), st.integers(0, 10**6))
def test_other_draws_are_functions_of_the_uniform(seed, decision, person, step):
    key = seed, decision, person, step
    u = uniform_open(*key)
    assert 0 < u < 1 and abs(u - uniform(*key)) <= 2.0**-53
    assert u == min(((philox_words(*key)[0] >> 11) + 0.5) * 2.0**-53, 1 - 2.0**-53)
    assert normal(*key) == normal_quantile(u)
    assert exponential(*key) == -log(u) > 0


# --- distributions: fixed keys, so that a test passes or fails for ever; 4 sigma, or one in 10^4 ---

N = 100_000


def grid_draws():
    """Return draws of neighbouring persons, decisions and steps: the keys differ in few bits."""
    index = np.arange(N)
    out = np.empty(N)
    uniforms(index % 10, index // 1000, (index // 10) % 100, out)
    return out


def test_uniform_distribution():
    assert stats.kstest(grid_draws(), "uniform").pvalue > 1e-4


def test_the_distribution_test_can_fail():
    assert stats.kstest(grid_draws() ** 1.05, "uniform").pvalue < 1e-4


@pytest.mark.parametrize("lag", [1, 10, 1000], ids=["decision", "step", "person"])
def test_neighbours_are_independent(lag):
    draws_ = grid_draws()
    correlation = np.corrcoef(draws_[:-lag], draws_[lag:])[0, 1]
    assert abs(correlation) < 4 / math.sqrt(N - lag)


def test_lanes_and_seeds_are_independent():
    lanes = np.array([uniform4(1, 3, person, 0) for person in range(20_000)])
    columns = np.column_stack([lanes, [uniform(2, 3, person, 0) for person in range(20_000)]])
    correlations = np.corrcoef(columns, rowvar=False)[np.triu_indices(5, 1)]
    assert np.abs(correlations).max() < 4 / math.sqrt(20_000)


@pytest.mark.parametrize("draw, distribution", [(normal, special.ndtr), (exponential, lambda x: -np.expm1(-x))])
def test_shaped_distributions(draw, distribution):
    sample = np.array([draw(1, 5, person, 2) for person in range(20_000)])
    assert stats.kstest(distribution(sample), "uniform").pvalue > 1e-4
    assert stats.kstest(distribution(sample * 1.05), "uniform").pvalue < 1e-4


# --- the same bits in every mode ---


@pytest.mark.parametrize("dtype", [np.int64, np.uint8])
def test_a_pass_over_columns_gives_the_bits_of_single_calls(dtype):
    decisions, persons, steps = random_keys(5000).T[1:]
    out = np.empty(5000)
    uniforms(decisions.astype(dtype), persons, steps.astype(dtype), out)
    assert out.tolist() == [uniform(1, *key) for key in zip(decisions, persons, steps, strict=True)]


def test_plain_python_gives_the_bits_of_compiled_code(tmp_path):
    keys = random_keys(10_000)
    np.save(tmp_path / "keys.npy", keys)
    files = [str(tmp_path / name) for name in ("keys.npy", "out.npy")]
    subprocess.run([sys.executable, "-c", PLAIN_PYTHON, ",".join(NAMES), *files], check=True,
                   env=os.environ | {"NUMBA_DISABLE_JIT": "1"})
    for name, column in zip(NAMES, np.load(tmp_path / "out.npy"), strict=True):
        assert column.tolist() == [getattr(draws, name)(*key) for key in keys.tolist()], name
