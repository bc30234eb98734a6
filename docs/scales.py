"""The same week at 100, 10 and 1 persons per agent: paired log ratios of Minsk's outcomes.

    uv run python docs/scales.py

Takes about two minutes on two cores.
"""

from __future__ import annotations

import numpy as np

from experiments import load_scenario
from experiments.days import daily_peaks
from sim import run

SEEDS = {100: range(1, 10), 10: range(1, 10), 1: range(1, 7)}
OUTCOMES = {
    "peak of 16 August": lambda r: daily_peaks(r.curves_columns["protesting"])[7, 0],
    "first night": lambda r: daily_peaks(r.curves_columns["protesting"])[0, 0],
    "rally": lambda r: r.rally_present[:, 0].max(),
    "detained": lambda r: r.curves_columns["detained_new"][:, 0].sum(),
    "largest walkout": lambda r: r.curves_columns["striking"][:, 0].max(),
}


def outcomes(persons_per_agent: int) -> np.ndarray:
    """Return the outcomes, float64 (n_seeds, n_outcomes)."""
    parameters = load_scenario("minsk_2020", f"persons_per_agent={persons_per_agent}", "threads=2")
    results = (run(parameters, seed=seed) for seed in SEEDS[persons_per_agent])
    return np.array([[float(outcome(result)) for outcome in OUTCOMES.values()] for result in results])


def main() -> None:
    """Print medians, then paired log ratios from scale to scale."""
    found = {scale: outcomes(scale) for scale in SEEDS}
    for scale, values in found.items():
        medians = zip(OUTCOMES, np.median(values, axis=0), strict=True)
        print(f"1:{scale:<4}", *(f"{name} {median:,.0f};" for name, median in medians))
    for coarse, fine in ((100, 10), (10, 1)):
        n = min(len(found[coarse]), len(found[fine]))
        ratio = np.log(found[fine][:n] / found[coarse][:n])
        error = ratio.std(axis=0, ddof=1) / np.sqrt(n)
        pairs = zip(OUTCOMES, ratio.mean(axis=0), error, strict=True)
        print(f"1:{coarse} to 1:{fine}:", *(f"{name} {mean:+.2f} ({se:.2f});" for name, mean, se in pairs))


if __name__ == "__main__":
    main()
