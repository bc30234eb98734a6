"""The posterior as it stands after each round: weighted histograms beside the prior."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from experiments.calibration.abc import Posterior, effective_size
from experiments.calibration.priors import Prior
from experiments.calibration.request import AT, Request
from experiments.design.fitted import declared_parameters
from experiments.figures.colours import BLUE
from experiments.figures.frame import LABEL, Sample, framed
from experiments.figures.layout import wrap
from experiments.figures.sheet import Sheet, as_columns, write_sheet
from experiments.settings.read import OF_A_FIGURE, FigureForm
from experiments.store.chunks import FIGURES_FOLDER

BINS = 24
COLUMNS, HEIGHT = 3, 1.5
PRIOR = "0.82"
NAME = "posterior"


def draw_posterior(request: Request, found: Posterior) -> None:
    """Draw figures/posterior.png: a panel a parameter, the prior in grey."""
    theta = np.stack([prior.value(found.v[:, k]) for k, prior in enumerate(request.columns)], axis=1)
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
    note = f"Densities; weighted by the reports: {told}. Luck and what is unknown of these parameters."
    figure, axes = framed("Posterior", len(names), [note], [Sample("prior", PRIOR), Sample("posterior", BLUE)],
                          columns=min(COLUMNS, len(names)), height=HEIGHT)  # fmt: skip
    even, rows = np.random.default_rng(0).standard_normal(4000), []
    for axis, name, prior, values in zip(axes, names, priors, theta.T, strict=True):
        everywhere = prior.value(even)
        edges = np.linspace(everywhere.min(), everywhere.max(), BINS + 1).tolist()
        before, *_ = axis.hist(everywhere, edges, density=True, color=PRIOR)
        after, *_ = axis.hist(values, edges, density=True, weights=weights, histtype="step", color=BLUE, linewidth=1.1)
        axis.set_xlabel("\n".join(wrap(name.replace(".", ". ").replace(AT, f" {AT}"), 2.0, LABEL)), fontsize=LABEL)
        axis.set_yticks([])
        rows += [{"parameter": name, "from": low, "to": high, "prior": float(p), "posterior": float(q)}
                 for low, high, p, q in zip(edges[:-1], edges[1:], before, after, strict=True)]  # fmt: skip
    return Sheet(figure, as_columns(rows), "What do the reports say of these parameters?", note)


def _write(folder: Path, sheet: Sheet, forms: Sequence[FigureForm], command: str) -> None:
    (folder / FIGURES_FOLDER).mkdir(exist_ok=True)
    write_sheet(folder / FIGURES_FOLDER, NAME, sheet, forms, command)
