"""Counting again only what has changed since it was last counted."""

from __future__ import annotations

import numpy as np


class Changes:
    """Remembers arrays as they were last seen."""

    def __init__(self) -> None:
        self._seen: dict[str, tuple[np.ndarray, ...]] = {}

    def has_changed(self, name: str, *arrays: np.ndarray) -> bool:
        """Say whether any array differs from what was shown under this name before; remember what is shown now."""
        seen = self._seen.get(name)
        if seen is not None and all(map(np.array_equal, seen, arrays)):
            return False
        self._seen[name] = tuple(each.copy() for each in arrays)
        return True
