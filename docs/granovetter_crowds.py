"""Granovetter's normal thresholds in a large crowd and in crowds of n persons; write the table of docs/classics.md.

    uv run python docs/granovetter_crowds.py

The limit of a large crowd is a fixed point of the thresholds' distribution; its jump lies where the distribution
touches the diagonal. A crowd of n persons draws its thresholds, a crowd for each seed. About twenty seconds.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtr

from sim.classics.granovetter.model import equilibrium, equilibrium_share

TARGET = Path(__file__).resolve().parent / "classics.md"
BEGIN, END = "<!-- granovetter crowds: begin -->", "<!-- granovetter crowds: end -->"
MEAN = 0.25
DEVIATIONS = (11.0, 12.20, 12.24, 13.0, 15.0)  # per cent of the crowd
SIZES = {100: 1000, 1_000: 1000, 10_000: 500, 100_000: 200, 1_000_000: 100}  # persons: seeds


def gap(deviation: float) -> float:
    """Return by how much the distribution of thresholds stays above the diagonal where it comes closest, as shares."""
    below_mean = deviation * math.sqrt(-2.0 * math.log(deviation * math.sqrt(2.0 * math.pi)))
    return float(ndtr(-below_mean / deviation)) - (MEAN - below_mean)


def critical_deviation() -> float:
    """Return the deviation at which the distribution touches the diagonal: above it nothing stops a large crowd."""
    return float(brentq(gap, 0.08, 0.2, xtol=1e-12))


def ends(n_people: int, deviation: float) -> np.ndarray:
    """Return the share out in the end, by seed, float64 (n_seeds,)."""
    seeds = range(SIZES[n_people])
    drawn = (np.random.default_rng(seed).standard_normal(n_people) for seed in seeds)
    return np.array([equilibrium(n_people * (MEAN + deviation / 100 * z)) / n_people for z in drawn])


def described(shares: np.ndarray) -> str:
    """Write the share of seeds with more than half the crowd out, and the middle half of all ends, in per cent."""
    low, high = np.quantile(shares, [0.25, 0.75])
    return f"{100 * (shares > 0.5).mean():.0f} % ({100 * low:.1f} - {100 * high:.1f})"


def table() -> list[str]:
    """Return the lines between the marks."""
    heads = [f"sd {deviation:g}" for deviation in DEVIATIONS]
    lines = [f"The jump of a large crowd lies at a deviation of {100 * critical_deviation():.4f} %.", "",
             f"| persons (seeds) | {' | '.join(heads)} |", "|---" * (1 + len(heads)) + "|"]  # fmt: skip
    for n_people, n_seeds in SIZES.items():
        cells = [described(ends(n_people, deviation)) for deviation in DEVIATIONS]
        lines.append(f"| {n_people:,} ({n_seeds:,}) | {' | '.join(cells)} |")
    limit = [f"{100 * equilibrium_share(MEAN, deviation / 100):.1f}" for deviation in DEVIATIONS]
    lines.append(f"| large crowd: share out, % | {' | '.join(limit)} |")
    return lines


def main() -> None:
    """Write the table."""
    before, _, rest = TARGET.read_text(encoding="utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    TARGET.write_text("\n".join([before + BEGIN, *table(), END + after]), encoding="utf-8")


if __name__ == "__main__":
    main()
