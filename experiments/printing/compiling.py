"""What is told of compiling: that it is going on, for how long it may, and whether it is for this once."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

SECONDS = "(half a minute to a minute)"
LINE_SECONDS = 10.0  # between two lines while it goes on


def tell_of_compiling() -> None:
    """Say what is happening if nothing has been compiled on this machine yet, or nothing of it can be kept."""
    from agents.compiled.rule import cache_folder

    folder = cache_folder()
    if folder is None:
        _tell(f"compiling the rules, in each process anew {SECONDS}: no folder for compiled code can be written; "
              "NUMBA_CACHE_DIR=DIR names another")  # fmt: skip
    elif not any(folder.rglob("*.nbi")):
        _tell(f"compiling the rules, once for this machine {SECONDS}")


@contextmanager
def compile_clock(has_bar: bool = False) -> Iterator[list[float]]:
    """Measure the time that Numba spends compiling, and say so if it takes long: a bar on a terminal, else lines.

    Taking compiled code from its cache does not count.

    Parameters
    ----------
    has_bar : bool
        False where another bar is shown meanwhile.
    """
    from numba.core.event import Listener, install_listener, install_timer

    from agents.compiled import kept

    class Teller(Listener):
        """Counts what has been compiled, and shows it after a while."""

        def on_start(self, event: Any) -> None:
            show.now()

        def on_end(self, event: Any) -> None:
            show.n += 1

    seconds: list[float] = []
    with _Shown(has_bar and sys.stderr.isatty()) as show:
        with install_timer("numba:compile", seconds.append), install_listener("numba:compile", Teller()):
            yield seconds
    if kept.NOT_KEPT:
        _tell(f"compiled code cannot be kept ({kept.NOT_KEPT[0]}): the next command compiles again")


class _Shown:
    """How many functions have been compiled, shown if it takes longer than LINE_SECONDS."""

    def __init__(self, has_bar: bool) -> None:
        self.n, self.has_bar, self.last = 0, has_bar, time.perf_counter()
        self.bar: Any = None

    def __enter__(self) -> _Shown:
        return self

    def now(self) -> None:
        """Show the number, if enough time has passed."""
        now = time.perf_counter()
        if self.bar is not None:
            self.bar.update(self.task, completed=self.n)
        elif now - self.last > LINE_SECONDS:
            self.last = now
            self._begin() if self.has_bar else _tell(f"compiling the rules: {self.n} functions so far")

    def _begin(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        told = TextColumn("{task.completed} functions")
        columns = (TextColumn("compiling the rules"), BarColumn(), told, TimeElapsedColumn())
        self.bar = Progress(*columns, console=Console(stderr=True), transient=True, refresh_per_second=4)
        self.task = self.bar.add_task("", total=None, completed=self.n)
        self.bar.start()

    def __exit__(self, *_: object) -> None:
        if self.bar is not None:
            self.bar.stop()


def _tell(line: str) -> None:
    print(f"ploshcha: {line}", file=sys.stderr, flush=True)
