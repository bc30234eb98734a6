"""Compiled code on disk, under a hash of what went into it (`ingredients`).

It may be spoilt, or the disk full: then it is compiled anew, and the run goes on. A machine that goes down leaves
files that are cut short or empty; Numba's own cache raises what reading them raises.
"""

import functools
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from agents.compiled.ingredients import ingredients_hash

# Why compiled code could not be kept, for those who tell the user; empty if it could.
NOT_KEPT: list[str] = []


@functools.cache
def _cache_class() -> type:
    from numba.core.caching import FunctionCache, IndexDataCacheFile

    class Kept(FunctionCache):
        """Numba's cache of a function, of which neither reading nor writing fails; a file for each hash."""

        def __init__(self, function: Callable, options: Mapping[str, Any]) -> None:
            super().__init__(function)
            made_of = ingredients_hash(function, options)
            self._cache_file = IndexDataCacheFile(self._cache_path, f"{function.__name__}-{made_of}", made_of)

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
    # As its enable_caching does, with a class of our own.
    dispatcher._cache = _cache_class()(function, dispatcher.targetoptions)
    return dispatcher
