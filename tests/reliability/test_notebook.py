"""What notebooks see: short reprs, tables, pictures, settings by name."""

import html
import re

import numpy as np
import pandas as pd
import pytest

import ploshcha
from experiments.printing.run_table import persons
from sim.errors import InputError

SMALL = {"persons_per_agent": 100, "hours": 30}


@pytest.fixture(scope="module")
def result():
    return ploshcha.run(ploshcha.load_scenario("vyraj", **SMALL), seed=3)


def test_settings_by_name_are_those_of_the_command_line():
    words = ploshcha.load_scenario("minsk_2020", "persons_per_agent=200", "job_pressure.threat=0.4")
    assert words == ploshcha.load_scenario("minsk_2020", persons_per_agent=200, **{"job_pressure.threat": 0.4})
    assert ploshcha.load_scenario("vyraj", engine="mesa").engine == "mesa"
    with pytest.raises(InputError, match="did you mean job_pressure.threat"):
        ploshcha.load_scenario("minsk_2020", **{"job_pressure.thret": 0.4})


def test_reprs_are_one_short_line(result):
    model = ploshcha.ProtestModel(result.parameters)
    citizen = next(iter(model.agents))
    classic = ploshcha.run(ploshcha.load_scenario("epstein_2002", steps=5))
    for each in (result, result.parameters, model, citizen, classic, classic.parameters):
        assert len(repr(each)) < 300 and "\n" not in repr(each) and len(str(each)) < 300
    assert "vyraj" in repr(result) and "seed 3" in repr(result)
    assert "1 city," in repr(ploshcha.load_scenario("minsk_2020")) and "2 cities," in repr(result.parameters)
    assert repr(citizen).startswith(type(citizen).__name__) and citizen.city in repr(citizen)


def test_html_shows_the_fullest_hour_of_each_city(result):
    told = result._repr_html_()
    for city, most in zip(result.cities, result.curves_columns["protesting"].max(axis=0), strict=True):
        assert f"<tr><td>{city}</td><td>{most:,.0f}</td>" in told


def cells_of(shown):
    """The cells of the table that a notebook shows, row by row."""
    return [re.findall(r"<t[hd]>(.*?)</t[hd]>", row) for row in re.findall("<tr>(.*?)</tr>", shown._repr_html_())]


def test_html_of_a_model_is_of_its_last_hour():
    model = ploshcha.ProtestModel(ploshcha.load_scenario("vyraj", **SMALL, **{"participation.intercept": -3.0}))
    assert len(cells_of(model)) == 1  # the head alone: nothing happened yet
    for _ in range(21):
        model.step()
    head, *rows = cells_of(model)
    crowd = model.observer.curves["protesting"][20]
    assert [row[0] for row in rows] == [city.name for city in model.cities] and crowd.max() > 0
    assert [row[head.index("protesting")] for row in rows] == [f"{persons:,.0f}" for persons in crowd]


def test_html_of_agents_tells_what_each_column_means(result):
    from agents.vocabulary import CITIZEN_COLUMNS, OFFICER_COLUMNS, OFFICIAL_COLUMNS

    model = ploshcha.ProtestModel(result.parameters)
    of_type = {kind.__name__: next(iter(people)) for kind, people in model.agents_by_type.items()}
    tables = {"Citizen": CITIZEN_COLUMNS, "StateWorker": CITIZEN_COLUMNS, "SecurityOfficer": OFFICER_COLUMNS,
              "Official": OFFICIAL_COLUMNS}  # fmt: skip
    for kind, columns in tables.items():
        rows = {name: (now, html.unescape(meaning)) for name, now, meaning in cells_of(of_type[kind])[1:]}
        assert {name: meaning for name, (_, meaning) in rows.items()} == {
            name: meaning for name, (_, meaning) in columns.items() if name != "person"}  # fmt: skip
        assert float(rows["anger"][0]) == pytest.approx(of_type[kind].anger, rel=1e-5)


def test_html_of_settings_has_a_row_for_each_group():
    changes = {"fear.fear_weight": 0.25, "forcings.repression.factor": 0.5}
    rows = dict(cells_of(ploshcha.load_scenario("vyraj", **SMALL, **changes))[1:])
    assert rows["hours"] == "30" and "fear_weight=0.25" in rows["fear"]
    assert rows["forcings"] == "repression=(factor=0.5)"
    assert "vision=7" in dict(cells_of(ploshcha.load_scenario("epstein_2002"))[1:])["epstein"]


