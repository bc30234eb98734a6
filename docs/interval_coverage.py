"""How often 90 % intervals of a mean paired difference hold the true mean, by method; a minute or two on one core.

    uv run python docs/interval_coverage.py [SAMPLES]

Prints a row for each kind of difference and number of replicates: coverage of each method in %, in brackets how often
the true mean lay below and above. `ours` is `paired_interval`, the outer of `t` and `skew`. The last rows are of two
independent samples, `ours` being Welch's interval. 4,000 samples a row have a standard error of half a point.
"""

from __future__ import annotations

import math
import sys
import warnings
from collections.abc import Callable

import numpy as np
from scipy import stats

from experiments.analysis.intervals import COVERAGE, paired_interval, unpaired_interval

SAMPLES, RESAMPLES, SEED = 4000, 1000, 1
SIZES = (5, 10, 20, 40)
BATCH = 100
TAILS = ((1 - COVERAGE) / 2, (1 + COVERAGE) / 2)

Draw = Callable[[np.random.Generator, int, int], np.ndarray]
Method = Callable[[np.ndarray], np.ndarray]


def mostly_zeros(values: list[float], shares: list[float]) -> Draw:
    """Return draws of few values."""
    return lambda generator, samples, n: generator.choice(values, p=shares, size=(samples, n)).astype(float)


# kind of difference: how samples of shape (samples, n) are drawn, and the true mean
KINDS: dict[str, tuple[Draw, float]] = {
    "normal": (lambda g, s, n: g.normal(0.5, 1.0, (s, n)), 0.5),
    "integers": (lambda g, s, n: (g.poisson(1.5, (s, n)) - g.poisson(1.0, (s, n))).astype(float), 0.5),
    "80 % zeros, else -1 or 1": (mostly_zeros([-1, 0, 1], [0.1, 0.8, 0.1]), 0.0),
    "80 % zeros, else 1": (mostly_zeros([0, 1], [0.8, 0.2]), 0.2),
    "70 % zeros, else -1, 1, 2": (mostly_zeros([-1, 0, 1, 2], [0.05, 0.7, 0.15, 0.1]), 0.3),
    "exponential": (lambda g, s, n: g.exponential(1.0, (s, n)), 1.0),
    "lognormal, sd .5 of logs": (lambda g, s, n: g.lognormal(0.0, 0.5, (s, n)), math.exp(0.125)),
    "lognormal, sd 1 of logs": (lambda g, s, n: g.lognormal(0.0, 1.0, (s, n)), math.exp(0.5)),
}


def percentile(samples: np.ndarray) -> np.ndarray:
    """Percentile bootstrap of the mean, which this project used before."""
    n, generator = samples.shape[1], np.random.default_rng(SEED)
    picks = generator.integers(0, n, (RESAMPLES, n))
    return np.array([np.quantile(sample[picks].mean(axis=1), TAILS) for sample in samples])


def bca(samples: np.ndarray) -> np.ndarray:
    """Bias-corrected and accelerated bootstrap; of values that are all alike, their value."""
    found = stats.bootstrap((samples,), np.mean, axis=1, n_resamples=RESAMPLES, confidence_level=COVERAGE,
                            method="BCa", batch=BATCH, rng=np.random.default_rng(SEED)).confidence_interval  # fmt: skip
    means = samples.mean(axis=1)
    return np.stack([np.where(np.isnan(end), means, end) for end in (found.low, found.high)], axis=1)


def studentised(samples: np.ndarray) -> np.ndarray:
    """Bootstrap of Student's t."""
    n, generator = samples.shape[1], np.random.default_rng(SEED)
    picks, found = generator.integers(0, n, (RESAMPLES, n)), []
    for sample in samples:
        again = sample[picks]
        t = (again.mean(axis=1) - sample.mean()) / (again.std(axis=1, ddof=1) / math.sqrt(n))
        high, low = np.quantile(np.nan_to_num(t, nan=0.0), TAILS, method="nearest")  # 0 / 0: all alike
        spread = sample.std(ddof=1) / math.sqrt(n)
        found.append((sample.mean() - low * spread, sample.mean() - high * spread) if spread else (sample.mean(),) * 2)
    return np.array(found)


