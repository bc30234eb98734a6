"""Parameters of the classics: what all of them share, and Epstein's with every known difference a named option."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Annotated, Any, Literal

from pydantic import Field, field_serializer, field_validator, model_validator

from sim.errors import not_allowed
from sim.parameters import Frozen, NotNegative, Positive, Share, settings_table

Share100 = Annotated[float, Field(ge=0.0, le=100.0)]
Schedule = tuple[tuple[int, float], ...]


class ClassicScenario(Frozen):
    """A published model, or one run of it."""

    name: Annotated[str, Field(min_length=1)]
    title: str
    model: Annotated[str, Field(min_length=1)]
    """Which of the classics."""
    steps: Annotated[int, Field(ge=1, le=1_000_000)]
    """Length, steps."""


class ClassicParameters(Frozen):
    """What a run of any classic depends on."""

    def __repr__(self) -> str:
        return (f"{type(self).__name__} of {self.scenario.name}: {self.steps} steps, seed {self.seed}, "
                f"engine {self.engine}")  # fmt: skip

    __str__ = __repr__

    def _repr_html_(self) -> str:
        """Return the settings as a table, for notebooks."""
        return settings_table(self)

    scenario: ClassicScenario
    seed: Annotated[int, Field(ge=0, lt=2**62)]
    steps: Annotated[int, Field(ge=1, le=1_000_000)]
    engine: Literal["mesa", "compiled"]


class EpsteinOptions(Frozen):
    """Epstein's model I; what each option means, and who does it so, stands in docs/classics.md."""

    size: Annotated[int, Field(ge=2, le=10_000)]
    """Cells of a side of the torus."""
    citizen_density: Share
    """Citizens per cell."""
    officer_density: Share
    """Officers per cell."""
    vision: Annotated[float, Field(ge=0.0, le=50.0)]
    """v, cells."""
    legitimacy: float | Schedule
    """L, or [[step, L], ...]: each holds from its step on."""
    officer_schedule: Schedule
    """[[step, number], ...]: withdrawn to that number from that step on."""
    max_jail_term: Annotated[float, Field(ge=0.0, allow_inf_nan=True)]
    """J, steps, or inf."""
    arrest_constant: Positive
    """k."""
    activation_threshold: NotNegative
    """T."""
    ratio: Literal["continuous", "floor", "round"]
    """Of officers to active."""
    neighbourhood: Literal["cross", "von_neumann", "moore", "disc"]
    include_own_cell: bool
    """Whether one's own cell is in view; an active citizen then counts oneself twice."""
    turn_order: Literal["act_move", "move_act"]
    jailed: Literal["removed", "block"]
    """Whether the jailed leave their cell free."""
    release: Literal["random_empty", "in_place"]
    officer_after_arrest: Literal["stay", "move_to_arrest"]
    jail_term_range: Literal["inclusive", "exclusive", "continuous"]
    """0..J, 0..J-1, U(0, J)."""
    jail_countdown: Literal["end_of_step", "own_turn"]
    placement: Literal["exact", "bernoulli"]
    activation: Literal["shuffle", "with_replacement"]
    movement: Movement

    @field_validator("max_jail_term", mode="before")
    @classmethod
    def _unlimited(cls, value: Any) -> Any:
        return math.inf if isinstance(value, str) and value.strip().lower() in ("inf", ".inf") else value

    @field_serializer("max_jail_term", when_used="json")
    def _infinite(self, value: float) -> float | str:
        return "inf" if math.isinf(value) else value

    @field_validator("max_jail_term")
    @classmethod
    def _no_nan(cls, value: float) -> float:
        if math.isnan(value):
            raise not_allowed("", "epstein.max_jail_term", value, "a number of steps >= 0, or inf")
        return value

    @field_validator("legitimacy", mode="before")
    @classmethod
    def _legitimacy(cls, value: Any) -> Any:
        if _is_number(value) and 0.0 <= float(value) <= 1.0:
            return float(value)
        allowed = "a number >= 0 and <= 1, or [[step, value], ...]"
        return read_schedule("epstein.legitimacy", value, allowed, lambda number: 0.0 <= number <= 1.0, True)

    @field_validator("officer_schedule", mode="before")
    @classmethod
    def _officers(cls, value: Any) -> Any:
        allowed = "[[step, number], ...], numbers of officers >= 0"
        return read_schedule("epstein.officer_schedule", value, allowed, lambda number: number >= 0 and number % 1 == 0)

    @model_validator(mode="after")
    def _fits(self) -> EpsteinOptions:
        _check_peopled("epstein", self.citizen_density, self.size)
        total = self.citizen_density + self.officer_density
        if total > 1.0 + 1e-12:
            most = f"at most {1.0 - self.officer_density:g} beside officer_density={self.officer_density:g}"
            raise not_allowed("", "epstein.citizen_density", self.citizen_density, f"{most}: one person a cell")
        if self.vision > self.size / 2:
            allowed = f"at most half of size={self.size}, {self.size / 2:g}"
            raise not_allowed("", "epstein.vision", self.vision, allowed)
        numbers = [number for _, number in self.officer_schedule]
        if numbers != sorted(numbers, reverse=True):
            raise not_allowed("", "epstein.officer_schedule", numbers, "numbers that never rise")
        return self


