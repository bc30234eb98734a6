"""Parameters of a run, validated once.

Those of a mechanism are declared beside its rules (`agents.rules.declaration`); here are the population's, the
scenario's and the changes of its timeline. Limits, meaning, symbol, unit and source stand in each declaration and in
the JSON schema; a value that is not given is the declared one, that of the base case.
"""

from __future__ import annotations

import dataclasses
import datetime
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model, field_validator, model_validator

from agents.mechanisms import mechanisms
from agents.rules.anger import Anger
from agents.rules.announced_share import AnnouncedShare
from agents.rules.appeals import Appeals
from agents.rules.bonds import Bonds
from agents.rules.chains import Chains
from agents.rules.concession import Concession
from agents.rules.declaration import (
    NOT_NEGATIVE,
    OPEN_SHARE,
    SHARE,
    WEIGHT,
    Declared,
    Group,
    between,
    parameter,
)
from agents.rules.declaration import declared as declared_in
from agents.rules.dismissal import Dismissal
from agents.rules.encouragement import Encouragement
from agents.rules.fear import Fear
from agents.rules.job_pressure import JobPressure
from agents.rules.leader import Leader
from agents.rules.luck import Luck
from agents.rules.media import Media
from agents.rules.officers import Officers
from agents.rules.officials import Officials
from agents.rules.participation import Participation
from agents.rules.place import Place
from agents.rules.regime import Regime
from agents.rules.reported_counts import ReportedCounts
from agents.rules.repression import Repression
from agents.rules.russian_support import RussianSupport
from agents.rules.threat_framing import ThreatFraming
from agents.rules.ties import Ties
from agents.rules.walkout import Walkout
from agents.shown import html_table, told
from sim.errors import not_allowed
from sim.inputs.city import EVERY_CITY
from sim.inputs.tables import span
from sim.inputs.timeline import KINDS, LONGEST_WINDOW

Share = Annotated[float, Field(ge=0.0, le=1.0)]
Positive = Annotated[float, Field(ge=1e-6, le=1e9)]
NotNegative = Annotated[float, Field(ge=0.0, le=1e9)]


