"""``ploshcha calibrate`` from words to a folder: small, resumed, refused."""

import json
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

SMALL = ("case=vyraj", "persons_per_agent=2000", "hours=72", "n=12", "rounds=2", "checks=5", "ess=5",
         "executor.processes=1", "participation.intercept=interval(-4,-1)")  # fmt: skip
CALM = "free=[participation.calm_turnout]"
TARGETS = """city,outcome,statistic,date_from,hour_from,date_to,hour_to,low,high,informative,note,source,confidence
Alvena,protesting,peak,2031-05-04,6,2031-05-05,0,20000,20000,yes,,invented,assumption
Tarnel,protesting,peak,2031-05-04,6,2031-05-05,0,100,90000,no: invented,,invented,assumption
"""


@pytest.fixture
def own(here):
    """A folder of one's own with a case whose target can be missed."""
    from importlib.resources import files
    from shutil import copytree

    root = files("conf")
    copytree(root / "data" / "vyraj", here / "mine" / "data" / "measured")
    (here / "mine" / "data" / "measured" / "targets.csv").write_text(TARGETS, encoding="utf-8")
    scenario = (root / "scenario" / "vyraj.yaml").read_text(encoding="utf-8").replace("vyraj", "measured")
    (here / "mine" / "scenario").mkdir()
    (here / "mine" / "scenario" / "measured.yaml").write_text(scenario, encoding="utf-8")
    return ("--config-dir", "mine", "case=measured", *SMALL[1:])


def posterior_of(folder):
    import pyarrow.parquet as pq

    return pq.read_table(folder / "posterior.parquet").to_pydict()


@pytest.fixture
def undrawn(monkeypatch):
    """Leave out the figures of the sweeps that the rounds are: they take longer than the runs."""
    monkeypatch.setattr("experiments.one_sweep.draw_all", lambda *_: None)


def test_a_fit_from_words_to_files(call, here, own, undrawn):
    done = call("calibrate", *own, "out=fit")
    assert done.code == 0, done.err
    found, manifest = posterior_of(here / "fit"), json.loads((here / "fit" / "manifest.json").read_text())
    assert list(found) == ["draw", "weight", "case", "participation.intercept"]
    assert np.sum(found["weight"]) == pytest.approx(1.0) and set(found["case"]) == {"measured"}
    assert manifest["n_runs"] == 24 and manifest["kind"] == "calibration"
    names = {path.name for path in (here / "fit" / "checks").iterdir()}
    assert names == {"identified.parquet", "predicted.parquet", "coverage.parquet", "ranks.parquet"}
    for name in ("posterior", "predicted"):
        (here / "fit" / "figures" / f"{name}.png").unlink()
    plotted, status, cited = (call(verb, "fit") for verb in ("plot", "status", "cite"))
    assert plotted.code == status.code == cited.code == 0
    assert {path.stem for path in (here / "fit" / "figures").glob("*.png")} == {"posterior", "predicted"}
    assert "Tarnel,protesting,peak" in (here / "fit" / "figures" / "predicted.csv").read_text().replace(".", ",")
    assert "done: 2 rounds, 24 runs" in status.out and "Fit of measured by abc_smc, 24 runs, seed 1" in cited.out
    refused = call("view", "fit")
    assert refused.code == 2 and "this one is of a calibration" in refused.err
    assert "cannot be missed" in done.out and "Tarnel" in done.out  # every target is told of
    before = posterior_of(here / "fit")
    again = call("calibrate", *own, "out=fit")  # nothing is computed again, and nothing changes
    assert again.code == 0 and posterior_of(here / "fit") == before
    other = call("calibrate", *own, "ess=6", "out=fit")
    assert other.code == 2 and "begun with other settings: ess was" in other.err


