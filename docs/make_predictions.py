"""Write docs/predictions_2.csv and its table in docs/predictions_2.md: 80 runs of fifteen weeks, minutes of one core.

    uv run --extra calibration python docs/make_predictions.py

The prediction is frozen: run again, by another code or posterior, it is another one, and gets a page of its own. The
first, docs/predictions.md, was made by this file as it is in the commit that the page names.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from pathlib import Path

from experiments.cli import main
from experiments.design.posterior import POSTERIOR_FILE, posterior_folder
from experiments.forecasting.frozen import freeze
from experiments.store.provenance import code_hash

ROOT = Path(__file__).resolve().parents[1]
PAGE, TABLE = ROOT / "docs" / "predictions_2.md", ROOT / "docs" / "predictions_2.csv"
MADE_FROM = ROOT / "docs" / "predictions_2_posterior.parquet"  # stays when the shipped one is replaced
OUT = ROOT / "results" / "predictions_2"
WORDS = ("scenario=minsk_november_2020", "persons_per_agent=400", "staff_per_agent=20", "draws=80", "replicates=1",
         "posterior=six_waves@minsk_autumn_2020", "origin=2020-10-04", "executor.processes=1")  # fmt: skip
SHOWN = (5, 25, 50, 75, 95)


def sha256(path: Path) -> str:
    """Return the hash of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def lines_of(rows: list[dict[str, str]]) -> list[str]:
    """Return the table and the hashes as lines of the page."""
    lines = [f"| Sunday | {' | '.join(f'{k} %' for k in SHOWN)} |", "|---" * (len(SHOWN) + 1) + "|"]
    for row in rows:
        shown = [f"{float(f'{float(row[f"q{k:02d}"]):.2g}'):,.0f}" for k in SHOWN]
        lines.append(f"| {row['date']} | {' | '.join(shown)} |")
    shutil.copy(posterior_folder("six_waves") / POSTERIOR_FILE, MADE_FROM)
    return [*lines, "", "| file or code | sha256 |", "|---|---|",
            *(f"| `{path.name}` | `{sha256(path)}` |" for path in (TABLE, MADE_FROM)),
            f"| code of the model (`agents`, `sim`; `code_hash` of manifests) | `{code_hash()}` |"]  # fmt: skip


def make() -> None:
    """Forecast, and write the page."""
    if code := main(["forecast", *WORDS, f"out={OUT}"]):
        raise SystemExit(code)
    lines = "\n".join(lines_of(freeze(OUT, TABLE)))
    text = PAGE.read_text(encoding="utf-8")
    begin, end = "<!-- table -->\n", "<!-- end of the table -->"
    text = re.sub(f"{begin}.*{end}", lambda _: f"{begin}{lines}\n{end}", text, flags=re.S)
    PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    make()