def student(samples: np.ndarray) -> np.ndarray:
    """Student's t."""
    n = samples.shape[1]
    half = stats.t.ppf(TAILS[1], n - 1) * samples.std(axis=1, ddof=1) / math.sqrt(n)
    return samples.mean(axis=1)[:, None] + half[:, None] * np.array([-1.0, 1.0])


def johnson(samples: np.ndarray) -> np.ndarray:
    """Student's t with its middle moved for skewness (Johnson 1978)."""
    n = samples.shape[1]
    skewness = np.nan_to_num(stats.skew(samples, axis=1, bias=False))
    return student(samples) + (skewness * samples.std(axis=1, ddof=1) / (6 * n))[:, None]


def unskewed(samples: np.ndarray) -> np.ndarray:
    """Hall's cubic transformation alone (1992)."""
    n, mean, spread = samples.shape[1], samples.mean(axis=1), samples.std(axis=1, ddof=1)
    a = np.nan_to_num(stats.skew(samples, axis=1)) / 3
    a = np.where(np.abs(a) < 1e-6, 1e-6, a)
    ends = [stats.t.ppf(tail, n - 1) / math.sqrt(n) for tail in reversed(TAILS)]
    return np.stack([mean - spread * (np.cbrt(1 + 3 * a * (end - a / (2 * n))) - 1) / a for end in ends], axis=1)


def ours(samples: np.ndarray) -> np.ndarray:
    """`paired_interval`."""
    return np.array([paired_interval(sample) for sample in samples])


METHODS: dict[str, Method] = {
    "percentile": percentile, "BCa": bca, "studentised": studentised, "t": student, "Johnson": johnson,
    "skew": unskewed, "ours": ours,
}  # fmt: skip


def missed(intervals: np.ndarray, mean: float) -> tuple[float, float]:
    """Return how often the true mean lies below and above the interval, as shares; rounding is no miss."""
    return float((mean < intervals[:, 0] - 1e-9).mean()), float((mean > intervals[:, 1] + 1e-9).mean())


def coverage(kind: str, n: int, method: Method, samples: int = SAMPLES, seed: int = SEED) -> float:
    """Return the share of intervals that hold the true mean."""
    draw, mean = KINDS[kind]
    return 1.0 - sum(missed(method(draw(np.random.default_rng(seed), samples, n)), mean))


def unpaired_coverage(kind: str, n: int, samples: int = SAMPLES, seed: int = SEED) -> tuple[float, float]:
    """Return how often Welch's interval misses the difference of two samples' means; the second's values are halved."""
    draw, mean = KINDS[kind]
    generator = np.random.default_rng(seed)
    one, other = draw(generator, samples, n), 0.5 * draw(generator, samples, n)
    found = np.array([unpaired_interval(first, second) for first, second in zip(one, other, strict=True)])
    return missed(found, 0.5 * mean)


def cell(two: tuple[float, float]) -> str:
    """Return a cell of the table."""
    return f"{100 * (1 - sum(two)):.1f} ({100 * two[0]:.1f} {100 * two[1]:.1f})".rjust(17)


def main(samples: int) -> None:
    """Print the table."""
    print("kind of difference          n" + "".join(name.rjust(17) for name in METHODS))
    for kind, (draw, mean) in KINDS.items():
        for n in SIZES:
            drawn = draw(np.random.default_rng(SEED), samples, n)
            cells = [cell(missed(method(drawn), mean)) for method in METHODS.values()]
            print(f"{kind:26} {n:2}" + "".join(cells), flush=True)
    print("\nindependent luck" + " " * 13 + "ours".rjust(17))
    for kind in KINDS:
        for n in SIZES:
            print(f"{kind:26} {n:2}" + cell(unpaired_coverage(kind, n, samples)), flush=True)


if __name__ == "__main__":
    warnings.filterwarnings("ignore", category=RuntimeWarning)  # of samples that are all alike
    with np.errstate(all="ignore"):
        warnings.filterwarnings("ignore", category=stats.DegenerateDataWarning)
        main(int(sys.argv[1]) if len(sys.argv) > 1 else SAMPLES)
