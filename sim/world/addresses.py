"""Where the arrays of a table lie: what a compiled pass takes in place of a table of dozens of arrays.

Numba looks at each array of a named tuple at each call, which takes some 20 microseconds for a table and what lies
around its people, and it writes code for each in each pass. Both are done once here: the record holds, for every array,
what Numba knows of an array, and a pass reads it with `agents.compiled.rows.table_at`.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

import numpy as np

# Words of an array in a record, before its shape and its strides: who counts (nobody), whose it is (nobody's), items,
# bytes of an item, first byte. It is the order of `numba.core.datamodel`'s arrays.
N_WORDS = 5


class Addresses:
    """The records of the tables of one world, each made when it is first asked for.

    A table is kept as long as its record, and its arrays are written in place. A copy of it knows of no table.
    """

    def __init__(self) -> None:
        self._made: dict[int, tuple[Any, Any]] = {}

    def __call__(self, table: Any) -> Any:
        """Return what a pass takes in place of a table."""
        made = self._made.get(id(table))
        if made is None:
            made = self._made[id(table)] = (table, _taken(table))
        return made[1]

    def __reduce__(self) -> tuple[type[Addresses], tuple[()]]:
        return Addresses, ()


def _taken(table: Any) -> Any:
    """Return the record; the table itself where nothing is compiled."""
    import numba

    return table if numba.config.DISABLE_JIT else record_of(table)


def record_of(table: Any) -> np.ndarray:
    """Return where the arrays of a named tuple lie, an array of one record.

    Raises
    ------
    ValueError
        If an array is not contiguous or not to be written.
    """
    for name, array in zip(table._fields, table, strict=True):
        if not (array.flags.c_contiguous and array.flags.writeable and array.flags.aligned):
            raise ValueError(f"{name}: an array in one piece that can be written is wanted")
    kinds = tuple((name, array.dtype.name, array.ndim) for name, array in zip(table._fields, table, strict=True))
    words = [word for array in table for word in _words(array)]
    return np.array(words, np.int64).view(_layout(kinds))


def _words(array: np.ndarray) -> Iterator[int]:
    """Yield what Numba knows of an array, word by word."""
    yield from (0, 0, array.size, array.itemsize, array.ctypes.data, *array.shape, *array.strides)


@functools.cache  # Numba finds a type by the identity of its dtype
def _layout(arrays: tuple[tuple[str, str, int], ...]) -> np.dtype:
    """Return the record's type from names, types and dimensions; the title of a field says which array is meant."""
    return np.dtype([((f"{name} {kind} {ndim}", name), "i8", (N_WORDS + 2 * ndim,))
                     for name, kind, ndim in arrays])  # fmt: skip
