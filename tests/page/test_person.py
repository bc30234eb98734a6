"""Persons of the page: terms add up to the index, index and draw agree with what is done; a click shows a week."""

import shutil

import numpy as np
import polars as pl
import pytest

from agents.rules import participation
from agents.vocabulary import Activity
from experiments import cli
from experiments.analysis.again import parameters_again
from experiments.analysis.changed_minds import Mixed
from experiments.analysis.moment import moment_of
from experiments.analysis.weeks import CANDIDATES, STATE, weeks
from experiments.analysis.weighed import TERMS, weigh
from experiments.page.people import MISSING, thousandths
from experiments.store.space_folder import read_space_folder

OUT = (Activity.PROTESTING, Activity.STRIKING)
N = 10


@pytest.fixture(scope="module")
def parameters(runs):
    return [parameters_again(read_space_folder(runs / name)) for name in ("with", "without")]


@pytest.fixture(scope="module")
def found(parameters):
    return weeks(parameters, N)


def test_terms_add_up_to_the_index(found):
    told = [weighed for people in found for week in people.weeks for weighed in week.weighed.values()]
    assert len(told) > 500 and {each.occasion for each in told} == {"protest", "stand_in_chain", "walk_out"}
    for weighed in told:
        assert sum(weighed.terms.values()) == pytest.approx(weighed.index, abs=1e-9)
        assert set(weighed.terms) <= set(TERMS.values())  # a new argument of the index needs a name there


def test_who_goes_is_out_or_arrested(found):
    told = [(week.activity[where], weighed) for people in found for week in people.weeks
            for where, weighed in week.weighed.items()]  # fmt: skip
    goes = [(activity, weighed.occasion) for activity, weighed in told if weighed.goes]
    assert len(goes) > 20 and {activity for activity, _ in goes} <= {*OUT, Activity.DETAINED, Activity.QUIET}
    at_home = [occasion for activity, occasion in goes if activity == Activity.QUIET]
    assert set(at_home) == {"protest"} and len(at_home) < len(goes) / 2  # the called place is closed
    assert not {activity for activity, weighed in told if not weighed.goes} & set(OUT)


def test_the_term_of_fear_by_hand(parameters):
    _, moment = moment_of(parameters[0], 0, 67)
    index = int(np.argmax(moment.columns["fear"]))
    terms = weigh(Mixed((moment, moment), index)).terms
    felt = moment.columns["risk_aversion"][index] * moment.columns["fear"][index]
    assert terms["fear"] == pytest.approx(-parameters[0].fear.fear_weight * float(felt)) and terms["fear"] < 0
    x = float(moment.columns["private_preference"][index])
    assert terms["wish for change"] == pytest.approx(parameters[0].participation.preference_weight * (1 - 2 * x))


def test_rules_are_left_as_they_were(parameters):
    before = participation.own_motive, participation.join_index, participation.joins
    _, moment = moment_of(parameters[0], 0, 67)
    weigh(Mixed((moment, moment), 0))
    assert (participation.own_motive, participation.join_index, participation.joins) == before


