"""What there is: `list`, `show`, `completion` and help, all from what is declared."""

import importlib
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from experiments.cli import COMMANDS, main, usage
from experiments.design.catalogue import SORTS, items
from experiments.printing.catalogue import item_lines, pair

CONF = Path(__file__).resolve().parents[2] / "conf"
OF_OTHERS = ("view", "why", "map")  # help of the page


def printed(capsys, *words, code=0):
    assert main(list(words)) == code
    return capsys.readouterr()


def names(group):
    return sorted(path.stem for path in (CONF / group).glob("*.yaml"))


@pytest.mark.parametrize("sort", SORTS)
def test_list_names_all_that_there_is(capsys, sort):
    found = [line.split()[0] for line in printed(capsys, "list", sort).out.splitlines()]
    assert found == [item.name for item in items(sort)]
    assert all(item.meaning for item in items(sort))
    if sort in ("scenarios", "experiments"):
        assert sorted(found) == names(sort.rstrip("s"))


def test_list_of_levers_is_what_is_declared():
    from sim.parameters import declared

    assert [(item.name, item.unit) for item in items("levers")] == [(each.name, each.unit) for each in declared()]


def test_a_folder_of_ones_own_is_listed_too(capsys, tmp_path):
    (tmp_path / "experiment").mkdir()
    (tmp_path / "experiment" / "mine.yaml").write_text("title: My own\nlevers: {anger.strength: [0, 1]}\n")
    assert "mine  " in printed(capsys, "list", "experiments", "--config-dir", str(tmp_path)).out
    assert "2 points x 5 replicates = 10" in printed(capsys, "show", "mine", f"--config-dir={tmp_path}").out


def test_a_lever_has_unit_range_source_and_file(capsys):
    from sim.parameters import declared

    (each,) = (each for each in declared() if each.name == "job_pressure.threat")
    told = " ".join(printed(capsys, "show", each.name).out.split())
    for part in (each.symbol, each.unit, each.source, each.file, each.meaning, "varied by", "job_pressure"):
        assert " ".join(part.split()) in told
    assert Path(CONF.parent / each.file).is_file()


def test_an_experiment_has_question_levers_runs_and_time(capsys):
    told = " ".join(printed(capsys, "show", "job_pressure").out.split())
    assert "what does it cost?" in told and "15 points x 20 replicates = 300" in told
    assert "about" in told and "ploshcha sweep experiment=job_pressure" in told
    assert "0, 0.1, 0.2, 0.35, 0.5" in told


def test_a_scenario_has_its_cities_and_targets(capsys):
    told = printed(capsys, "show", "vyraj").out
    assert "cities" in told and "ploshcha run scenario=vyraj" in told
    assert "steps" in printed(capsys, "show", "epstein_2002").out


def test_a_name_of_two_sorts_is_shown_twice(capsys):
    told = printed(capsys, "show", "detained").out
    assert "outcome detained:" in told and "column detained:" in told
    assert "kind detained:" in told and "0 to 1,000,000" in told


def test_show_config_tells_what_differs(capsys):
    told = printed(capsys, "show", "config", "job_pressure.threat=0.4", "seed=7").out
    assert told.endswith("2 differ from the default:\n  seed=7 (default 1)\n  job_pressure.threat=0.4 (default 0.2)\n")
    assert "\nhours=192\n" in told  # resolved: the scenario's own
    assert printed(capsys, "show", "config").out.endswith("nothing differs from the default\n")
    assert (
        "epstein.size=30 (default" in printed(capsys, "show", "config", "scenario=epstein_2002", "epstein.size=30").out
    )


@pytest.mark.parametrize(("words", "nearest"), [
    (("show", "fear.fear_wight"), "fear.fear_weight"), (("show", "minks_2020"), "minsk_2020"),
    (("list", "scenario"), "scenarios"), (("completion", "fisch"), "fish"),
    (("show", "fear_weigth"), "fear.fear_weight"),
])  # fmt: skip
def test_an_unknown_name_gets_one_line_with_the_nearest(capsys, words, nearest):
    told = printed(capsys, *words, code=2)
    assert told.out == "" and told.err.count("\n") == 1 and told.err.rstrip().endswith(f"did you mean {nearest}?")


