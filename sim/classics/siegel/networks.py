"""The networks of Siegel (2009): pairs of persons who are tied. How they are drawn is ours in its details."""

from __future__ import annotations

import numpy as np

from sim.classics.parameters import SiegelOptions

Pairs = tuple[np.ndarray, np.ndarray]


def small_world(options: SiegelOptions, rng: np.random.Generator) -> Pairs:
    """A ring with ties to the nearest on either side, of which some lead anywhere instead."""
    n, k = options.n_people, min(options.n_near, (options.n_people - 1) // 2)
    one = np.repeat(np.arange(n), k)
    other = (one + np.tile(np.arange(1, k + 1), n)) % n
    is_far = rng.random(len(one)) < options.far_probability
    other[is_far] = rng.integers(0, n, is_far.sum())
    return one, other


def village(options: SiegelOptions, rng: np.random.Generator) -> Pairs:
    """Villages where all know all; some of the people have a tie to anywhere."""
    n, size = options.n_people, options.village_size
    pairs = [(a, b) for start in range(0, n, size) for a in range(start, min(start + size, n))
             for b in range(a + 1, min(start + size, n))]  # fmt: skip
    one, other = np.array(pairs, np.int64).reshape(-1, 2).T
    away = np.flatnonzero(rng.random(n) < options.far_probability)
    return np.concatenate([one, away]), np.concatenate([other, rng.integers(0, n, len(away))])


def opinion_leader(options: SiegelOptions, rng: np.random.Generator) -> Pairs:
    """Few with many ties, many with few: degrees by a power law, ends joined at random."""
    degrees = np.arange(1, options.n_people)
    weights = degrees ** -options.degree_exponent
    ends = np.repeat(np.arange(options.n_people), rng.choice(degrees, options.n_people, p=weights / weights.sum()))
    rng.shuffle(ends)
    half = len(ends) // 2
    return ends[:half], ends[half : 2 * half]


def hierarchy(options: SiegelOptions, rng: np.random.Generator) -> Pairs:
    """A tree: one at the top, each with so many below."""
    below = np.arange(1, options.n_people)
    return below, (below - 1) // options.n_below


NETWORKS = {"small_world": small_world, "village": village, "opinion_leader": opinion_leader, "hierarchy": hierarchy}


def both_ways(pairs: Pairs) -> Pairs:
    """Return each tie once in either direction, nobody tied to oneself."""
    one, other = np.concatenate(pairs), np.concatenate(pairs[::-1])
    found = np.unique(np.stack([one, other])[:, one != other], axis=1)
    return found[0], found[1]
