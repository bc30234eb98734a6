"""Sweeps and forecasts over a posterior: paired within each draw, and refused in one line."""

import json
import shutil

import numpy as np
import pytest
from made_up_fit import make_fit

from experiments.design.posterior import draws_of, with_draws
from experiments.store.tables import numbers, texts, write_columns, write_table
from sim.errors import InputError

SMALL = ("scenario=minsk_2020", "persons_per_agent=2000", "executor.processes=1")


@pytest.fixture
def fitted(here):
    """A folder as `calibrate` writes it: three draws, of which the last weighs nothing."""
    return make_fit(here / "fit")


def test_draws_are_as_frequent_as_their_weights(fitted):
    draws = draws_of(str(fitted), "minsk_2020", 8)
    assert [d["participation.intercept"] for d in draws] == [-4.0] * 6 + [-5.0] * 2
    assert draws_of(str(fitted), "elsewhere", 1) == [{"participation.intercept": -4.0}]
    with pytest.raises(InputError, match="settings that the posterior does not have"):
        with_draws(draws, [{"participation.intercept": 1.0}])


def test_a_sweep_pairs_within_each_draw(call, here, fitted):
    import pyarrow.parquet as pq

    words = (*SMALL, "hours=30", "posterior=fit", "draws=4", "replicates=2", "anger.strength=1,0", "out=over")
    done = call("sweep", *words)
    assert done.code == 0 and "luck and parameters" in done.out, done.err
    summary = pq.read_table(here / "over" / "summary.parquet").to_pydict()
    assert len(summary["run_id"]) == 16 and set(summary["participation.intercept"]) == {-4.0, -5.0}
    cube = np.array(summary["peak_turnout"]).reshape(4, 2, 2)  # draws, anger, seeds
    found = pq.read_table(here / "over" / "effects_over_posterior.parquet").to_pydict()
    row = found["outcome"].index("peak_turnout")
    differences = cube[:, 1] - cube[:, 0] if summary["anger.strength"][0] == 1.0 else cube[:, 0] - cube[:, 1]
    assert found["difference"][row] == pytest.approx(differences.mean())
    assert [found["low"][row], found["high"][row]] == pytest.approx(np.percentile(differences, [5, 95]).tolist())
    assert call("resume", "over").code == 0  # from another command, by its manifest


@pytest.mark.parametrize(
    "words, message",
    [
        (["posterior=nowhere"], "posterior=nowhere is not allowed: a folder of ploshcha calibrate"),
        (["posterior=fit", "participation.intercept=-4,-5"], "settings that the posterior does not have"),
        (["posterior=fit", "common_luck=false", "anger.strength=1,0"], "a sweep with common luck"),
        (["posterior=fit@minks_2020"], "fit@CASE with a case that was fitted: minsk_2020; did you mean minsk_2020?"),
        (["posterior=fit@"], "posterior=fit@ is not allowed: fit@CASE with a case that was fitted: minsk_2020"),
    ],
)
def test_what_cannot_be_paired_is_refused(call, here, fitted, words, message):
    done = call("sweep", *SMALL, *words, "out=over")
    assert done.code == 2 and message in done.err and done.err.count("\n") == 1, done.err
    assert not (here / "over").exists()


def test_a_forecast_is_scored_beside_simple_rivals(call, here, fitted):
    import pyarrow.parquet as pq

    words = (*SMALL, "posterior=fit", "draws=6", "replicates=1", "origin=2020-08-14", "out=told")
    done = call("forecast", *words)
    assert done.code == 0, done.err
    told = pq.read_table(here / "told" / "forecast.parquet").to_pydict()
    assert sorted(set(zip(told["date"], told["outcome"], strict=True))) == [
        ("2020-08-15", "protesting"), ("2020-08-16", "protesting"), ("2020-08-16", "rally_present"),
    ]  # fmt: skip
    assert all(told["q05"][k] <= told["q50"][k] <= told["q95"][k] for k in range(3))
    scores = pq.read_table(here / "told" / "scores.parquet").to_pydict()
    assert set(scores["model"]) == {"ploshcha", "last_value", "mean_of_three", "log_trend", "ar1_gap"}
    assert "in sample" not in "".join(scores["information"])  # the posterior has seen nothing later
    assert "counts to 2020-08-14; forcings as in the timeline" in scores["information"][0]
    names = [name for name in told if name.startswith("corrected")]
    assert names == ["corrected_q05", "corrected_q25", "corrected_q75", "corrected_q95"]
    assert set(told["correction"]) == {"3 of minsk_2020 counted by 2020-08-14"}  # that the posterior has not seen
    assert all(told["corrected_q25"]) and not any(told["corrected_q05"])  # three say nothing of nine in ten
    (here / "told" / "figures" / "forecast.png").unlink()
    assert call("plot", "told").code == 0 and (here / "told" / "figures" / "forecast.png").is_file()
    status, cited = call("status", "told"), call("cite", "told")
    assert "done: forecast.parquet, scores.parquet, compared.parquet" in status.out and "6 of 6 runs done" in status.out
    assert "6 points x 1 replicates" in cited.out and "seed 1; command: ploshcha forecast scenario=minsk" in cited.out
    manifest = json.loads((here / "told" / "manifest.json").read_text())
    assert set(manifest["inputs_sha256"]) == {"data of minsk_2020", "posterior"}
    assert manifest["words"][-1] == "origin=2020-08-14" and not any("executor" in word for word in manifest["words"])
    early = call("forecast", *SMALL, "posterior=fit", "draws=6", "replicates=1", "origin=2020-08-09", "out=told")
    assert early.code == 0 and "later than the origin: in sample" in early.out  # the same runs, weighed otherwise


