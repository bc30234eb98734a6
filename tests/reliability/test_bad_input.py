"""Bad input: one line that names field, value, what is allowed and the nearest name; exit 2; nothing written."""

import json
import shutil
from pathlib import Path

import pytest

import conf
from agents.rules.anger import Anger
from experiments import load_scenario
from sim.errors import InputError

CONF = Path(conf.__file__).parent

REFUSED = [
    # unknown names
    ("job_presure.threat=1", "job_presure.threat=1", "did you mean job_pressure.threat?"),
    ("threat=0.4", "threat=0.4", "did you mean job_pressure.threat?"),
    ("job_pressure.treat=0.4", "job_pressure.treat=0.4", "did you mean job_pressure.threat?"),
    ("person_per_agent=100", "person_per_agent=100", "did you mean persons_per_agent?"),
    ("+anger.extra=1", "anger.extra=1", "known in anger are strength"),
    ("+population.extra=1", "population.extra=1", "known in population are share_against"),
    ("qqqq=1", "qqqq=1", "known are seed, hours"),
    # unknown choices
    ("scenario=minsk_2002", "scenario=minsk_2002", "did you mean minsk_2020?"),
    ("anger=belarus_2021", "anger=belarus_2021", "did you mean belarus_2020?"),
    ("engine=mesaa", "engine=mesaa", "one of mesa, compiled"),
    ("hydra/launcher=basic", "hydra/launcher=basic", "only ploshcha run -m"),
    ("experiment=information", "experiment=information", "a setting of ploshcha sweep"),
    ("executor.processes=2", "executor.processes=2", "a setting of ploshcha sweep"),
    ("engine=null", "engine=null", "one of mesa, compiled"),
    # wrong types
    ("seed=abc", "seed=abc", "an integer >= 0"),
    ("seed=1.5", "seed=1.5", "an integer"),
    ("seed=true", "seed=true", "an integer"),
    ("anger.strength=false", "anger.strength=false", "a number"),
    ("seed=", "seed is empty", "an integer"),
    ("job_pressure.threat=much", "job_pressure.threat=much", "a number >= 0 and <= 1"),
    ("job_pressure.threat=null", "job_pressure.threat=null", "a number"),
    ("job_pressure.threat=[1]", "job_pressure.threat=[1]", "a number"),
    ("job_pressure=null", "job_pressure=null", "one of belarus_2020"),
    ("scenario.start=2020-13-01", "scenario.start=2020-13-01", "a day written like"),
    ("scenario.start=9999-12-31", "scenario.start=9999-12-31", "a day up to the year 9990"),
    ("scenario.cities=Minsk", "scenario.cities=Minsk", "a list"),
    # out of range
    ("job_pressure.threat=1.7", "job_pressure.threat=1.7", "a number >= 0 and <= 1"),
    ("anger.news_decay=1", "anger.news_decay=1", "a number >= 0 and < 1"),
    ("ties.home_radius_cells=1.5", "ties.home_radius_cells=1.5", "an integer"),
    ("population.correlation=[[1]]", "correlation is not allowed", "a 9 x 9 matrix"),
    ("job_pressure.threat=nan", "job_pressure.threat=nan", "a finite number"),
    ("job_pressure.threat=inf", "job_pressure.threat=inf", "a finite number"),
    ("threads=0", "threads=0", "an integer >= 1"),
    ("hours=0", "hours=0", "an integer >= 1"),
    ("persons_per_agent=0", "persons_per_agent=0", "a number >= 1"),
    ("seed=-1", "seed=-1", "an integer >= 0"),
    # what belongs together
    ("ties.home_weight=0.9", "home_weight + work_weight=1.2", "below 1"),
    ("population.share_18_29=0.9", "share_18_29 + share_30_44 + share_45_59=1.46", "below 1"),
    ("scenario.cities=[Minsk,Minsk]", "scenario.cities", "once"),
    ("scenario.cities=[Minks]", "Minks", "did you mean Minsk?"),
    # missing files
    ("scenario.data=belarus_2019", "scenario.data=belarus_2019", "belarus_2020"),
    ("scenario.data=no/such/folder", "scenario.data=no/such/folder", "path"),
    # malformed overrides
    ("minsk_2020", "minsk_2020", "name=value"),
    ("=3", "=3", "name=value"),
    ("", "empty", "name=value"),
    ("seed=[1", "seed=[1", "name=value"),
    ("~anger", "~anger", "strength=0 switches a mechanism off"),
    ("seed=1,2", "seed=1,2", "add -m"),
    ("seed=${nope}", "nope", "not found"),
    ("hours=${oc.env:SHLVL}", "hours=${oc.env:SHLVL}", "nothing is looked up"),
    ("hydra.run.dir=x", "hydra.run.dir=x", "only ploshcha run -m"),
    ("hydra.searchpath=[x]", "hydra.searchpath", "--config-dir"),
    # folders that cannot be written
    ("out=full", "out=full", "new or empty"),
    ("out=file.txt", "out=file.txt", "new or empty"),
    ("out=file.txt/below", "out=file.txt/below", "can be written"),
    ("out=[a]", "out=", "new or empty"),
    ("out=", "out is empty", "new or empty"),
    ("out=~nobody_here/x", "out=~nobody_here/x", "nobody has such a home folder"),
    ("start=~nobody_here/x", "start=~nobody_here/x", "nobody has such a home folder"),
    ("scenario.data=~nobody_here/x", "scenario.data=~nobody_here/x", "nobody has such a home folder"),
    # files of a group: those that there are, one at a time
    ("scenario=../scenario/minsk_2020", "scenario=../scenario/minsk_2020", "one of august_2020"),
    ("turnout=[learning]", "turnout=[learning]", "did you mean learning?"),
    ("regime=rul", "regime=rul", "did you mean rule?"),
    # values of another kind, and entries of a list
    ("save_state={a:1}", "save_state={a:1}", "a value of the kind that this setting has"),
    ("scenario.cities={a:1}", "scenario.cities={a:1}", "a value of the kind that this setting has"),
    ("forcings.call.add=[{hour:1,value:1,hours:99999}]", "forcings.call.add.0.hours=99999", "a number <= 8784"),
    ("forcings.call.add=[{hour:1,hours:2,value:true}]", "forcings.call.add.0.value=true", "a number"),
    ("forcings.call.add=[{hour:true,hours:2,value:1}]", "forcings.call.add.0.hour=true", "a number"),
    ("forcings.call.add=[{hour:1,value:1,palce:x}]", "palce=x", "did you mean forcings.call.add.0.place?"),
    # options
    ("--muliturn", "--muliturn", "did you mean --multirun?"),
    ("--config-dir=nowhere", "nowhere", "a folder that exists"),
    ("--config-dir", "--config-dir is empty", "a folder that exists"),
]


