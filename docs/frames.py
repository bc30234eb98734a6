"""How long the page of ``ploshcha view`` takes for a frame, by the clock of headless Chromium.

    uv run --extra dev python docs/frames.py results/august/view.html

Every hour is shown once, one in each frame of the browser, of the first city and of all cities; printed are the median,
the slowest of twenty, and the slowest of all, in milliseconds, from frame to frame and of drawing alone. A frame takes
16.7 ms at least, since the browser shows sixty in a second. Before them: the size of the page, and the time from its
address to its first hour.
"""

import shutil
import sys
import tempfile
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.support.ui import WebDriverWait

FLAGS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync")  # fmt: skip
SIZE = {"width": 1280, "height": 720, "deviceScaleFactor": 1, "mobile": False}


def main(page: Path) -> None:
    """Print the times of a page."""
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or ""
    with tempfile.TemporaryDirectory() as profile:
        for flag in (*FLAGS, f"--user-data-dir={profile}"):
            options.add_argument(flag)
        browser = webdriver.Chrome(options, webdriver.ChromeService(shutil.which("chromedriver")))
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", SIZE)
        browser.get(page.resolve().as_uri())
        WebDriverWait(browser, 60).until(lambda driver: driver.execute_script("return Boolean(globalThis.ploshcha)"))
        browser.set_script_timeout(600)
        loaded = browser.execute_script("return performance.getEntriesByName('shown')[0].startTime")
        print(f"{page.stat().st_size / 1e6:.1f} MB, shown after {loaded:.0f} ms")
        names = browser.execute_script("return [ploshcha.names[0], ...ploshcha.names.length > 1 ? ['all cities'] : []]")
        for name in names:
            browser.execute_script("ploshcha.setCity(arguments[0])", name)
            found = browser.execute_script("return ploshcha.measure()")
            for what, times in zip(("frames", "drawing"), found, strict=True):
                middle, slow = times[len(times) // 2], times[int(0.95 * len(times))]
                print(f"{name}: {what} of {len(times)} hours: median {middle:.1f}, of twenty the slowest {slow:.1f}, "
                      f"slowest {times[-1]:.1f} ms")  # fmt: skip
        browser.quit()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