class Movement(Frozen):
    """Who moves, and where to."""

    citizens: Literal["random_empty", "none"]
    officers: Literal["random_empty", "none"]


class GranovetterOptions(Frozen):
    """Granovetter's crowd: how many others must be out before one joins."""

    n_people: Annotated[int, Field(ge=1, le=1_000_000)]
    """Where none are listed."""
    distribution: Literal["uniform", "normal", "listed"]
    """Uniform: 0, 1, ..., n_people - 1."""
    mean: Annotated[float, Field(ge=-1e6, le=1e6)]
    """Of the normal, persons."""
    sd: Positive
    """Of the normal, persons."""
    listed: tuple[Annotated[float, Field(ge=0.0, le=1e6)], ...]
    """Participation thresholds, persons."""


class KuranOptions(Frozen):
    """Kuran's society: how much public opposition, in per cent, makes one oppose in public."""

    listed: Annotated[tuple[Share100, ...], Field(min_length=1)]
    """Revolutionary thresholds, per cent."""


class SiegelOptions(Frozen):
    """Siegel's social networks: one takes part if the motivation exceeds what the ties who stay home cost."""

    n_people: Annotated[int, Field(ge=2, le=20_000)]
    motivation_mean: Annotated[float, Field(ge=-10.0, le=10.0)]
    """b_mean."""
    motivation_sd: Positive
    """b_sd."""
    memory: Annotated[float, Field(ge=0.0, lt=1.0)]
    """lambda, weight of the past."""
    network: Literal["complete", "small_world", "village", "opinion_leader", "hierarchy"]
    n_near: Annotated[int, Field(ge=1, le=100)]
    """small_world: ties to either side."""
    far_probability: Share
    """small_world: a tie is rewired; village: a person has a tie outside."""
    village_size: Annotated[int, Field(ge=2, le=1000)]
    degree_exponent: Annotated[float, Field(gt=1.0, le=10.0)]
    """opinion_leader: p(k) ~ k^-exponent."""
    n_below: Annotated[int, Field(ge=1, le=1000)]
    """Hierarchy: followers of each."""


class EthnicOptions(Frozen):
    """Epstein's model II: two groups and officers who keep the peace between them."""

    size: Annotated[int, Field(ge=3, le=1000)]
    """Cells of a side of the torus."""
    citizen_density: Share
    """Citizens per cell, half of them in each group."""
    officer_density: Share
    """Officers per cell."""
    vision: Annotated[float, Field(ge=1.0, le=50.0)]
    """Cells."""
    neighbourhood: Literal["cross", "von_neumann", "moore", "disc"]
    """as in model I."""
    legitimacy: Share
    """L, what a group grants to the other's right to exist."""
    max_jail_term: Annotated[float, Field(ge=0.0, le=1e9)]
    """J, steps."""
    arrest_constant: Positive
    """k."""
    activation_threshold: NotNegative
    """T."""
    clone_probability: Share
    """Per step."""
    max_age: Positive
    """Steps."""

    @model_validator(mode="after")
    def _fits(self) -> EthnicOptions:
        _check_peopled("ethnic", self.citizen_density, self.size)
        if self.citizen_density + self.officer_density > 1.0 + 1e-12:
            most = f"at most {1.0 - self.officer_density:g} beside officer_density={self.officer_density:g}"
            raise not_allowed("", "ethnic.citizen_density", self.citizen_density, f"{most}: one person a cell")
        if 2 * math.floor(self.vision) >= self.size:
            raise not_allowed("", "ethnic.vision", self.vision, f"below half of size={self.size}")
        return self


