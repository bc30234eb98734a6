"""Compiled code on disk that may be spoilt, or the disk full: then it is compiled anew, and the run goes on.

A machine that goes down leaves files that are cut short or empty; Numba's own cache raises what reading them raises.
"""

import functools
from collections.abc import Callable
from contextlib import suppress
from typing import Any

# Why compiled code could not be kept, for those who tell the user; empty if it could.
NOT_KEPT: list[str] = []


@functools.cache
def _cache_class() -> type:
    from numba.core.caching import FunctionCache

    class Kept(FunctionCache):
        """Numba's cache of a function, of which neither reading nor writing fails."""

        def load_overload(self, sig: Any, target_context: Any) -> Any:
            """Return compiled code, or None; what cannot be read is forgotten, whatever reading it raises."""
            try:
                return super().load_overload(sig, target_context)
            except Exception:
                with suppress(OSError):
                    self.flush()
                return None

        def save_overload(self, sig: Any, data: Any) -> None:
            """Keep compiled code if that can be done."""
            try:
                super().save_overload(sig, data)
            except OSError as error:
                NOT_KEPT.append(error.strerror or type(error).__name__)

    return Kept


def keep(dispatcher: Any, function: Callable) -> Any:
    """Let a Numba dispatcher that has compiled nothing yet keep what it compiles of a function; return it."""
    dispatcher._cache = _cache_class()(function)  # as its enable_caching does, with a class of our own
    return dispatcher
