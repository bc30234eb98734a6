"""What was observed: the rows of targets.csv, which the model is compared with and fitted to.

A row is a report: a statistic of an outcome in a window, from `low` to `high`. Three columns, which may be left out or
blank, say how far it is to be trusted (docs/calibration.md):

error : `count` (one figure, low = high), `range` (somewhere from low to high), `more_than` (low is the figure, high
    the largest believable), `fewer_than` (high is the figure) or `not_counted` (an occasion that is forecast and not
    scored; from 0 to the largest believable, informative `no: ...`). Blank: count where low = high, else range.
log_sd : scatter of the report in logs; of the other kinds that of the ends. Blank: `LOG_SD`, a ministry's count .5.
counted_by : who counted, `COUNTED_BY`; each kind of source errs to one side, by a bias of its own. Blank: no bias.

Rows with the same city, outcome, statistic and window are several reports of one crowd.
"""

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sim.inputs.city import load_place_names
from sim.inputs.tables import Row, read_table
from sim.inputs.timeline import hour_of

OUTCOMES = (
    "quiet", "protesting", "striking", "rallying", "detained", "adults", "rallying_coerced", "rally_present",
    "detained_new", "injured_new", "dismissed", "officers_withholding", "officers_resigned",
    "officials_accommodating", "officials_resigned", "ever_participated",
    "mean_legitimacy", "mean_anger", "mean_fear", "mean_russia_affinity", "private_opposition",
    "reported_protest_ministry", "reported_protest_media", "reported_rally_ministry", "reported_rally_media",
)  # fmt: skip
NOT_COUNTED = "not_counted"
LOG_SD = {"count": 0.4, "range": 0.2, "more_than": 0.2, "fewer_than": 0.2, NOT_COUNTED: 0.4}
"""Scatter of a report in logs where the row does not say. Assumption: a count's as in reported_counts, ends half."""

MINISTRY_LOG_SD = 0.5
COUNTED_BY = ("police", "officials", "organisers", "press", "research")
SPAN = ("date_from", "hour_from", "date_to", "hour_to")


@dataclass(frozen=True)
class Target:
    """A statistic of an outcome over [hour_from, hour_to) and the range [low, high] to compare it with.

    `informative` is ``yes``, or ``no: `` and why the model cannot miss it: what cannot fail is no evidence. `error`,
    `log_sd` and `counted_by` are the error model of the report; a blank `error` and a `log_sd` of 0 stand for the
    usual ones.
    """

    city: str
    outcome: str
    statistic: str
    hour_from: int
    hour_to: int
    low: float
    high: float
    informative: str
    note: str
    source: str
    confidence: str
    line: int
    error: str = ""
    log_sd: float = 0.0
    counted_by: str = ""

    @property
    def is_informative(self) -> bool:
        """Whether meeting the target could have failed."""
        return self.informative == "yes"

    @property
    def crowd(self) -> str:
        """Name of what is reported; several reports may have the same, such as Minsk.protesting.peak.174-216."""
        return f"{self.city}.{self.outcome}.{self.statistic}.{self.hour_from}-{self.hour_to}"

    @property
    def error_model(self) -> str:
        """The error model, the usual one where the row does not say."""
        return self.error or ("count" if self.low == self.high else "range")

    @property
    def spread(self) -> float:
        """Standard deviation of the report in logs, the usual one where the row does not say."""
        if self.log_sd > 0:
            return self.log_sd
        is_ministry = self.error_model == "count" and self.outcome.endswith("_ministry")
        return MINISTRY_LOG_SD if is_ministry else LOG_SD[self.error_model]


def load_targets(folder: Path | str, cities: tuple[str, ...] | list[str], start: date) -> tuple[Target, ...]:
    """Read targets.csv of a data folder; targets of cities outside the scenario are checked, then skipped."""
    columns = ("city", "outcome", "statistic", *SPAN, "low", "high", "informative", "note")
    known = tuple(load_place_names(folder))
    path, optional = Path(folder) / "targets.csv", ("error", "log_sd", "counted_by")
    rows = read_table(path, columns, "what the model is compared with", optional)
    targets = [_target(row, known, start) for row in rows]
    return tuple(target for target in targets if target.city in cities)


def _target(row: Row, known: tuple[str, ...], start: date) -> Target:
    """Return the checked target of one row."""
    target = Target(
        city=row.choice("city", known), outcome=row.choice("outcome", OUTCOMES),
        statistic=row.choice("statistic", ("peak", "sum")),
        hour_from=hour_of(row, "date_from", "hour_from", start),
        hour_to=hour_of(row, "date_to", "hour_to", start),
        low=row.number("low", 0), high=row.number("high", 0), informative=row.cells["informative"],
        note=row.cells["note"], source=row.cells["source"], confidence=row.cells["confidence"], line=row.line,
        error=row.choice("error", ("", *LOG_SD)), counted_by=row.choice("counted_by", ("", *COUNTED_BY)),
        log_sd=row.number("log_sd", 0.01, 3.0) if row.cells["log_sd"] else 0.0,
    )  # fmt: skip
    if target.hour_to <= target.hour_from:
        raise row.error("date_to", "later than date_from and hour_from")
    if target.high < target.low:
        raise row.error("high", f"at least low, {target.low:g}")
    if (target.error == "count") != (target.low == target.high) and target.error:
        raise row.error("error", f"count where low = high, else range, more_than, fewer_than or {NOT_COUNTED}")
    if not re.fullmatch(r"yes|no: .*\w.*", target.informative):
        raise row.error("informative", "yes, or no: and why the model cannot miss it")
    if target.error == NOT_COUNTED and (target.is_informative or target.low > 0):
        raise row.error("error", f"{NOT_COUNTED} only from low=0 and with informative=no: and why")
    return target