def one_line(done):
    assert done.code == 2, done.err
    assert done.err.count("\n") == 1 and done.err.endswith("\n")
    assert done.err.startswith("ploshcha: ")
    assert done.out == ""
    return done.err


@pytest.fixture
def with_files(here):
    (here / "full").mkdir()
    (here / "full" / "kept.txt").write_text("kept", encoding="utf-8")
    (here / "file.txt").write_text("kept", encoding="utf-8")
    return here


@pytest.mark.parametrize(("word", "named", "allowed"), REFUSED, ids=[case[0] or "empty" for case in REFUSED])
def test_one_line_exit_2_nothing_written(call, with_files, everything, word, named, allowed):
    before = everything(with_files)
    told = one_line(call("run", "scenario=minsk_2020", word))
    assert named in told and allowed in told
    assert everything(with_files) == before


@pytest.mark.parametrize("word", ["rnu", "calibrat", "--verbose"])
def test_an_unknown_command_lists_those_that_exist(call, here, everything, word):
    told = one_line(call(word))
    assert word in told and "one of run" in told
    assert everything(here) == []


OF_VERBS = [
    ("sweep -m anger.strength=0,1 dry_run=true", "option=-m", "one of --config-dir, -h, --help"),
    ("show config -m", "option=-m", "one of --config-dir"),
    ("sweep replicatse=2", "replicatse=2", "did you mean replicates?"),
    ("sweep anger.strength=0,1 draws=3", "draws=3", "only with posterior=DIR"),
    ("sweep anger.strength=0,1 design.file=a.csv", "design.file=a.csv", "only with design=list"),
    ("sensitivity method=morris metod=sobol anger.strength=0,1", "metod=sobol", "did you mean method?"),
    ("calibrate case=minsk_2020 free=anger.anger_weight metod=abc out=fit", "metod=abc", "did you mean method?"),
    ("forecast scenario=vyraj posterior=a origin=rolling orign=b out=new", "orign=b", "did you mean origin?"),
    ("list scenarios --config-dir nowhere", "--config-dir=nowhere", "a folder that exists"),
    ("show minsk_2020 --config-dir nowhere", "--config-dir=nowhere", "a folder that exists"),
    ("view . name=5", "name=5", "no such setting; there are --open, --serve, city=NAME"),
    ("map . hour=3", "hour=3", "no such setting; there are city=NAME"),
    ("bench agents=inf", "agents=inf", "whole numbers from 1000"),
    ("live port=٨٠٨٠", "port=٨٠٨٠", "an integer from 1024 to 65535"),
    ("run -m seed=1,2 hydra/launcher=jobs", "hydra/launcher=jobs", "one of basic"),
    ("run -m seed=1,2 hydra.launcher.nope=1", "hydra.launcher.nope=1", "a setting that Hydra has"),
    ("run -m seed=1,2 hydra.sweep.dir=x", "hydra.sweep.dir=x", "only an installed launcher"),
    ("run -m seed=1,2 start=nowhere.npz", "start=nowhere.npz", "a file that is there"),
]  # fmt: skip


