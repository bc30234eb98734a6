"""An official: mayor, judge, member of the election commission, or on the staff of the state media."""

from __future__ import annotations

from agents import decisions
from agents.compiled.draws import uniform
from agents.rules import appeals, officers, officials
from agents.rules.rates import probability_within
from agents.staff import Staff
from agents.view import add_columns
from agents.vocabulary import OFFICIAL_COLUMNS, Loyalty


class Official(Staff):
    """One official, at any scale; what giving way changes depends on the office (rules/officials.py)."""

    @property
    def cell(self) -> int:
        """Cell of the home."""
        return self.home_cell

    def defect(self) -> Loyalty:
        """Return whether to stay loyal, accommodate or resign."""
        if self.loyalty != Loyalty.LOYAL:
            return Loyalty(self.loyalty)
        s, p, model = self.signals, self.p.officials, self.model
        appeal = appeals.appeal_heard(s.appeal, self.hears(s.connectivity), self.p.appeals.strength)
        hazard = officials.official_hazard(
            self.anger, s.city_share_out, appeal, s.support, p.base_hazard, p.official_anger_weight,
            p.official_crowd_weight, p.official_appeal_weight, p.official_support_weight, p.strength,
        )  # fmt: skip
        draw = uniform(model.seed, decisions.OFFICIAL_DEFECTION, self.person, model.hour)
        if not draw < probability_within(hazard, s.n_hours):
            return Loyalty.LOYAL
        way = uniform(model.seed, decisions.OFFICIAL_WAY, self.person, model.hour)
        return Loyalty.RESIGNED if officers.resigns(way, p.official_resign_share) else Loyalty.WITHHOLDING


add_columns(Official, OFFICIAL_COLUMNS.keys() - {"person"})
