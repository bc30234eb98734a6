"""What a run of a classic gives back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from agents.shown import html_table, told

if TYPE_CHECKING:
    import pandas
    import xarray

    from sim.classics.parameters import ClassicParameters

EMPTY, QUIET, ACTIVE, JAILED, OFFICER, BLUE, GREEN = range(7)
CELLS = ("empty", "quiet", "active", "jailed", "officer", "one group", "the other group")  # names of these
OUTBURST_ACTIVE = 50  # an outburst has more active citizens than this (Epstein 2002)


@dataclass(frozen=True)
class ClassicResult:
    """Curves of a run by step, and how it went.

    curves_columns : each column of curves.parquet, float64 (steps,); row k is the state after step k.
    units : (unit, long name) of each column.
    stats : engine, agents, steps, seconds and the like.
    lattices : who was in each cell after some steps, int8 (size, size), by step; empty of models without a lattice.
        Kept are the first step, the middle one, the last, and the one with most active citizens.
    """

    parameters: ClassicParameters
    steps: int
    curves_columns: dict[str, np.ndarray]
    units: dict[str, tuple[str, str]]
    stats: dict[str, Any] = field(default_factory=dict)
    lattices: dict[int, np.ndarray] = field(default_factory=dict)

    def __repr__(self) -> str:
        return (f"Result of {self.parameters.scenario.name}: {', '.join(self.curves_columns)}; {self.steps} steps, "
                f"seed {self.parameters.seed}; see .curves, .to_dataframe()")  # fmt: skip

    def _repr_html_(self) -> str:
        """Return each curve at its begin, highest and end as a table, for notebooks."""
        head = ["curve", "after step 1", "highest", "at the end", "meaning"]
        shown = {name: (values[0], np.fmax.reduce(values), values[-1]) for name, values in self.curves_columns.items()}
        rows = [[name, *(told(float(value)) for value in own), self.units[name][1]] for name, own in shown.items()]
        return html_table(repr(self), head, rows)

    def to_dataframe(self) -> pandas.DataFrame:
        """Return the curves as a pandas table, a row for each step."""
        return self.curves.to_dataframe().reset_index()

    @property
    def curves(self) -> xarray.Dataset:
        """The curves as an xarray Dataset, dim step, with units and long names."""
        import xarray

        variables = {name: (("step",), values, dict(zip(("units", "long_name"), self.units[name], strict=True)))
                     for name, values in self.curves_columns.items()}  # fmt: skip
        return xarray.Dataset(variables, {"step": np.arange(self.steps)}, {"scenario": self.parameters.scenario.name})


class Keeper:
    """Keeps the lattice of the first step, the middle one, the last, and the one with most active citizens."""

    def __init__(self, steps: int) -> None:
        self.wanted = {0, steps // 2, steps - 1}
        self.kept: dict[int, np.ndarray] = {}
        self.most, self.fullest = 0.0, -1

    def look(self, step: int, n_active: float, lattice: Callable[[], np.ndarray]) -> None:
        """Keep the lattice of a step, if it is one of those."""
        is_fullest = n_active > self.most
        if not is_fullest and step not in self.wanted:
            return
        if is_fullest and self.fullest not in self.wanted:
            self.kept.pop(self.fullest, None)
        if is_fullest:
            self.most, self.fullest = n_active, step
        self.kept[step] = lattice()


@dataclass(frozen=True)
class Outburst:
    """An episode with more than 50 active citizens."""

    first: int  # step
    last: int  # step
    waiting: int  # steps since the end of the one before; of the first: since the start
    size: int  # active citizens summed over its steps
    peak: int  # most active citizens at once


def outbursts(protesting: np.ndarray, above: int = OUTBURST_ACTIVE) -> list[Outburst]:
    """Return the episodes in which more than `above` citizens are active, in their order.

    Parameters
    ----------
    protesting : ndarray, shape (steps,)
        Active citizens after each step.
    above : int
        Epstein (2002): 50.
    """
    is_out = np.concatenate([[False], np.asarray(protesting) > above, [False]])
    firsts, ends = np.flatnonzero(is_out[1:] & ~is_out[:-1]), np.flatnonzero(~is_out[1:] & is_out[:-1])
    found, before = [], 0
    for first, end in zip(firsts, ends, strict=True):
        episode = protesting[first:end]
        found.append(Outburst(int(first), int(end) - 1, int(first) - before, int(episode.sum()), int(episode.max())))
        before = int(end)
    return found
