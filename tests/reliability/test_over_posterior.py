"""Sweeps and forecasts over a posterior: paired within each draw, and refused in one line."""

import json

import numpy as np
import pytest

from experiments.design.posterior import draws_of, with_draws
from experiments.store.tables import as_table, numbers, texts, write_columns, write_table
from sim.errors import InputError

SMALL = ("scenario=minsk_2020", "persons_per_agent=2000", "executor.processes=1")


@pytest.fixture
def fitted(here):
    """A folder as `calibrate` writes it: three draws, of which the last weighs nothing."""
    folder = here / "fit"
    folder.mkdir()
    (folder / "manifest.json").write_text(json.dumps({"kind": "calibration", "until": "2020-08-10"}))
    columns = {"draw": numbers(np.arange(3, dtype=np.int32)), "weight": numbers(np.array([0.75, 0.25, 0.0])),
               "case": texts(["minsk_2020"] * 3),
               "participation.intercept": numbers(np.array([-4.0, -5.0, -1.0]))}  # fmt: skip
    write_table(as_table(columns), folder / "posterior.parquet")
    return folder


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
    early = call("forecast", *SMALL, "posterior=fit", "draws=6", "replicates=1", "origin=2020-08-09", "out=told")
    assert early.code == 0 and "later than the origin: in sample" in early.out  # the same runs, weighed otherwise


@pytest.mark.parametrize(
    "words, message",
    [
        (["origin=2020-08-14", "out=told"], "posterior is missing"),
        (["posterior=fit", "out=told"], "origin is missing"),
        (["posterior=fit", "origin=soon", "out=told"], "origin=soon is not allowed"),
        (["posterior=fit", "origin=2020-08-16", "out=told"], "a day before the last count, 2020-08-16"),
    ],
)
def test_what_cannot_be_forecast_is_refused(call, here, fitted, words, message):
    done = call("forecast", *SMALL, *words)
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
    ],
)
def test_a_posterior_that_was_edited_is_told(fitted, column, values, told):
    import pyarrow.parquet as pq

    path = fitted / "posterior.parquet"
    table = pq.read_table(path)
    write_table(table.set_column(table.column_names.index(column), column, values), path)
    with pytest.raises(InputError, match=told):
        draws_of(str(fitted), "minsk_2020", 4)
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(InputError, match="a table that ploshcha calibrate wrote, unharmed"):
        draws_of(str(fitted), "minsk_2020", 4)
