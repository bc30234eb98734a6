"""The people of a city who protest in one of two runs and not in the other, with what tipped them."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from agents.vocabulary import Activity
from experiments.analysis.changed_minds import Tipped, explain
from experiments.analysis.input_labels import ELSEWHERE, input_label
from experiments.analysis.moment import moment_of
from sim.world.space import cell_centres

RING_KM = 2


class Changed(NamedTuple):
    """One agent who protests in one run only; `tipped` is None where no index tells why."""

    key: int  # of the draws
    persons: float
    group: str
    home: str
    joins: bool  # out in the second run; False: in the first
    other_activity: str  # what is chosen in the run without protest
    tipped: Tipped | None

    @property
    def term(self) -> str:
        """The input that tipped this person, in words; or what is done in the other run, where no index tells."""
        return input_label(self.tipped.term) if self.tipped else ELSEWHERE[self.other_activity]


def changed_people(parameters: Sequence[Any], city: int, hour: int) -> list[Changed]:
    """Compute two runs of the same people up to an hour and return who changed their mind."""
    (world, first), (_, second) = (moment_of(each, city, hour) for each in parameters)
    if first is None or second is None:  # nobody had anything to decide
        return []
    is_out = [moment.choice == Activity.PROTESTING for moment in (first, second)]
    east, north = cell_centres(world.cities[city])
    found = []
    for i in np.flatnonzero(is_out[0] != is_out[1]).tolist():
        group, cell = int(first.columns["employer"][i]), int(first.columns["home_cell"][i])
        joins = bool(is_out[1][i])
        other = int((first if joins else second).choice[i])
        found.append(Changed(
            int(world.person0[city]) + int(first.rows[i]), float(world.groups.weight[group]),
            group_name(world, group), home_name(float(east[cell]), float(north[cell])), joins,
            Activity(other).name.lower(), explain((first, second), i),
        ))  # fmt: skip
    return found


def group_name(world: Any, group: int) -> str:
    """Return who a group's people work for: a plant by its name, the state, or anybody else."""
    plant, city = int(world.groups.plant[group]), int(world.groups.city[group])
    if plant >= 0:
        return str(world.cities[city].plants[plant].name)
    return "other state sector" if world.groups.is_state[group] else "everybody else"


def home_name(east_m: float, north_m: float) -> str:
    """Return how far a home lies from the centre of the city, in rings of two kilometres."""
    inner = int(math.hypot(east_m, north_m) / 1000 // RING_KM) * RING_KM
    return f"{inner} to {inner + RING_KM} km from the centre"


def why_tables(people: Sequence[Changed]) -> dict[str, list[tuple[str, float, float]]]:
    """Return the changed people by the input that tipped them, by group and by home (nearest first), as `totals`."""
    return {"Tipped by": totals(people, lambda each: each.term), "Group": totals(people, lambda each: each.group),
            "Home": sorted(totals(people, lambda each: each.home), key=lambda row: int(row[0].partition(" ")[0]))}


def totals(people: Sequence[Changed], of: Callable[[Changed], str]) -> list[tuple[str, float, float]]:
    """Return (name, persons out in the first run only, persons out in the second only), most persons first."""
    sums: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for person in people:
        sums[of(person)][person.joins] += person.persons
    return sorted(((name, *both) for name, both in sums.items()), key=lambda row: (-row[1] - row[2], row[0]))  # type: ignore[misc]
