"""``ploshcha run -m``: all combinations checked before the first starts, a folder for each, nothing else."""

import json
import sys
from pathlib import Path

import pytest

import conf

CONF = Path(conf.__file__).parent
FILES = ["curves.parquet", "manifest.json", "mobilization.csv", "mobilization.md", "mobilization.png", "plants.parquet"]


def test_a_folder_for_each_job_equal_to_the_single_run(call, first_run, small, here, everything):
    done = call("run", "-m", *small, "seed=1,2", "anger.strength=0,1", "out=many")
    assert done.code == 0, done.err
    assert done.err == ""
    folders = [f"many/{number}" for number in range(4)]
    files = [f"{folder}/{name}" for folder in folders for name in FILES]
    assert everything(here) == sorted(["many", *folders, *files])
    settings = [json.loads((here / folder / "manifest.json").read_text(encoding="utf-8")) for folder in folders]
    varied = [(item["seed"], item["config"]["anger"]["strength"]) for item in settings]
    assert varied == [(1, 0.0), (1, 1.0), (2, 0.0), (2, 1.0)]
    same = (here / "many" / "1" / "curves.parquet").read_bytes()
    assert same == (first_run[1] / "curves.parquet").read_bytes()
    lines = done.out.splitlines()
    assert sum("seed=" in line and "anger.strength=" in line for line in lines) == 4
    assert lines[-1] == f"written to {here / 'many'}"


def test_one_job_and_the_default_folder(call, small, here):
    assert call("run", "--multirun", *small).code == 0
    (folder,) = (here / "results" / "minsk_2020").iterdir()
    assert [path.name for path in folder.iterdir()] == ["0"]
    assert [path.name for path in here.iterdir()] == ["results"]


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["seed=1,x"], ["seed=x", "an integer"]),
        (["seed=1,2", "job_pressure.threat=0.1,1.7"], ["job_pressure.threat=1.7", "<= 1"]),
        (["seed=1,2", "job_presure.threat=0.1,0.2"], ["job_presure.threat", "did you mean job_pressure.threat?"]),
        (["scenario=minsk_2020,minsk_2002"], ["scenario=minsk_2002", "did you mean minsk_2020?"]),
        (["scenario=minsk_2020", "scenario.cities=[Minsk],[Minks]"], ["Minks", "did you mean Minsk?"]),
        (["seed=interval(0,1)"], ["seed=interval(0,1)", "values as in seed=0,1"]),
        (["out=a,b"], ["out", "one folder"]),
        (["seed=1,2", "out=full"], ["out=full", "new or empty"]),
        (["seed=1,2", "hydra/launcher=nope"], ["hydra/launcher=nope", "one of basic"]),
    ],
)
def test_all_are_checked_before_the_first_starts(call, here, everything, monkeypatch, words, named):
    (here / "full").mkdir()
    (here / "full" / "kept.txt").write_text("kept", encoding="utf-8")
    monkeypatch.setattr("experiments.commands.multirun.simulate", lambda *_, **__: pytest.fail("a job was started"))
    before = everything(here)
    done = call("run", "-m", *words)
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert all(word in done.err for word in named)
    assert everything(here) == before


def test_a_job_that_fails_does_not_stop_the_others(call, here, small, everything, monkeypatch):
    from experiments.commands import multirun

    simulate = multirun.simulate

    def fail_for_two(parameters, *rest):
        if parameters.seed == 2:
            raise RuntimeError("first\nsecond")
        return simulate(parameters, *rest)

    monkeypatch.setattr(multirun, "simulate", fail_for_two)
    done = call("run", "-m", *small, "seed=1,2,3", "out=many")
    assert done.code == 1
    assert done.err == "ploshcha: job 1 failed: RuntimeError: first second\n"
    assert sorted(path.name for path in (here / "many").iterdir()) == ["0", "2"]


def test_if_all_fail_nothing_is_left(call, here, small, everything, monkeypatch):
    monkeypatch.setattr("experiments.commands.multirun.simulate", lambda *_: 1 / 0)
    done = call("run", "-m", *small, "seed=1,2", "out=a/many")
    assert done.code == 1 and "written" not in done.out
    assert done.err.count("ZeroDivisionError") == 2
    assert everything(here) == []


def test_joblib_as_the_launcher(command, small, tmp_path, everything):
    pytest.importorskip("hydra_plugins.hydra_joblib_launcher")
    words = ["run", "-m", *small, "seed=1,2", "hydra/launcher=joblib", "hydra.launcher.n_jobs=2", "out=many"]
    done = command(*words, cwd=tmp_path)
    assert done.code == 0 and done.err == ""
    files = [f"many/{number}/{name}" for number in (0, 1) for name in FILES]
    assert everything(tmp_path) == sorted(["many", "many/0", "many/1", *files])
    assert "seed=1" in done.out and "seed=2" in done.out


