"""Results as Arrow tables, and their Parquet files; the same table gives the same bytes (no time, no machine in it)."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from agents.vocabulary import CURVES
from experiments.store.files import write_whole
from sim.classics.results import ClassicResult

if TYPE_CHECKING:
    import pyarrow

    from sim.results import Result


def curves_table(result: Result | ClassicResult) -> pyarrow.Table:
    """Return the curves, one row per (hour, city), hours first, or per step of a classic; a missing report is null."""
    if isinstance(result, ClassicResult):
        return _classic_curves(result)
    n_cities = len(result.cities)
    columns = {
        "hour": numbers(np.repeat(np.arange(result.hours, dtype=np.int32), n_cities)),
        "city": texts(list(result.cities) * result.hours),
    }
    for name in CURVES:
        values = np.asarray(result.curves_columns[name], dtype=np.float64).ravel()
        columns[name] = numbers(values, has_missing=name.startswith("reported_"))
    return as_table(columns)


def _classic_curves(result: ClassicResult) -> pyarrow.Table:
    """Return the curves of a classic, one row per step."""
    columns = {"step": numbers(np.arange(result.steps, dtype=np.int32))}
    for name, values in result.curves_columns.items():
        columns[name] = numbers(np.asarray(values, dtype=np.float64), has_missing=name.startswith("mean_"))
    return as_table(columns)


def run_table(run_id: int, result: Any) -> pyarrow.Table:
    """Return the curves of one run with its number in front."""
    table = curves_table(result)
    return table.add_column(0, "run_id", numbers(np.full(table.num_rows, run_id, np.int32)))


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


def chosen_texts(words: Sequence[str], numbers_of: np.ndarray) -> pyarrow.Array:
    """Return the texts with these numbers among a few, int (n,), as an Arrow array of strings."""
    import pyarrow as pa

    return pa.DictionaryArray.from_arrays(numbers(numbers_of.astype(np.int32)), texts(words)).dictionary_decode()


def texts(words: Sequence[str]) -> pyarrow.Array:
    """Return strings as an Arrow array, made from buffers like `numbers`."""
    import pyarrow as pa

    encoded = [word.encode() for word in words]
    ends = np.cumsum([0, *map(len, encoded)], dtype=np.int32)
    buffers = [None, pa.py_buffer(ends), pa.py_buffer(b"".join(encoded))]
    return pa.Array.from_buffers(pa.string(), len(encoded), buffers)


def int64(values: Sequence[int]) -> Any:
    """Return whole numbers as an Arrow array."""
    import pyarrow as pa

    column = np.asarray(values, np.int64)
    return pa.Array.from_buffers(pa.int64(), len(column), [None, pa.py_buffer(column)])


def as_table(columns: Mapping[str, pyarrow.Array]) -> pyarrow.Table:
    """Return named columns as a table."""
    import pyarrow as pa

    return pa.Table.from_arrays(list(columns.values()), names=list(columns))


def write_table(table: pyarrow.Table, path: Path) -> None:
    """Write a table as Parquet; the same table gives the same bytes (no time, no machine in it)."""
    import pyarrow.parquet as pq

    pq.write_table(table, path, compression="zstd", version="2.6", store_schema=False)


def table_bytes(table: Any) -> bytes:
    """Return a table as the bytes of a Parquet file."""
    import pyarrow.parquet as pq

    file = io.BytesIO()
    pq.write_table(table, file, compression="zstd", version="2.6", store_schema=False)
    return file.getvalue()


def write_columns(path: Path, columns: Mapping[str, pyarrow.Array]) -> None:
    """Replace a file by a table of named columns, whole or not at all."""
    write_whole(path, table_bytes(as_table(columns)))
