"""Splits passes over rows into fixed blocks and shares them between threads."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

BLOCK = 131_072  # rows of a block, whatever the number of threads: sums of floats never depend on it

R = TypeVar("R")


class Threads:
    """Runs passes block by block; kernels release the GIL, so Python threads are enough.

    With one thread no pool exists and no parallel region is entered.
    """

    def __init__(self, threads: int) -> None:
        self.threads = threads
        self.pool = ThreadPoolExecutor(threads) if threads > 1 else None

    def each(self, start: int, stop: int, work: Callable[[int, int], R]) -> list[R]:
        """Let ``work(first, last)`` handle the rows start..stop; results in the order of the blocks."""
        blocks = [(first, min(stop, first + BLOCK)) for first in range(start, stop, BLOCK)] or [(start, stop)]
        if self.pool is None or len(blocks) == 1:
            return [work(first, last) for first, last in blocks]
        return list(self.pool.map(lambda block: work(*block), blocks))

    def close(self) -> None:
        """End the threads."""
        if self.pool is not None:
            self.pool.shutdown()
