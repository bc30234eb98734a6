"""What a loaded sweep can do in a notebook: its tables, and ``runs.ploshcha.plot_bands(...)``."""

from __future__ import annotations

from typing import Any

import xarray

from experiments.analysis.intervals import COVERAGE
from experiments.analysis.sweep_tables import SweepTables
from experiments.figures.axes import curve_label, log_labels, with_separators
from experiments.figures.colours import named, sequence
from experiments.figures.frame import WIDTH
from experiments.printing.findings import value_name
from sim.errors import not_allowed

HEIGHT = 3.2  # inches
BAND = 0.2  # opacity


@xarray.register_dataset_accessor("ploshcha")
class Sweep(SweepTables):
    """Tables of a sweep that ``load`` or ``sweep`` returned, and their figure."""

    def plot_bands(self, by: str, axis: Any = None, scale: str = "linear", **options: Any) -> Any:
        """Draw the bands of a curve, one for each value of a lever, and return matplotlib's axes.

        Parameters
        ----------
        by : str
            The lever; the others must be chosen in `where`.
        axis : matplotlib Axes, optional
            Default those of a new figure.
        scale : "linear" or "log"
            Of the persons.
        **options
            As of `bands`.
        """
        from matplotlib import pyplot as plt

        table = self.bands(**options)
        self._check_choice(by, scale, table)
        axis = axis or plt.subplots(figsize=(WIDTH, HEIGHT), layout="constrained")[1]
        values = table[by].unique().tolist()
        numbers = table[by].dtype.kind in "fiu"
        for k, value in enumerate(values):
            own, colour = table[table[by] == value], sequence(len(values))[k] if numbers else named(k)
            axis.plot(own["day"], own["median"], "o-", color=colour, label=f"{by}={value_name(value)}")
            axis.fill_between(own["day"], own["low"], own["high"], color=colour, alpha=BAND, linewidth=0)
        label = curve_label(options.get("curve", "protesting"))
        axis.set(xlabel="day of the run (06:00 to 06:00)", ylabel=f"fullest hour: {label}", yscale=scale)
        _separate(axis)
        n, coverage = int(table["n"].min()), options.get("coverage", COVERAGE)
        axis.set_title(f"line: median; band: {coverage:.0%} of {n} replicates (luck only)", fontsize=9, loc="left")
        axis.legend()
        return axis

    def _check_choice(self, by: str, scale: str, table: Any) -> None:
        """Refuse what is no lever, a lever beside it that is left open, and any other scale."""
        if by not in self.levers:
            raise not_allowed("", "by", by, "one of " + ", ".join(self.levers), self.levers)
        if scale not in ("linear", "log"):
            raise not_allowed("", "scale", scale, "linear or log", ("linear", "log"))
        open_ones = [name for name in self.levers if name != by and table[name].nunique() > 1]
        if open_ones:
            told = f"a lever, when where={{...}} says one value of {', '.join(open_ones)}"
            raise not_allowed("", "by", by, told)


def _separate(axis: Any) -> None:
    """Write large numbers as 100,000, on either scale."""
    if axis.get_yscale() == "log":
        log_labels(axis.yaxis)
    elif axis.get_ylim()[1] > 100:
        axis.yaxis.set_major_formatter(with_separators)
