"""Events that contradict each other, and leaders who are several."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from sim import run
from sim.errors import InputError
from sim.inputs.forcings import build_forcings
from sim.inputs.timeline import load_timeline

HEAD = "date,hour,hours,city,kind,intensity,place,label,note,source,confidence,who\n"
DAY = "2031-05-02,{},{},{},{},{},,,,x,assumption,{}".format


def timeline(tmp_path, *lines):
    (tmp_path / "timeline.csv").write_text(HEAD + "".join(f"{line}\n" for line in lines))
    places = {"A": (), "B": ()}
    return load_timeline(tmp_path / "timeline.csv", ["A", "B"], places, date(2031, 5, 2), 24)


def row(hour, kind, intensity, hours="", city="all", who=""):
    return DAY(hour, hours, city, kind, intensity, who)


@pytest.mark.parametrize(
    ("rows", "line"),
    [
        ([row(8, "announcement", 0.8), row(9, "announcement", 0.7, city="A")],
         "line 3: kind=announcement is not allowed twice for A: line 2 announces the result"),
        ([row(9, "concession", 0), row(12, "concession", 0.5)],
         "line 2: kind=concession is not allowed to be 0 in hour 9 for A: nothing was made that could be taken back"),
        ([row(12, "guarantee", 0.5, city="A"), row(14, "guarantee", 0)],
         "line 3: kind=guarantee is not allowed to be 0 in hour 14 for B: nothing was made"),
        ([row(3, "exile", 1), row(9, "leader_detained", 1, 4)],
         "line 3: kind=leader_detained is not allowed in hour 9 for A: the leader is in exile since line 2"),
        ([row(9, "leader_detained", 1, 4, who="B."), row(3, "exile", 1, who="B.")],
         "line 2: kind=leader_detained is not allowed in hour 9 for A: B. is in exile since line 3"),
    ],
)  # fmt: skip
def test_contradictions_are_refused(tmp_path, rows, line):
    with pytest.raises(InputError, match=line):
        timeline(tmp_path, *rows)


@pytest.mark.parametrize(
    "rows",
    [
        [row(0, "concession", 0), row(12, "concession", 0.5), row(20, "concession", 0)],
        [row(3, "exile", 1), row(9, "leader_detained", 1, 4, who="another")],
        [row(9, "leader_detained", 1, 4), row(20, "exile", 1)],
        [row(9, "leader_detained", 1, 4), row(9, "leader_detained", 1, 6, who="another")],
    ],
)
def test_what_agrees_is_read(tmp_path, rows):
    assert len(timeline(tmp_path, *rows).events) == len(rows)


def test_added_rows_may_not_contradict_either(settings, changed):
    """A concession recorded may be left out, by value 0; one that was never made may not be taken back."""
    parameters = settings("vyraj", {"persons_per_agent": 2000, "hours": 30})
    with pytest.raises(InputError, match=r"forcings.concession.add: kind=concession is not allowed to be 0 in hour 20"):
        run(changed(parameters, {"forcings.concession.add": [{"hour": 20, "value": 0.0}]}))
    with pytest.raises(InputError, match=r"forcings.announcement.add: .* twice for Alvena: line 4 announces"):
        run(changed(parameters, {"forcings.announcement.add": [{"hour": 24, "value": 0.6}]}))
    made = {"hour": 20, "value": 0.5, "hours": 4}
    assert run(changed(parameters, {"forcings.concession": {"add": [made], "value": 0.0}}))


def test_moved_rows_may_not_contradict_either(settings, changed):
    """Exile moved before the detention is refused, unless the detention is left out."""
    parameters = settings("minsk_2020", {"persons_per_agent": 4000, "hours": 20})
    moved = {"forcings.exile.delay_hours": -24}
    with pytest.raises(InputError, match=r"kind=leader_detained is not allowed in hour 38 for Minsk: the leader is in"):
        run(changed(parameters, moved))
    assert run(changed(parameters, moved | {"forcings.leader_detained.value": 0.0}))
    with pytest.raises(InputError, match=r"kind=concession is not allowed to be 0"):
        of_vyraj = settings("vyraj", {"persons_per_agent": 2000, "hours": 30})
        taken_back = [{"hour": 20, "value": 0.5}, {"hour": 24, "value": 0.0}]
        assert run(changed(of_vyraj, {"forcings.concession.add": taken_back}))
        run(changed(of_vyraj, {"forcings.concession.add": taken_back[1:]}))


# --- several leaders ---


def test_a_call_is_silenced_with_the_one_who_calls(tmp_path):
    """The leader is held from 8 and in exile from 14; the channel calls in B all day, the leader in A."""
    loaded = timeline(tmp_path, row(8, "leader_detained", 1, 4), row(14, "exile", 1),
                      row(6, "call", 0.8, 12, "A"), row(6, "call", 0.8, 12, "B", "channel"))  # fmt: skip
    forcings = build_forcings(loaded)
    hours = np.arange(24)
    np.testing.assert_array_equal(forcings.is_detained[:, 0], (hours >= 8) & (hours < 12))
    np.testing.assert_array_equal(forcings.is_exiled[:, 0], hours >= 14)
    own = (hours >= 6) & (hours < 18)
    assert not forcings.is_detained[own, 1].any() and not forcings.is_exiled[own, 1].any()


def test_a_channel_that_is_silenced(tmp_path):
    loaded = timeline(tmp_path, row(8, "leader_detained", 1, 4, who="channel"),
                      row(6, "call", 0.8, 12, "A"), row(6, "call", 0.8, 12, "B", "channel"))  # fmt: skip
    assert build_forcings(loaded).is_detained.sum(axis=0).tolist() == [0, 4]


def test_only_calls_and_leaders_have_a_name(tmp_path):
    with pytest.raises(InputError, match="who=me is not allowed: blank: call, leader_detained, exile have a leader"):
        timeline(tmp_path, row(8, "occasion", 1, 4, who="me"))
