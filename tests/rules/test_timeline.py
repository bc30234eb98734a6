"""Loaders of the scenario files: what they read, how levels and windows unfold, and what they refuse."""

import shutil
from datetime import date
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.errors import InputError, nearest
from sim.inputs.city import country_adults, load_cities, load_place_names
from sim.inputs.targets import OUTCOMES, load_targets
from sim.inputs.timeline import (
    KINDS,
    closed_sites,
    level_series,
    load_timeline,
    window_series,
)

DATA = Path(str(files("conf"))) / "data"
BELARUS, VYRAJ = DATA / "belarus_2020", DATA / "vyraj"
EIGHT = ("Minsk", "Brest", "Gomel", "Grodno", "Mogilev", "Vitebsk", "Soligorsk", "Zhodino")
TWO = ("Alvena", "Tarnel")
START = date(2031, 5, 2)
HEADER = "date,hour,hours,city,kind,intensity,place,label,note,source,confidence\n"
PLACES = {"Alvena": ("Square", "Hill"), "Tarnel": ("Market",), "Elsewhere": ()}


def timeline_of(tmp_path, *rows, cities=TWO, hours=72):
    """Load a timeline of these rows, written without their source and confidence."""
    path = tmp_path / "timeline.csv"
    path.write_text(HEADER + "".join(row + ",invented,assumption\n" for row in rows), encoding="utf-8")
    return load_timeline(path, cities, PLACES, START, hours)


