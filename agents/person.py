"""What a decision may ask of a person, of the signals and of the surroundings: types for readers, editors and mypy.

A person is an agent (`agents.view.View`) or, in a pass, a row (`agents.compiled.rows`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np

from agents.vocabulary import CitizenColumns, OfficerColumns, OfficialColumns

if TYPE_CHECKING:  # types alone: nothing of `sim` is imported
    from agents.attitudes import Perception
    from agents.choices import Choice
    from agents.officer_choices import Post
    from agents.sanctions import Arrest, Release
    from sim.parameters import Parameters as Parameters


class Around(NamedTuple):
    """What the people of a city look up: by group, cell of the city, site, row, unit or city."""

    # by group
    is_state: np.ndarray  # bool
    is_plant: np.ndarray  # bool
    n_agents: np.ndarray  # int64
    group_out: np.ndarray  # int64, agents out in the last hour
    group_went: np.ndarray  # int64, agents who went to the street occasion that ended
    plant_threat: np.ndarray  # float64, W_f
    incumbent_group: np.ndarray  # int64, agents who prefer the incumbent, at the announcement
    # by cell of the city
    n_home: np.ndarray  # int64, agents living there
    incumbent_home: np.ndarray  # int64, of these who prefer the incumbent, at the announcement
    n_block: np.ndarray  # int64, agents living in the square around it
    out_block: np.ndarray  # int64, of these out in the last hour
    went_block: np.ndarray  # int64, of these who went to the street occasion that ended
    site_weights: np.ndarray  # float64 (n_cells, n_places), cumulated weights of the open places
    # by site of any city
    site_cell: np.ndarray  # int64, cell in the site's city
    is_place: np.ndarray  # bool, on the map: not the neighbourhoods or chains of a city
    site_closed: np.ndarray  # bool
    arrest_probability: np.ndarray  # float64, per participant and hour
    deployment: np.ndarray  # float64, cumulated over the sites of each city
    # by row of the citizens, by unit, by city
    encouraged: np.ndarray  # bool; empty where nobody is
    unit_lost: np.ndarray  # float64, officers who withhold or resigned
    unit_size: np.ndarray  # float64
    first_site: np.ndarray  # int64 (n_cities + 1,)
    reserve_weights: np.ndarray  # float64, cumulated weights of the cities for the reserve


class Signals(Protocol):
    """What a city's people share in an hour."""

    seed: int
    hour: int
    person0: int  # plus the row: key of a citizen's draws
    first_site: int
    neighbourhood: int  # site that stands for the home neighbourhoods
    chain_site: int  # site that stands for the daytime chains
    is_active: int  # 1 if anybody has anything to decide in this hour
    luck_day: int
    n_hours: float  # hours since the last turn of the city's people
    news_seen: float  # seen news summed over those hours
    news_connectivity: float  # effective connectivity over those hours, weighted by news
    anger_kept: float
    outrage: float
    connectivity: float  # effective, now
    state_media_silent_share: float
    risk_without_injuries: float
    risk_of_injuries: float
    belief_weight: float
    shown_risk: float
    troop_risk: float
    sanction: float
    lesson: float  # of the day's kind
    support: float
    troops: float
    legitimacy_regained: float
    legitimacy_lost: float
    official_share: float  # 0 but in the hour of the announcement
    threat_framing: float
    exit_support: float
    appeal: float
    city_share_out: float
    credibility: float
    reach: float
    main_share: float  # how far the day is a main one
    lesson_due: int  # 1 in the hour after a street occasion, when its lessons are drawn
    turnout: float  # of that occasion, its peak as a share of adults
    turnout_main_share: float  # how far its day was a main one
    arrests_per_officer: float  # in the last occasion
    crowd_share_state: float
    crowd_share_media: float
    street_open: int
    street_offset: float
    called_site: int  # -1 none
    called_is_closed: int
    called_has_room: int
    chain_open: int
    chain_offset: float
    shift_open: int
    march_site: int  # -1 none
    march_hour_offset: float
    rally_intensity: float
    rally_site: int  # -1 none
    rally_is_here: int
    rally_ends: int
    repression: float
    violence: float
    term_hours: float
    release_share: float
    arrests_possible: int
    encouraged_now: int  # 1 where the encouraged are brought to an occasion
    reserve_moves: int  # 1 in the hour in which the reserve changes cities


