"""Renew requirements.lock and the constraints in pyproject.toml: ``python .ci/lock.py [--upgrade]``.

uv.lock names package hosts and is not committed. requirements.lock (versions and hashes, nothing else) is,
and its versions stand once more in ``[tool.uv] constraint-dependencies``, which ``uv run`` obeys.
"""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYPROJECT, LOCK = ROOT / "pyproject.toml", ROOT / "requirements.lock"
HEADER = "# Versions and hashes of every dependency, written by: python .ci/lock.py\n"
BLOCK = re.compile(r"^constraint-dependencies = \[\n.*?^\]\n", re.MULTILINE | re.DOTALL)


def pins(lock: str) -> list[str]:
    """Requirements ``name==version ; marker`` of a lock's text, without hashes."""
    lines = (line.rstrip("\\ ") for line in lock.splitlines())
    return [line for line in lines if line and not line.startswith((" ", "#"))]


def constraints(lock: str) -> list[str]:
    """The pins as constraints; a marker is kept only where a package has several versions."""
    names = [pin.split("==")[0] for pin in pins(lock)]
    return [
        pin if names.count(name) > 1 else pin.split(" ;")[0]
        for name, pin in zip(names, pins(lock), strict=True)
    ]


def write_constraints(values: list[str]) -> None:
    """Replace the list in pyproject.toml by `values`."""
    rows = "".join(f'    "{value}",\n' for value in values)
    text, n_found = BLOCK.subn(lambda _: f"constraint-dependencies = [\n{rows}]\n", PYPROJECT.read_text())
    if n_found != 1:
        raise SystemExit("pyproject.toml: no single list constraint-dependencies")
    PYPROJECT.write_text(text)


def export(*options: str) -> str:
    """Resolve the project and return the lock's text."""
    uv = [sys.executable, "-m", "uv"]
    subprocess.run([*uv, "lock", "--quiet", *options], cwd=ROOT, check=True)
    command = [*uv, "export", "--quiet", "--no-emit-project", "--all-extras", "--no-header", "--no-annotate"]
    return HEADER + subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout


def main(arguments: list[str]) -> None:
    """Resolve; with ``--upgrade`` forget the old versions first."""
    if "--upgrade" in arguments:
        write_constraints([])
    LOCK.write_text(export(*arguments))
    write_constraints(constraints(LOCK.read_text()))
    if export() != LOCK.read_text():
        raise SystemExit("requirements.lock and the constraints resolve to different versions")


if __name__ == "__main__":
    main(sys.argv[1:])
