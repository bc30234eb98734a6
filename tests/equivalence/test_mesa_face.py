"""Mesa users keep Mesa: agents on demand, AgentSet, DataCollector, subclasses."""

import mesa
import numpy as np
import pytest

from agents.citizen import Choice, Citizen
from agents.official import Official
from agents.security_officer import SecurityOfficer
from agents.state_worker import StateWorker
from agents.vocabulary import CITY_STRIDE, Activity
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


def test_agents_at_a_cell_are_those_of_the_columns(protest):
    city = protest.world.cities[0]
    home = int(protest.world.citizens.home_cell[0])
    found = protest.agents_at(city.name, home)
    rows = slice(*protest.world.rows(0))
    at_home = (protest.world.citizens.home_cell[rows] == home) & (protest.world.citizens.site[rows] == -1)
    assert len(found.select(agent_type=Citizen)) == at_home.sum() > 0


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


def test_the_model_ends_with_its_scenario():
    protest = ProtestModel(load_scenario(*SETTINGS, "hours=1"))
    protest.step()
    with pytest.raises(RuntimeError, match="hours"):
        protest.step()
