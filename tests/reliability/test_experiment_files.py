"""Experiment files, tables of points and levers: one line for what is not allowed, nothing dropped without a word."""

import time

import pytest

from experiments.cli import main
from experiments.design.names import is_taken
from experiments.design.plan import make_plan
from sim.errors import InputError

BASE = "settings: {scenario: vyraj, hours: 2}\nlevers: {anger.strength: [0, 1]}\n"
EPSTEIN = "settings: {scenario: epstein_2002}\nlevers: {epstein.vision: [1, 2]}\n"


def levers(text):
    return f"settings: {{scenario: vyraj, hours: 2}}\nlevers: {text}\n"


FILES = [
    (BASE + "design: {method: latin}", "design.method=latin is not allowed: one of grid, lhs"),
    (BASE + "design: {methd: grid}", "did you mean design.method?"),
    (BASE + "design: {n: true}", "design.n=true is not allowed: an integer"),
    (BASE + "replicates: abc", "replicates=abc is not allowed: an integer >= 1"),
    (BASE + "replicates: true", "replicates=true is not allowed: an integer >= 1"),
    (BASE + "outcomes: 5", "outcomes=5 is not allowed: a list"),
    (BASE + "outcomes: []", "outcomes=[] is not allowed: a list with something in it"),
    (BASE + "outcomes: [peak_turnoutt]", "did you mean peak_turnout?"),
    (BASE + "outcomes: [peak_protesting]", "outcomes=peak_protesting is not allowed"),
    (EPSTEIN + "outcomes: [peak_protestin]", "did you mean peak_protesting?"),
    (EPSTEIN + "outcomes: [rally_size]", "outcomes=rally_size is not allowed: one of peak_protesting"),
    (BASE + "figure: [[1,2],[3]]", "figure=[[1,2],[3]] is not allowed: settings by name"),
    (BASE + "figure: mapp", "did you mean map?"),
    (BASE + "figure: {kind: map, curvs: [a]}", "did you mean figure.curves?"),
    (BASE + "figure: {kind: map, curves: [protestin]}", "did you mean protesting?"),
    (BASE + "figure: {kind: map, labels: {anger.stength: x}}", "did you mean anger.strength?"),
    (BASE + "figure: elasticity", "figure.pairs is missing"),
    (BASE + "baseline: {anger.strenth: 1}", "did you mean anger.strength?"),
    (BASE + "baseline: [a]", "baseline=[a] is not allowed: settings by name"),
    (BASE + "published: 3", "published=3 is not allowed: a list"),
    (BASE + "outcome: [x]", "did you mean outcomes?"),
    ("settings: [a]\nlevers: {}", "settings=[a] is not allowed: settings by name"),
    ("settings: {hors: 3}\nlevers: {}", "did you mean hours?"),
    ("settings: {hours: abc}\nlevers: {}", "hours=abc is not allowed: an integer"),
    ("levers: 3", "levers=3 is not allowed: settings by name"),
    ("", "levers is missing"),
    ("5", "cannot be read"),
    ("levers: {a: 1", "cannot be read: line 1, column"),
    ("title: ${oc.env:HOME}\nlevers: {}", "line 1: value=${oc.env:HOME} is not allowed"),
    (levers("{anger.strength: [0, 1, 1.0]}"), "anger.strength=0,1,1.0 is not allowed: each value once"),
    (levers("{anger.strength: [0, -1]}"), "anger.strength=-1 is not allowed: a number >= 0"),
    (levers("{x: {a: {}, b: {anger.stre: 2}}}"), "did you mean anger.strength?"),
    (levers("{x: {a: {}, b: {anger.strength: 2}}}") + "baseline: {x: bb}", "did you mean b?"),
    (levers("{x: {a: {}, b: {seed: 2}}}"), "replicates=N varies it"),
    (levers("{x: {a: {}, b: {anger.strength: 2}}, anger.strength: [0, 1]}"), "both change anger.strength"),
    ("levers: {scenario: [vyraj, epstein_2002]}", "scenarios of one model"),
    (levers("{x: {a: {anger.strength: 1}, b: {anger.strength: 1.0}}}"), "x=b is not allowed: an alternative"),
    (levers("{anger.strength: {a: 0, b: 1}}"), "anger.strength={a:0,b:1} is not allowed: a list of values"),
    (levers("{x: {a: {}, b: {executor: dask}}}"), "executor=dask is not allowed: no setting of a run"),
    ("settings: {replicates: 7}\nlevers: {}", "settings.replicates=7 is not allowed: no setting of a run"),
    ("settings: {out: x}\nlevers: {}", "settings.out=x is not allowed: no setting of a run: for the command line"),
    ("settings: {executor.processes: 2}\nlevers: {}", "settings.executor.processes=2 is not allowed"),
    ("settings: {experiment: x}\nlevers: {}", "settings.experiment=x is not allowed"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "told"), FILES, ids=[text[-40:].strip() for text, _ in FILES])
