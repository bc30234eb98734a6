"""Mesa's own page over the model: its renderer, plots and Reset work unchanged."""

import socket
import sys

import pytest

from agents.vocabulary import Activity
from experiments import cli, load_scenario
from sim.errors import InputError
from sim.model import ProtestModel

EVENING = 21


@pytest.fixture(scope="module")
def model():
    parameters = load_scenario("vyraj", "persons_per_agent=500", "participation.intercept=-2")
    model = ProtestModel(parameters)
    for _ in range(EVENING):
        model.step()
    return model


def test_keywords_change_settings(model):
    other = ProtestModel(model.parameters, persons_per_agent=1000, seed=7, **{"fear.fear_weight": 0.25})
    p = other.parameters
    assert (p.persons_per_agent, p.seed, p.fear.fear_weight) == (1000, 7, 0.25)
    assert p.anger == model.parameters.anger and other.world.n_agents < model.world.n_agents


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [("fear.faer_weight", 1, "did you mean fear.fear_weight?"), ("sede", 1, "did you mean seed?"),
     ("fear.fear_weight", "much", "fear.fear_weight=much is not allowed"), ("seed", -1, "seed=-1 is not allowed"),
     ("seed", object(), "numbers and words")],
)  # fmt: skip
def test_a_wrong_change(model, name, value, told):
    with pytest.raises(InputError) as error:
        ProtestModel(model.parameters, **{name: value})
    assert told in str(error.value) and "\n" not in str(error.value)


def test_the_grid_is_the_city(model):
    grid, world = model.space, model.world
    assert grid.width == grid.height == world.grid.side[0]
    assert grid.adults.data.sum() == pytest.approx(world.adults[0])
    hour = model.hour - 1
    assert grid.protesting.data.sum() == pytest.approx(model.observer.curves["protesting"][hour, 0]) and hour > 0
    first = model.views("citizens")[0]
    column, row = divmod(first.home_cell, grid.width)[::-1]
    assert grid.adults.data[column, row] > 0
    assert all(agent.activity != Activity.DETAINED for agent in grid.agents if hasattr(agent, "activity"))
    x, y = zip(*(agent.pos for agent in grid.agents), strict=True)
    assert 0 <= min(*x, *y) and max(*x, *y) < grid.width


def test_people_are_not_moved_by_hand(model):
    with pytest.raises(TypeError, match="go where they decide"):
        model.views("citizens")[0].pos = (1, 1)


def test_the_datacollector_has_the_curves(model):
    frame = model.datacollector.get_model_vars_dataframe()
    assert len(frame) == model.hour
    assert frame["protesting"].tolist() == model.observer.curves["protesting"][: model.hour].sum(axis=1).tolist()
    assert 0 <= frame["mean_legitimacy"].max() <= 1


def test_mesas_renderer_draws_it(model):
    pytest.importorskip("solara", reason="pip install ploshcha[live]")
    import matplotlib

    matplotlib.use("agg")
    from mesa.visualization import SpaceRenderer

    from experiments.page.live_app import portray, shade

    renderer = SpaceRenderer(model, backend="matplotlib")
    renderer.setup_agents(portray).setup_propertylayer(shade)
    renderer.render()
    axes = renderer.canvas
    drawn = sum(len(collection.get_offsets()) for collection in axes.collections)
    assert drawn == len(model.space.agents) > 50


def test_reset_makes_the_model_again(model):
    """What Mesa's button Reset does with the page's sliders, and with its own empty scenario."""
    pytest.importorskip("solara", reason="pip install ploshcha[live]")
    from mesa.visualization import SpaceRenderer
    from mesa.visualization.solara_viz import _build_model_init_kwargs, copy_renderer

    from experiments.page.live_app import portray, sliders

    chosen = {name: getattr(value, "value", value) for name, value in sliders(model.parameters).items()}
    chosen |= {"repression.strength": 0.5, "seed": 9}
    given = _build_model_init_kwargs(model, chosen, add_scenario_when_empty=True, require_model_accepts_scenario=True)
    other = type(model)(**given)
    assert (other.hour, other.parameters.seed, other.parameters.repression.strength) == (0, 9, 0.5)
    renderer = copy_renderer(SpaceRenderer(model).setup_agents(portray), other)
    assert renderer.space is other.space


def test_who_loads_the_page_again_gets_a_new_model(monkeypatch):
    solara = pytest.importorskip("solara", reason="pip install ploshcha[live]")
    from experiments.page import live_app

    monkeypatch.setenv(live_app.WORDS, '["scenario=vyraj", "persons_per_agent=500", "hours=2"]')
    shown = []
    monkeypatch.setattr(live_app, "SolaraViz", lambda **parts: shown.append(parts["model"]) or solara.Text(""))
    for _ in range(2):
        _, page = solara.render(live_app.Page(), handle_error=False)
        assert shown[-1].hour == 0
        shown[-1].run()  # to its end, after which Step is refused
        page.close()
    assert len(shown) == 2


@pytest.mark.parametrize(
    ("word", "told"),
    [("space=true", "option=space=true is not allowed: a setting of the model"),
     ("out=results/live", "nothing is written"), ("scenario=epstein_2002", "a classic has no page with sliders"),
     ("scenario=vyrai", "did you mean vyraj?")],
)  # fmt: skip
def test_what_the_page_cannot_follow(capsys, word, told):
    assert cli.main(["live", word]) == 2
    printed = capsys.readouterr().err
    assert told in printed and printed.count("\n") == 1


def test_a_port_that_is_taken(capsys):
    pytest.importorskip("solara", reason="pip install ploshcha[live]")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert cli.main(["live", "scenario=vyraj", f"port={taken.getsockname()[1]}"]) == 2
    printed = capsys.readouterr().err
    assert "one that is free" in printed and printed.count("\n") == 1


def test_without_solara(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "solara", None)
    assert cli.main(["live", "scenario=vyraj"]) == 2
    assert "pip install ploshcha[live]" in capsys.readouterr().err