@pytest.mark.parametrize(("typed", "named", "allowed"), OF_VERBS, ids=[case[0] for case in OF_VERBS])
def test_what_is_wrong_behind_a_verb_is_told_before_anything_is_written(call, here, everything, typed, named, allowed):
    told = one_line(call(*typed.split()))
    assert named in told and allowed in told
    assert everything(here) == []


def test_only_the_digits_0_to_9_make_a_number():
    from experiments.commands.options import whole_number

    assert whole_number({"hour": "71"}, "hour") == 71
    for text in ("²", "٣", "", "1e1", " 1", "9" * 5000):
        with pytest.raises(InputError, match="hour.* is (not allowed|empty): an integer$"):
            whole_number({"hour": text}, "hour")


@pytest.mark.parametrize("hour", ["72", "-1"])
def test_an_hour_that_the_run_has_not(hour):
    from experiments.store.space_folder import check_hour

    with pytest.raises(InputError, match=f"hour={hour} is not allowed: an integer from 0 to 71"):
        check_hour(int(hour), 72)


def test_a_file_of_settings_that_is_none_is_told_by_list_and_show(call, here):
    (here / "mine" / "scenario").mkdir(parents=True)
    (here / "mine" / "scenario" / "odd.yaml").write_text("[1, 2]", encoding="utf-8")
    told = one_line(call("list", "scenarios", "--config-dir", "mine"))
    assert "odd.yaml: content=[1, 2] is not allowed: settings by name" in told
    (here / "mine" / "scenario" / "odd.yaml").write_text("title: '${name}, again'", encoding="utf-8")
    assert "${name}, again" in call("list", "scenarios", "--config-dir", "mine").out  # settings may name others


@pytest.mark.parametrize("text", ["null: 1", "? [a]\n: 1", "2020-08-09: 1", "{a: {null: 1}}"])
def test_a_key_that_is_no_name_is_told_with_its_line(call, here, text):
    (here / "mine" / "scenario").mkdir(parents=True)
    (here / "mine" / "scenario" / "odd.yaml").write_text(text, encoding="utf-8")
    for words in (["list", "scenarios"], ["run", "scenario=odd"]):
        told = one_line(call(*words, "--config-dir", "mine"))
        assert "odd.yaml line 1: key" in told and "the name of a setting" in told


