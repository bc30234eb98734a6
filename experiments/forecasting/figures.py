"""Forecasts beside what was counted: a panel a crowd, 50 and 90 % of each forecast by date."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from experiments.figures.axes import log_labels, upright
from experiments.figures.colours import BLACK, BLUE, VERMILION
from experiments.figures.frame import LABEL, SMALLEST, Sample, framed
from experiments.figures.sheet import Sheet, as_columns, write_sheet
from experiments.printing.hours import month_name
from experiments.settings.read import OF_A_FIGURE, FigureForm
from experiments.store.chunks import FIGURES_FOLDER
from experiments.store.kinds import FORECAST_FILE

MODELS = (BLUE, VERMILION)
APART = 0.8  # days between two models' bars
MOST_PANELS = 6
NAME = "forecast"
ENDS = ("q05", "q25", "q50", "q75", "q95")


def redraw_forecast(folder: Path, forms: Sequence[FigureForm] = OF_A_FIGURE) -> None:
    """Draw figures/forecast.png of a folder of ``ploshcha forecast``.

    Raises
    ------
    OSError, ValueError, KeyError
        The table cannot be read.
    """
    import pyarrow.parquet as pq

    rows = pq.read_table(folder / FORECAST_FILE).to_pylist()
    if rows:
        (folder / FIGURES_FOLDER).mkdir(exist_ok=True)
        write_sheet(folder / FIGURES_FOLDER, NAME, forecast_sheet(rows), forms, f"ploshcha plot {folder}")


def forecast_sheet(rows: Sequence[dict[str, Any]]) -> Sheet:
    """Return forecasts by date; of several origins that of the nearest before each date.

    Parameters
    ----------
    rows : sequence of mapping
        Those of forecast.parquet: city, outcome, date, origin, model, counted, q01 to q99.
    """
    nearest: dict[tuple[str, ...], dict[str, Any]] = {}
    for row in sorted(rows, key=lambda row: row["origin"]):
        nearest[row["model"], row["city"], row["outcome"], row["date"]] = row
    found = list(nearest.values())
    crowds = list(dict.fromkeys((row["city"], row["outcome"]) for row in found))[:MOST_PANELS]
    models = list(dict.fromkeys(row["model"] for row in found))
    colours = dict(zip(models, MODELS, strict=False))
    origins = sorted({row["origin"] for row in found})
    note = (f"Forecasts of counts, their scatter included: median, 50 and 90 % (luck and parameters). From "
            f"{origins[0]}{f' to {origins[-1]}, each date from the origin before it' if len(origins) > 1 else ''}. "
            f"{found[0]['case']}; past counts only.")  # fmt: skip
    legend = [*(Sample(f"forecast, {model}", colours[model]) for model in models), Sample("counted", BLACK)]
    figure, axes = framed(f"Forecasts, {found[0]['case']}", len(crowds), [note], legend, height=2.2)
    for axis, crowd in zip(axes, crowds, strict=True):
        _draw(axis, [row for row in found if (row["city"], row["outcome"]) == crowd], colours)
        axis.set_ylabel(upright(axis, " ".join(crowd).replace("_", " ")), fontsize=LABEL)
    told = [{**{name: row[name] for name in ("model", "city", "outcome", "date", "origin")},
             "counted": row.get("counted"), **{end: row[end] for end in ENDS}} for row in found]  # fmt: skip
    return Sheet(figure, as_columns(told), "How large were the crowds after the origin, beside the forecast?", note)


def _draw(axis: Any, rows: Sequence[dict[str, Any]], colours: dict[str, str]) -> None:
    first = min(date.fromisoformat(row["date"]) for row in rows)
    for row in rows:
        x = (date.fromisoformat(row["date"]) - first).days
        k = list(colours).index(row["model"])
        at, colour = x + APART * k / max(len(colours), 1), colours[row["model"]]
        axis.vlines(at, row["q05"], row["q95"], color=colour, alpha=0.35, linewidth=2.5)
        axis.vlines(at, row["q25"], row["q75"], color=colour, alpha=0.8, linewidth=2.5)
        axis.plot([at], [row["q50"]], "_", color="white", markersize=4)
        counted = row.get("counted")
        if k == 0 and counted is not None and np.isfinite(counted):
            axis.plot([x], [counted], "D", color=BLACK, markersize=3.5, zorder=3)
    axis.set_yscale("log")
    log_labels(axis.yaxis)
    days = sorted({date.fromisoformat(row["date"]) for row in rows})
    shown = days[:: max(1, len(days) // 4)]
    axis.set_xticks([(day - first).days for day in shown], [f"{day.day} {month_name(day)[:3]}" for day in shown],
                    fontsize=SMALLEST)  # fmt: skip
