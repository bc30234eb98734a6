"""The table that a sensitivity analysis prints."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from experiments.analysis.indices import INDICES
from experiments.analysis.sensitivity import BLOCKS, Analysis, lever_names, note, order
from experiments.design.levers import cell
from experiments.design.plan import Plan
from experiments.outcomes import OUTCOMES
from experiments.printing.numbers import aligned, amount

SPANNED = ("S1", "ST", "mu_star", "sigma", "median")  # printed with their intervals


def sensitivity_lines(plan: Plan, analyses: Sequence[Analysis]) -> list[str]:
    """Return the printed table: levers sorted by the main index, what was left out, what is luck."""
    told = [f"{plan.experiment.title}: {note(plan)}"]
    told += [f"  {lever.name}: {_span(lever)}" for lever in plan.levers]
    for analysis in analyses:
        told += ["", _heading(analysis), *_left_out(plan, analysis)]
        if not analysis.varies:
            told += ["  no variation: the same value at every point"] if analysis.found else []
        else:
            told += [*_rows(plan, analysis), _luck_line(plan, analysis)]
    return [*told, ""]


def _span(lever: Any) -> str:
    if lever.is_numeric:
        return "{:g} to {:g}".format(*lever.bounds)
    return "; ".join(str(cell(option)) for option in lever.levels(None))


def _heading(analysis: Analysis) -> str:
    unit = OUTCOMES.get(analysis.outcome, ("",))[0]
    return analysis.outcome + (f" ({unit})" if unit else "")


def _left_out(plan: Plan, analysis: Analysis) -> list[str]:
    """Say what is missing."""
    if analysis.n == analysis.n_blocks:
        return []
    blocks = BLOCKS[str(plan.settings.sensitivity)]
    told = (f"  {analysis.n_blocks - analysis.n} of {analysis.n_blocks} {blocks} left out: {analysis.n_missing} runs "
            f"failed or missing, {analysis.n_undefined} without a value")  # fmt: skip
    return [told] + ([] if analysis.found else [f"  too few whole {blocks} for indices: {analysis.n}"])


def _rows(plan: Plan, analysis: Analysis) -> list[str]:
    method, names = str(plan.settings.sensitivity), lever_names(plan)
    table = [["  lever", "rank"]]
    for index in INDICES[method]:
        table[0] += [index, *(["95 % interval"] if index in SPANNED else []),
                     *(["luck alone"] if f"{index}_luck" in analysis.found else [])]  # fmt: skip
    for k in order(analysis, method):
        cells = [f"  {names[k]}", analysis.ranks[k]]
        for index in INDICES[method]:
            value, low, high = analysis.found[index][k]
            cells += [amount(value), *([f"{amount(low)} .. {amount(high)}"] if index in SPANNED else [])]
            if f"{index}_luck" in analysis.found:
                cells.append(amount(analysis.found[f"{index}_luck"][k, 0]))
        table.append(cells)
    return aligned(table, texts=2)


def _luck_line(plan: Plan, analysis: Analysis) -> str:
    """Say how much of the variance is luck."""
    runs, means = analysis.luck
    if plan.replicates == 1:
        return "  luck: not known with one replicate; an index may be luck alone"
    shares = f"{100 * runs:.0f} % of the variance between single runs, {100 * means:.0f} % of that between the means"
    return f"  luck: {shares} analysed"
