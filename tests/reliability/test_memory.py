"""More people than the memory holds: said before anything is allocated."""

import pytest

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