def test_help_names_only_commands_that_exist(call, here, everything):
    from experiments.cli import COMMANDS

    for words in ((), ("--help",), ("-h",), ("help",)):
        done = call(*words)
        assert done.code == 0 and done.err == ""
        listed = done.out.partition("commands\n")[2].partition("\n\n")[0]
        assert [line.split()[0] for line in listed.splitlines()] == list(COMMANDS)
    assert call("--version").out.startswith("ploshcha ")
    assert "scenario=" in call("run", "--help").out
    assert everything(here) == []


def own_scenario(folder, **changes):
    """Write a folder with a scenario and data of one's own; `changes` maps a file to a function of its text."""
    (folder / "scenario").mkdir(parents=True)
    shutil.copytree(CONF / "data" / "vyraj", folder / "data" / "mine")
    text = (CONF / "scenario" / "vyraj.yaml").read_text(encoding="utf-8")
    (folder / "scenario" / "mine.yaml").write_text(text.replace("data: vyraj", "data: mine"), encoding="utf-8")
    for name, change in changes.items():
        file = folder / "data" / "mine" / f"{name}.csv"
        if change is None:
            file.unlink()
        else:
            file.write_text(change(file.read_text(encoding="utf-8")), encoding="utf-8")
    return folder


def with_kind(text):
    """Misspell the kind of the first row of a timeline."""
    head, row, *rest = text.splitlines()
    cells = row.split(",")
    kind = head.split(",").index("kind")
    cells[kind] = cells[kind] + "x"
    return "\n".join([head, ",".join(cells), *rest])


BROKEN = [
    ({"timeline": None}, ("timeline.csv", "missing")),
    ({"timeline": with_kind}, ("timeline.csv line 2", "kind=", "did you mean")),
    ({"cities": lambda text: text.replace("city,", "town,", 1)}, ("cities.csv", "town")),
    ({"plants": lambda text: ""}, ("plants.csv", "empty")),
    ({"targets": None}, ("targets.csv", "missing")),
]


@pytest.mark.parametrize("flag", [(), ("-m",)], ids=["run", "multirun"])
@pytest.mark.parametrize(("changes", "named"), BROKEN, ids=lambda value: "")
def test_malformed_data_files(call, here, everything, tmp_path, flag, changes, named):
    folder = own_scenario(tmp_path / "own", **changes)
    told = one_line(call("run", *flag, "--config-dir", folder, "scenario=mine"))
    assert all(word in told for word in named)
    assert everything(here) == []


def test_settings_file_of_ones_own(call, here, everything, tmp_path):
    folder = own_scenario(tmp_path / "own")
    for text, named in [
        ("name: [", "mine.yaml"),
        ("name: mine\n", "scenario.title is missing"),
        ("defaults: [nope]\n", "nope"),
        ("defaults: [[1, 2]]\n", "mine.yaml: defaults=[1,2] is not allowed: names of files, or group: name"),
        ("title: '${x}'\n", "scenario.title=${x} is not allowed: a value, or ${name} of another setting"),
    ]:
        (folder / "scenario" / "mine.yaml").write_text(text, encoding="utf-8")
        assert named in one_line(call("run", "--config-dir", folder, "scenario=mine"))
    for taken in ("anger/belarus_2020.yaml", "declared.yaml"):
        (folder / taken).parent.mkdir(exist_ok=True)
        (folder / taken).write_text("strength: 0\n", encoding="utf-8")
        assert taken in one_line(call("run", "--config-dir", folder, "scenario=mine"))
        (folder / taken).unlink()
    (folder / "scenario" / "vyraj.yaml").write_text("name: other\n", encoding="utf-8")
    assert "scenario/vyraj.yaml" in one_line(call("run", "--config-dir", folder, "scenario=vyraj"))
    assert everything(here) == []


@pytest.mark.parametrize("line", ["out: elsewhere", "start: x.npz", "replicates: 3", "save_state: [5]", "space: true",
                                  "figures: [svg]"])  # fmt: skip
@pytest.mark.parametrize("verb", ["run", "run -m", "sweep"])
def test_a_file_of_others_does_not_say_what_is_written(call, here, everything, tmp_path, verb, line):
    folder = own_scenario(tmp_path / "own")
    file = folder / "scenario" / "mine.yaml"
    inside = "".join(f"  {text}\n" for text in file.read_text(encoding="utf-8").splitlines())
    file.write_text(f"# @package _global_\nscenario:\n{inside}{line}\n", encoding="utf-8")
    told = one_line(call(*verb.split(), "--config-dir", folder, "scenario=mine", "anger.strength=1"))
    assert f"a file of --config-dir sets {line.partition(':')[0]}=" in told
    assert everything(here) == []


