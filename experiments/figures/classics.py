"""What a run of a classic leaves: curves by step, a figure, and the table of outbursts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from experiments.figures.run import BLACK, BLUE, DPI, GREEN, VERMILION
from experiments.store.run_folder import as_table, numbers
from sim.classics.results import OUTBURST_ACTIVE, ClassicResult, Outburst, outbursts

if TYPE_CHECKING:
    import pyarrow
    from rich.console import Console

COLOURS = {"protesting": BLUE, "detained": BLACK, "officers": VERMILION, "mean_tension": GREEN, "blue": BLUE,
           "green": GREEN, "members": GREEN, "activists": VERMILION, "pillars_left": VERMILION,
           "legitimacy": GREEN}  # fmt: skip
PANELS = (("protesting", "officers"), ("members", "activists"), ("detained",), ("blue", "green"), ("pillars_left",),
          ("mean_tension",), ("legitimacy",), ("mean_shelter", "mean_own_share"))  # fmt: skip
SHOWN_OUTBURSTS = 12  # rows of the table; all are counted


def curves_table(result: ClassicResult) -> pyarrow.Table:
    """Return the curves as a table with one row per step."""
    columns = {"step": numbers(np.arange(result.steps, dtype=np.int32))}
    for name, values in result.curves_columns.items():
        columns[name] = numbers(np.asarray(values, dtype=np.float64), has_missing=name.startswith("mean_"))
    return as_table(columns)


def draw_curves(result: ClassicResult, path: str | Path) -> None:
    """Draw the curves of a run over its steps; the bytes depend only on the result and the version of matplotlib."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    panels = [[name for name in panel if name in result.curves_columns] for panel in PANELS]
    panels = [panel for panel in panels if panel] or [list(result.curves_columns)]
    figure = Figure(figsize=(7.2, 1.2 + 1.5 * len(panels)), facecolor="white", layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(len(panels), 1, sharex=True, squeeze=False)[:, 0]
    for axis, panel in zip(axes, panels, strict=True):
        _draw_panel(axis, result, panel)
    axes[-1].set_xlabel("step")
    figure.suptitle(f"{result.parameters.scenario.title}, seed {result.parameters.seed}", x=0.01, ha="left", fontsize=9)
    figure.savefig(path, dpi=DPI, format="png", metadata={"Software": "ploshcha"})


def _draw_panel(axis: Any, result: ClassicResult, names: Sequence[str]) -> None:
    """Draw some curves that share a unit."""
    for name in names:
        axis.plot(result.curves_columns[name], color=COLOURS.get(name), linewidth=0.9, label=name.replace("_", " "))
    if "protesting" in names and "officers" in names and "outcome" not in result.stats:
        axis.axhline(OUTBURST_ACTIVE, color="#6E6E6E", linewidth=0.6, linestyle=(0, (2, 2)))
    unit = result.units[names[0]][0]
    axis.set_ylabel("" if unit == "1" else unit, fontsize=8)
    if unit == "persons":
        axis.set_ylim(bottom=0)
    axis.tick_params(labelsize=7)
    axis.legend(fontsize=7, frameon=False, loc="lower right", bbox_to_anchor=(1.0, 0.98), ncols=len(names))
    axis.spines[["top", "right"]].set_visible(False)


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
