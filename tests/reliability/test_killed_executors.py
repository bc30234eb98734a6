"""Dask and Slurm: who is killed in mid-chunk loses that chunk only; a killed command leaves word of its jobs."""

import os
import signal
import subprocess
import sys
import time

import polars as pl
import pytest

pytestmark = [pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc"), pytest.mark.slow]

SWEEP = ("sweep", "scenario=vyraj", "persons_per_agent=500", "hours=72", "job_pressure.threat=0.1,0.4", "replicates=24",
         "chunk_runs=3")  # fmt: skip
CLASSIC = ("sweep", "scenario=granovetter_1978", "steps=1,2,3,4", "replicates=10", "chunk_runs=2")
SLURM = ("executor=slurm", "executor.shards=2", "executor.partition=short")
# Kills the worker that computes a certain run, once, and writes down each run that is begun.
KILLER = """
import os, sys, time
from pathlib import Path
import sim
real = sim.run
def run(parameters, *args, **kwargs):
    with open("begun", "a") as file:
        file.write(f"{parameters.steps} {parameters.seed}\\n")
    if (parameters.seed, parameters.steps) == (7, 3) and not Path("killed").exists():
        Path("killed").touch()
        time.sleep(3)  # what this worker has done before is told by then
        os.kill(os.getpid(), 9)
    return real(parameters, *args, **kwargs)
sim.run = run
if __name__ == "__main__":
    from experiments.cli import main
    sys.exit(main(sys.argv[1:]))
"""


def files(folder):
    """What holds results; a chunk's name ends in the hash of what it holds."""
    tables = [(folder / f"{name}.parquet").read_bytes() for name in ("summary", "design", "effects", "failed")]
    return sorted(path.name for path in chunks_of(folder)), tables


def chunks_of(folder):
    return list((folder / "runs").glob("[!.]*.parquet"))


def times(folder):
    return {path.name: path.stat().st_mtime_ns for path in chunks_of(folder)}


def wait_for(found, seconds=600):
    until = time.monotonic() + seconds
    while not (result := found()) and time.monotonic() < until:
        time.sleep(0.02)
    assert result
    return result


def processes(text):
    """Numbers of processes whose command line has a text, and of each its parent."""
    found = {}
    for name in filter(str.isdecimal, os.listdir("/proc")):
        try:
            line = open(f"/proc/{name}/cmdline", "rb").read().decode()
            parent = int(open(f"/proc/{name}/stat").read().rpartition(")")[2].split()[1])
        except OSError:
            continue
        if text in line:
            found[int(name)] = parent
    return found


def jobs_and_workers(folder):
    """Main processes of the jobs of a folder, and the workers that they forked."""
    found = {pid: parent for pid, parent in processes("submitit.core._submit").items()
             if str(folder) in open(f"/proc/{pid}/cmdline").read()}  # fmt: skip
    return [pid for pid, parent in found.items() if parent not in found], [
        pid for pid, parent in found.items() if parent in found]  # fmt: skip


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The sweep as one process computes it."""
    from experiments import cli

    out = tmp_path_factory.mktemp("local") / "out"
    assert cli.main([*SWEEP, "executor.processes=1", f"out={out}"]) == 0
    return out


@pytest.fixture
def begin(tmp_path, slurm):
    """Begin the sweep on a Slurm that is none; give its folder and the process of the command."""
    started = []

    def run():
        command = [sys.executable, "-m", "experiments.cli", *SWEEP, *SLURM, f"out={tmp_path / 'out'}"]
        started.append(subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True))
        return tmp_path / "out", started[-1]

    yield run
    for process in [*started]:
        process.kill()
        process.communicate()
    for pid in sum(jobs_and_workers(tmp_path / "out"), []):
        os.kill(pid, signal.SIGKILL)


def in_mid_chunk(out):
    """Wait until some chunks are there and both jobs are at work; return them, and the processes."""
    wait_for(lambda: len(chunks_of(out)) > 3 and len(jobs_and_workers(out)[1]) == 2)
    return times(out), *jobs_and_workers(out)


def test_a_dask_worker_killed_in_mid_chunk_loses_that_chunk_only(call, tmp_path, monkeypatch):
    (tmp_path / "killer.py").write_text(KILLER)
    command = [sys.executable, "killer.py", *CLASSIC, "executor=dask", "executor.processes=2", "out=out"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=1200)
    assert (done.returncode, done.stderr) == (0, "")
    begun = [line for line in (tmp_path / "begun").read_text().splitlines() if not line.startswith("1 1\n")]
    twice = {line for line in begun if begun.count(line) > 1} - {"1 1"}  # which is compiled with
    assert (tmp_path / "killed").exists() and "3 7" in twice and len(twice) <= 2  # runs of one chunk
    assert call(*CLASSIC, "executor.processes=1", f"out={tmp_path / 'whole'}").code == 0
    assert files(tmp_path / "out") == files(tmp_path / "whole")


def test_a_worker_of_a_slurm_job_killed_in_mid_chunk_loses_that_chunk_only(begin, whole):
    out, command = begin()
    before, _, workers = in_mid_chunk(out)
    os.kill(workers[0], signal.SIGKILL)
    assert command.wait(1200) == 0
    after = times(out)
    assert {name: after[name] for name in before} == before
    assert files(out) == files(whole) and not (out / ".jobs").exists()


def test_a_slurm_job_killed_in_mid_chunk_loses_that_chunk_only(begin, call, whole, monkeypatch):
    out, command = begin()
    _, jobs, _ = in_mid_chunk(out)
    os.kill(jobs[0], signal.SIGKILL)
    wait_for(lambda: not jobs_and_workers(out)[0])  # the other goes on to its end
    before = times(out)
    command.send_signal(signal.SIGINT)
    told = command.communicate(timeout=300)[1]
    assert command.returncode == 130 and "the same command goes on" in told
    assert 0 < len(before) < len(chunks_of(whole))
    assert call("resume", out, "executor.processes=1").code == 0
    after = times(out)
    assert {name: after[name] for name in before} == before
    assert files(out) == files(whole)


def test_a_command_that_is_killed_leaves_word_of_its_jobs(begin, call, whole):
    out, command = begin()
    in_mid_chunk(out)
    command.kill()
    command.wait()
    told = call("status", out).out
    assert "jobs of a command that was killed may still run: scancel 7 ends them" in told
    wait_for(lambda: not jobs_and_workers(out)[0])  # nobody ended them: they come to their end
    assert f"{pl.read_parquet(whole / 'summary.parquet').height} of 72 runs done" in call("status", out).out
    before = times(out)
    done = call("resume", out)
    assert done.code == 0 and "scancel 7" in done.err
    assert times(out) == before and files(out) == files(whole)