def folder_with(tmp_path, name, old, new):
    """Copy the fictional data with one piece of one file replaced."""
    folder = tmp_path / "data"
    shutil.copytree(VYRAJ, folder)
    text = (folder / name).read_text(encoding="utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new, 1), encoding="utf-8")
    return folder


def message_of(call, *arguments):
    """Return the message of the InputError that the call raises: one line, no more."""
    with pytest.raises(InputError) as caught:
        call(*arguments)
    assert len(str(caught.value).splitlines()) == 1
    return str(caught.value)


# ---- the shipped scenarios


def test_belarus_cities_hold_the_sourced_figures():
    cities = {city.name: city for city in load_cities(BELARUS, EIGHT)}
    assert tuple(cities) == EIGHT
    assert cities["Minsk"].population == 2_020_600
    assert cities["Minsk"].adults == round(2_020_600 * 0.79)
    plants = {plant.name: plant.employees for city in cities.values() for plant in city.plants}
    assert (plants["MTZ"], plants["MAZ"]) == (15_753, 15_599)
    assert plants["Grodno Azot"] == 7_475
    assert sum(city.street_officers for city in cities.values()) == 8_480
    assert [city.name for city in cities.values() if city.is_capital] == ["Minsk"]
    # the eight hold 44 % of the country (MODEL.md section 3)
    share = sum(city.adults for city in cities.values()) / country_adults(BELARUS)
    assert share == pytest.approx(0.44, abs=0.005)


def test_belarus_week_has_its_facts():
    week = load_timeline(BELARUS / "timeline.csv", EIGHT, load_place_names(BELARUS), date(2020, 8, 9), 192)
    connectivity = level_series(week, "connectivity")
    assert (
        (connectivity[:8] == 1).all() and (connectivity[8:78] == 0.2).all() and (connectivity[78:] == 1).all()
    )
    assert (level_series(week, "repression")[4 * 24 + 6 :] == 0).all()
    announcement = window_series(week, "announcement").intensity
    assert (announcement[20] == 0.801).all() and announcement.sum() == pytest.approx(0.801 * len(EIGHT))
    called = window_series(week, "call")
    stela = load_place_names(BELARUS)["Minsk"].index("Stela")
    assert called.place[7 * 24 + 14, 0] == stela and called.start[7 * 24 + 14, 0] == 7 * 24 + 14
    assert (called.intensity[7 * 24 + 14] > 0).all()
    # the coerced video is a call that nobody believes
    assert (called.length[2 * 24 + 14] == 10).all() and (called.intensity[2 * 24 + 14] == 0).all()


def test_belarus_has_nothing_after_the_week():
    week = load_timeline(BELARUS / "timeline.csv", EIGHT, load_place_names(BELARUS), date(2020, 8, 9), 192)
    assert max(event.hour for event in week.events) < 192
    assert all(target.hour_to <= 192 for target in load_targets(BELARUS, EIGHT, date(2020, 8, 9)))


def test_one_city_uses_the_folder_of_eight():
    (minsk,) = load_cities(BELARUS, ["Minsk"])
    assert minsk == load_cities(BELARUS, EIGHT)[0]
    week = load_timeline(
        BELARUS / "timeline.csv", ["Minsk"], load_place_names(BELARUS), date(2020, 8, 9), 192
    )
    assert {event.city for event in week.events} == {"all", "Minsk"}
    assert {target.city for target in load_targets(BELARUS, ["Minsk"], date(2020, 8, 9))} == {"Minsk"}


@pytest.mark.parametrize("folder, names, start", [(BELARUS, EIGHT, date(2020, 8, 9)), (VYRAJ, TWO, START)])
def test_every_file_of_a_scenario_loads(folder, names, start):
    cities = load_cities(folder, names)
    places = load_place_names(folder)
    assert {city.name: tuple(place.name for place in city.places) for city in cities} == {
        name: places[name] for name in names
    }
    week = load_timeline(folder / "timeline.csv", names, places, start, 72)
    for kind, declared in KINDS.items():
        if declared.shape == "level":
            assert level_series(week, kind).shape == (72, len(names))
        elif declared.shape != "fact":
            assert window_series(week, kind).intensity.shape == (72, len(names))
    assert {target.outcome for target in load_targets(folder, names, start)} <= set(OUTCOMES)


# ---- levels and windows


def test_levels_hold_until_the_next_row(tmp_path):
    timeline = timeline_of(
        tmp_path,
        "2031-05-01,12,,all,violence,2,,,",  # before hour 0: holds at hour 0
        "2031-05-02,3,,Tarnel,violence,4,,,",
        "2031-05-02,3,,all,violence,3,,,",  # same hour, written later: Tarnel keeps its own
        "2031-05-02,5,,all,violence,0.5,,,",
    )
    violence = level_series(timeline, "violence")
    assert violence[:3].tolist() == [[2, 2]] * 3
    assert violence[3:5].tolist() == [[3, 4]] * 2
    assert (violence[5:] == 0.5).all()


def test_levels_start_from_their_defaults(tmp_path):
    timeline = timeline_of(tmp_path, "2031-05-09,0,,all,troops,1,,,")  # after the last hour
    changed = {"connectivity": 1.0, "violence": 1.0, "term_hours": 60.0}
    for kind, declared in KINDS.items():
        if declared.shape == "level":
            assert (level_series(timeline, kind) == changed.get(kind, 0.0)).all()


def test_windows_carry_place_start_and_length(tmp_path):
    timeline = timeline_of(
        tmp_path,
        "2031-05-02,2,2,Alvena,call,0.7,,,",
        "2031-05-01,22,4,Alvena,call,0.5,Hill,,",  # before hour 0, until the one above begins
        "2031-05-02,4,1,Alvena,call,0.2,Square,,",  # begins where the first ends
        "2031-05-04,22,9,Tarnel,call,0,Market,,",  # runs beyond the last hour
    )
    call = window_series(timeline, "call")
    assert call.intensity[:6, 0].tolist() == [0.5, 0.5, 0.7, 0.7, 0.2, 0]
    assert call.place[:6, 0].tolist() == [1, 1, -1, -1, 0, -1]
    assert call.start[:6, 0].tolist() == [-2, -2, 2, 2, 4, 0]
    assert call.length[:6, 0].tolist() == [4, 4, 2, 2, 1, 0]
    assert call.length[69:, 1].tolist() == [0, 9, 9] and call.place[70, 1] == 0
    assert (call.intensity[:, 1] == 0).all()


def test_a_citys_own_window_replaces_those_for_all(tmp_path):
    timeline = timeline_of(
        tmp_path,
        "2031-05-02,18,6,all,occasion,1,,,",
        "2031-05-02,14,5,Tarnel,occasion,0.5,,,",
        "2031-05-03,18,6,all,occasion,1,,,",
    )
    occasion = window_series(timeline, "occasion")
    assert np.flatnonzero(occasion.intensity[:, 0]).tolist() == [*range(18, 24), *range(42, 48)]
    assert np.flatnonzero(occasion.intensity[:, 1]).tolist() == [*range(14, 19), *range(42, 48)]


def test_a_point_lasts_one_hour(tmp_path):
    release = window_series(timeline_of(tmp_path, "2031-05-02,9,,all,release,0.25,,,"), "release")
    assert np.argwhere(release.intensity).tolist() == [[9, 0], [9, 1]]
    assert (release.length[9] == 1).all()


def test_closed_sites_counts_places_through_the_cities(tmp_path):
    timeline = timeline_of(
        tmp_path,
        "2031-05-02,1,2,Alvena,closure,1,Square,,",
        "2031-05-02,2,2,Alvena,closure,1,Hill,,",  # another place may be closed at once
        "2031-05-02,0,1,Tarnel,closure,1,Market,,",
    )
    assert np.argwhere(closed_sites(timeline)).tolist() == [[0, 2], [1, 0], [2, 0], [2, 1], [3, 1]]


@settings(deadline=None, max_examples=50)
@given(st.lists(st.tuples(st.integers(-30, 90), st.integers(1, 12)), max_size=6))
def test_windows_equal_hour_by_hour_search(tmp_path_factory, spans):
    """Unfolding gives what a search through the rows gives, and refuses exactly the overlaps."""
    hours = [hour for start, length in spans for hour in range(start, start + length)]
    rows = []
    for start, length in spans:
        day = date.fromordinal(START.toordinal() + start // 24)
        rows.append(f"{day},{start % 24},{length},all,chain,0.5,,,")
    tmp_path = tmp_path_factory.mktemp("windows")
    if len(set(hours)) < len(hours):
        assert "overlaps" in message_of(timeline_of, tmp_path, *rows)
        return
    chain = window_series(timeline_of(tmp_path, *rows), "chain")
    for hour in range(72):
        found = [span for span in spans if span[0] <= hour < sum(span)]
        assert chain.intensity[hour].tolist() == [0.5 * len(found)] * 2
        assert (chain.start[hour, 0], chain.length[hour, 0]) == (found[0] if found else (0, 0))


def test_asking_for_the_wrong_shape_is_a_programming_error(tmp_path):
    timeline = timeline_of(tmp_path)
    with pytest.raises(ValueError, match="violence is a level"):
        window_series(timeline, "violence")
    with pytest.raises(ValueError, match="call is a window"):
        level_series(timeline, "call")


# ---- what is refused


@pytest.mark.parametrize(
    "row, message",
    [
        ("2031-05-02,25,,all,troops,1,,,", "hour=25 is not allowed: an integer from 0 to 23"),
        ("2031-05-02,1.5,,all,troops,1,,,", "hour=1.5 is not allowed: an integer from 0 to 23"),
        ("2031-05-02,,,all,troops,1,,,", "hour is empty: an integer from 0 to 23"),
        ("2031-02-30,1,,all,troops,1,,,", "date=2031-02-30 is not allowed: a day written like 2020-08-09"),
        ("20310502,1,,all,troops,1,,,", "date=20310502 is not allowed"),
        ("2031-05-02,1,,all,troops,2,,,", "intensity=2 is not allowed: a number from 0 to 1"),
        ("2031-05-02,1,,all,troops,nan,,,", "intensity=nan is not allowed"),
        ("2031-05-02,1,,all,troops,1_0,,,", "intensity=1_0 is not allowed"),
        ("2031-05-02,1,,all,troops,,,,", "intensity is empty"),
        ("2031-05-02,1,,all,subscribers,-1,,,", "intensity=-1 is not allowed: a number from 0 to"),
        ("2031-05-02,1,,all,term_hours,0,,,", "intensity=0 is not allowed: a number from 1 to 360"),
        ("2031-05-02,1,,all,trops,1,,,", "kind=trops is not allowed: one of "),
        ("2031-05-02,1,,all,trops,1,,,", "did you mean troops?"),
        ("2031-05-02,1,,Alvenna,troops,1,,,", "city=Alvenna is not allowed: one of all, Alvena, Tarnel"),
        ("2031-05-02,1,,Alvenna,troops,1,,,", "did you mean Alvena?"),
        ("2031-05-02,1,3,all,troops,1,,,", "hours=3 is not allowed: blank, since troops is a level"),
        ("2031-05-02,1,3,all,exile,1,,,", "hours=3 is not allowed: blank, since exile is a point"),
        ("2031-05-02,1,,all,shift,1,,,", "hours is empty: an integer from 1 to 8784"),
        ("2031-05-02,1,0,all,shift,1,,,", "hours=0 is not allowed"),
        ("2031-05-02,1,3,Alvena,rally,1,Sqare,,", "place=Sqare is not allowed: one of Square, Hill; did you"),
        ("2031-05-02,1,3,Tarnel,call,1,Square,,", "place=Square is not allowed: one of Market"),
        ("2031-05-02,1,3,Alvena,rally,1,,,", "place is empty: one of Square, Hill"),
        ("2031-05-02,1,3,all,rally,1,,,", "city=all is not allowed: one city, since rally needs a place"),
        ("2031-05-02,1,3,all,call,1,Square,,", "place=Square is not allowed: blank for all cities"),
        ("2031-05-02,1,3,Alvena,chain,1,Square,,", "place=Square is not allowed: blank for chain"),
        ("2031-05-02,1,,all,troops,1,,", "number of cells=10 is not allowed: 11 cells"),
        ("2031-05-02,1,,all,troops,1,,,a,b", "number of cells=12 is not allowed: 11 cells"),
    ],
)  # fmt: skip
def test_malformed_row(tmp_path, row, message):
    found = message_of(timeline_of, tmp_path, "2031-05-02,0,,all,exile,1,,,", row)
    assert found.startswith("timeline.csv line 3: ")
    assert message in found


def test_rows_of_other_cities_are_checked_and_skipped(tmp_path):
    assert timeline_of(tmp_path, "2031-05-02,0,,Elsewhere,troops,1,,,").events == ()
    assert "intensity=7" in message_of(timeline_of, tmp_path, "2031-05-02,0,,Elsewhere,troops,7,,,")


@pytest.mark.parametrize(
    "rows",
    [
        ("2031-05-02,10,3,all,occasion,1,,,", "2031-05-02,12,3,all,occasion,1,,,"),
        ("2031-05-02,20,8,Alvena,call,1,Hill,,", "2031-05-03,3,1,Alvena,call,1,Square,,"),
        ("2031-05-02,3,,all,violence,1,,,", "2031-05-02,3,,all,violence,2,,,"),
        ("2031-05-02,3,,all,release,0.2,,,", "2031-05-02,3,,all,release,0.3,,,"),
        ("2031-05-02,1,5,Alvena,closure,1,Hill,,", "2031-05-02,2,1,Alvena,closure,1,Hill,,"),
    ],
)
def test_two_rows_in_one_hour_name_both_lines(tmp_path, rows):
    message = message_of(timeline_of, tmp_path, rows[0], "2031-05-02,0,,all,fact,,,note,", rows[1])
    assert message.startswith("timeline.csv line 4: kind=") and "overlaps with line 2" in message


@pytest.mark.parametrize(
    "ending, message",
    [
        (",verified", "source is empty: some text"),
        ("paper,certain", "confidence=certain is not allowed: one of verified, memory, assumption"),
        ("paper,", "confidence is empty"),
    ],
)
def test_every_row_needs_source_and_confidence(tmp_path, ending, message):
    path = tmp_path / "timeline.csv"
    path.write_text(HEADER + "2031-05-02,1,,all,troops,1,,,," + ending + "\n", encoding="utf-8")
    assert message in message_of(load_timeline, path, TWO, PLACES, START, 72)


@pytest.mark.parametrize(
    "content, message",
    [
        (b"", "is empty: expected columns date,hour"),
        (HEADER.replace("kind", "knid").encode(), "column=knid is not allowed"),
        (HEADER.replace("kind", "knid").encode(), "did you mean kind?"),
        (HEADER.replace("note,", "").encode(), "column note is missing"),
        (
            HEADER.replace("note", "note,note").encode(),
            "column=note is not allowed: each of these columns once",
        ),
        (HEADER.encode() + b'2031-05-02,1,,all,"troops', "is not a CSV file in UTF-8"),
        (HEADER.encode() + b"2031-05-02,1,,all,\xff", "is not a CSV file in UTF-8"),
    ],
)
def test_malformed_file(tmp_path, content, message):
    path = tmp_path / "timeline.csv"
    path.write_bytes(content)
    assert message in message_of(load_timeline, path, TWO, PLACES, START, 72)


def test_blank_lines_quotes_and_byte_order_mark_are_read(tmp_path):
    path = tmp_path / "timeline.csv"
    rows = '\r\n2031-05-02,1,,all,troops,1,,,"one, and\r\ntwo",paper,memory\r\n,,,,,,,,,,\r\n'
    bad = "2031-05-02,99,,all,troops,1,,,,paper,memory\r\n"
    path.write_bytes(b"\xef\xbb\xbf" + (HEADER + rows).encode())
    (event,) = load_timeline(path, TWO, PLACES, START, 72).events
    assert (event.line, event.confidence) == (3, "memory") and event.note.startswith("one, and")
    path.write_bytes((HEADER + rows + bad).encode())
    assert message_of(load_timeline, path, TWO, PLACES, START, 72).startswith("timeline.csv line 6: hour=99")


@pytest.mark.parametrize("name", ["cities.csv", "places.csv", "plants.csv", "timeline.csv", "targets.csv"])
def test_missing_file_is_named(tmp_path, name):
    folder = tmp_path / "data"
    shutil.copytree(VYRAJ, folder)
    (folder / name).unlink()

    def load_all():
        load_cities(folder, TWO)
        load_timeline(folder / "timeline.csv", TWO, load_place_names(folder), START, 72)
        load_targets(folder, TWO, START)

    message = message_of(load_all)
    assert f"{folder / name} is missing: expected " in message and "source,confidence" in message


@pytest.mark.parametrize(
    "name, old, new, message",
    [
        ("cities.csv", "Tarnel,population,", "Alvena,population,", "Alvena has it on line"),
        ("cities.csv", "Tarnel,radius_m,", "Alvena,cell_size_m,", "Tarnel has no radius_m: expected a"),
        ("cities.csv", "Tarnel,code,", "Alvena,judges,", "Tarnel has no code: expected an integer from 0"),
        ("cities.csv", "Tarnel,code,102", "Tarnel,code,101", "code must be unique and is that of Alvena"),
        ("cities.csv", "Tarnel,code,", "all,code,", "every city has a code of its own"),
        ("cities.csv", "all,country_adults", "Tarnel,country_adults", "given for the whole country"),
        ("cities.csv", "adult_share,0.8", "adult_share,80", "value=80 is not allowed: a number from 0 to 1"),
        ("cities.csv", "population,25000", "population,25000.5", "an integer from 1 to 1e+10"),
        ("cities.csv", "population,25000", "populaton,25000", "did you mean population?"),
        ("cities.csv", "state_share,0.5", "state_share,0.1", "Alvena employees=3200 is not allowed"),
        ("cities.csv", "cell_size_m,250", "cell_size_m,2000", "Tarnel cell_size_m=2000 is not allowed"),
        ("places.csv", "Tarnel,Fountain", "Tarnell,Fountain", "did you mean Tarnel?"),
        ("places.csv", ",square,", ",squre,", "did you mean square?"),
        ("places.csv", "Tarnel,Town Hall", "Tarnel,Fountain Square", "Tarnel has it on line"),
        ("places.csv", "square,0,0,", "square,9000,0,", "Tarnel, Fountain Square: east_m or north_m=9000"),
        ("plants.csv", "1400", "-5", "employees=-5 is not allowed: an integer from 1 to 1e+10"),
    ],
)  # fmt: skip
def test_impossible_city(tmp_path, name, old, new, message):
    assert message in message_of(load_cities, folder_with(tmp_path, name, old, new), TWO)


def test_city_without_a_place_to_gather(tmp_path):
    folder = folder_with(
        tmp_path,
        "places.csv",
        "Tarnel,Fountain Square,square,0,0,5000,1",
        "Tarnel,Fountain Square,square,0,0,5000,0",
    )
    assert load_cities(folder, TWO)  # the Town Hall alone still draws people
    text = (folder / "places.csv").read_text(encoding="utf-8").replace("2000,0.3", "2000,0")
    (folder / "places.csv").write_text(text, encoding="utf-8")
    assert "Tarnel has no place with attraction above 0" in message_of(load_cities, folder, TWO)


def test_names_of_the_scenario():
    assert "city=Minks is not allowed" in message_of(load_cities, BELARUS, ["Minks"])
    assert "did you mean Minsk?" in message_of(load_cities, BELARUS, ["Minks"])
    assert "each city once" in message_of(load_cities, VYRAJ, ["Tarnel", "Tarnel"])
    assert "scenario.cities is empty" in message_of(load_cities, VYRAJ, [])


@pytest.mark.parametrize(
    "old, new, message",
    [
        ("protesting", "protestng", "outcome=protestng is not allowed"),
        ("peak", "mean", "statistic=mean is not allowed: one of peak, sum"),
        ("500,12000", "500,400", "high=400 is not allowed: at least low, 500"),
        ("2031-05-05", "2031-05-01", "date_to=2031-05-01 is not allowed: later than date_from and hour_from"),
        ("Alvena", "Alvna", "did you mean Alvena?"),
        ("no: invented", "", "informative is empty: yes, or no: and why the model cannot miss it"),
        ("no: invented", "no", "informative=no is not allowed: yes, or no: and why the model cannot miss it"),
        ("no: invented", "no:  ", "informative=no: is not allowed: yes, or no: and why"),
        ("no: invented", "maybe", "informative=maybe is not allowed"),
        ("informative,", "", "targets.csv: column informative is missing"),
    ],
)
def test_malformed_target(tmp_path, old, new, message):
    assert message in message_of(load_targets, folder_with(tmp_path, "targets.csv", old, new), TWO, START)


def test_an_error_is_one_printable_line():
    error = InputError("first\nsecond\t third\x1b[31m")
    assert str(error) == "first second third?[31m"
    assert nearest("minsk", ["Minsk", "Brest"]) == "Minsk" and nearest("xyz", ["Minsk"]) is None
