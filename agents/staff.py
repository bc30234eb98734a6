"""What officers and officials have in common: they hear the news and get angry."""

from __future__ import annotations

from agents.rules import anger
from agents.view import View


class Staff(View):
    """One who serves the state, one agent a person at any scale."""

    def perceive(self) -> float:
        """Return the anger after the news."""
        s, p = self.signals, self.p.anger
        return anger.anger_next(self.anger, self.hears(s.news_connectivity) * s.news_seen, 0.0, s.n_hours, s.anger_kept,
                                p.anger_gain, p.beaten_tie_gain, p.strength)  # fmt: skip
