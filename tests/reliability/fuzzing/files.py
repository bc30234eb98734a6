"""Cases of files that people write: data, experiments, tables of points, scenarios, narratives, priors."""

import csv
import io
import re
import shutil

import yaml
from fuzzing.case import DRY, FIT, ODD, SMALL, TARGETS, TEXTS, Case, cut, finished, own_case

TABLES = ("cities", "places", "plants", "targets", "timeline")
OPTIONAL = {"timeline": ("repeat", "until", "who"), "targets": ("error", "log_sd", "counted_by")}
KEYS = ["title", "settings", "levers", "outcomes", "figure", "baseline", "published", "replicates", "design", "methd"]
NAMES = ["anger.strength", "anger.stength", "hours", "seed", "scenario", "population.n_online_ties",
         "forcings.call.value", "anger", "hour", "peak_turnout", "", "a b", "out", "+name", "~anger",
         "anger@fear", "hydra/launcher", "design", "replicates", "forcings.closed_places"]  # fmt: skip
UNKNOWN = {"anger.stength", "hour", "peak_turnout", "", "a b", "+name", "anger@fear"}
WRONG_CELLS = {  # by column
    "value": ["abc", "", "-7", "1e400", "1;2"], "city": ["Atlantis", ""], "quantity": ["judgs", ""],
    "confidence": ["maybe", ""], "source": [""], "role": ["circus"], "east_m": ["1e9", "x"], "area_m2": ["0", "-1"],
    "attraction": ["-1", "nan"], "employees": ["0", "2.5", "999999999"], "outcome": ["happy"], "statistic": ["mode"],
    "date_from": ["2031-02-30", "yesterday"], "hour_to": ["24", "-1"], "informative": ["no", "perhaps"],
    "date": ["2031-13-01", "31.05.2031", ""], "hour": ["25", "-1", "x"], "kind": ["picnic", ""],
    "intensity": ["-1", "many", "inf", "٣", "nan"], "repeat": ["monthly", "1"], "until": ["2031-02-30", "soon"],
    "error": ["about", "1"], "log_sd": ["-1", "nan", "99"], "counted_by": ["aunt"], "low": ["-1", "1e999", "x"],
    "distribution": ["beta", ""], "parameter": ["fear.fear_weigt", "", "fear.strength", "population.correlation"],
    "first": ["x", "nan", "1e99"], "second": ["x", "", "-inf"],
}  # fmt: skip


BOMB = "".join(f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]\n" for a, b in zip("abcdefghi", "bcdefghij", strict=True))
HUNG = ["\ta: 1", "a: 1\na: 2", "- [", "{" * 3000, "a: &a [*a]", "a: &a [1]\n" + BOMB, "", "# nothing", "[]", "x", "%",
        "a: !!python/object/apply:os.getpid []", "_target_: os.getpid", "a: ${a}", "? [a]\n: 1", "1: 2", "null: 1"]


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
        text = cut(luck, text)
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
    home = own_case(folder)
    path = home / f"{luck.choice(TABLES)}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    _add_columns(luck, rows, OPTIONAL.get(path.stem, ()))
    how = luck.choice(["same", "same", "wrong", "wrong", "wrong", "shape", "number", "number", "bytes"])
    is_wrong = _spoiled(luck, rows, how, path)
    words = ["run", "scenario=mine", "hours=40", "persons_per_agent=5000", "--config-dir", "cfg", "out=out"]
    # Files that may not fit what was changed in this one.
    others = {"cities": ("plants.csv", "places.csv", "cell_size_m", "per_agent"), "places": ("timeline.csv",)}
    return Case(words, is_wrong, (path.name, *others.get(path.stem, ())), is_same=how == "same")


def _spoiled(luck, rows, how, path):
    """Write a table that was changed in this way; return whether it is wrong, None where that is not known."""
    if how == "wrong":
        _spoil_cell(luck, rows)
    elif how == "shape":
        _spoil_shape(luck, rows)
    elif how == "number":
        _change_number(luck, rows)
    content = _written(luck if how == "same" else None, rows)
    path.write_bytes(cut(luck, content) if how == "bytes" else content)
    return {"wrong": True, "shape": True, "same": False}.get(how)


def _add_columns(luck, rows, names):
    """Columns that may be left out, all blank."""
    for name in names:
        if luck.random() < 0.4:
            at = luck.randrange(len(rows[0]) + 1)
            for k, row in enumerate(rows):
                row.insert(at, "" if k else name)


def _spoil_cell(luck, rows):
    name = luck.choice([name for name in rows[0] if name in WRONG_CELLS])
    row = luck.choice([row for row in rows[1:] if name != "intensity" or row[rows[0].index("kind")] != "fact"])
    anywhere = ("",) if name == "city" and "intensity" in rows[0] else ()  # an event of the whole country
    row[rows[0].index(name)] = luck.choice([value for value in WRONG_CELLS[name] if value not in anywhere])


