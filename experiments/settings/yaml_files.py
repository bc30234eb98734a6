"""YAML files written by people: read with bounds, since a few lines of aliases can stand for millions of values."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from experiments.words import LOOKED_UP
from sim.errors import InputError, not_allowed

MOST_VALUES = 100_000  # of a file, with everything that its aliases repeat
MOST_BYTES = 10_000_000
KEYS = [f"tag:yaml.org,2002:{kind}" for kind in ("str", "int", "float", "bool", "merge")]  # kinds of names


def check_yaml(path: Path) -> None:
    """Refuse a file that stands for more values than anybody writes.

    Raises
    ------
    InputError
        It cannot be read, is no YAML, or its aliases repeat too much, or themselves.
    """
    import yaml

    try:
        if (size := path.stat().st_size) > MOST_BYTES:
            raise not_allowed(path.name, "size", size, f"at most {MOST_BYTES:,} bytes")
        with path.open(encoding="utf-8-sig") as file:
            root = yaml.compose(file, Loader=yaml.SafeLoader)
    except (OSError, UnicodeDecodeError, yaml.YAMLError, RecursionError) as error:
        raise InputError(f"{path.name} cannot be read: {_told(error)}") from error
    if root is not None and (n := _count(root, path.name, {}, frozenset())) > MOST_VALUES:
        raise not_allowed(path.name, "number of values", f"{n:.3g}", f"at most {MOST_VALUES:,}, aliases written out")


def _told(error: Exception) -> str:
    """Return what is wrong, where it is a reader's complaint with line and column."""
    mark = getattr(error, "problem_mark", None)
    if mark is not None:
        return f"line {mark.line + 1}, column {mark.column + 1}: {getattr(error, 'problem', None) or error}"
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    return getattr(error, "strerror", None) or str(error)


def _count(node: Any, where: str, known: dict[int, int], above: frozenset[int]) -> int:
    """Return the number of values below a node, aliases written out; each node is looked at once."""
    if id(node) in above:
        raise not_allowed(where, "alias", f"line {node.start_mark.line + 1}", "an alias of what does not hold it")
    if isinstance(node.value, str) and LOOKED_UP.search(node.value):
        place = f"{where} line {node.start_mark.line + 1}"
        raise not_allowed(place, "value", node.value, "a value, or ${name} of another setting: nothing is looked up")
    for key, _ in node.value if node.id == "mapping" else ():
        if key.id != "scalar" or key.tag not in KEYS:
            shown = key.value if key.id == "scalar" else f"a {key.id}"
            raise not_allowed(f"{where} line {key.start_mark.line + 1}", "key", shown, "the name of a setting")
    if id(node) not in known:
        below = [part for pair in node.value for part in (pair if isinstance(pair, tuple) else (pair,))]
        inner = above | {id(node)}
        known[id(node)] = 1 + (0 if isinstance(node.value, str) else
                               sum(_count(part, where, known, inner) for part in below))  # fmt: skip
    return known[id(node)]


def read_mapping(path: Path) -> dict[str, Any]:
    """Read a file of settings by name, of which ${name} stays as it is; an empty one has none.

    Raises
    ------
    InputError
        As `read_yaml`; or it holds something else.
    """
    found = read_yaml(path, is_settings=True)
    if not isinstance(found, dict | None):
        raise not_allowed(path.name, "content", found, "settings by name")
    return found or {}


def read_yaml(path: Path, is_settings: bool = False) -> Any:
    """Read a file into plain values, as Hydra reads its own; nothing in it is looked up or replaced.

    Raises
    ------
    InputError
        As `check_yaml`; or it holds an interpolation, and is no file of settings.
    """
    from omegaconf import OmegaConf
    from omegaconf.errors import OmegaConfBaseException
    from yaml import YAMLError

    check_yaml(path)
    try:
        found = OmegaConf.to_container(OmegaConf.load(path), resolve=False)
    except (OmegaConfBaseException, YAMLError, OSError, ValueError, TypeError, RecursionError) as error:
        raise InputError(f"{path.name} cannot be read: {_told(error)}") from error
    if not is_settings:
        _refuse_interpolations(found, path.name, "")
    return found


def _refuse_interpolations(found: Any, where: str, name: str) -> None:
    if isinstance(found, dict):
        for key, value in found.items():
            _refuse_interpolations(value, where, f"{name}.{key}" if name else str(key))
    elif isinstance(found, list):
        for value in found:
            _refuse_interpolations(value, where, name)
    elif isinstance(found, str) and "${" in found:
        raise not_allowed(where, name, found, "a value itself: nothing is put in for ${...} here")
