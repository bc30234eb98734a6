"""What ``ploshcha live`` opens: Mesa's own page (SolaraViz) over a `ProtestModel`, with sliders and Reset.

Run by ``solara run``; the settings come in the environment variable `WORDS`, as a JSON list.
"""

from __future__ import annotations

import json
import os
from typing import Any

from mesa.visualization import Slider, SolaraViz, SpaceRenderer, make_plot_component
from mesa.visualization.components import AgentPortrayalStyle, PropertyLayerStyle

from agents.vocabulary import NO_SITE, Activity
from experiments.settings.read import read_settings
from sim.model import ProtestModel
from sim.parameters import Parameters, declared

WORDS = "PLOSHCHA_LIVE"
SLIDERS = ("participation.preference_weight", "anger.anger_weight", "fear.fear_weight", "ties.company_weight",
           "repression.strength", "leader.strength", "media.strength")  # fmt: skip
STRONGEST = 2.0  # of a strength, which has no range of its own
STEPS = 40  # of a slider
COLOURS = {Activity.QUIET: "#b7bdc6", Activity.PROTESTING: "#0072B2", Activity.STRIKING: "#009E73",
           Activity.RALLYING: "#D55E00"}  # fmt: skip
OFFICER = "#CC79A7"
CURVES = {"protesting": "#0072B2", "striking": "#009E73", "rallying": "#D55E00", "detained": "#000000"}
FEELINGS = {"mean_legitimacy": "#009E73", "mean_anger": "#D55E00", "mean_fear": "#CC79A7"}


def portray(agent: Any) -> AgentPortrayalStyle:
    """Return how Mesa draws an agent: officers on the street as squares, people by what they do."""
    if not hasattr(agent, "activity"):
        is_posted = agent.site != NO_SITE
        return AgentPortrayalStyle(color=OFFICER, marker="s", size=14 if is_posted else 1, zorder=2)
    is_quiet = agent.activity == Activity.QUIET
    return AgentPortrayalStyle(color=COLOURS[agent.activity], size=1 if is_quiet else 12, zorder=1 if is_quiet else 3)


def shade(layer: Any) -> PropertyLayerStyle | None:
    """Return how Mesa draws a layer of the grid: where protesters live, and nothing else."""
    if layer.name != "protesting":
        return None
    most = float(layer.data.max()) or 1.0
    return PropertyLayerStyle(colormap="Blues", vmin=0.0, vmax=2.0 * most, alpha=0.6, colorbar=False)


def sliders(parameters: Parameters) -> dict[str, Any]:
    """Return the arguments of ProtestModel that the page sets: what was asked for, and a slider for some of it."""
    by_name = {each.name: each for each in declared()}
    found: dict[str, Any] = {"parameters": parameters}
    for name in SLIDERS:
        group, _, field = name.partition(".")
        value, (low, high) = getattr(getattr(parameters, group), field), by_name[name].plausible
        if field == "strength":
            low, high = 0.0, STRONGEST
        low, high = min(low, value), max(high, value)
        found[name] = Slider(name, value=float(value), min=float(low), max=float(high), step=(high - low) / STEPS)
    found["seed"] = Slider("seed", value=parameters.seed, min=0, max=max(100, parameters.seed), step=1)
    return found


def page_of(model: ProtestModel) -> Any:
    """Return Mesa's page of a model."""
    renderer = SpaceRenderer(model, backend="matplotlib")
    renderer.setup_agents(portray).setup_propertylayer(shade)
    renderer.draw_propertylayer()
    renderer.draw_agents()
    components = [make_plot_component(CURVES), make_plot_component(FEELINGS)]
    title = f"{model.parameters.scenario.title}: the map is {model.cities[0].name}, a step is an hour"
    return SolaraViz(model, renderer, components=components, model_params=sliders(model.parameters), name=title)


if WORDS in os.environ:
    page = page_of(ProtestModel(read_settings(json.loads(os.environ[WORDS])).parameters))
