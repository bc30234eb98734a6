"""Runs of folders, computed again: who changed their mind between two of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from experiments.store.provenance import code_hash, data_hash
from experiments.store.space_folder import SpaceFolder, check_city, check_hour, check_same_people, rows_of
from sim.errors import not_allowed

if TYPE_CHECKING:
    from experiments.analysis.changed_people import Changed
    from sim.parameters import Parameters


def changed_between(
    runs: Sequence[SpaceFolder], city: str | None = None, hour: int | None = None
) -> tuple[list[Changed], str, int]:
    """Compute two runs again up to an hour; return the changed people, the city and the hour.

    Parameters
    ----------
    runs : two runs
        Of the same people.
    city : str, optional
        Default the first.
    hour : int, optional
        From 0; default the one with the largest difference of protesters in the city.

    Raises
    ------
    InputError
        There is no such city or hour, the people are not the same, or a run cannot be computed again.
    """
    from experiments.analysis.changed_people import changed_people

    one, other = runs
    city = check_city(one, one.cities[0] if city is None else city)
    check_same_people(one, other)
    hours = min(run.hours for run in runs)
    hour = _widest_hour(runs, city, hours) if hour is None else check_hour(hour, hours)
    parameters = [parameters_again(run) for run in runs]
    return changed_people(parameters, one.cities.index(city), hour), city, hour


def parameters_again(run: SpaceFolder) -> Parameters:
    """Return the parameters with which a run can be computed again.

    Raises
    ------
    InputError
        The program, the data or the rules are not those that made the run, or its settings are none.
    """
    from pydantic import ValidationError

    from sim.parameters import Parameters

    _check_made(run, "code_hash", code_hash(), "other sources of the program")  # first: they say what settings mean
    _check_made(run, "replaced_rules", [], "rules of your own")
    try:
        parameters = Parameters.model_validate_json(json.dumps(run.config))
    except ValidationError as error:
        name = ".".join(str(part) for part in error.errors()[0]["loc"])
        raise not_allowed("manifest.json", name, error.errors()[0]["input"], error.errors()[0]["msg"]) from None
    _check_made(run, "data_hash", data_hash(parameters), "other data files")
    return parameters


def _check_made(run: SpaceFolder, key: str, value: Any, words: str) -> None:
    """Refuse a run that was made with something else than is there now."""
    if run.manifest.get(key) != value:
        allowed = f"one that this program can compute again; it was made with {words}: run it again"
        raise not_allowed("", "folder", run.folder, allowed)


def _widest_hour(runs: Sequence[SpaceFolder], city: str, hours: int) -> int:
    """Return the hour with the largest difference of protesters."""
    one, other = (rows_of(run.curves, city=city)["protesting"].to_numpy()[:hours] for run in runs)
    return int(abs(one - other).argmax())
