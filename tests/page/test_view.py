"""``ploshcha view`` in a browser: what it shows is what the run's files hold, by pointer, by keys and by link."""

import base64
import json
import re
import time
from urllib.parse import parse_qs, urlsplit

import polars as pl
import pytest

from experiments.page.build import MODULES

SLOWEST_FRAME = 50.0  # ms, the median over all hours


@pytest.fixture(scope="session")
def curves(runs):
    return pl.read_parquet(runs / "with" / "curves.parquet")


def text(page, css):
    return page.find_element("css selector", css).text


def number(page, pane, words):
    """The number in the row of a pane's tables that begins with some words; a dash is 0."""
    row = next(row for row in pane.find_elements("css selector", "tr") if row.text.lstrip("●■◆ \n").startswith(words))
    shown = row.find_element("css selector", "td").text.replace(",", "")
    return 0 if shown == "–" else int(shown)


def press(page, *keys):
    page.find_element("tag name", "body").send_keys(*keys)


def at(curves, city, hour, column):
    return round(curves.filter(city=city, hour=hour)[column].item())


def test_it_opens_at_the_fullest_hour_and_shows_its_numbers(open_page, view, curves):
    page = open_page(view)
    hour = page.execute_script("return ploshcha.hour")
    crowd = curves.filter(city="Alvena")["protesting"]
    assert crowd[hour] == crowd.max() > 100
    pane = page.find_element("css selector", ".pane")
    for words, column in {"protesting": "protesting", "on strike": "striking", "in custody": "detained"}.items():
        assert number(page, pane, words) == at(curves, "Alvena", hour, column)
    assert "2031" in text(page, "#clock") and "One single run (seed 1)" in text(page, "#facts")


def test_every_number_of_every_hour_is_the_runs(open_page, view, runs, curves):
    page, space = open_page(view), pl.read_parquet(runs / "with" / "space.parquet")
    script = """return ploshcha.runs[0].cities.map((city) => ({
        name: city.name, curve: [...city.curves.protesting], sites: city.sites.map((site) => site.name),
        at: [...city.at_site.protesting], cells: [...city.of_cell.protesting]}))"""
    for city in page.execute_script(script):
        stored = curves.filter(city=city["name"])["protesting"]
        assert city["curve"] == [round(value) for value in stored]
        rows = space.filter(city=city["name"], kind="site").sort("hour")
        n = len(city["sites"])
        for k, site in enumerate(city["sites"]):
            shown = city["at"][k::n]
            known = dict(rows.filter(site=site).select("hour", "protesting").iter_rows())
            assert shown == [round(known.get(hour, 0.0)) for hour in range(len(shown))]
        homes = space.filter(city=city["name"], kind="home")["protesting"]
        assert abs(sum(city["cells"]) - homes.sum()) <= 0.5 * len(homes)


def test_keys(open_page, view):
    from selenium.webdriver.common.keys import Keys

    page = open_page(view, "#hour=20&city=Alvena")
    hour = lambda: page.execute_script("return ploshcha.hour")  # noqa: E731
    press(page, Keys.ARROW_RIGHT)
    assert hour() == 21
    press(page, Keys.ARROW_LEFT, Keys.ARROW_LEFT)
    assert hour() == 19
    press(page, Keys.SHIFT + Keys.ARROW_RIGHT)
    assert hour() == 43
    press(page, Keys.END, Keys.ARROW_RIGHT)
    assert hour() == 71
    press(page, Keys.HOME)
    assert hour() == 0
    press(page, "2")
    assert page.execute_script("return ploshcha.city") == "Tarnel"
    press(page, "0")
    assert page.execute_script("return ploshcha.city") == "all cities"
    assert text(page, "#cities [aria-pressed=true]") == "all cities"


def test_space_plays_and_stops(open_page, view):
    page = open_page(view, "#hour=3")
    press(page, " ")
    time.sleep(1.0)
    press(page, " ")
    stopped = page.execute_script("return ploshcha.hour")
    assert stopped > 5
    time.sleep(0.4)
    assert page.execute_script("return ploshcha.hour") == stopped


def test_the_pointer_chooses_hour_and_city(open_page, view):
    from selenium.webdriver.common.action_chains import ActionChains

    page = open_page(view, "#hour=3")
    chart = page.find_element("css selector", ".u-over")
    ActionChains(page).move_to_element(chart).click_and_hold().perform()
    assert abs(page.execute_script("return ploshcha.hour") - 36) <= 1
    ActionChains(page).move_by_offset(round(chart.size["width"] / 4), 0).release().perform()
    assert abs(page.execute_script("return ploshcha.hour") - 54) <= 1
    line = page.execute_script("return document.querySelector('.u-over > div:last-child').getBoundingClientRect().x")
    assert abs(line - chart.rect["x"] - chart.size["width"] * 0.75) < 12
    page.find_element("xpath", "//nav/button[starts-with(., 'Tarnel')]").click()
    assert page.execute_script("return ploshcha.city") == "Tarnel"
    slider = page.find_element("id", "hour")
    ActionChains(page).move_to_element(slider).click().perform()
    assert abs(page.execute_script("return ploshcha.hour") - 36) <= 2


def painted(page):
    """How many pixels of the map are not empty."""
    return page.execute_script("""const people = document.querySelector("canvas.people"), {width, height} = people;
        const copy = Object.assign(document.createElement("canvas"), {width, height});
        const context = copy.getContext("2d", {willReadFrequently: true});
        context.drawImage(people, 0, 0);
        const {data} = context.getImageData(0, 0, width, height);
        let n = 0; for (let k = 3; k < data.length; k += 4) n += data[k] > 0; return n""")


