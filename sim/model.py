"""ProtestModel: the Mesa face of the world. Agents are views of rows, made when asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import mesa
import numpy as np
from mesa.agentset import AgentSet
from mesa.experimental.scenarios import Scenario

from agents.citizen import Citizen
from agents.official import Official
from agents.security_officer import SecurityOfficer
from agents.shown import html_table
from agents.state_worker import StateWorker
from agents.view import View
from agents.vocabulary import CURVES, NO_SITE
from sim.city_grid import CityGrid, in_city, position
from sim.collect import collect
from sim.errors import InputError, not_allowed
from sim.hour.observables import make_observer
from sim.hour.step import step
from sim.hour.surroundings import Surroundings
from sim.parameters import Parameters, changed
from sim.results import Result
from sim.rulebook import Rulebook
from sim.state import State, go_on, take_state
from sim.world.world import World, build_world

SHIPPED: dict[str, type[View]] = {"Citizen": Citizen, "StateWorker": StateWorker, "SecurityOfficer": SecurityOfficer,
                                  "Official": Official}  # fmt: skip


def _complete(classes: dict[str, type[View]]) -> dict[str, type[View]]:
    """Fill up a user's classes with the shipped ones.

    Raises
    ------
    InputError
        On an unknown key or a class that does not extend the shipped one.
    """
    for name, cls in classes.items():
        if name not in SHIPPED:
            raise not_allowed("", "classes", name, f"one of {', '.join(SHIPPED)}", SHIPPED)
        if not issubclass(cls, SHIPPED[name]):
            raise InputError(f"classes[{name}]={cls.__name__} is not allowed: a subclass of {name}")
    mine = SHIPPED | classes
    if "Citizen" in classes and "StateWorker" not in classes:
        mine["StateWorker"] = type("StateWorker", (StateWorker, classes["Citizen"]), {"__module__": "agents.own"})
    return mine


def _own_methods(classes: dict[str, type[View]]) -> list[str]:
    """Return the methods that a user's classes override, as Class.method."""
    found = []
    for name, cls in classes.items():
        for base in set(cls.__mro__) - set(SHIPPED[name].__mro__):
            if base.__module__ != "agents.own":
                found += [f"{base.__name__}.{key}" for key in vars(base)
                          if hasattr(SHIPPED[name], key) and key[:2] != "__"]  # fmt: skip
    return sorted({name for name in found if not name.endswith(("._own", "._datasets"))})


