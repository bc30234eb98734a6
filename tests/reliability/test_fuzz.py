"""Random input: overrides, data files, experiment files, tables of points, manifests. Each is done, or refused well.

Every case is a whole command in this process, in a folder of its own, and follows from its kind and number alone.
Some hundred run with the tests; ten thousand by ``uv run python tests/reliability/test_fuzz.py 10000``, which prints
the counts, and what to do to see a case again: ``... test_fuzz.py data 4711``.
"""

import csv
import io
import json
import multiprocessing
import os
import random
import re
import shutil
import signal
import sys
import tempfile
import traceback
from collections import Counter
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pytest
import yaml

import conf
from experiments import cli
from experiments.settings.declared import declared_settings
from experiments.settings.read import fields_of
from sim.parameters import GROUPS

DATA = Path(conf.__file__).parent / "data" / "vyraj"
SCENARIO = DATA.parents[1] / "scenario" / "vyraj.yaml"
TABLES = ("cities", "places", "plants", "targets", "timeline")
SMALL = ["scenario=vyraj", "hours=2", "persons_per_agent=5000"]
DRY = ["dry_run=true", "executor.processes=1"]
SECONDS = 90.0  # of the processor, for one case, which takes some tenths of one, and compiles once

ODD = [None, True, False, 0, 1, 1.0, -1, 2.5, 1e308, float("nan"), float("inf"), "", " ", "abc", "1", "²", "a" * 300,
       "é", "${x}", "${oc.env:HOME}", "2020-08-09", [], [1], [[1, 2], [3]], {}, {"a": 1}, {"low": 0, "high": 1},
       {"a": {}, "b": {"anger.strength": 2}}, ["x", None], "*", "null", "interval(0,1)", "\x00"]  # fmt: skip
KEYS = ["title", "settings", "levers", "outcomes", "figure", "baseline", "published", "replicates", "design", "methd"]
NAMES = ["anger.strength", "anger.stength", "hours", "seed", "scenario", "population.n_online_ties",
         "forcings.call.value", "anger", "hour", "peak_turnout", "", "a b", "out", "+name", "~anger",
         "anger@fear", "hydra/launcher", "design", "replicates", "forcings.closed_places"]  # fmt: skip
UNKNOWN = {"anger.stength", "hour", "peak_turnout", "", "a b", "+name", "anger@fear"}
TEXTS = ["0", "1", "0,1", "1,1.0", "interval(0,1)", "interval(a,1)", "range(0,3)", "range(0,1,0)", "glob(*)",
         "shuffle(1,2)", "[a", "{a:1}", "'x", "${nosuch}", "²", "NA", "", "1e999", "true", "vyraj,epstein_2002",
         "grid", "latin", ";", '"', '"1\n2"', "9" * 2000, "\x00", "é"]  # fmt: skip
NO_NUMBER = ["[a", "{a:1}", "'x", "${nosuch}", "²", "NA", "true", "latin", ";", '"', "\x00", "é", "nan", "1e999"]
WRONG_CELLS = {  # by column
    "value": ["abc", "", "-7", "1e400", "1;2"], "city": ["Atlantis", ""], "quantity": ["judgs", ""],
    "confidence": ["maybe", ""], "source": [""], "role": ["circus"], "east_m": ["1e9", "x"], "area_m2": ["0", "-1"],
    "attraction": ["-1", "nan"], "employees": ["0", "2.5", "999999999"], "outcome": ["happy"], "statistic": ["mode"],
    "date_from": ["2031-02-30", "yesterday"], "hour_to": ["24", "-1"], "informative": ["no", "perhaps"],
    "date": ["2031-13-01", "31.05.2031", ""], "hour": ["25", "-1", "x"], "kind": ["picnic", ""],
    "intensity": ["-1", "many", "inf"],
}  # fmt: skip


@dataclass
class Case:
    """A command, and what is known of it."""

    words: list[str]
    is_wrong: bool | None = None  # None: not known
    named: tuple[str, ...] = ()  # one of these is in the line that refuses it
    effects: dict[str, float] = field(default_factory=dict)  # settings that the run must have had
    is_same: bool = False  # the run of the untouched files


