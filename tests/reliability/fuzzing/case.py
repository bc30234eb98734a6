"""A case: a command in this process, in a folder of its own, and what is known of it; and what cases are made from."""

import io
import json
import re
import shutil
import tempfile
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import conf
from experiments import cli
from experiments.settings.complaints import fields_of
from experiments.settings.declared import declared_settings
from sim.parameters import GROUPS

CONF = Path(conf.__file__).parent
DATA, SCENARIO = CONF / "data" / "vyraj", CONF / "scenario" / "vyraj.yaml"
SMALL = ["scenario=vyraj", "hours=2", "persons_per_agent=5000"]
DRY = ["dry_run=true", "executor.processes=1"]
FIT = ["persons_per_agent=5000", "hours=72", "n=10", "rounds=1", "checks=0", "ess=5", "executor.processes=1"]

# what a YAML file may hold in place of what is due
ODD = [None, True, False, 0, 1, 1.0, -1, 2.5, 1e308, float("nan"), float("inf"), "", " ", "abc", "1", "²", "a" * 300,
       "é", "${x}", "${oc.env:HOME}", "2020-08-09", [], [1], [[1, 2], [3]], {}, {"a": 1}, {"low": 0, "high": 1},
       {"a": {}, "b": {"anger.strength": 2}}, ["x", None], "*", "null", "interval(0,1)", "\x00"]  # fmt: skip
# what may be typed behind a name
TEXTS = ["0", "1", "0,1", "1,1.0", "interval(0,1)", "interval(a,1)", "range(0,3)", "range(0,1,0)", "glob(*)",
         "shuffle(1,2)", "[a", "{a:1}", "'x", "${nosuch}", "²", "٣", "NA", "", "1e999", "true", "vyraj,epstein_2002",
         "grid", "latin", ";", '"', '"1\n2"', "9" * 2000, "\x00", "é", "[[1]]", "-1", "nan", "-inf", "1e-320", "0x1",
         "1_0", "C:\\x", "~", "~nobody_here/x", "..", "/no/such", "a/b", "x y", "Alvena,Tarnel", "{}", "[]", "--",
         "1" * 30, "=", "a=b"]  # fmt: skip
NAMES = ["out", "1e3", "0x10", "a b", "a=b", "a,b", "it's", "é", "null", "true", ".hidden", 'a"b', "C:\\x", "[a]",
         "${x}", "interval(0,1)", "2020-08-09"]  # fmt: skip
TARGETS = """city,outcome,statistic,date_from,hour_from,date_to,hour_to,low,high,informative,note,source,confidence
Alvena,protesting,peak,2031-05-03,6,2031-05-04,0,100,100,yes,,invented,assumption
Alvena,protesting,peak,2031-05-04,6,2031-05-05,0,20000,20000,yes,,invented,assumption
"""


@dataclass
class Case:
    """A command, and what is known of it."""

    words: list[str]
    is_wrong: bool | None = None  # None: not known
    named: tuple[str, ...] = ()  # one of these is in the line that refuses it
    effects: dict[str, float] = field(default_factory=dict)  # settings that the run must have had
    is_same: bool = False  # the run of the untouched files


def call(words):
    """Call the command in this process."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = cli.main(words)
    return code, out.getvalue(), err.getvalue()


@cache
def numbers():
    """Declared numbers by name, with their limits."""
    found = {}
    for group, model in GROUPS.items():
        for name, each in fields_of(model).items():
            value = declared_settings()[group][name]
            if each.annotation is float and isinstance(value, float):
                limits = {key: getattr(item, key) for item in each.metadata for key in ("ge", "gt", "le", "lt")
                          if getattr(item, key, None) is not None}  # fmt: skip
                found[f"{group}.{name}"] = value, limits
    return found


def misspelt(luck, name):
    """A name with a letter more, one less, or without its group."""
    at = luck.randrange(len(name))
    return luck.choice([name[:at] + name[at + 1 :] + "q", f"{name[:at]}q{name[at:]}", name.rpartition(".")[2] + "q"])


def cut(luck, content):
    """Bytes that were cut, changed or doubled somewhere."""
    at = luck.randrange(len(content))
    new = bytes([luck.randrange(256)]) * luck.randint(0, 2)
    return content[:at] + new + (b"" if luck.random() < 0.3 else content[at + luck.randint(0, 3) :])


def own_case(folder, targets=None):
    """A case of its own, `mine`, in a folder for --config-dir; it has the data of vyraj."""
    home = folder / "cfg" / "data" / "mine"
    shutil.copytree(DATA, home)
    (folder / "cfg" / "scenario").mkdir()
    text = re.sub("(data|name): vyraj", r"\1: mine", SCENARIO.read_text(encoding="utf-8"))
    (folder / "cfg" / "scenario" / "mine.yaml").write_text(text, encoding="utf-8")
    if targets:
        (home / "targets.csv").write_text(targets, encoding="utf-8")
    return home


MADE = {
    "run": ["run", *SMALL, "space=true"],
    "other": ["run", *SMALL, "space=true", "anger.strength=0"],
    "state": ["run", *SMALL, "save_state=[1]"],
    "sweep": ["sweep", *SMALL, "anger.outrage_gain=0,0.1", "replicates=2", "executor.processes=1"],
    "fit": ["calibrate", "--config-dir", "cfg", "case=mine", "free=[participation.intercept]", *FIT],
    "forecast": ["forecast", "--config-dir", "cfg", "scenario=mine", "origin=2031-05-03", "draws=2", "replicates=1",
                 *FIT[:2], FIT[-1]],
}  # fmt: skip


@cache
def finished(kind):
    """The folder of a finished sweep, run, fit or forecast, made once in a process."""
    home = Path(tempfile.mkdtemp())
    words = [*MADE[kind], f"out={home / 'out'}"]
    if kind == "forecast":
        words.append(f"posterior={finished('fit')}")
    if kind in ("fit", "forecast"):
        own_case(home, TARGETS)
        words[2] = str(home / "cfg")
    code, _, told = call(words)
    assert code == 0, told
    return home / "out"


@cache
def untouched():
    """What a run of the untouched files of `data` gives."""
    folder = Path(tempfile.mkdtemp()) / "out"
    words = ["run", "scenario=vyraj", "hours=40", "persons_per_agent=5000", f"out={folder}"]
    assert call(words)[0] == 0
    return json.loads((folder / "manifest.json").read_text())["curves_sha256"]
