"""Run every shipped experiment and write what it prints into docs/experiments.md; some minutes on two cores.

    uv run python docs/make_experiments.py [--keep DIR] [NAME ...]

Without names all of them; with names, only their sections are renewed. The figure of README.md (docs/backlash.png) is
taken from repression_backlash. ``--keep DIR`` leaves the sweeps there, a folder each: the same command goes on, and
docs/make_gallery.py makes the gallery of them.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import re
import shutil
import tempfile
from pathlib import Path

from experiments.cli import main
from experiments.design.experiment_file import again, question_of

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "experiments.md"
FIGURE = ROOT / "docs" / "backlash.png"
HEAD = """\
# The shipped experiments

Each is a file of a dozen lines in `conf/experiment` and ends in figures (`figures/` of its folder) and a table. Below
stands what each printed; `uv run python docs/make_experiments.py` runs them all and writes this page. Differences are
*paired*, under the same luck, to the baseline; intervals are 90 % intervals of their mean over replicates, luck only,
and of the signs of one sweep a tenth may be chance ([sweeps.md](sweeps.md), "What an interval holds"). All of it
belongs to the parameters of the base case, which were set by hand ([MODEL.md](../MODEL.md)): intervals say nothing of
what is unknown of parameters, nor of the model.

Experiments with a command that says `posterior=six_waves` are run again by people who learn, at draws of a posterior
fitted to six waves ([calibration.md](calibration.md)), each draw with and without: there one interval holds luck at
these draws, the other luck and parameters. Expected of them all, before one was run so (27 November 2026): of the
effects on a crowd or its person-days that are shown at the hand-set parameters and larger than 5 %, nine in ten keep
their sign on the mean over draws, and for a third the interval with parameters holds 0. Came
(`docs/signs_over_posterior.py`): 144 of 148 keep their sign, and 19 hold 0; many of these hang together. What turns is
a call for Friday in place of Sunday (leader: 14 to 20 % less at the hand-set parameters, a third to four fifths more by
people who learn) and, hardly, Russian support by rule over nine Sundays.

[gallery.md](gallery.md) has their pictures.

Experiments named `published_...` do in the model what a study did in the world; the last lines compare the answers, and
say of each whether it could have failed.
"""


def section(name: str, kept: Path) -> str:
    """Run an experiment, and again as its comment asks for (`# again: ...`), and return its section."""
    path = ROOT / "conf" / "experiment" / f"{name}.yaml"
    sweeps = [[f"experiment={name}", *more.split()] for more in ("", *again(path))]
    parts = [f"    uv run ploshcha sweep {' '.join(words)}\n\n{printed(words, kept / '+'.join([name, *words[1:]]))}\n"
             for words in sweeps]  # fmt: skip
    return f"## {name}\n\n{question_of(path)}\n\n" + "\n".join(parts)


def printed(words: list[str], out: Path) -> str:
    """Run a sweep, or what is left of it, and return what it prints, indented, without times and paths."""
    text = io.StringIO()
    with contextlib.redirect_stdout(text):
        code = main(["sweep", *words, f"out={out}"])
    if code:
        raise SystemExit(f"{' '.join(words)} ended with {code}")
    if words == ["experiment=repression_backlash"]:
        shutil.copy(out / "figures" / "elasticity.png", FIGURE)
    lines = [line for line in text.getvalue().splitlines() if not line.startswith(("written to", "all "))]
    return "\n".join(f"    {line}".rstrip() for line in lines if not re.match(r"\d+ runs in", line)).rstrip()


def write(names: list[str], kept: Path) -> None:
    """Renew the sections of some experiments, or of all; their sweeps stay in a folder."""
    known = sorted(path.stem for path in (ROOT / "conf" / "experiment").glob("*.yaml"))
    old = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    before = {part.split("\n", 1)[0]: f"## {part}".rstrip() + "\n" for part in old.split("\n## ")[1:]}
    wanted = [name for name in known if name in {*before, *names} or not names]
    found = [section(name, kept) if name in names or not names else before[name] for name in wanted]
    PAGE.write_text("\n".join([HEAD, *found]), encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--keep", type=Path)
    parser.add_argument("names", nargs="*")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        write(asked.names, asked.keep or Path(folder))