# --- cases


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


def override(luck):
    """A word, whether it is wrong, what is named if so, and the value that is meant."""
    name = luck.choice(sorted(numbers()))
    value, limits = numbers()[name]
    how = luck.random()
    if how < 0.45:
        return f"{name}={value}", False, name, value
    if how < 0.6 and limits:
        bound = luck.choice(sorted(limits))
        beyond = limits[bound] + (luck.choice([0.1, 1, 1e9]) if bound.startswith("l") else -luck.choice([0.1, 1, 1e9]))
        return f"{name}={beyond}", True, name, None
    if how < 0.75:
        return f"{misspelt(luck, name)}={value}", True, "", None
    if how < 0.9:
        return f"{name}={luck.choice(NO_NUMBER)}", True, name, None
    return f"{luck.choice(NAMES)}={luck.choice(TEXTS)}", None, "", None


def overrides(luck, folder):
    """A run, a sweep or a sensitivity analysis with odd words among sound ones."""
    found = [override(luck) for _ in range(luck.randint(1, 3))]
    if len({word.partition("=")[0] for word, *_ in found}) < len(found):
        found = found[:1]
    words, wrong, names, values = zip(*found, strict=True)
    is_wrong = True if True in wrong else None if None in wrong else False
    named = tuple(name or word.partition("=")[0] for word, bad, name, _ in found if bad is not False)
    verb = luck.choice(["run", "run", "sweep", "sensitivity", "run -m"])
    if verb == "run":
        effects = {name: value for name, value in zip(names, values, strict=True) if value is not None}
        return Case(["run", *SMALL, *words, "out=out"], is_wrong, named, effects if is_wrong is False else {})
    lever = {"sweep": ["anger.outrage_gain=0,0.1"], "run -m": ["seed=1,2", "out=out"],
             "sensitivity": ["method=morris", "n=4", "anger.outrage_gain=interval(0,0.1)"]}[verb]  # fmt: skip
    twice = any("outrage_gain" in word for word in words)
    return Case([*verb.split(), *SMALL, *lever, *words, *([] if verb == "run -m" else DRY)],
                None if twice else is_wrong, named)  # fmt: skip


def experiment(luck, folder):
    """An experiment whose file is sound but for up to three keys, or cut anywhere."""
    content = {"settings": {"scenario": "vyraj", "hours": 2}, "levers": {"anger.strength": [0, 1]}}
    for _ in range(luck.randint(0, 3)):
        key, value = luck.choice(KEYS), luck.choice(ODD)
        inner = {luck.choice(NAMES): value}
        content[key] = luck.choice([value, inner, [value], {luck.choice(["kind", "method", "n", "curves"]): value}])
    text = yaml.safe_dump(content, allow_unicode=True).encode()
    is_cut = luck.random() < 0.2
    if is_cut:
        text = text[: luck.randrange(len(text))] + bytes([luck.randrange(256)])
    (folder / "cfg" / "experiment").mkdir(parents=True)
    (folder / "cfg" / "experiment" / "mine.yaml").write_bytes(text)
    is_wrong = True if not is_cut and content.get("methd") is not None else None
    return Case(["sweep", "experiment=mine", "--config-dir", "cfg", *DRY], is_wrong, ("mine",))


def table(luck, folder):
    """A design whose table has odd cells, names and separators."""
    names = [luck.choice(NAMES) if luck.random() < 0.15 else name for name in ("anger.strength", "fear.strength")]
    rows = [[luck.choice(TEXTS) if luck.random() < 0.1 else str(k), "1"] for k in range(3)]
    is_short = luck.random() < 0.1
    if is_short:
        del rows[luck.randrange(3)][1]
    mark, code = luck.choice([",", ",", ",", ",", ";"]), luck.choice(["utf-8", "utf-8", "utf-8-sig", "utf-16"])
    (folder / "points.csv").write_bytes("\n".join(mark.join(row) for row in [names, *rows]).encode(code))
    is_wrong = True if is_short or mark == ";" or code == "utf-16" or UNKNOWN & set(names) else None
    return Case(["sweep", *SMALL, "design=list", "design.file=points.csv", *DRY], is_wrong, ("points.csv", *names))


