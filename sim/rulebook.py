"""Rules replaced by a user's own: the same names, other functions, on both engines.

The shipped rules and passes name the rules that they call as globals of their modules. While a rulebook is open, every
such name leads to the replacement, and what calls it is compiled anew (uncached); afterwards all is as before.
"""

from __future__ import annotations

import hashlib
import importlib
import inspect
import pkgutil
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

from agents import rules as rule_files
from agents.compiled.rule import kernel, rule, signature
from sim.errors import InputError, not_allowed

FIXED = ("rule", "epstein", "chenoweth")  # the decorator and the classics are no mechanisms
PASSES = ("sim.world.space", "sim.world.population", "sim.world.ties", "sim.hour.street", "sim.world.encouraged",
          "sim.hour.observables", "sim.engines.citizen_passes", "sim.engines.staff_passes", "sim.engines.compiled",
          "sim.hour.signals", "sim.hour.step", "sim.world.world", "sim.model")  # fmt: skip


def _modules() -> dict[str, ModuleType]:
    """Return the modules of the rules and of what calls them, agents' methods included if they are loaded."""
    import sys

    names = [f"agents.rules.{m.name}" for m in pkgutil.iter_modules(rule_files.__path__) if m.name != "rule"]
    classes = [f"agents.{m}" for m in ("view", "staff", "citizen", "state_worker", "security_officer", "official")]
    found = {name: importlib.import_module(name) for name in (*names, *PASSES[:-1])}
    return found | {name: sys.modules[name] for name in (*classes, PASSES[-1]) if name in sys.modules}


def rule_names() -> dict[str, Any]:
    """Return all rules that may be replaced, by ``file.name`` such as ``anger.anger_next``."""
    found: dict[str, Any] = {}
    for name, module in _modules().items():
        short = name.rpartition(".")[2]
        if name.startswith("agents.rules.") and short not in FIXED:
            found |= {f"{short}.{key}": value for key, value in vars(module).items()
                      if _is_compiled(value) and _python(value).__module__ == name}  # fmt: skip
    return found


def _is_compiled(value: Any) -> bool:
    return callable(value) and hasattr(value, "py_func")


def _python(value: Any) -> Callable:
    return value.py_func


class Rulebook:
    """Replacements of rules; use as a context manager around a run, or hand to ``run`` and ``ProtestModel``.

    Parameters
    ----------
    rules : mapping of str to callable
        ``{"anger.anger_next": mine}``; each a function decorated with ``@rule`` that takes the arguments of the
        shipped one, by the same names and in the same order.

    Raises
    ------
    InputError
        On an unknown name, a function that is no rule, or other arguments or types.
    """

    def __init__(self, rules: Mapping[str, Any] | None = None) -> None:
        self.rules = dict(rules or {})
        known = rule_names() if self.rules else {}
        for name, mine in self.rules.items():
            _check(name, mine, known)
        # Copies: names are swapped back by identity, so none may be a shipped rule or stand in for two.
        self._pairs = [(known[name], rule(_python(mine), cache=False)) for name, mine in self.rules.items()]
        self._swaps: list[tuple[Any, Any]] | None = None
        self._depth = 0

    @property
    def names(self) -> list[str]:
        """Replaced rules with a hash of their source, for the manifest."""
        return [f"{name} {hashlib.sha256(_source(mine)).hexdigest()[:16]}" for name, mine in sorted(self.rules.items())]

    def __enter__(self) -> Rulebook:
        if self._depth == 0 and self._pairs:
            if self._swaps is None:
                self._swaps = self._make()
            else:
                _swap(self._swaps)
        self._depth += 1
        return self

    def __exit__(self, *_: object) -> None:
        self._depth -= 1
        if self._depth == 0 and self._pairs:
            _swap_back(self._swaps or [])

    def _make(self) -> list[tuple[Any, Any]]:
        """Swap in the replacements, then make anew all that calls them, callers before callers of callers."""
        swaps: list[tuple[Any, Any]] = []
        waiting = list(self._pairs)
        try:
            while waiting:
                swaps += waiting
                _swap(waiting)
                changed = {id(new) for _, new in waiting}
                made = {id(new) for _, new in swaps}
                waiting = [(old, _again(old)) for old in _callers(changed) if id(old) not in made]
        except BaseException:  # an interrupt too: whatever runs next in this process finds the shipped rules
            _swap_back(swaps)
            raise
        return swaps


def _check(name: str, mine: Any, known: Mapping[str, Any]) -> None:
    """Refuse a replacement that cannot stand in."""
    if name not in known:
        raise not_allowed("", "rule", name, "a rule of agents/rules, written file.name", known)
    if not _is_compiled(mine):
        raise InputError(f"rule {name}: {mine!r} is not allowed: a function decorated with @rule (agents.rules.rule)")
    wanted = list(inspect.signature(_python(known[name])).parameters)
    found = list(inspect.signature(_python(mine)).parameters)
    if found != wanted:
        raise InputError(f"rule {name}: arguments ({', '.join(found)}) are not allowed: ({', '.join(wanted)})")
    if _types(mine) != _types(known[name]):
        shown, allowed = inspect.signature(_python(mine)), inspect.signature(_python(known[name]))
        raise InputError(f"rule {name}: types {shown} are not allowed: {allowed}")


def _types(function: Any) -> Any:
    """Return the types a rule is compiled for, None if it has no annotations (compiled, but not by ``@rule``)."""
    try:
        return signature(_python(function))
    except TypeError:
        return None


def _source(function: Any) -> bytes:
    """Return what identifies a replacement: its source, or its code where there is none."""
    try:
        return inspect.getsource(_python(function)).encode()
    except OSError:
        code = _python(function).__code__
        return code.co_code + repr(code.co_consts).encode()


def _swap(pairs: list[tuple[Any, Any]]) -> None:
    """Let every name that leads to an old function lead to the new one."""
    news = {id(old): new for old, new in pairs}
    for module in _modules().values():
        for key, value in list(vars(module).items()):
            if id(value) in news:
                setattr(module, key, news[id(value)])


def _swap_back(pairs: list[tuple[Any, Any]]) -> None:
    """Undo a swap."""
    _swap([(new, old) for old, new in pairs])


def _callers(changed: set[int]) -> list[Any]:
    """Return the compiled functions that name one of the changed ones, directly or as an attribute of a module."""
    found = {}
    for module in _modules().values():
        for value in vars(module).values():
            if _is_compiled(value) and id(value) not in changed and _names(_python(value), changed):
                found[id(value)] = value
    return list(found.values())


def _names(function: Callable, changed: set[int]) -> bool:
    """Say whether a function's globals lead to a changed function by a name that its code uses."""
    used, space = function.__code__.co_names, function.__globals__
    if any(id(space.get(name)) in changed for name in used):
        return True
    modules = [space[name] for name in used if isinstance(space.get(name), ModuleType)]
    return any(id(getattr(module, name, None)) in changed for module in modules for name in used)


def _again(old: Any) -> Any:
    """Compile a shipped rule or pass anew, uncached: its callees have changed."""
    function = _python(old)
    if function.__module__.startswith("agents.rules."):
        return rule(function, cache=False)
    return kernel(function, cache=False)
