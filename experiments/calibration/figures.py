"""Figures of a fit: the posterior after each round, beside the prior, and what its runs say beside the reports."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from experiments.calibration.abc import Posterior, effective_size
from experiments.calibration.checks import quantiles
from experiments.calibration.priors import Prior
from experiments.calibration.request import AT, Request
from experiments.calibration.tables import CHECKS
from experiments.design.fitted import declared_parameters
from experiments.figures.axes import log_labels
from experiments.figures.colours import BLACK, BLUE, VERMILION
from experiments.figures.frame import LABEL, Sample, framed
from experiments.figures.layout import wrap
from experiments.figures.sheet import Sheet, as_columns, write_sheet
from experiments.settings.read import OF_A_FIGURE, FigureForm
from experiments.store.chunks import FIGURES_FOLDER

BINS = 24
COLUMNS, HEIGHT = 3, 1.6
PRIOR, REPORTED = "0.82", "0.5"
NAME, PREDICTED = "posterior", "predicted"
ROW = 0.16  # inches of a crowd
MOST_ROWS = 50
ENDS = [0.05, 0.5, 0.95]


def draw_posterior(request: Request, found: Posterior) -> None:
    """Draw figures/posterior.png: a panel a parameter, the prior in grey."""
    theta = request.theta(found.v)
    told = f"tolerance {found.tolerance:.2f} in logs, effective sample size {found.ess:.0f}"
    sheet = posterior_sheet(request.names, request.columns, theta, found.weights, told)
    command = f"ploshcha calibrate cases=[{','.join(request.own.cases)}] out={request.out}  # settings: manifest.json"
    _write(request.out, sheet, OF_A_FIGURE, command)


def redraw_posterior(folder: Path, manifest: dict[str, Any], forms: Sequence[FigureForm]) -> None:
    """Draw the posterior of a finished calibration again, from its folder.

    Raises
    ------
    OSError, ValueError, KeyError
        There is no posterior, or it is none of this version.
    """
    import pyarrow.parquet as pq

    table = pq.read_table(folder / "posterior.parquet").to_pydict()
    known, asked = declared_parameters(), manifest["calibration"]
    priors = {name: Prior(name, kind, first, second, known[name].low, known[name].high)
              for name, kind, first, second in asked["priors"]}  # fmt: skip
    cases, per_case = list(asked["cases"]), set(asked.get("per_case", ()))
    names = [name for name in priors if name not in per_case]
    names += [f"{name}{AT}{case}" for case in cases for name in priors if name in per_case]
    of_case = np.array(table["case"])
    rows = {case: np.flatnonzero(of_case == case) for case in cases}
    theta = np.stack([np.array(table[name.partition(AT)[0]])[rows[name.partition(AT)[2] or cases[0]]]
                      for name in names], axis=1)  # fmt: skip
    weights = np.array(table["weight"])[rows[cases[0]]]
    weights = weights / weights.sum()
    told = f"{len(weights)} weighted draws, effective sample size {effective_size(weights):.0f}"
    sheet = posterior_sheet(names, [priors[name.partition(AT)[0]] for name in names], theta, weights, told)
    _write(folder, sheet, forms, f"ploshcha plot {folder}")


def posterior_sheet(
    names: Sequence[str], priors: Sequence[Prior], theta: np.ndarray, weights: np.ndarray, told: str
) -> Sheet:
    """Return histograms of the draws, float64 (n, n_parameters), beside those of the priors."""
    note = (f"Densities, each panel on a scale of its own; bars: median and 90 % of the posterior. Weighted by the "
            f"reports: {told}. Luck and what is unknown of these parameters.")  # fmt: skip
    legend = [Sample("prior", PRIOR), Sample("posterior", BLUE), Sample("median and 90 %", BLACK)]
    figure, axes = framed("Posterior", len(names), [note], legend, columns=min(COLUMNS, len(names)), height=HEIGHT)
    even, rows = np.random.default_rng(0).standard_normal(4000), []
    for axis, name, prior, values in zip(axes, names, priors, theta.T, strict=True):
        everywhere = prior.value(even)
        edges = np.linspace(everywhere.min(), everywhere.max(), BINS + 1).tolist()
        before, *_ = axis.hist(everywhere, edges, density=True, color=PRIOR)
        after, *_ = axis.hist(values, edges, density=True, weights=weights, histtype="step", color=BLUE, linewidth=1.1)
        low, middle, high = quantiles(values, weights, ENDS)
        top = 1.12 * max(before.max(), after.max())
        axis.plot([low, high], [top, top], color=BLACK, linewidth=1.1)
        axis.plot([middle], [top], "o", color=BLACK, markersize=3)
        axis.set_ylim(0.0, 1.08 * top)
        axis.set_xlabel("\n".join(wrap(name.replace(AT, f" {AT}"), 2.0, LABEL)), fontsize=LABEL)
        axis.set_yticks([])
        rows += [{"parameter": name, "from": low, "to": high, "prior": float(p), "posterior": float(q)}
                 for low, high, p, q in zip(edges[:-1], edges[1:], before, after, strict=True)]  # fmt: skip
    return Sheet(figure, as_columns(rows), "What do the reports say of these parameters?", note)


def redraw_predicted(folder: Path, forms: Sequence[FigureForm] = OF_A_FIGURE) -> None:
    """Draw what the runs of a finished calibration say beside the reports, from its folder, if that has it.

    Raises
    ------
    OSError, ValueError, KeyError
        The table is damaged, or none of this version.
    """
    import pyarrow.parquet as pq

    path = folder / CHECKS / "predicted.parquet"
    if path.is_file() and (rows := pq.read_table(path).to_pylist()):
        _write(folder, predicted_sheet(rows), forms, f"ploshcha plot {folder}", PREDICTED)


def predicted_sheet(rows: Sequence[dict[str, Any]]) -> Sheet:
    """Return each reported crowd beside what runs at the posterior say.

    Parameters
    ----------
    rows : sequence of mapping
        Those of checks/predicted.parquet: case, crowd, low, high, q05, q50, q95, verdict.
    """
    shown, n_left = list(rows[:MOST_ROWS]), max(0, len(rows) - MOST_ROWS)
    n_missed = sum(row["verdict"].startswith("missed") for row in rows)
    note = (f"Lines: 5 to 95 % of runs, weighted by the reports (luck and parameters), with the median; grey: what was "
            f"reported, lowest to highest. {n_missed} of {len(rows)} missed. The same reports made the fit."
            f"{f' {n_left} more in checks/predicted.parquet.' if n_left else ''} Persons, log scale; the left edge is "
            "none.")  # fmt: skip
    legend = [Sample("reported", REPORTED), Sample("model, within", BLUE), Sample("model, missed", VERMILION)]
    figure, (axis,) = framed("What the fit says of what was reported", 1, [note], legend,
                             height=0.45 + ROW * len(shown))  # fmt: skip
    ends = ("low", "high", "q05", "q50", "q95")
    least = min((row[end] for row in shown for end in ends if row[end] > 0), default=1.0) / 2.0
    for k, row in enumerate(shown):
        low, high, q05, q50, q95 = (max(row[end], least) for end in ends)
        colour = VERMILION if row["verdict"].startswith("missed") else BLUE
        axis.plot([low, high], [k, k], color=PRIOR, linewidth=6, solid_capstyle="butt", zorder=1)
        axis.plot([low, high], [k, k], "|", color=REPORTED, markersize=6, zorder=2)
        axis.plot([q05, q95], [k, k], color=colour, linewidth=1.3, zorder=3)
        axis.plot([q50], [k], "o", color=colour, markersize=3.5, zorder=4)
    axis.set_yticks(range(len(shown)), [_crowd_label(row, len({each["case"] for each in rows}) > 1) for row in shown])
    axis.set_ylim(len(shown) - 0.4, -0.6)
    axis.tick_params(axis="y", length=0)
    axis.set_xscale("log")
    log_labels(axis.xaxis)
    told = [{name: row[name] for name in ("case", "crowd", *ends, "verdict")} for row in rows]
    return Sheet(figure, as_columns(told), "Does the fit give the crowds that were reported?", note)


def _crowd_label(row: dict[str, Any], has_case: bool) -> str:
    city, outcome, statistic, hours = row["crowd"].rsplit(".", 3)
    case = f"{row['case']}, " if has_case and city not in row["case"] else ""
    return f"{case}{city}: {outcome.replace('_', ' ')}, {statistic}, hours {hours}"


def _write(folder: Path, sheet: Sheet, forms: Sequence[FigureForm], command: str, name: str = NAME) -> None:
    (folder / FIGURES_FOLDER).mkdir(exist_ok=True)
    write_sheet(folder / FIGURES_FOLDER, name, sheet, forms, command)
