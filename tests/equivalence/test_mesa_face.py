"""Mesa users keep Mesa: agents on demand, AgentSet, DataCollector, subclasses."""

import sys
from types import ModuleType

import mesa
import numpy as np
import pytest

from agents.citizen import Choice, Citizen
from agents.official import Official
from agents.security_officer import SecurityOfficer
from agents.state_worker import StateWorker
from agents.vocabulary import CITY_STRIDE, NO_SITE, Activity
from experiments import load_scenario
from sim.errors import InputError
from sim.model import ProtestModel

SETTINGS = ("vyraj", "persons_per_agent=60")


class AtHome(Citizen):
    """Never leaves home of his own will."""

    mood = None

    def choose(self):
        return Choice(Activity.DETAINED if self.activity == Activity.DETAINED else Activity.QUIET)


def make(engine="compiled", hours=30, **kwargs):
    protest = ProtestModel(load_scenario(*SETTINGS, f"engine={engine}"), **kwargs)
    for _ in range(hours):
        protest.step()
    return protest


@pytest.fixture(scope="module", params=["compiled", "mesa"])
def protest(request):
    return make(request.param)


def test_agents_are_the_rows(protest):
    world = protest.world
    assert len(protest.agents) == world.n_agents
    assert set(protest.agent_types) == {Citizen, StateWorker, SecurityOfficer, Official}
    is_state = world.groups.is_state[world.citizens.employer]
    assert len(protest.agents_by_type[StateWorker]) == is_state.sum()
    assert len(protest.agents_by_type[Citizen]) == (~is_state).sum()
    assert len(protest.agents_by_type[SecurityOfficer]) == sum(city.street_officers for city in world.cities)


def test_one_view_per_row_and_the_number_is_the_persons(protest):
    first = next(iter(protest.agents))
    assert first is next(iter(protest.agents))
    assert first.unique_id == first.person == protest.world.cities[0].code * CITY_STRIDE
    keys = [agent.unique_id for agent in protest.agents]
    assert len(set(keys)) == len(keys)


def test_select_and_agg_read_the_columns(protest):
    citizens = protest.agents.select(agent_type=Citizen)
    column = protest.world.citizens.legitimacy
    assert citizens.agg("legitimacy", np.mean) == pytest.approx(column.astype(float).mean(), rel=1e-6)
    doubtful = citizens.select(lambda citizen: citizen.legitimacy < 0.3)
    assert len(doubtful) == (column < np.float32(0.3)).sum() > 0


def test_data_collector(protest):
    citizens = protest.agents_by_type[Citizen]
    collector = mesa.DataCollector(agenttype_reporters={Citizen: {"legitimacy": "legitimacy"}})
    collector.collect(protest)
    frame = collector.get_agenttype_vars_dataframe(Citizen)
    assert len(frame) == len(citizens)
    assert frame["legitimacy"].tolist() == [citizen.legitimacy for citizen in citizens]


def where(world, site, home_city, home_cell, stays_home):
    """City index and cell of each row by its columns: the site's, or home."""
    is_out = (site != NO_SITE) & ~stays_home
    city = np.where(site != NO_SITE, world.sites.city[site], home_city)
    return city, np.where(is_out, world.sites.cell[site], home_cell)


@pytest.fixture(scope="module")
def busy():
    """Crowds, chains and a reserve that leaves its city: the first hour with all of it."""
    lively = ("persons_per_agent=30", "participation.intercept=-3", "chains.chain_offset=1", "repression.garrison=20",
              "repression.reserve_share=0.5", "repression.arrest_constant=1")  # fmt: skip
    protest = ProtestModel(load_scenario("vyraj", *lively))
    world = protest.world
    while protest.hour < protest.parameters.hours:
        protest.step()
        away = (world.officers.posted_city != world.officers.home_city) & (world.officers.site != NO_SITE)
        on_places = [protest.is_place(site) for site in np.unique(world.citizens.site)]
        if away.any() and any(on_places) and (world.citizens.activity == Activity.DETAINED).any():
            return protest
    raise AssertionError("no such hour: the test would show nothing")


def test_agents_at_a_cell_are_those_of_the_columns(busy):
    world, people, officers = busy.world, busy.world.citizens, busy.world.officers
    home_city = np.repeat(np.arange(world.n_cities), np.diff(world.starts))
    is_place = np.array([busy.is_place(site) for site in range(len(world.sites.city))])
    free = people.activity != Activity.DETAINED
    citizens = where(world, people.site, home_city, people.home_cell, ~is_place[people.site])
    posted = where(world, officers.site, officers.home_city, officers.home_cell, np.zeros(len(officers.site), bool))
    cells = {(int(world.sites.city[s]), int(world.sites.cell[s])) for s in np.flatnonzero(is_place)}
    cells |= {(0, int(people.home_cell[0])), (1, int(people.home_cell[world.starts[1]]))}
    for city, cell in cells:
        found = busy.agents_at(world.cities[city].name, cell)
        rows = {"citizens": set(), "officers": set()}
        for agent in found:
            rows["citizens" if isinstance(agent, Citizen) else "officers"].add(agent.row)
        assert rows["citizens"] == set(np.flatnonzero((citizens[0] == city) & (citizens[1] == cell) & free).tolist())
        assert rows["officers"] == set(np.flatnonzero((posted[0] == city) & (posted[1] == cell)).tolist())