def test_killed_and_begun_again_it_is_the_same(call, here, own, undrawn):
    assert call("calibrate", *own, "out=whole").code == 0
    words = [sys.executable, "-m", "experiments.cli", "calibrate", *own, "out=broken"]
    for _ in range(2):
        process = subprocess.Popen(words, cwd=here, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.time() + 60
        seen = len(list(here.glob("broken/table/*/*/runs/*.parquet")))
        while process.poll() is None and time.time() < deadline:
            if len(list(here.glob("broken/table/*/*/runs/*.parquet"))) > seen + 2:
                break
            time.sleep(0.05)
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert not (here / "broken" / "posterior.parquet").is_file() or process.returncode == 0
    assert call("calibrate", *own, "out=broken").code == 0
    assert posterior_of(here / "broken") == posterior_of(here / "whole")


def test_a_prior_on_turnout_gives_intercepts(call, here, own, undrawn):
    words = [word for word in own if not word.startswith("participation.intercept")]
    words += ["free=[participation.calm_turnout,participation.preference_weight]", "rounds=1"]
    done = call("calibrate", *words, "out=fit")
    assert done.code == 0, done.err
    found = posterior_of(here / "fit")
    assert list(found)[3:] == [f"participation.{name}" for name in ("calm_turnout", "preference_weight", "intercept")]
    assert np.corrcoef(found["participation.calm_turnout"], found["participation.intercept"])[0, 1] > 0.5
    points = (here / "fit" / "table" / "00" / "measured.points.csv").read_text().splitlines()
    assert points[0] == "participation.intercept,participation.preference_weight"
    assert "participation.calm_turnout" in done.out and call("plot", "fit").code == 0
    swept = call("sweep", "--config-dir", "mine", "scenario=measured", "persons_per_agent=2000", "hours=24",
                 "posterior=fit", "draws=2", "replicates=1", "executor.processes=1", "out=over")  # fmt: skip
    assert swept.code == 0, swept.err
    assert call("calibrate", *words, "out=fit").code == 0 and posterior_of(here / "fit") == found


def test_history_matching_reads_the_same_table(call, here, own, undrawn):
    done = call("calibrate", *own, "method=history_matching", "out=fit")
    assert done.code == 0, done.err
    assert "this is no posterior" in done.out and len(set(posterior_of(here / "fit")["weight"])) == 1


def test_a_crossvalidation_that_was_stopped_goes_on_in_its_folder(here):
    from experiments.commands.crossvalidate import read_asked
    from sim.errors import InputError

    (here / "scores").mkdir()
    for name in ("folds.parquet", "correction.parquet", ".rolling_scores.parquet.host.1.tmp.parquet"):
        (here / "scores" / name).touch()
    assert read_asked(["fit=six_waves", "out=scores"]).n == 1000
    (here / "scores" / "mine.txt").touch()
    with pytest.raises(InputError, match="new or empty"):
        read_asked(["fit=six_waves", "out=scores"])


def test_without_its_packages_a_neural_posterior_is_refused(call, here, monkeypatch):
    monkeypatch.setattr("experiments.calibration.npe.find_spec", lambda name: None)
    done = call("calibrate", "case=minsk_2020", "free=[anger.anger_weight]", "method=npe", "out=fit")
    assert done.code == 2 and "pip install 'ploshcha[npe]'" in done.err and done.err.count("\n") == 1
    assert list(here.iterdir()) == []


def test_a_neural_posterior_reads_the_same_table(call, here, own, undrawn):
    pytest.importorskip("bayesflow")
    words = ("calibrate", *own, "method=npe", "n=20", "out=fit")
    done = call(*words)
    assert done.code == 0 and "neural posterior of 40 runs, 8 of them kept as known truths" in done.out, done.err
    found = posterior_of(here / "fit")
    assert len(found["draw"]) == 2000 and np.std(found["participation.intercept"]) > 0
    manifest = json.loads((here / "fit" / "manifest.json").read_text())
    assert manifest["n_runs"] == 40 and "tolerance" not in manifest and call("status", "fit").code == 0
    assert call(*words).code == 0 and posterior_of(here / "fit") == found  # learned again it is the same


@pytest.mark.parametrize(
    "words, message",
    [
        (["case=vyraj", "free=[participation.intercept]", "out=fit"], "case=vyraj has no target that can be missed"),
        (["free=[participation.intercept]", "out=fit"], "case is missing"),
        (["case=minsk_2020", "free=[participation.intercept]"], "out is missing"),
        (["case=minsk_2020", "out=fit"], "free=[] is not allowed: parameters to be fitted"),
        (["case=minsk_2020", "free=[participation.intercpt]", "out=fit"], "did you mean participation.intercept?"),
        (["case=minsk_2020", "free=[repression.strength]", "out=fit"], "what the state does is given"),
        (["case=minsk_2020", "forcings.repression.factor=interval(0,2)", "out=fit"], "what the state does is given"),
        (["case=minsk_2020", "regime.force_intercept=interval(0,1)", "out=fit"], "what the state does is given"),
        (["case=minsk_2020", "anger.anger_weight=1,2", "out=fit"], "interval(low,high), or one value"),
        (["case=minsk_2020", "free=[anger.anger_weight]", "seed=x", "out=fit"], "seed=x is not allowed: an integer"),
        (["case=minsk_2020", "free=[anger.anger_weight]", "method=nope", "out=fit"], "one of abc_smc, history_"),
        (["cases=[vyraj,minsk_2020]", "free=[anger.anger_weight]", "method=npe", "out=fit"], "one case with"),
        (["case=minsk_2020", "free=[anger.anger_weight]", "per_case=[fear.fear_weight]", "out=fit"], "per_case="),
        (["case=minsk_2020", "free=[anger.anger_weight]", "anger.anger_weight=1", "out=fit"], "it is fitted"),
        (["case=minsk_2020", "free=[anger.anger_weight]", "space=true", "out=fit"], "space=true is not allowed"),
        (["case=minsk_2020", "free=[anger.anger_weight]", "start=a.npz", "out=fit"], "start=a.npz is not allowed"),
        (["case=minsk_2020", "free=[anger.anger_weight]", "executor.share=0/2", "out=fit"], "run whole"),
        (["case=minsk_2020", CALM, "participation.intercept=interval(-4,-2)", "out=fit"], "it follows from"),
        (["case=minsk_2020", CALM, "participation.intercept=-4", "out=fit"], "none of its own: it follows"),
        (["case=minsk_2020", CALM, "population.polarisation=interval(1,1.5)", "out=fit"], "do not make the people"),
        (["case=minsk_2020", CALM, "method=emulator", "out=fit"], "with method=emulator"),
        (["case=minsk_2020", "participation.calm_turnout=interval(-2,2)", "out=fit"], "all who prefer change in minsk"),
        (["case=minsk_2020", "participation.calm_turnout=-2", "free=[anger.anger_weight]", "out=fit"], "calm_turnout"),
        (["case=minsk_2020", "free=[population.correlation]", "out=fit"], "any number of a range"),
        (["case=minsk_2020", "free=[population.n_online_ties]", "out=fit"], "any number of a range"),
        (["case=epstein_2002", "free=[anger.anger_weight]", "out=fit"], "case=epstein_2002 is not allowed"),
        (["case=minsk_2020", "free=[anger.anger_weight]", "executor=cloud", "out=fit"], "executor=cloud"),
        (["case=minsk_2020", "priors=", "out=fit"], "priors is empty"),
    ],
)
def test_what_cannot_be_fitted_is_refused_in_one_line(call, here, words, message):
    done = call("calibrate", *words)
    assert done.code == 2 and message in done.err and done.err.count("\n") == 1, done.err
    assert list(here.iterdir()) == []


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("participation.intercep,uniform,-6,-2", "parameter=participation.intercep is not allowed"),
        ("participation.intercept,uniform,-2,-6", "participation.intercept=interval(-2,-6) is not allowed"),
        ("anger.strength,uniform,0,1", "parameter=anger.strength is not allowed"),
    ],
)
def test_a_prior_that_is_none_is_told_with_its_line(call, here, row, told):
    (here / "mine.csv").write_text(f"parameter,distribution,first,second,source,confidence\n{row},x,assumption\n")
    done = call("calibrate", "case=minsk_2020", "priors=mine.csv", "out=fit")
    assert done.code == 2 and f"mine.csv line 2: {told}" in done.err


def test_a_folder_of_something_else_is_left_alone(call, here, everything):
    (here / "run").mkdir()
    (here / "run" / "manifest.json").write_text('{"config": {}}')
    before = everything(here)
    done = call("calibrate", "case=minsk_2020", "free=[anger.anger_weight]", "out=run")
    assert done.code == 2 and "new, empty, or of a calibration" in done.err and everything(here) == before
