"""An official: mayor, judge, member of the election commission, or on the staff of the state media."""

from __future__ import annotations

from agents import hearing, official_choices
from agents.compiled.decision import add_decisions
from agents.view import View, add_columns
from agents.vocabulary import OFFICIAL_COLUMNS


class Official(View):
    """One official, at any scale; what giving way changes depends on the office (rules/officials.py)."""

    @property
    def cell(self) -> int:
        """Cell of the home."""
        return self.home_cell


add_columns(Official, OFFICIAL_COLUMNS)
add_decisions(Official, hearing, official_choices)
