"""Chunks: the files of a sweep, each with the curves and outcomes of some runs, whole or not there at all.

A chunk is written to a hidden file, flushed to the disk, and renamed. Its name ends in the first digits of its
SHA-256, so that any damage shows. What a chunk holds follows from the design alone: a resumed sweep has the same files.
"""

from __future__ import annotations

import json
import math
import os
import re
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from experiments.store.files import flush, sha256
from experiments.store.tables import as_table
from experiments.windows import windows_named

if TYPE_CHECKING:
    import pyarrow

RUNS_FOLDER, FIGURES_FOLDER = "runs", "figures"
DIGITS = 16  # of the SHA-256 in a file's name
NAME = re.compile(r"^(?P<number>\d{5})(?P<again>-again\d+)?-(?P<hash>[0-9a-f]{16})\.parquet$")
DAMAGED = ".damaged"
RECORD = b"ploshcha"  # key of the file's own metadata: what is known of its runs


@dataclass(frozen=True)
class Chunk:
    """What a chunk's file says of its runs.

    number : its place in the order of the sweep; again : times that its failed runs were tried once more.
    generation : which code and data it was made with; keys : content hash of each run, by number of the run.
    outcomes : of each run that went well; failed : error of each that did not.
    """

    number: int
    again: int
    generation: int
    keys: dict[int, str]
    outcomes: dict[int, dict[str, Any]]
    failed: dict[int, str]
    path: Path | None = None


