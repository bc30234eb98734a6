"""Rules and decisions replaced by a user's own: the same names, other functions, on both engines.

Rules, decisions and passes name what they call as globals of their modules, or ask a person for a decision by its name.
While a rulebook is open, every such name leads to the replacement, and what calls it is compiled anew (uncached);
afterwards all is as before. Nobody lists the passes: whatever was decorated, in any module, is found (`MODULES`).
"""

from __future__ import annotations

import hashlib
import importlib
import inspect
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from agents.compiled.decision import copied, decision
from agents.compiled.rule import MODULES, rule, signature
from agents.compiled.sources import PACKAGES_ROOT
from sim.errors import InputError, not_allowed

FIXED = ("agents.rules.rule", "agents.rules.epstein", "agents.rules.chenoweth")  # the classics are no mechanisms
PACKAGES = ("agents", "sim")
DECORATORS = ("@rule", "@kernel", "@decision", "@derived")


def _import_all() -> None:
    """Load every module of ours that has something decorated, so that none is compiled first with a replacement."""
    for package in PACKAGES:
        for path in (PACKAGES_ROOT / package).rglob("*.py"):
            name = ".".join(path.relative_to(PACKAGES_ROOT).with_suffix("").parts)
            if name not in sys.modules and _is_decorating(path):
                importlib.import_module(name)


def _is_decorating(path: Path) -> bool:
    """Say whether a source decorates anything."""
    return any(line.startswith(DECORATORS) for line in path.read_text(encoding="utf-8").splitlines())


def _modules() -> dict[str, ModuleType]:
    """Return the loaded modules that decorate rules, decisions or passes, wherever they are, and all of ours."""
    ours = {name for name in sys.modules if name.partition(".")[0] in (*PACKAGES, "experiments")}
    return {name: sys.modules[name] for name in sorted(MODULES | ours) if sys.modules.get(name) is not None}


def rule_names() -> dict[str, Any]:
    """Return all rules and decisions that may be replaced, by ``file.name`` such as ``choices.choose``."""
    _import_all()
    found: dict[str, Any] = {}
    for name, module in _modules().items():
        if name.startswith("agents.") and name not in FIXED:
            found |= {f"{name.rpartition('.')[2]}.{key}": value for key, value in vars(module).items()
                      if _is_compiled(value) and _python(value).__module__ == name
                      and (_is_decision(value) or name.startswith("agents.rules."))}  # fmt: skip
    return found


def _is_compiled(value: Any) -> bool:
    return hasattr(value, "again") and hasattr(value, "py_func")


def _is_decision(value: Any) -> bool:
    return hasattr(value, "is_derived")


def _python(value: Any) -> Callable:
    return getattr(value, "py_func", value)


class Rulebook:
    """Replacements of rules and decisions: a context manager around a run, or for ``run`` and ``ProtestModel``.

    Parameters
    ----------
    rules : mapping of str to callable
        ``{"anger.anger_next": mine}``: a function decorated with ``@rule`` that takes the arguments of the shipped one,
        by the same names and in the same order. ``{"choices.choose": mine}``: for a whole decision any function of the
        same arguments. It may call the shipped one through a copy: ``shipped = choices.choose.again()``.

    Raises
    ------
    InputError
        On an unknown name, a function that is no rule, other arguments or types, or one that calls what it replaces.
    """

    def __init__(self, rules: Mapping[str, Any] | None = None) -> None:
        self.rules = dict(rules or {})
        known = rule_names() if self.rules else {}
        for name, mine in self.rules.items():
            _check(name, mine, known)
        # Copies: names are swapped back by identity, so none may be a shipped rule or stand in for two.
        self._pairs = [(known[name], _copy(known[name], mine)) for name, mine in self.rules.items()]
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
        _compile([old for old, _ in self._pairs])
        swaps: list[tuple[Any, Any]] = []
        waiting = list(self._pairs)
        try:
            while waiting:
                swaps += waiting
                _swap(waiting)
                made = {id(new) for _, new in swaps}
                callers = _callers([new for _, new in waiting])
                waiting = [(old, _again(old)) for old in callers if id(old) not in made]
        except BaseException:  # an interrupt too: whatever runs next in this process finds the shipped rules
            _swap_back(swaps)
            raise
        return swaps


def _check(name: str, mine: Any, known: Mapping[str, Any]) -> None:
    """Refuse a replacement that cannot stand in."""
    if name not in known:
        raise not_allowed("", "rule", name, "a rule of agents/rules or a decision, written file.name", known)
    shipped = known[name]
    if not callable(mine) or not (_is_decision(shipped) or hasattr(mine, "py_func")):
        kind = "a function" if _is_decision(shipped) else "a function decorated with @rule (agents.rules.rule)"
        raise InputError(f"rule {name}: {mine!r} is not allowed: {kind}")
    wanted, found = (list(inspect.signature(_python(each)).parameters) for each in (shipped, mine))
    if found != wanted:
        raise InputError(f"rule {name}: arguments ({', '.join(found)}) are not allowed: ({', '.join(wanted)})")
    if not _is_decision(shipped) and _types(mine) != _types(shipped):
        shown, allowed = inspect.signature(_python(mine)), inspect.signature(_python(shipped))
        raise InputError(f"rule {name}: types {shown} are not allowed: {allowed}")
    if _python(mine) is not _python(shipped) and _leads_to(_python(mine), {id(shipped)}):
        raise InputError(f"rule {name}: calling {name} in its own replacement is not allowed: "
                         f"a copy made before, such as shipped = {name}.again()")  # fmt: skip


def _copy(shipped: Any, mine: Any) -> Any:
    """Return a replacement as what it stands in for."""
    if _is_decision(shipped):
        function = copied(_python(mine))
        # The name by which a person is asked for it, and the module in which agents look, even if they load only now.
        function.__name__, function.__module__ = _python(shipped).__name__, _python(shipped).__module__
        return decision(function, is_derived=shipped.is_derived)
    return rule(_python(mine), cache=False)


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


def _compile(changing: list[Any]) -> None:
    """Compile shipped rules that are to change and all that leads to them, while all names are the shipped ones'.

    One that was compiled only later, by somebody who holds it, would be kept on the disk with a replaced rule in it.
    """
    done: set[int] = set()
    while changing:
        for each in changing:
            for of_what in ("compiled", "met"):  # a decision has neither: passes compile it into themselves
                getattr(each, of_what, None)
        done |= set(map(id, changing))
        changing = [each for each in _callers(changing) if id(each) not in done]


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


def _callers(changed: list[Any]) -> list[Any]:
    """Return what is compiled and calls one of the changed: names it, or asks a person for a decision of that name."""
    known, asked = {id(each) for each in changed}, {_python(each).__name__ for each in changed if _is_decision(each)}
    found = {}
    for module in _modules().values():
        for value in vars(module).values():
            if _is_compiled(value) and id(value) not in known:
                function = _python(value)
                if asked.intersection(function.__code__.co_names) or _leads_to(function, known):
                    found[id(value)] = value
    return list(found.values())


def _again(old: Any) -> Any:
    """Make a shipped rule, decision or pass anew, uncached: what it calls has changed."""
    return old.again()


def _leads_to(function: Callable, changed: set[int]) -> bool:
    """Say whether a function's globals lead to a changed function by a name that its code uses."""
    used, space = function.__code__.co_names, function.__globals__
    if any(id(space.get(name)) in changed for name in used):
        return True
    modules = [space[name] for name in used if isinstance(space.get(name), ModuleType)]
    return any(id(getattr(module, name, None)) in changed for module in modules for name in used)