def data(luck, folder):
    """A case of its own whose CSV files were edited as people, editors and accidents do."""
    home = folder / "cfg" / "data" / "mine"
    shutil.copytree(DATA, home)
    (folder / "cfg" / "scenario").mkdir()
    text = re.sub("(data|name): vyraj", r"\1: mine", SCENARIO.read_text(encoding="utf-8"))
    (folder / "cfg" / "scenario" / "mine.yaml").write_text(text, encoding="utf-8")
    path = home / f"{luck.choice(TABLES)}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    how = luck.choice(["same", "same", "wrong", "wrong", "wrong", "shape", "number", "number", "bytes"])
    is_wrong = {"wrong": True, "shape": True, "same": False}.get(how)
    if how == "wrong":
        _spoil_cell(luck, rows)
    elif how == "shape":
        _spoil_shape(luck, rows)
    elif how == "number":
        _change_number(luck, rows)
    content = _written(luck if how == "same" else None, rows)
    if how == "bytes":
        at = luck.randrange(len(content))
        content = content[:at] + bytes([luck.randrange(256)]) + content[at + luck.randint(0, 2) :]
    path.write_bytes(content)
    words = ["run", "scenario=mine", "hours=40", "persons_per_agent=5000", "--config-dir", "cfg", "out=out"]
    others = ("plants.csv", "places.csv") if path.stem == "cities" else ()  # which may not fit a city that was changed
    return Case(words, is_wrong, (path.name, *others), is_same=how == "same")


def _spoil_cell(luck, rows):
    name = luck.choice([name for name in rows[0] if name in WRONG_CELLS])
    row = luck.choice([row for row in rows[1:] if name != "intensity" or row[rows[0].index("kind")] != "fact"])
    row[rows[0].index(name)] = luck.choice(WRONG_CELLS[name])


def _spoil_shape(luck, rows):
    how, at = luck.randrange(5), luck.randrange(1, len(rows))
    if how == 0:
        rows[at].append("more")
    elif how == 1:
        rows[at].pop()
    elif how == 2:
        rows[0][luck.randrange(len(rows[0]))] += "x"
    elif how == 3:
        for row in rows:
            row.pop(0)
    else:
        rows[0].append(rows[0][0])


def _change_number(luck, rows):
    row = luck.choice(rows[1:])
    cells = [k for k, cell in enumerate(row) if re.fullmatch(r"-?\d+(\.\d+)?", cell)]
    if cells:
        row[luck.choice(cells)] = luck.choice(["0", "1", "2", "0.5", "7", "1000", "1e6", "3e15", "999999999999999"])


def _written(luck, rows):
    """The file; with luck, as another program writes the same."""
    file = io.StringIO(newline="")
    ends = luck.choice(["\n", "\r\n"]) if luck else "\n"
    csv.writer(file, quoting=csv.QUOTE_ALL if luck and luck.random() < 0.5 else 0, lineterminator=ends).writerows(rows)
    blank = ends * luck.randint(0, 3) if luck else ""
    return (file.getvalue() + blank).encode(luck.choice(["utf-8", "utf-8-sig"]) if luck else "utf-8")


def places(found, path=()):
    """Every place in a manifest, by its keys."""
    for key, value in found.items() if isinstance(found, dict) else enumerate(found):
        yield (*path, key)
        if isinstance(value, dict | list):
            yield from places(value, (*path, key))


