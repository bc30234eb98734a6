"""What the figures of a sweep share: the line on what they stand on, labels, bands, and which points are a line."""

from __future__ import annotations

import math
import shlex
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from agents.vocabulary import CURVES
from experiments.analysis.effects import Effect
from experiments.design.hashes import config_hash
from experiments.design.levers import Lever, cell
from experiments.design.plan import Plan
from experiments.figures.colours import dashes, named, sequence
from experiments.figures.frame import LABEL, PANEL_HEIGHT, SMALLEST, WIDTH, Sample
from experiments.figures.layout import wrap
from experiments.outcomes import OUTCOMES
from experiments.printing.findings import lever_name, shortened, value_name

BANDS = ((0.05, 0.95, 0.15), (0.25, 0.75, 0.3))  # quantiles, opacity
MOST_LINES, MOST_PANELS = 6, 6
BESIDE = 0.75  # inches of a panel that its axis and its label take
NAME_LINE = 0.15  # inches from one name of a lever's value to the next
FEW = 5  # replicates below which no quantiles are drawn but the range
DIGITS = 12  # of a hash, as it is told

Values = Mapping[int, Mapping[str, Any]]  # outcomes of finished runs, by number of the run


def command_of(plan: Plan) -> str:
    """Return the command that makes a sweep and its figures."""
    own = ["--config-dir", plan.config_dir] if plan.config_dir else []
    return f"ploshcha sweep {shlex.join([*own, *plan.words])}"


def question_of(plan: Plan) -> str:
    """Return what a sweep asks: the words of its file, or its levers."""
    names = " and ".join(lever_name(plan, lever.name) for lever in plan.levers) or "luck alone"
    return plan.experiment.question or f"What {'do' if len(plan.levers) > 1 else 'does'} {names} do?"


def stands_on(plan: Plan, values: Values) -> str:
    """Return the small line of a figure: replicates, seeds, persons per agent, digits of the settings' hash."""
    first = plan.seed(0)
    last = first + (plan.replicates if plan.settings.common_luck else plan.n_runs) - 1
    seeds = f"seed {first}" if first == last else f"seeds {first}-{last}"
    so_far = "" if len(values) == plan.n_runs else f" ({len(values)} of {plan.n_runs} runs so far)"
    each = getattr(plan.parameters, "persons_per_agent", None)
    varied = any(lever.name == "persons_per_agent" for lever in plan.levers)
    persons = "" if each is None else ", persons per agent varied" if varied else f", {each:,g} persons per agent"
    digits = config_hash(plan.parameters.model_dump(mode="json"))[:DIGITS]
    where = "" if not plan.levers else " a point"
    return f"n = {plan.replicates} replicates{where}{so_far}, {seeds}{persons}, settings {digits}"


def slice_note(plan: Plan) -> str:
    """Say where further levers are held in a figure over two; nothing if there are none."""
    if plan.baseline is None or len(plan.levers) < 3:
        return ""
    origin = plan.points[plan.baseline]
    held = ", ".join(f"{lever_name(plan, lever.name)} {value_name(origin[lever.name])}" for lever in plan.levers[2:])
    return f" Drawn at {held}; all other points are in the table."


def bands_note(plan: Plan, are_points: bool = False) -> str:
    """Say what the bands over replicates, or the bars of points, hold."""
    return f"{'Points: median; bars' if are_points else 'Line: median; bands'}: {bands_of(plan)} (luck only)."


def bands_of(plan: Plan) -> str:
    """Return what of the replicates is in a band."""
    return "50 and 90 % of replicates" if plan.replicates >= FEW else "range of replicates"


def outcome_label(name: str) -> str:
    """Return the axis label of an outcome, with its unit."""
    unit, _ = OUTCOMES.get(name, ("", ""))
    unit = "share of replicates" if unit == "flag" else unit
    return name.replace("_", " ") + (f" ({unit})" if unit and unit != "1" else "")


def curve_label(name: str) -> str:
    """Return the axis label of a curve, with its unit."""
    unit = CURVES[name][0] if name in CURVES else ""
    return name.replace("_", " ") + (f" ({unit})" if unit and unit != "1" else "")


def fitted(axis: Any, text: str, size: float = LABEL) -> str:
    """Break a text into lines that are no wider than a panel."""
    columns = axis.get_subplotspec().get_gridspec().ncols
    return "\n".join(wrap(text, WIDTH / columns - BESIDE, size))


def upright(axis: Any, text: str, size: float = LABEL) -> str:
    """Break the label of a vertical axis into lines that are no longer than a panel is high."""
    rows = axis.get_subplotspec().get_gridspec().nrows
    return "\n".join(line for part in text.split("\n")
                     for line in wrap(part, 0.72 * axis.figure.get_figheight() / (rows + 0.6), size))  # fmt: skip


def runs_of(plan: Plan, point: int) -> range:
    """Return the numbers of a point's runs."""
    return range(point * plan.replicates, (point + 1) * plan.replicates)


def is_gridded(plan: Plan) -> bool:
    """Whether points share the values of levers, so that lines can be drawn through them."""
    return plan.method in ("grid", "list")


def has_pairs(plan: Plan) -> bool:
    """Whether there is a baseline that points can be compared with, lever by lever."""
    return plan.baseline is not None and is_gridded(plan)


