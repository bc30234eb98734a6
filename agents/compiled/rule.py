"""How a rule is compiled, and where the compiled code is kept.

A rule is written once, as a small scalar function. ``@rule`` compiles it for one signature, taken from its
annotations, so that an agent's method and a compiled pass over the columns do the same 64-bit arithmetic.
``@kernel`` compiles a pass: a function over columns, which calls rules.

Compiled code is kept on disk, under a hash of all that went into it (`ingredients`): an edited rule compiles anew what
hangs on it, and nothing else. A shipped rule or pass is compiled, or taken from there, when it is first called or met
in another one: to read settings takes no compiler, and Numba itself is imported only then. What is called and what is
met are compiled apart.
With ``NUMBA_DISABLE_JIT=1`` nothing is compiled: rules and kernels are plain Python (slow; for coverage).
"""

import functools
import inspect
import os
import typing
from collections.abc import Callable
from pathlib import Path
from typing import Any

from agents.compiled.kept import keep
from agents.compiled.sources import COMPILED_PACKAGES, own_sources

# No fastmath: it lets the compiler reorder sums, and the compiled engine would leave the readable one.
# error_model="numpy": x / 0 is inf or nan and never raises.
COMPILER_OPTIONS = {"nogil": True, "fastmath": False, "error_model": "numpy", "no_cfunc_wrapper": True}
# What only the compiler meets is not made callable from Python: that takes more than half of the time of a small rule.
MET_ONLY = {"no_cpython_wrapper": True}
# What the compiler has to be told before it compiles: see `before_compiling`.
UNTOLD: list[Callable[[], None]] = []
# Names of the modules in which rules, passes and decisions stand, filled as they are decorated, wherever they are.
MODULES: set[str] = set()


@functools.cache
def cache_folder() -> Path | None:
    """Return the folder of compiled code, or None if it cannot be written.

    ``ploshcha`` in the folder ``NUMBA_CACHE_DIR`` if the user has set that variable, otherwise in the user's cache
    folder (``XDG_CACHE_HOME`` or ``~/.cache``).
    """
    chosen = os.environ.get("NUMBA_CACHE_DIR")
    user_cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    folder = Path(chosen or user_cache) / "ploshcha"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return folder if os.access(folder, os.W_OK) else None


def before_compiling(tell: Callable[[], None]) -> Callable[[], None]:
    """Let a function that imports Numba and registers something there run before the next compilation, once."""
    UNTOLD.append(tell)
    return tell


def _compiler() -> Any:
    """Import Numba and tell it what it has to know."""
    import numba

    while UNTOLD:
        UNTOLD.pop(0)()
    return numba


class OnDemand:
    """A shipped rule or pass: compiled when it is first called, or met by the compiler in another one.

    The Python function is reachable as ``.py_func``, Numba's dispatcher as ``.compiled``, the one that only the
    compiler meets as ``.met``; ``.again()`` compiles anew.
    """

    def __init__(self, function: Callable, make: Callable[[bool], Any]) -> None:
        functools.update_wrapper(self, function)
        self._make = make

    @functools.cached_property
    def compiled(self) -> Any:
        """Numba's dispatcher."""
        return self._make(False)

    @functools.cached_property
    def met(self) -> Any:
        """Numba's dispatcher inside other rules and passes; from Python it cannot be called."""
        return self._make(True)

    @property
    def _numba_type_(self) -> Any:
        return self.met._numba_type_

    def __call__(self, *values: Any, **named: Any) -> Any:
        """Call the compiled one."""
        return self.compiled(*values, **named)

    def __reduce__(self) -> str:
        return self.__qualname__  # type: ignore[attr-defined]


def _on_demand(function: Callable, make: Callable[[bool], Any], cache: bool) -> Any:
    """Put off what is shipped; a user's own function is compiled where it stands, and so is one made anew."""
    is_shipped = function.__module__.partition(".")[0] in COMPILED_PACKAGES
    return OnDemand(function, make) if cache and is_shipped else make(False)


def signature(function: Callable) -> Any:
    """Return the Numba signature that the annotations of `function` ask for.

    Raises
    ------
    TypeError
        If an argument or the result is not annotated with int, float, bool, a named tuple of them or (result only) a
        tuple of them.
    """
    hints = typing.get_type_hints(function)
    missing = [name for name in [*inspect.signature(function).parameters, "return"] if name not in hints]
    if missing:
        raise TypeError(f"rule {function.__qualname__}: no annotation for {', '.join(missing)}")
    result = _numba_type(function, hints.pop("return"))
    return result(*(_numba_type(function, hint) for hint in hints.values()))


