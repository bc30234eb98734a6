"""``ploshcha sensitivity``: which levers an outcome depends on; a sweep over the design of Sobol, Morris or PAWN.

The command is a sweep with `sensitivity=METHOD`, which resumes, plots and replays like any other; here is what it ends
in: sensitivity.parquet, a table, a figure.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from experiments.analysis.effects import values_by_point
from experiments.analysis.indices import CONFIDENCE, INDICES, MAIN, Found, indices, luck_shares, ranks
from experiments.design.levers import cell
from experiments.design.plan import Plan, make_plan
from experiments.design.points import SENSITIVITY, block_size, unit_sample
from experiments.outcomes import OUTCOMES
from experiments.printing.numbers import aligned, amount
from experiments.store.chunks import write_whole
from experiments.store.run_folder import as_table, numbers, texts
from experiments.store.sweep_folder import FIGURES_FOLDER, table_bytes
from sim.errors import InputError, not_allowed

SENSITIVITY_FILE = "sensitivity.parquet"
FIGURE_FILE = "sensitivity.png"
DEFAULT = ("peak_turnout", "rally_size", "defections")
BLOCKS = {"sobol": "blocks", "morris": "trajectories", "pawn": "points"}
SPANNED = ("S1", "ST", "mu_star", "sigma", "median")  # printed with their intervals
DUMMY, LUCK = "(dummy)", "(luck)"
FEWEST_BLOCKS = {"sobol": 2, "morris": 2, "pawn": 20}  # whole ones

HELP = """\
usage: ploshcha sensitivity method=sobol|morris|pawn [experiment=NAME] [n=N] [name=value ...] [name=interval(a,b) ...]

Tell which levers the outcomes depend on, with 95 % intervals. It is a sweep over the design that the method needs: the
same command goes on where it was interrupted, and status, plot, resume and replay work on its folder. A lever with
several numbers becomes the range from the lowest to the highest; alternatives become equal parts of the sample.

  method=morris        mean absolute elementary effect (mu_star), its spread (sigma) and mean (mu): a first look;
                       n trajectories (20) of levers + 1 points. Levers need numbers, or two alternatives
  method=sobol         shares of the variance, alone (S1) and with interactions (ST);
                       n blocks (128), a power of two, of levers + 2 points
  method=pawn          distance between the distributions with and without the lever known; n points (256)
  replicates=N         seeds at every point (3), the same at all; indices are those of the mean over them
  outcomes=[NAME,...]  default [peak_turnout,rally_size,defections]; others of the same runs cost nothing

All other settings are those of `ploshcha sweep`, but for design=NAME.

examples
  ploshcha sensitivity method=morris experiment=job_pressure persons_per_agent=400
  ploshcha sensitivity method=sobol scenario=minsk_2020 persons_per_agent=400 n=64 \\
    'anger.strength=interval(0,2)' 'fear.strength=interval(0,2)' 'luck.shock_sd=interval(0,0.5)'
