"""Splits passes over rows into fixed blocks and shares them between threads."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import numpy as np

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
        if stop - start <= BLOCK:
            return [work(start, stop)]
        blocks = [(first, min(stop, first + BLOCK)) for first in range(start, stop, BLOCK)]
        if self.pool is None:
            return [work(first, last) for first, last in blocks]
        return list(self.pool.map(lambda block: work(*block), blocks))

    def summed(self, start: int, stop: int, work: Callable[[int, int], np.ndarray]) -> np.ndarray:
        """Let ``work(first, last)`` count in the rows start..stop; return the sum of its arrays, in their order."""
        total, *others = self.each(start, stop, work)
        for other in others:
            total += other
        return total

    def close(self) -> None:
        """End the threads."""
        if self.pool is not None:
            self.pool.shutdown()
