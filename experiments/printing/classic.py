"""What a run of a classic prints: how it ended, and its outbursts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.classics.results import OUTBURST_ACTIVE, ClassicResult, Outburst, outbursts

if TYPE_CHECKING:
    from rich.console import Console

SHOWN_OUTBURSTS = 12  # rows of the table; all are counted


def print_classic(result: ClassicResult, console: Console) -> None:
    """Print how the run ended, and its outbursts."""
    last = {name: values[-1] for name, values in result.curves_columns.items()}
    text = ", ".join(f"{name.replace('_', ' ')} {value:.6g}" for name, value in last.items())
    console.print(f"After {result.steps} steps: {text}", highlight=False)
    if "outcome_line" in result.stats:
        console.print(result.stats["outcome_line"], highlight=False)
    if "mean_tension" in result.curves_columns:
        episodes = outbursts(result.curves_columns["protesting"])
        console.print(summary(episodes), highlight=False)
        if episodes:
            console.print(outburst_table(episodes))


def summary(episodes: Sequence[Outburst]) -> str:
    """Return number, waiting times and sizes of the outbursts in one line."""
    head = f"Outbursts (more than {OUTBURST_ACTIVE} active): {len(episodes)}"
    if not episodes:
        return head
    waiting = [episode.waiting for episode in episodes[1:]]
    waited = f", waiting times mean {np.mean(waiting):.1f} sd {np.std(waiting):.1f} steps" if waiting else ""
    sizes = [episode.size for episode in episodes]
    return f"{head}{waited}, sizes mean {np.mean(sizes):.0f} sd {np.std(sizes):.0f} active x steps"


def outburst_table(episodes: Sequence[Outburst]) -> Any:
    """Return the first outbursts as a table."""
    from rich.table import Table

    more = len(episodes) - SHOWN_OUTBURSTS
    table = Table(box=None, title_justify="left", caption=f"and {more} more" if more > 0 else None)
    for name in ("outburst", "first step", "last step", "waiting time", "size", "peak"):
        table.add_column(name, justify="right")
    for number, episode in enumerate(episodes[:SHOWN_OUTBURSTS], start=1):
        values = (number, episode.first, episode.last, episode.waiting, episode.size, episode.peak)
        table.add_row(*map(str, values))
    return table
