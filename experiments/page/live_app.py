"""What ``ploshcha live`` opens: Mesa's own page (SolaraViz) over a `ProtestModel`, with sliders and Reset.

Run by ``solara run``; the settings come in the environment variable `WORDS`, as a JSON list.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from typing import Any

import solara
from matplotlib.lines import Line2D
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
HOME = "#b7bdc6"
COLOURS = {Activity.QUIET: HOME, Activity.PROTESTING: "#0072B2", Activity.STRIKING: "#009E73",
           Activity.RALLYING: "#D55E00"}  # fmt: skip
OFFICER = "#CC79A7"
CURVES = {"protesting": "#0072B2", "striking": "#009E73", "rallying": "#D55E00", "detained": "#000000"}
SIGNS = {"protesting": (COLOURS[Activity.PROTESTING], "o"), "on strike": (COLOURS[Activity.STRIKING], "o"),
         "at the rally": (COLOURS[Activity.RALLYING], "o"), "officers on the street": (OFFICER, "s"),
         "at home": (HOME, "."), "homes of the protesting": ("#c6dbef", "s")}  # fmt: skip
FEELINGS = {"mean_legitimacy": "#009E73", "mean_anger": "#D55E00", "mean_fear": "#CC79A7"}


def portray(agent: Any) -> AgentPortrayalStyle:
    """Return how Mesa draws an agent: officers on the street as squares, people by what they do."""
    if not hasattr(agent, "activity"):
        colour, size = (HOME, 1) if agent.site == NO_SITE else (OFFICER, 14)
        return AgentPortrayalStyle(color=colour, marker="s", size=size, zorder=2)
    is_quiet = agent.activity == Activity.QUIET
    return AgentPortrayalStyle(color=COLOURS[agent.activity], size=1 if is_quiet else 12, zorder=1 if is_quiet else 3)


def shade(layer: Any) -> PropertyLayerStyle | None:
    """Return how Mesa draws a layer of the grid: where protesters live, and nothing else."""
    if layer.name != "protesting":
        return None
    most = float(layer.data.max()) or 1.0
    return PropertyLayerStyle(colormap="Blues", vmin=0.0, vmax=2.0 * most, alpha=0.6, colorbar=False)


def name_signs(axes: Any) -> None:
    """Say beneath the map what its signs mean, in place of the numbers of its columns and rows."""
    signs = [Line2D([], [], color=colour, marker=marker, linestyle="", label=words)
             for words, (colour, marker) in SIGNS.items()]  # fmt: skip
    axes.set(xticks=[], yticks=[], title="who is where")
    axes.legend(handles=signs, loc="upper center", bbox_to_anchor=(0.5, 0.0), ncols=3, frameon=False, fontsize=9)


def titled(title: str) -> Callable[[Any], None]:
    """Return what names a plot; a scale of Mesa's that is all zero, as before the first crowd, would begin below it."""

    def name(axes: Any) -> None:
        axes.set(title=title, ylim=(0.0, max(1.0, axes.get_ylim()[1])))

    return name


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


def parts_of(model: ProtestModel) -> dict[str, Any]:
    """Return what Mesa's page is made of: the arguments of SolaraViz."""
    renderer = SpaceRenderer(model, backend="matplotlib")
    renderer.setup_agents(portray).setup_propertylayer(shade)
    renderer.draw_propertylayer()
    renderer.draw_agents()
    renderer.post_process = name_signs
    where = "all cities" if len(model.cities) > 1 else model.cities[0].name
    components = [make_plot_component(CURVES, post_process=titled(f"persons, {where}")),
                  make_plot_component(FEELINGS, post_process=titled(f"means of citizens, {where}"))]  # fmt: skip
    title = f"{model.parameters.scenario.title}: the map is {model.cities[0].name}, a step is an hour"
    return {"model": model, "renderer": renderer, "components": components,
            "model_params": sliders(model.parameters), "name": title}  # fmt: skip


@solara.component
def Page() -> None:
    """Show a model of its own to each browser that opens the page, and a new one to who loads it again."""
    words = json.loads(os.environ[WORDS])
    SolaraViz(**solara.use_memo(lambda: parts_of(ProtestModel(read_settings(words).parameters)), []))