class Frozen(BaseModel):
    """Base of all parameter classes but the declared ones: immutable, no unknown fields, no NaN."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, use_attribute_docstrings=True)


TRAITS = ("preference", "legitimacy", "hardship", "risk_aversion", "job_dependence", "media_diet", "affinity", "sex",
          "age")  # fmt: skip
# Signs after evidence.md section 6 (age and state television with the incumbent), sizes are assumptions; sex is coded
# 1 = woman. Legitimacy is tied to preference by legitimacy_slope, its row holds what is left.
CORRELATION = (
    (1.0, 0.0, -0.1, 0.0, 0.1, 0.4, 0.3, 0.0, 0.3),
    (0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0),
    (-0.1, 0.0, 1.0, 0.0, 0.2, 0.0, 0.0, 0.0, 0.0),
    (0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.2, 0.2),
    (0.1, 0.0, 0.2, 0.0, 1.0, 0.0, 0.0, 0.0, 0.1),
    (0.4, 0.0, 0.0, 0.0, 0.0, 1.0, 0.3, 0.0, 0.4),
    (0.3, 0.0, 0.0, 0.0, 0.0, 0.3, 1.0, 0.0, 0.2),
    (0.0, 0.0, 0.0, 0.2, 0.0, 0.0, 0.0, 1.0, 0.0),
    (0.3, 0.0, 0.0, 0.2, 0.1, 0.4, 0.2, 0.0, 1.0),
)


class PopulationParameters(Group):
    """Traits of the population and how it is built."""

    share_against: float = parameter(
        0.712,
        "s_a",
        "share",
        OPEN_SHARE,
        (0.45, 0.8),
        "share who prefer change, of those with a preference",
        "vote recall 52 : 21, Chatham House, September 2020 (evidence.md section 6)",
    )
    polarisation: float = parameter(
        0.8, "a", "1", {"ge": 0.1, "le": 10.0}, (0.5, 1.5), "shape of the Kumaraswamy distribution of preferences"
    )
    legitimacy_base: float = parameter(
        0.4, "l_0", "legitimacy", SHARE, (0.3, 0.5), "legitimacy at preference 0", "assumption (a trial run used it)"
    )
    legitimacy_slope: float = parameter(
        0.45,
        "l_x",
        "legitimacy per x",
        WEIGHT,
        (0.3, 0.6),
        "legitimacy by preference",
        "assumption (a trial run used it)",
    )
    legitimacy_sd: float = parameter(
        0.08,
        "sigma_L",
        "legitimacy",
        NOT_NEGATIVE,
        (0.05, 0.15),
        "spread of legitimacy",
        "assumption (a trial run used it)",
    )
    women_share: float = parameter(0.54, "q_w", "share of adults", OPEN_SHARE, (0.53, 0.56), "women")
    share_18_29: float = parameter(0.18, "q_18", "share of adults", OPEN_SHARE, (0.1, 0.4), "adults of 18 to 29")
    share_30_44: float = parameter(0.3, "q_30", "share of adults", OPEN_SHARE, (0.1, 0.4), "adults of 30 to 44")
    share_45_59: float = parameter(
        0.26, "q_45", "share of adults", OPEN_SHARE, (0.1, 0.4), "adults of 45 to 59; the rest is 60 and over"
    )
    correlation: tuple[tuple[float, ...], ...] = parameter(
        CORRELATION, "Sigma", "1", {}, (-1, 1), "Gaussian copula of the traits, rows and columns as TRAITS"
    )
    n_online_ties: int = parameter(4, "n_o", "ties", between(0, 12), (0, 12), "online ties per person")
    cross_city_share: float = parameter(
        0.1, "q_x", "share of online ties", SHARE, (0, 1), "ties that lead to any city of the scenario"
    )
    homophily: float = parameter(
        0.5, "q_h", "probability", SHARE, (0, 1), "that the nearer of two candidates in preference becomes the tie"
    )
    min_agents: int = parameter(
        8,
        "n_min",
        "agents",
        between(1, 10000),
        (1, 100),
        "least agents of a plant",
        "assumption: shares of a plant in eighths",
    )

    def __post_init__(self) -> None:
        """Refuse shares of ages that leave none, and what is no correlation matrix."""
        if self.share_18_29 + self.share_30_44 + self.share_45_59 >= 1.0:
            younger = self.share_18_29 + self.share_30_44 + self.share_45_59
            allowed = "below 1, the rest is the share of 60 and over"
            raise ValueError(f"share_18_29 + share_30_44 + share_45_59={younger:g} is not allowed: {allowed}")
        if fault := _fault_of_correlation(self.correlation):
            raise ValueError(f"correlation is not allowed: {fault}")


def _fault_of_correlation(rows: tuple[tuple[float, ...], ...]) -> str:
    n = len(TRAITS)
    if len(rows) != n or any(len(row) != n for row in rows):
        return f"a {n} x {n} matrix is needed, in the order {', '.join(TRAITS)}"
    matrix = np.array(rows)
    if not np.array_equal(matrix, matrix.T) or not np.array_equal(np.diag(matrix), np.ones(n)):
        return "the matrix must be symmetric with ones on its diagonal"
    return "" if np.linalg.eigvalsh(matrix).min() > 1e-9 else "the matrix must be positive definite"


LAST_YEAR = 9990  # the calendar of Python ends with 9999


class Scenario(Frozen):
    """A case: its calendar, its cities, and the folder with its data files."""

    name: Annotated[str, Field(min_length=1)]
    title: str
    start: datetime.date
    """Day of hour 0."""
    hours: Annotated[int, Field(ge=1, le=30_000)]
    """Length, hours."""
    data: Annotated[str, Field(min_length=1)]
    """Folder under conf/data, or a path."""
    cities: Annotated[tuple[str, ...], Field(min_length=1, max_length=200)]

    main_day: Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "none"] = "sunday"
    """The weekly day of the protest; other days are minor ones, unless called."""

    @field_validator("start")
    @classmethod
    def _in_calendar(cls, value: datetime.date) -> datetime.date:
        if value.year > LAST_YEAR:
            raise ValueError(f"a day up to the year {LAST_YEAR}")
        return value

    @field_validator("cities")
    @classmethod
    def _once(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(value)) != len(value):
            raise ValueError("each city may be listed once")
        return value


class AddedRow(Frozen):
    """A row that a counterfactual adds to the timeline."""

    hour: Annotated[int, Field(ge=-30_000, le=30_000)]
    """Hour in which it begins, from the scenario's start."""
    hours: Annotated[int, Field(ge=1, le=LONGEST_WINDOW)] | None = None
    """Length, hours: of windows; a level with one lies over the recorded levels and ends, without one it holds on."""
    value: Annotated[float, Field(ge=-1e10, le=1e10)]
    """Level or intensity."""
    days: Annotated[int, Field(ge=1, le=1000)] = 1
    """On so many days in a row, at the same hour."""
    city: Annotated[str, Field(min_length=1)] = EVERY_CITY
    """One city, or all."""
    place: str = ""
    """Place of the city, where the kind has one."""

    @field_validator("hour", "hours", "value", "days", mode="before")
    @classmethod
    def _no_truth(cls, value: object) -> object:
        if isinstance(value, bool):
            raise ValueError("a number")
        return value


