"""A citizen: sees, hears, is angry or afraid, and joins or not.

What a citizen decides stands in `agents/choices.py`, `agents/attitudes.py` and `agents/sanctions.py`, and is a method
here: ``citizen.choose()``. A subclass overrides any of them, on the engine `mesa`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents import attitudes, choices, hearing, sanctions
from agents.attitudes import Perception
from agents.choices import STAYS, Choice
from agents.compiled.decision import add_decisions
from agents.sanctions import Arrest, Release
from agents.view import View, add_columns
from agents.vocabulary import CITIZEN_COLUMNS

if TYPE_CHECKING:
    from agents.person import Person as Decisions
else:
    Decisions = object

__all__ = ["STAYS", "Arrest", "Choice", "Citizen", "Perception", "Release"]


class Citizen(View, Decisions):
    """An adult. Stands for as many persons as the group's weight says."""

    @property
    def online_ties(self) -> list[int]:
        """Rows of the people whom one follows."""
        return self.table.ties[self.row].tolist()

    @property
    def cell(self) -> int:
        """Cell where the citizen is now: the place's, or home (a chain or a protest around the home is there)."""
        return int(self.around.site_cell[self.site]) if self.model.is_place(self.site) else self.home_cell


add_columns(Citizen, CITIZEN_COLUMNS)
add_decisions(Citizen, hearing, attitudes, choices, sanctions)
