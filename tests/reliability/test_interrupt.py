"""Ctrl-C leaves nothing half done: exit 130, one line, and either a whole folder or none."""

import os
import signal
import subprocess
import sys
import time

import pytest

from experiments.store.run_folder import new_folder

FILES = {"curves.parquet", "plants.parquet", "mobilization.png", "mobilization.csv", "mobilization.md", "manifest.json"}

# Calls the command with a signal sent from inside: at the n-th call of the function named.
DRIVER = """
import importlib, os, signal, sys
place, nth, number = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
sys.argv[1:4] = []
module, name = place.split(":")
original, calls = getattr(importlib.import_module(module), name), []
def watched(*arguments, **named):
    calls.append(1)
    if len(calls) == nth:
        os.kill(os.getpid(), number)
    return original(*arguments, **named)
setattr(importlib.import_module(module), name, watched)
from experiments.cli import main
sys.exit(main())
"""
PLACES = [
    ("experiments.commands.run:read_settings", 1),
    ("experiments.commands.run:simulate", 1),
    ("sim.simulation:build_world", 1),
    ("sim.simulation:step", 5),
    ("experiments.one_run:write_table", 1),
    ("experiments.one_run:write_table", 2),
    ("experiments.one_run:make_manifest", 1),
    ("experiments.store.run_folder:code_hash", 1),
]


@pytest.mark.parametrize(("place", "nth"), PLACES)
def test_nothing_is_left(command, small, tmp_path, everything, place, nth):
    words = (place, nth, int(signal.SIGINT), "run", *small, "out=a/b/c")
    done = command(*words, cwd=tmp_path, script=DRIVER)
    assert (done.code, done.err, done.out) == (130, "ploshcha: interrupted\n", "")
    assert everything(tmp_path) == []


def test_nothing_is_left_when_told_to_terminate(command, small, tmp_path, everything):
    words = ("experiments.one_run:make_manifest", 1, int(signal.SIGTERM), "run", *small, "out=a/b/c")
    done = command(*words, cwd=tmp_path, script=DRIVER)
    assert (done.code, done.err) == (143, "")
    assert everything(tmp_path) == []


DROPPED = """
import os, sys
import experiments.commands.run as run
class Dying:
    def __del__(self):
        os.kill(os.getpid(), NUMBER)
        "what is raised here is dropped by Python".split()
original = run.simulate
def simulate(*arguments, **named):
    Dying()
    return [original(*arguments, **named) for _ in range(1000)][0]
run.simulate = simulate
from experiments.cli import main
sys.exit(main())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
@pytest.mark.parametrize(("number", "code", "told"), [(2, 130, "ploshcha: interrupted\n"), (15, 143, "")])
def test_a_signal_while_an_object_is_cleared_away_counts(command, small, tmp_path, everything, number, code, told):
    done = command("run", *small, "out=a", cwd=tmp_path, script=DROPPED.replace("NUMBER", str(number)))
    assert (done.code, done.err, done.out) == (code, told, "")
    assert everything(tmp_path) == []


def test_jobs_that_were_finished_stay(command, small, tmp_path, everything):
    words = ("sim.simulation:build_world", 2, int(signal.SIGINT), "run", "-m", *small, "seed=1,2,3", "out=a/b")
    done = command(*words, cwd=tmp_path, script=DRIVER)
    assert done.code == 130
    assert done.err.startswith("ploshcha: interrupted; finished jobs are in ") and done.err.count("\n") == 1
    assert everything(tmp_path) == sorted(["a", "a/b", "a/b/0", *(f"a/b/0/{name}" for name in FILES)])


def test_an_interrupt_in_the_first_of_several_jobs_leaves_nothing(command, small, tmp_path, everything):
    at = "experiments.one_run:make_manifest"
    words = (at, 1, int(signal.SIGINT), "run", "-m", *small, "seed=1,2", "out=a/b")
    done = command(*words, cwd=tmp_path, script=DRIVER)
    assert (done.code, done.err) == (130, "ploshcha: interrupted\n")
    assert everything(tmp_path) == []


@pytest.mark.slow
def test_any_moment(small, tmp_path, everything):
    """From outside, at moments spread over the whole run: never a part of a folder."""
    command = [sys.executable, "-m", "experiments.cli", "run", *small, "out=a/b/c"]
    begun = time.perf_counter()
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    whole = time.perf_counter() - begun
    for moment in range(1, 10):
        folder = tmp_path / str(moment)
        folder.mkdir()
        process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        time.sleep(whole * moment / 10)
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=120)
        left = everything(folder)
        # Before our own code runs, Python itself dies of the signal.
        assert process.returncode in (0, 130, -signal.SIGINT)
        assert "Traceback" not in told or process.returncode == -signal.SIGINT
        assert left in ([], sorted(["a", "a/b", "a/b/c", *(f"a/b/c/{name}" for name in FILES)]))
        assert left or process.returncode != 0


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, OSError])
@pytest.mark.parametrize("is_there", [False, True])
def test_new_folder_is_whole_or_absent(tmp_path, everything, error, is_there):
    out = tmp_path / "a" / "b"
    if is_there:
        out.mkdir(parents=True)
    before = everything(tmp_path)
    with pytest.raises(error), new_folder(out) as folder:
        (folder / "first.txt").write_text("1", encoding="utf-8")
        raise error
    assert everything(tmp_path) == before


@pytest.mark.parametrize("is_there", [False, True])
def test_new_folder_appears_at_the_end(tmp_path, is_there):
    out = tmp_path / "a" / "b"
    if is_there:
        out.mkdir(parents=True)
    with new_folder(out) as folder:
        (folder / "first.txt").write_text("1", encoding="utf-8")
        assert not (out / "first.txt").exists()
    assert os.listdir(out) == ["first.txt"]
    assert os.listdir(out.parent) == ["b"]
