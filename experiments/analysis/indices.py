"""Indices of global sensitivity: Sobol's, Morris' and PAWN, with 95 % intervals; SALib does the mathematics.

An outcome comes as a matrix: a row per point of the design, a column per replicate. Indices are those of the mean over
replicates. What is left of luck in that mean looks like an effect of a lever; how much, the replicates tell:
`*_luck` is the value that an index would have on average if the lever did nothing but deal the luck anew.

Sources: Saltelli et al. (2010), doi:10.1016/j.cpc.2009.09.018; Campolongo et al. (2007),
doi:10.1016/j.envsoft.2006.10.004; Pianosi & Wagener (2018), doi:10.1016/j.envsoft.2018.07.019; the dummy lever:
Khorashadi Zadeh et al. (2017), doi:10.1016/j.envsoft.2017.02.001.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from experiments.design.levers import Lever
from experiments.design.points import MORRIS_LEVELS, MORRIS_STEP, unit_problem

CONFIDENCE = 0.95
HALF_WIDTH = 1.959963984540054  # standard deviations, of a normal distribution
RESAMPLES, PAWN_RESAMPLES = 300, 100
PAWN_SLICES = 10
SEED = 1  # of the resampling, so that the same runs give the same intervals
MAIN = {"sobol": "ST", "morris": "mu_star", "pawn": "median"}  # index by which levers are ranked
INDICES = {"sobol": ("S1", "ST"), "morris": ("mu_star", "sigma", "mu"), "pawn": ("median", "minimum", "maximum", "CV")}

Found = dict[str, np.ndarray]  # shape (n_levers, 3): value, low, high


def indices(method: str, levers: Sequence[Lever], sample: np.ndarray, outcome: np.ndarray) -> Found:
    """Return the indices of a method, by name.

    Parameters
    ----------
    method : str
        sobol, morris or pawn.
    levers : sequence of Lever
        In the order of the sample's columns.
    sample : ndarray, shape (points, n_levers)
        Of the unit cube, whole blocks.
    outcome : ndarray, shape (points, replicates)
        Without NaN.

    Returns
    -------
    dict of str to ndarray, shape (n_levers, 3)
        Value, low, high; NaN if the outcome does not vary. `<main index>_luck`: what luck alone would give, NaN if
        there is one replicate. pawn has a row more, the dummy.
    """
    if method == "sobol":
        return sobol_indices(len(levers), outcome)
    if method == "morris":
        return morris_indices(sample, outcome, [morris_step(lever) for lever in levers])
    return pawn_indices(sample, outcome)


def sobol_indices(n_levers: int, outcome: np.ndarray) -> Found:
    """Return first-order (S1) and total (ST) shares of the variance."""
    from SALib.analyze import sobol

    means = outcome.mean(axis=1)
    blocks = outcome.reshape(-1, n_levers + 2, outcome.shape[1])
    base = blocks[:, [0, -1]].mean(axis=2)  # the independent points, A and B
    if np.ptp(base) == 0.0:
        return _nothing("sobol", n_levers)
    found = sobol.analyze(unit_problem(n_levers), means, calc_second_order=False, num_resamples=RESAMPLES,
                          conf_level=CONFIDENCE, seed=SEED)  # fmt: skip
    noise = _noise(blocks[:, 1:-1] - blocks[:, :1]).mean(axis=0)  # of AB - A
    return {"S1": _around(found["S1"], found["S1_conf"]), "ST": _around(found["ST"], found["ST_conf"]),
            "ST_luck": _bare(0.5 * noise / base.var())}  # fmt: skip


def morris_indices(sample: np.ndarray, outcome: np.ndarray, steps: Sequence[float] | None = None) -> Found:
    """Return mean absolute elementary effect (mu_star), standard deviation (sigma) and mean (mu).

    An elementary effect is the change of the outcome per range of the lever. SALib gives the interval of mu_star; those
    of sigma and mu are made in the same way, from the standard deviation over resampled trajectories.

    Parameters
    ----------
    steps : sequence of float, optional
        Share of its range that each lever moves by where it is rounded to whole numbers.
    """
    from SALib.analyze import morris

    n_levers = sample.shape[1]
    means = outcome.mean(axis=1)
    if np.ptp(means) == 0.0:
        return _nothing("morris", n_levers)
    found = morris.analyze(unit_problem(n_levers), sample, means, num_resamples=RESAMPLES, conf_level=CONFIDENCE,
                           num_levels=MORRIS_LEVELS, seed=SEED)  # fmt: skip
    values = {name: np.asarray(found[name], float) for name in ("mu_star", "mu_star_conf", "sigma", "mu")}
    effects, noise = _elementary_effects(sample, outcome)
    picks = np.random.default_rng(SEED).integers(0, len(effects), (RESAMPLES, len(effects)))
    again = effects[picks]  # resamples, trajectories, levers
    spread = {"mu": again.mean(axis=1), "sigma": again.std(axis=1, ddof=1)}
    scale = MORRIS_STEP / np.array(steps or [MORRIS_STEP] * n_levers)[:, None]
    return {
        "mu_star": scale * _around(values["mu_star"], values["mu_star_conf"]),
        **{name: scale * _around(values[name], HALF_WIDTH * spread[name].std(axis=0, ddof=1)) for name in spread},
        "mu_star_luck": scale * _bare(np.sqrt(2.0 / math.pi * noise)),  # mean of a normal's absolute value
    }


def _elementary_effects(sample: np.ndarray, outcome: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return elementary effects, shape (trajectories, n_levers), and the mean variance of each that is luck."""
    n_levers = sample.shape[1]
    moves = np.diff(sample.reshape(-1, n_levers + 1, n_levers), axis=1)
    order = np.abs(moves).argmax(axis=2)  # the lever of each step
    changes = np.diff(outcome.reshape(-1, n_levers + 1, outcome.shape[1]), axis=1)
    by_lever = np.argsort(order, axis=1)  # the step of each lever
    signs = np.take_along_axis(np.sign(moves.sum(axis=2)), by_lever, axis=1)
    changes = np.take_along_axis(changes, by_lever[:, :, None], axis=1) / MORRIS_STEP
    return signs * changes.mean(axis=2), _noise(changes).mean(axis=0)


