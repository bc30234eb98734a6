"""Write docs/facts.md: what mechanisms that move the curve little do, off and at a setting that should move it.

    uv run python docs/make_facts.py [FOLDER]

Runs the experiment facts, five minutes of one core, and puts its claims on one page. With a folder the sweep is kept
there, and goes on where it stopped.
"""

from __future__ import annotations

import contextlib
import io
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from experiments.analysis.published import Answer, answers
from experiments.cli import main
from experiments.design.plan import make_plan
from experiments.printing.sweep_table import tally
from experiments.store.chunks import read_chunks
from experiments.store.sweep_folder import results_of

TARGET = Path(__file__).resolve().parent / "facts.md"
SMALLEST = 0.02  # of a curve, as in the claims
CURVES = ("turnout_days", "striking_days")
HEAD = """\
# Facts whose mechanisms move the curve little

Written by `uv run python docs/make_facts.py` from `experiment=facts`; do not edit by hand. Facts S1-S13 are those of
[MODEL.md](../MODEL.md), section 1. What moves the march of 16 August stands in [base_case.md](base_case.md); here are
the mechanisms that do not, or hardly: each off, and at a setting inside its declared ranges that should move a curve.
*Curve*: protesters in the fullest hour of each day of Minsk's week, added up; *strikes*: the same of strikers. Changes
are means of paired differences, as shares of the mean they are compared with; 90 % intervals hold luck only
([sweeps.md](sweeps.md)) and are not corrected for their number.
"""


def found_in(folder: Path) -> list[Answer]:
    """Run what is left of the experiment in a folder, and return what it says to its claims."""
    words = ["experiment=facts", f"out={folder}"]
    with contextlib.redirect_stdout(io.StringIO()):
        if code := main(["sweep", *words]):
            raise SystemExit(f"experiment=facts ended with {code}")
    return answers(make_plan(words, None), of_runs(folder))


def of_runs(folder: Path) -> Mapping[int, Mapping[str, object]]:
    """Return the outcomes of the finished runs, by number."""
    done, _ = results_of(read_chunks(folder))
    return {run: values for run, (_, values) in done.items()}


def share(answer: Answer) -> str:
    """Write a relative change with its interval."""
    value, low, high = (f"{100 * part:+.1f}" for part in answer.found)
    return f"{value} % ({low} .. {high})"


def moves(answer: Answer) -> bool:
    """Whether the change is shown, and of interest."""
    value, low, high = answer.found
    return abs(value) >= SMALLEST and (low > 0 or high < 0)


def parted(answer: Answer) -> tuple[str, str]:
    """Return what is changed and what is looked at: claims read `change: what`."""
    change, _, what = answer.claim.claim.rpartition(": ")
    return change, what


def summary(found: Sequence[Answer]) -> list[str]:
    """Return a row for each mechanism: what off does to its own outcome and the curve, and which setting moves it."""
    by_source: dict[str, list[Answer]] = {}
    for answer in found:
        by_source.setdefault(answer.claim.source, []).append(answer)
    lines = ["| mechanism | off: own outcome | off: curve | at a setting |", "|---|---|---|---|"]
    for source, own in by_source.items():
        off = [answer for answer in own if parted(answer)[0] == "off"]
        counters = [f"{parted(a)[1]} {share(a)}" for a in off if parted(a)[1] != "curve"]
        curves = [share(a) for a in off if parted(a)[1] == "curve"]
        settings = [f"{'**moves**' if moves(a) else 'does not move'} {parted(a)[1]}, {parted(a)[0]}: {share(a)}"
                    for a in own if parted(a)[0] != "off" and a.claim.outcome in CURVES]  # fmt: skip
        lines.append(f"| {source} | {'; '.join(counters)} | {'; '.join(curves)} | {'; '.join(settings) or '-'} |")
    return lines


def expected(answer: Answer) -> str:
    """Write the registered sign with its smallest change of interest."""
    size = f"{100 * (answer.claim.smallest or 0):g} %"
    return {1: f"+ {size} or more", -1: f"- {size} or more", 0: f"less than {size}"}[int(answer.claim.sign or 0)]


def table(found: Sequence[Answer]) -> list[str]:
    """Return every claim with what was found."""
    head = ("mechanism", "change: what", "expected", "could have failed", "change (90 %)", "n", "verdict")
    lines = [f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
    for answer in found:
        claim = answer.claim
        why = f"{claim.could_fail}: {claim.why}"
        cells = (claim.source, claim.claim, expected(answer), why, share(answer), answer.n, answer.verdict)
        lines.append(f"| {' | '.join(map(str, cells))} |")
    return [*lines, "", tally(found)]


def text(found: Sequence[Answer]) -> str:
    """Return the page."""
    said = """\
Sign and smallest change of interest were written into `conf/experiment/facts.yaml` before the runs; *agree* and
*disagree* are about that expectation. Not counted: what follows from a rule or a mechanism's own counter."""
    parts = [HEAD, *summary(found), "", "## Every expectation", "", said, "", *table(found), ""]
    return "\n".join(parts)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        TARGET.write_text(text(found_in(Path(sys.argv[1]))), encoding="utf-8")
    else:
        with tempfile.TemporaryDirectory() as kept:
            TARGET.write_text(text(found_in(Path(kept) / "facts")), encoding="utf-8")
