"""Count the effects that keep their sign over the posterior, from sweeps that docs/make_experiments.py kept. Seconds.

    uv run python docs/signs_over_posterior.py DIR

DIR is that of ``--keep``. Counted are effects on turnout that are shown at the hand-set parameters and larger than 5 %
of the baseline: how many keep their sign on the mean over draws, and of how many the interval of luck and parameters
holds 0.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pyarrow.parquet as pq

from experiments.design.experiment_file import again

EXPERIMENTS = Path(__file__).resolve().parents[1] / "conf" / "experiment"
TURNOUT = ("peak_turnout", "last_day_turnout", "turnout_days", "ever_participated")
LEAST = 0.05  # of the baseline
OF_POSTERIOR = ("posterior=", "draws=", "replicates=", "turnout=")


def main(kept: Path) -> None:
    """Print a line an experiment, the effects that turn, and the sum."""
    total = [0, 0, 0]
    for path in sorted(EXPERIMENTS.glob("*.yaml")):
        for words in (line.split() for line in again(path) if "posterior=" in line):
            plain = [word for word in words if not word.startswith(OF_POSTERIOR)]
            told = count(kept / "+".join([path.stem, *plain]), kept / "+".join([path.stem, *words]))
            total = [a + b for a, b in zip(total, told, strict=True)]
            print(f"{' '.join([path.stem, *plain]):<40} {told[0]} effects, {told[1]} keep their sign, {told[2]} hold 0")
    print(f"{'all':<40} {total[0]} effects, {total[1]} keep their sign, {total[2]} hold 0")


def count(plain: Path, over_posterior: Path) -> list[int]:
    """Return the effects that count, those that keep their sign, those whose interval holds 0."""
    one = pq.read_table(plain / "effects.parquet").to_pandas()
    both = one.merge(pq.read_table(over_posterior / "effects_over_posterior.parquet").to_pandas(),
                     on=["point", "outcome"], suffixes=("", "_over"))  # fmt: skip
    is_large = both["difference"].abs() > LEAST * both["baseline"]
    both = both[both["outcome"].isin(TURNOUT) & (both["sign"] != 0) & is_large]
    turned = both[both["difference"] * both["difference_over"] <= 0]
    for row in turned.to_dict("records"):
        print(f"  turns: {row['outcome']} of point {row['point']}, {row['difference'] / row['baseline']:+.0%}, "
              f"{row['difference_over'] / row['baseline_over']:+.0%}")  # fmt: skip
    return [len(both), len(both) - len(turned), int(((both["low_over"] <= 0) & (both["high_over"] >= 0)).sum())]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
