"""What a run leaves behind: a folder that appears whole or not at all.

Everything is written into a hidden folder beside the wanted one, which is renamed when it is complete.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agents.compiled.sources import foreign_files
from experiments.design.hashes import config_hash
from experiments.interrupts import undisturbed
from experiments.store.claim import MOVING, RUN_FILES, left_in, remove_if_empty
from experiments.store.files import write_whole
from experiments.store.provenance import code_hash, data_hash, git_state, package_versions
from sim.classics.results import ClassicResult
from sim.errors import InputError, not_allowed

if TYPE_CHECKING:
    from sim.results import Result

CURVES_FILE, PLANTS_FILE, FIGURE_FILE, MANIFEST_FILE = RUN_FILES
TIMES = ("cpu_seconds", "wall_seconds", "startup_seconds", "compile_seconds", "build_seconds", "output_seconds")


@contextmanager
def told_if_unreadable(folder: Path) -> Iterator[None]:
    """Tell in one line that files of a run's folder cannot be read as this version wrote them.

    Raises
    ------
    InputError
        One cannot.
    """
    try:
        yield
    except InputError:
        raise
    except (OSError, ValueError, KeyError, ImportError) as error:
        told = " ".join(str(error).split())[:120]
        raise not_allowed("", "folder", folder, f"a run of this version whose files can be read ({told})") from None


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
            _move_folder(hidden, out)
    except BaseException:  # a Ctrl-C too
        with undisturbed():
            shutil.rmtree(hidden, ignore_errors=True)
            remove_if_empty(made)
        raise


def _move_folder(hidden: Path, out: Path) -> None:
    try:
        hidden.rename(out)
    except OSError as error:
        if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
            raise
        raise _filled_meanwhile(out) from None


def _move_files(hidden: Path, out: Path) -> None:
    """Move all files at once, as far as Ctrl-C is concerned; after a kill, those without a manifest do not count."""
    with undisturbed():
        if set(os.listdir(out)) - left_in(out):
            raise _filled_meanwhile(out)
        files = sorted(hidden.iterdir(), key=lambda file: (file.name == MANIFEST_FILE, file.name))
        write_whole(hidden / MOVING, "\n".join(file.name for file in files).encode())
        try:
            for file in files:
                file.rename(out / file.name)
        except OSError:
            for file in files:
                (out / file.name).unlink(missing_ok=True)
            raise
        shutil.rmtree(hidden)


def _filled_meanwhile(out: Path) -> InputError:
    return not_allowed("", "out", out, "a folder that nobody else fills meanwhile; this run is not written")


def make_manifest(
    result: Result | ClassicResult, tables_sha256: Mapping[str, str], clock: Mapping[str, float]
) -> dict[str, Any]:
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
        "start": stats.get("start"),
        "replaced_rules": list(stats.get("replaced_rules", ())),
        "versions": package_versions(),
        **git_state(),
        "agents": int(stats["agents"]),
        "steps": result.steps if isinstance(result, ClassicResult) else result.hours,
        **times,
        "agent_steps_per_second": float(stats["agent_steps_per_second"]),
        "curves_sha256": tables_sha256[CURVES_FILE],
        "tables_sha256": dict(tables_sha256),
    }
