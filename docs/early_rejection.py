"""How much would be saved by stopping runs of a fit as soon as they cannot enter its posterior? Seconds.

    uv run --extra calibration python docs/early_rejection.py

No run is made: runs of each case are drawn from its emulator of the shipped fit, parameters evenly in the box of its
reference runs. A run stops at the end of the first report at which no later crowd could lift its weight above the least
that posterior.parquet holds, at the tolerance that the whole table will have: more than anybody can know on the way, so
the share of hours is the most that can be saved.
"""

from __future__ import annotations

import numpy as np
from scipy import special, stats

from experiments.calibration.abc import KEPT, tolerance_for
from experiments.calibration.emulator import fit_emulator
from experiments.calibration.one_emulation import targets_of_case
from experiments.calibration.reference import read_runs
from experiments.calibration.several import alive
from experiments.calibration.table import make_table
from experiments.calibration.tables import LEAST_WEIGHT, MOST_DRAWS
from experiments.design.posterior import posterior_folder
from experiments.targets.reports import Reports, log_likelihoods, reports_of
from experiments.targets.values import PREFIX

CASES = ("bucharest_2017", "leipzig_autumn_1989", "seoul_2016", "minsk_autumn_2020", "yellow_vests_2018",
         "hong_kong_2019")  # fmt: skip
SIZES = (200, 2_000, 20_000)


def most_saved(case: str, n: int) -> tuple[float, float]:
    """Return the tolerance of a table of n runs of a case, and the largest share of hours that could be left out."""
    runs = alive(read_runs(posterior_folder("six_waves"), [case])[case])
    emulator = fit_emulator(runs.names, runs.values, runs.logs)
    rng = np.random.default_rng(1)
    values = emulator.low + rng.random((n, len(runs.names))) * (emulator.high - emulator.low)
    luck = [rng.standard_normal((n, len(runs.crowds))) @ np.linalg.cholesky(part + 1e-9 * np.eye(len(part))).T
            for part in (emulator.fixed, emulator.by_gap)]  # fmt: skip
    drawn = emulator.mean(values) + luck[0] + emulator.gap(values)[:, None] * luck[1]
    used = [each for each in targets_of_case(case) if each.is_informative and PREFIX + each.crowd in runs.crowds]
    reports, ends = reports_of(used), np.array([each.hour_to for each in used])
    logs = drawn[:, [runs.crowds.index(name) for name in reports.crowds]]
    v = stats.norm.ppf((values - emulator.low) / (emulator.high - emulator.low))
    tolerance = tolerance_for(make_table([v], [{case: logs}], [None]), {case: reports}, min(KEPT, n / 4))
    told = log_likelihoods(reports, logs, tolerance)
    whole = told.sum(axis=1) - special.logsumexp(told.sum(axis=1))
    least = max(np.log(LEAST_WEIGHT), np.sort(whole)[-min(n, MOST_DRAWS)])
    best, stopped = largest(reports, tolerance), np.full(n, float(ends.max()))
    for hour in sorted(set(ends.tolist()), reverse=True):
        at_most = np.where(ends <= hour, told, best).sum(axis=1) - special.logsumexp(told.sum(axis=1))
        stopped[at_most < least] = hour
    return tolerance, float(1.0 - stopped.mean() / ends.max())


def largest(reports: Reports, tolerance: float) -> np.ndarray:
    """Return the largest log-likelihood that any crowd can have of each report."""
    middle = np.where(np.isinf(reports.low), reports.high - 50.0, np.where(
        np.isinf(reports.high), reports.low + 50.0, (reports.low + reports.high) / 2))  # fmt: skip
    alone = [reports.kept(np.arange(len(middle)) == k) for k in range(len(middle))]
    places = [np.full((1, len(reports.crowds)), middle[k] - reports.bias[k]) for k in range(len(middle))]
    return np.array([log_likelihoods(own, at, tolerance)[0, 0] for own, at in zip(alone, places, strict=True)])


if __name__ == "__main__":
    print("case".ljust(22) + "".join(f"{n:>9,} runs: tolerance, saved" for n in SIZES))
    for name in CASES:
        found = [most_saved(name, n) for n in SIZES]
        print(name.ljust(22) + "".join(f"{tolerance:>25.2f}{100 * saved:>9.1f} %" for tolerance, saved in found))
