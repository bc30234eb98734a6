"""Every case is files only: it is read, runs on both engines at a coarse scale, and holds what its files say."""

from __future__ import annotations

import csv

import numpy as np
import pytest
import yaml

from experiments.settings.read import CONFIG_ROOT
from sim import run
from sim.errors import InputError
from sim.hour.detained import HIGHEST, arrests_at, level_of
from sim.inputs.timeline import load_timeline

COARSE = {"vyraj": 400, "leipzig_1989": 2000, "leipzig_autumn_1989": 2000, "bucharest_2017": 4000,
          "yellow_vests_2018": 4000, "seoul_2016": 20000, "hong_kong_2019": 20000}  # fmt: skip
OTHER_COUNTRIES = sorted(COARSE)
NEW = ("leipzig_autumn_1989", "bucharest_2017", "yellow_vests_2018", "seoul_2016", "hong_kong_2019")
COARSE |= {"august_2020": 10000, "minsk_2020": 4000, "minsk_autumn_2020": 4000, "minsk_november_2020": 4000}


def scenarios():
    """All scenarios that are no classics."""
    files = sorted((CONFIG_ROOT / "scenario").glob("*.yaml"))
    return [file.stem for file in files if "model" not in yaml.safe_load(file.read_text())]


def rows(case, name):
    with (CONFIG_ROOT / "data" / case / f"{name}.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_every_case_is_listed():
    assert scenarios() == sorted(COARSE)


@pytest.mark.parametrize("case", sorted(COARSE))
def test_runs_to_its_end(settings, case):
    """People come, and none is lost."""
    whole = run(settings(case, {"persons_per_agent": COARSE[case]}))
    protesting = whole.curves_columns["protesting"]
    assert protesting.max() > 0
    assert np.isfinite(protesting).all() and (protesting <= whole.adults).all()


@pytest.mark.parametrize("case", NEW)
def test_runs_on_both_engines(settings, case):
    """Two evenings, equal to the bit."""
    days = settings(case, {"persons_per_agent": COARSE[case], "hours": 48})
    one, two = (run(days.model_copy(update={"engine": engine})) for engine in ("compiled", "mesa"))
    for name, curve in one.curves_columns.items():
        np.testing.assert_array_equal(curve, two.curves_columns[name], err_msg=name)


@pytest.mark.parametrize("case", OTHER_COUNTRIES)
def test_nobody_backs_other_states(case):
    """Russian support is Belarus' own; in the invented country a neighbour's, named in the label."""
    found = [row for row in rows(case, "timeline") if row["kind"] == "russian_support" and float(row["intensity"]) > 0]
    assert [row["label"] for row in found] == (["neighbour's pledge"] if case == "vyraj" else [])


def test_what_is_asked_of_minsk_after_4_october_is_assumed():
    """No row after it was looked up: each says so, and no crowd after it is evidence."""
    later = [row for row in rows("minsk_november_2020", "timeline") if row["date"] > "2020-10-04"]
    assert len(later) == 3 and {row["source"] for row in later} == {"assumption"}
    before, asked = [], []
    for row in rows("minsk_november_2020", "targets"):
        (asked if row["date_from"] > "2020-10-04" else before).append(row)
    assert len(asked) == 7 and {row["error"] for row in asked} == {"not_counted"}
    assert before == rows("minsk_autumn_2020", "targets")


@pytest.mark.parametrize("case", [*NEW, "minsk_autumn_2020"])
def test_no_count_from_memory_is_a_target(case):
    """What a case is compared with was read in the source named; what was not can teach nothing."""
    informative = [row for row in rows(case, "targets") if row["informative"] == "yes"]
    assert len(informative) > 5
    assert {row["confidence"] for row in informative if row["outcome"] == "protesting"} == {"verified"}


def test_police_and_organisers_count_the_same_crowd():
    """Seoul: on eight Saturdays both, the organisers from 2.5 to 25 times the police."""
    found = {}
    for row in rows("seoul_2016", "targets"):
        if row["outcome"] == "protesting":
            found.setdefault(row["date_from"], {})[row["counted_by"]] = float(row["low"])
    ratios = [both["organisers"] / both["police"] for both in found.values() if len(both) == 2]
    assert len(ratios) == 9
    assert 2.5 < min(ratios) and max(ratios) == 25


# --- detained as recorded ---


def detained(settings, case, changes, hours):
    """Detained within hours, mean of eight seeds."""
    parameters = settings(case, changes)
    results = [run(parameters, seed=seed) for seed in range(1, 9)]
    return np.mean([result.curves_columns["detained_new"][slice(*hours), 0].sum() for result in results])


@pytest.mark.parametrize("constant", [0.5, 4.0])
def test_as_many_are_detained_as_recorded_whatever_the_constant(settings, constant):
    """Vyraj, first evening: 100 persons at 1:5; 99 % of means of eight Poisson counts of agents lie within 21 %."""
    row = {"hour": 19, "hours": 5, "value": 100.0, "city": "Alvena", "place": ""}
    changes = {"persons_per_agent": 5, "hours": 25, "forcings.detained.add": [row],
               "repression.arrest_constant": constant, "participation.intercept": -3.0}  # fmt: skip
    mean = detained(settings, "vyraj", changes | {"forcings.repression.value": 0.3}, (19, 24))
    assert mean == pytest.approx(100, rel=0.21)


def test_nobody_is_detained_where_none_was(settings):
    row = {"hour": 19, "hours": 5, "value": 0.0, "city": "Alvena", "place": ""}
    changes = {"persons_per_agent": 5, "hours": 25, "forcings.detained.add": [row]}
    assert detained(settings, "vyraj", changes, (19, 24)) == 0
    assert detained(settings, "vyraj", {"persons_per_agent": 5, "hours": 25}, (20, 24)) > 0


def test_no_more_are_detained_than_the_highest_level_allows(settings):
    """A million is asked for: the level stays at its bound, and so do the arrests."""
    row = {"hour": 19, "hours": 5, "value": 1e6, "city": "Alvena", "place": ""}
    result = run(settings("vyraj", {"persons_per_agent": 5, "hours": 25, "forcings.detained.add": [row]}))
    assert result.curves_columns["repression_level"][20:24, 0].max() == HIGHEST
    assert 0 < result.curves_columns["detained_new"][:, 0].sum() < result.curves_columns["protesting"][:, 0].sum()


def test_the_level_by_hand():
    """A crowd of 900 and 100 officers, kappa 1: ten arrests at 900 (1 - exp(-r / 10)) = 10."""
    crowd, force = np.array([900.0, 0.0]), np.array([100.0, 50.0])
    level = level_of(10.0, crowd, force, 1.0)
    assert level == pytest.approx(-10 * np.log(1 - 10 / 900), rel=1e-9)
    assert arrests_at(level, crowd, force, 1.0) == pytest.approx(10)
    assert level_of(1e5, crowd, force, 1.0) == HIGHEST
    assert level_of(0.0, crowd, force, 1.0) == level_of(5.0, np.zeros(2), force, 1.0) == 0.0


# --- shares by city ---


@pytest.mark.parametrize("share", [None, 0.3])
def test_a_city_has_its_own_share_against(settings, stepped, tmp_path, share):
    """Tarnel's own share; Alvena keeps the population's. 99 % of binomial shares of so many agents."""
    parameters = settings("vyraj", {"persons_per_agent": 20})
    for file in (CONFIG_ROOT / "data" / "vyraj").iterdir():
        own = f"Tarnel,share_against,{share},,,invented,assumption\n" if share and file.stem == "cities" else ""
        (tmp_path / file.name).write_text(file.read_text() + own)
    world = stepped(settings("vyraj", {"persons_per_agent": 20, "scenario.data": str(tmp_path)})).world
    for c, expected in enumerate((parameters.population.share_against, share or parameters.population.share_against)):
        preferences = world.citizens.private_preference[slice(*world.rows(c))]
        sd = np.sqrt(expected * (1 - expected) / len(preferences))
        assert (preferences < 0.5).mean() == pytest.approx(expected, abs=2.6 * sd)


# --- routes ---

HEAD = "date,hour,hours,city,kind,intensity,place,label,note,source,confidence,repeat,until\n"


def timeline(tmp_path, *lines, hours=24):
    """A timeline of a town with the squares A, B and C."""
    from datetime import date

    (tmp_path / "timeline.csv").write_text(HEAD + "".join(f"{line}\n" for line in lines))
    return load_timeline(tmp_path / "timeline.csv", ["Town"], {"Town": ("A", "B", "C")}, date(2031, 5, 2), hours)


def called_places(loaded):
    from sim.inputs.forcings import build_forcings

    return build_forcings(loaded).street.place[:, 0].tolist()


WALK = "2031-05-02,10,6,Town,call,.8,A > B > C,,,x,assumption,,"


def test_a_march_goes_from_place_to_place(tmp_path):
    assert called_places(timeline(tmp_path, WALK))[9:17] == [-1, 0, 0, 1, 1, 2, 2, -1]


def test_a_march_goes_round_what_is_closed(tmp_path):
    """On to the next place that is open; behind the last one, back; all closed: to the place as it was called."""
    shut = "2031-05-02,8,12,Town,closure,1,{},,,x,assumption,,".format
    assert called_places(timeline(tmp_path, WALK, shut("B")))[10:16] == [0, 0, 2, 2, 2, 2]
    assert called_places(timeline(tmp_path, WALK, shut("C")))[10:16] == [0, 0, 1, 1, 1, 1]
    assert called_places(timeline(tmp_path, WALK, *map(shut, "ABC")))[10:16] == [0, 0, 1, 1, 2, 2]


def test_a_march_that_began_before_the_run(tmp_path):
    """Hours before hour 0 count."""
    assert called_places(timeline(tmp_path, "2031-05-01,22,6,Town,call,.8,A > B > C,,,x,assumption,,"))[:5] == [
        1, 1, 2, 2, -1]  # fmt: skip


@pytest.mark.parametrize("place", ["A > D", "A > B > A", "A >"])
def test_a_route_of_unknown_or_repeated_places_is_refused(tmp_path, place):
    with pytest.raises(InputError, match=r"line 2: place=.* is not allowed: a route, each place once, of A, B, C"):
        timeline(tmp_path, WALK.replace("A > B > C", place))


def test_a_rally_has_one_place(tmp_path):
    with pytest.raises(InputError, match="place=A > B > C is not allowed: one of A, B, C"):
        timeline(tmp_path, WALK.replace("call,.8", "rally,1"))
