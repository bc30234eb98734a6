"""Parameters of a run: one frozen class per mechanism, validated once.

Each field's comment gives symbol, unit and meaning; the admissible range is the field's own, the value with its
source stands in ``conf/<mechanism>/``. Field names are the argument names of the rules in ``agents/rules/``.
"""

from __future__ import annotations

import datetime
from typing import Annotated, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

Share = Annotated[float, Field(ge=0.0, le=1.0)]
OpenShare = Annotated[float, Field(gt=0.0, lt=1.0)]
Rate = Annotated[float, Field(ge=0.0, lt=1.0)]
Weight = Annotated[float, Field(ge=-100.0, le=100.0)]
Positive = Annotated[float, Field(ge=1e-6, le=1e9)]
NotNegative = Annotated[float, Field(ge=0.0, le=1e9)]
Strength = Annotated[float, Field(ge=0.0, le=10.0)]


class Frozen(BaseModel):
    """Base of all parameter classes: immutable, no unknown fields, no NaN."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class AnnouncedShare(Frozen):
    """Announced minus believed share (S1)."""

    strength: Strength  # multiplies the loss; 0 = the announcement changes nothing
    share_tolerance: Share  # tau, share: gap that people shrug off
    legitimacy_loss: Share  # d_F, legitimacy lost per unit of gap
    seen_sd: NotNegative  # s, share: noise of what one sees among one's own ties


class Anger(Frozen):
    """Anger over seen violence (S2)."""

    strength: Strength  # multiplies the gain; 0 = no anger
    news_decay: Rate  # d_M, per day: decay of a city's news stock
    detained_news_weight: NotNegative  # w, injured per detained in the news stock
    news_scale: Positive  # M_0, injured per 1,000 adults: concavity of the news
    anger_decay: Rate  # d_A, per day
    anger_gain: NotNegative  # k_A, per unit of seen news and hour
    beaten_tie_gain: NotNegative  # k_B, per hour and share of own online ties injured
    anger_weight: Weight  # b_A, log-odds per unit of anger


class Fear(Frozen):
    """Fear: the expected sanction of taking part (S2)."""

    strength: Strength  # multiplies F; 0 = nobody is afraid
    stay_hours: Positive  # h, hours that one expects to stay
    belief_learning: Rate  # lam, per hour
    injury_weight: NotNegative  # w_s, detained per injured in the reported risk
    prior_persons: Positive  # m, persons: weight of the earlier risk
    crowd_prior_share: OpenShare  # crowd expected before any occasion, share of adults
    sanction_detention: NotNegative  # S_d, fines
    sanction_violence: NotNegative  # S_v, fines
    risk_scale: Positive  # p_0, probability times sanction at which fear sets in
    fear_weight: Weight  # b_R, log-odds per unit of R F
    defection_visibility: NotNegative  # psi, expected force lost per share of officers seen to withhold


class Media(Frozen):
    """Media diets and connectivity (S2)."""

    strength: Share  # 0 = everybody hears everything
    base_exposure: Share  # e_0, share of news heard by word of mouth
    proxy_share: Share  # q, share of online contact kept by proxies when the network is down


class Participation(Frozen):
    """Taking part by one's own choice, in a protest or a rally (S2, S3)."""

    strength: Strength  # multiplies the odds; 0 = nobody joins
    intercept: Weight  # b_0, log-odds
    intercept_elsewhere: Weight  # log-odds added outside the capital
    preference_weight: Weight  # b_x, log-odds
    grievance_weight: Weight  # b_G, log-odds
    weekday_offset: Weight  # b_day, log-odds of every day but Sunday
    profile_depth: NotNegative  # log-odds lost at an occasion's first and last moment
    crowd_belief_weight: Weight  # b_C, log-odds per share of adults believed out; sign free
    crowd_belief_decay: Rate  # per day
    rally_intercept: Weight  # r_0, log-odds
    rally_preference_weight: Weight  # r_x, log-odds


class Place(Frozen):
    """Choice of place and closed sites (S3)."""

    strength: Share  # 0 = all open sites alike, none ever full, closures ignored
    attraction_exponent: NotNegative  # alpha
    distance_decay: NotNegative  # beta, per km
    site_capacity: Positive  # d_max, persons per m2
    local_share: Share  # q_local: protests near home when the called site is closed


class Chains(Frozen):
    """Daytime chains (S2)."""

    strength: Strength  # multiplies the odds; 0 = no chains
    chain_offset: Weight  # c_0, log-odds
    chain_men_offset: Weight  # c_m, log-odds
    selectivity_women: Share  # sigma_w, factor on the arrest hazard of women in chains


