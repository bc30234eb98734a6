"""``ploshcha why``: who changed their mind between two runs of the same people, and what tipped them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from experiments.commands.options import folders_and_settings, whole_number
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
    from experiments.analysis.again import changed_between
    from experiments.printing.why_table import print_why
    from experiments.store.space_folder import read_space_folder

    runs = [read_space_folder(folder) for folder in folders]
    print_why(*changed_between(runs, own.get("city"), whole_number(own, "hour")))
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
