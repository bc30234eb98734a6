"""Rows added to a timeline from the command line: what they do, what they refuse, and that a sweep may vary them."""

from datetime import date

import numpy as np
import pytest

from experiments import load_scenario
from experiments.design.plan import make_plan
from experiments.settings.read import check_data
from sim.errors import InputError
from sim.inputs.city import EVERY_CITY
from sim.inputs.forcings import SIGNALLED, build_forcings
from sim.inputs.timeline import KINDS, LEVELS, Event, Timeline
from sim.parameters import CHANGEABLE, Forcings
from sim.world.forcing_changes import changed_timeline
from sim.world.world import OWN_SIGNALS, SIGNALS

PLACES = (("Square", "Hill"), ("Market",))


def timeline(*rows):
    """Seventy-two hours of two cities, with rows (hour, hours, city, kind, intensity, place)."""
    events = tuple(Event(*row, "", "", "", "", line) for line, row in enumerate(rows, start=2))
    return Timeline(date(2031, 5, 2), 72, ("Alvena", "Tarnel"), PLACES, events)


def added(kind, *rows, to=None):
    """Hourly arrays of a timeline to which rows were added."""
    changes = Forcings.model_validate({kind: {"add": rows}})
    return build_forcings(changed_timeline(to or timeline(), changes))


def test_a_level_lies_over_the_recorded_ones_and_ends():
    recorded = timeline((0, None, EVERY_CITY, "violence", 2.0, ""), (10, None, "Tarnel", "violence", 3.0, ""))
    violence = added("violence", {"hour": 8, "hours": 4, "value": 0.5}, to=recorded).value["violence"]
    assert violence[[7, 8, 11, 12]].tolist() == [[2, 2], [0.5, 0.5], [0.5, 0.5], [2, 3]]


def test_a_level_without_an_end_is_as_if_recorded():
    rows = (0, None, EVERY_CITY, "violence", 2.0, ""), (10, None, EVERY_CITY, "violence", 3.0, "")
    written = timeline(rows[0], (5, None, "Tarnel", "violence", 0.5, ""), rows[1])
    found = added("violence", {"hour": 5, "value": 0.5, "city": "Tarnel"}, to=timeline(*rows))
    assert np.array_equal(found.value["violence"], build_forcings(written).value["violence"])


def test_days_repeat_a_row():
    windows = added("occasion", {"hour": 20, "hours": 3, "value": 1, "days": 3}).window["occasion"]
    assert np.flatnonzero(windows.intensity[:, 0]).tolist() == [20, 21, 22, 44, 45, 46, 68, 69, 70]
    assert windows.start[45, 1] == 44 and windows.length[45, 1] == 3


def test_a_window_has_its_place_and_a_point_its_hour():
    call = added("call", {"hour": 3, "hours": 2, "value": 0.4, "city": "Alvena", "place": "Hill"}).window["call"]
    assert call.place[3:6].tolist() == [[1, -1], [1, -1], [-1, -1]]
    assert np.argwhere(added("release", {"hour": 9, "value": 0.2}).value["release"]).tolist() == [[9, 0], [9, 1]]


def test_an_added_row_is_not_changed_itself():
    row, factor = {"hour": 3, "hours": 2, "value": 1}, {"factor": 0.0, "delay_hours": 5}
    changes = Forcings.model_validate({"chain": {"add": [row], **factor}})
    assert np.flatnonzero(build_forcings(changed_timeline(timeline(), changes)).value["chain"][:, 0]).tolist() == [3, 4]