class Walkout(Frozen):
    """Walkouts at plants (S6)."""

    strength: Strength  # multiplies the odds; 0 = no walkouts
    walkout_intercept: Weight  # w_0, log-odds
    walkout_grievance_weight: Weight  # w_G, log-odds
    walkout_anger_weight: Weight  # w_A, log-odds
    plant_share_weight: Weight  # w_X, log-odds per share of the plant out
    walkout_threat_weight: Weight  # w_W, log-odds per unit of W_f J
    threat_start: Share  # W_f before the first walkout, probability
    threat_growth: NotNegative  # k_W, per hour of a shift
    threat_ceiling: Share  # W_max, probability
    plant_share_safe: Share  # x*, share of the plant that cannot be sacked
    march_offset: Weight  # m_0, log-odds of strikers when a column forms


class JobPressure(Frozen):
    """Ordered rallies, and what protest costs a state worker (S4, S5)."""

    strength: Strength  # multiplies share ordered and workplace cost; 0 = none
    threat: Share  # W, perceived probability of dismissal
    protest_threat_weight: Weight  # b_W, log-odds per unit of W J
    order_share: Share  # q_org, share of state workers ordered
    bus_share: Share  # q_bus, share of the ordered of other cities who get a seat
    order_weight: Weight  # r_O, log-odds
    order_threat_weight: Weight  # r_J, log-odds per unit of W J


class Dismissal(Frozen):
    """Dismissal of strikers and absentees (S5, S6)."""

    strength: Strength  # multiplies the rates; 0 = none
    striker_rate: Share  # q_s, per hour on strike
    absentee_rate: Share  # q_a, per ordered rally missed


class Repression(Frozen):
    """Deployment, arrests, violence, detention terms (S2)."""

    strength: Strength  # multiplies kappa; 0 = no arrests, officers stay in barracks
    arrest_constant: NotNegative  # kappa, per hour
    violent_share: Share  # q, share of arrests that are violent at level 1
    custody_share: Share  # share of the detained who are injured in custody at level 1
    garrison: NotNegative  # g, weight of a government building, in the units of persons ** c
    deployment_exponent: NotNegative  # c
    reserve_share: Share  # share of units that may be sent to another city overnight
    longest_term: Positive  # h_max, hours


class Officers(Frozen):
    """Officers loyal, withholding or resigned (S9)."""

    strength: Strength  # multiplies the hazard; 0 = all loyal
    base_hazard: Share  # h_0, per day
    officer_anger_weight: Weight  # g_1, log-hazard
    officer_crowd_weight: Weight  # g_2, log-hazard per share of adults out
    officer_appeal_weight: Weight  # g_3, log-hazard
    exit_cost_weight: NotNegative  # g_4, log-hazard
    surveillance: Weight  # g_5, log-hazard
    officer_support_weight: Weight  # g_6, log-hazard
    resign_share: Share  # q_r, share of those who stop serving that resigns
    unit_tipping_share: Share  # q, share of a unit


class Officials(Frozen):
    """Officials, and what each office changes (S9, S13)."""

    strength: Strength  # multiplies the hazard; 0 = all loyal
    base_hazard: Share  # h_0, per day
    official_anger_weight: Weight  # g_1, log-hazard
    official_crowd_weight: Weight  # g_2, log-hazard per share of adults out
    official_appeal_weight: Weight  # g_3, log-hazard
    official_support_weight: Weight  # g_6, log-hazard
    official_resign_share: Share  # share of those who give way that resigns
    mayor_relief: Share  # c_m, share of the repression that a mayor can stop
    mayor_legitimacy: NotNegative  # k_m, legitimacy per day
    judge_leniency: Share  # c_j, share of the term
    admission_loss: NotNegative  # k_c, legitimacy per share of commission members
    state_media_loss: Share  # c, share of the reach of state media


class Leader(Frozen):
    """The leader's calls, detention and exile (S8)."""

    strength: Strength  # multiplies the call; 0 = calls do nothing
    exile_factor: Share  # f, factor on credibility
    forwards: Positive  # phi, readers per subscriber
    call_weight: Weight  # b_I, log-odds


class Appeals(Frozen):
    """Appeals to officers and officials, exit support (S9)."""

    strength: Strength  # multiplies appeal and exit support; 0 = none
    exit_support_extra: Share  # f_x, share of the exit cost, added to the timeline's (a lever)


class RussianSupport(Frozen):
    """Russian support and troops (S10, S11)."""

    strength: Strength  # multiplies support and troops; 0 = none
    support_lever: Share  # s_x, added to the timeline's support
    troops_lever: Share  # tau_x, added to the timeline's troops
    support_force: NotNegative  # c_s, expected force added at full support, share
    troop_risk_weight: NotNegative  # b_tau, probability at full troops
    affinity_support_loss: NotNegative  # k_X, per day
    affinity_troops_loss: NotNegative  # k_T, per day
    legitimacy_support_loss: NotNegative  # k_LS, per day
    legitimacy_troops_loss: NotNegative  # k_LT, per day
    resentment_weight: Weight  # b_S, log-odds, prior N(0, 1)


