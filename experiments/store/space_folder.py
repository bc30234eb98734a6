"""Reads the folder of a run with a map back: who was where, the map, curves, events and targets."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments.store.files import sha256
from experiments.store.manifest import MapManifest, kind_told, read_manifest
from experiments.store.run_folder import CURVES_FILE, MANIFEST_FILE, PLANTS_FILE
from experiments.store.space import EVENTS_FILE, PLACES_FILE, SPACE_FILE, TARGETS_FILE
from experiments.store.sweep_folder import is_sweep
from sim.errors import InputError, not_allowed

if TYPE_CHECKING:
    import pandas as pd

NEEDED = "a folder that ploshcha run wrote with space=true"


@dataclass(frozen=True)
class SpaceFolder:
    """A run with a map, as read from its folder; the tables are those of `experiments.store.space.TABLES`."""

    folder: Path
    manifest: Mapping[str, Any]
    cities: tuple[str, ...]
    hours: int
    curves: pd.DataFrame
    plants: pd.DataFrame
    space: pd.DataFrame
    places: pd.DataFrame
    events: pd.DataFrame
    targets: pd.DataFrame

    @property
    def config(self) -> Mapping[str, Any]:
        """The settings of the run."""
        return self.manifest["config"]

    @property
    def start(self) -> date:
        """The day of hour 0."""
        return date.fromisoformat(self.config["scenario"]["start"])


def read_space_folder(folder: Path) -> SpaceFolder:
    """Read the folder of a run that was made with ``space=true``.

    Raises
    ------
    InputError
        It is no folder of a run, is one of a sweep or a classic, or has no map.
    """
    check_space_folder(folder)
    import pandas as pd

    try:
        manifest = read_manifest(folder, MapManifest)
        _check_tables(folder, manifest.get("tables_sha256"))
        curves, plants, space, places, events, targets = (
            pd.read_parquet(folder / name)
            for name in (CURVES_FILE, PLANTS_FILE, SPACE_FILE, PLACES_FILE, EVENTS_FILE, TARGETS_FILE)
        )
    except InputError:
        raise
    except (OSError, ValueError):
        raise not_allowed("", "folder", folder, f"{NEEDED}; one of its files is missing or harmed") from None
    cities = tuple(curves["city"].unique())
    return SpaceFolder(folder, manifest, cities, len(curves) // len(cities), curves, plants, space, places, events,
                       targets)  # fmt: skip


def _check_tables(folder: Path, hashes: object) -> None:
    """Refuse tables that are not those that the run wrote; a run of an earlier version has no hashes of them."""
    for name, told in hashes.items() if isinstance(hashes, dict) else ():
        path = folder / Path(name).name
        if not path.is_file() or sha256(path) != told:
            raise not_allowed("", "folder", folder, f"{NEEDED}; its {name} is not the one that the run wrote")


def rows_of(table: pd.DataFrame, **values: str) -> pd.DataFrame:
    """Return the rows of a table that have these values, numbered anew."""
    for name, value in values.items():
        table = table[table[name] == value]
    return table.reset_index(drop=True)


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a table by column, None where nothing is known."""
    return table.astype(object).where(table.notna(), None).to_dict("records")


def check_space_folder(folder: Path) -> None:
    """Say in one line why a folder has no map."""
    if not folder.is_dir():
        raise not_allowed("", "folder", folder, f"{NEEDED}; there is none")
    if is_sweep(folder):
        told = "this one is of a sweep: run one of its points with space=true; ploshcha plot draws the sweep"
        raise not_allowed("", "folder", folder, f"{NEEDED}; {told}")
    if not (folder / MANIFEST_FILE).is_file():
        raise not_allowed("", "folder", folder, f"{NEEDED}; this one has no {MANIFEST_FILE}")
    if kind := kind_told(folder):
        raise not_allowed("", "folder", folder, f"{NEEDED}; this one is of a {kind}")
    try:
        manifest = json.loads((folder / MANIFEST_FILE).read_text(encoding="utf-8"))
        scenario = manifest["config"].get("scenario", {})
    except (AttributeError, ValueError, KeyError, TypeError):
        raise not_allowed("", "folder", folder, f"{NEEDED}; its {MANIFEST_FILE} is of nothing known") from None
    if "model" in scenario:
        raise not_allowed("", "folder", folder, f"{NEEDED}; this one is of the classic {scenario['name']}, without map")
    if not (folder / SPACE_FILE).is_file():
        raise not_allowed("", "folder", folder, f"{NEEDED}; this run has no map: run it again with space=true")


def check_city(run: SpaceFolder, city: str) -> str:
    """Return the name of a city of the run.

    Raises
    ------
    InputError
        The run has no such city; the nearest is named.
    """
    if city not in run.cities:
        raise not_allowed("", "city", city, "one of " + ", ".join(run.cities), run.cities)
    return city


def check_hour(hour: int, hours: int) -> int:
    """Return an hour of a run of so many hours.

    Raises
    ------
    InputError
        The run has no such hour.
    """
    if not 0 <= hour < hours:
        raise not_allowed("", "hour", hour, f"an integer from 0 to {hours - 1}")
    return hour


def flat(settings: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return settings by their full names, such as ``job_pressure.threat``."""
    found: dict[str, Any] = {}
    for key, value in settings.items():
        found |= flat(value, f"{prefix}{key}.") if isinstance(value, Mapping) else {f"{prefix}{key}": value}
    return found


def differences(one: SpaceFolder, other: SpaceFolder) -> list[str]:
    """Return what makes two runs different, in words: settings, then sources and data."""
    first, second = flat(one.config), flat(other.config)
    names = [name for name in {**first, **second} if name not in ("engine", "threads", "inspect.max_agents")]
    lines = [f"{name}: {_plain(first, name)} \u2192 {_plain(second, name)}"
             for name in names if first.get(name) != second.get(name)]  # fmt: skip
    sources = {"code_hash": "the program's sources", "data_hash": "the data files", "replaced_rules": "replaced rules"}
    return lines + [words for key, words in sources.items() if one.manifest.get(key) != other.manifest.get(key)]


def _plain(settings: Mapping[str, Any], name: str) -> str:
    return json.dumps(settings.get(name), ensure_ascii=False)


def check_same_people(one: SpaceFolder, other: SpaceFolder) -> None:
    """Refuse two runs of different people: nothing side by side would be an effect.

    Raises
    ------
    InputError
        Names the first thing that makes the people different.
    """
    first, second = flat(one.config), flat(other.config)
    groups = ("seed", "persons_per_agent", "staff_per_agent", "population")
    own = [name for name in {**first, **second} if name.partition(".")[0] in groups]
    for name in ["scenario.start", "scenario.data", "scenario.cities", *own]:
        if first.get(name) != second.get(name):
            allowed = f"{_plain(first, name)} as in {one.folder}; side by side stand the same people"
            raise not_allowed("", f"{name} of {other.folder}", _plain(second, name), allowed)
    if not rows_of(one.places, kind="cell").equals(rows_of(other.places, kind="cell")):
        raise not_allowed("", "folder", other.folder, f"the same people as in {one.folder}; homes differ")