TOLD = (*SMALL, "posterior=fit", "draws=2", "replicates=1", "origin=2020-08-14", "out=told")


def test_a_forecast_is_made_again_from_its_folder(call, here, fitted, everything):
    assert call("forecast", *TOLD).code == 0
    before = everything(here)
    again = call("replay", "told")
    assert (again.code, again.out, again.err) == (0, "identical to the stored tables, bit for bit\n", "")
    assert everything(here) == before
    (here / "told" / "scores.parquet").write_bytes(b"")
    assert "scores.parquet is not as it was written" in call("status", "told").out
    again = call("replay", "told")
    assert again.code == 1 and again.out == "differs: scores.parquet\n"
    assert call("forecast", *TOLD).code == 0 and call("replay", "told").code == 0  # the same command mends it
    kept = (here / "told" / "manifest.json").read_bytes()
    done = call("forecast", *TOLD, "draws=5")
    assert done.code == 2 and "was begun with other settings" in done.err
    assert (here / "told" / "manifest.json").read_bytes() == kept  # what is refused changes nothing
    posterior = here / "fit" / "posterior.parquet"
    posterior.write_bytes(posterior.read_bytes() + b" ")
    assert "made from other posterior" in call("replay", "told").err


@pytest.fixture(scope="module")
def small_forecast(tmp_path_factory):
    """A folder with a fit and a forecast from it."""
    from experiments import cli

    folder = tmp_path_factory.mktemp("small")
    make_fit(folder / "fit")
    words = [word.replace("=fit", f"={folder}/fit").replace("=told", f"={folder}/told") for word in TOLD]
    assert cli.main(["forecast", *words]) == 0
    return folder / "told"


@pytest.mark.parametrize("verb", ["status", "cite", "replay", "plot"])
@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("words", 5, "words=5 is not allowed"),
        ("inputs_sha256", None, "inputs_sha256"),
        ("tables_sha256", [], "tables_sha256"),
        ("versions", {"python": 3}, "versions.python"),
        ("kind", "guess", "guess"),
    ],
)
def test_an_edited_manifest_of_a_forecast_gives_one_line(call, here, small_forecast, verb, key, value, message):
    shutil.copytree(small_forecast, here / "told")
    path = here / "told" / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), key: value}))
    done = call(verb, "told")
    assert (done.code, done.err.count("\n")) == ((0, 0) if verb == "plot" and key != "kind" else (2, 1)), done.err
    assert done.code == 0 or message in done.err or key == "kind", done.err


@pytest.mark.parametrize("word", ["executor=slurm", "out=elsewhere", "nosuch=1", "origin=soon", "told=nowhere.csv"])
def test_words_of_a_manifest_are_not_obeyed(call, here, small_forecast, everything, word):
    shutil.copytree(small_forecast, here / "told")
    path = here / "told" / "manifest.json"
    found = json.loads(path.read_text())
    path.write_text(json.dumps({**found, "words": [*found["words"], word]}))
    before = everything(here)
    done = call("replay", "told")
    assert done.code == 2 and done.err.count("\n") == 1 and word in done.err, done.err
    assert everything(here) == before


REFUSED = ("posterior=fit", "draws=2", "origin=2020-08-14", "out=told")


@pytest.mark.parametrize(
    "words, message",
    [
        (["origin=2020-08-14", "out=told"], "posterior is missing"),
        (["posterior=fit", "out=told"], "origin is missing"),
        (["posterior=fit", "origin=soon", "out=told"], "origin=soon is not allowed"),
        (["posterior=fit", "origin=2020-08-16", "out=told"], "a day before the last count, 2020-08-16"),
        ([*REFUSED, "anger.strength=0,1"], "anger.strength=0,1 is not allowed: one value: a forecast varies only"),
        ([*REFUSED, "anger.strength=interval(0,1)"], "anger.strength=interval(0,1) is not allowed: one value"),
        ([*REFUSED, "experiment=leader"], "experiment=leader is not allowed: none: a forecast varies only"),
        ([*REFUSED, "design=lhs"], "design=lhs is not allowed: none: a forecast varies only"),
        ([*REFUSED, "correction=nowhere"], "correction=nowhere is not allowed: a folder of ploshcha crossvalidate"),
        ([*REFUSED, "correction=six_waves"], "correction=six_waves is not allowed: one for minsk_2020; this"),
        ([*REFUSED, "rival=nowhere"], "rival=nowhere is not allowed: a folder of ploshcha calibrate"),
        ([*REFUSED, "scenario=granovetter_1978"], "scenario=granovetter_1978 is not allowed: a scenario of cities"),
        ([*REFUSED, "figures=[gif]"], "figures=gif is not allowed: some of png, pdf, svg, csv, md"),
        ([*REFUSED, "replicates=0"], "replicates=0 is not allowed: an integer >= 1"),
    ],
)
def test_what_cannot_be_forecast_is_refused(call, here, fitted, words, message):
    small = () if any(word.startswith("scenario=") for word in words) else SMALL
    done = call("forecast", *small, *words)
    assert done.code == 2 and message in done.err and done.err.count("\n") == 1, done.err
    assert not (here / "told").exists()


