"""How a decision is compiled: plain Python for an agent, and made part of each pass that asks for it.

A decision is a function of a person, the signals of the person's city and the parameters::

    @decision
    def protest(person, s, p): ...

It is written for one person and knows nothing of engines. `person` is an agent (`agents.view.View`) or, inside a
pass, a row of the columns (`agents.compiled.rows`); both have the attributes of `agents.person.Person`. Decisions ask
the person for other decisions, ``person.choose_site()``, so that a subclass may override one step.
"""

import functools
import inspect
from collections.abc import Callable
from types import FunctionType, ModuleType
from typing import Any

from numba.extending import register_jitable

from agents.compiled.rule import COMPILER_OPTIONS, MET_ONLY, MODULES

# A decision holds no array of its own: counting who holds those it looks at would take most of its time.
OPTIONS = COMPILER_OPTIONS | MET_ONLY | {"forceinline": True, "_nrt": False}
GIVEN = ("person", "s", "p")


def decision(function: Callable | None = None, *, is_derived: bool = False) -> Any:
    """Leave a decision as it is for agents, and let passes compile it into themselves.

    Parameters
    ----------
    function : callable
        Its first arguments are person, s and p; what else it needs follows, by position.
    is_derived : bool
        True for what is read like a column, without brackets: ``person.grievance``.

    Raises
    ------
    TypeError
        If the arguments do not begin with person, s, p.
    """
    if function is None:
        return functools.partial(decision, is_derived=is_derived)
    if tuple(inspect.signature(function).parameters)[:3] != GIVEN:
        raise TypeError(f"decision {function.__qualname__}: its first arguments must be {', '.join(GIVEN)}")
    made: Any = register_jitable(**OPTIONS)(function)
    made.py_func, made.is_derived = function, is_derived
    made.again = lambda: decision(copied(function), is_derived=is_derived)
    MODULES.add(function.__module__)
    return made


def derived(function: Callable) -> Any:
    """Return a decision that is read like a column, without brackets."""
    return decision(function, is_derived=True)


def helper(function: Callable) -> Any:
    """Let decisions use a function that asks no person and calls no rule."""
    return register_jitable(**OPTIONS)(function)


def copied(function: Any) -> Callable:
    """Return another function that does the same: the compiler tells functions apart by identity."""
    copied = FunctionType(function.__code__, function.__globals__, function.__name__, function.__defaults__,
                          function.__closure__)  # fmt: skip
    return functools.update_wrapper(copied, function)


def decisions_of(*modules: ModuleType) -> dict[str, ModuleType]:
    """Return the names of the decisions that stand in modules, each with its module; a later one takes precedence."""
    return {name: module for module in modules for name, value in vars(module).items()
            if hasattr(value, "is_derived") and value.__module__ == module.__name__}  # fmt: skip


def add_decisions(cls: type, *modules: ModuleType) -> type:
    """Give a class a method for each decision in the modules, a property for each derived value.

    The class must have `signals` and `p`. The decision is looked up by name at every call: a replaced one is found.
    """
    for name, module in decisions_of(*modules).items():
        setattr(cls, name, _method(module, name))
    return cls


def _method(module: ModuleType, name: str) -> Any:
    space, function = vars(module), vars(module)[name]

    def decide(self: Any, *values: Any) -> Any:
        return space[name](self, self.signals, self.p, *values)

    decide.__name__, decide.__doc__ = name, function.__doc__
    decide.__qualname__ = f"{module.__name__}.{name}"
    return property(decide, doc=function.__doc__) if function.is_derived else decide