def test_a_file_is_validated_like_overrides(tmp_path, text, told):
    (tmp_path / "experiment").mkdir()
    (tmp_path / "experiment" / "mine.yaml").write_text(text)
    with pytest.raises(InputError, match=r"^mine\.yaml") as caught:
        make_plan(["experiment=mine"], str(tmp_path))
    assert told in str(caught.value)


def test_what_the_command_line_does_wrong_is_not_told_of_the_file():
    with pytest.raises(InputError, match=r"^anger\.strength=-1"):
        make_plan(["experiment=leader", "anger.strength=-1"])


@pytest.mark.parametrize("name", ["experiment/mine.yaml", "anger/mild.yaml"])
def test_aliases_are_bounded(tmp_path, name):
    """Three hundred bytes that stand for nine to the ninth values, and one that holds itself."""
    rows = [f"a{k}: &a{k} [{','.join([f'*a{k - 1}'] * 9)}]" for k in range(1, 9)]
    (tmp_path / name).parent.mkdir()
    for text, told in (("\n".join(["a0: &a0 [x,x,x,x,x,x,x,x,x]", *rows]), "at most 100,000"), ("a: &a [*a]", "alias")):
        (tmp_path / name).write_text(text)
        began = time.perf_counter()
        with pytest.raises(InputError, match=told):
            make_plan(["experiment=mine" if "experiment" in name else "anger=mild"], str(tmp_path))
        assert time.perf_counter() - began < 20


# --- one namespace


@pytest.mark.parametrize("name", ["anger", "hour", "time", "city", "peak_turnout", "protesting", "run_id", "difference",
                                  "peak_anything", "outcome_detained"])  # fmt: skip
def test_a_lever_cannot_have_the_name_of_a_column(tmp_path, name):
    (tmp_path / "experiment").mkdir()
    (tmp_path / "experiment" / "mine.yaml").write_text(levers(f"{{{name}: {{a: {{}}, b: {{fear.strength: 2}}}}}}"))
    with pytest.raises(InputError, match=f"lever={name} is not allowed: another name"):
        make_plan(["experiment=mine"], str(tmp_path))


def test_every_column_of_the_tables_is_taken(tmp_path, capsys):
    import polars as pl

    from experiments.store.load import load

    out = tmp_path / "out"
    words = ["scenario=vyraj", "hours=24", "persons_per_agent=2000", "anger.strength=0,1", "replicates=1"]
    assert main(["sweep", *words, "executor.processes=1", f"out={out}"]) == 0
    found = load(out)
    names = {*found.variables, *(name for file in out.glob("*.parquet") for name in pl.read_parquet(file).columns)}
    assert {name for name in names if not is_taken(name)} <= {"anger.strength", "error"}


# --- nothing dropped

WORDS = [
    (("anger.strength=1,1.0,1e0",), "each value once"),
    (("anger.strength='0',0",), "each value once"),
    (("anger.strength=0,1", "anger.strength=3"), "anger.strength is given twice"),
    (("anger.strength=3", "anger.strength=0,1"), "anger.strength is given twice"),
    (("anger.strength=range(0,1,0)",), "a range whose step is not 0"),
    (("anger.strength=range(0,1e9)",), "at most 1,000,000"),
    (("anger.strength=shuffle(0,1)",), "an order that is always the same"),
    (("population.n_online_ties=interval(0.2,0.3)",), "a range with two whole numbers in it"),
    (("scenario=vyraj,epstein_2002",), "one model"),
    (("anger.strength=0,1", "design.n=3"), "design.n=3 is not allowed: only with a sample, or a grid over"),
    (("anger.strength=0,1", "design.seed=3"), "design.seed=3 is not allowed: only with a sample"),
    (("design=list", "design.n=3"), "design.n=3 is not allowed"),
    (("anger.strength=0,1", "hydra.run.dir=x"), "hydra.run.dir=x is not allowed: only ploshcha run -m"),
]


