"""A sweep survives runs that raise, processes that die or cannot start, an interrupt, and a second writer."""

import os
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import polars as pl
import pytest

import ploshcha
from agents.rules.rule import rule

SWEEP = ("sweep", "scenario=minsk_2020", "persons_per_agent=2000", "hours=30", "job_pressure.threat=0.1,0.4",
         "chunk_runs=2", "executor.processes=2")  # fmt: skip
SCRIPT = """
import os, sys
{at_import}
import sim
real = sim.run
def run(parameters, *args, **kwargs):
    if parameters.seed == 2 and parameters.hours > 1 and parameters.job_pressure.threat == 0.4:
        {fault}
    return real(parameters, *args, **kwargs)
sim.run = run
if __name__ == "__main__":
    from experiments.cli import main
    sys.exit(main())
"""


def faulty(folder, fault, *words, at_import="", **outputs):
    """Sweep with a fault in one run, in processes that see it too."""
    script = folder / "faulty.py"
    root = "\n".join(f"sys.path.insert(0, {path!r})" for path in reversed(sys.path) if path)
    script.write_text(SCRIPT.format(fault=fault, at_import=root + "\n" + at_import))
    command = [sys.executable, str(script), *SWEEP, "replicates=3", f"out={folder / 'out'}", *words]
    outputs = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | outputs
    return subprocess.run(command, text=True, timeout=300, **outputs)


@pytest.mark.parametrize(
    ("fault", "told"), [("raise ValueError('two\\nlines')", "ValueError: two lines"), ("os._exit(9)", "exit code 9")]
)
def test_a_run_that_fails_is_listed_and_the_others_are_there(tmp_path, fault, told):
    done = faulty(tmp_path, fault)
    assert done.returncode == 1
    failed = pl.read_parquet(tmp_path / "out" / "failed.parquet")
    assert failed.height == 1 and told in failed["error"][0] and told in done.stderr
    assert pl.read_parquet(tmp_path / "out" / "summary.parquet").height == 3 * 3 - 1


KILLED_BETWEEN = """
import experiments.executors.local as local
give, given = local.Worker.give, []
def kill_and_give(self, task):
    given.append(task)
    if len(given) in (3, 4, 7):
        self.process.kill()
        self.process.join()
    give(self, task)
local.Worker.give = kill_and_give
"""


def test_processes_that_die_between_two_chunks_lose_nothing(tmp_path):
    done = faulty(tmp_path, "pass", at_import=KILLED_BETWEEN)
    assert done.returncode == 0, done.stderr
    assert pl.read_parquet(tmp_path / "out" / "summary.parquet").height == 3 * 3


@pytest.mark.parametrize("unread", ["stdout", "stderr"])
def test_a_reader_that_leaves_ends_no_sweep_and_hides_no_failure(tmp_path, unread):
    at_import = "import experiments.printing.progress as p; p.LINE_SECONDS = 0"
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = faulty(tmp_path, "raise ValueError", at_import=at_import, **{unread: writer})
    finally:
        os.close(writer)
    assert done.returncode == 1, "a run failed"
    assert pl.read_parquet(tmp_path / "out" / "summary.parquet").height == 3 * 3 - 1


SLOW_AND_FULL = """
import errno, time, experiments.store.chunks
flush = experiments.store.chunks.flush
def slow_or_full(path):
    if path.name.startswith(".00002."):
        time.sleep(3)
    if path.name.startswith(".00003."):
        raise OSError(errno.ENOSPC, "No space left on device")
    flush(path)
experiments.store.chunks.flush = slow_or_full
"""


def test_a_process_that_is_killed_while_it_writes_leaves_nothing(tmp_path):
    done = faulty(tmp_path, "pass", at_import=SLOW_AND_FULL)
    assert done.returncode == 1 and "No space left on device" in done.stderr
    assert not list((tmp_path / "out").rglob(".*.tmp"))


def test_processes_that_cannot_start_end_the_sweep(tmp_path):
    done = faulty(tmp_path, "os._exit(9)", at_import="if __name__ != '__main__': os._exit(3)")
    assert done.returncode == 1
    assert "die before their first run (exit code 3)" in done.stderr and '__name__ == "__main__"' in done.stderr


UNGUARDED = """
import sys, threading
{paths}
over = threading.Event()
threading.Thread(target=over.wait, daemon=True).start()  # where another thread lives, processes are started anew
import ploshcha
print("begun", flush=True)
ploshcha.sweep("scenario=granovetter_1978", "steps=1,2", "replicates=4", "executor.processes=2", out=sys.argv[1])
"""


@pytest.mark.parametrize("source", ["a file", "standard input"])
def test_a_script_without_a_main_guard_is_told_so_at_once(tmp_path, source):
    root = "\n".join(f"sys.path.insert(0, {path!r})" for path in reversed(sys.path) if path)
    text, script = UNGUARDED.format(paths=root), tmp_path / "script.py"
    script.write_text(text)
    place = str(script) if source == "a file" else "/dev/stdin"
    done = subprocess.run([sys.executable, place, tmp_path / "out"], input=text, capture_output=True, text=True,
                          timeout=120)  # fmt: skip
    assert done.returncode == 1
    if source == "a file":
        assert "this script starts a sweep in every process again" in done.stderr.splitlines()[-1]
        assert done.stdout.count("begun") <= 3, "the script, and two processes that ended there"
    else:
        assert "/dev/stdin is no file: save the script as one" in done.stderr.splitlines()[-1]
    assert list((tmp_path / "out" / "runs").iterdir()) == []


def test_second_writer_is_refused_and_an_interrupt_keeps_what_is_done(tmp_path):
    command = [sys.executable, "-m", "experiments.cli", *SWEEP, "replicates=200", f"out={tmp_path / 'out'}"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as first:
        until = time.monotonic() + 60
        while not list((tmp_path / "out" / "runs").glob("[!.]*.parquet")) and time.monotonic() < until:
            time.sleep(0.02)
        second = subprocess.run(command, capture_output=True, text=True, timeout=60)
        first.send_signal(signal.SIGINT)
        told = first.communicate(timeout=30)[1]
    assert second.returncode == 2
    assert "in use" in second.stderr and len(second.stderr.splitlines()) == 1
    assert first.returncode == 130 and "the same command goes on" in told
    assert list((tmp_path / "out" / "runs").glob("[!.]*.parquet"))


@rule
def no_fear(risk: float, sanction: float, risk_scale: float, strength: float) -> float:
    return 0.0


def test_replaced_rules_hold_in_every_run(tmp_path):
    """Also where workers are started anew and know only the shipped rules: as here, where another thread lives."""
    words, rules = ("scenario=vyraj", "hours=30", "persons_per_agent=2000"), {"fear.felt_fear": no_fear}
    over = threading.Event()
    thread = threading.Thread(target=over.wait)
    thread.start()
    try:
        swept = ploshcha.sweep(*words, "replicates=2", "anger.strength=0,1", "executor.processes=2",
                               out=tmp_path / "mine", rules=rules)  # fmt: skip
    finally:
        over.set()
        thread.join()
    parameters = ploshcha.load_scenario("vyraj", *words[1:])
    single = ploshcha.run(parameters, seed=1, rules=rules).curves.mean_fear.values
    shipped = ploshcha.run(parameters, seed=1).curves.mean_fear.values
    alike = swept.mean_fear.sel(run=(swept.replicate == 0) & (swept["anger.strength"] == 1)).squeeze("run").values
    assert np.array_equal(alike, single) and not np.array_equal(single, shipped)
