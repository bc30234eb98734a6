"""Prints who changed their mind between two runs, and what tipped them."""

from __future__ import annotations

from collections.abc import Sequence

from experiments.analysis.changed_people import Changed, why_tables
from experiments.printing.console import make_console
from experiments.printing.run_table import _plain, _table, persons

MOST_ROWS = 8
ORDER = ("Inputs were replaced in the order in which the decision reads them and in the opposite one; "
         "a term is the mean of both.")  # fmt: skip


def summary(people: Sequence[Changed], first: str, second: str) -> str:
    """Say in a sentence or two how many changed their mind, and what tipped most of them."""
    joins, leaves = (sum(each.persons for each in people if each.joins is way) for way in (True, False))
    name, *both = why_tables(people)["Tipped by"][0]
    return (f"{persons(joins)} persons protest in the {second} run who do not in the {first}; the other way round "
            f"{persons(leaves)}. Most often it was: {name} ({persons(sum(both))} persons).")  # fmt: skip


def print_why(people: Sequence[Changed], city: str, hour: int) -> None:
    """Print the changed people by input, group and home."""
    console = make_console()
    if not people:
        console.print(_plain(f"{city}, hour {hour}: nobody protests in one run and not in the other"))
        return
    console.print(_plain(f"{city}, hour {hour}: persons who choose to protest in one run and not in the other"))
    console.print(_plain(summary(people, "first", "second")))
    for title, rows in why_tables(people).items():
        table = _table("", title, "first run only", "second run only")
        for name, first, second in rows[:MOST_ROWS]:
            table.add_row(_plain(name), persons(first), persons(second))
        console.print(table)
        if len(rows) > MOST_ROWS:
            console.print(f"and {len(rows) - MOST_ROWS} more")
    console.print(ORDER)
