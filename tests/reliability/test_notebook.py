"""What notebooks see: short reprs, tables, pictures, settings by name."""

import numpy as np
import pytest

import ploshcha
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
    assert repr(citizen).startswith(type(citizen).__name__) and citizen.city in repr(citizen)


def test_html_shows_the_fullest_hour_of_each_city(result):
    told = result._repr_html_()
    for city, persons in zip(result.cities, result.curves_columns["protesting"].max(axis=0), strict=True):
        assert f"<tr><td>{city}</td><td>{persons:,.0f}</td>" in told


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
    assert (ploshcha.load(folder).protesting.values == result.curves_columns["protesting"]).all()
    with pytest.raises(InputError, match="out="):
        result.save(folder)
    assert result.plot()._repr_png_().startswith(b"\x89PNG")


def test_a_classic_does_so_too(tmp_path):
    result = ploshcha.run(ploshcha.load_scenario("epstein_2002", steps=5))
    assert len(result.to_dataframe()) == 5 and result.plot()._repr_png_().startswith(b"\x89PNG")
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

    assert with_separators(1e5) == "100,000"
