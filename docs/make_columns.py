"""Write docs/columns.md, the data dictionary of what runs and sweeps leave behind.

    uv run python docs/make_columns.py

Curves and outcomes are those of ``agents/vocabulary.py`` and ``experiments/outcomes.py``.
"""

from __future__ import annotations

from pathlib import Path

from agents.vocabulary import CURVES
from experiments.outcomes import OUTCOMES
from experiments.store.space import TABLES

TARGET = Path(__file__).resolve().parents[1] / "docs" / "columns.md"
HEAD = """\
# Columns

Written by `uv run python docs/make_columns.py`; do not edit by hand. All files are Parquet, open with
`polars.scan_parquet`, `pandas.read_parquet`, R's `arrow`, DuckDB. `ploshcha.load(DIR)` gives a run or a whole sweep
as an xarray Dataset with the same names, units and meanings as attributes.
"""
KEYS = {
    "run_id": ("-", "number of the run; replicate `run_id % replicates` of point `run_id // replicates`"),
    "hour": ("h", "hours since 00:00 of the first day: row k is the state after hour k"),
    "city": ("-", "name of the city; `step` instead of hour and city in a classic model"),
}
FILES = {
    "design.parquet": [
        ("levers", "own", "a column for each lever, under its name on the command line; text if it has no numbers"),
        ("replicate", "-", "number of the replicate at its point"),
        ("seed", "-", "seed of the run; with common luck the same for a replicate at all points"),
        ("point", "-", "number of the point of the design"),
        ("key", "-", "SHA-256 of parameters, seed, data files and sources"),
    ],
    "summary.parquet": [
        ("levers, replicate, seed, point", "", "as in design.parquet"),
        ("generation", "-", "which code and data the run was made with (`generations` of manifest.json)"),
        ("outcomes", "", "see below"),
    ],
    "effects.parquet": [
        ("point, levers", "", "the point compared with the baseline"),
        ("outcome, unit", "-", "what is compared"),
        ("n", "replicates", "in both"),
        ("baseline, value", "outcome's", "means over replicates at the baseline and at the point"),
        ("difference", "outcome's", "mean of the paired differences"),
        ("low, high", "outcome's", "90 % interval of the difference, luck only (sweeps.md)"),
        ("p", "-", "two-sided p-value of no difference, consistent with the interval"),
        ("p_adjusted", "-", "over all effects of the sweep (Benjamini-Hochberg); null: nothing differs, or n < 10"),
        ("sign", "-", "+1 or -1 if p_adjusted is at most 0.1, else 0: not shown"),
    ],
    "forecast.parquet": [
        ("case, city, date, outcome", "-", "the count that is forecast"),
        ("origin", "-", "last day whose counts are used"),
        ("model, information", "-", "who forecasts, and what it knew"),
        ("counted", "outcome's", "what was counted; null where nobody has"),
        ("q01 ... q99", "outcome's", "quantiles of the count, in steps of 1 %"),
        ("corrected_q05, _q25, _q75, _q95", "outcome's", "ends of the corrected 50 and 90 % bands; null: too little "
         "to learn from (calibration.md)"),
        ("correction", "-", "what the correction was learned from"),
    ],
    "scores.parquet": [
        ("case, city, date, outcome, origin, model, information", "-", "as in forecast.parquet; simple rivals, too"),
        ("crps", "logs", "continuous ranked probability score of the log count, lower is better"),
        ("in50, in90", "0 or 1", "whether the middle 50 or 90 % held the count"),
        ("pit", "-", "the forecast's probability of less than what was counted"),
        ("corrected_in50, corrected_in90", "0 or 1", "the same of the corrected bands; null: none"),
        ("correction", "-", "as in forecast.parquet"),
    ],
    "correction.parquet": [
        ("for_case", "-", "the case whose bands it may correct: no fit behind the row has seen its counts"),
        ("way", "-", "`rolling` or `one_shot`"),
        ("case, date", "-", "the count that was forecast, of another case"),
        ("stretch50, stretch90", "-", "how many times as wide the band would have had to be to reach the count"),
    ],
    "failed.parquet": [
        ("run_id", "-", "number of the run"),
        ("error", "-", "kind and message of what it raised"),
        ("generation", "-", "as in summary.parquet"),
    ],
    "sensitivity.parquet": [
        ("lever, outcome, index", "-", "what the row is about; `(luck)` and `(dummy)` are no levers"),
        ("value, low, high", "index's", "of `mu_star`, `sigma`, `mu` the outcome's unit per range of the lever"),
        ("n", "blocks", "whole blocks, trajectories or points"),
        ("rank", "-", "a place, `1-2` where intervals overlap, `undecided`, `no effect` or `no variation`"),
    ],
}


def table(rows: list[tuple[str, str, str]]) -> list[str]:
    """Return a Markdown table."""
    return ["| column | unit | meaning |", "|---|---|---|", *(f"| `{n}` | {u or ''} | {t} |" for n, u, t in rows)]


def text() -> str:
    """Return the page."""
    curves = [(name, *said) for name, said in {**KEYS, **CURVES}.items()]
    lines = [HEAD, "## curves.parquet, runs/*.parquet", ""]
    lines += ["A row per run (in a sweep), hour and city. Classic models have their own columns, listed in",
              "[classics.md](classics.md).", "", *table(curves), ""]  # fmt: skip
    lines += ["## Outcomes", "", "One number per run, in summary.parquet and effects.parquet. Persons are those of all "
              "cities of the scenario", "in the same hour; flags are 0 or 1.", "",
              *table([(name, *said) for name, said in OUTCOMES.items()]), ""]  # fmt: skip
    for file, rows in FILES.items():
        lines += [f"## {file}", "", *table(rows), ""]
    for file, (row, columns) in TABLES.items():
        lines += [f"## {file}", "", row, "", *table([(name, *said) for name, said in columns.items()]), ""]
    return "\n".join(lines).rstrip() + "\n"


if __name__ == "__main__":
    TARGET.write_text(text(), encoding="utf-8")