def test_the_map_is_fuller_when_the_square_is(open_page, view):
    page = open_page(view)
    fullest = painted(page)
    page.execute_script("ploshcha.setHour(2)")
    assert fullest > 3 * painted(page) > 0


def test_a_link_restores_the_view(open_page, view):
    page = open_page(view)
    page.execute_script("ploshcha.setCity('Tarnel'); ploshcha.setHour(41)")
    time.sleep(0.4)
    link = urlsplit(page.current_url).fragment
    assert {name: value[0] for name, value in parse_qs(link).items()} == {
        "case": "vyraj", "run": page.execute_script("return ploshcha.runs[0].run"), "hour": "41", "city": "Tarnel",
    }  # fmt: skip
    page = open_page(view, f"#{link}")
    assert page.execute_script("return [ploshcha.city, ploshcha.hour]") == ["Tarnel", 41]
    assert not page.find_element("id", "notice").is_displayed()


@pytest.mark.parametrize(
    ("link", "told"),
    [
        ("case=vyraj&run=0123456789ab&hour=4", "This link needs the run 0123456789ab of vyraj"),
        ("case=minsk_2020", "This link needs a run of minsk_2020"),
        ("city=Alvina", "This link is about Alvina, which is no city of this run"),
        ("hour=400", "it has the hours 0 to 71"),
        ("hour=ten", "it has the hours 0 to 71"),
    ],
)
def test_a_link_to_something_else_says_what_it_needs(open_page, view, link, told):
    page = open_page(view, f"#{link}")
    assert told in text(page, "#notice")
    assert page.execute_script("return ploshcha.city") == "Alvena"


def test_two_runs_stand_side_by_side(open_page, pair, runs):
    page = open_page(pair, "#hour=22&city=Alvena")
    assert "repression.strength: 1.0 → 0.0" in text(page, "#differences")
    panes = page.find_elements("css selector", ".pane")
    for pane, name in zip(panes, ("with", "without"), strict=True):
        stored = pl.read_parquet(runs / name / "curves.parquet")
        assert number(page, pane, "protesting") == at(stored, "Alvena", 22, "protesting")
        assert number(page, pane, "in custody") == at(stored, "Alvena", 22, "detained")
    assert number(page, panes[0], "in custody") > 0 == number(page, panes[1], "in custody")
    page.execute_script("ploshcha.setHour(2)")
    assert [number(page, pane, "protesting") for pane in panes] == [0, 0]


def test_the_shorter_of_two_runs_sets_the_hours(open_page, runs, ploshcha, tmp_path):
    run = json.loads((runs / "with" / "manifest.json").read_text(encoding="utf-8"))["config"]
    changes = [f"participation.intercept={run['participation']['intercept']}", "hours=30", "space=true"]
    words = ["scenario=vyraj", "persons_per_agent=50", *changes]
    assert ploshcha("run", *words, f"out={tmp_path / 'short'}") == 0
    assert ploshcha("view", tmp_path / "short", runs / "with") == 0
    page = open_page(tmp_path / "short" / "view.html", "#hour=29")
    assert page.execute_script("return [ploshcha.hours, ploshcha.hour]") == [30, 29]
    assert "hours: 30 → 72" in text(page, "#differences") and "arrest_constant" in text(page, "#differences")


def test_light_and_dark(open_page, view):
    page = open_page(view)

    def ground():
        return page.execute_script("return getComputedStyle(document.body).backgroundColor")

    first = ground()
    page.find_element("id", "theme").click()
    assert ground() != first


@pytest.mark.parametrize("city", ["Alvena", "all cities"])
def test_nothing_overflows_a_small_screen(open_page, pair, city):
    page = open_page(pair, f"#city={city.replace(' ', '+')}")
    size = page.execute_script("const {scrollWidth, scrollHeight} = document.documentElement; "
                               "return [scrollWidth, scrollHeight]")  # fmt: skip
    assert size[0] <= 1280 and size[1] <= 720
    script = """return [...document.querySelectorAll(".map")].every((map) => [...map.querySelectorAll("canvas")].every(
        (canvas) => canvas.width === map.clientWidth && canvas.height === map.clientHeight))"""
    assert page.execute_script(script)


def test_frames_are_fast(open_page, pair, record_property):
    """Both runs, all cities, every hour: the time that drawing takes, by the browser's own clock."""
    page = open_page(pair, "#city=all+cities")
    median = page.execute_script("""ploshcha.times.length = 0;
        for (let hour = 0; hour < ploshcha.hours; hour++) ploshcha.setHour(hour);
        return ploshcha.times.sort((a, b) => a - b)[Math.floor(ploshcha.times.length / 2)]""")
    print(f"median of a frame: {median:.1f} ms")
    record_property("median_frame_ms", median)
    assert median < SLOWEST_FRAME


def test_the_page_names_no_other_host(view):
    page = view.read_text(encoding="utf-8")
    modules = [base64.b64decode(code).decode() for code in re.findall(r"base64,([\w+/=]+)", page)]
    assert len(modules) == len(MODULES)
    for content in (page, *modules):
        assert "://" not in content and "src=" not in content.replace("script-src", "")
    assert "default-src 'none'" in page and "Leon Sorokin" in page
    assert len(page) < 1_000_000