def manifest(luck, folder):
    """A finished sweep, or run, whose manifest was edited by another program, or damaged."""
    kind = luck.choice(["sweep", "sweep", "run"])
    shutil.copytree(finished(kind), folder / "out")
    path = folder / "out" / "manifest.json"
    text = path.read_bytes()
    if luck.random() < 0.2:
        at = luck.randrange(len(text))
        text = text[:at] + bytes([luck.randrange(256)]) * luck.randint(0, 1) + text[at + luck.randint(0, 3) :]
    else:
        found = json.loads(text)
        for _ in range(luck.randint(1, 2)):
            *above, last = luck.choice(list(places(found)))
            inner = found
            for key in above:
                inner = inner[key]
            if luck.random() < 0.3:
                del inner[last]
            else:
                inner[last] = luck.choice(ODD)
        text = json.dumps(found).encode()
    path.write_bytes(text)
    verbs = ["status", "cite", "resume", "plot", "replay"] if kind == "sweep" else ["cite", "view", "map", "replay"]
    verb = luck.choice(verbs)
    return Case([verb, "out", *(["--run", "1"] if verb == "replay" and kind == "sweep" else [])], named=("out",))


@cache
def finished(kind):
    """The folder of a finished sweep or run, made once in a process."""
    folder = Path(tempfile.mkdtemp()) / "out"
    made = ["run", *SMALL, "space=true"] if kind == "run" else [
        "sweep", *SMALL, "anger.outrage_gain=0,0.1", "replicates=2", "executor.processes=1"]  # fmt: skip
    assert call([*made, f"out={folder}"])[0] == 0
    return folder


@cache
def untouched():
    """What a run of the untouched files of `data` gives."""
    folder = Path(tempfile.mkdtemp()) / "out"
    words = ["run", "scenario=vyraj", "hours=40", "persons_per_agent=5000", f"out={folder}"]
    assert call(words)[0] == 0
    return json.loads((folder / "manifest.json").read_text())["curves_sha256"]


KINDS = {each.__name__: each for each in (overrides, data, experiment, table, manifest)}

# --- what becomes of them

WELL = re.compile(r"not allowed|is missing|is empty|are missing|cannot be (read|combined)|given twice|overlaps|"
                  r"contradicts itself|is not a CSV|has no |no JSON|begun with other|must be|already|no such|"
                  r"at most|at least|was begun|changed", re.ASCII)  # fmt: skip
PYTHON = re.compile(r"Traceback|<class|object at 0x|NoneType|\w+Error\b|settings cannot be composed|pydantic|omegaconf|"
                    r"__\w+__|Could not|in 'config'|unhashable|required positional")  # fmt: skip


