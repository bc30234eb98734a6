"""``ploshcha view`` in a browser: what it shows is what the run's files hold, by pointer, by keys and by link."""

import base64
import json
import os
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


def focused(page):
    """What has the focus of the keyboard: its words, and whether a ring in the page's own colour is around it."""
    return page.execute_script("""const e = document.activeElement, style = getComputedStyle(e);
        const ring = getComputedStyle(document.documentElement).getPropertyValue("--accent");
        const probe = document.body.appendChild(Object.assign(document.createElement("i"), {style: `color: ${ring}`}));
        const colour = getComputedStyle(probe).color;
        probe.remove();
        return [e.id || e.textContent, style.outlineStyle === "solid" && style.outlineColor === colour]""")


@pytest.mark.parametrize(("theme", "key"), [("light", ""), ("dark", "p")])
def test_tab_reaches_everything_and_is_seen(open_page, pair, theme, key):
    """Every button, list and slider that is shown, and what is read by scrolling, in both themes."""
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.keys import Keys

    page = open_page(pair, "#city=Alvena&hour=20")
    page.execute_script("if (document.documentElement.dataset.theme !== arguments[0]) theme.click()", theme)
    press(page, key)
    wanted = page.execute_script("""return [...document.querySelectorAll("button, select, input, .side")].filter(
        (e) => e.checkVisibility() && (e.className !== "side" || e.scrollHeight > e.clientHeight)).map(
        (e) => e.id || e.textContent)""")
    reached = []
    for _ in wanted:
        ActionChains(page).send_keys(Keys.TAB).perform()
        reached.append(focused(page))
    assert reached == [[name, True] for name in wanted]


def test_the_focus_stays_where_it_was(open_page, pair):
    """A button that has done its work keeps the focus, or hands it to the one that is its opposite."""
    from selenium.webdriver.common.keys import Keys

    page = open_page(pair, "#city=Alvena&hour=20")
    named = {name: f"//button[text()={name!r}]" for name in ("another", "close")}
    page.find_element("id", "persons").click()
    page.find_element("xpath", named["another"]).send_keys(Keys.ENTER)
    assert focused(page)[0] == "another" and page.execute_script("return ploshcha.person") == 1
    page.find_element("xpath", named["close"]).send_keys(Keys.ENTER)
    assert focused(page)[0] == "persons" and page.execute_script("return ploshcha.person") is None


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


@pytest.mark.parametrize("width", [900, 1280])
@pytest.mark.parametrize("key", ["", "p"])
def test_no_number_is_cut(open_page, pair, width, key):
    """Of two runs side by side, also where a notebook leaves less room: all of every number is seen."""
    page = open_page(pair, "#city=Alvena&hour=20")
    size = {"width": width, "height": 720, "deviceScaleFactor": 1, "mobile": False}
    page.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    press(page, key)
    cut = page.execute_script("""return [...document.querySelectorAll(".side")].flatMap((side) =>
        [...side.querySelectorAll("td")].filter((cell) => cell.scrollWidth > cell.clientWidth ||
            cell.getBoundingClientRect().right > side.getBoundingClientRect().right + 1)).length""")
    page.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {**size, "width": 1280})
    assert cut == 0 and page.find_elements("css selector", ".side td")


