"""The frozen prediction stays as it was written, and anybody scores it from counts of their own."""

import csv
import hashlib
import math
import re
import shutil
from pathlib import Path

import numpy as np
import pytest

import conf
from experiments.forecasting.frozen import QUANTILES, freeze

DOCS = Path(__file__).resolve().parents[2] / "docs"
TABLE = DOCS / "predictions.csv"
CASE = "minsk_november_2020"


def told(table=TABLE):
    with table.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("page", ["predictions", "predictions_2"])
def test_the_prediction_is_frozen(page):
    hashes = dict(re.findall(r"\| `([\w./]+)` \| `([0-9a-f]{64})` \|", (DOCS / f"{page}.md").read_text("utf-8")))
    files = {name: DOCS / name for name in (f"{page}.csv", f"{page}_posterior.parquet")}
    assert hashes == {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in files.items()}
    days = ("10-11", "10-18", "10-25", "11-01", "11-08", "11-15", "11-22")
    rows = told(DOCS / f"{page}.csv")
    assert [row["date"] for row in rows] == [f"2020-{day}" for day in days]
    assert {row["origin"] for row in rows} == {"2020-10-04"}


@pytest.fixture
def counted(here):
    """The case with invented counts of two of its Sundays, in a folder of the user's own."""
    folder = here / "mine" / "data" / CASE
    shutil.copytree(Path(conf.__file__).parent / "data" / CASE, folder)
    path, lines = folder / "targets.csv", []
    invented = {"2020-10-11": "1234", "2020-11-22": "9876543"}
    for line in path.read_text("utf-8").splitlines():
        for day, figure in invented.items():
            if f",peak,{day}," in line:
                line = line.replace(",0,1600000,no: nobody has counted it here,", f",{figure},{figure},yes,")
                line = line.replace(",not_counted,", ",,")
        lines.append(line)
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return invented


def test_anybody_scores_it_from_their_own_counts(call, here, counted):
    import pyarrow.parquet as pq
    from scoringrules import crps_quantile

    done = call("forecast", "--config-dir", "mine", f"scenario={CASE}", f"told={TABLE}", "out=scored")
    assert done.code == 0, done.err
    scores = pq.read_table(here / "scored" / "scores.parquet").to_pylist()
    own = {row["date"]: row for row in scores if row["model"] == "ploshcha"}
    assert set(own) == set(counted) and {row["model"] for row in scores} > {"last_value", "ar1_gap"}
    assert [own[day]["pit"] for day in counted] == [0.0, 1.0] and not any(row["in90"] for row in own.values())
    rows = {row["date"]: np.log([float(row[name]) for name in QUANTILES]) for row in told()}
    for day, figure in counted.items():
        by_hand = crps_quantile(math.log(float(figure)), rows[day], np.arange(1, 100) / 100)
        assert own[day]["crps"] == pytest.approx(float(by_hand))
    last = [row for row in scores if row["model"] == "last_value"]
    assert all("counts to 2020-10-04" in row["information"] for row in last)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["posterior=six_waves"], "posterior=six_waves is not allowed: told="),
        (["told=nowhere.csv"], "told=nowhere.csv is not allowed: a file of quantiles"),
        (["told=bad.csv"], "bad.csv line 2: case, city, date"),
        (["told=falling.csv"], "q01 to q99 are not allowed: persons above 0, rising"),
        (["scenario=vyraj"], "none of its dates is in targets.csv: 2020-10-11"),
    ],
)
def test_what_was_not_told_is_refused(call, here, words, message):
    Path("bad.csv").write_text("case,date\nvyraj,2031-05-04\n")
    lines = TABLE.read_text("utf-8").splitlines()
    first = lines[1].split(",")
    Path("falling.csv").write_text("\n".join([lines[0], ",".join([*first[:-1], "1"])]) + "\n")
    has_told = any(word.startswith("told=") for word in words)
    done = call("forecast", f"scenario={CASE}", *([] if has_told else [f"told={TABLE}"]), *words, "out=scored")
    assert done.code == 2 and message in done.err and done.err.count("\n") == 1, done.err
    assert not (here / "scored").exists()


def test_a_fit_by_emulators_forecasts_through_one(call, here):
    """The command of the prediction, small: 40 runs of a week, of its last day; told again it scores the same."""
    import pyarrow.parquet as pq

    words = ["scenario=minsk_autumn_2020", "posterior=six_waves", "hours=192", "persons_per_agent=4000",
             "staff_per_agent=20", "replicates=1", "executor.processes=1", "origin=2020-08-15"]  # fmt: skip
    few = call("forecast", *words, "draws=8", "out=few")
    assert few.code == 2 and "at least 40" in few.err and not (here / "few").exists()
    done = call("forecast", *words, "draws=40", "out=first")
    assert done.code == 0, done.err
    rows = pq.read_table(here / "first" / "forecast.parquet").to_pylist()
    assert {row["date"] for row in rows} == {"2020-08-16"} and "in sample" in rows[0]["information"]
    assert all(row["q05"] < row["q50"] < row["q95"] for row in rows)
    assert all(row["corrected_q05"] < row["q50"] < row["corrected_q95"] for row in rows)
    others = "bucharest_2017, hong_kong_2019, leipzig_autumn_1989, seoul_2016, yellow_vests_2018"
    assert {row["correction"] for row in rows} == {f"37 forecasts of {others}"}  # its own are in sample
    freeze(here / "first", here / "first.csv")
    again = call("forecast", "scenario=minsk_autumn_2020", "hours=192", "told=first.csv", "out=again")
    assert again.code == 0, again.err
    one, two = ({row["date"]: row["crps"] for row in pq.read_table(here / name / "scores.parquet").to_pylist()
                 if row["model"] == "ploshcha"} for name in ("first", "again"))  # fmt: skip
    assert one == pytest.approx(two, abs=0.03)
