"""Killed before any single write or at random moments, or with a full disk: the same command again, and all is there.

A write is what makes, renames or removes a file or a folder, or opens one to write, under the folder that is watched.
The first ten are tried each, of the others every EVERY-th and the last: ``EVERY=1 uv run --extra dev pytest
tests/reliability/test_killed_at_every_write.py`` tries all.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from made_up_fit import make_fit

DRIVER = Path(__file__).with_name("kills.py")
CLASSIC = ("scenario=granovetter_1978", "steps=3")
SWEEP = ("scenario=granovetter_1978", "steps=1,2", "replicates=1", "executor.processes=1")
SENSITIVITY = ("method=morris", "n=4", "scenario=granovetter_1978", "steps=interval(1,4)", "replicates=1",
               "outcomes=[final_protesting]", "executor.processes=1")  # fmt: skip
SMALL = ("scenario=vyraj", "hours=2", "persons_per_agent=5000")
COMMANDS = {
    "run": ("run", *CLASSIC),
    "sweep": ("sweep", *SWEEP),
    "sensitivity": ("sensitivity", *SENSITIVITY),
    "run with a state": ("run", *SMALL, "save_state=[1]"),
}
PAGES = {"view": ("view", "people=0"), "map": ("map",)}
FIRST = 9  # writes of a calibration: its folder, lock, manifest, points, and the first sweep's folder

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="forks, and keeps what is told in memory"),
    pytest.mark.slow,
]


def every_write(folder, fault, *words, template=None, most=1_000_000, name="out={}"):
    """Return a case for each write at which the command can be stopped, and how many there are."""
    place = folder / "place"
    environment = {"EVERY": "5", **os.environ, "TEMPLATE": str(template or ""), "MOST": str(most)}
    done = subprocess.run(
        [sys.executable, DRIVER, fault, str(place), *words, name.format(place / "out")],
        capture_output=True, text=True, timeout=1200, env=environment,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    *cases, end = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    return cases, end["n"]


@pytest.mark.parametrize("is_made", [False, True], ids=["new", "empty"])
@pytest.mark.parametrize("name", COMMANDS)
def test_killed_before_any_write(tmp_path, name, is_made):
    (tmp_path / "empty").mkdir()
    cases, n_writes = every_write(tmp_path, "kill", *COMMANDS[name], template=tmp_path / "empty" if is_made else None)
    assert 5 < len(cases) <= n_writes and cases[-1]["nth"] == n_writes
    for case in cases:
        assert case["code"] == -9
        whole_already = name.startswith("run") and case["again"] == 2 and "holds files" in case["told_again"]
        assert case["again"] == 0 or whole_already, case
        assert case["differ"] == [], case


@pytest.mark.parametrize("name", COMMANDS)
def test_the_disk_is_full_at_any_write(tmp_path, name):
    cases, _ = every_write(tmp_path, "full", *COMMANDS[name])
    assert len(cases) > 5
    for case in cases:
        assert (case["left"], case["differ"]) == ([], []), case
        if case["code"] == 0:  # it did not matter, as when a folder is to be made that is there
            assert case["is_whole"], case
            continue
        assert case["code"] == 1 and case["told"].count("ploshcha: failed: OSError: [Errno 28]") == 1, case
        assert case["again"] == 0, case


@pytest.fixture(scope="module")
def run_with_space(tmp_path_factory):
    from experiments import cli

    folder = tmp_path_factory.mktemp("space") / "run"
    assert cli.main(["run", *SMALL, "space=true", f"out={folder}"]) == 0
    return folder


@pytest.mark.parametrize("fault", ["kill", "full"])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_or_map_stopped_at_any_write(tmp_path, run_with_space, name, fault):
    cases, n_writes = every_write(tmp_path, fault, *PAGES[name], template=run_with_space, name="{}")
    assert len(cases) == n_writes >= 2
    for case in cases:
        assert case["code"] == (-9 if fault == "kill" else 1), case
        assert (case["again"], case["differ"]) == (0, []), case


def test_a_calibration_killed_before_any_of_its_first_writes(tmp_path):
    words = ("calibrate", "case=minsk_2020", "free=[participation.intercept]", "hours=44", "persons_per_agent=20000",
             "n=10", "rounds=1", "checks=0", "ess=5", "executor.processes=1")  # fmt: skip
    cases, _ = every_write(tmp_path, "kill", *words, most=FIRST)
    assert len(cases) == FIRST
    for case in cases:
        assert (case["code"], case["again"], case["differ"]) == (-9, 0, []), case


@pytest.mark.parametrize("fault", ["kill", "full"])
def test_a_forecast_stopped_at_its_writes(tmp_path, fault):
    """Its own writes are the first few and the last dozen; those between are of a sweep, and tried above."""
    posterior = tmp_path / "fit"
    make_fit(posterior)
    words = ("forecast", "scenario=minsk_2020", "persons_per_agent=20000", f"posterior={posterior}", "draws=2",
             "replicates=1", "origin=2020-08-14", "executor.processes=1")  # fmt: skip
    cases, n_writes = every_write(tmp_path, fault, *words)
    assert 5 < len(cases) <= n_writes and cases[-1]["nth"] <= n_writes
    for case in cases:
        assert case["code"] == (-9 if fault == "kill" else 1) or case["is_whole"], case
        assert (case["again"], case["differ"]) == (0, []), case


def test_killed_at_random_moments():
    done = subprocess.run([sys.executable, DRIVER, "6"], capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "6 kills" in done.stdout and "lost 0" in done.stdout