class ChenowethOptions(Frozen):
    """Nonviolent resistance: nothing here was verified against the paper, docs/classics.md says where it comes from."""

    strategy: Literal["random", "rapid", "commitment", "pillars", "least_loyal_pillars"]
    """Of the campaign."""
    size: Annotated[int, Field(ge=3, le=500)]
    """Cells of a side."""
    edges: Literal["torus", "walls"]
    """Whether the lattice closes on itself."""
    citizen_density: Share
    """Citizens per cell."""
    activist_density: Share
    """Activists per cell."""
    officer_density: Share
    """Officers per cell."""
    pillar_density: Share
    """Pillars of support per cell."""
    vision: Annotated[float, Field(ge=1.0, le=50.0)]
    """v, cells, of all: a disc."""
    search_vision: Annotated[float, Field(ge=1.0, le=500.0)]
    """Cells, of activists who seek the least loyal pillar."""
    legitimacy: Share
    """L, at the start."""
    backlash_factor: Share
    """Beta, legitimacy left after each killing."""
    income_log_mean: Annotated[float, Field(ge=-5.0, le=5.0)]
    """a."""
    income_log_sd: Annotated[float, Field(ge=0.0, le=5.0)]
    """b."""
    arrest_constant: Positive
    """k of the perceived probability of arrest."""
    jail_cost_rate: Positive
    """k of the cost of an arrest, per step."""
    max_jail_term: Annotated[int, Field(ge=2, le=1_000_000)]
    """J, steps; terms are 1 .. J - 1."""
    joining_threshold: NotNegative
    """F."""
    peer_pressure_number: Positive
    """n_0, protesters in view: full pressure at twice as many."""
    protest_cycle: Annotated[int, Field(ge=1, le=1_000_000)]
    """Steps from one protest of a person to the next."""
    protest_duration: Annotated[int, Field(ge=1, le=1_000_000)]
    """Steps."""
    least_members: Annotated[int, Field(ge=0, le=1_000_000)]
    """m_0, needed in view to protest; so few are a defeat."""
    immediate_share: Share
    """Of citizens who protest in the turn in which they join."""
    committed_share: Share
    """Of citizens who never leave the campaign of themselves."""
    latest_start: Annotated[int, Field(ge=1, le=1_000_000)]
    """Step; each acts from step 1 .. latest_start on."""
    find_probability: Share
    """p_f, an officer finds members who do not protest."""
    target_probability: Share
    """p_t, an officer goes for somebody."""
    kill_probability: Share
    """Who is targeted is killed, not arrested."""
    defection_mean: Annotated[float, Field(ge=0.0, le=1.0)]
    """Of theta, share of those in view."""
    defection_sd: NotNegative
    """s."""
    defection_floor: Share
    """theta_0."""
    success_share: Share
    """The campaign has won once more than this share of the pillars has defected."""
    defected_pillars_attract: bool
    """Whether activists seek pillars that have defected already."""
    defected_officers_deter: bool
    """Whether officers who have defected add to the perceived probability of arrest."""

    @model_validator(mode="after")
    def _fits(self) -> ChenowethOptions:
        _check_peopled("chenoweth", self.citizen_density, self.size)
        others = self.activist_density + self.officer_density + self.pillar_density
        if self.citizen_density + others > 1.0 + 1e-12:
            most = f"at most {max(1.0 - others, 0.0):g} beside activists, officers and pillars: one a cell"
            raise not_allowed("", "chenoweth.citizen_density", self.citizen_density, most)
        if 2 * math.floor(self.vision) >= self.size:
            raise not_allowed("", "chenoweth.vision", self.vision, f"below half of size={self.size}")
        if self.protest_duration > self.protest_cycle:
            most = f"at most protest_cycle={self.protest_cycle}"
            raise not_allowed("", "chenoweth.protest_duration", self.protest_duration, most)
        return self


class EthnicParameters(ClassicParameters):
    """Everything that a run of Epstein's model II depends on."""

    ethnic: EthnicOptions


class GranovetterParameters(ClassicParameters):
    """Everything that a run of Granovetter's model depends on."""

    granovetter: GranovetterOptions


class KuranParameters(ClassicParameters):
    """Everything that a run of Kuran's model depends on."""

    kuran: KuranOptions


class SiegelParameters(ClassicParameters):
    """Everything that a run of Siegel's model depends on."""

    siegel: SiegelOptions


class ChenowethParameters(ClassicParameters):
    """Everything that a run of the model of nonviolent resistance depends on."""

    chenoweth: ChenowethOptions


class EpsteinParameters(ClassicParameters):
    """Everything that a run of Epstein's model I depends on."""

    epstein: EpsteinOptions


def _check_peopled(group: str, citizen_density: float, size: int) -> None:
    """Refuse a lattice without citizens, whose means are means of nobody."""
    if citizen_density * size**2 < 0.5:
        raise not_allowed("", f"{group}.citizen_density", citizen_density, f"at least {1 / size**2:g}, one citizen")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def read_schedule(
    field: str, value: Any, allowed: str, is_allowed: Callable[[float], bool], starts_at_0: bool = False
) -> tuple[tuple[int, float], ...]:
    """Check a schedule and return it as tuples.

    Raises
    ------
    InputError
        It is no list of pairs, a value is not allowed, its steps do not rise, or nothing says how it begins.
    """
    kinds = (list, tuple)
    if not isinstance(value, kinds) or not all(isinstance(item, kinds) and len(item) == 2 for item in value):
        raise not_allowed("", field, value, allowed)
    for step, scheduled in value:
        if not (_is_number(step) and step >= 0 and step % 1 == 0 and _is_number(scheduled) and is_allowed(scheduled)):
            raise not_allowed("", field, [step, scheduled], allowed)
    steps = [int(step) for step, _ in value]
    if steps != sorted(set(steps)):
        raise not_allowed("", f"{field}, steps", steps, "steps that rise")
    if starts_at_0 and steps[:1] != [0]:
        raise not_allowed("", f"{field}, steps", steps, "steps that begin at 0")
    return tuple((int(step), scheduled) for step, scheduled in value)


def value_at(schedule: float | tuple, step: int) -> float | None:
    """Return what a schedule says at a step; None before its first step."""
    if not isinstance(schedule, tuple):
        return schedule
    value = None
    for start, scheduled in schedule:
        if start > step:
            break
        value = scheduled
    return value


EpsteinOptions.model_rebuild()
EpsteinParameters.model_rebuild()
