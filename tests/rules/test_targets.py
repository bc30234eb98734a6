"""Targets as reports with an error model: columns that may be left out, and what is refused."""

import math
from datetime import date
from importlib.resources import files
from pathlib import Path

import pytest

from sim.errors import InputError
from sim.inputs.targets import load_targets

DATA = Path(str(files("conf"))) / "data"
START = date(2031, 5, 2)
HEADER = "city,outcome,statistic,date_from,hour_from,date_to,hour_to,low,high,informative,note,source,confidence"
WINDOW = "Alvena,protesting,peak,2031-05-04,6,2031-05-05,0"


@pytest.fixture
def read(tmp_path):
    """Read targets of made-up rows: low, high, and the three columns."""
    for name in ("cities.csv", "places.csv"):
        (tmp_path / name).write_text((DATA / "vyraj" / name).read_text(encoding="utf-8"), encoding="utf-8")

    def targets(*rows, extra=",error,log_sd,counted_by"):
        lines = [f"{WINDOW},{low},{high},yes,,made up,assumption{rest}" for low, high, rest in rows]
        (tmp_path / "targets.csv").write_text("\n".join([HEADER + extra, *lines]), encoding="utf-8")
        return load_targets(tmp_path, ("Alvena",), START)

    return targets


def test_without_the_columns_a_row_is_what_it_was(read):
    figure, span = read((5000, 5000, ""), (500, 12000, ""), extra="")
    assert (figure.error_model, figure.spread) == ("count", 0.4)
    assert (span.error_model, span.spread) == ("range", 0.2)


def test_a_row_says_its_error_model(read):
    more, police = read((20000, 90000, ",more_than,,organisers"), (9000, 9000, ",count,.25,police"))
    assert (more.error_model, more.spread, more.counted_by) == ("more_than", 0.2, "organisers")
    assert (police.error_model, police.spread, police.counted_by) == ("count", 0.25, "police")
    assert more.crowd == police.crowd == "Alvena.protesting.peak.54-72"


def test_a_ministrys_count_scatters_more(read):
    (row,) = read((5000, 5000, ",,,"))
    assert math.isclose(row.spread, 0.4)
    ministry = [t for t in load_targets(DATA / "belarus_2020", ("Minsk",), date(2020, 8, 9)) if "ministry" in t.outcome]
    assert [t.spread for t in ministry] == [0.5]


@pytest.mark.parametrize(
    "row, message",
    [
        ((1, 2, ",sd,,"), "error=sd is not allowed: one of"),
        ((1, 2, ",count,,"), "error=count is not allowed: count where low = high"),
        ((2, 2, ",more_than,,"), "error=more_than is not allowed: count where low = high"),
        ((2, 2, ",,0,"), "log_sd=0 is not allowed: a number from 0.01 to 3"),
        ((2, 2, ",,,polise"), "counted_by=polise is not allowed"),
    ],
)
def test_a_wrong_error_model_is_refused(read, row, message):
    with pytest.raises(InputError) as found:
        read(row)
    assert message in str(found.value) and "targets.csv line 2" in str(found.value)
