"""What ``space=true`` adds to the folder of a run: who was where, hour by hour, and the map it happened on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from experiments.store.tables import as_table, chosen_texts, numbers, texts, write_table

if TYPE_CHECKING:
    import pyarrow

    from sim.hour.whereabouts import Space
    from sim.results import Result

SPACE_FILE, PLACES_FILE, EVENTS_FILE, TARGETS_FILE = (
    "space.parquet", "places.parquet", "events.parquet", "targets.parquet",
)  # fmt: skip
SITE, HOME, CELL, PLANT = "site", "home", "cell", "plant"

# file: what a row is, and column: (unit, meaning)
TABLES: dict[str, tuple[str, dict[str, tuple[str, str]]]] = {
    SPACE_FILE: (
        "A row per hour and place with anybody there. Written with `space=true` only, like the three files after it.",
        {
            "hour": ("h", "hours since 00:00 of the first day"),
            "city": ("-", "name of the city"),
            "kind": ("-", f"`{SITE}`: people at a site; `{HOME}`: residents of a cell, wherever they are"),
            "site": ("-", "name of the site; empty for a cell"),
            "cell": ("-", "cell of the site or of the homes, row by row from the south-west; -1: everywhere"),
            "protesting": ("persons", "at a site: in the hour, arrests not yet taken off; of a cell: at its end"),
            "protesting_nearby": ("persons", "of a cell: protesting in their own neighbourhood, so in this cell"),
            "striking": ("persons", "of a cell: on strike and not on the street"),
            "rallying": ("persons", "at a rally for the incumbent"),
            "detained": ("persons", "of a cell: in detention"),
            "detained_new": ("persons", "at a site: detained there within the hour"),
            "officers": ("persons", "at a site: officers who make arrests"),
        },
    ),
    PLACES_FILE: (
        "A row per cell in which adults live, site and plant. Metres count from the centre of the city.",
        {
            "city": ("-", "name of the city"),
            "kind": ("-", f"`{CELL}`, `{SITE}` or `{PLANT}`"),
            "name": ("-", "name of the site or plant; empty for a cell"),
            "role": ("-", "role of the site; `neighbourhoods` and `chains` are everywhere, without coordinates"),
            "cell": ("-", "number of the cell, or the cell of the site; missing for plants, neighbourhoods and chains"),
            "east_m": ("m", "east of the centre"),
            "north_m": ("m", "north of the centre"),
            "area_m2": ("m2", "area of the cell or site"),
            "adults": ("persons", "adults living in the cell"),
            "employees": ("persons", "employees of the plant"),
        },
    ),
    EVENTS_FILE: (
        "A row per event of the timeline that concerns the run, as the run was given it.",
        {
            "hour": ("h", "hour in which it begins"),
            "hours": ("h", "how long it lasts; missing where that means nothing"),
            "city": ("-", "name of a city, or `all`"),
            "kind": ("-", "kind of event (docs/data.md)"),
            "intensity": ("kind's", "its strength; missing for a fact without one"),
            "place": ("-", "the site it is about, if any"),
            "label": ("-", "what is written into figures, if anything"),
        },
    ),
    TARGETS_FILE: (
        "A row per target that concerns a city of the run: what the curves are compared with.",
        {
            "city": ("-", "name of the city"),
            "outcome": ("-", "curve that is compared"),
            "statistic": ("-", "`peak` or `sum` over the window"),
            "hour_from": ("h", "first hour of the window"),
            "hour_to": ("h", "hour after the last"),
            "low": ("outcome's", "lower end of the range"),
            "high": ("outcome's", "upper end of the range"),
            "is_figure": ("0 or 1", "1 for a single published figure, widened here by the scatter of one count"),
        },
    ),
}


def write_space(result: Result, folder: Path, ranges: Sequence[tuple[float, float]]) -> None:
    """Write the four tables of a run that collected who was where; `ranges` that meet its targets, in their order."""
    space = result.space
    assert space is not None
    write_table(space_table(result.hours, space), folder / SPACE_FILE)
    write_table(places_table(space), folder / PLACES_FILE)
    write_table(events_table(result), folder / EVENTS_FILE)
    write_table(targets_table(result, ranges), folder / TARGETS_FILE)


def space_table(hours: int, space: Space) -> pyarrow.Table:
    """Return the rows of sites and cells with anybody there: by hour, sites before cells."""
    sites, cells = _site_columns(space), _cell_columns(hours, space)
    order = np.argsort(np.concatenate([sites["hour"], cells["hour"]]), kind="stable")
    words = {"city": [city.name for city in space.cities], "kind": [SITE, HOME],
             "site": ["", *(name for _, name in space.sites.names)]}  # fmt: skip
    columns: dict[str, Any] = {}
    for name in TABLES[SPACE_FILE][1]:
        parts = [part.get(name, np.zeros(len(part["hour"]))) for part in (sites, cells)]
        values = np.concatenate(parts)[order]
        columns[name] = chosen_texts(words[name], values) if name in words else numbers(values)
    return as_table(columns)


def _site_columns(space: Space) -> dict[str, np.ndarray]:
    """Return columns of the sites; texts by their number among those of `space_table`."""
    from sim.hour.whereabouts import AT_SITE

    found, sites = space.found.sites, space.sites
    hour, site = np.nonzero(found.any(axis=1))
    names = [city.name for city in space.cities]
    cities = np.array([names.index(city) for city, _ in sites.names])
    counts = {name: found[hour, k, site] for k, name in enumerate(AT_SITE)}
    return {"hour": hour.astype(np.int32), "city": cities[site], "kind": np.zeros(len(hour), int), "site": site + 1,
            "cell": np.where(np.isfinite(sites.area_m2), sites.cell, -1)[site].astype(np.int32), **counts}  # fmt: skip


def _cell_columns(hours: int, space: Space) -> dict[str, np.ndarray]:
    """Return columns of the cells, by the homes of the people; texts as in `_site_columns`."""
    from sim.hour.whereabouts import OF_CELL

    found = space.found.cells
    hour = np.repeat(np.arange(hours, dtype=np.int32), [len(cells) for cells, _ in found])
    cell = np.concatenate([cells for cells, _ in found])
    persons = np.concatenate([counts for _, counts in found])
    city = np.searchsorted(space.first_cell, cell, side="right") - 1
    counts = {name: persons[:, k] for k, name in enumerate(OF_CELL)}
    return {"hour": hour, "city": city, "kind": np.ones(len(hour), int), "site": np.zeros(len(hour), int),
            "cell": (cell - space.first_cell[city]).astype(np.int32), **counts}  # fmt: skip


def places_table(space: Space) -> pyarrow.Table:
    """Return the map: cells, sites and plants, city by city."""
    rows = [row for c in range(len(space.cities)) for row in (*_cells(space, c), *_sites(space, c), *_plants(space, c))]
    columns: dict[str, Any] = {}
    for k, name in enumerate(TABLES[PLACES_FILE][1]):
        values = [row[k] for row in rows]
        is_text = name in ("city", "kind", "name", "role")
        columns[name] = texts(values) if is_text else numbers(np.array(values, float), has_missing=True)
    return as_table(columns)


def _cells(space: Space, c: int) -> list[tuple]:
    from sim.world.space import cell_centres

    city, first, nan = space.cities[c], int(space.first_cell[c]), np.nan
    east, north = cell_centres(city)
    living = space.adults[first : int(space.first_cell[c + 1])]
    return [(city.name, CELL, "", "", k, east[k], north[k], city.cell_size_m**2, living[k], nan)
            for k in np.flatnonzero(living)]  # fmt: skip


def _sites(space: Space, c: int) -> list[tuple]:
    sites, city, nan = space.sites, space.cities[c], np.nan
    first, end = int(sites.first[c]), int(sites.neighbourhood(c))
    places = [(city.name, SITE, place.name, place.role, sites.cell[k], place.east_m, place.north_m, place.area_m2,
               nan, nan) for k, place in zip(range(first, end), city.places, strict=True)]  # fmt: skip
    nowhere = [(city.name, SITE, sites.names[k][1], sites.names[k][1], nan, nan, nan, nan, nan, nan)
               for k in (end, end + 1)]  # fmt: skip
    return places + nowhere


def _plants(space: Space, c: int) -> list[tuple]:
    city, nan = space.cities[c], np.nan
    return [(city.name, PLANT, plant.name, "", nan, plant.east_m, plant.north_m, nan, nan, plant.employees)
            for plant in city.plants]  # fmt: skip


def events_table(result: Result) -> pyarrow.Table:
    """Return the events of the timeline."""
    events = result.events
    lengths = [np.nan if event.hours is None else event.hours for event in events]
    return as_table({
        "hour": numbers(np.array([event.hour for event in events], np.int32)),
        "hours": numbers(np.array(lengths, float), has_missing=True),
        "city": texts([event.city for event in events]), "kind": texts([event.kind for event in events]),
        "intensity": numbers(np.array([event.intensity for event in events], float), has_missing=True),
        "place": texts([event.place for event in events]), "label": texts([event.label for event in events]),
    })  # fmt: skip


def targets_table(result: Result, ranges: Sequence[tuple[float, float]]) -> pyarrow.Table:
    """Return the targets with the ranges that they are drawn with."""
    drawn = [pair for pair in zip(result.targets, ranges, strict=True) if pair[0].city in result.cities]
    targets, ranges = [target for target, _ in drawn], [each for _, each in drawn]
    return as_table({
        **{name: texts([getattr(target, name) for target in targets]) for name in ("city", "outcome", "statistic")},
        **{name: numbers(np.array([getattr(target, name) for target in targets], np.int32))
           for name in ("hour_from", "hour_to")},
        "low": numbers(np.array([low for low, _ in ranges], float)),
        "high": numbers(np.array([high for _, high in ranges], float)),
        "is_figure": numbers(np.array([target.low == target.high for target in targets], np.int32)),
    })  # fmt: skip
