"""``ploshcha why``: who changed their mind between two runs of the same people, and what tipped them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from experiments.commands.options import folders_and_settings, whole
from sim.errors import InputError, not_allowed

HELP = """\
usage: ploshcha why DIR DIR2 [city=NAME] [hour=H]

Print who chooses to protest in one of two runs of the same people and not in
the other, by group, by home, and by the input of the decision that tipped them.
Both folders are of ploshcha run with space=true; both runs are computed again
up to the hour, so the program must be the one that wrote them. Nothing is
written. The choice is the one before the police act.

settings
  city=NAME     default the first city
  hour=H        from 0; default the hour with the largest difference of
                protesters in the city

How it is decomposed: in the order in which the decision reads them, inputs of
the first run are replaced by those of the second one after the other, and once
more in the opposite order; a term is the mean of both. The terms of a person
add up to the change of index minus luck. The input that tipped somebody is the
one with the largest term in the direction of the change.

example
  ploshcha why results/august results/without city=Minsk hour=92
"""


def main(arguments: Sequence[str]) -> int:
    """Run the command; return the exit code."""
    if any(word in ("-h", "--help") for word in arguments):
        print(HELP, end="")
        return 0
    folders, own = split(arguments)
    from experiments.printing.why_table import print_why

    print_why(*why(folders, own))
    return 0


def split(arguments: Sequence[str]) -> tuple[list[Path], dict[str, str]]:
    """Tell the two folders from the settings.

    Raises
    ------
    InputError
        There are not exactly two folders, or there is another word.
    """
    folders, own = folders_and_settings(arguments, ("city", "hour"), "city=NAME, hour=H")
    if len(folders) < 2:
        raise InputError("folder is missing: name the folders of two runs that were made with space=true")
    if len(folders) > 2:
        raise not_allowed("", "folder", folders[2], "two folders")
    return folders, own


def why(folders: Sequence[Path], own: dict[str, str]) -> tuple[Any, str, int]:
    """Compute both runs again up to the hour; return the changed people, the city and the hour."""
    from experiments.analysis.changed_people import changed_people
    from experiments.store.space_folder import check_city, check_same_people, read_space_folder

    runs = [read_space_folder(folder) for folder in folders]
    city = check_city(runs[0], own.get("city", runs[0].cities[0]))
    check_same_people(*runs)
    hours = min(run.hours for run in runs)
    hour = whole("hour", own["hour"], 0, hours - 1) if "hour" in own else _widest_hour(runs, city, hours)
    parameters = [parameters_again(run) for run in runs]
    return changed_people(parameters, runs[0].cities.index(city), hour), city, hour


def parameters_again(run: Any) -> Any:
    """Return the parameters with which a run can be computed again.

    Raises
    ------
    InputError
        The program, the data or the rules are not those that made the run, or its settings are none.
    """
    from pydantic import ValidationError

    from experiments.store.provenance import code_hash, data_hash
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


def _check_made(run: Any, key: str, value: Any, words: str) -> None:
    """Refuse a run that was made with something else than is there now."""
    if run.manifest.get(key) != value:
        allowed = f"one that this program can compute again; it was made with {words}: run it again"
        raise not_allowed("", "folder", run.folder, allowed)


def _widest_hour(runs: Sequence[Any], city: str, hours: int) -> int:
    """Return the hour with the largest difference of protesters."""
    from experiments.store.space_folder import rows_of

    one, other = (rows_of(run.curves, city=city)["protesting"].to_numpy()[:hours] for run in runs)
    return int(abs(one - other).argmax())
