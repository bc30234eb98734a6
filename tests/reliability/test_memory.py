"""More people than the memory holds: said before anything is allocated."""

import re

import pytest
from fuzzing.case import own_case

from experiments import load_scenario
from sim import run
from sim.errors import InputError
from sim.world import world as world_module


def test_too_many_agents_are_refused_and_what_fits_is_said(monkeypatch):
    monkeypatch.setattr(world_module, "free_memory", lambda: 50_000_000)
    with pytest.raises(InputError) as error:
        run(load_scenario("minsk_2020", "persons_per_agent=1", "hours=1"))
    message = str(error.value)
    assert message.startswith("persons_per_agent=1 is not allowed: 1596274 citizens need about 0.2 GB")
    fits = int(message.rsplit("about ", 1)[1].split()[0])
    assert 1 < fits < 20
    assert run(load_scenario("minsk_2020", f"persons_per_agent={fits}", "hours=1")).stats["agents"] > 1_596_274 // fits


def test_where_the_system_does_not_tell_nothing_is_refused(monkeypatch):
    monkeypatch.setattr(world_module, "free_memory", lambda: None)
    assert run(load_scenario("minsk_2020", "persons_per_agent=2000", "hours=1")).hours == 1


def test_the_system_tells():
    free = world_module.free_memory()
    assert free is None or free > 10_000_000


@pytest.mark.parametrize(
    ("quantity", "value", "told"),
    [("street_officers", 9_999_999_999, r"staff_per_agent=1 is not allowed: \d+ officers and officials"),
     ("judges", 9_999_999_999, r"staff_per_agent=1 is not allowed: \d+ officers and officials"),
     ("population", 9_999_999_999, r"persons_per_agent=5000 is not allowed: \d+ citizens"),
     ("cell_size_m", 10, r"cities.csv: cell_size_m=10 is not allowed: \d+ cells of the grids"),
     ("radius_m", 100_000, r"cities.csv: cell_size_m=250 is not allowed: \d+ cells of the grids")],
)  # fmt: skip
def test_head_counts_and_grids_of_a_case_are_refused_too(call, tmp_path, monkeypatch, quantity, value, told):
    """As wrong in cities.csv as a slip of the keyboard makes them."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(world_module, "free_memory", lambda: 10_000_000)
    home = own_case(tmp_path)
    text = (home / "cities.csv").read_text()
    text = re.sub(rf"^(\w+,{quantity}),[^,]*", rf"\1,{value}", text, flags=re.MULTILINE)
    if quantity == "population":
        text = re.sub(r"^all,country_adults,[^,]*", f"all,country_adults,{10**10}", text, flags=re.MULTILINE)
    (home / "cities.csv").write_text(text)
    done = call("run", "scenario=mine", "hours=2", "persons_per_agent=5000", "--config-dir", "cfg", "out=out")
    assert (done.code, done.err.count("\n")) == (2, 1) and re.search(told, done.err), done.err
    assert not (tmp_path / "out").exists()
