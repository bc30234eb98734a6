"""What there is: scenarios, experiments, levers, outcomes, columns and kinds of events, as they are declared.

Only what is asked for is read: names of scenarios and experiments come from their files alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from experiments import words
from experiments.settings.read import CONFIG_ROOT, search_path
from experiments.settings.yaml_files import read_mapping
from sim.errors import InputError, not_allowed


@dataclass(frozen=True)
class Item:
    """A name that there is, and what it means in a line."""

    name: str
    meaning: str
    unit: str = ""


def files_of(group: str, config_dir: str | None = None) -> dict[str, Path]:
    """Return the files of a group of ``conf`` and of the user's own folder, by name."""
    roots = [CONFIG_ROOT, *([] if config_dir is None else [words.path_of("--config-dir", config_dir)])]
    return {path.stem: path for root in roots for path in sorted((root / group).glob("*.yaml"))}


def titles(group: str, config_dir: str | None) -> list[Item]:
    """Return the files of a group with their titles."""
    found = {name: read_mapping(path) for name, path in files_of(group, config_dir).items()}
    return [Item(name, str(file.get("title", name))) for name, file in found.items()]


def scenarios(config_dir: str | None = None) -> list[Item]:
    """Return the scenarios."""
    return titles("scenario", config_dir)


def experiments(config_dir: str | None = None) -> list[Item]:
    """Return the experiments."""
    return titles("experiment", config_dir)


def levers(config_dir: str | None = None) -> list[Item]:
    """Return the parameters that are declared; any of them can be a lever."""
    from sim.parameters import declared

    return [Item(each.name, each.meaning, each.unit) for each in declared()]


def outcomes(config_dir: str | None = None) -> list[Item]:
    """Return the outcomes of a run."""
    from experiments.outcomes import OUTCOMES

    return [Item(name, meaning, unit) for name, (unit, meaning) in OUTCOMES.items()]


def columns(config_dir: str | None = None) -> list[Item]:
    """Return the columns of curves.parquet."""
    from agents.vocabulary import CURVES

    return [Item(name, meaning, unit) for name, (unit, meaning) in CURVES.items()]


def kinds(config_dir: str | None = None) -> list[Item]:
    """Return the kinds of events that a timeline may hold; in place of a unit their shape."""
    from sim.inputs.timeline import KINDS

    return [Item(name, kind.meaning, kind.shape) for name, kind in KINDS.items()]


SORTS: dict[str, Callable[[str | None], list[Item]]] = {
    "scenarios": scenarios, "experiments": experiments, "levers": levers, "outcomes": outcomes, "columns": columns,
    "kinds": kinds,
}  # fmt: skip


def items(sort: str, config_dir: str | None = None) -> list[Item]:
    """Return what there is of a sort.

    Raises
    ------
    InputError
        There is no such sort.
    """
    search_path(config_dir)  # refuses a folder that is none
    if sort not in SORTS:
        raise not_allowed("", "list", sort, "one of " + ", ".join(SORTS), SORTS)
    return SORTS[sort](config_dir)


def find(name: str, config_dir: str | None = None) -> Iterator[tuple[str, Item]]:
    """Yield each sort that has a name, and what it is there: ``detained`` is an outcome and a column.

    Raises
    ------
    InputError
        No sort has it; the message names the nearest.
    """
    search_path(config_dir)  # refuses a folder that is none
    known = {sort: {item.name: item for item in read(config_dir)} for sort, read in SORTS.items()}
    found = [(sort, own[name]) for sort, own in known.items() if name in own]
    if not found:
        raise _unknown(name, [each for own in known.values() for each in own])
    yield from found


def _unknown(name: str, known: list[str]) -> InputError:
    near = words.nearest_setting(name, known)
    told = not_allowed("", "name", name, "a name that ploshcha list tells, or config")
    return InputError(f"{told}; did you mean {near}?") if near else told
