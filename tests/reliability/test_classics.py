"""The classics through the command: what a run leaves, and one line for what is not allowed."""

import json

import polars as pl
import pytest

from experiments.cli import main


def test_a_run_leaves_curves_figure_and_manifest(tmp_path, capsys):
    out = tmp_path / "out"
    words = ["scenario=epstein_2002", "epstein.vision=7", "epstein.ratio=floor", "steps=120", "seed=1", f"out={out}"]
    assert main(["run", *words]) == 0
    assert sorted(path.name for path in out.iterdir()) == [
        "curves.parquet", "lattice.csv", "lattice.md", "lattice.png", "manifest.json", "mobilization.csv",
        "mobilization.md", "mobilization.png"]  # fmt: skip
    curves = pl.read_parquet(out / "curves.parquet")
    assert curves.columns == ["step", "protesting", "detained", "quiet", "officers", "mean_tension"]
    assert curves["step"].to_list() == list(range(120))
    manifest = json.loads((out / "manifest.json").read_text())
    assert (manifest["steps"], manifest["agents"], manifest["engine"]) == (120, 1184, "compiled")
    printed = capsys.readouterr().out
    assert "Outbursts (more than 50 active): " in printed and "waiting time" in printed


@pytest.mark.parametrize("scenario", [
    "epstein_2002_run1", "epstein_2002_run2", "epstein_2002_run3", "epstein_2002_run4", "epstein_2002_run5",
    "rebellion_netlogo", "civil_violence_mesa", "granovetter_1978", "granovetter_1978_changed", "kuran_1989",
    "siegel_2009", "epstein_2002_ethnic", "chenoweth_2022",
])  # fmt: skip
def test_every_preset_runs_and_repeats(scenario, tmp_path):
    hashes = []
    for name in ("a", "b"):
        assert main(["run", f"scenario={scenario}", "steps=5", f"out={tmp_path / name}"]) == 0
        hashes.append(json.loads((tmp_path / name / "manifest.json").read_text())["curves_sha256"])
    assert hashes[0] == hashes[1]


def test_a_campaign_says_how_it_ended(tmp_path, capsys):
    assert main(["run", CHENOWETH, "chenoweth.strategy=least_loyal_pillars", f"out={tmp_path / 'a'}"]) == 0
    curves = pl.read_parquet(tmp_path / "a" / "curves.parquet")
    assert curves.columns == ["step", *CAMPAIGN]
    manifest = json.loads((tmp_path / "a" / "manifest.json").read_text())
    n_steps, n_defected = manifest["steps"], 24 - int(curves["pillars_left"][-1])
    assert curves.height == n_steps < 200 and curves["has_succeeded"].to_list() == [0.0] * (n_steps - 1) + [1.0]
    told = f"The campaign won after {n_steps} steps: {n_defected} of 24 pillars defected"
    assert told in capsys.readouterr().out and (tmp_path / "a" / "mobilization.png").exists()


EPSTEIN, CHENOWETH = "scenario=epstein_2002", "scenario=chenoweth_2022"
CAMPAIGN = ("protesting detained quiet members activists officers pillars_left killed legitimacy has_succeeded").split()


@pytest.mark.parametrize("words, told", [
    ([EPSTEIN, "epstein.citizen_density=0.99"], "at most 0.96 beside officer_density=0.04"),
    ([EPSTEIN, "epstein.citizen_density=0"], "at least 0.000625, one citizen"),
    (["scenario=epstein_2002_ethnic", "ethnic.citizen_density=0"], "one citizen"),
    ([CHENOWETH, "chenoweth.citizen_density=0"], "one citizen"),
    ([EPSTEIN, "epstein.citizen_density=1.7"], "epstein.citizen_density=1.7 is not allowed: a number >= 0 and <= 1"),
    ([EPSTEIN, "epstein.vision=21"], "at most half of size=40, 20"),
    ([EPSTEIN, "epstein.legitimacy=[[0,0.9],[5,0.7],[3,0.1]]"], "steps that rise"),
    ([EPSTEIN, "epstein.legitimacy=[[3,0.9]]"], "steps that begin at 0"),
    ([EPSTEIN, "epstein.legitimacy=1.2"], "a number >= 0 and <= 1, or [[step, value], ...]"),
    ([EPSTEIN, "epstein.legitimacy=high"], "a number >= 0 and <= 1, or [[step, value], ...]"),
    ([EPSTEIN, "epstein.officer_schedule=[[5,3],[2,1]]"], "steps that rise"),
    ([EPSTEIN, "epstein.officer_schedule=[[2,3],[5,9]]"], "numbers that never rise"),
    ([EPSTEIN, "epstein.max_jail_term=-1"], "a number >= 0"),
    ([EPSTEIN, "epstein.ratio=floo"], "did you mean floor?"),
    ([EPSTEIN, "epstein.visin=3"], "did you mean epstein.vision?"),
    ([EPSTEIN, "hours=3"], "its length is set by steps=N"),
    ([EPSTEIN, "anger.strength=0"], "a classic has no anger"),
    (["steps=4"], "this scenario is set by hours=N"),
    (["scenario=granovetter_1978", "granovetter.distribution=listed"], "at least one"),
    ([CHENOWETH, "chenoweth.strategy=pillar"], "did you mean pillars?"),
    ([CHENOWETH, "chenoweth.citizen_density=0.99"], "at most 0.9367 beside activists, officers and pillars"),
    ([CHENOWETH, "chenoweth.vision=20"], "below half of size=40"),
    ([CHENOWETH, "chenoweth.protest_duration=12"], "at most protest_cycle=9"),
    ([CHENOWETH, "chenoweth.max_jail_term=1"], "chenoweth.max_jail_term=1 is not allowed"),
    ([CHENOWETH, "chenoweth.legitimacy=1.2"], "a number >= 0 and <= 1"),
])
def test_bad_input_is_one_line(words, told, tmp_path, capsys):
    out = tmp_path / "out"
    assert main(["run", *words, f"out={out}"]) == 2
    written = capsys.readouterr()
    assert told in written.err and written.err.count("\n") == 1 and not out.exists()
