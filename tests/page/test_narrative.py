"""A narrative on the page: next and back, by key, by link; what cannot be told is refused in one line."""

import shutil

import pytest

from experiments import cli
from experiments.page.narrative import SHIPPED, read_narrative
from experiments.settings.read import read_settings

OWN = """\
title: Two hours
scenario: vyraj
states:
  - {city: Alvena, hour: 20, text: The first evening.}
  - {city: Tarnel, hour: 21, person: 1, text: Somebody in Tarnel.}
  - {city: all cities, hour: 22, text: Both.}
"""


@pytest.fixture(scope="module")
def page(runs, ploshcha, tmp_path_factory):
    folder = tmp_path_factory.mktemp("told")
    shutil.copytree(runs / "with", folder / "run")
    (folder / "own.yaml").write_text(OWN, encoding="utf-8")
    assert ploshcha("view", folder / "run", "people=2", f"narrative={folder / 'own.yaml'}") == 0
    return folder / "run" / "view.html"


def state(page):
    return page.execute_script("return [ploshcha.step, ploshcha.city, ploshcha.hour, ploshcha.person]")


def text(page):
    return page.find_element("css selector", "#story p").text


def test_next_and_back(open_page, page):
    shown = open_page(page)
    assert (state(shown), text(shown)) == ([0, "Alvena", 20, None], "The first evening.")
    back, forth = shown.find_elements("css selector", "#story button")
    assert back.get_attribute("aria-disabled") == "true"
    forth.click()
    assert (state(shown), text(shown)) == ([1, "Tarnel", 21, 0], "Somebody in Tarnel.")
    assert shown.find_element("css selector", ".terms").is_displayed()
    forth.send_keys("nn\n")
    assert state(shown) == [2, "all cities", 22, None] and forth.get_attribute("aria-disabled") == "true"
    assert shown.switch_to.active_element == forth  # at its end, too
    shown.find_element("tag name", "body").send_keys("b")
    assert state(shown) == [1, "Tarnel", 21, 0]


def test_a_link_restores_step_and_state(open_page, page):
    assert state(open_page(page, "#step=2")) == [1, "Tarnel", 21, 0]
    assert state(open_page(page, "#narrative=own&step=3&city=Alvena&hour=5")) == [2, "Alvena", 5, None]


@pytest.mark.parametrize(
    ("link", "told"),
    [
        ("narrative=other&step=1", "needs the narrative other"),
        ("step=9", "it has the steps 1 to 3"),
        ("step=x", "steps"),
    ],
)
def test_a_link_that_cannot_be_followed(open_page, page, link, told):
    assert told in open_page(page, f"#{link}").find_element("id", "notice").text


def test_a_page_without_the_narrative_says_how_to_get_it(open_page, view):
    notice = open_page(view, "#narrative=own&step=2").find_element("id", "notice").text
    assert "ploshcha view DIR narrative=own" in notice
    assert not open_page(view).find_element("id", "story").is_displayed()


@pytest.mark.parametrize(
    ("was", "now", "told"),
    [
        ("scenario: vyraj", "scenario: minsk_2020", "this one tells of minsk_2020"),
        ("city: Alvena", "city: Alvna", "states.0.city=Alvna is not allowed: one of Alvena, Tarnel, all cities"),
        ("hour: 22", "hour: 72", "states.2.hour=72 is not allowed: an integer from 0 to 71"),
        ("hour: 22", "hour: soon", "states.2.hour=soon"),
        ("person: 1", "person: 3", "states.1.person=3 is not allowed: at most people=2"),
        ("text: Both.", "text: Both., colour: red", "states.2.colour"),
        ("title: Two hours", "", "title is missing"),
        ("states:", "states: [", "cannot be read"),
    ],
)
def test_one_line(runs, tmp_path, capsys, was, now, told):
    (tmp_path / "own.yaml").write_text(OWN.replace(was, now), encoding="utf-8")
    assert cli.main(["view", str(runs / "others"), "people=2", f"narrative={tmp_path / 'own.yaml'}"]) == 2
    printed = capsys.readouterr()
    assert told in printed.err and printed.err.count("\n") == 1 and not (runs / "others" / "view.html").exists()


def test_unknown_narrative(runs, capsys):
    assert cli.main(["view", str(runs / "others"), "narrative=five_minuets"]) == 2
    assert "did you mean five_minutes?" in capsys.readouterr().err


@pytest.mark.parametrize("name", sorted(path.stem for path in SHIPPED.glob("*.yaml")))
def test_a_shipped_narrative_fits_its_scenario(name):
    scenario = read_settings(["scenario=august_2020"]).parameters.scenario
    cities = [*scenario.cities, "all cities"]
    assert len(read_narrative(name, scenario.name, scenario.hours, cities, 12)["states"]) >= 5
