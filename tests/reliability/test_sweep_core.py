"""A sweep survives a kill, resumes to the same bytes of content, and refuses what would mix."""

import signal
import subprocess
import sys
import time

import polars as pl
import pytest

SWEEP = ("sweep", "scenario=minsk_2020", "persons_per_agent=2000", "hours=60", "job_pressure.threat=0.1,0.4",
         "replicates=8", "chunk_runs=2", "executor.processes=2")  # fmt: skip
COMMAND = [sys.executable, "-c", "import sys; from experiments.cli import main; sys.exit(main())"]


def ploshcha(*words, **kwargs):
    return subprocess.run([*COMMAND, *words], capture_output=True, text=True, timeout=200, **kwargs)


def content(folder):
    curves = pl.read_parquet(folder / "runs" / "*.parquet").sort("run_id", "hour", "city")
    return curves, pl.read_parquet(folder / "summary.parquet"), pl.read_parquet(folder / "design.parquet")


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
    assert all(one.equals(other) for one, other in zip(content(whole), content(out), strict=True))


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
    assert all(one.equals(other) for one, other in zip(content(whole), content(out), strict=True))


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
        (["seed=1,2"], "seed=1,2 is not allowed: one value: replicates=N varies it"),
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

    from experiments.designs import unit_sample

    assert np.array_equal(unit_sample(3, "lhs", 16, 5), qmc.LatinHypercube(3, rng=np.random.default_rng(5)).random(16))
    assert np.array_equal(unit_sample(3, "sobol", 16, 5), qmc.Sobol(3, rng=np.random.default_rng(5)).random(16))
