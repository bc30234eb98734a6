"""Run every shipped experiment and write what it prints into docs/experiments.md; some minutes on two cores.

    uv run python docs/make_experiments.py [NAME ...]

Without names all of them; with names, only their sections are renewed. The figure of README.md (docs/backlash.png) is
taken from repression_backlash.
"""

from __future__ import annotations

import contextlib
import io
import re
import shutil
import sys
import tempfile
from pathlib import Path

from experiments.cli import main

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

Experiments named `published_...` do in the model what a study did in the world; the last lines compare the answers, and
say of each whether it could have failed.
"""


def section(name: str) -> str:
    """Run an experiment, and again as its comment asks for (`# again: ...`), and return its section."""
    comment = re.match(r"(?:#.*\n)*", (ROOT / "conf" / "experiment" / f"{name}.yaml").read_text(encoding="utf-8"))
    lines = [line.lstrip("# ").strip() for line in comment[0].splitlines()] if comment else []
    again = [line.removeprefix("again:").strip() for line in lines if line.startswith("again:")]
    said = " ".join(line for line in lines if not line.startswith("again:"))
    sweeps = [[f"experiment={name}", *more.split()] for more in ("", *again)]
    parts = [f"    uv run ploshcha sweep {' '.join(words)}\n\n{printed(words)}\n" for words in sweeps]
    return f"## {name}\n\n{said}\n\n" + "\n".join(parts)


def printed(words: list[str]) -> str:
    """Run a sweep and return what it prints, indented, without times and paths."""
    text = io.StringIO()
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out"
        with contextlib.redirect_stdout(text):
            code = main(["sweep", *words, f"out={out}"])
        if code:
            raise SystemExit(f"{' '.join(words)} ended with {code}")
        if words == ["experiment=repression_backlash"]:
            shutil.copy(out / "figures" / "elasticity.png", FIGURE)
    lines = [line for line in text.getvalue().splitlines() if not line.startswith(("written to", "all "))]
    return "\n".join(f"    {line}".rstrip() for line in lines if not re.match(r"\d+ runs in", line)).rstrip()


def write(names: list[str]) -> None:
    """Renew the sections of some experiments, or of all."""
    known = sorted(path.stem for path in (ROOT / "conf" / "experiment").glob("*.yaml"))
    old = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    kept = {part.split("\n", 1)[0]: f"## {part}".rstrip() + "\n" for part in old.split("\n## ")[1:]}
    found = [section(name) if name in names or not names else kept[name] for name in known if name in {*kept, *names}
             or not names]  # fmt: skip
    PAGE.write_text("\n".join([HEAD, *found]), encoding="utf-8")


if __name__ == "__main__":
    write(sys.argv[1:])
