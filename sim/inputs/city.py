"""Cities, their places and their plants, read from the data folder of a scenario.

Three files: ``cities.csv`` in long form (city, quantity, value; the city `all` gives the default of every
city), ``places.csv`` (where people gather, are held or rally), ``plants.csv`` (state plants, head-counts).
"""

import math
from dataclasses import dataclass
from pathlib import Path

from sim.errors import InputError, not_allowed
from sim.inputs.tables import Row, read_table, span

EVERY_CITY = "all"
ROLES = ("square", "government", "memorial", "market", "detention")

MOST_PERSONS = 10**10  # there are no more on earth

# quantity: (lowest, highest, must be whole). Persons unless the name says otherwise.
QUANTITIES: dict[str, tuple[float, float, bool]] = {
    "code": (0, 2**16 - 1, True),  # keys the luck of a city's people: never change or reuse one
    "population": (1, MOST_PERSONS, True),
    "adult_share": (0, 1, False),  # of the population
    "employed_share": (0, 1, False),  # of the adults
    "state_share": (0, 1, False),  # of the employed
    "radius_m": (100, 1e5, False),
    "cell_size_m": (10, 1e4, False),
    "home_scale_m": (10, 1e6, False),  # homes thin out as exp(-r / scale)
    "street_officers": (1, MOST_PERSONS, True),
    "unit_size": (1, 1e5, True),
    "detention_places": (0, MOST_PERSONS, True),
    "judges": (0, MOST_PERSONS, True),
    "commission_members": (0, MOST_PERSONS, True),
    "state_media_staff": (0, MOST_PERSONS, True),
    "is_capital": (0, 1, True),
    "share_against": (0.01, 0.99, False),  # who prefer change; may be left out: population.share_against
    "country_adults": (1, MOST_PERSONS, True),  # of the whole country, city `all` only
}


@dataclass(frozen=True)
class Place:
    """A site in a city. Coordinates are metres east and north of the city's centre, the area square metres.

    `attraction` is S of the choice of place (unitless, >= 0; nobody gathers unasked where it is 0).
    """

    city: str
    name: str
    role: str
    east_m: float
    north_m: float
    area_m2: float
    attraction: float
    note: str
    source: str
    confidence: str


@dataclass(frozen=True)
class Plant:
    """A state plant: its head-count in persons and where it stands (metres from the city's centre)."""

    city: str
    name: str
    employees: int
    east_m: float
    north_m: float
    note: str
    source: str
    confidence: str


@dataclass(frozen=True)
class City:
    """A city in whole persons and metres; `places` and `plants` in the order of their files.

    `share_against` is the share who prefer change where the city's files say so, else None: that of the population.
    """

    name: str
    code: int
    population: int
    adults: int
    employed: int
    state_employed: int
    radius_m: float
    cell_size_m: float
    home_scale_m: float
    street_officers: int
    unit_size: int
    detention_places: int
    judges: int
    commission_members: int
    state_media_staff: int
    is_capital: bool
    places: tuple[Place, ...]
    plants: tuple[Plant, ...]
    share_against: float | None = None


def load_cities(folder: Path | str, names: tuple[str, ...] | list[str]) -> tuple[City, ...]:
    """Load the named cities of a data folder.

    Parameters
    ----------
    folder : path
        Holds cities.csv, places.csv and plants.csv.
    names : sequence of str
        Cities of the scenario, in the order wanted. Other cities of the files are checked, then skipped.

    Returns
    -------
    tuple of City
        One for each name, in that order.

    Raises
    ------
    InputError
        On any missing, unknown, repeated or impossible entry.
    """
    folder = Path(folder)
    table = _quantities(folder)
    known = _known(table)
    _check_names(names, known)
    places, plants = _places(folder, known), _plants(folder, known)
    return tuple(_city(name, table, places[name], plants[name]) for name in names)


