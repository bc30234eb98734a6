"""The state of a run between two hours: taken, written to a file, and gone on from.

A state holds all that changes in the world and what was observed so far, as arrays by name. What is made of data, seed
and settings before hour 0 is made anew, so a state goes on only with the same code and the same people; other
parameters may change, and act from its hour on.
"""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from agents.compiled.sources import code_hash
from sim.errors import InputError, not_allowed
from sim.hour.observables import Observer
from sim.inputs.city import load_place_names
from sim.inputs.forcings import Forcings, build_forcings
from sim.inputs.timeline import load_timeline
from sim.parameters import Parameters
from sim.world.forcing_changes import changed_timeline
from sim.world.world import World, data_folder

# Made once before hour 0, of data, seed and settings, and never written after.
MADE_ONCE = {
    "world.parameters", "world.p", "world.cities", "world.timeline", "world.targets", "world.forcings", "world.groups",
    "world.starts", "world.person0", "world.facts", "world.sites", "world.encouraged", "world.threads", "world.adults",
    "world.around", "world.at", "world.unit_size", "world.unit_weight", "world.office_sizes", "world.grid.first",
    "world.grid.side", "world.grid.n_home", "world.grid.n_block",
    *(f"world.citizens.{name}" for name in (
        "home_cell", "employer", "hardship", "risk_aversion", "private_preference", "media_diet", "job_dependence",
        "is_woman", "age_band", "disposition", "ties")),
    *(f"world.officers.{name}" for name in (
        "person", "home_city", "home_cell", "unit", "unit_key", "unit_rank", "position", "exit_cost",
        "media_diet", "weight")),
    *(f"world.officials.{name}" for name in ("person", "home_city", "home_cell", "office", "media_diet", "weight")),
    "observer.plants", "observer.private_opposition", "observer.arm_persons",
}  # fmt: skip
# Found anew after a start, or in the hour that follows.
COUNTED_ANEW = {"world.changes", "world.grid.open_sites", "world.active"}
# Views of what is there under another name.
VIEWS = {"world.levels", "observer.curves", "observer.counted", "observer.written"}
BY_HOUR = ("observer.table", "observer.rally_present", "observer.striking", "observer.site_crowd",
           "observer.encouraged")  # fmt: skip
# Settings of which people are made, and those that act before hour 0 only.
FIXED = (
    "seed", "persons_per_agent", "staff_per_agent", "scenario.start", "scenario.cities", "population",
    "encouragement.share", "encouragement.block_cells", "ties.remembered_start", "fear.lesson_start",
    "fear.crowd_prior_share", "luck.gap_start", "walkout.threat_start",
)  # fmt: skip
DATA_FILES = ("cities.csv", "places.csv", "plants.csv", "timeline.csv")
ABOUT = "about"  # name in the file of what says whose state it is
SEAL = "sha256"  # name in the file of the hash of all else


@dataclass(frozen=True)
class State:
    """A run as it stands before `hour`: all that changes, as arrays by name.

    parameters : those of the run that it was taken from.
    code, data : hashes of the sources and of the data files.
    arrays : by name, such as ``world.citizens.anger`` float32 (n_citizens,); curves up to the hour.
    """

    parameters: Parameters
    hour: int
    code: str
    data: str
    arrays: Mapping[str, np.ndarray]

    def save(self, path: str | Path) -> None:
        """Write the state to a file (npz), whole or not at all."""
        about = {"hour": self.hour, "code": self.code, "data": self.data,
                 "parameters": self.parameters.model_dump(mode="json")}  # fmt: skip
        text = np.frombuffer(json.dumps(about).encode(), np.uint8)
        seal = np.frombuffer(_seal({ABOUT: text, **self.arrays}), np.uint8)
        hidden = Path(path).with_name(f".{Path(path).name}.{os.getpid()}.tmp")
        try:
            with hidden.open("wb") as file:
                np.savez(file, **{SEAL: seal, ABOUT: text, **self.arrays})  # type: ignore[arg-type]
            hidden.replace(path)
        except BaseException:  # a Ctrl-C too
            hidden.unlink(missing_ok=True)
            raise

    @classmethod
    def load(cls, path: str | Path) -> State:
        """Read a state from a file.

        Raises
        ------
        InputError
            There is none, it is damaged, or it was made by other code.
        """
        try:
            with np.load(path, allow_pickle=False) as file:
                arrays = {name: file[name] for name in file.files}
            about = json.loads(arrays[ABOUT].tobytes())
            _check_code(about["code"], path)
            if arrays.pop(SEAL).tobytes() != _seal(arrays):
                raise ValueError("edited")
            del arrays[ABOUT]
            parameters = Parameters.model_validate(about["parameters"])
        except InputError:
            raise
        except FileNotFoundError:
            raise not_allowed("", "start", path, "a file that is there") from None
        except (OSError, ValueError, KeyError, TypeError, AttributeError, EOFError, RecursionError,
                NotImplementedError, zipfile.BadZipFile, zlib.error):
            raise not_allowed("", "start", path, "a state that ploshcha wrote, unharmed") from None
        return cls(parameters, about["hour"], about["code"], about["data"], arrays)


def _seal(arrays: Mapping[str, np.ndarray]) -> bytes:
    """Return a hash of all arrays: engines trust the numbers of a state, which index their memory."""
    total = hashlib.sha256()
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name])
        total.update(f"{name}\0{array.dtype.str}\0{arrays[name].shape}\0".encode() + array.tobytes())
    return total.digest()