class ThreatFraming(Frozen):
    """Framing of an external threat (S12)."""

    strength: Strength  # multiplies the framing; 0 = none
    framing_weight: Weight  # r_F, log-odds at full framing and a diet of state television only


class ReportedCounts(Frozen):
    """Reported counts by source (S3, S4)."""

    strength: Strength  # multiplies bias and error in logs; 0 = reports are the truth
    ministry_protest_bias: Weight  # b: median report over the true crowd, 0 = neutral
    ministry_rally_bias: Weight  # b: median report over the true crowd, 0 = neutral
    media_protest_bias: Weight  # b: median report over the true crowd, 0 = neutral
    media_rally_bias: Weight  # b: median report over the true crowd, 0 = neutral
    density_sd: NotNegative  # sigma: spread of a crowd's density, the same draw for all sources
    error_sd: NotNegative  # sigma_e: spread of one source's report


class Ties(Frozen):
    """Home, work and online company (S6, S13)."""

    strength: Strength  # multiplies b_T; 0 = company does not matter
    home_weight: Share  # omega_h
    work_weight: Share  # omega_w; the rest is online
    home_radius_cells: Annotated[int, Field(ge=0, le=1000)]  # view radius around the home, cells
    company_weight: NotNegative  # b_T, log-odds per share of own ties out
    company_onset: Annotated[float, Field(ge=0.0, lt=1.0)]  # T_0, share

    @model_validator(mode="after")
    def _weights(self) -> Ties:
        if self.home_weight + self.work_weight >= 1.0:
            allowed = "below 1, the rest is the weight of online ties"
            both = self.home_weight + self.work_weight
            raise ValueError(f"home_weight + work_weight={both:g} is not allowed: {allowed}")
        return self


class Luck(Frozen):
    """One luck per person and day; the shock of a city's day."""

    strength: Strength  # 0 = no luck: deterministic rules
    persistence: Share  # rho
    shock_sd: NotNegative  # sigma, log-odds


class Encouragement(Frozen):
    """Encouragement of a random part of the adults to take part, as in field experiments; off by default."""

    strength: Share  # s, share of the encouraged who go; 0 = they are only marked
    share: Share  # q, share of adults encouraged (a lever)
    from_hour: Annotated[int, Field(ge=0, le=30_000)]  # h_0, first hour of the window
    hours: Annotated[int, Field(ge=0, le=30_000)]  # n, length of the window, hours
    block_cells: Annotated[int, Field(ge=0, le=1000)]  # k, side of the squares of homes drawn as a whole, 0 by person


TRAITS = ("preference", "legitimacy", "hardship", "risk_aversion", "job_dependence", "media_diet", "affinity", "sex",
          "age")  # fmt: skip


class PopulationParameters(Frozen):
    """Traits of the population and how it is built."""

    share_against: OpenShare  # share who prefer change, of those with a preference
    polarisation: Annotated[float, Field(ge=0.1, le=10.0)]  # a of the Kumaraswamy distribution
    legitimacy_base: Share  # l_0
    legitimacy_slope: Weight  # l_x, per unit of x
    legitimacy_sd: NotNegative  # sigma
    women_share: OpenShare  # share of adults
    share_18_29: OpenShare  # share of adults
    share_30_44: OpenShare  # share of adults
    share_45_59: OpenShare  # share of adults; the rest is 60 and over
    correlation: tuple[tuple[float, ...], ...]  # Gaussian copula, 9 x 9, rows and columns as TRAITS
    n_online_ties: Annotated[int, Field(ge=0, le=12)]  # ties per person
    cross_city_share: Share  # share of online ties that lead to any city of the scenario
    homophily: Share  # probability that the nearer of two candidates in preference becomes the tie
    min_agents: Annotated[int, Field(ge=1, le=10_000)]  # least agents of a plant

    @field_validator("correlation")
    @classmethod
    def _is_correlation(cls, value: tuple[tuple[float, ...], ...]) -> tuple[tuple[float, ...], ...]:
        n = len(TRAITS)
        if len(value) != n or any(len(row) != n for row in value):
            raise ValueError(f"a {n} x {n} matrix is needed, in the order {', '.join(TRAITS)}")
        matrix = np.array(value)
        if not np.array_equal(matrix, matrix.T) or not np.array_equal(np.diag(matrix), np.ones(n)):
            raise ValueError("the matrix must be symmetric with ones on its diagonal")
        if np.linalg.eigvalsh(matrix).min() <= 1e-9:
            raise ValueError("the matrix must be positive definite")
        return value

    @model_validator(mode="after")
    def _ages(self) -> PopulationParameters:
        if self.share_18_29 + self.share_30_44 + self.share_45_59 >= 1.0:
            younger = self.share_18_29 + self.share_30_44 + self.share_45_59
            allowed = "below 1, the rest is the share of 60 and over"
            raise ValueError(f"share_18_29 + share_30_44 + share_45_59={younger:g} is not allowed: {allowed}")
        return self