class Listener(Protocol):
    """One who hears the news: citizen, officer or official."""

    row: int
    person: int  # key of the draws
    media_diet: float
    anger: float

    @property
    def around(self) -> Around: ...  # noqa: D102
    @property
    def diet(self) -> float: ...  # noqa: D102
    @property
    def beaten_tie_share(self) -> float: ...  # noqa: D102
    def hears(self, connectivity: float) -> float: ...  # noqa: D102
    def next_anger(self) -> float: ...  # noqa: D102


class Staff(Listener, Protocol):
    """One who serves the state."""

    loyalty: int
    table: OfficerColumns | OfficialColumns

    def defect(self) -> int: ...  # noqa: D102
    def defection_hazard(self) -> float: ...  # noqa: D102


class Officer(Staff, Protocol):
    """A security officer."""

    home_city: int
    posted_city: int
    unit: int
    unit_key: int
    unit_rank: float
    position: float
    exit_cost: float

    @property
    def comrades_lost(self) -> float: ...  # noqa: D102
    def deploy(self) -> Post: ...  # noqa: D102
    def city_of_hour(self) -> int: ...  # noqa: D102


class Person(Listener, Protocol):
    """A citizen."""

    table: CitizenColumns
    home_cell: int
    employer: int
    hardship: float
    risk_aversion: float
    private_preference: float
    russia_affinity: float
    job_dependence: float
    is_woman: int
    age_band: int
    disposition: float
    legitimacy: float
    arrest_belief: float
    fear: float
    company: float
    went: int
    company_main: float
    company_minor: float
    is_bound: int
    luck: float
    beaten_ties: int
    activity: int
    site: int
    release_hour: int
    first_hour: int
    injury: int
    is_ordered: int
    is_coerced: int
    is_dismissed: int

    # agents/attitudes.py
    @property
    def is_out(self) -> bool: ...  # noqa: D102
    @property
    def has_work(self) -> float: ...  # noqa: D102
    def begin_day(self) -> tuple[float, int]: ...  # noqa: D102
    def hear_announcement(self) -> float: ...  # noqa: D102
    def perceive(self) -> Perception: ...  # noqa: D102
    def next_belief(self) -> float: ...  # noqa: D102
    def next_fear(self, belief: float) -> float: ...  # noqa: D102
    def next_legitimacy(self) -> float: ...  # noqa: D102
    def next_affinity(self) -> float: ...  # noqa: D102
    def look_for_company(self) -> float: ...  # noqa: D102
    def remember(self) -> tuple[float, float]: ...  # noqa: D102

    # agents/choices.py
    @property
    def grievance(self) -> float: ...  # noqa: D102
    @property
    def remembered_company(self) -> float: ...  # noqa: D102
    @property
    def is_plant_worker(self) -> bool: ...  # noqa: D102
    @property
    def has_state_job(self) -> bool: ...  # noqa: D102
    @property
    def protests_at_open_place(self) -> bool: ...  # noqa: D102
    def choose(self) -> Choice: ...  # noqa: D102
    def follow_encouragement(self) -> Choice: ...  # noqa: D102
    def attend_rally(self, is_ordered: bool) -> Choice: ...  # noqa: D102
    def walk_out(self) -> Choice: ...  # noqa: D102
    def protest(self) -> Choice: ...  # noqa: D102
    def stand_in_chain(self) -> Choice: ...  # noqa: D102
    def choose_site(self) -> int: ...  # noqa: D102
    def knows_called_place(self) -> bool: ...  # noqa: D102
    def own_motive(self) -> float: ...  # noqa: D102
    def join_index(self, called: float, occasion_offset: float) -> float: ...  # noqa: D102
    def rally_index(self) -> float: ...  # noqa: D102
    def is_ordered_to_rally(self) -> bool: ...  # noqa: D102
    def order_push(self) -> float: ...  # noqa: D102
    def workplace_cost(self) -> float: ...  # noqa: D102
    def walkout_index(self) -> float: ...  # noqa: D102

    # agents/sanctions.py
    def face_arrest(self) -> Arrest: ...  # noqa: D102
    def is_caught(self) -> bool: ...  # noqa: D102
    def face_release(self) -> Release: ...  # noqa: D102
    def is_released(self) -> bool: ...  # noqa: D102
    def faces_dismissal(self) -> bool: ...  # noqa: D102