"""


def main(arguments: Sequence[str]) -> int:
    """Run the command; return the exit code."""
    from experiments.one_run import parse_options
    from experiments.one_sweep import run_plan

    options = parse_options(arguments)
    if options.is_help:
        print(HELP, end="")
        return 0
    return run_plan(make_plan(sweep_words(options.overrides), options.config_dir))


def sweep_words(words: Sequence[str]) -> list[str]:
    """Return the words of the sweep: method=M is sensitivity=M there, and n=N is design.n=N.

    Raises
    ------
    InputError
        The method is missing or not known.
    """
    own = {"method": "sensitivity", "n": "design.n"}
    found = []
    for word in words:
        name, equals, value = word.partition("=")
        if name == "method" and value not in SENSITIVITY:
            raise not_allowed("", "method", value, "one of " + ", ".join(SENSITIVITY), SENSITIVITY)
        found.append(f"{own.get(name, name)}{equals}{value}")
    if not any(word.startswith("sensitivity=") for word in found):
        raise InputError("method is missing: one of " + ", ".join(SENSITIVITY))
    return found


@dataclass(frozen=True)
class Analysis:
    """The indices of one outcome, of the blocks that are whole."""

    outcome: str
    n: int  # whole blocks
    n_blocks: int  # of the design
    n_missing: int  # runs that failed or are missing
    n_undefined: int  # runs in which the outcome has no value
    found: Found
    ranks: list[str]
    luck: tuple[float, float]  # share of variance between runs, between means

    @property
    def varies(self) -> bool:
        """Whether there are indices, and the outcome is not the same everywhere."""
        return "no variation" not in self.ranks[:1] and bool(self.found)


def write_sensitivity(folder: Path, plan: Plan, values: Mapping[int, Mapping[str, Any]]) -> list[str]:
    """Write sensitivity.parquet and its figure; return the table as lines.

    Raises
    ------
    InputError
        The runs have none of the outcomes asked for.
    """
    if not values:
        return []
    analyses = [analyse(plan, values, name) for name in outcome_names(plan, values)]
    write_whole(folder / SENSITIVITY_FILE, table_bytes(sensitivity_table(plan, analyses)))
    (folder / FIGURES_FOLDER / FIGURE_FILE).unlink(missing_ok=True)  # perhaps of other outcomes
    if any(analysis.found for analysis in analyses):
        draw(folder, plan, analyses)
    return lines(plan, analyses)


def outcome_names(plan: Plan, values: Mapping[int, Mapping[str, Any]]) -> list[str]:
    """Return the outcomes looked at: those asked for, else the usual ones; of another model, all largest values."""
    known = next(iter(values.values()))
    for name in plan.settings.outcomes or ():
        if name not in known:
            raise not_allowed("", "outcomes", name, "one of " + ", ".join(known), known)
    return list(plan.settings.outcomes or [name for name in DEFAULT if name in known]
                or [name for name in known if name.startswith("peak_")])  # fmt: skip


def analyse(plan: Plan, values: Mapping[int, Mapping[str, Any]], name: str) -> Analysis:
    """Return the indices of an outcome; blocks in which a run or a value is missing are left out."""
    method = str(plan.settings.sensitivity)
    outcome = outcome_matrix(plan, values, name)
    size = block_size(method, len(plan.levers))
    is_whole = np.isfinite(outcome).reshape(-1, size * plan.replicates).all(axis=1)
    n, kept = int(is_whole.sum()), np.repeat(is_whole, size)
    n_missing = plan.n_runs - len(values)
    n_undefined = int((~np.isfinite(outcome)).sum()) - n_missing
    if n < FEWEST_BLOCKS[method]:
        return Analysis(name, n, len(is_whole), n_missing, n_undefined, {}, [], (math.nan, math.nan))
    sample = unit_sample(len(plan.levers), plan.method, int(plan.n or 0), plan.settings.design.seed)
    found = indices(method, plan.levers, sample[kept], outcome[kept])
    luck = luck_shares(outcome[kept], plan.settings.common_luck)
    return Analysis(name, n, len(is_whole), n_missing, n_undefined, found, ranks(method, found), luck)


def outcome_matrix(plan: Plan, values: Mapping[int, Mapping[str, Any]], name: str) -> np.ndarray:
    """Return an outcome, shape (points, replicates); NaN where it is missing."""
    outcome = np.full((len(plan.points), plan.replicates), math.nan)
    for (point, _), replicates in values_by_point(values, plan.replicates, [name]).items():
        outcome[point, list(replicates)] = list(replicates.values())
    return outcome


def lever_names(plan: Plan) -> list[str]:
    """Return the names of the rows of indices."""
    return [lever.name for lever in plan.levers] + ([DUMMY] if plan.settings.sensitivity == "pawn" else [])


def sensitivity_table(plan: Plan, analyses: Sequence[Analysis]) -> Any:
    """Return a row per lever, outcome and index; `(luck)` is no lever but the share of variance that is luck."""
    rows: list[tuple[str, str, str, float, float, float, int, str]] = []
    for analysis in analyses:
        for index, found in analysis.found.items():
            for lever, three, rank in zip(lever_names(plan), found.tolist(), analysis.ranks, strict=True):
                is_main = index == MAIN[str(plan.settings.sensitivity)]
                rows.append((lever, analysis.outcome, index, *three, analysis.n, rank if is_main else ""))
        for index, share in zip(("share_of_runs", "share_of_means"), analysis.luck, strict=True):
            rows.append((LUCK, analysis.outcome, index, share, math.nan, math.nan, analysis.n, ""))
    columns = {name: texts([str(row[k]) for row in rows]) for k, name in enumerate(("lever", "outcome", "index"))}
    for k, name in enumerate(("value", "low", "high"), start=3):
        columns[name] = numbers(np.array([row[k] for row in rows], float), has_missing=True)
    columns["n"] = numbers(np.array([row[6] for row in rows], np.int32))
    return as_table(columns | {"rank": texts([row[7] for row in rows])})


def note(plan: Plan) -> str:
    """Say what the indices stand on."""
    method = str(plan.settings.sensitivity)
    blocks = len(plan.points) // block_size(method, len(plan.levers))
    of = "" if method == "pawn" else f" of {block_size(method, len(plan.levers))} points"
    luck = "common luck" if plan.settings.common_luck else "independent luck"
    return (f"{method}, n = {blocks} {BLOCKS[method]}{of} x {plan.replicates} replicates ({luck}), "
            f"{CONFIDENCE * 100:g} % intervals")  # fmt: skip


def lines(plan: Plan, analyses: Sequence[Analysis]) -> list[str]:
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


def order(analysis: Analysis, method: str) -> list[int]:
    """Return the rows of an outcome's indices, largest main index first, the dummy last."""
    main = analysis.found[MAIN[method]][:, 0]
    return sorted(range(len(main)), key=lambda k: (analysis.ranks[k] == "dummy", -np.nan_to_num(main[k])))


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


