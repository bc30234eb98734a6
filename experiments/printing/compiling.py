"""What is told of compiling: that it is going on, for how long it may, and whether it is for this once."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

SECONDS = "(about 15 seconds)"
LINE_SECONDS = 10.0  # between two lines while it goes on


def tell_of_compiling() -> None:
    """Say what is happening if nothing has been compiled for these sources yet, or nothing of it can be kept."""
    from agents.compiled.rule import cache_folder

    folder = cache_folder()
    if folder is None:
        _tell(f"compiling the rules, in each process anew {SECONDS}: no folder for compiled code can be written; "
              "NUMBA_CACHE_DIR=DIR names another")  # fmt: skip
    elif not any(folder.rglob("*.nbi")):
        _tell(f"compiling the rules, once for this version and machine {SECONDS}")


@contextmanager
def compile_clock() -> Iterator[list[float]]:
    """Measure the time that Numba spends compiling, and say if it takes long.

    Taking compiled code from its cache does not count.
    """
    from numba.core.event import Listener, install_listener, install_timer

    class Teller(Listener):
        """Says now and then how many functions have been compiled."""

        def __init__(self) -> None:
            self.n, self.last = 0, time.perf_counter()

        def on_start(self, event: Any) -> None:
            now = time.perf_counter()
            if now - self.last > LINE_SECONDS:
                self.last = now
                _tell(f"compiling the rules: {self.n} functions so far")

        def on_end(self, event: Any) -> None:
            self.n += 1

    seconds: list[float] = []
    with install_timer("numba:compile", seconds.append), install_listener("numba:compile", Teller()):
        yield seconds


def _tell(line: str) -> None:
    print(f"ploshcha: {line}", file=sys.stderr, flush=True)
