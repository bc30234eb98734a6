"""The README taken literally: its Python runs, its commands are understood, its folders work."""

import re
import shlex
import shutil
from pathlib import Path

import pytest

from experiments import load_scenario
from experiments import words as overrides
from experiments.commands.multirun import check_all
from experiments.commands.sensitivity import sweep_words
from experiments.design.plan import make_plan
from experiments.settings.read import hydra_session
from sim import run

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
LINES = re.findall(r"^ +uv run ploshcha run(.*)$", README, re.MULTILINE)
COMMANDS = [shlex.split(line, comments=True) for line in LINES]
DOCS = README + (ROOT / "docs" / "sweeps.md").read_text(encoding="utf-8")
SWEEPS = re.findall(r"^ +uv run(?: --extra \w+)? ploshcha (sweep|sensitivity) ([^>\n]*)", DOCS, re.MULTILINE)


def test_the_python_example_runs(capsys):
    block = re.search(r"^In Python:\n\n((?: {4}.*\n|\n)+)", README, re.MULTILINE)[1]
    exec("\n".join(line[4:] for line in block.splitlines()), {})
    assert "Minsk" in capsys.readouterr().out


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_command_is_understood(words):
    parsed = overrides.parse([word for word in words if word != "-m"])
    with hydra_session():
        settings = check_all(parsed, None)
    assert len(settings) == (6 if "-m" in words else 1)


@pytest.mark.parametrize(("command", "line"), SWEEPS)
def test_every_sweep_can_be_planned(command, line):
    words = shlex.split(line, comments=True)
    plan = make_plan(words if command == "sweep" else sweep_words(words))
    assert plan.n_runs >= 20
    if plan.experiment.name == "repression_backlash":
        assert f"{plan.n_runs} runs of Minsk" in README


def test_an_own_experiment_is_a_file(tmp_path):
    """The file that docs/sweeps.md shows."""
    text = re.search(r"```yaml\n(title:.*?)```", DOCS, re.DOTALL)[1]
    (tmp_path / "experiment").mkdir()
    (tmp_path / "experiment" / "mine.yaml").write_text(text, encoding="utf-8")
    plan = make_plan(["experiment=mine"], str(tmp_path))
    assert len(plan.points) == 6 and plan.baseline == 2 and plan.replicates == 20


def test_another_week_is_written_in_files_only(tmp_path):
    """As the README says it: own folder, five files, targets without a row."""
    data = tmp_path / "data" / "my_week"
    shutil.copytree(ROOT / "conf" / "data" / "vyraj", data)
    assert len(list(data.glob("*.csv"))) == 5
    header = (data / "targets.csv").read_text(encoding="utf-8").splitlines()[0]
    (data / "targets.csv").write_text(header + "\n", encoding="utf-8")
    text = (ROOT / "conf" / "scenario" / "vyraj.yaml").read_text(encoding="utf-8")
    own = re.sub(r"^(name|data): vyraj$", r"\1: my_week", text, flags=re.MULTILINE)
    (tmp_path / "scenario").mkdir()
    (tmp_path / "scenario" / "my_week.yaml").write_text(own, encoding="utf-8")
    result = run(load_scenario("my_week", "persons_per_agent=200", "hours=24", config_dir=tmp_path))
    assert result.cities == ["Alvena", "Tarnel"] and result.targets == ()
