"""The world: everything that a step reads and writes, as columns and small arrays."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from agents.person import Around, Signals
from agents.vocabulary import (
    N_ACTIVITIES,
    CitizenColumns,
    OfficerColumns,
    OfficialColumns,
)
from sim.errors import InputError, not_allowed
from sim.inputs.case import load_case
from sim.inputs.city import City
from sim.inputs.forcings import SIGNALLED, Forcings, build_forcings
from sim.inputs.targets import Target
from sim.inputs.timeline import Timeline
from sim.parameters import Parameters, as_record
from sim.world.addresses import Addresses
from sim.world.changes import Changes
from sim.world.encouraged import draw_encouraged
from sim.world.forcing_changes import changed_timeline
from sim.world.population import (
    Groups,
    build_citizens,
    city_starts,
    group_people,
    person0,
)
from sim.world.space import Pull, box_sum, cell_centres, cell_of, fill_site_weights, grid_side
from sim.world.staff import build_officers, build_officials, n_staff, office_sizes
from sim.world.threads import Threads
from sim.world.ties import build_ties

# What a city's people share in an hour; one record per city. Whole numbers are int64, the rest float64. Kinds of the
# timeline that are not named there come under their own names, as the timeline has them.
OWN_SIGNALS = {name: {"int": "i8", "float": "f8"}[kind] for name, kind in Signals.__annotations__.items()}
# The kinds stand last, in the order of the timeline's values, so that an hour's are put in at once.
SIGNALS = np.dtype([*((name, kind) for name, kind in OWN_SIGNALS.items() if name not in SIGNALLED),
                    *((kind, "f8") for kind in SIGNALLED)])  # fmt: skip
# What never changes of a city, for kernels.
CITY_FACTS = np.dtype([
    ("adults", "f8"), ("country_adults", "f8"), ("is_capital", "f8"), ("detention_places", "f8"), ("code", "i8"),
    ("n_plants", "i8"), ("n_places", "i8"), ("first_place", "i8"), ("first_site", "i8"), ("end_site", "i8"),
])  # fmt: skip


class InHour(NamedTuple):
    """What passes over the cities read and write in an hour: records (n_cities,), and the parameters."""

    signals: np.ndarray
    states: np.ndarray
    facts: np.ndarray
    events: np.ndarray
    p: np.ndarray


@dataclass
class Sites:
    """Sites of all cities one after another: a city's places, then its neighbourhoods, then its chains.

    first : int64 (n_cities + 1,); n_places : int64 (n_cities,).
    city : int64, east_m, north_m, area_m2, attraction : float64, is_guarded : bool, cell : int64; all (n_sites,).
    """

    first: np.ndarray
    n_places: np.ndarray
    city: np.ndarray
    east_m: np.ndarray
    north_m: np.ndarray
    area_m2: np.ndarray
    attraction: np.ndarray
    is_guarded: np.ndarray
    cell: np.ndarray
    names: list[tuple[str, str]]

    def of(self, c: int) -> slice:
        """Return the sites of city c."""
        return slice(int(self.first[c]), int(self.first[c + 1]))

    def neighbourhood(self, c: int) -> int:
        """Return the site that stands for the home neighbourhoods of city c."""
        return int(self.first[c] + self.n_places[c])

    def chain(self, c: int) -> int:
        """Return the site that stands for the daytime chains of city c."""
        return self.neighbourhood(c) + 1

    @property
    def is_place(self) -> np.ndarray:
        """Whether a site is a place on the map, bool (n_sites,)."""
        return np.arange(len(self.city)) < self.first[self.city] + self.n_places[self.city]


@dataclass
class Grid:
    """Cells of all cities one after another.

    first : int64 (n_cities + 1,); side : int64 (n_cities,).
    n_home, n_block : int64 (n_cells,), citizens living in a cell, and in the square around it (ties.home_radius_cells).
    n_out, out_block : the same for those out on the street or on strike.
    went_block : in the square, those who went to the street occasion that ended.
    incumbent_home : those living in a cell who prefer the incumbent, counted at the announcement.
    site_weights : per city float64 (n_cells, n_places), cumulated weights of the places that are open and have room.
    """

    first: np.ndarray
    side: np.ndarray
    n_home: np.ndarray
    n_block: np.ndarray
    n_out: np.ndarray
    out_block: np.ndarray
    went_block: np.ndarray
    incumbent_home: np.ndarray
    site_weights: list[np.ndarray]
    open_sites: list[bytes | None]

    def of(self, c: int) -> slice:
        """Return the cells of city c."""
        return slice(int(self.first[c]), int(self.first[c + 1]))


@dataclass
class World:
    """State of a run. Citizens, officers and officials are columns; the rest is small and per city, site or group."""

    parameters: Parameters
    p: np.ndarray
    seed: int
    cities: tuple[City, ...]
    country_adults: float
    timeline: Timeline
    targets: tuple[Target, ...]
    forcings: Forcings
    groups: Groups
    starts: np.ndarray
    person0: np.ndarray
    citizens: CitizenColumns
    officers: OfficerColumns
    officials: OfficialColumns
    sites: Sites
    grid: Grid
    encouraged: np.ndarray  # bool (n_citizens,); (0,) where nobody is
    threads: Threads
    signals: np.ndarray
    levels: np.ndarray  # float64 (n_cities, kinds): the signals that are levels of the timeline
    # per city: what never changes, and what is remembered (records), and float64 (n_cities,)
    facts: np.ndarray
    city: np.ndarray
    adults: np.ndarray
    day_of_luck: np.ndarray
    # per group: agents out, who went to the occasion that ended, agents for the incumbent at the announcement, threat
    # at the plant, and counts of agents (columns: activities, then COERCED ...)
    group_out: np.ndarray
    group_went: np.ndarray
    incumbent_group: np.ndarray
    plant_threat: np.ndarray
    counts: np.ndarray
    # per site: persons protesting now and an hour ago, persons rallying, officers, probability of arrest per hour,
    # whether it is closed, and its attraction while it is open and has room
    crowd: np.ndarray
    crowd_before: np.ndarray
    rally_crowd: np.ndarray
    force: np.ndarray
    arrest_probability: np.ndarray
    site_closed: np.ndarray
    open_attraction: np.ndarray
    # cumulated weights: of the sites for officers, of the cities for the reserve
    deployment: np.ndarray
    reserve_weights: np.ndarray
    # per unit, rows of officers, and units that one stands for
    unit_size: np.ndarray
    unit_lost: np.ndarray
    unit_weight: np.ndarray
    office_sizes: np.ndarray  # per city and office, persons
    changes: Changes = field(default_factory=Changes)  # what was last counted of the staff
    at: Addresses = field(default_factory=Addresses)  # what passes take in place of a table
    # per city: views of the arrays above, which are therefore written in place
    around: tuple[Around, ...] = ()
    active: list[int] = field(default_factory=list)  # cities whose people have something to decide in this hour
    hour: int = 0

    @property
    def n_cities(self) -> int:
        """Number of cities."""
        return len(self.cities)

    @property
    def n_agents(self) -> int:
        """Number of agents of all four classes."""
        return len(self.citizens.activity) + len(self.officers.loyalty) + len(self.officials.loyalty)

    def now(self) -> InHour:
        """Return what passes over the cities read and write in this hour."""
        return InHour(self.signals, self.city, self.facts, self.forcings.by_hour[self.hour], self.p)

    def rows(self, c: int) -> tuple[int, int]:
        """Return first and last + 1 row of the citizens of city c."""
        return int(self.starts[c]), int(self.starts[c + 1])


def cities_with(values: np.ndarray) -> list[int]:
    """Return the cities whose value, of an array (n_cities,), is not 0."""
    return [c for c, value in enumerate(values.tolist()) if value]


PEAK_BYTES = 140  # of a citizen while the population is built, ties apart (`ploshcha bench`)
STAFF_BYTES = 80  # of an officer or official
CELL_BYTES = 115  # of a cell of a city's grid

# What is remembered of a city, float64, by name.
CITY_STATES = (
    "shock",  # of the day, with the lasting gap
    "news_stock", "news_sum", "news_connected", "outrage", "hours_waited", "risk_without_injuries", "risk_of_injuries",
    "lesson_main", "lesson_minor", "expected_crowd", "expected_main", "expected_minor", "crowd_share_state",
    "crowd_share_media", "gap", "force", "conceded", "backfire", "output_lost",
    "occasion_open", "occasion_main_share", "occasion_peak", "occasion_detained", "occasion_injured",
    "occasion_report_ministry", "occasion_report_media",
    "expected_in_window", "solved_level",
    "street_injured", "released_injured", "new_detained", "n_detained", "admitted_share", "admitted_before",
    "day_peak_protest", "day_peak_rally", "day_street_peak",
    "n_officers", "officers_lost", "mayor_share", "judge_share", "state_media_silent_share",
    *(f"reported_{side}_{source}" for side in ("protest", "rally") for source in ("ministry", "media")),
)  # fmt: skip
STATES = np.dtype([(name, "f8") for name in CITY_STATES])


def data_folder(parameters: Parameters) -> Path:
    """Return the scenario's data folder: under ``conf/data`` of this project, or a path of the user's.

    Raises
    ------
    InputError
        If there is none.
    """
    shipped = Path(__file__).resolve().parents[2] / "conf" / "data"
    for folder in (shipped / parameters.scenario.data, Path(parameters.scenario.data).expanduser()):
        if folder.is_dir():
            return folder
    known = sorted(path.name for path in shipped.iterdir() if path.is_dir())
    allowed = f"one of {', '.join(known)}, or the path of a folder"
    raise not_allowed("", "scenario.data", parameters.scenario.data, allowed, known)


def build_world(parameters: Parameters) -> World:
    """Read the data files and build the population.

    Raises
    ------
    InputError
        On anything wrong in the data files.
    """
    folder, scenario = data_folder(parameters), parameters.scenario
    case = load_case(folder, scenario.cities, scenario.start, parameters.hours)
    cities, timeline = case.cities, changed_timeline(case.timeline, parameters.forcings)
    groups = group_people(cities, parameters.persons_per_agent, parameters.population.min_agents)
    check_memory(int(groups.n_agents.sum()), cities, parameters)
    starts = city_starts(cities, groups)
    citizens = build_citizens(cities, groups, parameters.population, parameters.seed)
    build_ties(citizens, cities, starts, parameters.population, parameters.seed)
    citizens.company_main[:] = parameters.ties.remembered_start if parameters.ties.strength > 0.0 else 0.0
    staff = (cities, parameters.seed, parameters.staff_per_agent)
    officers, officials, sites = build_officers(*staff), build_officials(*staff), _sites(cities)
    grid = _grid(cities, citizens, starts, parameters.ties.home_radius_cells)
    world = World(
        parameters=parameters, p=as_record(parameters), seed=parameters.seed, cities=cities,
        country_adults=float(case.country_adults), timeline=timeline, targets=case.targets,
        forcings=build_forcings(timeline, scenario.main_day),
        groups=groups, starts=starts, person0=np.array([person0(city, starts[c]) for c, city in enumerate(cities)]),
        citizens=citizens, officers=officers, officials=officials, sites=sites,
        grid=grid, office_sizes=office_sizes(officials, len(cities)),
        encouraged=draw_encouraged(parameters, cities, citizens, starts, grid.side),
        threads=Threads(parameters.threads),
        facts=_facts(cities, float(case.country_adults), sites),
        **_first_states(parameters, cities, groups, len(sites.city), officers),
    )  # fmt: skip
    _lasting_signals(world)
    world.around = tuple(_around(world, c) for c in range(world.n_cities))
    return world


def _facts(cities: tuple[City, ...], country_adults: float, sites: Sites) -> np.ndarray:
    """Return what never changes of each city, records (n_cities,)."""
    first_place = np.cumsum(sites.n_places) - sites.n_places
    rows = [(city.adults, country_adults, city.is_capital, city.detention_places, city.code, len(city.plants),
             sites.n_places[c], first_place[c], sites.first[c], sites.first[c + 1]) for c, city in enumerate(cities)]
    return np.array(rows, CITY_FACTS)


def _lasting_signals(world: World) -> None:
    """Set the signals that never change: the seed, and the numbers with which a city's people and sites begin."""
    s, cities = world.signals, range(world.n_cities)
    s["seed"], s["person0"], s["first_site"] = world.seed, world.person0, world.sites.first[:-1]
    s["neighbourhood"] = [world.sites.neighbourhood(c) for c in cities]
    s["chain_site"] = [world.sites.chain(c) for c in cities]