@pytest.mark.parametrize("words", [
    ("list",), ("show",), ("completion",), ("list", "levers", "kinds"), ("show", "anger.strength", "seed=2"),
    ("show", "config", "anger.strenth=2"),
])  # fmt: skip
def test_what_is_missing_or_too_much_is_told_in_one_line(capsys, words):
    assert printed(capsys, *words, code=2).err.count("\n") == 1


@pytest.mark.parametrize("name", sorted(set(COMMANDS) - set(OF_OTHERS)))
def test_help_fits_into_80_columns(name):
    text = importlib.import_module(f"experiments.commands.{name}").HELP
    assert [line for line in text.splitlines() if len(line) > 80] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_help_is_told_without_loading_the_simulator(name):
    code = ("import sys; from experiments.cli import main; main([sys.argv[1], '--help']); "
            "sys.exit(any(part in sys.modules for part in ('numba', 'numpy', 'sim', 'hydra')))")  # fmt: skip
    done = subprocess.run([sys.executable, "-c", code, name], text=True, capture_output=True, check=True)
    assert done.stdout.startswith(f"usage: ploshcha {name}")


def test_usage_and_lists_on_a_terminal_fit_into_80_columns():
    assert max(map(len, usage().splitlines())) <= 80
    for sort in SORTS:
        assert max(map(len, item_lines(items(sort), is_wrapped=True))) <= 80
    assert pair("a", "b c", 3) == ["a    b c"]


def completed(line):
    """What bash offers for a line with the cursor at its end, split at = as bash does."""
    words = line.replace("=", " = ").split(" ")
    script = "".join(["COMP_WORDS=(", *(f"'{word}' " for word in words), f"); COMP_CWORD={len(words) - 1}; _ploshcha"])
    done = subprocess.run(["bash", "-c", f'. /dev/stdin; {script}; printf "%s\\n" "${{COMPREPLY[@]}}"'],
                          input=main_script(), text=True, capture_output=True, check=True)  # fmt: skip
    return done.stdout.split()


def main_script():
    from experiments.commands.completion import script

    return script("bash")


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
def test_bash_completes_verbs_settings_and_files():
    assert completed("ploshcha sens") == ["sensitivity"]
    assert completed("ploshcha list sc") == ["scenarios"]
    assert completed("ploshcha run scenario=minsk_a") == ["minsk_autumn_2020"]
    assert completed("ploshcha run job_pressure.thr") == ["job_pressure.threat="]
    assert completed("ploshcha show fear.fear_w") == ["fear.fear_weight"]
    assert completed("ploshcha show conf") == ["config"] and completed("ploshcha show config regime=ru") == ["rule"]
    assert completed("ploshcha why one two ho") == ["hour="] and completed("ploshcha map one film=m") == ["mp4"]


@pytest.mark.skipif(shutil.which("fish") is None, reason="needs fish")
def test_fish_completes_settings_behind_every_verb_that_takes_them(tmp_path):
    from experiments.commands.completion import script

    (tmp_path / "ploshcha.fish").write_text(script("fish"), encoding="utf-8")
    for verb in ("run", "sweep", "sensitivity", "calibrate", "forecast", "show config"):
        words = ["fish", "-c", f"source ploshcha.fish; complete -C 'ploshcha {verb} scenario=vy'"]
        assert subprocess.run(words, cwd=tmp_path, text=True, capture_output=True).stdout.split() == ["scenario=vyraj"]


@pytest.mark.skipif(shutil.which("zsh") is None, reason="needs zsh")
def test_the_script_for_zsh_is_read_by_zsh():
    from experiments.commands.completion import script

    words = "autoload -U compinit && compinit -u -D; source /dev/stdin; echo ${_comps[ploshcha]}"
    done = subprocess.run(["zsh", "-f", "-c", words], input=script("zsh"), text=True, capture_output=True)
    assert "-o nospace -F _ploshcha" in done.stdout, done.stderr
