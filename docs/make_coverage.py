"""Print how often the bands of the shipped fit's emulators hold known truths, by case; minutes of one core.

    uv run --extra calibration python docs/make_coverage.py [TRUTHS]

TRUTHS: runs of each case that are taken as truth, 15 if not said. The last number is the correction: the middle part of
a posterior that has held 90 % of the truths (0.90 where bands hold what they say).
"""

from __future__ import annotations

import sys

import numpy as np
from scipy import stats

from experiments.calibration.known_truths import truth_places
from experiments.calibration.one_emulation import load_fit, targets_of_case
from experiments.calibration.reference import read_runs
from experiments.design.posterior import posterior_folder


def main(n: int) -> None:
    """Print a line a case, and of a fit that believes counts to a quarter of their scatter."""
    folder = posterior_folder("six_waves")
    cases = load_fit(folder).hierarchy.cases
    for believed in (1.0, 0.25):
        whole = []
        print(f"scatter of reports believed to be {believed:g} times what it is")
        for case, runs in read_runs(folder, cases).items():
            _, places = truth_places(case, runs, targets_of_case(case), n, 1, believed)
            whole.append(places)
            print(line(case, places), flush=True)
        print(line("all", np.concatenate(whole)), flush=True)


def line(name: str, places: np.ndarray) -> str:
    """Return how often bands held truths, of places of shape (n_truths, n_parameters)."""
    part = 2.0 * np.abs(places - 0.5)
    in50, in90 = (float((part <= band).mean()) for band in (0.5, 0.9))
    p = stats.kstest(places.ravel(), "uniform").pvalue
    return (f"{name:<22} {len(places)} truths x {places.shape[1]} parameters: {in50:.2f} in 50 %, {in90:.2f} in 90 %, "
            f"p of even ranks {p:.3f}; 90 % in the middle {np.quantile(part, 0.9):.2f}")  # fmt: skip


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 15)
