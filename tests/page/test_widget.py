"""The widget's script in a browser, on a model that is not Jupyter's: the page tells it the hour, and follows it."""

import base64
import json

import pytest

HOST = """<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><div id="place"></div>
<script type="module">
import widget from "data:text/javascript;base64,{script}";
const listeners = [], values = {values};
globalThis.model = {{
  get: (name) => values[name],
  set(name, value) {{
    if (values[name] === value) return;
    values[name] = value;
    for (const [event, call] of listeners) if (event === `change:${{name}}`) call();
  }},
  on: (event, call) => listeners.push([event, call]), save_changes() {{}},
}};
widget.render({{ model, el: document.getElementById("place") }});
globalThis.ploshcha = true;
</script>"""


@pytest.fixture
def host(open_page, view, tmp_path):
    """A page that has only the widget; the browser is inside its frame."""
    from selenium.webdriver.support.ui import WebDriverWait

    pytest.importorskip("anywidget", reason="pip install ploshcha[notebook]")
    from experiments.page.widget import SCRIPT

    values = {"page": view.read_text(encoding="utf-8"), "height": 700, "hour": 0, "city": ""}
    told = json.dumps(values).replace("</", "<\\/").replace("<!--", "<\\!--")
    (tmp_path / "host.html").write_text(HOST.format(script=base64.b64encode(SCRIPT.encode()).decode(), values=told))
    page = open_page(tmp_path / "host.html")
    page.switch_to.frame(0)
    WebDriverWait(page, 20).until(lambda frame: frame.execute_script("return Boolean(globalThis.ploshcha)"))
    yield page
    page.switch_to.default_content()


def told(page, script):
    """What the model's side says, whatever frame the browser is in."""
    page.switch_to.default_content()
    found = page.execute_script(script)
    page.switch_to.frame(0)
    return found


def shows(page, state):
    """Wait until the page shows a city, an hour and a person."""
    from selenium.webdriver.support.ui import WebDriverWait

    script = "return [ploshcha.city, ploshcha.hour, ploshcha.person]"
    WebDriverWait(page, 5).until(lambda frame: frame.execute_script(script) == state, f"{state} is not shown")


def test_a_drag_is_told_and_keeps_the_person(host):
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.support.ui import WebDriverWait

    host.find_element("id", "persons").click()
    chart = host.find_element("css selector", ".u-over")
    ActionChains(host).move_to_element(chart).click_and_hold().move_by_offset(200, 0).release().perform()
    hour = host.execute_script("return ploshcha.hour")
    WebDriverWait(host, 5).until(
        lambda page: told(page, "return [model.get('city'), model.get('hour')]") == ["Alvena", hour]
    )
    assert host.execute_script("return new Promise((done) => setTimeout(() => done(ploshcha.person), 100))") == 0
    told(host, "model.set('hour', 7)")
    shows(host, ["Alvena", 7, None])
    told(host, "model.set('city', 'Tarnel')")
    shows(host, ["Tarnel", 7, None])
