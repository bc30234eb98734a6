"""A Mesa agent as a view of one row of the columns.

An agent reads its columns and decides; the engine writes. While a phase runs the columns are read-only.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import mesa

from agents.shown import html_table, told

if TYPE_CHECKING:
    import numpy as np


class Column:
    """An attribute of a view that is a cell of a column."""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, view: View | None, owner: type | None = None) -> Any:
        if view is None:
            return self
        return getattr(view.table, self.name).item(view.row)

    def __set__(self, view: View, value: Any) -> None:
        """Write between steps; during a phase NumPy refuses: agents return what they decide."""
        getattr(view.table, self.name)[view.row] = value


class View(mesa.Agent):
    """One row of a table, held by the model: one view per row.

    Attributes
    ----------
    model : ProtestModel
    row : int
        Row in the table; for life.
    table : namedtuple of ndarray
        The columns.
    city_index : int
        Home city.
    person : int
        Key of the draws: city code x 2**32 + number in the city.
    """

    _own = frozenset({"model", "unique_id", "pos", "row", "table", "city_index", "person"})
    _meanings: Mapping[str, str] = {}  # of the columns, by name

    def __init__(self, model: Any, table: Any, row: int, city_index: int, person: int) -> None:
        super().__init__(model)
        self.table, self.row, self.city_index, self.person = table, row, city_index, person
        self.unique_id = person

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        declared = {name for name in (*cls.__dict__, *cls.__dict__.get("__annotations__", {}))}
        cls._own = cls._own | {name for name in declared if not name.startswith("__")}

    def __setattr__(self, name: str, value: Any) -> None:
        """Refuse attributes that the class does not declare: a misspelt name would vanish unseen."""
        if name not in self._own:
            hint = f"declare it in the class body, such as `{name} = None`"
            raise AttributeError(f"{type(self).__name__} has no attribute {name!r}: {hint}")
        super().__setattr__(name, value)

    @property
    def pos(self) -> tuple[int, int] | None:
        """Column and row of the cell where one is, in the grid of that city; None for who has no place on the map."""
        return self.model.position(self) if hasattr(self, "cell") else None

    @pos.setter
    def pos(self, value: Any) -> None:
        """Take Mesa's None at the start; people are moved by what they decide.

        Raises
        ------
        TypeError
            On any other value.
        """
        if value is not None:
            raise TypeError(f"{type(self).__name__}.pos: people go where they decide to; write `site` between steps")

    def __repr__(self) -> str:
        return f"{type(self).__name__} {self.person % 2**32} of {self.city}, row {self.row}"

    def _repr_html_(self) -> str:
        """Return the columns of now as a table, for notebooks."""
        rows = [[name, told(getattr(self, name)), meaning] for name, meaning in self._meanings.items()]
        return html_table(repr(self), ["column", "now", "meaning"], rows)

    def remove(self) -> None:
        """Refuse: a row is a person for life."""
        raise TypeError(f"{type(self).__name__}.remove: people stay in the population; use the columns' states instead")

    @property
    def city(self) -> str:
        """Name of the home city."""
        return self.model.cities[self.city_index].name

    @property
    def signals(self) -> Any:
        """What the people of the home city share in the hour."""
        return self.model.surroundings.signals[self.city_index]

    @property
    def around(self) -> Any:
        """What the people of the home city look up: an `agents.person.Around`."""
        return self.model.surroundings.around[self.city_index]

    @property
    def p(self) -> Any:
        """Parameters, by mechanism."""
        return self.model.parameters


def add_columns(cls: type[View], columns: Mapping[str, tuple[str, str]]) -> type[View]:
    """Give a view class an attribute for each column of a table of `agents.vocabulary`; `person` is its own."""
    cls._meanings = {name: meaning for name, (_, meaning) in columns.items() if name != "person"}
    for name in cls._meanings:
        column = Column()
        column.__set_name__(cls, name)
        setattr(cls, name, column)
    cls._own = cls._own | set(cls._meanings)
    return cls


def read_only(table: Any, is_locked: bool) -> None:
    """Lock or unlock all columns of a table."""
    column: np.ndarray
    for column in table:
        column.flags.writeable = not is_locked