def load_place_names(folder: Path | str) -> dict[str, tuple[str, ...]]:
    """Return the places of every city in the folder, by city, in the order of places.csv (may be empty)."""
    folder = Path(folder)
    places = _places(folder, _known(_quantities(folder)))
    return {city: tuple(place.name for place in found) for city, found in places.items()}


def country_adults(folder: Path | str) -> int:
    """Return the adults of the whole country, in persons."""
    return int(_value(EVERY_CITY, "country_adults", _quantities(Path(folder))))


Table = dict[tuple[str, str], tuple[float, Row]]


def _quantities(folder: Path) -> Table:
    """Read cities.csv into {(city, quantity): (value, row)}."""
    path, columns = folder / "cities.csv", ("city", "quantity", "value", "unit", "note")
    table: Table = {}
    for row in read_table(path, columns, "the cities and their quantities"):
        key = row.text("city"), row.choice("quantity", QUANTITIES)
        if key in table:
            raise row.error("quantity", f"{key[0]} has it on line {table[key][1].line} already")
        table[key] = _quantity(row, *key), row
    _check_codes(table)
    return table


def _quantity(row: Row, city: str, quantity: str) -> float:
    """Return the checked value of one row of cities.csv."""
    if quantity == "country_adults" and city != EVERY_CITY:
        raise row.error("city", "all, since country_adults is given for the whole country")
    if quantity == "code" and city == EVERY_CITY:
        raise row.error("city", "one city, since every city has a code of its own")
    low, high, is_whole = QUANTITIES[quantity]
    return row.integer("value", int(low), high) if is_whole else row.number("value", low, high)


def _check_codes(table: Table) -> None:
    """Refuse two cities with one code, and two capitals."""
    seen: dict[tuple[str, float], str] = {}
    for (city, quantity), (value, row) in table.items():
        if quantity == "code" or (quantity == "is_capital" and value == 1):
            other = seen.setdefault((quantity, value), city)
            if other != city:
                raise row.error("value", f"{quantity} must be unique and is that of {other} already")


def _known(table: Table) -> tuple[str, ...]:
    """Return the cities of cities.csv in order of appearance."""
    return tuple(dict.fromkeys(city for city, _ in table if city != EVERY_CITY))


def _check_names(names: tuple[str, ...] | list[str], known: tuple[str, ...]) -> None:
    """Check the scenario's list of cities against the file."""
    if not names:
        raise InputError("scenario.cities is empty: at least one of " + ", ".join(known))
    for name in names:
        if name not in known:
            raise not_allowed("cities.csv", "city", name, "one of " + ", ".join(known), known)
        if list(names).count(name) > 1:
            raise not_allowed("", "scenario.cities", name, "each city once")


def _value(city: str, quantity: str, table: Table) -> float:
    """Look up a quantity of a city, or the default for all cities."""
    for key in ((city, quantity), (EVERY_CITY, quantity)):
        if key in table:
            return table[key][0]
    low, high, is_whole = QUANTITIES[quantity]
    expected = f"{'an integer' if is_whole else 'a number'} {span(low, high)}"
    default = "" if quantity == "code" or city == EVERY_CITY else ", or one for all"
    raise InputError(f"cities.csv: {city} has no {quantity}: expected {expected}{default}")


def _city(name: str, table: Table, places: tuple[Place, ...], plants: tuple[Plant, ...]) -> City:
    """Put one city together; shares become whole persons."""

    def persons(quantity: str) -> int:
        return int(_value(name, quantity, table))

    def real(quantity: str) -> float:
        return float(_value(name, quantity, table))

    population = persons("population")
    adults = round(population * real("adult_share"))
    employed = round(adults * real("employed_share"))
    city = City(
        name=name, code=persons("code"), population=population, adults=adults, employed=employed,
        state_employed=round(employed * real("state_share")), radius_m=real("radius_m"),
        cell_size_m=real("cell_size_m"), home_scale_m=real("home_scale_m"),
        street_officers=persons("street_officers"), unit_size=persons("unit_size"),
        detention_places=persons("detention_places"), judges=persons("judges"),
        commission_members=persons("commission_members"), state_media_staff=persons("state_media_staff"),
        is_capital=real("is_capital") == 1, places=places, plants=plants, share_against=_share_against(name, table),
    )  # fmt: skip
    _check_city(city)
    return city