@pytest.mark.parametrize("city", ["Alvena", "all cities"])
def test_frames_are_fast(open_page, pair, city, record_property):
    """Both runs, every hour in a frame of its own, by the browser's clock, as docs/frames.py measures large runs."""
    page = open_page(pair, f"#city={city.replace(' ', '+')}")
    frames, drawing = page.execute_script("return ploshcha.measure()")
    assert len(frames) == len(drawing) == page.execute_script("return ploshcha.hours")
    record_property("median_frame_ms", frames[len(frames) // 2])
    assert frames[len(frames) // 2] < SLOWEST_FRAME


def point_at(page, x, y):
    """Rest the pointer on a point of the first map, in pixels; return what the page says of it."""
    page.execute_script("""const map = document.querySelector(".map"), {left, top} = map.getBoundingClientRect();
        const at = {clientX: left + arguments[0], clientY: top + arguments[1]};
        map.dispatchEvent(new PointerEvent("pointermove", at))""", x, y)  # fmt: skip
    return text(page, ".note")


def test_the_pointer_is_told_what_lies_under_it(open_page, view, runs, curves):
    page = open_page(view, "#hour=20&city=Alvena")
    space = pl.read_parquet(runs / "with" / "space.parquet").filter(city="Alvena", hour=20)
    x, y, name = page.execute_script("""const [{city, frame}] = ploshcha.panes[0].maps, n = city.sites.length;
        const crowd = (site) => city.at_site.protesting[20 * n + city.sites.indexOf(site)];
        const [site] = city.sites.filter((site) => site.east_m !== null).sort((a, b) => crowd(b) - crowd(a));
        return [frame.x(site.east_m), frame.y(site.north_m), site.name]""")
    crowd = round(space.filter(kind="site", site=name)["protesting"].item())
    assert crowd > 0 and point_at(page, x, y).startswith(f"{name}: {crowd:,} protesting")
    x, y, adults = page.execute_script("""const [{city, frame}] = ploshcha.panes[0].maps, {cells} = city;
        const k = cells.north.indexOf(Math.min(...cells.north));
        return [frame.x(cells.east[k]), frame.y(cells.north[k]), cells.adults[k]]""")
    assert point_at(page, x, y).startswith(f"{adults:,} adults live here")
    assert point_at(page, 2, 2) == ""
    page.execute_script("document.querySelector('.map').dispatchEvent(new PointerEvent('pointerleave'))")
    assert not page.find_element("css selector", ".note").is_displayed()


def test_help_names_every_sign_and_key(open_page, pair):
    page = open_page(pair)
    press(page, "?")
    told = text(page, "#help")
    for words in ("officers on the street", "in custody", "employees of a plant", "same luck", "changed their mind"):
        assert words in told
    hour = page.execute_script("return ploshcha.hour")
    press(page, "h")
    assert page.execute_script("return ploshcha.hour") == hour
    page.find_element("css selector", "#help button").click()
    assert not page.find_element("id", "help").is_displayed()


def test_the_difference_of_two_runs_is_a_shade(open_page, pair, view):
    page = open_page(pair, "#hour=20&city=Alvena")
    page.execute_script("""const layer = document.getElementById("layer");
        layer.value = "difference"; layer.dispatchEvent(new Event("change"))""")
    assert "more protesting in the right run" in text(page, "#legend")
    colours = page.execute_script("""const canvas = document.querySelector("canvas.people");
        const [{city, frame}] = ploshcha.panes[0].maps, {cells} = city, n = cells.adults.length;
        const [left, right] = ploshcha.runs.map((run) => run.cities[0].of_cell.protesting);
        const signs = (hour) => Array.from({length: n}, (_, k) => Math.sign(right[hour * n + k] - left[hour * n + k]));
        const hour = Array.from({length: ploshcha.hours}, (_, each) => each).find(
            (each) => [1, -1].every((sign) => signs(each).includes(sign)));
        ploshcha.panes.forEach((pane) => { pane.maps[0].city.sites = []; });
        ploshcha.setHour(hour);
        const copy = Object.assign(document.createElement("canvas"), {width: canvas.width, height: canvas.height});
        const context = copy.getContext("2d", {willReadFrequently: true});
        context.drawImage(canvas, 0, 0);
        return signs(hour).map((sign, k) => {
          const [x, y] = [frame.x(cells.east[k]) + 2, frame.y(cells.north[k]) + 2];
          const [red, , blue, seen] = context.getImageData(x, y, 1, 1).data;
          return [sign, seen ? Math.sign(blue - red) : 0]})""")
    assert {1, -1} <= {sign for sign, _ in colours}
    agreeing = [sign == shown for sign, shown in colours]
    assert sum(agreeing) > 0.9 * len(agreeing)  # homes of persons and plants lie over the others
    assert "difference" not in open_page(view).find_element("id", "layer").get_attribute("innerHTML")


def test_the_event_of_the_hour(open_page, view):
    page = open_page(view, "#hour=20&city=Alvena")
    events = page.execute_script("return ploshcha.runs[0].cities[0].events")
    past = [(hour, words) for hour, words in events if -4 < hour <= 20]
    assert past and text(page, "#now") == f"{past[-1][0]:02}:00 {past[-1][1]}"


def test_the_page_names_no_other_host(view):
    page = view.read_text(encoding="utf-8")
    modules = [base64.b64decode(code).decode() for code in re.findall(r"base64,([\w+/=]+)", page)]
    assert len(modules) == len(MODULES)
    for content in (page, *modules):
        assert "://" not in content and "src=" not in content.replace("script-src", "")
    assert "default-src 'none'" in page and "Leon Sorokin" in page
    assert len(page) < 1_000_000


def test_a_page_is_served_to_this_machine_only(runs, tmp_path):
    import shutil
    import signal
    import subprocess
    import sys
    import urllib.error
    import urllib.request

    folder = shutil.copytree(runs / "with", tmp_path / "with")  # the page of the others has persons
    command = [sys.executable, "-m", "ploshcha", "view", str(folder), "people=0", "--serve"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ | {"BROWSER": "true"}) as served:
        try:
            assert served.stdout.readline().startswith("written to ")
            address = re.search(r"http://127\.0\.0\.1:\d+/", served.stdout.readline())[0]
            content = urllib.request.urlopen(address).read()
            assert content == (folder / "view.html").read_bytes()
            with pytest.raises(urllib.error.HTTPError, match="404"):
                urllib.request.urlopen(f"{address}manifest.json")
            taken = subprocess.run([*command, f"port={address.rsplit(':', 1)[1][:-1]}"], capture_output=True, text=True)
            assert taken.returncode == 2 and "one that is free" in taken.stderr and not taken.stdout
        finally:
            served.send_signal(signal.SIGINT)
        assert served.wait(20) == 0