def _check_code(code: str, path: object = "the state") -> None:
    if code != code_hash():
        raise not_allowed("", "start", path, "a state of the same code; agents, sim, Numba or NumPy have changed since")


def take_state(world: World, observer: Observer) -> State:
    """Copy the state of a run before its next hour; of the map that `space` collects nothing is kept."""
    arrays = {name: (array[: world.hour] if name.startswith(BY_HOUR) else array).copy()
              for name, array in arrays_of(world, observer)}  # fmt: skip
    return State(world.parameters, world.hour, code_hash(), world_data_hash(world.parameters), arrays)


def go_on(state: State, world: World, observer: Observer) -> None:
    """Put a world that was just built, and what observes it, where the state stands.

    Raises
    ------
    InputError
        The state is one of other code or people, or what it has lived through is to change.
    """
    check_start(state, world.parameters)
    for name, array in arrays_of(world, observer):  # in place: the engines hold views
        saved = state.arrays[name]
        array[: len(saved)] = saved
    world.hour = state.hour


def check_start(state: State, parameters: Parameters) -> None:
    """Refuse to go on from a state of other code or people, or with another past.

    Raises
    ------
    InputError
        Names the setting that may not change.
    """
    _check_code(state.code)
    if world_data_hash(parameters) != state.data:
        raise not_allowed("", "start", "the state", "a state of the same data files; those of the scenario differ")
    of_state, asked = state.parameters.model_dump(mode="json"), parameters.model_dump(mode="json")
    for name in FIXED:
        for setting, value, was in _differences(name, _inside(asked, name), _inside(of_state, name)):
            raise not_allowed("", setting, value, f"{was}, as in the state that the run starts from")
    if parameters.hours <= state.hour:
        raise not_allowed("", "hours", parameters.hours, f"more than {state.hour}, where the state stands")
    _check_past(state, parameters)


def _inside(settings: Mapping[str, Any], name: str) -> Any:
    for part in name.split("."):
        settings = settings[part]
    return settings


def _differences(name: str, one: Any, other: Any) -> Iterator[tuple[str, Any, Any]]:
    """Yield (setting, value, other value) of all that differs."""
    if isinstance(one, Mapping):
        for key in one:
            yield from _differences(f"{name}.{key}", one[key], other[key])
    elif one != other:
        yield name, one, other


def _check_past(state: State, parameters: Parameters) -> None:
    """Refuse a timeline that differs in the hours that the state has lived through."""
    if parameters.forcings.closed_places != state.parameters.forcings.closed_places:
        raise InputError(f"forcings.closed_places is not allowed: closed from hour 0 on, but the state stands in hour "
                         f"{state.hour}; forcings.closure.add closes a place later")  # fmt: skip
    was, asked = (_forcings_until(state.hour, each) for each in (state.parameters, parameters))
    changed = [kind for kind in asked.value if not np.array_equal(asked.value[kind], was.value[kind])]
    if not np.array_equal(asked.closed, was.closed):
        changed.append("closure")
    if changed:
        allowed = f"only rows that begin in hour {state.hour} or later may change, where the state stands"
        raise InputError(f"forcings.{changed[0]} is not allowed: {allowed}")
    if not np.array_equal(asked.is_weekday, was.is_weekday):
        allowed = f"{state.parameters.scenario.main_day}, as in the state that the run starts from"
        raise not_allowed("", "scenario.main_day", parameters.scenario.main_day, allowed)


def _forcings_until(hour: int, parameters: Parameters) -> Forcings:
    """Return the forcings of the first hours of a run."""
    folder, scenario = data_folder(parameters), parameters.scenario
    places = load_place_names(folder)
    recorded = load_timeline(folder / "timeline.csv", scenario.cities, places, scenario.start, parameters.hours)
    changed = changed_timeline(recorded, parameters.forcings)
    return build_forcings(replace(changed, hours=hour), scenario.main_day)


def world_data_hash(parameters: Parameters) -> str:
    """Hash the data files that a world is made of; targets change no run."""
    total = hashlib.sha256()
    for name in DATA_FILES:
        content = (data_folder(parameters) / name).read_bytes().replace(b"\r\n", b"\n")
        total.update(f"{name}\0{len(content)}\0".encode() + content)
    return total.hexdigest()


def arrays_of(world: World, observer: Observer) -> Iterator[tuple[str, np.ndarray]]:
    """Yield (name, array) of all that changes in a run."""
    for name, found in [*walk("world", world), *walk("observer", observer)]:
        if isinstance(found, np.ndarray):
            yield name, found


def walk(name: str, found: Any) -> Iterator[tuple[str, Any]]:
    """Yield (name, leaf) of all in a thing that may change: arrays, and what is neither array nor container."""
    if name in MADE_ONCE or name in COUNTED_ANEW or name in VIEWS or name == "observer.space":
        return
    if inside := _parts(found):
        for key, part in inside.items():
            yield from walk(f"{name}.{key}", part)
    else:
        yield name, found


def _parts(found: Any) -> dict[Any, Any]:
    """Return what a container holds, by name; nothing of anything else."""
    if is_dataclass(found):
        return {each.name: getattr(found, each.name) for each in fields(found)}
    if hasattr(found, "_asdict"):
        return dict(found._asdict())
    if isinstance(found, dict):
        return found
    if isinstance(found, np.ndarray) and found.dtype.names:
        return {each: found[each] for each in found.dtype.names}
    return dict(enumerate(found)) if isinstance(found, list | tuple) else {}