def _numba_type(function: Callable, annotation: type) -> Any:
    """Return the 64-bit Numba type of one annotation."""
    from numba import types

    if typing.get_origin(annotation) is tuple:
        items = typing.get_args(annotation)
        return types.BaseTuple.from_types([_numba_type(function, item) for item in items])
    if _is_record(annotation):
        fields = [_numba_type(function, each) for each in typing.get_type_hints(annotation).values()]
        return types.BaseTuple.from_types(fields, annotation)
    scalars = {int: types.int64, float: types.float64, bool: types.boolean}
    if annotation not in scalars:
        raise TypeError(f"rule {function.__name__}: {annotation!r} is not int, float, bool or tuple of them")
    return scalars[annotation]


def _is_record(annotation: Any) -> bool:
    """Say whether an annotation is a class of named tuples."""
    return isinstance(annotation, type) and issubclass(annotation, tuple) and hasattr(annotation, "_fields")


def rule(function: Callable, *, cache: bool = True) -> Callable:
    """Compile a scalar rule for the one signature of its annotations.

    What would be a long list of numbers is a named tuple of floats, made with keywords: a swap can be seen.
    int is int64, float is float64: values of smaller types are widened first, no arithmetic happens in them.
    The Python function stays reachable as ``.py_func``; ``.again()`` compiles it anew, with what it calls by then.

    `cache` is False for a shipped rule that calls a replaced one (`sim.rulebook`).

    A user's rule is compiled here: one with a mistake fails where it stands. A shipped one waits (`OnDemand`).
    """

    def make(is_met: bool) -> Any:
        made = _dispatcher(function, {"_nrt": False}, cache, is_met)
        if made is function:
            return _converting(function)
        made.compile(signature(function))
        made.disable_compile()
        return made

    return _known(_on_demand(function, make, cache), function, lambda: rule(function, cache=False))


def kernel(function: Callable | None = None, *, cache: bool = True, is_counted: bool = True) -> Callable:
    """Compile a pass over columns, on its first call, for the types it is called with.

    Parameters
    ----------
    function : callable
        The pass: loops over rows and calls rules. It releases the GIL.
    cache : bool
        False for a pass that calls rules from outside these packages: their edits would go unnoticed.
    is_counted : bool
        False for a pass that makes no array: counting who holds its arrays would take most of its time.
    """
    if function is None:
        return functools.partial(kernel, cache=cache, is_counted=is_counted)

    def make(is_met: bool) -> Any:
        return _dispatcher(function, {} if is_counted else {"_nrt": False}, cache, is_met)

    made = _known(_on_demand(function, make, cache), function,
                  lambda: kernel(function, cache=False, is_counted=is_counted))  # fmt: skip
    made.is_counted = is_counted
    return made


def _dispatcher(function: Callable, options: dict[str, Any], cache: bool, is_met: bool) -> Any:
    """Return Numba's dispatcher of a function, which keeps its compiled code on disk where it may; or Python's own."""
    made = _compiler().njit(**COMPILER_OPTIONS, **options, **(MET_ONLY if is_met else {}))(function)
    return keep(made, function) if made is not function and cache and _may_cache(function, is_met) else made


def _known(made: Any, function: Callable, again: Callable) -> Any:
    """Let a rulebook find what was made of a function, and make it anew."""
    made.py_func, made.again = function, again
    MODULES.add(function.__module__)
    return made


def _may_cache(function: Callable, is_met: bool = False) -> bool:
    """Point Numba at the cache folder and say whether `function` may be kept there, apart where it `is_met` only.

    Only ours may be: a rule from a notebook or another package is compiled afresh in each process. Numba rereads its
    settings when a NUMBA_* variable changes, so the folder is set at every decoration.
    """
    folder = cache_folder()
    if folder is None:
        return False
    import numba

    numba.config.CACHE_DIR = str(folder / "met" if is_met else folder)
    source = Path(function.__code__.co_filename).resolve()
    return source in _covered()


@functools.cache
def _covered() -> frozenset[Path]:
    """Return the files of ours."""
    return frozenset(source for package in COMPILED_PACKAGES for source in own_sources(package))


def _converting(function: Callable) -> Callable:
    """Return the Python function, its arguments and result converted as the compiled one converts them."""
    hints = typing.get_type_hints(function)
    names = list(inspect.signature(function).parameters)

    @functools.wraps(function)
    def converted(*args, **kwargs):
        named = dict(zip(names, args, strict=False)) | kwargs
        result = function(**{name: value if _is_record(hints[name]) else hints[name](value)
                             for name, value in named.items()})  # fmt: skip
        return result if isinstance(result, tuple) else hints["return"](result)

    return converted
