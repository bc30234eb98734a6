"""Every shipped experiment, in miniature, to its end: table, summary, and the figures that its file asks for."""

from itertools import combinations
from pathlib import Path

import polars as pl
import pytest
import yaml

from experiments.cli import main
from experiments.design.plan import make_plan
from experiments.store.chunks import read_curves

FOLDER = Path(__file__).resolve().parents[2] / "conf" / "experiment"
EXPERIMENTS = {path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.yaml"))}
SMALL = ("persons_per_agent=4000", "hours=102", "replicates=1", "executor.processes=1")


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_it_runs_to_its_end(tmp_path, capsys, name):
    experiment, out = EXPERIMENTS[name], tmp_path / "out"
    assert main(["sweep", f"experiment={name}", *SMALL, f"out={out}"]) == 0
    printed = capsys.readouterr().out
    told = " ".join(printed.split())  # lines are folded
    assert experiment["title"] in told
    summary = pl.read_parquet(out / "summary.parquet")
    assert set(experiment["outcomes"]) | set(experiment["levers"]) <= set(summary.columns)
    assert summary.height == pl.read_parquet(out / "design.parquet").height >= (2 if experiment["levers"] else 1)
    figures = {path.stem for path in (out / "figures").iterdir()}
    always = {"curves", "effects"} if experiment["levers"] else {"mobilization"}
    drawn = experiment["figure"] if isinstance(experiment["figure"], str) else experiment["figure"]["kind"]
    assert always | {drawn} - {"none"} <= figures
    for claim in experiment.get("published", ()):
        head = " ".join(f"{claim['source']}: {claim['claim']}:".split())
        assert told.count(head) == 1
        rest = told.partition(head)[2].strip()
        if "cannot_answer" in claim:
            assert rest.startswith("cannot answer: " + " ".join(claim["cannot_answer"].split()))
        else:
            assert rest.startswith("undecided"), "one replicate decides nothing"


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_every_point_of_it_is_allowed(name):
    plan = make_plan([f"experiment={name}"])
    assert len(plan.point_hashes) == len(plan.points)
    for one, other in combinations(range(len(plan.points)), 2):
        if plan.point_hashes[one] == plan.point_hashes[other]:  # only where what differs belongs to what is off
            first, second = plan.points[one], plan.points[other]
            groups = {lever.partition(".")[0] for lever in first if first[lever] != second[lever]}
            assert groups and all(first[f"{group}.strength"] == second[f"{group}.strength"] == 0 for group in groups)
    assert plan.replicates >= 20, "too few for intervals to hold what they say: docs/interval_coverage.py"


def test_a_shortened_horizon_still_ends_in_figures(tmp_path):
    out = tmp_path / "out"
    assert main(["sweep", "experiment=russian_support", *SMALL, "hours=30", f"out={out}"]) == 0
    assert {path.stem for path in (out / "figures").iterdir()} == {"curves", "effects", "break_even"}


def test_replicates_alone_are_a_sweep_without_baseline(tmp_path, capsys):
    out = tmp_path / "out"
    assert main(["sweep", "scenario=vyraj", "persons_per_agent=400", "replicates=3", "executor.processes=1",
                 f"out={out}"]) == 0  # fmt: skip
    printed = capsys.readouterr().out
    assert "n = 3 runs, nothing varied but the seed: no baseline to compare with" in printed
    assert pl.read_parquet(out / "summary.parquet")["seed"].to_list() == [1, 2, 3]
    assert pl.read_parquet(out / "effects.parquet").height == 0
    figures = {path.name for path in (out / "figures").iterdir()}
    assert figures == {"mobilization.csv", "mobilization.md", "mobilization.png"}
    assert main(["sweep", "scenario=vyraj", f"out={tmp_path / 'none'}"]) == 2  # neither levers nor replicates
    assert "levers are missing" in capsys.readouterr().err and not (tmp_path / "none").exists()


def test_what_is_drawn_of_replicates_is_what_the_runs_have(tmp_path):
    import csv

    out = tmp_path / "out"
    assert main(["run", "scenario=vyraj", "persons_per_agent=400", "replicates=3", f"out={out}"]) == 0
    frame = pl.from_arrow(read_curves(out, ["hour", "city", "protesting"]))
    with (out / "figures" / "mobilization.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            own = frame.filter((pl.col("hour") == int(row["hour"])) & (pl.col("city") == row["city"]))["protesting"]
            assert own.len() == 3 and float(row["protesting_q50"]) == pytest.approx(own.median())
