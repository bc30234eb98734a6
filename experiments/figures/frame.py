"""The frame of a figure: seven inches wide, a title and a legend above the panels, what is said of them below.

Laid out by hand, in inches, from the widths of the texts; matplotlib's own layout places the panels in what is left.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from experiments.figures.colours import DARK, GREY
from experiments.figures.layout import text_width, wrap

WIDTH = 7.0  # inches: a page's text
SMALLEST, LABEL, HEADING = 7.0, 7.5, 10.0  # points; nothing is written smaller
EDGE = 0.1  # inches left and right
LINE = SMALLEST * 1.28 / 72  # inches from one line to the next
SAMPLE = 0.24  # of a legend's line
PANEL_HEIGHT = 1.9


@dataclass(frozen=True)
class Sample:
    """A line of the legend: its colour, dashes and words."""

    text: str
    colour: Any
    dashes: Any = "-"
    begins: bool = False  # a line of the legend of its own


def framed(
    title: str, n: int, note: Sequence[str], legend: Sequence[Sample] = (), heading: str = "", columns: int = 0,
    height: float = PANEL_HEIGHT, **shared: Any,
) -> tuple[Any, list[Any]]:  # fmt: skip
    """Return a figure and its n panels, row by row.

    Parameters
    ----------
    title : str
        Of the figure.
    n : int
        Number of panels.
    note : sequence of str
        Paragraphs below the panels.
    legend : sequence of Sample
        What colours mean, above the panels.
    heading : str
        Of the legend.
    columns : int
        Panels beside each other; default two or three.
    height : float
        Of a panel with its labels, inches.
    **shared
        ``sharex`` and ``sharey`` of the panels.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    columns = columns or (n if n <= 2 else 2 if n == 4 else 3)
    rows = math.ceil(n / columns)
    titles = wrap(title, WIDTH - 2 * EDGE, HEADING, "bold")
    samples, legend_depth = _flow(legend, heading)
    head = 0.08 + 0.18 * len(titles) + legend_depth
    lines = [line for part in note for line in wrap(part, WIDTH - 2 * EDGE, SMALLEST)]
    foot = LINE * len(lines) + 0.1
    total = head + rows * height + foot
    place = (0.005, foot / total, 0.985, rows * height / total)
    layout = ConstrainedLayoutEngine(rect=place, w_pad=0.05, h_pad=0.05)
    figure = Figure(figsize=(WIDTH, total), facecolor="white", layout=layout)
    FigureCanvasAgg(figure)
    for k, line in enumerate(titles):
        _write(figure, EDGE, 0.16 + 0.18 * k, total, line, HEADING, "black", "bold")
    for k, line in enumerate(lines):
        _write(figure, EDGE, total - foot + 0.02 + LINE * (k + 0.8), total, line, SMALLEST, GREY)
    _draw_legend(figure, samples, 0.08 + 0.18 * len(titles), total, heading)
    axes = figure.subplots(rows, columns, squeeze=False, **shared).ravel()
    for axis in axes[n:]:
        axis.set_axis_off()
    for axis in axes:
        axis.tick_params(labelsize=SMALLEST, length=2.5)
        axis.spines[["top", "right"]].set_visible(False)
    return figure, list(axes[:n])


def _write(figure: Any, left: float, depth: float, total: float, text: str, size: float, colour: str,
           weight: str = "normal", room: bool = False) -> None:  # fmt: skip
    """Write a text with its first baseline `depth` inches below the top; the layout of panels leaves it alone."""
    words = figure.text(left / WIDTH, 1 - depth / total, text, size=size, color=colour, weight=weight, va="baseline")
    words.set_in_layout(room)


def _flow(legend: Sequence[Sample], heading: str) -> tuple[list[tuple[float, int, Sample, list[str]]], float]:
    """Return (left, line, sample, words in lines) of a legend that runs on from line to line, and its depth."""
    if not legend:
        return [], 0.0
    placed: list[tuple[float, int, Sample, list[str]]] = []
    x, row, tallest = EDGE + (text_width(heading, SMALLEST) + 0.15 if heading else 0.0), 0, 1
    if x > 0.6 * WIDTH:
        x, row = EDGE, 1
    for sample in legend:
        lines = wrap(sample.text, WIDTH - 2 * EDGE - SAMPLE - 0.2, SMALLEST)
        wide = SAMPLE + 0.2 + max(text_width(line, SMALLEST) for line in lines)
        if (x + wide > WIDTH or sample.begins) and x > EDGE:
            x, row, tallest = EDGE, row + tallest, 1
        placed.append((x, row, sample, lines))
        x, tallest = x + wide, max(tallest, len(lines))
    return placed, LINE * (row + tallest) + 0.06


def _draw_legend(
    figure: Any, placed: Sequence[tuple[float, int, Sample, list[str]]], top: float, total: float, heading: str
) -> None:
    from matplotlib.lines import Line2D

    if placed and heading:
        _write(figure, EDGE, top + 0.8 * LINE, total, heading, SMALLEST, DARK)
    for x, row, sample, lines in placed:
        depth = top + LINE * (row + 0.55)
        line = Line2D((x / WIDTH, (x + SAMPLE) / WIDTH), (1 - depth / total,) * 2, color=sample.colour,
                      linestyle=sample.dashes, linewidth=1.8, transform=figure.transFigure, figure=figure)  # fmt: skip
        line.set_in_layout(False)
        figure.add_artist(line)
        for k, text in enumerate(lines):
            _write(figure, x + SAMPLE + 0.05, top + LINE * (row + k + 0.8), total, text, SMALLEST, DARK)
