"""Counting again only what has changed since it was last counted."""

from __future__ import annotations

import numpy as np


class Changes:
    """Remembers arrays as they were last seen, to the bit."""

    def __init__(self) -> None:
        self._seen: dict[str, list[bytes]] = {}

    def has_changed(self, name: str, *arrays: np.ndarray) -> bool:
        """Say whether any array differs from what was shown under this name before; remember what is shown now."""
        before = self._seen.get(name)
        self.remember(name, *arrays)
        return self._seen[name] != before

    def remember(self, name: str, *arrays: np.ndarray) -> None:
        """Remember what is shown, too, which was written after it had been looked at."""
        self._seen[name] = [each.tobytes() for each in arrays]
