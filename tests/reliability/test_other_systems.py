"""What Windows or macOS lack is not needed: every command works without it, and locks die with their holder."""

import json
import os
import subprocess
import sys

import pytest

from experiments.store.lock import holders, locked
from sim.errors import InputError

# Loaded by Python as it starts, in workers too. SIGKILL stays: Python itself needs it here.
LACKING = """
import os, signal, sys
for name in ("fcntl", "resource", "pwd", "grp"):
    sys.modules[name] = None
for name in ("fork", "forkpty", "register_at_fork", "sched_getaffinity", "sysconf", "getppid", "fchmod"):
    delattr(os, name) if hasattr(os, name) else None
for name in ("SIGHUP", "SIGUSR1", "SIGUSR2"):
    delattr(signal, name) if hasattr(signal, name) else None
"""
SWEEP = ("sweep", "scenario=granovetter_1978", "steps=1,2,3", "replicates=4", "executor.processes=2", "out=s")
HOLDER = """
import os, sys, time
from pathlib import Path
from experiments.store.lock import locked
with locked(Path(sys.argv[1]), is_shared=sys.argv[2] == "shared"):
    if sys.argv[2] != "parent" or os.fork() == 0:
        print("held", flush=True)  # a child speaks first when it has let go of what it was born with
    time.sleep(20)
    os._exit(0)
"""


@pytest.fixture
def lacking(command, tmp_path):
    """Run the command as on a system that lacks what only Unix has."""
    (tmp_path / "sitecustomize.py").write_text(LACKING)

    def run(*words, code=0):
        done = command(*words, cwd=tmp_path, PYTHONPATH=str(tmp_path))
        assert done.code == code, done.err
        return done

    return run


def test_a_run_needs_nothing_of_unix(lacking, tmp_path):
    lacking("run", "scenario=vyraj", "hours=3", "persons_per_agent=5000", "out=r")
    assert (tmp_path / "r" / "mobilization.png").is_file()


def test_a_sweep_needs_nothing_of_unix(lacking, tmp_path):
    done = lacking(*SWEEP)
    assert "s cannot be locked (no locks on this system): start no second sweep" in done.err
    assert "12 of 12 runs done, 0 failed, 0 left" in lacking("status", "s").out
    assert "identical to the stored run, bit for bit" in lacking("replay", "s", "--run", "3").out
    assert "all 12 runs were there already" in lacking("resume", "s").out
    lacking("plot", "s")
    assert (tmp_path / "s" / "figures" / "curves.png").is_file()


@pytest.mark.slow
def test_a_bench_needs_nothing_of_unix(lacking):
    line = json.loads(lacking("bench", "agents=1000", "hours=2").out)
    assert line["agent_steps_per_second"] > 0 and line["peak_bytes_per_agent"] is None


@pytest.fixture
def hold(tmp_path):
    """Start processes that hold a folder: hold("alone"), hold("shared"), hold("parent") with a child of its own."""
    started = []

    def start(kind):
        process = subprocess.Popen([sys.executable, "-c", HOLDER, str(tmp_path), kind], stdout=subprocess.PIPE)
        started.append(process)
        assert process.stdout.readline() == b"held\n"
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()


def refused(folder, is_shared=False):
    with pytest.raises(InputError, match="is in use") as caught, locked(folder, is_shared):
        pass
    return str(caught.value)


def test_a_lock_says_who_holds_it(hold, tmp_path):
    holder = hold("alone")
    (name,) = holders(tmp_path)
    assert name.startswith(f"process {holder.pid} on ")
    assert f"({name})" in refused(tmp_path)
    assert f"({name})" in refused(tmp_path, is_shared=True)


@pytest.mark.parametrize("kind", ["alone", "shared", "parent"])
def test_a_lock_dies_with_its_holder(hold, tmp_path, kind):
    """However it dies, and though a process that it forked lives on; the file that is left locks nothing."""
    holder = hold(kind)
    holder.kill()
    holder.wait()
    assert holders(tmp_path) == []
    with locked(tmp_path):
        assert holders(tmp_path) == []  # others
    assert os.listdir(tmp_path) == [".lock"] and (tmp_path / ".lock").read_bytes() == b""


def test_many_may_share_a_folder_but_nobody_has_it_alone_meanwhile(hold, tmp_path):
    first, second = hold("shared"), hold("shared")
    assert len(holders(tmp_path)) == 2
    assert str(first.pid) in refused(tmp_path) or str(second.pid) in refused(tmp_path)
    with locked(tmp_path, is_shared=True):
        assert len(holders(tmp_path)) == 2  # others
    for process in (first, second):
        process.kill()
        process.wait()
    with locked(tmp_path):
        pass


def test_a_lock_that_an_empty_file_is_left_of_is_free(tmp_path):
    (tmp_path / ".lock").write_bytes(b"\nprocess 1 on a machine that went down\n")
    (tmp_path / ".lock-machine-1").write_bytes(b"")
    assert holders(tmp_path) == []
    with locked(tmp_path, is_shared=True):
        pass
    with locked(tmp_path):
        pass