def test_the_same_persons_in_both_runs_half_of_them_protest(found, runs):
    for people in found:
        assert len(people.keys) == len(set(people.keys)) == N
        out = np.any([(week.activity == Activity.PROTESTING).any(axis=1) for week in people.weeks], axis=0)
        assert out[: N // 2].all() and out.sum() == N // 2
    assert CANDIDATES * N < 1000


def test_a_week_is_that_of_the_run(parameters, found):
    """State of the told persons at the end of the run, against the world itself."""
    world, _ = moment_of(parameters[0], 0, parameters[0].hours - 1)
    for people in found:
        rows = [key - int(world.person0[0]) for key in people.keys] if people is found[0] else []
        for name, values in zip(STATE, people.weeks[0].state, strict=True):
            assert values[: len(rows), -1].tolist() == getattr(world.citizens, name)[rows].tolist()


def test_thousandths():
    told = thousandths(np.array([0.0004, -1.2345, np.nan, 99.0, -99.0])).tolist()
    assert told == [0, -1234, MISSING, 32767, -32767]


def text(page, css):
    return page.find_element("css selector", css).text


def test_a_click_shows_a_person_and_the_hour(open_page, view):
    from selenium.webdriver.common.action_chains import ActionChains

    page = open_page(view, "#hour=20")  # nobody is in custody yet
    place = page.execute_script("""const [{city, frame}] = ploshcha.panes[0].maps, [person] = ploshcha.persons();
        const map = document.querySelector("canvas.people").getBoundingClientRect();
        const off = 0.3 * city.cell_m * frame.scale;
        return [frame.x(person.east_m) + off - map.width / 2, frame.y(person.north_m) - map.height / 2]""")
    canvas = page.find_element("css selector", "canvas.people")
    ActionChains(page).move_to_element_with_offset(canvas, *map(round, place)).click().perform()
    chosen = page.execute_script("return ploshcha.person")
    people = page.execute_script("return ploshcha.persons().map((person) => person.who)")
    assert chosen is not None and text(page, ".person b") == people[chosen]
    shown = {row.find_element("tag name", "th").text: row.find_element("css selector", "td").text.replace("−", "-")
             for row in page.find_elements("css selector", ".terms tr")}  # fmt: skip
    total = float(shown.pop("sum: the index"))
    shown.pop("draw of the day: luck")
    assert sum(map(float, shown.values())) == pytest.approx(total, abs=0.005 * (len(shown) + 1))
    page.find_element("tag name", "body").send_keys("\ue00c")  # escape
    assert page.execute_script("return ploshcha.person") is None and text(page, ".person b") == ""


def test_what_the_page_tells_of_a_person_is_the_run(open_page, view, runs):
    """Those who protest: their hours on the page lie in hours in which their city's curve is not 0."""
    page = open_page(view)
    out = page.execute_script("""return ploshcha.persons().map(
        (_, k) => [...ploshcha.panes[0].doings[k].slice(0, ploshcha.hours)])""")
    curve = pl.read_parquet(runs / "with" / "curves.parquet").filter(city="Alvena")["protesting"].to_list()
    hours = {hour for week in out for hour, activity in enumerate(week) if activity == Activity.PROTESTING}
    assert hours and all(curve[hour] > 0 for hour in hours)


def test_a_link_leads_to_a_person(open_page, pair):
    page = open_page(pair, "#city=Alvena")
    key = page.execute_script("return ploshcha.persons()[3].key")
    page = open_page(pair, f"#city=Alvena&hour=20&person={key}")
    assert page.execute_script("return ploshcha.person") == 3
    assert len(page.find_elements("css selector", ".pane .terms")) == 2
    page = open_page(pair, "#city=Alvena&person=7")
    assert "a person of Alvena of whom this page does not tell" in text(page, "#notice")


def test_key_p_goes_through_the_persons(open_page, view):
    page = open_page(view, "#city=all+cities")
    body = page.find_element("tag name", "body")
    body.send_keys("p")
    assert page.execute_script("return [ploshcha.city, ploshcha.person]") == ["Alvena", 0]
    body.send_keys("p")
    assert page.execute_script("return ploshcha.person") == 1
    body.send_keys("2")
    assert page.execute_script("return [ploshcha.city, ploshcha.person]") == ["Tarnel", None]


def test_without_persons(runs, ploshcha, open_page, tmp_path, capsys):
    shutil.copytree(runs / "with", tmp_path / "none")
    assert ploshcha("view", tmp_path / "none", "people=0") == 0
    page = open_page(tmp_path / "none" / "view.html")
    assert not page.find_element("id", "persons").is_displayed()
    capsys.readouterr()
    assert cli.main(["view", str(tmp_path / "none"), "people=many"]) == 2
    assert "people=many is not allowed: an integer from 0 to 500" in capsys.readouterr().err
