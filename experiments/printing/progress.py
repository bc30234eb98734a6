"""How far a run, or a sweep, is: a bar on a terminal, else a line now and then. All of it on standard error."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

LINE_SECONDS = 30.0  # between two lines of progress where there is no terminal


@contextmanager
def progress_bar(title: str, has_bar: bool = True) -> Iterator[Callable[[int, int], None] | None]:
    """Show a bar on standard error if that is a terminal; give what is to be called after each hour."""
    if not has_bar or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[hour]}"), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True, refresh_per_second=4) as bar:
        task = bar.add_task(title, total=None, hour="building")

        def advance(done: int, n: int) -> None:
            bar.update(task, total=n, completed=done, hour=f"{done} of {n}")

        yield advance


@dataclass
class State:
    """How far a sweep is."""

    n_runs: int
    n_before: int = 0  # finished when this call began
    n_done: int = 0
    failed: dict[int, str] = field(default_factory=dict)
    began: float = field(default_factory=time.perf_counter)

    def line(self) -> str:
        """Return runs, rate, time left and failures."""
        seconds = time.perf_counter() - self.began
        rate = (self.n_done - self.n_before) / max(seconds, 1e-9)
        left = (self.n_runs - self.n_done - len(self.failed)) / rate if rate else float("inf")
        told = f"{self.n_done} of {self.n_runs} runs, {rate:.1f} a second, {clock(left)} left"
        return told + (f", {len(self.failed)} failed" if self.failed else "")


def clock(seconds: float) -> str:
    """Return a duration in words."""
    if seconds == float("inf"):
        return "unknown time"
    minutes = seconds / 60
    return f"{seconds:.0f} s" if minutes < 2 else f"{minutes:.0f} min" if minutes < 120 else f"{minutes / 60:.1f} h"


def in_notebook() -> bool:
    """Whether a Jupyter kernel runs this process; loads nothing where none does."""
    shell = sys.modules.get("IPython")
    return shell is not None and type(shell.get_ipython()).__name__ == "ZMQInteractiveShell"


class NotebookBar:
    """The bar of a sweep in the output of a cell: plain HTML, so no extension is needed and an export keeps it."""

    def __init__(self, state: State) -> None:
        from IPython.display import display

        self.state = state
        self.handle = display(self, display_id=True)

    def _repr_html_(self) -> str:
        done = self.state.n_done + len(self.state.failed)
        return f'<progress max="{self.state.n_runs}" value="{done}" style="width:20em"></progress> {self.state.line()}'

    def __repr__(self) -> str:
        return self.state.line()

    def update(self, *_: object, **__: object) -> None:
        """Show the state of now."""
        self.handle.update(self)

    def stop(self) -> None:
        """Show the last state."""
        self.update()


class progress:  # noqa: N801
    """Shows how far a sweep is: a bar on a terminal or in a notebook, else a line now and then. Gives what to call."""

    def __init__(self, state: State) -> None:
        self.state, self.last = state, time.perf_counter()
        self.bar: Any = None
        self.task: Any = None

    def __enter__(self) -> Callable[[], None]:
        if in_notebook():
            self.bar = NotebookBar(self.state)
        elif sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, Progress, TextColumn

            self.bar = Progress(BarColumn(), TextColumn("{task.description}"), console=Console(stderr=True),
                                transient=True, auto_refresh=False)  # fmt: skip
            self.bar.start()
            self.task = self.bar.add_task(self.state.line(), total=self.state.n_runs)
        return self.show

    def show(self) -> None:
        """Show the state, if enough time has passed."""
        now = time.perf_counter()
        if now - self.last < (0.2 if self.bar is not None else LINE_SECONDS):
            return
        self.last = now
        if self.bar is None:
            print(f"ploshcha: {self.state.line()}", file=sys.stderr, flush=True)
            return
        completed = self.state.n_done + len(self.state.failed)
        self.bar.update(self.task, completed=completed, description=self.state.line(), refresh=True)

    def __exit__(self, *_: object) -> None:
        if self.bar is not None:
            self.bar.stop()