# A launcher as others ship theirs: jobs in processes of their own.
LAUNCHER = """
from multiprocessing import get_context
from hydra.core.config_store import ConfigStore
from hydra.core.utils import JobReturn, run_job
from hydra.plugins.launcher import Launcher
from omegaconf import open_dict

given = {}

def one(number):
    done = run_job(hydra_context=given["context"], task_function=given["task"], config=given["configs"][number],
                   job_dir_key="hydra.sweep.dir", job_subdir_key="hydra.sweep.subdir")
    return JobReturn(status=done.status, _return_value=done._return_value)

class Processes(Launcher):
    def setup(self, *, hydra_context, task_function, config):
        given.update(context=hydra_context, task=task_function)
        self.context, self.config = hydra_context, config

    def launch(self, job_overrides, initial_job_idx):
        given["configs"] = []
        for number, overrides in enumerate(job_overrides):
            config = self.context.config_loader.load_sweep_config(self.config, list(overrides))
            with open_dict(config):
                config.hydra.job.id = config.hydra.job.num = initial_job_idx + number
            given["configs"].append(config)
        with get_context("fork").Pool(2) as pool:
            return pool.map(one, range(len(job_overrides)), chunksize=1)

ConfigStore.instance().store(group="hydra/launcher", name="processes", node={"_target_": f"{__name__}.Processes"})
"""


@pytest.mark.skipif(sys.platform != "linux", reason="forks")
def test_another_launcher(command, small, tmp_path, everything):
    plugins = tmp_path / "plugins" / "hydra_plugins"
    plugins.mkdir(parents=True)
    (plugins / "processes.py").write_text(LAUNCHER, encoding="utf-8")
    folder = tmp_path / "here"
    folder.mkdir()
    words = ["run", "-m", *small, "seed=1,2", "hydra/launcher=processes", "out=many"]
    done = command(*words, cwd=folder, PYTHONPATH=str(plugins.parent))
    assert done.code == 0, done.err
    files = [f"many/{number}/{name}" for number in (0, 1) for name in FILES]
    assert everything(folder) == sorted(["many", "many/0", "many/1", *files])
    assert "seed=2" in done.out


# What a scenario of somebody else may hold: each of these once made an object, set the environment, or chose who runs.
THEIRS = {
    "callbacks": "hydra: {callbacks: {evil: {_target_: evil.Callback}}}",
    "environment": "hydra: {job: {env_set: {EVIL: '1'}}}",
    "logging": "hydra: {job_logging: {handlers: {evil: {(): evil.handler}}}}",
    "launcher": "defaults: [{override /hydra/launcher: theirs}]",
    "a place": "hydra: {sweep: {dir: elsewhere}}",
}


@pytest.fixture
def theirs(tmp_path, monkeypatch):
    """A folder of settings whose module `evil` tells when it is imported."""
    folder = tmp_path / "theirs"
    (folder / "scenario").mkdir(parents=True)
    (folder / "hydra" / "launcher").mkdir(parents=True)
    (folder / "hydra" / "launcher" / "theirs.yaml").write_text("_target_: evil.Launcher")
    (tmp_path / "evil.py").write_text("raise SystemExit('the code of somebody else was run')")
    monkeypatch.syspath_prepend(tmp_path)
    return folder


@pytest.mark.parametrize("is_swept", [False, True])
@pytest.mark.parametrize("kind", THEIRS)
def test_settings_of_others_make_no_objects(call, here, theirs, everything, kind, is_swept):
    text = (CONF / "scenario" / "vyraj.yaml").read_text().replace("\n", "\n  ")
    first, rest = (THEIRS[kind], "") if kind == "launcher" else ("", THEIRS[kind])
    (theirs / "scenario" / "mine.yaml").write_text(f"# @package _global_\n{first}\nscenario:\n  {text}\n{rest}\n")
    scenario = "scenario=vyraj,mine" if is_swept else "scenario=mine"
    done = call("run", "-m", "--config-dir", theirs, scenario, "hours=3", "persons_per_agent=5000", "out=out")
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1), done.err
    assert "a file of --config-dir sets hydra." in done.err or "hydra/launcher" in done.err
    assert everything(here) == []


@pytest.mark.parametrize(
    "word", ["hydra.callbacks.a._target_=evil.Callback", "+hydra.callbacks.a={}", "hydra/launcher=theirs",
             "hydra.launcher._target_=evil.Launcher", "+anger._target_=evil.Callback"],
)  # fmt: skip
def test_words_make_no_objects_but_installed_launchers(call, here, theirs, everything, word):
    done = call("run", "-m", "--config-dir", theirs, "scenario=vyraj", "hours=3", word, "out=out")
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1), done.err
    assert everything(here) == []


@pytest.mark.parametrize("verb", ["run", "run -m", "sweep"])
def test_files_of_others_do_not_read_the_environment(call, here, theirs, everything, monkeypatch, verb):
    monkeypatch.setenv("SECRET", "known")
    text = (CONF / "scenario" / "vyraj.yaml").read_text().replace("title: Vyraj", 'title: "${oc.env:SECRET}" #')
    (theirs / "scenario" / "mine.yaml").write_text(text)
    done = call(
        *verb.split(), "scenario=mine", "replicates=1" if verb == "sweep" else "hours=1", "--config-dir", theirs
    )
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert "mine.yaml line" in done.err and "${oc.env:SECRET} is not allowed" in done.err and "known" not in done.err
    assert everything(here) == []


@pytest.mark.parametrize(
    ("word", "told"),
    [("hours=${nosuch}", "hours=${nosuch} is not allowed: a value, or ${name}"),
     ("anger.strength=glob(*)", "values as in"),
     ("hours=$\\{oc.env:HOME\\}", "nothing is looked up")],
)  # fmt: skip
def test_a_word_that_stands_for_nothing_is_told(call, here, everything, word, told):
    done = call("run", "-m", "scenario=vyraj", "seed=1,2", word)
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert told in done.err and everything(here) == []
