"""Killed before any single write, or with a full disk at it: the same command again, and all is as if undisturbed.

A write is what makes, renames or removes a file or a folder, or opens one to write, under the folder that is watched.
"""

import json
import os
import subprocess
import sys

import pytest

# Forks a process for each case, from one that has loaded everything. A figure is a few bytes: drawing takes too long.
DRIVER = """
import errno, hashlib, json, os, shutil, sys
from pathlib import Path
import matplotlib.figure
from experiments import cli

fault, place, words = sys.argv[1], Path(sys.argv[2]), sys.argv[3:]
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
GROWS = ("os.mkdir", "os.rename")
CHANGES = GROWS if fault == "full" else (*GROWS, "os.remove", "os.rmdir", "os.truncate", "shutil.rmtree")

def savefig(figure, target, **_):
    target.write(b"figure") if hasattr(target, "write") else Path(target).write_bytes(b"figure")

matplotlib.figure.Figure.savefig = savefig

def watch(nth, reached):
    seen = []
    def hook(event, arguments):
        is_write = event in CHANGES or (event == "open" and (arguments[2] or 0) & WRITING)
        if is_write and isinstance(arguments[0], str | Path) and str(arguments[0]).startswith(str(place)):
            seen.append(event)
            if len(seen) == nth:
                os.write(reached, b"!")
                if fault == "kill":
                    os.kill(os.getpid(), 9)
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    sys.addaudithook(hook)

def command(nth=None):
    told, reached = os.memfd_create("told"), os.memfd_create("reached")
    child = os.fork()
    if child == 0:
        code = 99
        try:
            os.dup2(told, 1), os.dup2(told, 2)
            if nth is not None:
                watch(nth, reached)
            code = cli.main(words)
            sys.stdout.flush(), sys.stderr.flush()
        finally:
            os._exit(code)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    os.lseek(told, 0, 0)
    is_reached = os.fstat(reached).st_size > 0
    os.close(reached)
    return code, open(told).read(), is_reached

def lasting(found):
    "Without what is of this moment: times, and the state of the repository."
    if isinstance(found, list):
        return [lasting(value) for value in found]
    return {k: lasting(v) for k, v in found.items() if "second" not in k and "git" not in k} if isinstance(
        found, dict) else found

def content():
    found = {}
    for path in sorted(place.rglob("*")):
        data = path.read_bytes() if path.is_file() else b""
        if path.name == "manifest.json":
            data = repr(lasting(json.loads(data))).encode()
        found[str(path.relative_to(place))] = hashlib.sha256(data).hexdigest()
    return found

def anew():
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    if os.environ.get("MADE"):
        (place / "out").mkdir()

anew()
assert cli.main(words) == 0  # loads all there is to load
whole, nth = content(), 0
while True:
    nth += 1
    anew()
    code, told, is_reached = command(nth)
    left = [name for name in content() if Path(name).name.startswith(".") and name != "out/.lock"]
    if not is_reached:
        print(json.dumps({"n": nth - 1}), flush=True)
        break
    after = content()
    again, told_again, _ = command()
    now = content()
    case = {"nth": nth, "code": code, "told": told, "left": left, "is_whole": after == whole,
            "again": again, "told_again": told_again,
            "differ": sorted(n for n in {*now, *whole} if now.get(n) != whole.get(n))}
    print(json.dumps(case), flush=True)
"""
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
        [sys.executable, "-c", DRIVER, fault, str(place), *words, f"out={place / 'out'}"],
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
