"""Write docs/scores.md: what the shipped fit of several cases says, and how its forecasts score; minutes of one core.

    uv run --extra calibration python docs/make_scores.py [ablation] [rival]

No run is made: all comes from the reference runs in conf/posterior/six_waves and, of the additive rival, in
conf/posterior/six_waves_additive. With names only these sections are renewed.
"""

from __future__ import annotations

import contextlib
import io
import re
import sys
import tempfile
from pathlib import Path

from experiments.cli import main

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "scores.md"
HEAD = """\
# Scores of the shipped fit

Made by `uv run --extra calibration python docs/make_scores.py` from the reference runs in `conf/posterior`.
[calibration.md](calibration.md) says what they are, and what was expected before any score was computed. Every case is
forecast from a fit of the other cases. CRPS is of the count in logs, lower is better; a ratio below 1 says that the
model is better. Errors are standard errors of the mean difference, with counts or with cases taken as independent.
Corrected bands of a case are learned from forecasts of the others, by fits that have seen neither of the two
([calibration.md](calibration.md#corrected-bands)); models with a term taken out have none.
"""
COMMAND = ("crossvalidate", "fit=six_waves", "n=400")
SECTIONS = {
    "ablation": ("Terms taken out", ("ablation=true",), """\
A term that is taken out is refitted without; there the ratio says how much better the whole model is. Another case's
events are its crowds by place in the wave, kinds of day mixed up: a weak placebo."""),
    "rival": ("The additive rival", ("rivals=[additive_2020:six_waves_additive]",), """\
additive_2020 is the additive turnout, refitted with as many parameters and the same luck of a city."""),
}  # fmt: skip
NOT_SHOWN, FOLDS = ("forecasts so far", "written to"), "left out"


def section(title: str, words: tuple[str, ...], about: str) -> str:
    """Return a section: what it is, its command, and what that prints."""
    with tempfile.TemporaryDirectory() as folder:
        told = io.StringIO()
        with contextlib.redirect_stdout(told):
            code = main([*COMMAND, *words, f"out={folder}/scores"])
        if code:
            raise SystemExit(code)
    lines = [line for line in told.getvalue().splitlines() if not any(part in line for part in NOT_SHOWN)]
    text = "\n".join(f"    {line}".rstrip() for line in lines).strip("\n")
    if title != SECTIONS["ablation"][0]:  # folds are the same in all
        text = text.partition(f"\n    {FOLDS} ")[0].rstrip("\n")
    command = f"    uv run --extra calibration ploshcha {' '.join([*COMMAND, *words])} out=results/scores"
    return f"## {title}\n\n{about}\n\n{command}\n\n{text}\n"


def make(names: list[str]) -> None:
    """Write the page, or renew some of its sections."""
    old = re.split(r"\n(?=## )", PAGE.read_text(encoding="utf-8"))[1:] if names else []
    before = {part.splitlines()[0].removeprefix("## "): part.rstrip() + "\n" for part in old}
    found = [before.get(told[0]) if names and name not in names else section(*told) for name, told in SECTIONS.items()]
    PAGE.write_text("\n".join([HEAD, *filter(None, found)]), encoding="utf-8")


if __name__ == "__main__":
    make(sys.argv[1:])
