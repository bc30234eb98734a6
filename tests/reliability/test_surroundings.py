"""The command in odd surroundings: folders that are gone, outputs that are closed, names that are no text."""

import os
import subprocess
import sys

import pytest

from sim import run
from sim.errors import InputError

RUN = ("scenario=vyraj", "hours=3", "persons_per_agent=5000")
NO_TEXT = os.fsdecode(b"a\xff")  # a name of a file that no text stands for


def shell(line, cwd, **environment):
    """Run a line of the shell, in which $P is the command; `environment` stands beside what the tests have."""
    called = f"{sys.executable} -m experiments.cli"
    line = line.replace("$P", called).replace("$RUN", " ".join(RUN))
    return subprocess.run(["bash", "-c", line], cwd=cwd, capture_output=True, text=True, timeout=300,
                          env=os.environ | environment)  # fmt: skip


def refused(done):
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1), done.stderr
    return done.stderr


@pytest.mark.parametrize("words", ["run out=o", "run out=/tmp/never", "sweep anger.strength=0,1", "run -m seed=1,2",
                                   "status o", "show config"])  # fmt: skip
def test_a_working_folder_that_is_gone_is_told(tmp_path, words):
    told = refused(shell(f"mkdir gone && cd gone && rmdir ../gone && $P {words}", tmp_path))
    assert "the folder in which this was called is no more" in told
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("words", [("run", *RUN, f"out={NO_TEXT}"), ("sweep", *RUN, "seed=1", f"out={NO_TEXT}"),
                                   ("status", NO_TEXT), ("run", f"scenario.title={NO_TEXT}")])  # fmt: skip
def test_a_word_that_is_no_text_is_told_before_anything_is_written(call, here, everything, words):
    done = call(*words)
    assert done.code == 2 and done.err.count("\n") == 1 and "text in UTF-8" in done.err
    assert everything(here) == []


def test_a_working_folder_whose_name_is_no_text_is_told(call, here, everything, monkeypatch):
    (here / NO_TEXT).mkdir()
    monkeypatch.chdir(here / NO_TEXT)
    for words in (("run", *RUN, "out=o"), ("sweep", *RUN, "anger.strength=0,1"), ("run", "-m", *RUN, "seed=1,2")):
        done = call(*words)
        assert done.code == 2 and done.err.count("\n") == 1 and "folder=" in done.err
    assert everything(here) == [NO_TEXT]


def test_an_output_that_is_closed_ends_no_work(tmp_path, everything):
    done = shell("$P run $RUN out=o >&-", tmp_path)
    assert (done.returncode, done.stderr) == (0, "") and "o/manifest.json" in everything(tmp_path)
    assert shell("$P show config $RUN >&-", tmp_path).returncode == 0
    done = shell("$P run seeed=1 2>&-", tmp_path)
    assert (done.returncode, done.stdout) == (2, "")


def test_a_window_that_the_shell_asks_for_is_not_opened(tmp_path):
    done = shell("$P run $RUN out=o", tmp_path, MPLBACKEND="module://matplotlib_inline.backend_inline")
    assert done.returncode == 0, done.stderr
    assert shell("$P run $RUN out=p", tmp_path, MPLBACKEND="nonsense").returncode == 0


@pytest.mark.parametrize("date", ["abc", "", "-1", "1.5", "²"])
def test_a_date_of_files_that_is_none_is_told_before_the_work(call, here, everything, monkeypatch, date):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", date)
    done = call("run", *RUN, "figures=[pdf]", "out=o")
    assert done.code == 2 and done.err.count("\n") == 1 and "SOURCE_DATE_EPOCH" in done.err
    assert everything(here) == []


def test_words_without_effect_are_told(call, here, everything):
    for words in (("bench", "agents=1000", "hours=2", "out=o"), ("bench", "space=true"), ("help", "nosuch")):
        done = call(*words)
        assert done.code == 2 and done.err.count("\n") == 1 and words[-1].partition("=")[0] in done.err, done
    assert call("help", "map").out == call("map", "--help").out
    assert everything(here) == []


def test_what_is_no_scenario_is_told():
    with pytest.raises(InputError, match="parameters='vyraj' is not allowed: what load_scenario"):
        run("vyraj")
