"""A narrative: states of the page with a text each, as somebody wrote them into a YAML file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from experiments.settings.complaints import told_in_one_line
from experiments.settings.yaml_files import read_yaml
from experiments.words import path_of
from sim.errors import InputError, not_allowed

SHIPPED = Path(__file__).with_name("narratives")
Text = Annotated[str, Field(min_length=1, max_length=600)]


class State(BaseModel):
    """What the page shows at a step, with its text; `person` is the number of one of the city's persons, from 1."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    city: str
    hour: Annotated[int, Field(ge=0)]
    text: Text
    person: Annotated[int, Field(ge=1)] | None = None


class Narrative(BaseModel):
    """A title, the scenario whose runs it tells of, and its steps."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: Text
    scenario: str
    states: Annotated[list[State], Field(min_length=1, max_length=100)]


KEYS = {"title": "", "scenario": "", "states": []}


def read_narrative(name: str, scenario: str, hours: int, cities: Sequence[str], n_people: int) -> dict[str, Any]:
    """Read a narrative for the page of a run.

    Parameters
    ----------
    name : str
        Of a shipped one, or the path of a YAML file.
    scenario, hours, cities, n_people
        What the page has: the run's scenario, its hours, what its buttons of cities say, and persons of each city.

    Raises
    ------
    InputError
        There is no such narrative, it tells of another scenario, or of what the page does not have.
    """
    path = _path(name)
    try:
        found = Narrative.model_validate(read_yaml(path))
    except ValidationError as error:
        raise InputError(f"{path.name}: {told_in_one_line(error, KEYS, Narrative)}") from error
    if found.scenario != scenario:
        raise not_allowed("", "narrative", name, f"one of a run of {scenario}; this one tells of {found.scenario}")
    for k, state in enumerate(found.states):
        where = f"{path.name}: states.{k}."
        if state.city not in cities:
            raise not_allowed("", f"{where}city", state.city, "one of " + ", ".join(cities), cities)
        if state.hour >= hours:
            raise not_allowed("", f"{where}hour", state.hour, f"an integer from 0 to {hours - 1}")
        if (state.person or 0) > n_people:
            raise not_allowed("", f"{where}person", state.person, f"at most people={n_people}")
    return {"name": path.stem, "title": found.title,
            "states": [state.model_dump(exclude_none=True) for state in found.states]}  # fmt: skip


def _path(name: str) -> Path:
    """Return the file of a narrative."""
    own = path_of("narrative", name)
    if own.suffix in (".yaml", ".yml"):
        return own
    known = sorted(path.stem for path in SHIPPED.glob("*.yaml"))
    if name not in known:
        raise not_allowed("", "narrative", name, f"one of {', '.join(known)}, or a file NAME.yaml of yours", known)
    return SHIPPED / f"{name}.yaml"
