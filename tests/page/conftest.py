"""Runs with a map, and a real browser to look at their pages; no browser on the machine skips the tests."""

import shutil

import pytest

from experiments import cli

RUN = ("run", "scenario=vyraj", "persons_per_agent=50", "participation.intercept=-3", "chains.chain_offset=1",
       "repression.arrest_constant=1", "walkout.walkout_intercept=-2", "space=true")  # fmt: skip
FLAGS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
         "--disable-background-networking", "--disable-component-update", "--window-size=1280,720")  # fmt: skip


@pytest.fixture(scope="session")
def ploshcha():
    """Call the command line inside this process; returns the exit code."""
    return lambda *words: cli.main([str(word) for word in words])


@pytest.fixture(scope="session")
def runs(tmp_path_factory, ploshcha):
    """Folders of two runs of the same people, `with` and `without` repression, and of one of `others`."""
    folder = tmp_path_factory.mktemp("runs")
    changes = {"with": (), "without": ("repression.strength=0",), "others": ("seed=2",)}
    for name, words in changes.items():
        assert ploshcha(*RUN, *words, f"out={folder / name}") == 0
    return folder


@pytest.fixture(scope="session")
def view(runs, ploshcha):
    assert ploshcha("view", runs / "with") == 0
    return runs / "with" / "view.html"


@pytest.fixture(scope="session")
def pair(runs, ploshcha):
    """The page of two runs; it lies in the first folder, so that one is a copy."""
    shutil.copytree(runs / "with", runs / "first", dirs_exist_ok=True)
    assert ploshcha("view", runs / "first", runs / "without") == 0
    return runs / "first" / "view.html"


@pytest.fixture(scope="session")
def browser(tmp_path_factory):
    """A headless Chromium with a folder of its own, 1280 x 720."""
    program, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if program is None or driver is None:
        pytest.skip("no chromium and chromedriver on this machine (Debian: apt-get install chromium chromium-driver)")
    webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")
    options = webdriver.ChromeOptions()
    options.binary_location = program
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    started = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    size = {"width": 1280, "height": 720, "deviceScaleFactor": 1, "mobile": False}
    started.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    yield started
    started.quit()


@pytest.fixture
def open_page(browser):
    """Open a page from the disk, wait until it shows an hour, and at the end look for errors on its console."""
    from selenium.webdriver.support.ui import WebDriverWait

    def opened(path, fragment=""):
        browser.get("about:blank")
        browser.get(path.resolve().as_uri() + fragment)
        WebDriverWait(browser, 20).until(lambda page: page.execute_script("return Boolean(globalThis.ploshcha)"))
        return browser

    browser.get_log("browser")
    yield opened
    assert browser.get_log("browser") == []