class ForcingChange(Frozen):
    """What a counterfactual changes in the timeline's rows of one kind; the defaults change nothing."""

    value: Annotated[float, Field(ge=0.0, le=1e10)] | None = None
    """Replaces the intensity; none: as recorded."""
    factor: NotNegative = 1.0
    """Multiplies the intensity, where no value replaces it."""
    delay_hours: Annotated[int, Field(ge=-30_000, le=30_000)] = 0
    """Moves the rows, hours; below 0: earlier."""
    from_hour: Annotated[int, Field(ge=-30_000, le=30_000)] = -30_000
    """Of the rows that begin in this hour or later."""
    to_hour: Annotated[int, Field(ge=-30_000, le=30_000)] | None = None
    """Of those that begin before this hour; none: to the end."""
    add: Annotated[tuple[AddedRow, ...], Field(max_length=1000)] = ()
    """Rows that the record does not have; nothing above concerns them."""


class AnyForcings(Frozen):
    """Changes of the timeline: a `ForcingChange` for each kind (see `sim.world.forcing_changes`)."""

    closed_places: tuple[str, ...] = ()
    """Places closed for the whole scenario."""

    def of(self, kind: str) -> ForcingChange:
        """Return what is changed in the rows of a kind."""
        return getattr(self, kind, ForcingChange())

    @model_validator(mode="after")
    def _added_rows(self) -> Self:
        for kind in CHANGEABLE:
            for row in self.of(kind).add:
                _check_added(kind, row)
        return self


CHANGEABLE = tuple(name for name, kind in KINDS.items() if kind.shape != "fact")
if TYPE_CHECKING:
    Forcings = AnyForcings
else:
    _CHANGES = dict.fromkeys(CHANGEABLE, (ForcingChange, ForcingChange()))
    Forcings = create_model("Forcings", __base__=AnyForcings, __doc__=AnyForcings.__doc__, **_CHANGES)


def _check_added(kind: str, row: AddedRow) -> None:
    """Refuse a row that its kind does not allow."""
    allowed, name = KINDS[kind], f"forcings.{kind}.add"
    if not allowed.low <= row.value <= allowed.high:
        raise not_allowed(name, "value", row.value, f"a number {span(allowed.low, allowed.high)}")
    if allowed.shape == "window" and row.hours is None:
        raise not_allowed(name, "hours", "", f"an integer from 1 to {LONGEST_WINDOW}")
    if allowed.shape == "point" and row.hours is not None:
        raise not_allowed(name, "hours", row.hours, f"none, since {kind} is a point")
    if allowed.place == "required" and (row.city == EVERY_CITY or not row.place):
        raise not_allowed(name, "place", row.place, f"a city and one of its places, since {kind} needs one")
    if row.place and (allowed.place == "blank" or row.city == EVERY_CITY):
        raise not_allowed(name, "place", row.place, f"none for {kind if allowed.place == 'blank' else 'all cities'}")


def settings_table(parameters: Frozen) -> str:
    """Return parameters as a table of HTML, a row for each group; of changes of the timeline those that are made."""
    groups = parameters.model_dump(exclude={"scenario", "forcings", "inspect"})
    forcings = parameters.model_dump(include={"forcings"}, exclude_defaults=True)
    return html_table(repr(parameters), ["setting", "value"], [[name, told(part)] for name, part in
                                                               (groups | forcings).items()])  # fmt: skip


class Inspect(Frozen):
    """How far agents are shown as objects; no result depends on it."""

    max_agents: Annotated[int, Field(ge=1, le=10_000_000)]
    """Most agents that `model.agents` makes, about 1 kB each."""