@pytest.mark.parametrize(("words", "told"), WORDS, ids=[words[-1] for words, _ in WORDS])
def test_levers_of_the_command_line(capsys, words, told):
    assert main(["sweep", *(() if "scenario" in words[0] else ("scenario=vyraj", "hours=2")), *words]) == 2
    assert told in capsys.readouterr().err


def test_a_word_that_every_alternative_overrides_is_refused(tmp_path):
    (tmp_path / "experiment").mkdir()
    (tmp_path / "experiment" / "mine.yaml").write_text(levers("{x: {a: {fear.strength: 1}, b: {fear.strength: 2}}}"))
    with pytest.raises(InputError, match="fear.strength=3 is not allowed: every alternative of x sets fear.strength"):
        make_plan(["experiment=mine", "fear.strength=3"], str(tmp_path))


@pytest.mark.parametrize("word", ["x=a", "x=a,b", "x=interval(0,1)"])
def test_a_name_of_alternatives_is_no_setting(tmp_path, word):
    (tmp_path / "experiment").mkdir()
    (tmp_path / "experiment" / "mine.yaml").write_text(levers("{x: {a: {}, b: {fear.strength: 2}}}"))
    with pytest.raises(InputError) as caught:
        make_plan(["experiment=mine", word], str(tmp_path))
    assert str(caught.value) == f"{word} is not allowed: x names alternatives of mine.yaml (a, b); all are run"


def test_of_fixed_settings_the_last_word_holds():
    plan = make_plan(["scenario=vyraj", "hours=2", "hours=3", "anger.strength=0,1"])
    assert plan.parameters.hours == 3


def test_whole_numbers_stay_whole_in_samples():
    plan = make_plan(["scenario=vyraj", "hours=2", "population.n_online_ties=interval(0.5,6)", "design=lhs"])
    values = [point["population.n_online_ties"] for point in plan.points[plan.n_added :]]
    assert set(values) == {1, 2, 3, 4, 5, 6} and all(isinstance(value, int) for value in values)
    grid = make_plan(["scenario=vyraj", "hours=2", "population.n_online_ties=interval(0,3)"])
    assert [point["population.n_online_ties"] for point in grid.points[grid.n_added :]] == [0, 1, 2, 3]


# --- tables of points

TABLES = [
    ("anger.strength;fear.strength\n1;2\n", "points.csv line 1: separator=semicolon is not allowed: commas"),
    ("anger.strength,fear.strength\n1,2\n3\n", "points.csv line 3: cells=1 is not allowed: 2, as in the header"),
    ("anger.strength\n1\n\nNA\n", "points.csv line 4: anger.strength=NA is not allowed: a number"),
    ("anger.strength,fear.strength\n1,\n", "points.csv line 2: fear.strength is empty: a number"),
    ('anger.strength\n1\n"2\n', "points.csv line 3 is not a CSV file in UTF-8: a quote is not closed"),
    ('anger.strength\n"interval(0,1)"\n', "points.csv line 2: anger.strength=interval(0,1) is not allowed: one value"),
    ('anger.strength\n"0,1"\n', "points.csv line 2: anger.strength=0,1 is not allowed: one value"),
    ("anger.strength\n" + "9" * 5000 + "\n", "points.csv line 2: anger.strength=9999"),
    ("anger.strength\n" + "9" * 200000 + "\n", "points.csv line 2 is not a CSV file in UTF-8: field larger than"),
    (b"anger.strength\n1\n\xe9\n", "points.csv line 3 is not a CSV file in UTF-8: byte 0xe9"),
    ("anger.strength\n1\n-5\n", "points.csv line 3: anger.strength=-5 is not allowed"),
    ("anger.strngth\n1\n", "did you mean anger.strength?"),
    ("anger.strength\n1\n2\n1.0\n", "points.csv line 4: row=1.0 is not allowed: each point once; line 2 has it"),
    ("anger.strength,anger.strength\n1,2\n", "points.csv line 1: header="),
    ("", "header is empty"),
    ("hours\n3\n", "hours=2 is not allowed: hours is a column of points.csv"),
]


