"""The posterior as it stands after each round: weighted histograms beside the prior."""

from __future__ import annotations

import io

import numpy as np

from experiments.calibration.abc import Posterior
from experiments.calibration.request import Request
from experiments.store.files import write_whole

BINS = 24
WIDTH_INCHES, ROW_INCHES, COLUMNS = 7.0, 1.9, 3


def draw_posterior(request: Request, found: Posterior) -> None:
    """Write figures/posterior.png: a panel a parameter, the prior in grey."""
    from matplotlib.figure import Figure

    names = request.names
    rows = -(-len(names) // COLUMNS)
    figure = Figure(figsize=(WIDTH_INCHES, 0.5 + ROW_INCHES * rows), layout="constrained")
    even = np.random.default_rng(0).standard_normal(4000)
    for k, (name, prior) in enumerate(zip(names, request.columns, strict=True)):
        axes = figure.add_subplot(rows, COLUMNS, k + 1)
        everywhere = prior.value(even)
        edges = np.linspace(everywhere.min(), everywhere.max(), BINS + 1).tolist()
        axes.hist(everywhere, edges, density=True, color="0.85", label="prior")
        axes.hist(prior.value(found.v[:, k]), edges, density=True, weights=found.weights, histtype="step",
                  color="#b03030", label="posterior")  # fmt: skip
        axes.set_xlabel(name.replace(".", ".\n", 1), fontsize=7)
        axes.tick_params(labelsize=6)
        axes.set_yticks([])
    figure.axes[0].legend(fontsize=6, frameon=False)
    figure.suptitle(f"tolerance {found.tolerance:.2f} in logs, effective sample size {found.ess:.0f}", fontsize=8)
    file = io.BytesIO()
    figure.savefig(file, dpi=150, format="png", metadata={"Software": None})
    (request.out / "figures").mkdir(exist_ok=True)
    write_whole(request.out / "figures" / "posterior.png", file.getvalue())
