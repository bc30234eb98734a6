"""The grid of a city as a Mesa space: what Mesa's own drawing needs, and nothing in the model reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from mesa.agentset import AgentSet
from mesa.discrete_space import OrthogonalMooreGrid

from agents.vocabulary import Activity

if TYPE_CHECKING:
    from agents.view import View
    from sim.model import ProtestModel

LAYERS = ("adults", "protesting")
"""Persons by home cell: all adults, and those who protest now, wherever."""


class CityGrid(OrthogonalMooreGrid):
    """The cells of a city by (column, row), column to the east and row to the north, with `LAYERS` as property layers.

    Parameters
    ----------
    model : ProtestModel
    city : int
        Number of the city.
    """

    def __init__(self, model: ProtestModel, city: int = 0) -> None:
        self.model, self.city = model, city
        side = int(model.world.grid.side[city])
        super().__init__((side, side), torus=False, random=model.random)
        for name in LAYERS:
            self.create_property_layer(name, default_value=0.0, dtype=float)
        self.read()

    @property
    def agents(self) -> AgentSet:
        """Citizens and officers who are in the city now, the detained left out.

        Raises
        ------
        InputError
            If the model has more agents than `inspect.max_agents`.
        """
        return AgentSet(self.model.agents_in(self.city), random=self.model.random)

    @agents.setter
    def agents(self, value: object) -> None:
        """Nobody is placed by hand."""

    def read(self) -> None:
        """Take over the hour into the property layers."""
        world, city = self.model.world, self.city
        rows, table = slice(*world.rows(city)), world.citizens
        weight = world.groups.weight[table.employer[rows]]
        out = weight * (table.activity[rows] == Activity.PROTESTING)
        for name, persons in zip(LAYERS, (weight, out), strict=True):
            by_cell = np.bincount(table.home_cell[rows], persons, minlength=self.width * self.height)
            getattr(self, name).data[:] = by_cell.reshape(self.height, self.width).T


def position(cell: int, side: int) -> tuple[int, int]:
    """Return column and row of a cell, row-major."""
    row, column = divmod(cell, side)
    return column, row


def in_city(views: list[View], model: ProtestModel, city: int) -> list[View]:
    """Return those of the views who are in a city now and not in custody."""
    free = (view for view in views if getattr(view, "activity", Activity.QUIET) != Activity.DETAINED)
    return [view for view in free if model.city_now(view) == city]