@pytest.mark.parametrize(("text", "told"), TABLES, ids=[str(text[:30]) for text, _ in TABLES])
def test_tables_of_points(here, capsys, text, told):
    (here / "points.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
    assert main(["sweep", "scenario=vyraj", "hours=2", "design=list", "design.file=points.csv"]) == 2
    written = capsys.readouterr().err
    assert told in written and written.count("\n") == 1
    assert [path.name for path in here.iterdir()] == ["points.csv"]


def test_a_table_is_not_mixed_with_levers(here, capsys):
    (here / "points.csv").write_text("anger.strength\n1\n2\n")
    assert main(["sweep", "scenario=vyraj", "design=list", "design.file=points.csv", "fear.strength=0,1"]) == 2
    assert "with design=list the columns of points.csv are varied" in capsys.readouterr().err


# --- texts, lists, truths; classics

ENDS = [
    ("sweep", ("scenario=epstein_2002", "epstein.ratio=floor,round")),  # the base value, continuous, is in neither
    ("sweep", ("scenario=epstein_2002", "epstein.officer_schedule=[[0,10]],[[0,5]]")),
    ("sweep", ("scenario=epstein_2002", "epstein.legitimacy=[[0,0.5]],[[0,0.8]]", "design=lhs", "design.n=2")),
    ("sweep", ("scenario=epstein_2002_run3", "epstein.legitimacy=0.5,0.8")),  # its own is a schedule
    ("sweep", ("scenario=epstein_2002_run3", "epstein.legitimacy=interval(0.5,0.8)", "design.n=2")),
    ("sweep", ("scenario=epstein_2002", "epstein.include_own_cell=true,false")),
    ("sweep", ("scenario=epstein_2002", "epstein.include_own_cell=0,1")),
    ("sweep", ("scenario=epstein_2002,rebellion_netlogo", "epstein.size=20")),  # a setting that only classics have
    ("run -m", ("scenario=epstein_2002,rebellion_netlogo", "epstein.size=20")),
]


@pytest.mark.parametrize(("verb", "words"), ENDS, ids=[f"{verb} {' '.join(words)}" for verb, words in ENDS])
def test_levers_of_every_kind_end_in_tables_and_figures(tmp_path, capsys, verb, words):
    out = tmp_path / "out"
    own = ("replicates=1", "executor.processes=1") if verb == "sweep" else ()
    assert main([*verb.split(), *words, "steps=3", *own, f"out={out}"]) == 0
    if verb == "sweep":
        names = {path.name for path in out.rglob("*") if path.parent.name != "runs"}
        assert {"summary.parquet", "effects.parquet", "curves.png", "response.png"} <= names


@pytest.mark.slow
def test_scenarios_of_other_days_hours_and_cities_go_together(tmp_path, capsys, monkeypatch):
    """Each has its own hours in the Dataset; the axis of the figure reaches over all, and names no wrong date."""
    from experiments import cli, load
    from experiments.figures import curves

    drawn = []
    monkeypatch.setattr(
        curves, "framed", lambda *a, real=curves.framed, **n: drawn.append(real(*a, **n)) or drawn[-1]
    )
    words = ["scenario=vyraj,minsk_2020", "persons_per_agent=5000", "replicates=1", "executor.processes=1"]
    assert cli.main(["sweep", *words, f"out={tmp_path / 'out'}"]) == 0, capsys.readouterr().err
    found = load(tmp_path / "out")["protesting"]
    n_known = found.notnull().any("city").sum("hour").to_numpy()
    assert n_known.tolist() == [72, 192]
    axis = drawn[0][1][-1]  # of the lowest row, which names the days
    names = [text.get_text() for text in axis.get_xticklabels()]
    assert axis.get_xlim() == (0, 192) and names[0] == "day 1" and not any("May" in name for name in names)
