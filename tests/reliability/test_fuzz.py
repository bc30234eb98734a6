"""Random input: experiment files, tables of points, overrides. Either a plan, or one line that says what is wrong.

A few hundred seeded cases run with the tests, up to what a sweep reads; ten thousand, each to a whole plan, by
``uv run python tests/reliability/test_fuzz.py 10000``, which prints the counts.
"""

import random
import sys
import tempfile
from collections import Counter
from pathlib import Path

import pytest
import yaml

from experiments.design.experiment_file import read_experiment
from experiments.design.levers import levers_of_words
from experiments.design.plan import make_plan
from experiments.design.points import points_of_file
from experiments.settings.sweep import split_words
from experiments.words import parse
from sim.errors import InputError

ODD = [None, True, False, 0, 1, 1.0, -1, 2.5, 1e308, float("nan"), float("inf"), "", " ", "abc", "1", "²", "a" * 300,
       "é", "${x}", "${oc.env:HOME}", "2020-08-09", [], [1], [[1, 2], [3]], {}, {"a": 1}, {"low": 0, "high": 1},
       {"a": {}, "b": {"anger.strength": 2}}, ["x", None], "*", "null", "interval(0,1)", "\x00"]  # fmt: skip
KEYS = ["title", "settings", "levers", "outcomes", "figure", "baseline", "published", "replicates", "design", "methd"]
NAMES = ["anger.strength", "anger.stength", "hours", "seed", "scenario", "population.n_online_ties",
         "forcings.call.value", "anger", "hour", "peak_turnout", "", "a b", "out", "+name", "~anger",
         "anger@fear", "hydra/launcher", "design", "replicates", "forcings.closed_places"]  # fmt: skip
TEXTS = ["0", "1", "0,1", "1,1.0", "interval(0,1)", "interval(a,1)", "range(0,3)", "range(0,1,0)", "glob(*)",
         "shuffle(1,2)", "[a", "{a:1}", "'x", "${nosuch}", "²", "NA", "", "1e999", "true", "vyraj,epstein_2002",
         "grid", "latin", ";", '"', '"1\n2"', "9" * 2000, "\x00", "é"]  # fmt: skip


def experiment(luck, folder):
    """Return the words of an experiment whose file is sound but for up to three keys, or cut anywhere."""
    content = {"settings": {"scenario": "vyraj", "hours": 2}, "levers": {"anger.strength": [0, 1]}}
    for _ in range(luck.randint(0, 3)):
        key, value = luck.choice(KEYS), luck.choice(ODD)
        inner = {luck.choice(NAMES): value}
        content[key] = luck.choice([value, inner, [value], {luck.choice(["kind", "method", "n", "curves"]): value}])
    text = yaml.safe_dump(content, allow_unicode=True).encode()
    if luck.random() < 0.2:
        text = text[: luck.randrange(len(text))] + bytes([luck.randrange(256)])
    (folder / "experiment").mkdir(exist_ok=True)
    (folder / "experiment" / "mine.yaml").write_bytes(text)
    return ["experiment=mine"]


def table(luck, folder):
    """Return the words of a design whose table has odd cells, names and separators."""
    names = [luck.choice(NAMES) if luck.random() < 0.3 else name for name in ("anger.strength", "fear.strength")]
    rows = [[luck.choice(TEXTS) if luck.random() < 0.2 else str(k), "1"][: luck.choice([2, 2, 2, 1])] for k in range(3)]
    text = "\n".join(luck.choice([",", ",", ",", ";"]).join(row) for row in [names, *rows])
    (folder / "points.csv").write_bytes(text.encode(luck.choice(["utf-8", "latin-1", "utf-16"])))
    return ["scenario=vyraj", "hours=2", "design=list", f"design.file={folder / 'points.csv'}"]


def overrides(luck, folder):
    """Return odd words of a sweep."""
    odd = [f"{luck.choice(NAMES)}={luck.choice(TEXTS)}" for _ in range(luck.randint(1, 3))]
    return ["scenario=vyraj", "hours=2", *odd]


KINDS = {"experiment": experiment, "table": table, "overrides": overrides}


def read(kind, words, folder):
    """Read the input as far as a sweep does before it composes settings."""
    if kind == "experiment":
        read_experiment(folder / "experiment" / "mine.yaml")
    elif kind == "table":
        points_of_file(str(folder / "points.csv"))
    else:
        levers_of_words(parse(split_words(words)[1]))


def outcome(work):
    """Return what became of it: accepted or refused in one line; anything else is raised."""
    try:
        work()
    except InputError as error:
        told = str(error)
        assert told and "\n" not in told and "Traceback" not in told
        return "refused"
    return "accepted"


@pytest.mark.parametrize("kind", KINDS)
def test_random_input_is_read_or_refused_in_one_line(tmp_path, kind):
    found = Counter()
    for case in range(150):
        words = KINDS[kind](random.Random(f"{kind} {case}"), tmp_path)
        found[outcome(lambda words=words: read(kind, words, tmp_path))] += 1
    assert min(found["accepted"], found["refused"]) >= 5, found  # the cases are neither all sound nor all absurd


def campaign(n):
    """Try n inputs of all kinds up to a whole plan; print what became of them, and each crash."""
    found = Counter()
    for case in range(n):
        kind = list(KINDS)[case % len(KINDS)]
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            words = KINDS[kind](random.Random(f"{kind} {case}"), folder)
            try:
                found[kind, outcome(lambda words=words, name=name: make_plan(words, name))] += 1
            except Exception as error:
                found[kind, "crashed"] += 1
                print(f"{kind} {case}: {type(error).__name__}: {error} | {words}")
    for (kind, what), number in sorted(found.items()):
        print(f"{kind:<12}{what:<10}{number:>7}")


if __name__ == "__main__":
    campaign(int(sys.argv[1]) if len(sys.argv) > 1 else 300)
