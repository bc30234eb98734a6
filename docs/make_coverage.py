"""Print how often the bands of the shipped fit's emulators hold known truths, by case; minutes of one core.

    uv run --extra calibration python docs/make_coverage.py [TRUTHS]

TRUTHS: runs of each case that are taken as truth, 15 if not said.
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
        print(f"scatter of reports believed to be {believed:g} times what it is")
        for case, runs in read_runs(folder, cases).items():
            _, places = truth_places(case, runs, targets_of_case(case), n, 1, believed)
            in50, in90 = (float((np.abs(places - 0.5) <= band / 2).mean()) for band in (0.5, 0.9))
            p = stats.kstest(places.ravel(), "uniform").pvalue
            print(f"{case:<22} {len(places)} truths x {places.shape[1]} parameters: {in50:.2f} in 50 %, {in90:.2f} "
                  f"in 90 %, p of even ranks {p:.3f}", flush=True)  # fmt: skip


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 15)
