"""A security officer of the street forces: goes where sent, and may stop serving."""

from __future__ import annotations

from agents import hearing, officer_choices
from agents.compiled.decision import add_decisions
from agents.officer_choices import Post
from agents.view import View, add_columns
from agents.vocabulary import NO_SITE, OFFICER_COLUMNS

__all__ = ["Post", "SecurityOfficer"]


class SecurityOfficer(View):
    """One officer, at any scale. `posted_city` is where he is, `city_index` the home."""

    @property
    def cell(self) -> int:
        """Cell where the officer is now: the site's, or home."""
        return int(self.around.site_cell[self.site]) if self.site != NO_SITE else self.home_cell


add_columns(SecurityOfficer, OFFICER_COLUMNS)
add_decisions(SecurityOfficer, hearing, officer_choices)
