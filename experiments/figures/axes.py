"""What the figures of a sweep share: panels, labels, bands, and which points belong to which line."""

from __future__ import annotations

import io
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from agents.vocabulary import CURVES
from experiments.analysis.effects import Effect
from experiments.design.levers import Lever, cell
from experiments.design.plan import Plan
from experiments.figures.colours import BLACK, BLUE, GREEN, GREY, VERMILION
from experiments.outcomes import OUTCOMES
from experiments.store.files import write_whole

COLOURS = (BLUE, VERMILION, GREEN, "#CC79A7", "#E69F00", "#56B4E9", BLACK)
BANDS = ((0.05, 0.95, 0.15), (0.25, 0.75, 0.3))  # quantiles, opacity
MOST_LINES, MOST_PANELS = 6, 6
FEW = 5  # replicates below which no quantiles are drawn but the range
DPI = 150
LETTERS_PER_INCH = 21  # of a note in 6.5 points, so that it is not cut off
WIDTH, HEIGHT = 3.4, 2.6  # of a panel, inches

Values = Mapping[int, Mapping[str, Any]]  # outcomes of finished runs, by number of the run


def new_figure(n: int, plan: Plan, note: str, columns: int | None = None, width: float = WIDTH,
               height: float = HEIGHT, **shared: Any) -> tuple[Any, list[Any]]:  # fmt: skip
    """Return a figure with the sweep's title, a note below and n panels; and the panels, row by row."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    columns = columns or min(n, 2 if n <= 4 else 3)
    rows = math.ceil(n / columns)
    figure = Figure(figsize=(max(width * columns, 5.0), height * rows + 0.7), facecolor="white", layout="constrained")
    FigureCanvasAgg(figure)
    figure.suptitle(plan.experiment.title, x=0.01, ha="left", fontsize=10)
    room = int(LETTERS_PER_INCH * figure.get_figwidth())
    lines = [wrapped(line, room) for line in note.splitlines()]
    figure.supxlabel("\n".join(lines), x=0.01, ha="left", fontsize=6.5, color=GREY)
    axes = figure.subplots(rows, columns, squeeze=False, **shared).ravel()
    for axis in axes[n:]:
        axis.set_axis_off()
    for axis in axes:
        axis.tick_params(labelsize=7)
        axis.spines[["top", "right"]].set_visible(False)
    return figure, list(axes[:n])


def save_figure(figure: Any, path: Path) -> None:
    """Write a figure, whole or not at all."""
    content = io.BytesIO()
    figure.savefig(content, dpi=DPI, format="png", metadata={"Software": "ploshcha"})
    write_whole(path, content.getvalue())


def name_lines(figure: Any, axis: Any, title: str) -> None:
    """Put the legend of an axis beside the panels, where it covers nothing."""
    handles, texts = axis.get_legend_handles_labels()
    figure.legend(handles, texts, title=title, loc="outside right upper", fontsize=7, title_fontsize=7, frameon=False)


def count_note(plan: Plan, values: Values) -> str:
    """Say how many runs a figure stands on."""
    state = "" if len(values) == plan.n_runs else f" ({len(values)} of {plan.n_runs} runs so far)"
    bands = "50 and 90 % of replicates" if plan.replicates >= FEW else "range of replicates"
    return f"n = {plan.replicates} replicates a point{state}; line: median, bands: {bands} (luck only)"


def outcome_label(name: str) -> str:
    """Return the axis label of an outcome, with its unit."""
    unit, _ = OUTCOMES.get(name, ("", ""))
    unit = "share of replicates" if unit == "flag" else unit
    return wrapped(name.replace("_", " ") + (f" ({unit})" if unit and unit != "1" else ""))


def curve_label(name: str) -> str:
    """Return the axis label of a curve, with its unit."""
    unit = CURVES[name][0] if name in CURVES else ""
    return name.replace("_", " ") + (f" ({unit})" if unit and unit != "1" else "")


def lever_label(plan: Plan, lever: Lever) -> str:
    """Return what a lever is called in figures: by the experiment's file, or by its name on the command line."""
    return wrapped(str(plan.experiment.figure.get("labels", {}).get(lever.name, lever.name)))


def wrapped(text: str, width: int = 36) -> str:
    """Break a long label into lines."""
    import textwrap

    return "\n".join(textwrap.wrap(text, width))


def shortened(text: str, most: int = 66) -> str:
    """Return a text that leaves room for the panel, such as the beginning of a long schedule."""
    return text if len(text) <= most else text[: most - 2] + ".."


def written(value: Any) -> str:
    """Return a lever's value as it stands in a legend or on an axis."""
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return f"{value:g}" if isinstance(value, float) else str(value)


def runs_of(plan: Plan, point: int) -> range:
    """Return the numbers of a point's runs."""
    return range(point * plan.replicates, (point + 1) * plan.replicates)


def is_gridded(plan: Plan) -> bool:
    """Whether points share the values of levers, so that lines can be drawn through them."""
    return plan.method in ("grid", "list")


def line_groups(plan: Plan) -> dict[str, list[int]]:
    """Return the points of each line over the first lever: those that share the second's value, up to six."""
    everything = {"": list(range(len(plan.points)))}
    if len(plan.levers) < 2 or not is_gridded(plan):
        return everything
    first, second = plan.levers[:2]
    groups: dict[str, list[int]] = {}
    for point in range(len(plan.points)):
        if set(plan.changed_levers(point)) <= {first.name, second.name}:
            groups.setdefault(written(plan.points[point][second.name]), []).append(point)
    return groups if len(groups) <= MOST_LINES else everything


def place_of(plan: Plan, lever: Lever, value: Any) -> float:
    """Return where a value stands on the lever's axis: a number at itself, anything else in the order given."""
    return float(value) if lever.is_numeric else float(lever_order(lever).index(cell(value)))


def lever_order(lever: Lever) -> list[Any]:
    """Return the values of a lever without numbers, in their own order."""
    return list(dict.fromkeys(cell(value) for value in lever.levels(None)))


def lever_axis(axis: Any, plan: Plan, lever: Lever) -> None:
    """Label the horizontal axis with a lever and its values."""
    axis.set_xlabel(lever_label(plan, lever), fontsize=7.5)
    if not lever.is_numeric:
        names = [wrapped(shortened(written(value)), 22) for value in lever.levels(None)]
        axis.set_xticks(range(len(names)), names, rotation=30, ha="right", fontsize=6.5)
        axis.set_xlim(-0.5, len(names) - 0.5)


def outcome_axis(axis: Any, text: str) -> None:
    """Label the vertical axis, large numbers with separators."""
    axis.set_ylabel(text, fontsize=7.5)
    if max(map(abs, axis.get_ylim())) > 100:
        axis.yaxis.set_major_formatter(with_separators)


def with_separators(value: float, place: int = 0) -> str:
    """Return a number of an axis as people write it: 100,000, also on a log scale."""
    return f"{value:,.0f}"


def quantile_bands(rows: np.ndarray) -> list[tuple[np.ndarray, np.ndarray, float]]:
    """Return lower edge, upper edge and opacity of each band over replicates, shape of rows (replicates, places)."""
    bands = BANDS if len(rows) >= FEW else ((0.0, 1.0, 0.15),)
    return [(*np.nanquantile(rows, [low, high], axis=0), opacity) for low, high, opacity in bands]


def shown_effects(effects: Sequence[Effect], name: str) -> dict[int, Effect]:
    """Return the effects on an outcome, by point."""
    return {effect.point: effect for effect in effects if effect.outcome == name and math.isfinite(effect.difference)}
