"""What a run leaves behind: a folder that appears whole or not at all.

Everything is written into a hidden folder beside the wanted one, which is renamed when it is complete.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from agents.vocabulary import CURVES
from experiments.interrupts import undisturbed
from experiments.store.provenance import code_hash, config_hash, data_hash, git_state, package_versions
from sim.classics.results import ClassicResult
from sim.errors import not_allowed

if TYPE_CHECKING:
    import pyarrow

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


def _write_cities(result: Result, folder: Path) -> None:
    from experiments.figures.run import draw_mobilization

    write_table(curves_table(result), folder / CURVES_FILE)
    write_table(plants_table(result), folder / PLANTS_FILE)
    draw_mobilization(result, folder / FIGURE_FILE)
    if result.space is not None:
        from experiments.store.space import write_space

        write_space(result, folder)


def _write_classic(result: ClassicResult, folder: Path) -> None:
    from experiments.figures import classics

    write_table(classics.curves_table(result), folder / CURVES_FILE)
    classics.draw_curves(result, folder / FIGURE_FILE)


def write_result(result: Result | ClassicResult, out: Path, clock: Mapping[str, float]) -> dict[str, Any]:
    """Write a run's files (four; three of a classic; four more with a map) and return its manifest.

    Parameters
    ----------
    result : Result
        What the run returned.
    out : path
        The folder, new or empty; appears when everything is in it.
    clock : mapping
        Seconds that the run itself cannot know: ``startup_seconds``, ``compile_seconds``.
    """
    begun = time.perf_counter()
    with new_folder(out) as folder:
        if isinstance(result, ClassicResult):
            _write_classic(result, folder)
        else:
            _write_cities(result, folder)
        clock = {**clock, "output_seconds": time.perf_counter() - begun}
        manifest = make_manifest(result, sha256(folder / CURVES_FILE), clock)
        text = json.dumps(manifest, indent=2, ensure_ascii=False, allow_nan=False)
        (folder / MANIFEST_FILE).write_text(text + "\n", encoding="utf-8")
    return manifest


def curves_table(result: Result) -> pyarrow.Table:
    """Return the curves as a table with one row per (hour, city), hours first; a missing report is null."""
    n_cities = len(result.cities)
    columns = {
        "hour": numbers(np.repeat(np.arange(result.hours, dtype=np.int32), n_cities)),
        "city": texts(list(result.cities) * result.hours),
    }
    for name in CURVES:
        values = np.asarray(result.curves_columns[name], dtype=np.float64).ravel()
        columns[name] = numbers(values, has_missing=name.startswith("reported_"))
    return as_table(columns)


def plants_table(result: Result) -> pyarrow.Table:
    """Return the plants as a table with one row per (hour, plant): employees and strikers, persons."""
    n_plants = len(result.plants)
    columns = {
        "hour": numbers(np.repeat(np.arange(result.hours, dtype=np.int32), n_plants)),
        "city": texts([city for city, _ in result.plants] * result.hours),
        "plant": texts([plant for _, plant in result.plants] * result.hours),
        "employed": numbers(np.tile(np.asarray(result.employed, dtype=np.float64), result.hours)),
        "striking": numbers(np.asarray(result.striking, dtype=np.float64).ravel()),
    }
    return as_table(columns)


def numbers(values: np.ndarray, has_missing: bool = False) -> pyarrow.Array:
    """Return int32 or float64 values as an Arrow array; with `has_missing`, NaN becomes null.

    Made from buffers, because ``pyarrow.array`` imports pandas wherever it is installed, which takes most of a second.
    """
    import pyarrow as pa

    kind = pa.int32() if values.dtype == np.int32 else pa.float64()
    known = pa.py_buffer(np.packbits(~np.isnan(values), bitorder="little")) if has_missing else None
    return pa.Array.from_buffers(kind, len(values), [known, pa.py_buffer(np.ascontiguousarray(values))])


def texts(words: Sequence[str]) -> pyarrow.Array:
    """Return strings as an Arrow array, made from buffers like `numbers`."""
    import pyarrow as pa

    encoded = [word.encode() for word in words]
    ends = np.cumsum([0, *map(len, encoded)], dtype=np.int32)
    buffers = [None, pa.py_buffer(ends), pa.py_buffer(b"".join(encoded))]
    return pa.Array.from_buffers(pa.string(), len(encoded), buffers)


def as_table(columns: Mapping[str, pyarrow.Array]) -> pyarrow.Table:
    """Return named columns as a table."""
    import pyarrow as pa

    return pa.Table.from_arrays(list(columns.values()), names=list(columns))


def write_table(table: pyarrow.Table, path: Path) -> None:
    """Write a table as Parquet; the same table gives the same bytes (no time, no machine in it)."""
    import pyarrow.parquet as pq

    pq.write_table(table, path, compression="zstd", version="2.6", store_schema=False)


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


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
