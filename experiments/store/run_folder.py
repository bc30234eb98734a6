"""What a run leaves behind: a folder that appears whole or not at all.

Everything is written into a hidden folder beside the wanted one, which is renamed when it is complete.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agents.compiled.rule import foreign_files
from experiments.design.hashes import config_hash
from experiments.interrupts import undisturbed
from experiments.store.files import write_whole
from experiments.store.provenance import code_hash, data_hash, git_state, package_versions
from sim.classics.results import ClassicResult
from sim.errors import not_allowed

if TYPE_CHECKING:
    from sim.results import Result

CURVES_FILE = "curves.parquet"
PLANTS_FILE = "plants.parquet"
FIGURE_FILE = "mobilization.png"
UNFINISHED = ".*.partial"  # folders not yet renamed
MANIFEST_FILE = "manifest.json"
TIMES = ("cpu_seconds", "wall_seconds", "startup_seconds", "compile_seconds", "build_seconds", "output_seconds")


def check_folder(out: Path) -> None:
    """Check, before any work is done, that results can be written to a folder; writes nothing.

    Raises
    ------
    InputError
        The folder exists and is not empty, is a file, or cannot be made.
    """
    if out.is_dir() and any(out.iterdir()):
        raise not_allowed("", "out", out, "a folder that is new or empty; this one holds files")
    if os.path.lexists(out) and not out.is_dir():
        raise not_allowed("", "out", out, "a folder that is new or empty; this is a file")
    above = next(folder for folder in (out.absolute(), *out.absolute().parents) if os.path.lexists(folder))
    if not above.is_dir() or not os.access(above, os.W_OK | os.X_OK):
        raise not_allowed("", "out", out, f"a folder that can be written, and {above} cannot")


def result_folder(out: str | None, scenario: str) -> Path:
    """Return the folder to write to, checked; by default ``results/<scenario>/<time>``."""
    folder = default_folder(scenario) if out is None else Path(out).expanduser()
    check_folder(folder)
    return folder


def default_folder(scenario: str) -> Path:
    """Return ``results/<scenario>/<time>``, with a number behind it if two runs begin in the same second."""
    name = re.sub(r"[^\w-]", "_", scenario)
    base = Path("results") / name / time.strftime("%Y-%m-%dT%H-%M-%S")
    number, folder = 1, base
    while folder.exists():
        number += 1
        folder = base.with_name(f"{base.name}-{number}")
    return folder


@contextmanager
def new_folder(out: Path) -> Iterator[Path]:
    """Give a hidden folder to write into; it becomes `out` if the block ends well, and else disappears.

    Folders above `out` that had to be made disappear too. An `out` that exists already, perhaps the root of a disk,
    is filled from a hidden folder inside it.
    """
    out = out.absolute()
    is_filled = out.is_dir()
    hidden = (out if is_filled else out.parent) / f".{out.name}.{os.getpid()}.partial"
    made = [folder for folder in hidden.parents if not folder.exists()]
    try:
        hidden.mkdir(parents=True)
        yield hidden
        if is_filled:
            _move_files(hidden, out)
        else:
            hidden.rename(out)
    except BaseException:  # a Ctrl-C too
        with undisturbed():
            shutil.rmtree(hidden, ignore_errors=True)
            remove_if_empty(made)
        raise


def _move_files(hidden: Path, out: Path) -> None:
    """Move all files at once, as far as Ctrl-C is concerned."""
    with undisturbed():
        for file in sorted(hidden.iterdir()):
            file.rename(out / file.name)
        hidden.rmdir()


def remove_if_empty(folders: list[Path]) -> None:
    """Remove folders, innermost first, as far as they are empty."""
    for folder in folders:
        with suppress(OSError):
            folder.rmdir()


def make_manifest(result: Result | ClassicResult, curves_sha256: str, clock: Mapping[str, float]) -> dict[str, Any]:
    """Return what is to be known about a run: what it was, what it was made with, and what it cost."""
    parameters, stats = result.parameters, result.stats
    config = parameters.model_dump(mode="json")
    times = {name: float(clock.get(name, stats.get(name, 0.0))) for name in TIMES}
    return {
        "config": config,
        "config_hash": config_hash(config),
        "seed": parameters.seed,
        "engine": stats["engine"],
        "code_hash": code_hash(),
        "foreign_files": foreign_files(),
        "data_hash": None if isinstance(result, ClassicResult) else data_hash(result.parameters),
        "replaced_rules": list(stats.get("replaced_rules", ())),
        "versions": package_versions(),
        **git_state(),
        "agents": int(stats["agents"]),
        "steps": result.steps if isinstance(result, ClassicResult) else result.hours,
        **times,
        "agent_steps_per_second": float(stats["agent_steps_per_second"]),
        "curves_sha256": curves_sha256,
    }


def read_manifest(folder: Path) -> dict[str, Any]:
    """Read the manifest of a folder."""
    return json.loads((folder / MANIFEST_FILE).read_text(encoding="utf-8"))


def write_manifest(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Replace the manifest, whole."""
    text = json.dumps(manifest, indent=2, ensure_ascii=False, allow_nan=False, default=str)
    write_whole(folder / MANIFEST_FILE, (text + "\n").encode())