def test_an_officer_of_the_reserve_is_found_where_he_is_posted(busy):
    officers = busy.world.officers
    row = int(np.flatnonzero((officers.posted_city != officers.home_city) & (officers.site != NO_SITE))[0])
    officer = busy.views("officers")[row]
    there = busy.world.cities[officers.posted_city[row]].name
    assert officer in busy.agents_at(there, officer.cell)
    assert officer not in busy.agents_at(officer.city, officer.cell)


def test_who_protests_around_the_home_is_there(busy):
    chain = busy.chain_site(0)
    citizen = busy.views("citizens")[0]
    before = citizen.site
    try:
        citizen.site = chain
        assert citizen.cell == citizen.home_cell
    finally:
        citizen.site = before


def test_agents_at_an_unknown_city_is_one_line(protest):
    with pytest.raises(InputError, match=r"city=Alvna is not allowed.*did you mean Alvena"):
        protest.agents_at("Alvna", 0)


def test_a_misspelt_attribute_raises_and_a_declared_one_does_not(protest):
    citizen = next(iter(protest.agents))
    with pytest.raises(AttributeError, match="legitimcy"):
        citizen.legitimcy = 0.1
    own = make("mesa", 0, classes={"Citizen": AtHome})
    someone = next(iter(own.agents_by_type[AtHome]))
    someone.mood = "calm"
    assert someone.mood == "calm"


def test_nobody_is_removed(protest):
    with pytest.raises(TypeError, match="remove"):
        next(iter(protest.agents)).remove()


def test_columns_are_read_only_while_agents_decide():
    class Meddler(Citizen):
        def choose(self):
            self.table.anger[0] = 1.0
            return super().choose()

    with pytest.raises(ValueError, match="read-only"):
        make("mesa", 30, classes={"Citizen": Meddler})


def test_between_steps_a_column_can_be_written():
    protest = make("compiled", 1)
    citizen = next(iter(protest.agents))
    citizen.anger = 0.5
    assert protest.world.citizens.anger[0] == np.float32(0.5)


def test_an_own_citizen_decides_for_state_workers_too():
    protest = make("mesa", 44, classes={"Citizen": AtHome})
    assert protest.observer.curves["protesting"].max() == 0
    assert make("mesa", 44).observer.curves["protesting"].max() > 0
    assert all(isinstance(worker, AtHome) for worker in protest.views("citizens"))
    assert any(isinstance(worker, StateWorker) for worker in protest.views("citizens"))


def test_compiled_refuses_an_overridden_method_and_names_it():
    with pytest.raises(InputError, match=r"AtHome\.choose.*mesa"):
        make("compiled", 0, classes={"Citizen": AtHome})


@pytest.mark.parametrize("name", ["mesa_study", "agents.own_study"])
def test_compiled_refuses_it_whatever_the_name_of_its_module(monkeypatch, name):
    monkeypatch.setitem(sys.modules, name, ModuleType(name))
    own = type("Own", (Citizen,), {"__module__": name, "choose": AtHome.choose})
    with pytest.raises(InputError, match=r"Own\.choose"):
        make("compiled", 0, classes={"Citizen": own})


def test_compiled_takes_a_class_that_overrides_nothing():
    class Labelled(Citizen):
        label = "mine"

        def shout(self):
            return self.label

    protest = make("compiled", 1, classes={"Citizen": Labelled})
    assert next(iter(protest.agents_by_type[Labelled])).shout() == "mine"


@pytest.mark.parametrize(
    ("classes", "told"),
    [({"Citizn": AtHome}, "did you mean Citizen"), ({"Official": AtHome}, "a subclass of Official")],
)
def test_wrong_classes_are_one_line(classes, told):
    with pytest.raises(InputError, match=told):
        make("mesa", 0, classes=classes)


def test_beyond_the_limit_the_message_points_to_the_columns():
    protest = ProtestModel(load_scenario(*SETTINGS, "inspect.max_agents=100"))
    with pytest.raises(InputError, match=r"inspect\.max_agents=100.*world\.citizens"):
        _ = protest.agents
    with pytest.raises(InputError, match=r"inspect\.max_agents=100"):
        protest.agents_at("Alvena", 0)


def test_the_model_ends_with_its_scenario():
    protest = ProtestModel(load_scenario(*SETTINGS, "hours=1"))
    protest.step()
    with pytest.raises(RuntimeError, match="hours"):
        protest.step()