RECORDED = (20, 4, EVERY_CITY, "occasion", 1.0, ""), (30, 4, "Tarnel", "rally", 1.0, "Market")
REFUSED = [  # kind, row, what the line names, what it allows
    ("occasion", {"hour": 23, "hours": 2, "value": 1}, "hour=23", "line 2 of timeline.csv, which holds from 20 on"),
    ("occasion", {"hour": 0, "hours": 30, "value": 1, "days": 2}, "hour=0", "line 2"),
    ("chain", {"hour": 0, "hours": 30, "value": 1, "days": 2}, "hour=24", "another added row"),
    ("occasion", {"hour": 1, "value": 1}, "hours is empty", "an integer from 1 to 8784"),
    ("release", {"hour": 1, "hours": 2, "value": 1}, "hours=2", "none, since release is a point"),
    ("troops", {"hour": 1, "value": 1.5}, "value=1.5", "a number from 0 to 1"),
    ("rally", {"hour": 1, "hours": 2, "value": 1}, "place is empty", "a city and one of its places"),
    ("rally", {"hour": 1, "hours": 2, "value": 1, "city": "Tarnel", "place": "Hill"}, "place=Hill", "one of Market"),
    ("shift", {"hour": 1, "hours": 2, "value": 1, "city": "Tarnel", "place": "Hill"}, "place=Hill", "none for shift"),
    ("chain", {"hour": 1, "hours": 2, "value": 1, "city": "Tarnell"}, "city=Tarnell", "did you mean Tarnel?"),
]


@pytest.mark.parametrize(("kind", "row", "named", "allowed"), REFUSED, ids=[f"{c[0]} {c[2]}" for c in REFUSED])
def test_a_row_that_cannot_be_added_is_one_line(kind, row, named, allowed):
    with pytest.raises(ValueError) as caught:
        added(kind, row, to=timeline(*RECORDED))
    assert named in str(caught.value) and allowed in str(caught.value) and f"forcings.{kind}.add" in str(caught.value)


def test_a_city_may_have_its_own_beside_that_of_all():
    occasion = added("occasion", {"hour": 22, "hours": 4, "value": 0.5, "city": "Tarnel"}, to=timeline(RECORDED[0]))
    assert np.flatnonzero(occasion.value["occasion"][:, 1]).tolist() == [22, 23, 24, 25]  # replaces it as a whole


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("forcings.troops.add=[{hour: 20, value: 2}]", "forcings.troops.add: value=2.0 is not allowed"),
        ("forcings.troops.add=[{hour: 20}]", "forcings.troops.add.0.value is missing"),
        ("forcings.troops.add=[{hour: 20, value: much}]", "forcings.troops.add.0.value=much is not allowed: a number"),
        ("forcings.troops.add=[{hour: 20, valu: 1}]", "forcings.troops.add.0"),
        ("forcings.troops.add=20", "forcings.troops.add=20 is not allowed: a list"),
        ("forcings.trops.add=[]", "did you mean forcings.troops.add?"),
        ("forcings.occasion.add=[{hour: 20, hours: 4, value: 1}]", "line 9 of timeline.csv"),
    ],
)
def test_from_the_command_line_in_one_line(word, told):
    with pytest.raises(InputError) as caught:
        check_data(load_scenario("minsk_2020", word))
    assert told in str(caught.value)


def test_a_sweep_may_vary_them():
    row = {"hour": 20, "hours": 8, "value": 1, "days": 2}
    words = "{hour: 20, hours: 8, value: 1, days: 2}"
    plan = make_plan(["scenario=vyraj", f"forcings.troops.add=[],[{words}]", "replicates=2"])
    assert [len(plan.at(point).forcings.of("troops").add) for point in plan.points] == [0, 1]
    assert plan.at(plan.points[1]).forcings.of("troops").add[0].model_dump(exclude={"city", "place"}) == row
    assert len(set(plan.point_hashes)) == 2


def test_every_kind_follows_from_the_table():
    assert set(CHANGEABLE) == set(KINDS) - {"fact"} == set(Forcings.model_fields) - {"closed_places"}
    arrays = build_forcings(timeline())
    assert set(arrays.value) == set(CHANGEABLE) and set(LEVELS) <= set(SIGNALLED) <= set(SIGNALS.names)
    assert all(kind.meaning for kind in KINDS.values())
    assert not {name for name in KINDS if name in dict(OWN_SIGNALS)} - set(SIGNALLED) - {"appeal"}
