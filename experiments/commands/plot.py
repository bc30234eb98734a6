"""``ploshcha plot``: the figures and the table of a sweep again."""

from __future__ import annotations

from collections.abc import Sequence

from experiments.commands.folder import folder_of, refuse_more
from experiments.one_sweep import summarise
from experiments.store.files import told_if_unwritable
from experiments.store.sweep_folder import check_sweep, plan_of

HELP = """\
usage: ploshcha plot DIR

Draw the figures of a sweep again, finished or not, and print its table.
"""


def main(arguments: Sequence[str]) -> int:
    """Run ``ploshcha plot``."""
    found = folder_of(HELP, arguments)
    if found is None:
        return 0
    folder = check_sweep(found[0])
    refuse_more(found[1])
    plan = plan_of(folder)
    with told_if_unwritable(folder, "folder"):
        lines = summarise(folder, plan)
    for line in lines:
        print(line)
    print(f"figures written to {folder / 'figures'}")
    return 0
