"""Killed before any single write or at random moments, or with a full disk: the same command again, and all is there.

A write is what makes, renames or removes a file or a folder, or opens one to write, under the folder that is watched.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

DRIVER = Path(__file__).with_name("kills.py")
CLASSIC = ("scenario=granovetter_1978", "steps=3")
SWEEP = ("scenario=granovetter_1978", "steps=1,2", "replicates=1", "executor.processes=1")
SENSITIVITY = ("method=morris", "n=4", "scenario=granovetter_1978", "steps=interval(1,4)", "replicates=1",
               "outcomes=[final_protesting]", "executor.processes=1")  # fmt: skip
COMMANDS = {"run": ("run", *CLASSIC), "sweep": ("sweep", *SWEEP), "sensitivity": ("sensitivity", *SENSITIVITY)}

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="forks, and keeps what is told in memory"),
    pytest.mark.slow,
]


def every_write(folder, fault, *words, is_made=False):
    """Return a case for each write at which the command can be stopped, and how many there are."""
    place = folder / "place"
    done = subprocess.run(
        [sys.executable, DRIVER, fault, str(place), *words, f"out={place / 'out'}"],
        capture_output=True, text=True, timeout=1200, env={**os.environ, "MADE": "1" if is_made else ""},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    *cases, end = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    return cases, end["n"]


@pytest.mark.parametrize("is_made", [False, True], ids=["new", "empty"])
@pytest.mark.parametrize("name", COMMANDS)
def test_killed_before_any_write(tmp_path, name, is_made):
    cases, n_writes = every_write(tmp_path, "kill", *COMMANDS[name], is_made=is_made)
    assert len(cases) == n_writes > 5
    for case in cases:
        assert case["code"] == -9
        whole_already = name == "run" and case["again"] == 2 and "holds files" in case["told_again"]
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


def test_killed_at_random_moments():
    done = subprocess.run([sys.executable, DRIVER, "6"], capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "6 kills" in done.stdout and "lost 0" in done.stdout
