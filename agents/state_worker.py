"""A state worker: a citizen whose job can be used against him."""

from __future__ import annotations

from agents.citizen import Citizen


class StateWorker(Citizen):
    """A citizen employed by the state, at a plant or elsewhere.

    Decides as every citizen; what the job does to a decision hangs on the employer (`agents/choices.py`).
    """

    @property
    def has_job(self) -> bool:
        """Say whether the worker has not been dismissed."""
        return self.is_dismissed == 0
