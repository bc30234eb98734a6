"""Draw the figures of docs/classics.md by the commands above them: ``uv run python docs/classics_figures.py``."""

from __future__ import annotations

import re
import shlex
import shutil
import tempfile
from pathlib import Path

from experiments.cli import main

ROOT = Path(__file__).resolve().parent


def figures() -> dict[str, list[str]]:
    """Return the command of each figure: the nearest one above it."""
    text = (ROOT / "classics.md").read_text(encoding="utf-8")
    found, command = {}, ""
    for part in re.split(r"(?<=\.png\))", text):
        command = [command, *re.findall(r"^ +uv run ploshcha run ([^\n#]*)", part, re.MULTILINE)][-1]
        if image := re.search(r"\((\w+\.png)\)$", part):
            found[image[1]] = [word for word in shlex.split(command) if not word.startswith("out=")]
    return found


if __name__ == "__main__":
    for name, words in figures().items():
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder) / "out"
            if main(["run", *words, f"out={out}"]):
                raise SystemExit(f"{name} was not drawn")
            shutil.copy(out / ("lattice.png" if name.endswith("_lattice.png") else "mobilization.png"), ROOT / name)