def _around(world: World, c: int) -> Around:
    """Return what the people of city c look up: views, true as long as the world's arrays are written in place."""
    grid, groups, sites = world.grid, world.groups, world.sites
    cells = grid.of(c)
    return Around(
        is_state=groups.is_state, is_plant=groups.plant >= 0, n_agents=groups.n_agents, group_out=world.group_out,
        group_went=world.group_went, went_block=grid.went_block[cells],
        plant_threat=world.plant_threat, incumbent_group=world.incumbent_group, n_home=grid.n_home[cells],
        incumbent_home=grid.incumbent_home[cells], n_block=grid.n_block[cells], out_block=grid.out_block[cells],
        site_weights=grid.site_weights[c], site_cell=sites.cell, is_place=sites.is_place,
        site_closed=world.site_closed, arrest_probability=world.arrest_probability, deployment=world.deployment,
        encouraged=world.encouraged, unit_lost=world.unit_lost, unit_size=world.unit_size, first_site=sites.first,
        reserve_weights=world.reserve_weights,
    )  # fmt: skip


def free_memory() -> int | None:
    """Return the memory that is free for a process, in bytes; None where the system does not tell."""
    try:
        for line in Path("/proc/meminfo").read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, AttributeError):
        return None


def check_memory(n_agents: int, cities: tuple[City, ...], parameters: Parameters) -> None:
    """Refuse people, or cells of the cities' grids, that the memory does not hold, before anything is allocated.

    Raises
    ------
    InputError
        Says what takes most of it, and which value would fit.
    """
    free = free_memory()
    staff, cells = n_staff(cities, parameters.staff_per_agent), [grid_side(city) ** 2 for city in cities]
    finest = min(city.cell_size_m for city in cities)
    needs = [
        (n_agents * (PEAK_BYTES + 4 * parameters.population.n_online_ties), f"{n_agents} citizens",
         "persons_per_agent", parameters.persons_per_agent, 1.0),
        (staff * STAFF_BYTES, f"{staff} officers and officials of cities.csv", "staff_per_agent",
         parameters.staff_per_agent, 1.0),
        (sum(cells) * CELL_BYTES, f"{sum(cells)} cells of the grids", "cities.csv: cell_size_m", finest, 0.5),
    ]  # fmt: skip
    needed = sum(each[0] for each in needs)
    if free is None or needed <= free:
        return
    most, what, name, value, power = max(needs)
    fits = value * (needed / free) ** power
    raise InputError(f"{name}={value:g} is not allowed: {what} need about {most / 1e9:.1f} GB, {free / 1e9:.1f} GB "
                     f"are free; allowed here: about {math.ceil(fits)} and more")  # fmt: skip