def morris_step(lever: Lever) -> float:
    """Return the share of its range that a step of Morris' method moves a lever by."""
    if not lever.is_numeric:
        return 1.0  # from one of two alternatives to the other
    if lever.is_range:
        return MORRIS_STEP
    low, high = lever.bounds
    return (lever.at(MORRIS_STEP) - lever.at(0.0)) / (high - low)


def pawn_indices(sample: np.ndarray, outcome: np.ndarray) -> Found:
    """Return median, minimum, maximum and CV of the distances between conditional and unconditional distributions.

    The interval, which SALib does not give, is the value and 1.96 standard deviations over resampled points. The last
    row is a dummy, a lever that the model does not have: mean and 95 % range of random columns.
    """
    from SALib.analyze import pawn

    means = outcome.mean(axis=1)
    n, n_levers = sample.shape
    if np.ptp(means) == 0.0:
        return _nothing("pawn", n_levers + 1)

    def analyze(points: np.ndarray, values: np.ndarray) -> np.ndarray:
        """Return the indices, shape (names, columns)."""
        with np.errstate(invalid="ignore"):  # CV of distances that are all 0
            found = pawn.analyze(unit_problem(points.shape[1]), points, values, S=PAWN_SLICES)
        return np.array([found[name] for name in INDICES["pawn"]])

    generator = np.random.default_rng(SEED)
    picks = generator.integers(0, n, (PAWN_RESAMPLES, n))
    spread = np.std([analyze(sample[rows], means[rows]) for rows in picks], axis=0, ddof=1)
    dummies = analyze(generator.random((n, PAWN_RESAMPLES)), means)
    tail = (1.0 - CONFIDENCE) / 2.0
    dummy = np.stack([dummies.mean(axis=1), *np.quantile(dummies, [tail, 1.0 - tail], axis=1)], axis=1)
    own = zip(INDICES["pawn"], analyze(sample, means), spread, dummy, strict=True)
    return {name: np.vstack([_around(value, HALF_WIDTH * sd), random]) for name, value, sd, random in own}


def luck_shares(outcome: np.ndarray, common_luck: bool) -> tuple[float, float]:
    """Return the share of variance that is luck: between single runs, and between the means over replicates.

    With common luck, what a seed adds at all points alike is no difference between the means, and does not count there.

    Parameters
    ----------
    outcome : ndarray, shape (points, replicates)
        NaN is returned for one replicate, or an outcome without variation.
    """
    n = outcome.shape[1]
    if n < 2 or len(outcome) < 2 or np.ptp(outcome) == 0.0:
        return math.nan, math.nan
    within = outcome.var(axis=1, ddof=1).mean()
    shared = outcome.mean(axis=0).var(ddof=1) if common_luck else 0.0
    left = max(within - shared, 0.0) / n
    between = outcome.mean(axis=1).var(ddof=1)
    signal = max(between - left, 0.0)
    return float(within / (within + signal)), float(min(left / between, 1.0)) if between > 0.0 else 1.0


def ranks(method: str, found: Found) -> list[str]:
    """Return the rank of each lever: a number, two where intervals overlap, or why there is none.

    undecided : the interval reaches down to what luck, or for pawn the dummy, would give. no effect : exactly 0.
    """
    main = found[MAIN[method]]
    if np.isnan(main).all():
        return ["no variation"] * len(main)
    if method == "pawn":
        main, floor = main[:-1], np.full(len(main) - 1, main[-1, 2])
    else:
        floor = np.nan_to_num(found[f"{MAIN[method]}_luck"][:, 0])
    _, low, high = main.T
    best = [1 + int((low > own).sum()) for own in high]
    worst = [len(main) - int((high < own).sum()) for own in low]
    told = [str(first) if first == last else f"{first}-{last}" for first, last in zip(best, worst, strict=True)]
    told = [text if is_shown else "undecided" for text, is_shown in zip(told, low > floor, strict=True)]
    told = ["no effect" if none else text for text, none in zip(told, high == 0.0, strict=True)]
    return told + (["dummy"] if method == "pawn" else [])


def _noise(differences: np.ndarray) -> np.ndarray:
    """Return the variance of means over the last axis, the replicates; NaN for one."""
    n = differences.shape[-1]
    return differences.var(axis=-1, ddof=1) / n if n > 1 else np.full(differences.shape[:-1], math.nan)


def _around(value: np.ndarray, half_width: np.ndarray) -> np.ndarray:
    value, half_width = np.asarray(value, float), np.asarray(half_width, float)
    return np.stack([value, value - half_width, value + half_width], axis=1)


def _bare(value: np.ndarray) -> np.ndarray:
    """Return values without an interval."""
    return np.stack([value, np.full_like(value, math.nan), np.full_like(value, math.nan)], axis=1)


def _nothing(method: str, n: int) -> Found:
    """Return the indices of an outcome that does not vary."""
    names = (*INDICES[method], *([f"{MAIN[method]}_luck"] if method != "pawn" else []))
    return {name: np.full((n, 3), math.nan) for name in names}