def test_levels_are_those_of_the_case_that_is_named(tmp_path):
    write_columns(tmp_path / "posterior.parquet", {
        "draw": numbers(np.array([0, 0], np.int32)), "weight": numbers(np.array([1.0, 1.0])),
        "case": texts(["vyraj", "minsk_2020"]), "participation.intercept": numbers(np.array([-4.0, -5.0])),
    })  # fmt: skip
    assert draws_of(str(tmp_path), "minsk_2020", 2) == [{"participation.intercept": -5.0}] * 2
    assert draws_of(f"{tmp_path}@vyraj", "minsk_2020", 1) == [{"participation.intercept": -4.0}]
    with pytest.raises(InputError, match="@CASE with a case that was fitted: vyraj, minsk_2020"):
        draws_of(str(tmp_path), "august_2020", 1)


@pytest.mark.parametrize(
    ("column", "values", "told"),
    [
        ("weight", numbers(np.array([1.0, np.nan, 0.0])), "column weight is not allowed"),
        ("weight", numbers(np.array([1.0, -0.5, 0.0])), "column weight is not allowed"),
        ("weight", texts(["a", "b", "c"]), "column weight=a is not allowed: numbers"),
        ("case", numbers(np.array([1.0, 2.0, 3.0])), "column case=1.0 is not allowed: names"),
        ("participation.intercept", texts(["a", "b", "c"]), "column participation.intercept=a is not allowed: numbers"),
        ("participation.intercept", numbers(np.array([1.0, np.inf, 0.0])), "finite numbers"),
        ("weight", numbers(np.array([1e308, 1e308, 1e308])), "column weight is not allowed"),
        ("hours", numbers(np.array([24.0, 24.0, 24.0])), "column=hours is not allowed: a declared parameter"),
        ("anger.strength", numbers(np.array([1.0, 1.0, 1.0])), "a parameter of people; what the state does is given"),
    ],
)
def test_a_posterior_that_was_edited_is_told(fitted, column, values, told):
    import pyarrow.parquet as pq

    path = fitted / "posterior.parquet"
    table = pq.read_table(path)
    at = table.column_names.index(column) if column in table.column_names else table.num_columns
    table = table.append_column(column, values) if at == table.num_columns else table.set_column(at, column, values)
    write_table(table, path)
    with pytest.raises(InputError, match=told):
        draws_of(str(fitted), "minsk_2020", 4)
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(InputError, match="a table that ploshcha calibrate wrote, unharmed"):
        draws_of(str(fitted), "minsk_2020", 4)


def test_a_posterior_without_parameters_is_told(fitted):
    import pyarrow.parquet as pq

    path = fitted / "posterior.parquet"
    write_table(pq.read_table(path).select(["draw", "weight", "case"]), path)
    with pytest.raises(InputError, match="a parameter is missing"):
        draws_of(str(fitted), "minsk_2020", 4)


@pytest.mark.parametrize("verb", ["status", "cite", "plot", "forecast"])
@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        ("cases", [], "calibration.cases"),
        ("method", "guess", "calibration.method=guess is not allowed: one of abc_smc"),
        ("priors", 5, "calibration.priors=5 is not allowed: a list"),
        ("priors", [["participation.intercept", "uniform", "a", 0.0]], "calibration.priors.0.2=a is not allowed"),
        ("until", "soon", "until"),
        ("versions", None, "versions"),
        *((name, None, f"{name}=null is not allowed") for name in ("rounds", "n_runs", "tolerance", "ess")),
    ],
)
def test_an_edited_manifest_of_a_fit_gives_one_line(call, here, fitted, verb, key, value, told):
    path = fitted / "manifest.json"
    found = json.loads(path.read_text())
    (found["calibration"] if key in found["calibration"].keys() - found.keys() else found)[key] = value
    path.write_text(json.dumps(found))
    done = call("forecast", *SMALL, *REFUSED) if verb == "forecast" else call(verb, "fit")
    assert done.code == 2 and told in done.err and done.err.count("\n") == 1, done.err
    assert sorted(path.name for path in here.iterdir()) == ["fit"]