def line_groups(plan: Plan) -> dict[str, list[int]]:
    """Return the points of each line over the first lever: those that share the second's value, up to six."""
    everything = {"": list(range(len(plan.points)))}
    if len(plan.levers) < 2 or not is_gridded(plan):
        return everything
    first, second = plan.levers[:2]
    groups: dict[str, list[int]] = {}
    for point in in_order(plan, second):
        if set(plan.changed_levers(point)) <= {first.name, second.name}:
            groups.setdefault(value_name(plan.points[point][second.name]), []).append(point)
    return groups if len(groups) <= MOST_LINES else everything


def in_order(plan: Plan, lever: Lever) -> list[int]:
    """Return the points by the value of a lever, as far as it has numbers."""
    return sorted(range(len(plan.points)), key=lambda p: plan.points[p][lever.name] if lever.is_numeric else 0)


def samples(plan: Plan, lever: Lever, texts: Sequence[str]) -> list[Sample]:
    """Return the legend of a lever's values: numbers from dark to light, names in colours of their own."""
    shown = [shortened(text) for text in texts]
    if lever.is_numeric:
        return [Sample(text, colour) for text, colour in zip(shown, sequence(len(shown)), strict=True)]
    return [Sample(text, named(k), dashes(k)) for k, text in enumerate(shown)]


def place_of(plan: Plan, lever: Lever, value: Any) -> float:
    """Return where a value stands on the lever's axis: a number at itself, anything else in the order given."""
    return float(value) if lever.is_numeric else float(lever_order(lever).index(cell(value)))


def lever_order(lever: Lever) -> list[Any]:
    """Return the values of a lever without numbers, in their own order."""
    return list(dict.fromkeys(cell(value) for value in lever.levels(None)))


def is_lying(plan: Plan) -> bool:
    """Whether the first lever has names, which are read down the left side, and no numbers, which run to the right."""
    return not plan.levers[0].is_numeric


def panel_height(plan: Plan) -> float:
    """Return the height of a panel over the first lever, in inches: a line for each name."""
    return max(1.2, 0.65 + NAME_LINE * len(lever_order(plan.levers[0]))) if is_lying(plan) else PANEL_HEIGHT


def lever_axis(axis: Any, plan: Plan, is_named: bool) -> None:
    """Label an axis with the first lever: to the right with numbers, or down the left side with names, if wanted."""
    lever = plan.levers[0]
    if not is_lying(plan):
        axis.set_xlabel(fitted(axis, lever_name(plan, lever.name)), fontsize=LABEL)
        return
    names = [shortened(value_name(value)) for value in lever_order(lever)]
    axis.set_yticks(range(len(names)), names if is_named else [""] * len(names), fontsize=SMALLEST)
    axis.set_ylim(len(names) - 0.5, -0.5)
    if is_named:
        axis.set_ylabel(upright(axis, lever_name(plan, lever.name)), fontsize=LABEL)


def outcome_axis(axis: Any, text: str, is_to_the_right: bool) -> None:
    """Label the axis of an outcome, upright or to the right, large numbers with separators."""
    if is_to_the_right:
        axis.set_xlabel(fitted(axis, text.replace("\n", " ")), fontsize=LABEL)
        axis.xaxis.set_major_locator(_few_places())
    else:
        axis.set_ylabel(upright(axis, text), fontsize=LABEL)
    ends, own = (axis.get_xlim(), axis.xaxis) if is_to_the_right else (axis.get_ylim(), axis.yaxis)
    if max(map(abs, ends)) > 100:
        own.set_major_formatter(with_separators)


def _few_places() -> Any:
    from matplotlib.ticker import MaxNLocator

    return MaxNLocator(3)


def with_separators(value: float, place: int = 0) -> str:
    """Return a number of an axis as people write it: 100,000, also on a log scale; its minus is matplotlib's."""
    return f"{value:,.0f}".replace("-", "\N{MINUS SIGN}")


def log_labels(axis: Any) -> None:
    """Label a log axis at 10, 100, ..., and where that would be fewer than two labels at 2 and 5 times these, too."""
    from matplotlib.ticker import LogLocator, NullLocator

    low, high = sorted(axis.get_view_interval())
    decades = math.floor(math.log10(high)) - math.ceil(math.log10(low)) + 1
    axis.set_major_locator(LogLocator(10, (1.0,) if decades > 1 else (1.0, 2.0, 5.0), numticks=8))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(with_separators)


def quantile_bands(rows: np.ndarray) -> list[tuple[np.ndarray, np.ndarray, float]]:
    """Return lower edge, upper edge and opacity of each band over replicates, shape of rows (replicates, places)."""
    bands = BANDS if len(rows) >= FEW else ((0.0, 1.0, 0.15),)
    return [(*np.nanquantile(rows, [low, high], axis=0), opacity) for low, high, opacity in bands]


def shown_effects(effects: Sequence[Effect], name: str) -> dict[int, Effect]:
    """Return the effects on an outcome, by point."""
    return {effect.point: effect for effect in effects if effect.outcome == name and math.isfinite(effect.difference)}


def told_in_panel(axis: Any, label: str, text: str) -> None:
    """Say in words what a panel would show: that there is nothing to see."""
    axis.set_axis_off()
    axis.text(0.02, 0.95, f"{label}:\n{fitted(axis, text)}", transform=axis.transAxes, fontsize=LABEL, va="top")
