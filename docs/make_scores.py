"""Write docs/scores.md: what the shipped fit of several cases says, and how its forecasts score; minutes of one core.

    uv run --extra calibration python docs/make_scores.py [NAME:DIR ...]

No run is made: all comes from the reference runs in conf/posterior/six_waves. NAME:DIR are fits of rivals.
"""

from __future__ import annotations

import contextlib
import io
import sys
import tempfile
from pathlib import Path

from experiments.cli import main

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "scores.md"
HEAD = """\
# Scores of the shipped fit

Made by `uv run --extra calibration python docs/make_scores.py` from the reference runs in `conf/posterior/six_waves`.
[calibration.md](calibration.md) says what they are, and what was expected before any score was computed. Every case is
forecast from a fit of the other cases. CRPS is of the count in logs, lower is better; a ratio below 1 says that the
model is better. Errors are standard errors of the mean difference, with counts or with cases taken as independent. A
term that is taken out is refitted without; there the ratio says how much better the whole model is. The additive rival
was not refitted. Another case's events are its crowds by place in the wave, kinds of day mixed up: a weak placebo.
"""
NOT_SHOWN = ("forecasts so far", "written to")


def make(rivals: list[str]) -> None:
    """Write the page."""
    with tempfile.TemporaryDirectory() as folder:
        words = ["crossvalidate", "fit=six_waves", "ablation=true", "n=400", f"out={folder}/scores"]
        if rivals:
            words.append(f"rivals=[{','.join(rivals)}]")
        told = io.StringIO()
        with contextlib.redirect_stdout(told):
            code = main(words)
        if code:
            raise SystemExit(code)
    lines = [line for line in told.getvalue().splitlines() if not any(part in line for part in NOT_SHOWN)]
    text = "\n".join(f"    {line}".rstrip() for line in lines).strip("\n")
    PAGE.write_text(f"{HEAD}\n{text}\n", encoding="utf-8")


if __name__ == "__main__":
    make(sys.argv[1:])