def test_html_of_a_classic_and_of_a_sweep(runs):
    result = ploshcha.run(ploshcha.load_scenario("granovetter_1978", steps=101))
    rows = {name: row for name, *row in cells_of(result)}
    assert rows["protesting"][:3] == ["1", "100", "100"]
    sweep = runs[0].ploshcha
    assert "40 runs" in repr(sweep) and len(repr(sweep)) < 200
    assert dict(cells_of(sweep)[1:]) == {"anger.strength": "0, 1", "leader.strength": "0, 1"}


def test_hours_have_their_time(result):
    time = result.curves.time
    assert time.dims == ("hour",) and str(time.values[0])[:16] == f"{result.start}T00:00"
    assert (np.diff(time.values) == np.timedelta64(1, "h")).all()
    assert result.curves.swap_dims(hour="time").sel(time=f"{result.start}").sizes["time"] == 24


def test_a_table_has_a_row_for_each_hour_and_city(result):
    table = result.to_dataframe()
    assert len(table) == result.hours * len(result.cities)
    row = table[(table.hour == 20) & (table.city == result.cities[1])].iloc[0]
    assert row.protesting == result.curves_columns["protesting"][20, 1]


def test_a_result_saves_what_run_writes_and_draws_itself(result, tmp_path):
    folder = result.save(tmp_path / "run")
    assert sorted(path.name for path in folder.iterdir()) == [
        "curves.parquet", "manifest.json", "mobilization.csv", "mobilization.md", "mobilization.png",
        "plants.parquet"]  # fmt: skip
    loaded = ploshcha.load(folder)
    assert (loaded.protesting.values == result.curves_columns["protesting"]).all()
    assert (loaded.time == result.curves.time).all() and loaded.time.dims == ("hour",)
    with pytest.raises(InputError, match="out="):
        result.save(folder)
    picture, size = result.plot()._repr_png_()
    assert picture == (folder / "mobilization.png").read_bytes() and size["width"] == 770  # 7 inches


ALTERNATIVES = """
levers:
  when:
    now: {}
    later: {scenario.start: 2031-05-09}
"""


def test_runs_that_begin_on_other_days_have_no_time(tmp_path):
    (tmp_path / "cfg" / "experiment").mkdir(parents=True)
    (tmp_path / "cfg" / "experiment" / "mine.yaml").write_text(ALTERNATIVES)
    words = ("scenario=vyraj", "hours=3", "persons_per_agent=5000", "executor.processes=1", "replicates=1")
    days = ploshcha.sweep(*words, "scenario.start=2031-05-02,2031-05-09", out=tmp_path / "days")
    named = ploshcha.sweep(*words, "experiment=mine", config_dir=tmp_path / "cfg", out=tmp_path / "named")
    assert "time" not in days.coords and "time" not in named.coords


def test_a_start_that_is_no_day_is_told(result, tmp_path):
    folder = result.save(tmp_path / "run")
    path = folder / "manifest.json"
    path.write_text(path.read_text().replace('"start": "2031-05-02"', '"start": "May"'))
    with pytest.raises(InputError, match="config.scenario.start=May is not allowed: a day"):
        ploshcha.load(folder)


def test_a_classic_does_so_too(tmp_path):
    result = ploshcha.run(ploshcha.load_scenario("epstein_2002", steps=5))
    assert len(result.to_dataframe()) == 5 and result.plot()._repr_png_()[0].startswith(b"\x89PNG")
    assert (result.save(tmp_path / "run") / "manifest.json").is_file()


def test_status_and_cite_tell_of_a_single_run(result, tmp_path, capsys):
    from experiments.cli import main

    folder = str(result.save(tmp_path / "run"))
    assert main(["status", folder]) == 0
    told = capsys.readouterr().out
    assert "one run, done" in told and "seed 3, 30 steps" in told
    assert main(["cite", folder]) == 0 and "settings sha256" in capsys.readouterr().out


def test_axes_have_separators():
    from experiments.figures.axes import with_separators

    assert with_separators(1e5) == "100,000" and with_separators(-1e5) == "\N{MINUS SIGN}100,000"


