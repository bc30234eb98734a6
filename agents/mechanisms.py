"""What the rule files declare: mechanisms with their parameters, and kinds of events."""

from __future__ import annotations

import functools
import importlib
import pkgutil

from agents import rules
from agents.rules.declaration import Kind, Mechanism


@functools.cache
def mechanisms() -> dict[str, type[Mechanism]]:
    """Return the mechanism that each file of ``agents/rules`` declares, by the file's name; files of rules only: none.

    Raises
    ------
    TypeError
        A file declares several.
    """
    found = {}
    for name in sorted(module.name for module in pkgutil.iter_modules(rules.__path__)):
        module = importlib.import_module(f"agents.rules.{name}")
        own = [value for value in vars(module).values() if _is_mechanism(value) and value.__module__ == module.__name__]
        if len(own) > 1:
            raise TypeError(f"agents/rules/{name}.py: one mechanism a file, found {', '.join(c.__name__ for c in own)}")
        if own:
            found[name] = own[0]
    return found


def _is_mechanism(value: object) -> bool:
    return isinstance(value, type) and issubclass(value, Mechanism) and value is not Mechanism


def own_kinds() -> dict[str, Kind]:
    """Return the kinds of events that mechanisms declare beside their rules, by name.

    Raises
    ------
    TypeError
        Two mechanisms declare the same.
    """
    found: dict[str, Kind] = {}
    for name, mechanism in mechanisms().items():
        if twice := set(found) & set(mechanism.kinds):
            raise TypeError(f"agents/rules/{name}.py: the kind {min(twice)} is declared by another mechanism too")
        found |= mechanism.kinds
    return found