class Parameters(Frozen):
    """Everything that a run depends on."""

    def __repr__(self) -> str:
        n = len(self.scenario.cities)
        return (f"Parameters of {self.scenario.name}: {n} {'city' if n == 1 else 'cities'}, {self.hours} hours, "
                f"{self.persons_per_agent:g} persons an agent, seed {self.seed}, engine {self.engine}")  # fmt: skip

    __str__ = __repr__

    def _repr_html_(self) -> str:
        """Return the settings as a table, a row for each mechanism, for notebooks."""
        return settings_table(self)

    scenario: Scenario
    seed: Annotated[int, Field(ge=0, lt=2**62)]
    """Number of the random world: same seed, same people, same luck."""
    hours: Annotated[int, Field(ge=1, le=30_000)]
    """Length, hours from 00:00 of the first day."""
    persons_per_agent: Annotated[float, Field(ge=1.0, le=1e6)]
    """Persons that an agent stands for; officers and officials have a scale of their own."""
    staff_per_agent: Annotated[float, Field(ge=1.0, le=1e6)] = 1.0
    """Officers and officials that one of them stands for; a city has ten units of officers at least, or all of its own,
    and 20 officials of an office (`sim.world.staff`)."""
    engine: Literal["mesa", "compiled"]
    """mesa: agents step by their own methods; compiled: the same, over columns."""
    threads: Annotated[int, Field(ge=1, le=256)]
    """Threads of a run; no result depends on it."""
    inspect: Inspect
    forcings: Forcings = Forcings()
    population: PopulationParameters
    announced_share: AnnouncedShare
    anger: Anger
    fear: Fear
    media: Media
    participation: Participation
    place: Place
    chains: Chains
    walkout: Walkout
    job_pressure: JobPressure
    dismissal: Dismissal
    repression: Repression
    officers: Officers
    officials: Officials
    leader: Leader
    appeals: Appeals
    russian_support: RussianSupport
    threat_framing: ThreatFraming
    reported_counts: ReportedCounts
    ties: Ties
    bonds: Bonds
    luck: Luck
    encouragement: Encouragement
    concession: Concession
    regime: Regime

    @property
    def remembers(self) -> bool:
        """Whether it counts who went to a street occasion that is over."""
        return self.ties.strength > 0.0 and (self.ties.remembered_weight != 0.0 or self.bonds.strength > 0.0)


MECHANISMS = tuple(name for name, field in Parameters.model_fields.items() if field.annotation in mechanisms().values())
GROUPS: dict[str, type[Group]] = {"population": PopulationParameters}
GROUPS |= {name: mechanisms()[name] for name in MECHANISMS}

if unlisted := set(mechanisms()) - set(MECHANISMS):
    raise TypeError(f"agents/rules/{min(unlisted)}.py declares a mechanism: add it to Parameters in sim/parameters.py")

# Made once, as every type of records that passes take: Numba knows one by its identity, else it compares field by
# field at each call, which takes ten microseconds.
RECORD = np.dtype([(name, [(field.name, "f8") for field in dataclasses.fields(GROUPS[name])]) for name in MECHANISMS])


def declared() -> list[Declared]:
    """Return all that is declared about each parameter of the population and of the mechanisms."""
    return [each for group, parameters in GROUPS.items() for each in declared_in(group, parameters)]


def as_record(parameters: Parameters) -> np.ndarray:
    """All mechanism parameters as an array of one nested record of float64, for passes: ``p.anger.news_decay``."""
    groups = ((getattr(parameters, name), RECORD[name].names or ()) for name in MECHANISMS)
    return np.array([tuple(tuple(float(getattr(group, each)) for each in names) for group, names in groups)], RECORD)


def changed(parameters: Parameters, changes: Mapping[str, Any]) -> Parameters:
    """Return parameters with other values, each by its full name: ``seed``, ``fear.fear_weight``.

    Raises
    ------
    InputError
        There is no setting of that name, or its value is not allowed.
    """
    if not changes:
        return parameters
    values = parameters.model_dump(mode="json")
    for name, value in changes.items():
        group, _, field = name.partition(".")
        place, key = (values.get(group), field) if field else (values, group)
        if not isinstance(place, dict) or key not in place:
            known = [*values, *(f"{each}.{key}" for each in GROUPS for key in values[each])]
            raise not_allowed("", "setting", name, "the full name of a setting, such as fear.fear_weight", known)
        place[key] = value
    try:
        return Parameters.model_validate_json(json.dumps(values))
    except TypeError:
        raise not_allowed("", ", ".join(changes), list(changes.values()), "numbers and words") from None
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        raise not_allowed("", name, first["input"], first["msg"]) from None
