"""Rows of a timeline that repeat or end, the one announcement, and long timelines."""

import time
from datetime import date

import numpy as np
import pytest

from experiments.settings.lasting import tell_of_end
from sim.errors import InputError
from sim.inputs.timeline import level_series, load_timeline, window_series

HEADER = "date,hour,hours,city,kind,intensity,place,label,note,source,confidence,repeat,until\n"
START = date(2031, 5, 2)  # a Friday


def timeline(folder, rows, hours=24 * 60, cities=("A",)):
    lines = [f"{day},{hour},{length},{city},{kind},{value},,,,x,assumption,{repeat},{until}\n"
             for day, hour, length, city, kind, value, repeat, until in rows]  # fmt: skip
    (folder / "timeline.csv").write_text(HEADER + "".join(lines))
    return load_timeline(folder / "timeline.csv", cities, {"A": (), "B": ()}, START, hours)


def test_eight_sundays_are_one_row(tmp_path):
    found = timeline(tmp_path, [("2031-05-04", 14, 3, "all", "occasion", 1, "weekly", "2031-06-22")])
    hours = np.flatnonzero(window_series(found, "occasion").intensity[:, 0])
    assert hours.tolist() == [62 + 168 * week + h for week in range(8) for h in range(3)]
    daily = timeline(tmp_path, [("2031-05-02", 9, 1, "A", "shift", 1, "daily", "2031-05-04")])
    assert np.flatnonzero(window_series(daily, "shift").intensity[:, 0]).tolist() == [9, 33, 57]


def test_levels_end_and_what_held_before_holds_again(tmp_path):
    rows = [("2031-05-02", 0, "", "all", "repression", 0.5, "", ""),
            ("2031-05-03", 6, 4, "A", "repression", 2, "daily", "2031-05-03"),
            ("2031-05-04", 12, "", "all", "repression", 3, "", "2031-05-05"),
            ("2031-05-10", 0, 2, "all", "repression", 4, "weekly", "2031-05-17")]  # fmt: skip
    found = level_series(timeline(tmp_path, rows), "repression")[:, 0]
    expected = np.full(24 * 60, 0.5)
    for first, end, value in ((30, 34, 2), (60, 96, 3), (192, 194, 4), (360, 362, 4)):
        expected[first:end] = value
    assert np.array_equal(found, expected)


def test_both_columns_may_be_left_out(tmp_path):
    row = "2031-05-02,3,,A,troops,1,,,,x,memory\n"
    (tmp_path / "timeline.csv").write_text(HEADER.replace(",repeat,until", "") + row)
    found = load_timeline(tmp_path / "timeline.csv", ("A",), {"A": ()}, START, 6)
    assert level_series(found, "troops")[:, 0].tolist() == [0, 0, 0, 1, 1, 1]


@pytest.mark.parametrize(("row", "told"), [
    (("2031-05-02", 9, 1, "A", "shift", 1, "weekley", "2031-05-09"), "did you mean weekly?"),
    (("2031-05-02", 9, 1, "A", "shift", 1, "daily", ""), "until is empty: the last day on which a daily row begins"),
    (("2031-05-02", 9, 1, "A", "shift", 1, "", "2031-05-09"), "until=2031-05-09 is not allowed: blank, since shift"),
    (("2031-05-02", 9, 1, "A", "shift", 1, "daily", "2031-05-01"), "until=2031-05-01 is not allowed: 2031-05-02 or"),
    (("2031-05-02", 9, 1, "A", "shift", 1, "daily", "3031-05-01"), "a day before 10,000 repetitions"),
    (("2031-05-02", 9, 1, "A", "shift", 1, "daily", "soon"), "until=soon is not allowed: a day written like"),
    (("2031-05-02", 9, "", "A", "repression", 1, "daily", "2031-05-09"), "levels that end after some hours"),
    (("2031-05-02", 9, "", "A", "repression", 1, "", "2031-05-01"), "until=2031-05-01 is not allowed: 2031-05-02 or"),
    (("2031-05-02", 9, 30, "A", "shift", 1, "daily", "2031-05-09"), "kind=shift for A overlaps with line 2"),
    (("2031-05-02", 9, "", "A", "announcement", 0.8, "daily", "2031-05-09"), "blank for announcement"),
])  # fmt: skip
def test_what_is_not_allowed_is_told_with_its_line(tmp_path, row, told):
    with pytest.raises(InputError, match=r"timeline\.csv line 2: ") as caught:
        timeline(tmp_path, [row])
    assert told in str(caught.value)


def test_the_result_is_announced_once(tmp_path):
    one, other = (("2031-05-02", hour, "", "all", "announcement", 0.8, "", "") for hour in (20, 22))
    with pytest.raises(InputError, match=r"line 3: kind=announcement is not allowed twice for A: line 2"):
        timeline(tmp_path, [one, other])
    with pytest.raises(InputError, match="not allowed twice for A"):
        timeline(tmp_path, [one, ("2031-05-02", 22, "", "A", "announcement", 0.8, "", "")])
    own = ("2031-05-02", 20, "", "A", "announcement", 0.7, "", "")  # the city's own, in place of that for all
    assert window_series(timeline(tmp_path, [one, own]), "announcement").intensity[20, 0] == 0.7


def test_levels_that_hold_on_after_the_last_row_are_told(tmp_path, capsys):
    rows = [("2031-05-02", 0, "", "all", "repression", 0.5, "", "")]
    tell_of_end(timeline(tmp_path, rows, hours=24))
    assert capsys.readouterr().err == ""
    tell_of_end(timeline(tmp_path, rows, hours=72))
    told = capsys.readouterr().err
    assert "no rows for the last 71 hours" in told and "repression=0.5" in told and told.count("\n") == 1
    tell_of_end(timeline(tmp_path, [(*rows[0][:7], "2031-05-02")], hours=72))
    assert capsys.readouterr().err == ""


def test_a_hundred_thousand_rows_take_no_square_of_them(tmp_path):
    """Eight times the rows take about eight times as long; a square of them would take 64 times as long."""
    def seconds(n):
        rows = [(date.fromordinal(START.toordinal() + k // 24), k % 24, 1, "all" if k % 2 else "A", "shift", 1, "", "")
                for k in range(n)]  # fmt: skip
        began = time.process_time()
        window_series(timeline(tmp_path, rows, hours=30000), "shift")
        return time.process_time() - began

    seconds(100)
    assert min(seconds(32_000) for _ in range(2)) < 24 * min(seconds(4_000) for _ in range(3))
