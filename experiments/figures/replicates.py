"""The figure of a sweep without levers: the run's own, over all seeds."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from experiments.analysis.effects import Effect
from experiments.design.plan import Plan
from experiments.figures.axes import Values
from experiments.figures.curves import curves_figure
from experiments.figures.run import mobilization_sheet
from experiments.figures.sheet import Sheet
from experiments.figures.shown import shown_sweep


def replicates_figure(folder: Path, plan: Plan, values: Values, effects: Sequence[Effect]) -> Sheet | None:
    """Draw persons in each activity by hour and city, medians and bands over the replicates."""
    shown = shown_sweep(folder, plan, [run for run in sorted(values) if run < plan.replicates])
    return curves_figure(folder, plan, values, effects) if shown is None else mobilization_sheet(
        shown, plan.experiment.question)  # fmt: skip
