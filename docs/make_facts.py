"""Write docs/facts.md: what each mechanism of the week does, fact by fact; some five minutes on two cores.

    uv run python docs/make_facts.py [DIR]

With a folder, a finished `ploshcha sweep experiment=facts`, only the page is written.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import pandas as pd

from experiments.cli import main

PAGE = Path(__file__).resolve().parent / "facts.md"
CROWD = "turnout_days"
OWN = {  # what a mechanism is there for
    "S1": "legitimacy", "S2": "detained", "S3": "main_site_share", "S4": "rally_size", "S5": "dismissed",
    "S6": "peak_striking", "S8": "last_day_turnout", "S9": "defections", "S10": "affinity", "S11": "affinity",
    "S12": "rally_size", "S13": "officials_accommodating",
}  # fmt: skip
SMALLEST = 0.05  # share of turnout_days that is of interest; written down before the sweep was run
HEAD = """\
# The facts of the week, mechanism by mechanism

Eight cities, 400 persons per agent, {n} paired seeds, default turnout: the difference that a change makes to the
outcome the mechanism is there for and to the crowds of the week (`turnout_days`, person-days), in per cent of the
unchanged week, with 90 % intervals; luck only, at one set of parameters. A change of less than {smallest:.0%} of
the crowds was called of no interest beforehand. `uv run python docs/make_facts.py` runs `ploshcha sweep
experiment=facts` and writes this page.

| changed | own outcome | change of it | change of the crowds | verdict |
|---|---|---|---|---|
"""


def of(effects: pd.DataFrame, changed: str, outcome: str) -> str:
    """Return an effect in per cent with its interval; the plain difference where the unchanged week has none."""
    row = effects[(effects["changed"] == changed) & (effects["outcome"] == outcome)].iloc[0]
    if row["baseline"] == 0:
        return f"{row['difference']:+,.3g} ({row['low']:,.3g} .. {row['high']:,.3g})"
    share = [100.0 * row[name] / abs(row["baseline"]) for name in ("difference", "low", "high")]
    return "0" if not any(share) else f"{share[0]:+.1f} % ({share[1]:.1f} .. {share[2]:.1f})"


def verdict(effects: pd.DataFrame, changed: str) -> str:
    """Say whether the crowds change by more than is of interest."""
    row = effects[(effects["changed"] == changed) & (effects["outcome"] == CROWD)].iloc[0]
    low, high = row["low"] / row["baseline"], row["high"] / row["baseline"]
    if row["difference"] == row["low"] == row["high"] == 0.0:
        return "nothing at all"
    if high < -SMALLEST or low > SMALLEST:
        return "**moves the crowds**"
    return "too little" if -SMALLEST < low and high < SMALLEST else "open"


def write(folder: Path) -> None:
    """Write the page from a finished sweep."""
    effects = pd.read_parquet(folder / "effects.parquet")
    names = list(dict.fromkeys(effects["changed"]))
    rows = [
        f"| {name} | {OWN[name.split()[0]]} | {of(effects, name, OWN[name.split()[0]])} | {of(effects, name, CROWD)} "
        f"| {verdict(effects, name)} |"
        for name in names
    ]
    head = HEAD.format(n=int(effects["n"].max()), smallest=SMALLEST)
    PAGE.write_text(head + "\n".join(rows) + "\n", encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        write(Path(sys.argv[1]))
    else:
        with tempfile.TemporaryDirectory() as scratch:
            if main(["sweep", "experiment=facts", f"out={scratch}/facts"]):
                raise SystemExit("the sweep did not end")
            write(Path(scratch) / "facts")
