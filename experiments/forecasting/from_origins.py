"""What models say of later counts, from one origin or many, and what simple rivals say beside them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from experiments.forecasting.by_emulator import Emulated, emulated_rows, hour_after
from experiments.forecasting.by_weights import Members, member_weights, weighed_row
from experiments.forecasting.conformal import Stretch, corrected, stretches
from experiments.forecasting.left_out import wanted
from experiments.forecasting.rivals import RIVALS, rival_forecast
from experiments.forecasting.scores import score_student
from experiments.forecasting.series import Count, before, count_bias
from experiments.forecasting.tables import Row
from experiments.targets.biases import fit_biases
from experiments.targets.reports import reports_of
from sim.inputs.targets import Target


@dataclass(frozen=True)
class Model:
    """A model with its runs: what it knew besides the counts, and the last day of reports that its posterior has seen.

    until : None: none of this case's. taught : stretches of forecasts of other cases, which correct its bands.
    """

    runs: Members | Emulated
    information: str
    until: date | None
    taught: tuple[Stretch, ...] = ()


@dataclass(frozen=True)
class Occasions:
    """What is forecast: counts of a case, the targets that they are of, and the day of hour 0."""

    counts: Sequence[Count]
    targets: Sequence[Target]
    start: date
    is_rolling: bool

    def asked(self, origin: date) -> list[Count]:
        """Return what is forecast from an origin."""
        return later_counts(self.counts, origin, self.is_rolling)


def rows_of(models: Sequence[Model], occasions: Occasions, origins: Sequence[date]) -> list[Row]:
    """Return the forecasts of all models from all origins, bands corrected, simple rivals last at each origin."""
    rows: dict[date, list[Row]] = {origin: [] for origin in origins}
    for number, model in enumerate(models):
        own = [row for origin in origins for row in _model_rows(model, number, occasions, origin)]
        earlier = stretches(_earlier(model, number, occasions, origins[-1], own))
        for row in own:
            rows[row.origin].append(corrected(row, [*model.taught, *earlier]))
    for origin, found in rows.items():
        found += [row for count in occasions.asked(origin) for row in rival_rows(occasions.counts, count, origin)]
    return [row for found in rows.values() for row in found]


def _model_rows(
    model: Model, number: int, occasions: Occasions, origin: date, asked: Sequence[Count] | None = None
) -> list[Row]:
    """Return the forecasts of a model from an origin, of what is asked there or of some counts."""
    told = f"counts to {origin}; {model.information}"
    if model.until is not None and origin < model.until < date.max:
        told += " (later than the origin: in sample)"
    asked = occasions.asked(origin) if asked is None else asked
    if isinstance(model.runs, Emulated):
        return emulated_rows(model.runs, occasions.targets, asked, origin, occasions.start, told)
    return _weighed_rows(model, model.runs, occasions.targets, asked, origin, occasions.start, told, number)


def _earlier(model: Model, number: int, occasions: Occasions, origin: date, own: Sequence[Row]) -> list[Row]:
    """Return the forecasts that tell how far a model was off by an origin, of counts that its posterior had not seen.

    Rolling they are those that are asked for anyhow; else those of each earlier count from each one before it.
    """
    seen = model.until or date.min
    if occasions.is_rolling:
        return [row for row in own if row.count.day > seen]
    counts = [count for count in occasions.counts if count.day <= origin and math.isfinite(count.log)]
    rows = []
    for day in sorted({count.day for count in counts}):
        later = [count for count in counts if count.day > max(day, seen)]
        rows += _model_rows(model, number, occasions, day, later) if later else []
    return rows


def later_counts(counts: Sequence[Count], origin: date, is_rolling: bool) -> list[Count]:
    """Return what is forecast from an origin, what nobody has counted too; rolling: the next of each kind of day."""
    if is_rolling:
        return wanted(counts, origin, True)
    return [count for count in counts if count.day > origin]


def _weighed_rows(
    model: Model, runs: Members, targets: Sequence[Target], asked: Sequence[Count], origin: date, start: date,
    told: str, number: int,
) -> list[Row]:  # fmt: skip
    """Return the forecasts by weights; biases are those of the reports so far."""
    past = [target for target in targets if target.hour_to <= hour_after(origin, start)]
    biases = fit_biases([reports_of(past)])
    last = 0 if model.until is None else hour_after(min(model.until, origin), start)
    seen = reports_of([target for target in past if target.hour_to <= last], biases)
    weights = member_weights(runs, reports_of(past, biases), seen, targets)
    return [weighed_row(runs, count, origin, told, weights, count_bias(targets, count, biases), number)
            for count in asked]  # fmt: skip


def rival_rows(counts: Sequence[Count], count: Count, origin: date) -> list[Row]:
    """Return the forecasts of the simple rivals that have a count to go by."""
    known = before(counts, count, origin)
    kinds = f"{len(known)} counts to {origin}, of {count.kind} days if any"
    rows = []
    for name in RIVALS:
        told = rival_forecast(name, known, count.day)
        if told is not None and math.isfinite(count.log):
            rows.append(Row(count, origin, name, kinds, score_student(told, count.log), None))
    return rows
