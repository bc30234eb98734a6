"""A sweep survives kills, a full disk, failed runs and other code: nothing lost, nothing twice, nothing mixed."""

import json
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest

SWEEP = ("sweep", "scenario=minsk_2020", "persons_per_agent=2000", "hours=60", "job_pressure.threat=0.1,0.4",
         "replicates=8", "chunk_runs=2", "executor.processes=2")  # fmt: skip
COMMAND = [sys.executable, "-m", "experiments.cli"]
# A worker's disk is full from its third chunk on; a run fails as long as the file BROKEN is there.
FAULTS = """
import errno, os, sys
{paths}
import experiments.store.chunks, sim
flush, run = experiments.store.chunks.flush, sim.run
written = []
def full(path):
    written.append(path)
    if "{fault}" == "disk" and len([p for p in written if str(p).endswith(".tmp")]) > 4:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    flush(path)
def broken(parameters, *args, **kwargs):
    if "{fault}" == "run" and os.path.exists("{broken}") and parameters.seed == 2 and parameters.hours > 1:
        raise ValueError("broken")
    return run(parameters, *args, **kwargs)
experiments.store.chunks.flush, sim.run = full, broken
if __name__ == "__main__":
    from experiments.cli import main
    sys.exit(main(sys.argv[1:]))
"""


def ploshcha(*words, command=COMMAND):
    return subprocess.run([*command, *words], capture_output=True, text=True, timeout=200)


def content(folder):
    curves = pl.read_parquet(folder / "runs" / "*.parquet").sort("run_id", "hour", "city")
    return curves, pl.read_parquet(folder / "summary.parquet"), pl.read_parquet(folder / "design.parquet")


def same(one, other):
    return all(a.equals(b) for a, b in zip(content(one), content(other), strict=True))


def with_fault(folder, fault):
    """Return a command whose processes all have a fault."""
    script = folder / f"{fault}.py"
    paths = "\n".join(f"sys.path.insert(0, {path!r})" for path in reversed(sys.path) if path)
    script.write_text(FAULTS.format(paths=paths, fault=fault, broken=folder / "BROKEN"))
    return [sys.executable, str(script)]


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    out = tmp_path_factory.mktemp("sweep") / "whole"
    done = ploshcha(*SWEEP, f"out={out}")
    assert done.returncode == 0, done.stderr
    return out


def test_every_point_has_every_seed_and_nothing_failed(whole):
    curves, summary, design = content(whole)
    assert design.height == summary.height == curves["run_id"].n_unique() == 3 * 8  # the base case is a point, too
    assert pl.read_parquet(whole / "failed.parquet").height == 0
    for _, point in design.group_by("job_pressure.threat"):
        assert point["seed"].to_list() == sorted(set(design["seed"]))
    assert not list(whole.rglob(".*.parquet"))


@pytest.mark.parametrize("runs_done", [1, 5])
def test_killed_and_resumed_is_as_if_nothing_had_happened(whole, tmp_path, runs_done):
    out = tmp_path / "killed"
    with subprocess.Popen(
        [*COMMAND, *SWEEP, f"out={out}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as run:
        began = time.monotonic()
        while len(list((out / "runs").glob("[!.]*.parquet"))) < runs_done and time.monotonic() - began < 60:
            time.sleep(0.005)
        run.send_signal(signal.SIGKILL)
    kept = len(list((out / "runs").glob("[!.]*.parquet")))
    assert kept >= 1
    again = ploshcha(*SWEEP, f"out={out}")
    assert again.returncode == 0, again.stderr
    assert same(whole, out)


def test_the_same_command_again_computes_nothing(whole):
    before = {path: path.stat().st_mtime_ns for path in (whole / "runs").iterdir()}
    again = ploshcha(*SWEEP, f"out={whole}")
    assert again.returncode == 0
    assert {path: path.stat().st_mtime_ns for path in (whole / "runs").iterdir()} == before


def test_other_settings_are_refused_by_name(whole):
    other = ploshcha(*SWEEP, "seed=9", f"out={whole}")
    assert other.returncode == 2
    assert "seed" in other.stderr and len(other.stderr.splitlines()) == 1


def test_a_damaged_chunk_is_computed_again(whole, tmp_path):
    import shutil

    out = tmp_path / "damaged"
    shutil.copytree(whole, out)
    broken = sorted((out / "runs").iterdir())[0]
    broken.write_bytes(broken.read_bytes()[:100])
    again = ploshcha(*SWEEP, f"out={out}")
    assert again.returncode == 0, again.stderr
    assert broken.name in again.stdout + again.stderr
    assert same(whole, out)


def test_a_run_is_replayed_bit_for_bit(whole):
    again = ploshcha("replay", str(whole), "--run", "3")
    assert again.returncode == 0, again.stderr
    assert "bit for bit" in again.stdout


def test_an_older_summary_mislabels_nothing(whole, tmp_path):
    import shutil

    from experiments import load

    out = tmp_path / "older"
    shutil.copytree(whole, out)
    summary = pl.read_parquet(out / "summary.parquet")
    summary.filter(~pl.col("run_id").is_in([5, 23])).write_parquet(out / "summary.parquet")
    assert load(out).identical(load(whole))
    loaded = load(whole)
    assert str(loaded.time.values[13]).startswith("2020-08-09T13")
    for name in ("job_pressure.threat", "seed", "replicate", "generation", "peak_turnout", "outcome_class"):
        assert loaded[name].to_numpy().tolist() == summary[name].to_list()


def test_dry_run_writes_nothing(tmp_path):
    done = ploshcha(*SWEEP, f"out={tmp_path / 'dry'}", "dry_run=true")
    assert done.returncode == 0, done.stderr
    assert "24 runs" in done.stdout
    assert not (tmp_path / "dry").exists()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["job_pressure.thret=0.1,0.2"], "did you mean job_pressure.threat"),
        (["job_pressure.threat=0.1,7"], "job_pressure.threat=7"),
        (["experiment=nope"], "experiment=nope"),
        (["seed=1,2"], "seed=1,2 is not allowed: one value of seed: replicates=N varies it"),
        (["design=hexagon", "job_pressure.threat=0.1,0.2"], "hexagon"),
    ],
)
def test_bad_input_is_one_line_and_nothing_is_written(tmp_path, words, told):
    done = ploshcha("sweep", *words, f"out={tmp_path / 'bad'}")
    assert done.returncode == 2
    assert told in done.stderr and len(done.stderr.splitlines()) == 1
    assert not (tmp_path / "bad").exists()