def test_a_file_that_names_no_file_is_told_without_paths(call, here, tmp_path):
    folder = own_scenario(tmp_path / "own")
    (folder / "scenario" / "mine.yaml").write_text("defaults: [/anger: nosuch]\n", encoding="utf-8")
    told = one_line(call("run", "--config-dir", folder, "scenario=mine"))
    assert "Could not find 'anger/nosuch'" in told and "provider" not in told


def test_a_country_of_ones_own_runs_from_files_only(call, here, tmp_path):
    folder = own_scenario(tmp_path / "my own, folder")
    (folder / "anger").mkdir()
    (folder / "anger" / "mild.yaml").write_text("anger_gain: 0.1  # only what differs\n", encoding="utf-8")
    done = call(
        "run", "--config-dir", folder, "scenario=mine", "anger=mild", "hours=24", "persons_per_agent=2000", "out=out"
    )
    assert done.code == 0, done.err
    config = json.loads((here / "out" / "manifest.json").read_text(encoding="utf-8"))["config"]
    assert config["anger"]["anger_gain"] == 0.1 and config["anger"]["anger_weight"] == Anger().anger_weight


@pytest.mark.parametrize("verb", ["run", "run -m"])
def test_a_run_past_the_last_row_says_which_levels_hold_on(call, here, verb):
    done = call(*verb.split(), "scenario=vyraj", "hours=120", "persons_per_agent=5000", "out=out")
    assert done.code == 0 and "no rows for the last 50 hours" in done.err and "violence=1.4" in done.err


def test_what_only_sweeps_have_is_known_to_runs():
    from experiments.settings.read import OF_SWEEPS, OF_THE_RUN
    from experiments.settings.sweep import SweepSettings

    assert set(OF_SWEEPS) == SweepSettings.model_fields.keys() - set(OF_THE_RUN)


def test_the_process_itself_exits_2_without_traceback(command, tmp_path, everything):
    told = one_line(command("run", "job_presure.threat=1", cwd=tmp_path))
    assert "job_pressure.threat" in told
    assert everything(tmp_path) == []


def test_debug_shows_the_traceback(command, tmp_path):
    done = command("run", "job_presure.threat=1", cwd=tmp_path, PLOSHCHA_DEBUG="1")
    assert done.code == 2
    assert "Traceback" in done.err and done.err.splitlines()[-1].startswith("ploshcha: job_presure.threat=1")


def test_a_fault_of_ours_is_one_line_and_exit_1(call, here, everything, monkeypatch):
    def fail(*_):
        raise RuntimeError("first\nsecond")

    monkeypatch.setattr("experiments.commands.run.simulate", lambda *_, **__: fail())
    done = call("run", "scenario=minsk_2020")
    assert (done.code, done.err.count("\n")) == (1, 1)
    assert "RuntimeError: first second" in done.err and "PLOSHCHA_DEBUG=1" in done.err
    assert everything(here) == []


@pytest.mark.parametrize("word", [5, None, ["seed=1"], b"seed=1"])
def test_what_a_program_gives_is_a_text(here, everything, word):
    import ploshcha

    for call in (lambda: load_scenario("vyraj", word), lambda: ploshcha.sweep("scenario=vyraj", word, out="out"),
                 lambda: ploshcha.sweep("scenario=vyraj", "seed=1", "replicates=2", out=word)):  # fmt: skip
        with pytest.raises(InputError, match="a text, such as"):
            call()
    assert everything(here) == []


def test_load_scenario_refuses_in_the_same_words():
    with pytest.raises(InputError, match="did you mean job_pressure.threat") as caught:
        load_scenario("minsk_2020", "job_presure.threat=1")
    assert "\n" not in str(caught.value)
    with pytest.raises(InputError, match="did you mean minsk_2020"):
        load_scenario("minsk_2002")