class ProtestModel(mesa.Model):
    """A scenario as a Mesa model, on either engine.

    Parameters
    ----------
    parameters : Parameters
        From ``experiments.load_scenario``.
    classes : dict, optional
        Your own subclasses, such as ``{"Citizen": MyCitizen}``; keys Citizen, StateWorker, SecurityOfficer, Official.
        Needs ``engine=mesa``. An own Citizen alone is what state workers are, too.
    rules : mapping of str to callable, optional
        Your own rules in place of shipped ones (see `sim.rulebook`), on either engine.
    world : World, optional
        A world that is there already, in place of a new one.
    start : State, optional
        Go on from here (`sim.state`); what own classes remember outside the columns is not in it.
    **changes
        Settings that differ from `parameters`, by their full names: ``persons_per_agent=200``, ``**{"fear.fear_weight":
        0.5}``. So a page of Mesa's with sliders makes the model again.

    Raises
    ------
    InputError
        A change is of no setting, or its value is not allowed.

    Attributes
    ----------
    world : World
        All columns; ``model.world.citizens.anger`` is the anger of all citizens.
    """

    def __init__(
        self,
        parameters: Parameters,
        classes: dict[str, type[View]] | None = None,
        rules: Mapping[str, Any] | None = None,
        world: World | None = None,
        start: State | None = None,
        **changes: Any,
    ) -> None:
        changes = {name: value for name, value in changes.items() if not isinstance(value, Scenario)}  # Mesa's Reset
        parameters = changed(parameters, changes)
        super().__init__(rng=parameters.seed)
        self.parameters = parameters
        self.rulebook = Rulebook(rules)
        self.classes = _complete(classes or {})
        self._views: dict[str, list[View]] = {}
        self._space: CityGrid | None = None
        self._collector: mesa.DataCollector | None = None
        with self.rulebook:  # the population is made by rules too
            self._start(world or build_world(parameters))
        if start is not None:
            go_on(start, self.world, self.observer)
            self.surroundings.read()

    def __repr__(self) -> str:
        return f"ProtestModel of {self.parameters.scenario.name}, seed {self.parameters.seed}, at hour {self.hour}"

    def _repr_html_(self) -> str:
        """Return who did what in the last hour, by city, as a table, for notebooks."""
        names = ("adults", "protesting", "striking", "rallying", "detained")
        now = [[f"{persons:,.0f}" for persons in self.observer.curves[name][self.hour - 1]] for name in names]
        rows = zip((city.name for city in self.cities), *now, strict=True) if self.hour else []
        return html_table(repr(self), ["persons in the last hour", *names], list(rows))

    @classmethod
    def of_world(cls, world: World) -> ProtestModel:
        """Return the model of a world that is there already."""
        return cls(world.parameters, world=world)

    def _start(self, world: World) -> None:
        """Attach the world, its engine and its observer."""
        self.world, self.seed, self.cities = world, world.seed, world.cities
        self.surroundings = Surroundings(world)
        if self.parameters.engine == "mesa":
            from sim.engines.mesa import MesaEngine

            self.engine: Any = MesaEngine(world, self)
        else:
            if own := _own_methods(self.classes):
                raise InputError(f"engine=compiled is not allowed: it would not call {', '.join(own)}; "
                                 "allowed with own methods: mesa")  # fmt: skip
            from sim.engines.compiled import CompiledEngine

            self.engine = CompiledEngine(world)
        self.observer = make_observer(world, self.parameters.hours)

    def step(self) -> None:
        """Advance by one hour: the nine phases of :func:`sim.hour.step.step`."""
        if self.world.hour >= self.parameters.hours:
            raise RuntimeError(f"the scenario ends after {self.parameters.hours} hours; raise `hours` for more")
        with self.rulebook:
            step(self.world, self.engine, self.observer)
        self.surroundings.read()
        if self._space is not None:
            self._space.read()
        self.running = self.world.hour < self.parameters.hours

    def state(self) -> State:
        """Return a copy of all that has changed, to go on from: ``ProtestModel(parameters, start=model.state())``."""
        return take_state(self.world, self.observer)

    def run(self) -> Result:
        """Run to the end of the scenario and return the result."""
        while self.world.hour < self.parameters.hours:
            self.step()
        self.world.threads.close()
        return collect(self.world, self.observer, {"engine": self.engine.name, "agents": self.world.n_agents,
                                                   "replaced_rules": self.rulebook.names})  # fmt: skip

    # --- Mesa's own accessors ---

    def register_agent(self, agent: View) -> None:
        """Views are kept by the model itself."""

    @property
    def agents(self) -> AgentSet:
        """All agents as a Mesa AgentSet, made on first use.

        Raises
        ------
        InputError
            If there are more than `inspect.max_agents`.
        """
        return AgentSet([view for views in self._all_views().values() for view in views], random=self.random)

    @property
    def agents_by_type(self) -> dict[type, AgentSet]:
        """One AgentSet per class."""
        by_type: dict[type, list[View]] = {}
        for views in self._all_views().values():
            for view in views:
                by_type.setdefault(type(view), []).append(view)
        return {cls: AgentSet(views, random=self.random) for cls, views in by_type.items()}

    @property
    def agent_types(self) -> list[type]:
        """Classes that have agents."""
        return list(self.agents_by_type)

    def _all_views(self) -> dict[str, list[View]]:
        """Make all views once."""
        most = self.parameters.inspect.max_agents
        if self.world.n_agents > most:
            raise InputError(f"model.agents={self.world.n_agents} objects is not allowed: at most inspect.max_agents="
                             f"{most}; read the columns (model.world.citizens.anger) or raise one of persons_per_agent "
                             "and inspect.max_agents")  # fmt: skip
        return {name: self.views(name) for name in ("citizens", "officers", "officials")}

    def views(self, table: str) -> list[View]:
        """Return the views of a table (citizens, officers or officials), by row."""
        if table not in self._views:
            make = {"citizens": self._citizens, "officers": self._officers, "officials": self._officials}[table]
            self._views[table] = make()
        return self._views[table]

    def _citizens(self) -> list[View]:
        world, table = self.world, self.world.citizens
        city = np.repeat(np.arange(world.n_cities), np.diff(world.starts)).tolist()
        is_state = world.groups.is_state[table.employer].tolist()
        kinds = self.classes["Citizen"], self.classes["StateWorker"]
        return [kinds[state](self, table, row, c, int(world.person0[c]) + row)
                for row, (c, state) in enumerate(zip(city, is_state, strict=True))]  # fmt: skip

    def _officers(self) -> list[View]:
        table, cls = self.world.officers, self.classes["SecurityOfficer"]
        keys = zip(table.home_city.tolist(), table.person.tolist(), strict=True)
        return [cls(self, table, row, c, person) for row, (c, person) in enumerate(keys)]

    def _officials(self) -> list[View]:
        table, cls = self.world.officials, self.classes["Official"]
        keys = zip(table.home_city.tolist(), table.person.tolist(), strict=True)
        return [cls(self, table, row, c, person) for row, (c, person) in enumerate(keys)]

    def agents_at(self, city: str, cell: int) -> AgentSet:
        """Return the citizens and officers who are in a cell of a city now, the detained left out.

        Raises
        ------
        InputError
            On an unknown city, or if there are more agents than `inspect.max_agents`.
        """
        names = [each.name for each in self.cities]
        if city not in names:
            raise not_allowed("", "city", city, f"one of {', '.join(names)}", names)
        there = [view for view in self.agents_in(names.index(city)) if view.cell == cell]
        return AgentSet(there, random=self.random)

    def agents_in(self, c: int) -> list[View]:
        """Return the citizens and officers who are in city c now, the detained left out."""
        views = self._all_views()
        return in_city([*views["citizens"], *views["officers"]], self, c)

    def position(self, view: View) -> tuple[int, int]:
        """Return column and row of the cell where a citizen or officer is, in the grid of that city."""
        return position(view.cell, int(self.world.grid.side[self.city_now(view)]))

    # --- what Mesa's own pages draw ---

    @property
    def space(self) -> CityGrid:
        """The first city as a Mesa grid, made on first use; set another one with ``CityGrid(model, c)``."""
        if self._space is None:
            self._space = CityGrid(self)
        return self._space

    @space.setter
    def space(self, space: CityGrid) -> None:
        self._space = space

    @property
    def datacollector(self) -> mesa.DataCollector:
        """The curves so far, summed over cities, means averaged; or the collector that you set."""
        if self._collector is not None:
            return self._collector
        curves = self.observer.curves
        collector = mesa.DataCollector(model_reporters=dict.fromkeys(curves, lambda model: None))
        for name, values in curves.items():
            of_cities = np.mean if CURVES[name][0] in ("1", "share", "level") else np.sum
            collector.model_vars[name] = of_cities(values[: self.world.hour], axis=1).tolist()
        return collector

    @datacollector.setter
    def datacollector(self, collector: mesa.DataCollector) -> None:
        self._collector = collector

    def city_now(self, view: View) -> int:
        """Return the index of the city where a citizen or officer is: the site's, or home."""
        return int(self.world.sites.city[view.site]) if view.site != NO_SITE else view.city_index

    @property
    def hour(self) -> int:
        """Hour of the scenario, 0 at its start."""
        return self.world.hour

    def chain_site(self, c: int) -> int:
        """Return the site that stands for the chains of a city."""
        return self.world.sites.chain(c)

    def is_place(self, site: int) -> bool:
        """Say whether a site is a place on the map, not the neighbourhoods or chains of a city, nor none."""
        return site != NO_SITE and site < self.world.sites.neighbourhood(int(self.world.sites.city[site]))