def draw(folder: Path, plan: Plan, analyses: Sequence[Analysis]) -> None:
    """Draw the indices of each outcome as bars with their intervals, pale where no rank is claimed."""
    from experiments.figures.axes import new_figure, outcome_label
    from experiments.figures.sweep import save_figure

    method = str(plan.settings.sensitivity)
    drawn = [analysis for analysis in analyses if analysis.found]
    told = f"{note(plan)}; pale: undecided" + ("; dotted: 97.5 % of dummies lie below" if method == "pawn" else "")
    figure, axes = new_figure(len(drawn), plan, told, width=4.6, height=0.8 + 0.34 * len(lever_names(plan)))
    for axis, analysis in zip(axes, drawn, strict=True):
        _bars(axis, plan, analysis, method)
        name = outcome_label(analysis.outcome) if method == "morris" else analysis.outcome.replace("_", " ")
        left_out = "" if analysis.n == analysis.n_blocks else f" (n = {analysis.n})"
        axis.set_title(f"{' and '.join(_shown(method))}, {name}{left_out}", fontsize=7.5, loc="left")
    if len(_shown(method)) > 1:
        axes[0].legend(fontsize=6.5, frameon=False, loc="lower right")
    (folder / FIGURES_FOLDER).mkdir(exist_ok=True)
    save_figure(figure, folder / FIGURES_FOLDER / FIGURE_FILE)


def _shown(method: str) -> tuple[str, ...]:
    """Return the indices that are drawn."""
    return {"sobol": ("ST", "S1"), "morris": ("mu_star", "sigma"), "pawn": ("median",)}[method]


def _bars(axis: Any, plan: Plan, analysis: Analysis, method: str) -> None:
    from experiments.figures.run import BLACK, BLUE, GREY, VERMILION

    rows, names = order(analysis, method), lever_names(plan)
    height = 0.8 / len(_shown(method))
    for number, (index, colour) in enumerate(zip(_shown(method), (BLUE, VERMILION), strict=False)):
        found = np.nan_to_num(analysis.found[index][rows])
        at = np.arange(len(rows)) + number * height
        pale = [0.35 if not analysis.ranks[k][0].isdigit() else 1.0 for k in rows]
        bars = axis.barh(at, found[:, 0], height, color=colour, label=index)
        for bar, opacity in zip(bars, pale, strict=True):
            bar.set_alpha(opacity)
        axis.hlines(at, found[:, 1], found[:, 2], color=BLACK, linewidth=0.9)
        if f"{index}_luck" in analysis.found and plan.replicates > 1:
            floor = np.nan_to_num(analysis.found[f"{index}_luck"][rows, 0])
            axis.plot(floor, at, "d", color=BLACK, markersize=3, linestyle="", label="luck alone")
    axis.axvline(0.0, color=GREY, linewidth=0.6)
    if method == "pawn" and analysis.varies:
        axis.axvline(analysis.found[MAIN[method]][-1, 2], color=GREY, linewidth=0.9, linestyle=":")
    axis.set_yticks(np.arange(len(rows)) + (0.4 - height / 2), [names[k] for k in rows], fontsize=6.5)
    axis.invert_yaxis()
    if axis.get_xlim()[1] >= 1000:
        axis.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
        axis.locator_params(axis="x", nbins=6)
    if not analysis.varies:
        axis.set_xticks([])
        axis.text(0.5, 0.5, "no variation", transform=axis.transAxes, ha="center", fontsize=8, color=GREY)
