"""What a run gives back."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from agents.shown import html_table
from agents.vocabulary import CURVES
from sim.errors import not_allowed
from sim.inputs.targets import Target
from sim.inputs.timeline import Event
from sim.parameters import Parameters

if TYPE_CHECKING:
    import pandas
    import xarray

    from sim.hour.whereabouts import Space
    from sim.state import State


def hour_begins(start: datetime.date, n: int) -> np.ndarray:
    """Return when each hour of a scenario begins, datetime64[ns] of shape (n,)."""
    return np.datetime64(start, "ns") + np.arange(n) * np.timedelta64(1, "h")


@dataclass(frozen=True)
class Result:
    """Curves of a run, in persons and means by hour and city, and how it went.

    curves_columns : each column of curves.parquet, float64 (hours, n_cities); NaN where a report is missing.
    employed : float64 (n_plants,); striking : float64 (hours, n_plants), absent from work, on the street or not.
    rally_present : float64 (hours, n_cities), persons at the rally in that city, bussed-in ones included.
    site_crowd : float64 (hours, n_sites), persons protesting at each site.
    encouraged : float64 (hours, 2), share protesting of those whom a field experiment encouraged and of the others;
        (0, 2) where nobody was.
    stats : engine, agents, steps, seconds and the like.
    space : who was where, and the map; None unless asked for.
    states : the states that were kept, by hour (`state`).
    """

    parameters: Parameters
    cities: list[str]
    hours: int
    start: datetime.date
    adults: np.ndarray
    curves_columns: dict[str, np.ndarray]
    plants: list[tuple[str, str]]
    employed: np.ndarray
    striking: np.ndarray
    rally_present: np.ndarray
    site_names: list[tuple[str, str]]
    site_crowd: np.ndarray
    events: tuple[Event, ...]
    targets: tuple[Target, ...]
    encouraged: np.ndarray = field(default_factory=lambda: np.zeros((0, 2)))
    stats: dict[str, Any] = field(default_factory=dict)
    space: Space | None = None
    states: dict[int, State] = field(default_factory=dict)

    def state(self, hour: int) -> State:
        """Return the run as it stood before an hour, to go on from: ``run(parameters, start=result.state(96))``.

        Raises
        ------
        InputError
            The state of that hour was not kept.
        """
        if hour not in self.states:
            kept = ", ".join(map(str, self.states)) or "none"
            raise not_allowed("", "hour", hour, f"one that was kept, {kept}; run(..., save_state=[{hour}]) keeps it")
        return self.states[hour]

    def __repr__(self) -> str:
        people = f"{int(self.stats.get('agents', 0)):,} agents"
        return (f"Result of {self.parameters.scenario.name}: {', '.join(self.cities)}; {self.hours} hours from "
                f"{self.start}, {people}, seed {self.parameters.seed}; see .curves, .to_dataframe()")  # fmt: skip

    def _repr_html_(self) -> str:
        """Return the fullest hours of each city as a table, for notebooks."""
        names = [name for name in ("protesting", "striking", "rallying", "detained") if name in self.curves_columns]
        peaks = {name: np.nanmax(self.curves_columns[name], axis=0) for name in names}
        rows = [[city, *(f"{peaks[name][c]:,.0f}" for name in names)] for c, city in enumerate(self.cities)]
        return html_table(repr(self), ["persons, fullest hour", *names], rows)

    def to_dataframe(self) -> pandas.DataFrame:
        """Return the curves as a pandas table, a row for each hour and city."""
        return self.curves.to_dataframe().reset_index()

    @property
    def curves(self) -> xarray.Dataset:
        """The curves as an xarray Dataset, dims (hour, city), with units and long names; `time` is the hour's begin."""
        import xarray

        variables = {name: (("hour", "city"), values, {"units": CURVES[name][0], "long_name": CURVES[name][1]})
                     for name, values in self.curves_columns.items()}  # fmt: skip
        hours = ("hour", np.arange(self.hours), {"units": "h", "long_name": "hours since the start"})
        coordinates = {"hour": hours, "city": self.cities, "time": ("hour", hour_begins(self.start, self.hours))}
        return xarray.Dataset(variables, coordinates, {"scenario": self.parameters.scenario.name})