def _first_states(
    parameters: Parameters, cities: tuple[City, ...], groups: Groups, n_sites: int, officers: OfficerColumns
) -> dict[str, Any]:
    """Return the small states as they are before hour 0."""
    n, n_groups = len(cities), len(groups.city)
    adults = np.array([float(city.adults) for city in cities])
    city = np.zeros(n, STATES)
    for name in ("expected_crowd", "expected_main", "expected_minor"):
        city[name] = parameters.fear.crowd_prior_share * adults
    for name in ("lesson_main", "lesson_minor"):
        city[name] = parameters.fear.lesson_start
    city["gap"] = parameters.luck.gap_start * parameters.luck.strength
    for name in CITY_STATES:
        if name.startswith("reported_"):
            city[name] = np.nan  # nobody has reported anything
    city["n_officers"] = np.array([float(city.street_officers) for city in cities])
    counts = np.zeros((n_groups, N_COUNTERS), np.int64)
    counts[:, 0] = groups.n_agents
    unit_size = np.bincount(officers.unit).astype(float)
    unit_weight = np.bincount(officers.unit, officers.weight) / unit_size
    by_site = ("crowd", "crowd_before", "rally_crowd", "force", "arrest_probability", "deployment", "open_attraction")
    signals = np.zeros(n, SIGNALS)
    return {
        "signals": signals, "levels": signals.view("f8").reshape(n, -1)[:, -len(SIGNALLED) :],
        "adults": adults, "day_of_luck": np.full(n, -1),
        "city": city, "group_out": np.zeros(n_groups, np.int64), "group_went": np.zeros(n_groups, np.int64),
        "incumbent_group": np.zeros(n_groups, np.int64),
        "plant_threat": np.full(n_groups, parameters.walkout.threat_start), "counts": counts,
        **{name: np.zeros(n_sites) for name in by_site}, "site_closed": np.zeros(n_sites, np.bool_),
        "reserve_weights": np.zeros(n), "unit_size": unit_size, "unit_lost": np.zeros(len(unit_size)),
        "unit_weight": unit_weight,
    }  # fmt: skip