def test_samples_are_those_of_scipy():
    import numpy as np
    from scipy.stats import qmc

    from experiments.design.points import unit_sample

    assert np.array_equal(unit_sample(3, "lhs", 16, 5), qmc.LatinHypercube(3, rng=np.random.default_rng(5)).random(16))
    assert np.array_equal(unit_sample(3, "sobol", 16, 5), qmc.Sobol(3, rng=np.random.default_rng(5)).random(16))


def processes_of(out):
    """Return the processes whose command line names a folder."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if str(out).encode() in path.read_bytes():
                found.append(int(path.parent.name))
        except OSError:  # ended meanwhile
            continue
    return found


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="looks for processes in /proc")
@pytest.mark.parametrize("seed", [1, 2])
def test_killed_again_and_again_at_random_moments(whole, tmp_path, seed):
    out, moment = tmp_path / "killed", random.Random(seed)
    n_kills = 0
    for _ in range(6):
        with subprocess.Popen([*COMMAND, *SWEEP, f"out={out}"], stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL) as process:  # fmt: skip
            try:
                process.wait(moment.uniform(0.2, 3.5))
                break
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                n_kills += 1
        until = time.monotonic() + 10
        while processes_of(out) and time.monotonic() < until:
            time.sleep(0.05)
        assert not processes_of(out), "a worker outlives its parent"
    done = ploshcha(*SWEEP, f"out={out}")
    assert done.returncode == 0, done.stderr
    assert n_kills > 0 and same(whole, out)
    assert not list(out.rglob(".*.tmp"))


def test_a_full_disk_loses_nothing(whole, tmp_path):
    out = tmp_path / "full"
    done = ploshcha(*SWEEP, f"out={out}", command=with_fault(tmp_path, "disk"))
    assert done.returncode == 1
    assert "No space left on device" in done.stderr and len(done.stderr.splitlines()) == 1
    assert list((out / "runs").glob("[!.]*.parquet")) and not list((out / "runs").glob(".*"))
    assert ploshcha(*SWEEP, f"out={out}").returncode == 0
    assert same(whole, out)


def test_failed_runs_are_tried_again_when_asked(whole, tmp_path):
    out, command = tmp_path / "failing", with_fault(tmp_path, "run")
    (tmp_path / "BROKEN").touch()
    done = ploshcha(*SWEEP, f"out={out}", command=command)
    assert done.returncode == 1 and "3 of 24 runs failed" in done.stderr
    failed = pl.read_parquet(out / "failed.parquet")
    assert failed["error"].to_list() == ["ValueError: broken"] * 3
    (tmp_path / "BROKEN").unlink()
    assert ploshcha("resume", str(out), command=command).returncode == 1, "without --failed they stay failed"
    done = ploshcha("resume", str(out), "--failed", command=command)
    assert done.returncode == 0, done.stderr
    assert same(whole, out) and pl.read_parquet(out / "failed.parquet").height == 0


def test_other_code_is_refused_or_marked(whole, tmp_path):
    out = tmp_path / "old"
    assert ploshcha(*SWEEP, f"out={out}").returncode == 0
    manifest = json.loads((out / "manifest.json").read_text())
    manifest["generations"][0]["code_hash"] = "0" * 16  # as if begun by another version
    (out / "manifest.json").write_text(json.dumps(manifest))
    last = sorted((out / "runs").glob("*.parquet"))[-1]
    lost = pl.read_parquet(last)["run_id"].unique().to_list()
    last.unlink()
    before = sorted(path.name for path in out.rglob("*"))
    refused = ploshcha(*SWEEP, f"out={out}")
    assert refused.returncode == 2
    assert "begun with other code" in refused.stderr and "accept_code_change=true" in refused.stderr
    assert sorted(path.name for path in out.rglob("*")) == before
    assert ploshcha(*SWEEP, f"out={out}", "accept_code_change=true").returncode == 0
    summary = pl.read_parquet(out / "summary.parquet")
    assert summary.filter(pl.col("generation") == 1)["run_id"].to_list() == sorted(lost)
    assert summary.drop("generation").equals(content(whole)[1].drop("generation"))
