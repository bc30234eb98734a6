"""Write docs/facts.md: what each fact's mechanism does, to its own outcome and to the curve.

    uv run python docs/make_facts.py [FOLDER]

Runs the experiments facts, facts_cities and facts_autumn, half an hour of one core, and puts their claims on one page.
With a folder their sweeps are kept there, and go on where they stopped.
"""

from __future__ import annotations

import contextlib
import io
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from experiments.analysis.published import VERDICTS, Answer, answers
from experiments.cli import main
from experiments.design.plan import make_plan
from experiments.store.chunks import read_chunks
from experiments.store.sweep_folder import results_of

TARGET = Path(__file__).resolve().parents[1] / "docs" / "facts.md"
EXPERIMENTS = {
    "facts": "Minsk, 9-16 August",
    "facts_cities": "Eight cities, 9-16 August",
    "facts_autumn": "Minsk, 9 August - 4 October, by people who learn",
}
SMALLEST = 0.02  # of a curve: as in the claims
CURVE = "turnout_days"
HEAD = """\
# Facts and their mechanisms

Written by `uv run python docs/make_facts.py` from the experiments `facts`, `facts_cities` and `facts_autumn`; do not
edit by hand. Facts S1-S13 are those of [MODEL.md](../MODEL.md), section 1. Every mechanism is switched off, and what
moves no curve so is tried at the ends of its declared ranges. *Curve*: protesters in the fullest hour of each day,
added up. Changes are means of paired differences, as shares of the mean they are compared with; 90 % intervals hold
luck only ([sweeps.md](sweeps.md)). Sign and smallest change of interest were written into the files before the runs
(`could have failed`, and why, are theirs): *agree* and *disagree* are about that expectation, so a *disagree* is
news, not a fault. Intervals are not corrected for their number.
"""


def found_in(name: str, folder: Path) -> list[Answer]:
    """Run what is left of an experiment in a folder, and return what it says to its claims."""
    words = [f"experiment={name}", f"out={folder / name}"]
    with contextlib.redirect_stdout(io.StringIO()):
        if code := main(["sweep", *words]):
            raise SystemExit(f"{name} ended with {code}")
    done, _ = results_of(read_chunks(folder / name))
    return answers(make_plan(words, None), {run: values for run, (_, values) in done.items()})


def share(answer: Answer) -> str:
    """Write a relative change with its interval."""
    value, low, high = (f"{100 * part:+.1f}" for part in answer.found)
    return f"{value} % ({low} .. {high})"


def moves(answer: Answer) -> bool:
    """Whether the change is shown, and of interest."""
    value, low, high = answer.found
    return abs(value) >= SMALLEST and (low > 0 or high < 0)


def expected(answer: Answer) -> str:
    """Write the registered sign with its smallest change of interest."""
    claim = answer.claim
    size = f"{100 * (claim.smallest or 0):g} %"
    return {1: f"+ {size} or more", -1: f"- {size} or more", 0: f"less than {size}"}[int(claim.sign or 0)]


def told(answer: Answer) -> str:
    """Return a row of the table of claims."""
    claim = answer.claim
    cells = (claim.source, claim.claim, claim.outcome, expected(answer), claim.could_fail, claim.why, share(answer),
             answer.verdict)  # fmt: skip
    return f"| {' | '.join(map(str, cells))} |"


def table(found: Sequence[Answer]) -> list[str]:
    """Return the table of an experiment's claims, then their count."""
    head = ("mechanism", "change: what", "outcome", "expected", "could have failed", "why", "change (90 %)", "verdict")
    counts = Counter(answer.verdict for answer in found if answer.claim.is_free)
    free = ", ".join(f"{counts[name]} {name}" for name in VERDICTS)
    tuned, built = (sum(answer.claim.could_fail == kind for answer in found)
                    for kind in ("tuned for", "by construction"))  # fmt: skip
    return [f"| {' | '.join(head)} |", "|---" * len(head) + "|", *map(told, found), "",
            f"Free claims: {free}. Not counted: {built} by construction, {tuned} tuned for."]  # fmt: skip


def summary(found: Sequence[tuple[str, Answer]]) -> list[str]:
    """Return a row for each mechanism: what off does to its own outcome and to the curve, which setting moves it."""
    by_source: dict[str, list[tuple[str, Answer]]] = {}
    for case, answer in found:
        by_source.setdefault(answer.claim.source, []).append((case, answer))
    head = ("mechanism", "off: own outcome", "off: curve", "a setting in its ranges that moves the curve")
    lines = [f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
    number = lambda source: (int(source.split()[0].lstrip("S")), source)  # noqa: E731
    for source in sorted(by_source, key=number):
        own, curve, at = [], [], []
        for case, answer in by_source[source]:
            change, _, what = answer.claim.claim.rpartition(": ")
            if answer.claim.outcome == CURVE and change == "off":
                curve.append(f"{share(answer)}{'' if case == 'facts' else f' [{case}]'}")
            elif change == "off":
                own.append(f"{what}: {share(answer)}")
            elif answer.claim.outcome == CURVE or answer.claim.outcome.endswith(("turnout", "elsewhere")):
                said = f"{change}: {share(answer)}{'' if case == 'facts' else f' [{case}]'}"
                at.append(said if moves(answer) else f"not by {said}")
        lines.append(
            f"| {source} | {'<br>'.join(own) or '-'} | {'<br>'.join(curve) or '-'} | {'<br>'.join(at) or '-'} |"
        )
    return lines


def write(folder: Path) -> None:
    """Run what is left, and write the page."""
    found = {name: found_in(name, folder) for name in EXPERIMENTS}
    flat = [(name, answer) for name in EXPERIMENTS for answer in found[name]]
    parts = [HEAD, "## In short", "", *summary(flat), ""]
    for name, title in EXPERIMENTS.items():
        parts += [f"## {title}: `experiment={name}`", "", *table(found[name]), ""]
    TARGET.write_text("\n".join(parts), encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        write(Path(sys.argv[1]))
    else:
        with tempfile.TemporaryDirectory() as kept:
            write(Path(kept))
