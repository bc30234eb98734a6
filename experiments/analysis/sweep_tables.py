"""Tables of a loaded sweep in a notebook: ``runs.ploshcha.effects(...)``, ``runs.ploshcha.bands(...)``.

The numbers are those of ``effects.parquet`` and of the figures: the same functions compute them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray

from agents.shown import html_table, told
from experiments.analysis.effects import Effect, effects_of
from experiments.analysis.intervals import COVERAGE
from experiments.days import daily_peaks
from experiments.design.names import PREFIX
from experiments.outcomes import OUTCOMES
from sim.errors import InputError, not_allowed

if TYPE_CHECKING:
    import pandas as pd

OF_RUNS = ("run", "replicate", "seed", "point", "generation")  # coordinates that are no levers
OF_EFFECT = ("n", "baseline", "value", "difference", "low", "high", "p", "p_adjusted", "sign")


class SweepTables:
    """Tables of a sweep that ``load`` or ``sweep`` returned; pandas, so with ``to_html`` and ``to_latex``."""

    def __init__(self, dataset: xarray.Dataset) -> None:
        self.dataset = dataset

    def __repr__(self) -> str:
        n_runs, names = self.dataset.sizes.get("run", 1), ", ".join(self.levers) or "none"
        return f"Sweep of {n_runs} runs, levers {names}; see .at, .effects, .bands, .plot_bands"

    def _repr_html_(self) -> str:
        """Return the levers and their values as a table, for notebooks."""
        rows = [[name, ", ".join(map(told, dict.fromkeys(self.dataset[name].to_numpy().tolist())))] for name in
                self.levers]  # fmt: skip
        return html_table(repr(self), ["lever", "values"], rows)

    @property
    def levers(self) -> list[str]:
        """The names of the levers."""
        return [str(name) for name, values in self.dataset.coords.items()
                if values.dims == ("run",) and name not in OF_RUNS]  # fmt: skip

    @property
    def outcomes(self) -> list[str]:
        """The names of the outcomes that are numbers; one that has the name of a curve is ``outcome_...`` in `load`."""
        return [str(name).removeprefix(PREFIX) for name, values in self.dataset.data_vars.items()
                if values.dims == ("run",) and values.dtype.kind == "f"]  # fmt: skip

    def at(self, where: Mapping[str, Any]) -> xarray.Dataset:
        """Return the runs at some values of levers, by point and replicate.

        Parameters
        ----------
        where : mapping of str to value
            Levers that it leaves out may have any value.

        Raises
        ------
        InputError
            There is no such lever, or no run with that value.
        """
        self._check_sweep()
        chosen = np.ones(self.dataset.sizes["run"], bool)
        for name, value in where.items():
            if name not in self.levers:
                raise not_allowed("", "lever", name, "one of " + ", ".join(self.levers), self.levers)
            values = self.dataset[name].to_numpy()
            if value not in values.tolist():
                known = ", ".join(str(each) for each in dict.fromkeys(values.tolist()))
                raise not_allowed("", name, value, f"a value of this sweep: {known}")
            chosen &= values == value
        found = self.dataset.isel(run=np.flatnonzero(chosen))
        return found.isel(run=np.lexsort((found["replicate"], found["point"])))

    def effects(
        self, against: Mapping[str, Any], outcomes: Sequence[str] | None = None, paired: bool = True
    ) -> pd.DataFrame:
        """Return the effect of every other point against one, as a row per point and outcome.

        Parameters
        ----------
        against : mapping of str to value
            The values of levers at the baseline; together they must choose one point.
        outcomes : list of str, optional
            Default all that are numbers.
        paired : bool
            False leaves out that replicates share their luck, to see what that is worth.

        Returns
        -------
        pandas.DataFrame
            Levers, and the columns of ``effects.parquet``: `low` and `high` are of the 90 % interval, luck only; `sign`
            is 0 unless it is shown, with the false discovery rate controlled over all rows of this table.

        Raises
        ------
        InputError
            A name is not known, or `against` is not one point.
        """
        import pandas as pd

        points = set(self.at(against)["point"].to_numpy().tolist())
        if len(points) != 1:
            told = ", ".join(f"{name}={value}" for name, value in against.items())
            open_ones = ", ".join(name for name in self.levers if name not in against)
            raise not_allowed("", "against", told, f"one point of {len(points)}: say a value of {open_ones}, too")
        names = list(outcomes or self.outcomes)
        for name in names:
            if name not in self.outcomes:
                raise not_allowed("", "outcome", name, "one of " + ", ".join(self.outcomes), self.outcomes)
        data = self.dataset
        values: dict[tuple[int, str], dict[int, float]] = {}
        places = list(zip(data["point"].to_numpy().tolist(), data["replicate"].to_numpy().tolist(), strict=True))
        for name in names:
            column = data[f"{PREFIX}{name}" if f"{PREFIX}{name}" in data else name]
            for (point, replicate), value in zip(places, column.to_numpy().tolist(), strict=True):
                values.setdefault((point, name), {})[replicate] = value
        n_points = 1 + max(point for point, _ in places)
        found = effects_of(values, n_points, points.pop(), names, paired and self._has_common_luck())
        return pd.DataFrame([self._row(effect) for effect in found])

    def bands(
        self,
        curve: str = "protesting",
        where: Mapping[str, Any] | None = None,
        city: str | None = None,
        coverage: float = COVERAGE,
    ) -> pd.DataFrame:
        """Return the fullest hour of each day over the replicates of each point: median and band.

        Parameters
        ----------
        curve : str
            Name of a curve that the sweep kept.
        where : mapping of str to value, optional
            Values of levers to keep; default all points.
        city : str, optional
            Default the sum over all cities.
        coverage : float
            Share of the replicates that the band holds.

        Returns
        -------
        pandas.DataFrame
            Levers, `day` (from 0; a day is 06:00 to 06:00), `n` replicates, `low`, `median`, `high` in the curve's
            unit. The band is of runs, so of luck; it is no interval of the median.

        Raises
        ------
        InputError
            A name is not known.
        """
        import pandas as pd

        runs = self.at(where or {})
        curves = [str(name) for name, values in runs.data_vars.items() if "hour" in values.dims]
        if curve not in curves:
            raise not_allowed("", "curve", curve, "one of " + ", ".join(curves), curves)
        cities = runs["city"].to_numpy().tolist()
        if city is not None and city not in cities:
            raise not_allowed("", "city", city, "one of " + ", ".join(cities), cities)
        values = runs[curve].sum("city") if city is None else runs[curve].sel(city=city)
        days = daily_peaks(values.transpose("hour", "run").to_numpy())
        rows: list[dict[str, Any]] = []
        half = (1.0 - coverage) / 2.0
        point_of = runs["point"].to_numpy()
        for point in dict.fromkeys(point_of.tolist()):
            own = days[:, point_of == point]
            low, median, high = np.quantile(own, [half, 0.5, 1.0 - half], axis=1)
            rows += [{**self._levers_at(point), "day": day, "n": own.shape[1], "low": low[day], "median": median[day],
                      "high": high[day]} for day in range(len(days))]  # fmt: skip
        return pd.DataFrame(rows)

    def _check_sweep(self) -> None:
        """Refuse the dataset of a single run, and one that was not loaded by us."""
        if "point" not in self.dataset.coords or "run" not in self.dataset.dims:
            raise InputError("this dataset is no sweep: effects and bands are of what ploshcha.sweep or load returned")

    def _has_common_luck(self) -> bool:
        """Whether a replicate has the same seed at every point."""
        seeds: dict[int, set[int]] = {}
        for number, seed in zip(self.dataset["replicate"].to_numpy().tolist(), self.dataset["seed"].to_numpy().tolist(),
                                strict=True):  # fmt: skip
            seeds.setdefault(number, set()).add(seed)
        return all(len(each) == 1 for each in seeds.values())

    def _levers_at(self, point: int) -> dict[str, Any]:
        """Return the values of the levers at a point."""
        first = int(np.flatnonzero(self.dataset["point"].to_numpy() == point)[0])
        return {name: self.dataset[name].to_numpy()[first] for name in self.levers}

    def _row(self, effect: Effect) -> dict[str, Any]:
        """Return an effect as a row of the table."""
        unit = OUTCOMES.get(effect.outcome, ("",))[0]
        return {**self._levers_at(effect.point), "outcome": effect.outcome, "unit": unit,
                **{name: getattr(effect, name) for name in OF_EFFECT}}  # fmt: skip