def write_chunk(folder: Path, chunk: Chunk, tables: Sequence[pyarrow.Table]) -> Path:
    """Write a chunk whole: hidden file, flush, rename. An earlier file of the same chunk is replaced.

    Raises
    ------
    OSError
        The disk is full, or the folder cannot be written; nothing is left behind.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.concat_tables(tables, promote_options="default") if tables else as_table({})
    runs = folder / RUNS_FOLDER
    hidden = hidden_file(folder, chunk.number, os.getpid())
    try:
        with pq.ParquetWriter(hidden, table.schema, compression="zstd", version="2.6", store_schema=False) as writer:
            if table.num_rows:
                writer.write_table(table)
            writer.add_key_value_metadata({RECORD: _record(chunk)})
        flush(hidden)
        again = f"-again{chunk.again}" if chunk.again else ""
        path = runs / f"{chunk.number:05d}{again}-{sha256(hidden)[:DIGITS]}.parquet"
        hidden.replace(path)
        flush(runs)
    except BaseException:
        hidden.unlink(missing_ok=True)
        raise
    return path


def _record(chunk: Chunk) -> bytes:
    """Return what a chunk says of its runs as JSON; NaN, which JSON lacks, becomes null."""
    found = {
        "number": chunk.number, "again": chunk.again, "generation": chunk.generation, "keys": chunk.keys,
        "outcomes": {run: _without_nan(values) for run, values in chunk.outcomes.items()}, "failed": chunk.failed,
    }  # fmt: skip
    return json.dumps(found, ensure_ascii=False, allow_nan=False).encode()


def _without_nan(values: Mapping[str, Any]) -> dict[str, Any]:
    return {k: None if isinstance(v, float) and not math.isfinite(v) else v for k, v in values.items()}


def hidden_file(folder: Path, number: int, process: int) -> Path:
    """Return the file that a process of this machine writes a chunk to; no other process has the same."""
    return folder / RUNS_FOLDER / f".{number:05d}.{socket.gethostname()}.{process}.tmp"


def read_record(path: Path) -> Chunk:
    """Read what a chunk says of its runs, without its curves.

    Raises
    ------
    OSError, ValueError
        It cannot be read, or is no chunk.
    """
    import pyarrow.parquet as pq

    found = _reader().validate_json((pq.read_metadata(path).metadata or {}).get(RECORD, b""))
    for values in found.outcomes.values():
        values.update({k: math.nan for k, v in values.items() if v is None})
    return replace(found, path=path)


@cache
def _reader() -> Any:
    from pydantic import TypeAdapter

    return TypeAdapter(Chunk)


def read_chunks(folder: Path) -> list[Chunk]:
    """Read what the finished chunks of a folder say of their runs, by number; damaged ones are left out."""
    found = []
    for path in sorted((folder / RUNS_FOLDER).glob("*.parquet")):
        with suppress(OSError, ValueError):  # a file that is damaged, or vanishes meanwhile: `check_chunks` tells of it
            if NAME.match(path.name):
                found.append(read_record(path))
    return newest(found)


def newest(chunks: Sequence[Chunk]) -> list[Chunk]:
    """Return each chunk once: a worker that was thought dead may have written one that was computed again meanwhile."""
    last = {}
    for chunk in sorted(chunks, key=lambda chunk: chunk.generation):
        last[chunk.number, chunk.again] = chunk
    return [last[key] for key in sorted(last)]


def check_chunks(folder: Path) -> tuple[list[Chunk], list[str]]:
    """Read all chunks, set damaged ones aside, and remove what an interrupted sweep left.

    Returns
    -------
    chunks : list of Chunk
        Those that are whole.
    told : list of str
        One line for each file that was set aside.
    """
    runs = folder / RUNS_FOLDER
    for left in folder.glob(".*.tmp*"), runs.glob(".*.tmp*"), (folder / FIGURES_FOLDER).glob(".*.tmp*"):
        for path in left:
            path.unlink(missing_ok=True)
    chunks, told = [], []
    for path in sorted(runs.glob("*.parquet")):
        try:
            chunks.append(_whole(path))
        except (OSError, ValueError) as error:
            name, why = set_aside(path).name, f" ({error.strerror})" if isinstance(error, OSError) else ""
            told.append(f"{RUNS_FOLDER}/{path.name} is damaged{why}: set aside as {name}, its runs are computed again")
    return newest(chunks), told


def _whole(path: Path) -> Chunk:
    """Read a chunk whose content is what its name says.

    Raises
    ------
    OSError, ValueError
        It cannot be read, or is damaged.
    """
    match = NAME.match(path.name)
    if match is None or sha256(path)[:DIGITS] != match["hash"]:
        raise ValueError("damaged")
    return read_record(path)


def set_aside(path: Path) -> Path:
    """Give a file, a folder or a link a name under which it does not count, and none that is taken."""
    number, aside = 1, path.with_name(path.name + DAMAGED)
    while os.path.lexists(aside):
        number += 1
        aside = path.with_name(f"{path.name}{DAMAGED}{number}")
    return path.replace(aside)


def each_curves(folder: Path, columns: Sequence[str], runs: Sequence[int] | None = None) -> Iterator[pyarrow.Table]:
    """Yield columns of the curves of a sweep, of some runs or of all, one chunk at a time."""
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    wanted = None if runs is None else set(runs)
    for chunk in read_chunks(folder):
        if chunk.outcomes and (wanted is None or wanted & set(chunk.outcomes)):
            table = pq.read_table(chunk.path, columns=["run_id", *columns], use_threads=False, partitioning=None)
            if wanted is not None:
                own = pa.array(sorted(wanted & set(chunk.outcomes)), pa.int32())
                table = table.filter(pc.is_in(table["run_id"], own))
            yield table.replace_schema_metadata(None)


def read_curves(folder: Path, columns: Sequence[str], runs: Sequence[int] | None = None) -> pyarrow.Table:
    """Read columns of the curves of a sweep, of some runs or of all, in the order of the runs' numbers."""
    import pyarrow as pa

    tables = list(each_curves(folder, columns, runs))
    if not tables:
        return as_table({})
    table = pa.concat_tables(tables, promote_options="default")
    order = np.argsort(table["run_id"].to_numpy(), kind="stable")
    return table.take(pa.array(order))


def add_windows(folder: Path, values: Mapping[int, dict[str, Any]], names: Sequence[str]) -> None:
    """Add to the outcomes of finished runs those of chosen days, which are told of their curves."""
    windows = windows_named(names)
    if not windows:
        return
    curves = list(dict.fromkeys(window.curve for window in windows))
    for table in each_curves(folder, ["hour", *curves]):
        run_ids, hours = table["run_id"].to_numpy(), table["hour"].to_numpy()
        columns = {name: table[name].to_numpy(zero_copy_only=False) for name in curves}
        for run in values.keys() & set(run_ids.tolist()):
            own = run_ids == run
            totals = {name: np.bincount(hours[own], column[own]) for name, column in columns.items()}
            values[run].update({window.name: window.of(totals[window.curve]) for window in windows})