def _share_against(name: str, table: Table) -> float | None:
    """Return a city's own share of those who prefer change, None where its files do not say."""
    known = [table[key][0] for key in ((name, "share_against"), (EVERY_CITY, "share_against")) if key in table]
    return float(known[0]) if known else None


def _check_city(city: City) -> None:
    """Refuse a city whose parts do not fit together."""
    if city.adults < 1:
        raise InputError(f"cities.csv: {city.name} has no adults: population times adult_share of at least 1")
    if city.cell_size_m > city.radius_m:
        allowed = f"at most radius_m, {city.radius_m:g}"
        raise not_allowed("cities.csv", f"{city.name} cell_size_m", f"{city.cell_size_m:g}", allowed)
    workers = sum(plant.employees for plant in city.plants)
    if workers > city.state_employed:
        allowed = f"in all at most the state-employed persons of the city, {city.state_employed}"
        raise not_allowed("plants.csv", f"{city.name} employees", workers, allowed)
    if not any(place.attraction > 0 for place in city.places):
        raise InputError(f"places.csv: {city.name} has no place with attraction above 0: at least one")
    sites: list[Place | Plant] = [*city.places, *city.plants]
    for site in sites:
        distance = max(abs(site.east_m), abs(site.north_m))
        if distance > city.radius_m:
            allowed = f"at most radius_m of the city, {city.radius_m:g}, in any direction"
            file = "plants.csv" if isinstance(site, Plant) else "places.csv"
            raise not_allowed(f"{file}: {city.name}, {site.name}", "east_m or north_m", f"{distance:g}", allowed)


def _places(folder: Path, known: tuple[str, ...]) -> dict[str, tuple[Place, ...]]:
    """Read places.csv, grouped by city."""
    columns = ("city", "place", "role", "east_m", "north_m", "area_m2", "attraction", "note")
    rows = read_table(folder / "places.csv", columns, "the squares and other sites of each city")
    return _grouped([(_place(row, known), row) for row in rows], known, "place")


def _place(row: Row, known: tuple[str, ...]) -> Place:
    """Return the checked place of one row."""
    return Place(
        city=row.choice("city", known), name=row.text("place"), role=row.choice("role", ROLES),
        east_m=row.number("east_m", -math.inf), north_m=row.number("north_m", -math.inf),
        area_m2=row.number("area_m2", 1), attraction=row.number("attraction", 0),
        note=row.cells["note"], source=row.cells["source"], confidence=row.cells["confidence"],
    )  # fmt: skip


def _plants(folder: Path, known: tuple[str, ...]) -> dict[str, tuple[Plant, ...]]:
    """Read plants.csv, grouped by city."""
    columns = ("city", "plant", "employees", "east_m", "north_m", "note")
    rows = read_table(folder / "plants.csv", columns, "the state plants of each city")
    return _grouped([(_plant(row, known), row) for row in rows], known, "plant")


def _plant(row: Row, known: tuple[str, ...]) -> Plant:
    """Return the checked plant of one row."""
    return Plant(
        city=row.choice("city", known), name=row.text("plant"), employees=row.integer("employees", 1, MOST_PERSONS),
        east_m=row.number("east_m", -math.inf), north_m=row.number("north_m", -math.inf),
        note=row.cells["note"], source=row.cells["source"], confidence=row.cells["confidence"],
    )  # fmt: skip


def _grouped(sites: list, known: tuple[str, ...], column: str) -> dict[str, tuple]:
    """Group places or plants by city, refusing a name that a city has twice."""
    seen: dict[tuple[str, str], Row] = {}
    for site, row in sites:
        first = seen.setdefault((site.city, site.name), row)
        if first is not row:
            raise row.error(column, f"{site.city} has it on line {first.line} already")
    return {city: tuple(site for site, _ in sites if site.city == city) for city in known}