# Columns of World.counts: agents by activity, then these.
COERCED, DISMISSED, EVER, PLANT_OUT = range(N_ACTIVITIES, N_ACTIVITIES + 4)
N_COUNTERS = N_ACTIVITIES + 4


def update_site_weights(world: World, c: int) -> None:
    """Recompute the weights of a city's places if the set of open ones has changed."""
    own = slice(int(world.sites.first[c]), world.sites.neighbourhood(c))
    attraction = world.open_attraction[own]
    key = attraction.tobytes()
    if world.grid.open_sites[c] == key:
        return
    east, north = cell_centres(world.cities[c])
    place = world.parameters.place
    fill_site_weights(
        east, north, world.sites.east_m[own], world.sites.north_m[own], attraction,
        Pull(attraction_exponent=place.attraction_exponent, distance_decay=place.distance_decay,
             strength=place.strength),
        world.grid.site_weights[c],
    )  # fmt: skip
    world.grid.open_sites[c] = key


def _sites(cities: tuple[City, ...]) -> Sites:
    """Lay out the sites of all cities."""
    rows, first, n_places = [], [0], []
    for c, city in enumerate(cities):
        for place in city.places:
            cell = cell_of(city, place.east_m, place.north_m)
            rows.append((c, place.east_m, place.north_m, place.area_m2, place.attraction, place.role == "government",
                         cell, (city.name, place.name)))  # fmt: skip
        for name in ("neighbourhoods", "chains"):
            rows.append((c, 0.0, 0.0, np.inf, 0.0, False, cell_of(city, 0.0, 0.0), (city.name, name)))
        n_places.append(len(city.places))
        first.append(len(rows))
    of_city, east, north, area, attraction, guarded, cells, names = zip(*rows, strict=True)
    return Sites(
        np.array(first), np.array(n_places), np.array(of_city), np.array(east, float), np.array(north, float),
        np.array(area, float), np.array(attraction, float), np.array(guarded), np.array(cells), list(names),
    )  # fmt: skip


def _grid(cities: tuple[City, ...], citizens: CitizenColumns, starts: np.ndarray, radius: int) -> Grid:
    """Lay out the cells of all cities and count the homes."""
    side = np.array([grid_side(city) for city in cities])
    first = np.concatenate(([0], np.cumsum(side * side)))
    names = ("n_home", "n_block", "n_out", "out_block", "went_block", "incumbent_home")
    counts = {name: np.zeros(first[-1], np.int64) for name in names}
    weights = [np.zeros((s * s, len(city.places))) for s, city in zip(side, cities, strict=True)]
    grid = Grid(first=first, side=side, **counts, site_weights=weights, open_sites=[None] * len(cities))
    for c in range(len(cities)):
        own = slice(first[c], first[c + 1])
        homes = citizens.home_cell[starts[c] : starts[c + 1]]
        grid.n_home[own] = np.bincount(homes, minlength=side[c] ** 2)
        box_sum(grid.n_home[own], int(side[c]), radius, grid.n_block[own])
    return grid