def test_a_table_of_rich_is_text_in_a_notebook_too(monkeypatch):
    """Where rich finds a notebook it shows a table there, piece by piece, and leaves the text empty."""
    from experiments.printing.console import new_table, rendered

    monkeypatch.setattr("rich.console._is_jupyter", lambda: True)
    table = new_table("outcome", "median")
    table.add_row("peak_turnout", "1,000")
    assert [line.split() for line in rendered(table)][::2] == [["outcome", "median"], ["peak_turnout", "1,000"]]


@pytest.fixture(scope="module")
def mapped():
    """Two results with a map, of the same people."""
    return [ploshcha.run(ploshcha.load_scenario("vyraj", **SMALL, **changes), space=True)
            for changes in ({}, {"participation.intercept": -3.0})]  # fmt: skip


def test_a_map_of_an_hour(mapped):
    assert mapped[0].map(20)._repr_png_()[0].startswith(b"\x89PNG")
    with pytest.raises(InputError, match="hour=30 is not allowed: an integer from 0 to 29"):
        mapped[0].map(30)
    with pytest.raises(InputError, match="did you mean Alvena"):
        mapped[0].map(20, city="Alvna")


def test_a_view_is_the_page_in_a_frame(mapped, tmp_path):
    view = mapped[0].view(mapped[1], city="Alvena", hour=20, people=2)
    assert len(repr(view)) < 100 and view.page.startswith("<!doctype html>")
    shown = view._repr_html_()
    assert shown.startswith("<iframe") and 'sandbox="allow-scripts"' in shown
    inside = shown.partition('srcdoc="')[2].partition('"')[0]
    assert html.unescape(inside) == view.page
    assert view.save(tmp_path / "page.html").read_text(encoding="utf-8") == view.page
    assert sorted(path.name for path in tmp_path.iterdir()) == ["page.html"]


def test_a_view_of_a_result_is_that_of_its_folder(mapped, tmp_path):
    folder = mapped[0].save(tmp_path / "first")
    page = ploshcha.view(folder, people=2).page
    from_memory = mapped[0].view(people=2).page
    assert page == from_memory


def test_the_widget_follows_from_python(mapped):
    pytest.importorskip("anywidget")
    widget = mapped[0].view(city="Alvena", hour=20, people=0).widget()
    assert (widget.hour, widget.city) == (20, "Alvena") and widget.page.startswith("<!doctype html>")
    widget.hour = 7
    assert widget.get_state("hour") == {"hour": 7}


def test_why_is_a_table(mapped):
    found = ploshcha.why(*mapped, city="Alvena", hour=20)
    table = found.table
    assert found.people and repr(found).startswith("ChangedMinds(Alvena, hour 20")
    for _, own in table.groupby("by"):
        total = own["first_run_only"].sum() + own["second_run_only"].sum()
        assert total == pytest.approx(sum(each.persons for each in found.people))
    joins = sum(each.persons for each in found.people if each.joins)
    assert f"{persons(joins)} persons protest in the second run who do not in the first" in found._repr_html_()
    assert "the city's day and hour" in table["name"].tolist()  # what the changed intercept goes into


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda result, mapped: result.view(), "run it with space=True"),
        (lambda result, mapped: mapped[0].view(result), "run it with space=True"),
        (lambda result, mapped: ploshcha.view(), "runs=0 is not allowed"),
        (lambda result, mapped: ploshcha.view(3), "run=int is not allowed: a result of ploshcha.run, or a folder"),
        (lambda result, mapped: mapped[0].view(people=501), "people=501 is not allowed: an integer from 0 to 500"),
        (lambda result, mapped: ploshcha.why(mapped[0], "nowhere"), "there is none"),
    ],
)
def test_what_cannot_be_shown_is_told(result, mapped, call, told):
    with pytest.raises(InputError, match=re.escape(told)):
        call(result, mapped)


def test_other_people_are_refused(mapped):
    other = ploshcha.run(ploshcha.load_scenario("vyraj", **SMALL), seed=9, space=True)
    with pytest.raises(InputError, match="seed"):
        mapped[0].view(other)


WORDS = ("scenario=vyraj", "persons_per_agent=100", "hours=60", "anger.strength=0,1", "leader.strength=0,1",
         "replicates=10", "executor.processes=1")  # fmt: skip


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sweeps") / "sweep"
    return ploshcha.sweep(*WORDS, out=folder), folder


