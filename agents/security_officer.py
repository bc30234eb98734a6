"""A security officer of the street forces: goes where sent, and may stop serving."""

from __future__ import annotations

from typing import NamedTuple

from agents import decisions
from agents.compiled.draws import uniform
from agents.rules import appeals, officers, repression
from agents.rules.rates import probability_within
from agents.staff import Staff
from agents.view import add_columns
from agents.vocabulary import NO_SITE, OFFICER_COLUMNS, Loyalty


class Post(NamedTuple):
    """Where an officer stands: city index and site, -1 in barracks."""

    city: int
    site: int


class SecurityOfficer(Staff):
    """One officer, at any scale. `posted_city` is where he is, `city_index` the home."""

    @property
    def cell(self) -> int:
        """Cell where the officer is now: the site's, or home."""
        return self.model.cell_of_site(self.site) if self.site != NO_SITE else self.home_cell

    def deploy(self) -> Post:
        """Return the post of the hour; the reserve changes cities overnight."""
        if self.loyalty == Loyalty.RESIGNED:
            return Post(self.posted_city, NO_SITE)
        city = self.posted_city
        if self.model.moves_reserve:
            city = self.home_city
            if repression.is_reserve(self.unit_rank, self.p.repression.reserve_share):
                draw = uniform(self.model.seed, decisions.RESERVE, self.unit_key, self.signals.luck_day)
                city = self.model.pick_city(draw, city)
        return Post(city, self.model.pick_post(city, self.position))

    def defect(self) -> Loyalty:
        """Return whether to keep serving, withhold or resign."""
        if self.loyalty != Loyalty.LOYAL:
            return Loyalty(self.loyalty)
        s, p, model = self.signals, self.p.officers, self.model
        if officers.unit_withholds(model.unit_share_lost(self.unit), p.unit_tipping_share):
            return Loyalty.WITHHOLDING
        appeal = appeals.appeal_heard(s.appeal, self.hears(s.connectivity), self.p.appeals.strength)
        cost = appeals.exit_cost_left(self.exit_cost, s.exit_support, self.p.appeals.exit_support_extra,
                                      self.p.appeals.strength)  # fmt: skip
        hazard = officers.officer_hazard(
            self.anger, s.city_share_out, appeal, cost, s.support, p.base_hazard, p.officer_anger_weight,
            p.officer_crowd_weight, p.officer_appeal_weight, p.exit_cost_weight, p.surveillance,
            p.officer_support_weight, p.strength,
        )  # fmt: skip
        draw = uniform(model.seed, decisions.OFFICER_DEFECTION, self.person, model.hour)
        if not draw < probability_within(hazard, s.n_hours):
            return Loyalty.LOYAL
        way = uniform(model.seed, decisions.OFFICER_WAY, self.person, model.hour)
        return Loyalty.RESIGNED if officers.resigns(way, p.resign_share) else Loyalty.WITHHOLDING


add_columns(SecurityOfficer, OFFICER_COLUMNS.keys() - {"person"})
