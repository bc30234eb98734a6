"""What goes into compiled code, as one hash: what compiled code is kept under, so that none is ever served stale.

Numba's disk cache notices a change only in the file of the compiled function, not in the rules that it calls. Here
count the code of the function and of every function of ours that it leads to, by a name or by asking a person for a
decision, the constants and named tuples that they name, and how the compiler is taught. An edited rule changes what
hangs on it, and nothing else is compiled anew. Where a name stands for something else, all sources count.
"""

import functools
import hashlib
import sys
from collections.abc import Callable, Iterator, Mapping, Set
from enum import Enum
from types import CodeType, FunctionType, ModuleType
from typing import Any, get_args, get_type_hints

from agents.compiled.sources import COMPILED_PACKAGES, COMPILERS, code_hash, compiler_hash

# Modules whose decisions persons are asked for, by the decision's name: filled where a kind of people is made.
ASKED: dict[str, set[ModuleType]] = {}
OTHERS = {*COMPILERS, *sys.stdlib_module_names} - {"__main__"}
TEACHERS = "agents.compiled."  # all of their text counts, and they lead to nothing else of ours
CONSTANTS = (type(None), bool, int, float, complex, str, bytes, type(Ellipsis))


class Unclear(Exception):
    """A name stands for something of which it is not known what of it goes into compiled code."""


def ingredients_hash(function: Callable, options: Mapping[str, Any] | None = None) -> str:
    """Return 16 hexadecimal digits that change with anything that goes into the compiled code of a Python function.

    Parameters
    ----------
    function : callable
        As it was written, not compiled.
    options : mapping, optional
        Of its compiler.
    """
    told = [compiler_hash(), sys.implementation.cache_tag, _name(function), repr(sorted((options or {}).items()))]
    try:
        told += sorted(_told(each)[0] for each in led_to(function))
    except Unclear:
        told.append(code_hash())
    return hashlib.sha256("\n".join(told).encode()).hexdigest()[:16]


def led_to(function: Callable) -> set[Callable]:
    """Return a function and all functions of ours that it leads to.

    Raises
    ------
    Unclear
        It, or one of them, names something else than functions, constants, named tuples and modules.
    """
    found: set[Callable] = set()
    waiting = [function]
    while waiting:
        each = waiting.pop()
        if each not in found:
            found.add(each)
            waiting += _told(each)[1]
    return found


@functools.cache
def _told(function: Any) -> tuple[str, tuple[Callable, ...]]:
    """Return what a function tells by itself, as text, and the functions of ours that it names or asks for."""
    names = {name for code in _codes(function.__code__) for name in code.co_names}
    functions: list[Callable] = []
    told = [_name(function), _code_told(function.__code__, function.__doc__)]
    named = _named(names, function.__globals__, set())
    named += [(f"free {k}", cell.cell_contents) for k, cell in enumerate(function.__closure__ or ())]
    named += [(f"default {k}", value) for k, value in enumerate(function.__defaults__ or ())]
    named += [(f"{module.__name__}.{name}", vars(module)[name]) for name in sorted(names & ASKED.keys())
              for module in sorted(ASKED[name], key=lambda module: module.__name__)]  # fmt: skip
    told += [f"{name} = {_value_told(value, functions)}" for name, value in named]
    told += [f"{name}: {_hint_told(hint, function)}" for name, hint in sorted(function.__annotations__.items())]
    return "\n".join(told), tuple(functions)


def _named(names: Set[str], space: Mapping[str, Any], seen: set[int]) -> list[tuple[str, Any]]:
    """Return what names stand for in a namespace, and in the modules of ours among these."""
    found = [(name, space[name]) for name in sorted(names & space.keys())]
    for name, value in list(found):
        if _is_our_module(value) and id(value) not in seen:
            seen.add(id(value))
            found += [(f"{name}.{inner}", of_module) for inner, of_module in _named(names, vars(value), seen)]
    return found


def _value_told(value: Any, functions: list[Callable]) -> str:
    """Return the text of what a name stands for; a function of ours is added to `functions`."""
    python = getattr(value, "py_func", value)
    if isinstance(python, FunctionType):
        if _is_ours(python) and not python.__module__.startswith(TEACHERS):
            functions.append(python)
        return f"{type(value).__name__} {_name(python)} {getattr(value, 'is_counted', None)}"
    if isinstance(value, CONSTANTS):
        return f"{type(value).__name__} {value!r}"
    if hasattr(value, "tobytes"):  # an array of NumPy's, or a number
        return f"{type(value).__name__} {value.dtype!r} {value.shape} {hashlib.sha256(value.tobytes()).hexdigest()}"
    if isinstance(value, tuple | list):
        return f"{_class_told(type(value))} ({', '.join(_value_told(each, functions) for each in value)})"
    if isinstance(value, type):
        return _class_told(value)
    if isinstance(value, ModuleType):
        return f"module {value.__name__}"
    if not _is_ours(value):
        return f"{type(value).__name__} {value!r}"
    raise Unclear(value)


def _hint_told(hint: Any, function: Any) -> str:
    """Return the text of an annotation, of which a rule's signature is made: of named tuples with their fields."""
    hint = function.__globals__.get(hint, hint) if isinstance(hint, str) else hint
    if isinstance(hint, type) and hasattr(hint, "_fields"):
        return _class_told(hint)
    return f"{hint!r} {[_hint_told(each, function) for each in get_args(hint)]}"


def _class_told(cls: type) -> str:
    """Return the text of a class: of a named tuple with its fields, of an enumeration with its members."""
    if issubclass(cls, tuple) and hasattr(cls, "_fields"):
        fields = ", ".join(f"{name}: {kind!r}" for name, kind in get_type_hints(cls).items())
        return f"{cls.__qualname__}({', '.join(cls._fields)}; {fields}; {vars(cls)['_field_defaults']!r})"
    if issubclass(cls, Enum):
        return f"{cls.__qualname__} {list(cls)!r}"
    if _is_ours(cls):
        raise Unclear(cls)
    return f"{cls.__module__}.{cls.__qualname__}"


def _codes(code: CodeType) -> Iterator[CodeType]:
    """Yield a code object and those within it."""
    yield code
    for value in code.co_consts:
        if isinstance(value, CodeType):
            yield from _codes(value)


def _code_told(code: CodeType, doc: str | None) -> str:
    """Return the text of a code object, without places in the file and without its docstring."""
    constants = [value for k, value in enumerate(code.co_consts) if k or value != doc]
    inner = [_code_told(value, None) if isinstance(value, CodeType) else f"{type(value).__name__} {value!r}"
             for value in constants]  # fmt: skip
    return repr((code.co_code, code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars, code.co_flags,
                 code.co_argcount, code.co_kwonlyargcount, code.co_posonlyargcount, inner))  # fmt: skip


def _name(function: Any) -> str:
    return f"{function.__module__}.{function.__qualname__}"


def _is_our_module(value: Any) -> bool:
    return isinstance(value, ModuleType) and value.__name__.partition(".")[0] in COMPILED_PACKAGES


def _is_ours(value: Any) -> bool:
    """Say whether something is not made by Python, NumPy or the compiler, whose versions count."""
    module = getattr(value, "__module__", None) or type(value).__module__
    return module.partition(".")[0] not in OTHERS