def _spoil_shape(luck, rows):
    how, at = luck.randrange(5), luck.randrange(1, len(rows))
    if how == 0:
        rows[at].append("more")
    elif how == 1:
        rows[at].pop()
    elif how == 2:
        rows[0][luck.randrange(len(rows[0]))] += "x"
    elif how == 3:
        needed = rows[0].index("source")
        for row in rows:
            row.pop(needed)
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


def scenario(luck, folder):
    """A scenario of one's own, with odd keys and values, or beside another odd file of settings."""
    own_case(folder)
    path = folder / "cfg" / "scenario" / "mine.yaml"
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    how, is_wrong = luck.random(), None
    if how < 0.15:
        is_wrong = False
    elif how < 0.55:
        for _ in range(luck.randint(1, 2)):
            others = ["nmae", "defaults", "model", "main_day", "hydra", "_target_", "anger", "citys"]
            key = luck.choice([*content, *others])
            content[key] = luck.choice([*ODD, [{"override /turnout@_global_.turnout": luck.choice(TEXTS)}]])
            is_wrong = True if key in ("nmae", "citys") else is_wrong
    text = yaml.safe_dump(content, allow_unicode=True, sort_keys=False).encode()
    if 0.55 < how < 0.75:
        text = luck.choice([cut(luck, text), text + luck.choice(HUNG).encode()])
    elif how < 0.15:
        text = luck.choice([text, text.replace(b"\n", b"\r\n"), b"\xef\xbb\xbf" + text, text + b"\n\n# \xc3\xa9\n"])
    elif how > 0.75:
        group = luck.choice(["anger", "fear", "turnout", "regime", "mine", "experiment", "scenario", "hydra", "data"])
        (folder / "cfg" / group).mkdir(exist_ok=True)
        inner = {luck.choice(["strength", "anger", "x", "defaults", "hydra", "_target_"]): luck.choice(ODD)}
        more = luck.choice([*HUNG, yaml.safe_dump(luck.choice([inner, [inner], ODD[0]]))])
        file = folder / "cfg" / group / f"{luck.choice(['other', 'a b', 'é', '1e3'])}.yaml"
        file.write_text(more, encoding="utf-8")
    path.write_bytes(text)
    more = [f"{luck.choice(['anger', 'turnout'])}=other"] if how > 0.85 else []
    verb = luck.choice([["run", "scenario=mine", *SMALL[1:], *more, "out=out"], ["list", "scenarios"], ["show", "mine"],
                        ["show", "config", "scenario=mine", *more]])  # fmt: skip
    return Case([*verb, "--config-dir", "cfg"], is_wrong if verb[0] == "run" else None if is_wrong else is_wrong)


def narrative(luck, folder):
    """A narrative of one's own for the page of a run."""
    shutil.copytree(finished("run"), folder / "out")
    states = [{"city": "Alvena", "hour": k, "text": "What is seen."} for k in range(2)]
    content = {"title": "A day", "scenario": "vyraj", "states": states}
    how, is_wrong = luck.random(), False
    if how < 0.7:
        inner = luck.choice([content, content, states[0]])
        key = luck.choice([*inner, "txt", "person"])
        inner[key] = luck.choice(ODD)
        is_wrong = True if key == "txt" else None
    text = yaml.safe_dump(content, allow_unicode=True).encode()
    if 0.2 < how < 0.5:
        text, is_wrong = luck.choice([cut(luck, text), text + luck.choice(HUNG).encode()]), None
    elif how > 0.7:
        text = luck.choice([text, text.replace(b"\n", b"\r\n"), b"\xef\xbb\xbf" + text])
    (folder / "mine.yaml").write_bytes(text)
    return Case(["view", "out", "people=0", "narrative=mine.yaml"], is_wrong, ("mine.yaml",))


def priors(luck, folder):
    """A fit whose priors stand in a file."""
    own_case(folder, TARGETS)
    rows = [["parameter", "distribution", "first", "second", "source", "confidence"],
            ["participation.intercept", "uniform", "-4", "-1", "invented", "assumption"],
            ["fear.fear_weight", "normal", "0.5", "0.2", "invented", "assumption"]]  # fmt: skip
    how = luck.choice(["same", "wrong", "wrong", "wrong", "shape", "number", "bytes"])
    is_wrong = _spoiled(luck, rows, how, folder / "priors.csv")
    words = ["calibrate", "case=mine", "priors=priors.csv", *FIT, "out=fit", "--config-dir", "cfg"]
    return Case(words, is_wrong, ("priors.csv", "free=", *(row[0] for row in rows[1:] if row and row[0])))