class Scenario(Frozen):
    """A case: its calendar, its cities, and the folder with its data files."""

    name: Annotated[str, Field(min_length=1)]
    title: str
    start: datetime.date  # day of hour 0
    hours: Annotated[int, Field(ge=1, le=30_000)]  # length, hours
    data: Annotated[str, Field(min_length=1)]  # folder under conf/data, or a path
    cities: Annotated[tuple[str, ...], Field(min_length=1, max_length=200)]

    @field_validator("cities")
    @classmethod
    def _once(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(value)) != len(value):
            raise ValueError("each city may be listed once")
        return value


class ForcingChange(Frozen):
    """What a counterfactual changes in the timeline's rows of one kind; the defaults change nothing."""

    value: Annotated[float, Field(ge=0.0, le=1e10)] | None = None  # replaces the intensity; none: as recorded
    factor: NotNegative = 1.0  # multiplies the intensity, where no value replaces it
    delay_hours: Annotated[int, Field(ge=-30_000, le=30_000)] = 0  # moves the rows, hours; below 0: earlier
    from_hour: Annotated[int, Field(ge=-30_000, le=30_000)] = -30_000  # of the rows that begin in this hour or later
    to_hour: Annotated[int, Field(ge=-30_000, le=30_000)] | None = None  # and before this hour; none: to the end


class Forcings(Frozen):
    """Changes of the timeline, by kind of row (see `sim.inputs.forcing_changes`)."""

    closed_places: tuple[str, ...] = ()  # places closed for the whole scenario
    connectivity: ForcingChange = ForcingChange()
    subscribers: ForcingChange = ForcingChange()
    repression: ForcingChange = ForcingChange()
    violence: ForcingChange = ForcingChange()
    term_hours: ForcingChange = ForcingChange()
    russian_support: ForcingChange = ForcingChange()
    troops: ForcingChange = ForcingChange()
    threat_framing: ForcingChange = ForcingChange()
    exit_support: ForcingChange = ForcingChange()
    occasion: ForcingChange = ForcingChange()
    call: ForcingChange = ForcingChange()
    chain: ForcingChange = ForcingChange()
    shift: ForcingChange = ForcingChange()
    march: ForcingChange = ForcingChange()
    rally: ForcingChange = ForcingChange()
    closure: ForcingChange = ForcingChange()
    appeal: ForcingChange = ForcingChange()
    leader_detained: ForcingChange = ForcingChange()
    announcement: ForcingChange = ForcingChange()
    exile: ForcingChange = ForcingChange()
    release: ForcingChange = ForcingChange()


class Inspect(Frozen):
    """How far agents are shown as objects; no result depends on it."""

    max_agents: Annotated[int, Field(ge=1, le=10_000_000)]  # most agents that `model.agents` makes, about 1 kB each


class Parameters(Frozen):
    """Everything that a run depends on."""

    scenario: Scenario
    seed: Annotated[int, Field(ge=0, lt=2**62)]
    hours: Annotated[int, Field(ge=1, le=30_000)]
    persons_per_agent: Annotated[float, Field(ge=1.0, le=1e6)]
    engine: Literal["mesa", "compiled"]
    threads: Annotated[int, Field(ge=1, le=256)]
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
    luck: Luck
    encouragement: Encouragement


MECHANISMS = tuple(
    name for name in Parameters.model_fields
    if name not in ("scenario", "seed", "hours", "persons_per_agent", "engine", "threads", "inspect", "forcings",
                    "population")
)


def as_record(parameters: Parameters) -> np.record:
    """All mechanism parameters as one nested NumPy record of float64, for kernels.

    ``record.anger.news_decay`` reads the same in Python and in a compiled kernel.
    """
    groups = {name: getattr(parameters, name) for name in MECHANISMS}
    dtype = np.dtype([(name, [(field, "f8") for field in type(group).model_fields]) for name, group in groups.items()])
    values = tuple(tuple(float(v) for v in group.model_dump().values()) for group in groups.values())
    return np.rec.array(np.array([values], dtype=dtype))[0]
