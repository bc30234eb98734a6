"""Levers that do nothing to the march of 16 August: is it the pause? The numbers of docs/base_case.md, reading (6).

    uv run python docs/inert_levers.py

Minsk, 100 persons per agent, 20 paired seeds, with the pause of 13-16 August as recorded and without it (repression 1
from 13 August 06:00 on): each lever against the same week without the lever. About five minutes on one core.

Written down beforehand: without a pause appeals and the officers' hazard raise the march (fewer officers, less fear),
support from Russia lowers it through expected force and raises it through legitimacy lost, job pressure lowers it. Less
than 5 % counts as inert.
"""

from __future__ import annotations

import numpy as np

from experiments import load_scenario
from sim import run

SEEDS = range(1, 21)
SUNDAY = slice(7 * 24 + 6, 8 * 24)
PAUSE = {
    "with the pause": (),
    "without it": ("forcings.repression.value=1", "forcings.repression.from_hour=102"),
}
LEVERS = {
    "appeals x10, full exit support": ("appeals.strength=10", "appeals.exit_support_extra=1"),
    "officers' hazard x100": ("officers.base_hazard=0.05",),
    "no Russian support": ("forcings.russian_support.value=0",),
    "full Russian support all week": ("russian_support.support_lever=1",),
    "no job pressure": ("job_pressure.strength=0",),
}


def outcomes(*changes: str) -> np.ndarray:
    """Return the largest crowd of 16 August and the officers lost by then, float64 (2, n_seeds)."""
    parameters = load_scenario("minsk_2020", "persons_per_agent=100", *changes)
    found = []
    for seed in SEEDS:
        curves = run(parameters, seed=seed).curves_columns
        lost = curves["officers_withholding"][-1, 0] + curves["officers_resigned"][-1, 0]
        found.append((curves["protesting"][SUNDAY, 0].max(), lost))
    return np.array(found).T


def main() -> None:
    """Print a line for each lever and week."""
    for week, pause in PAUSE.items():
        base, lost_before = outcomes(*pause)
        print(f"{week}: march {np.median(base):,.0f}, officers lost {np.median(lost_before):,.0f} (medians)")
        for name, changes in LEVERS.items():
            crowd, lost = outcomes(*pause, *changes)
            change = crowd / base - 1.0
            low, high = np.quantile(change, [0.0, 1.0])
            print(f"  {name:32s} march {change.mean():+7.1%} ({low:+.1%} to {high:+.1%}), officers lost "
                  f"{np.median(lost):,.0f}", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