def test_effects_are_those_of_the_folder(runs):
    """Against the baseline of the sweep, the table is effects.parquet to the bit."""
    dataset, folder = runs
    stored = pd.read_parquet(folder / "effects.parquet")
    names = stored["outcome"].unique().tolist()
    table = dataset.ploshcha.effects({"anger.strength": 1, "leader.strength": 1}, names)
    assert len(table) == len(stored) > 0
    keys = ["anger.strength", "leader.strength", "outcome"]
    one, other = (each.sort_values(keys).reset_index(drop=True) for each in (table, stored))
    for name in ("n", "baseline", "value", "difference", "low", "high", "p", "p_adjusted", "sign"):
        np.testing.assert_array_equal(one[name].to_numpy(float), other[name].to_numpy(float), err_msg=name)


def test_bands_by_hand(runs):
    dataset, _ = runs
    where = {"anger.strength": 1, "leader.strength": 0}
    table = dataset.ploshcha.bands("protesting", where=where, city="Alvena", coverage=0.8)
    chosen = (dataset["anger.strength"] == 1) & (dataset["leader.strength"] == 0)
    crowd = dataset.protesting.sel(run=chosen, city="Alvena").transpose("hour", "run").to_numpy()
    assert table["day"].tolist() == [0, 1, 2] and set(table["n"]) == {10}
    for day, hours in enumerate((slice(0, 30), slice(30, 54), slice(54, 60))):
        expected = np.quantile(crowd[hours].max(axis=0), [0.1, 0.5, 0.9])
        assert table.loc[day, ["low", "median", "high"]].to_numpy(float) == pytest.approx(expected)
    assert crowd.max() > 0 and "leader.strength" in table.columns


def test_bands_are_drawn(runs):
    axis = runs[0].ploshcha.plot_bands("leader.strength", where={"anger.strength": 1})
    assert [text.get_text() for text in axis.get_legend().get_texts()] == ["leader.strength=0", "leader.strength=1"]
    assert "10 replicates" in axis.get_title(loc="left") and axis.get_ylabel() == "fullest hour: protesting (persons)"


@pytest.mark.parametrize("scale", ["linear", "log"])
def test_persons_of_bands_are_written_with_separators(runs, scale):
    axis = runs[0].ploshcha.plot_bands("leader.strength", scale=scale, where={"anger.strength": 1})
    axis.set_ylim(10, 2e5)
    axis.figure.canvas.draw()
    assert axis.get_yscale() == scale and "100,000" in [label.get_text() for label in axis.get_yticklabels()]


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda tables: tables.at({"anger.strenght": 1}), "did you mean anger.strength"),
        (lambda tables: tables.at({"anger.strength": 2}), "anger.strength=2 is not allowed: a value of this sweep: "),
        (lambda tables: tables.effects({"anger.strength": 1}), "say a value of leader.strength, too"),
        (lambda tables: tables.effects({"anger.strength": 1, "leader.strength": 1}, ["peak_turnuot"]), "did you mean"),
        (lambda tables: tables.bands("protestng"), "did you mean protesting"),
        (lambda tables: tables.bands(city="Alvna"), "did you mean Alvena"),
        (lambda tables: tables.plot_bands("leader.strength", scale="lgo"), "did you mean log"),
        (lambda tables: tables.plot_bands("leader.strength"), "when where={...} says one value of anger.strength"),
    ],
)
def test_tables_of_what_is_not_there(runs, call, told):
    with pytest.raises(InputError, match=re.escape(told)):
        call(runs[0].ploshcha)


def test_a_single_run_has_no_effects(result, tmp_path):
    loaded = ploshcha.load(result.save(tmp_path / "run"))
    with pytest.raises(InputError, match="this dataset is no sweep"):
        loaded.ploshcha.bands()


def test_the_bar_of_a_notebook_is_plain_html():
    from experiments.printing.progress import NotebookBar, State

    bar = NotebookBar.__new__(NotebookBar)  # without IPython's display
    bar.state = State(8, n_done=3, failed={1: "x"})
    assert bar._repr_html_().startswith('<progress max="8" value="4"') and "3 of 8 runs" in repr(bar)