def call(words):
    """Call the command in this process."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = cli.main(words)
    return code, out.getvalue(), err.getvalue()


def tree(folder):
    return {str(path.relative_to(folder)): path.is_dir() or path.read_bytes() for path in folder.rglob("*")}


def verdict(case, before, after, code, out, err):
    """What became of a case: accepted or refused well, as it should be; or else what is wrong."""
    if code not in (0, 2) or PYTHON.search(err) and "failed:" in err:
        return "crashed"
    if code == 2:
        if after != before:
            return "leftovers"
        *notes, line = err.splitlines()
        is_well = WELL.search(line) and not PYTHON.search(line) and line.startswith("ploshcha: ")
        is_named = not case.named or any(not name.strip() or name in line for name in case.named)
        is_short = out == "" and all(note.startswith("ploshcha: ") for note in notes) and len(notes) <= 1
        return "refused well" if is_well and is_named and is_short and case.is_wrong is not False else "refused badly"
    if any(Path(name).name.startswith(".") and Path(name).name != ".lock" for name in after.keys() - before.keys()):
        return "leftovers"
    return "nonsense" if case.is_wrong or _is_false(case, after) else "accepted"


def _is_false(case, after):
    """Whether a success is none: other settings than typed, other results than of the same files, impossible curves."""
    if "run" not in case.words[:1] or "out/manifest.json" not in after:
        return False
    import polars as pl

    told = json.loads(after["out/manifest.json"])
    for name, value in case.effects.items():
        group, _, last = name.partition(".")
        if told["config"][group][last] != value:
            return True
    if case.is_same and told["curves_sha256"] != untouched():
        return True
    curves = pl.read_parquet(io.BytesIO(after["out/curves.parquet"])).select(pl.selectors.numeric())
    counts = curves.select("protesting", "striking", "rallying", "detained", "adults").to_numpy()
    return bool((counts < 0).any() or (counts[:, :4].T > counts[:, 4]).any())


def tried(kind, number):
    """Try one case in a folder of its own; return what became of it, its words and what it said."""
    with tempfile.TemporaryDirectory() as name:
        folder, home = Path(name), os.getcwd()
        case = KINDS[kind](random.Random(f"{kind} {number}"), folder)
        before = tree(folder)
        os.chdir(folder)
        signal.signal(signal.SIGPROF, _too_long)
        signal.setitimer(signal.ITIMER_PROF, SECONDS)
        try:
            code, out, err = call(case.words)
        except Exception:
            code, out, err = 99, "", traceback.format_exc()
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
            os.chdir(home)
        return verdict(case, before, tree(folder), code, out, err), case.words, err


def _too_long(number, frame):
    raise TimeoutError(f"more than {SECONDS} seconds")


def undrawn():
    """Figures are a few bytes: drawing takes too long."""
    from matplotlib.figure import Figure

    import experiments.one_run
    import experiments.one_sweep

    def savefig(figure, target, **_):
        target.write(b"figure") if hasattr(target, "write") else Path(target).write_bytes(b"figure")

    Figure.savefig = savefig
    experiments.one_run._draw = lambda result, path: path.write_bytes(b"figure")
    experiments.one_sweep.draw_all = lambda *_: None


@pytest.fixture
def no_figures(monkeypatch):
    monkeypatch.setattr("experiments.one_run._draw", lambda result, path: path.write_bytes(b"figure"))
    monkeypatch.setattr("experiments.one_sweep.draw_all", lambda *_: None)


@pytest.mark.skipif(sys.platform == "win32", reason="a case that hangs is ended by a signal")
@pytest.mark.parametrize("kind", KINDS)
def test_random_input_is_done_or_refused_well(no_figures, kind):
    found = Counter()
    for number in range(60):
        what, words, told = tried(kind, number)
        assert what in ("accepted", "refused well"), (kind, number, words, told)
        found[what] += 1
    assert min(found["accepted"], found["refused well"]) >= 5, found  # neither all sound nor all absurd


def _one(job):
    return job, tried(*job)


def campaign(n):
    """Try n cases, a fifth of each kind, on all cores; print the counts, and each fault."""
    counts = Counter()
    jobs = [(kind, number) for number in range(-(-n // len(KINDS))) for kind in KINDS][:n]
    with multiprocessing.get_context("spawn").Pool(initializer=undrawn) as pool:
        for (kind, number), (what, words, told) in pool.imap_unordered(_one, jobs, chunksize=20):
            counts[kind, what] += 1
            if what not in ("accepted", "refused well"):
                print(f"{what}: {kind} {number}: {words}: {' '.join(told.split())[-400:]}", flush=True)
            if counts.total() % 500 == 0:
                _print_counts(counts)
    _print_counts(counts)
    return sum(found for (_, what), found in counts.items() if what not in ("accepted", "refused well"))


def _print_counts(counts):
    verdicts = ["accepted", "refused well", "refused badly", "crashed", "nonsense", "leftovers"]
    print(f"{'':<12}{'tried':>8}" + "".join(f"{name:>15}" for name in verdicts))
    for kind in [*KINDS, "all"]:
        kinds = list(KINDS) if kind == "all" else [kind]
        row = [sum(counts[each, name] for each in kinds) for name in verdicts]
        print(f"{kind:<12}{sum(row):>8}" + "".join(f"{number:>15}" for number in row), flush=True)


if __name__ == "__main__":
    if len(sys.argv) == 3:
        undrawn()
        print(*tried(sys.argv[1], int(sys.argv[2])), sep="\n")
    else:
        sys.exit(campaign(int(sys.argv[1]) if len(sys.argv) > 1 else 300) > 0)
