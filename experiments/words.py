"""Overrides such as ``job_pressure.threat=0.4``: read them, and say in one line what is wrong with one.

Hydra answers a misspelt name with ten lines and no suggestion. Here its answer is only the sign that
something is wrong; what is told to the user is worked out from the settings that do exist.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.errors import InputError, not_allowed

if TYPE_CHECKING:
    from hydra.core.override_parser.types import Override

PATH_SETTINGS = ("out", "start", "scenario.data")
MOST_VALUES = 1_000_000  # of a setting
LOOKED_UP = re.compile(r"(?<!\\)(?:\\\\)*\$\\?\{[^}]*:")  # ${oc.env:HOME}, of the machine; ${name} is another setting
HYDRA_FOLDER = "hydra"  # settings of Hydra itself, such as hydra/launcher=joblib


def nearest_setting(word: str, names: Iterable[str]) -> str | None:
    """Return the setting that looks most like a misspelt one, or None if none does.

    Those who leave the group out (``threat``) or write another's (``fear.threat``) get the setting with that last part.
    """
    known = list(names)
    last = word.lower().rpartition(".")[2]
    by_last = {name.lower().rpartition(".")[2]: name for name in reversed(known)}
    by_full = {name.lower(): name for name in known}
    close = difflib.get_close_matches(word.lower(), by_full, n=1, cutoff=0.75)
    if close and last not in by_last:
        return by_full[close[0]]
    close_last = difflib.get_close_matches(last, by_last, n=1, cutoff=0.6)
    same_last = [name for name in known if name.lower().rpartition(".")[2] == last]
    if same_last:  # of several groups that have it, the one whose name is nearest
        return max(same_last, key=lambda name: difflib.SequenceMatcher(None, word.lower(), name.lower()).ratio())
    return by_last[close_last[0]] if close_last else None


def unknown_setting(name: str, value: object, names: Iterable[str]) -> InputError:
    """Build the error for a setting that does not exist: the nearest one, else all that could have been meant."""
    known = list(dict.fromkeys(names))
    group = f"{name.partition('.')[0]}."
    members = [other.removeprefix(group) for other in known if other.startswith(group)] if "." in name else []
    if members:
        last = name.removeprefix(group)
        near = nearest_setting(last, members)
        near, allowed = near and group + near, f"known in {group[:-1]} are {', '.join(members)}"
    else:
        top = dict.fromkeys(other.partition(".")[0] for other in known if "/" not in other)
        near, allowed = nearest_setting(name, known), f"known are {', '.join(top)}"
    error = not_allowed("", name, as_written(value), "no such setting" + ("" if near else f"; {allowed}"))
    return UnknownSetting(name, f"{error}; did you mean {near}?" if near else str(error))


class UnknownSetting(InputError):
    """A setting that does not exist, of the name `name`."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.name = name


@contextmanager
def also_known(names: Iterable[str]) -> Iterator[None]:
    """Let a misspelt setting be the command's own as well, such as ``replicates``, where that name is near."""
    try:
        yield
    except UnknownSetting as error:
        told, known = str(error).partition("no such setting")[0], list(names)
        if error.name.partition(".")[0] in known:
            raise UnknownSetting(error.name, f"{told}no setting of a run; the command line takes it") from None
        near = difflib.get_close_matches(error.name, known, n=1, cutoff=0.75)
        if not near:
            raise
        raise UnknownSetting(error.name, f"{told}no such setting; did you mean {near[0]}?") from None


def as_written(value: object) -> str:
    """Return a value the way it is written in an override."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, list | tuple):
        return f"[{','.join(map(as_written, value))}]"
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{as_written(key)}:{as_written(inner)}" for key, inner in value.items()) + "}"
    return str(value)


def dotted_names(settings: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    """Yield the full name of every setting, such as ``job_pressure.threat``."""
    for key, value in settings.items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping):
            yield from dotted_names(value, f"{name}.")
        else:
            yield name


def parse(overrides: Sequence[str]) -> list[Override]:
    """Read override strings.

    Raises
    ------
    InputError
        An override is not of the form name=value, deletes a setting, or gives several values to one that another
        one sets, too. Of single values the last one holds, as everywhere in Hydra.
    """
    from hydra.core.override_parser.overrides_parser import OverridesParser

    parse_one = OverridesParser.create().parse_override
    parsed: list[Override] = []
    for text in overrides:
        override = _parsed(text, parse_one)
        for other in parsed:
            has_several = other.is_sweep_override() or override.is_sweep_override()
            if has_several and other.key_or_group == override.key_or_group:
                raise InputError(f"{override.key_or_group} is given twice, {other.input_line} and {text}: give all "
                                 "values of a setting at once")  # fmt: skip
        parsed.append(override)
    return parsed


def _parsed(text: str, parse_one: Callable[[str], Override]) -> Override:
    """Read one override string."""
    from hydra.errors import HydraException

    check_text("word", text)
    if LOOKED_UP.search(text):
        raise InputError(f"{text} is not allowed: nothing is looked up here; ${{name}} of another setting can be")
    try:
        override = parse_one(_path_quoted(text, parse_one))
    except HydraException:
        raise _malformed(text) from None
    if override.is_delete():
        raise InputError(f"{text} is not allowed: no setting can be deleted; strength=0 switches a mechanism off")
    if not override.key_or_group:
        raise _malformed(text)
    if override.key_or_group == "hydra.searchpath":
        raise InputError(f"{text} is not allowed: name your own folder with --config-dir DIR")
    if override.package is not None:
        raise InputError(f"{text} is not allowed: settings are written name=value, without @")
    if has_values(override):
        values_of(override)
    return override


def check_text(field: str, text: str) -> None:
    """Refuse what was typed, or a path, with bytes that are no text: no manifest could hold it.

    Raises
    ------
    InputError
        It has some, or the system was told (``LANG=C``) that text is ASCII; or a program gave something else.
    """
    if not isinstance(text, str):
        raise not_allowed("", field, text, "a text, such as 'seed=3'")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise not_allowed("", field, text, "text in UTF-8 (LANG=C.UTF-8 tells the system so)") from None


def _path_quoted(text: str, parse_one: Callable[[str], Any]) -> str:
    """Quote a path that Hydra cannot read bare, such as ``out=~/first run``, or reads as a number, such as ``1e3``."""
    from hydra.errors import HydraException

    name, equals, value = text.partition("=")
    if name not in PATH_SETTINGS or not equals:
        return text
    try:
        is_changed = isinstance(parse_one(text).value(), int | float)
    except HydraException:
        is_changed = True
    return f"{name}={quoted(value)}" if is_changed and value.lower() not in ("true", "false") else text


def path_of(name: str, text: str | Path) -> Path:
    """Return the path that a setting names; ``~`` is a home folder.

    Raises
    ------
    InputError
        It is the home of nobody.
    """
    try:
        return Path(text).expanduser()
    except RuntimeError:
        raise not_allowed("", name, text, "a path; nobody has such a home folder") from None


def quoted(value: object) -> str:
    """Return a text so that an override is read as exactly this text: ``1e3`` is no number, ``${a}`` no other setting.

    In Hydra's quotes a backslash is special before a quote only, in OmegaConf's texts before ``${`` only.
    """
    literal = re.sub(r"(\\*)\$\{", r"\1\1\\${", str(value))
    escaped = re.sub(r"(\\*)'", r"\1\1\\'", literal)
    return "'" + re.sub(r"(\\+)$", r"\1\1", escaped) + "'"


def meaning(value: Any) -> Any:
    """Return what two ways of writing the same value have in common: 1, 1.0, 1e0, '1' and true are one value."""
    if isinstance(value, int | float | str):
        with suppress(ValueError, OverflowError):
            return float(value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def check_once(where: str, name: str, values: Sequence[Any]) -> None:
    """Refuse to run the same value twice: replicates do that under other seeds.

    Raises
    ------
    InputError
        Two of the values are the same.
    """
    if len({meaning(value) for value in values}) < len(values):
        raise not_allowed(where, name, ",".join(map(as_written, values)), "each value once")


def has_values(override: Override) -> bool:
    """Whether several values are listed, and do not stand for names of files yet to be found."""
    from hydra.core.override_parser.types import Glob

    return override.is_discrete_sweep() and not isinstance(override.value(), Glob)


def values_of(override: Override) -> tuple[Any, ...]:
    """Return the values of a setting that has several, in the order given.

    Raises
    ------
    InputError
        There are too many or none, one stands twice, or their order is not always the same.
    """
    if getattr(override.value(), "shuffle", False):
        raise InputError(f"{override.input_line} is not allowed: values in an order that is always the same")
    name, text = override.key_or_group, override.get_value_string()
    if getattr(override.value(), "step", 1) == 0:
        raise not_allowed("", name, text, "a range whose step is not 0")
    values = tuple(_unquoted(value) for value in islice(override.sweep_iterator(), MOST_VALUES + 1))
    if not 1 <= len(values) <= MOST_VALUES:
        raise not_allowed("", name, text, f"at least one value, and at most {MOST_VALUES:,}")
    check_once("", name, values)
    return values


def _unquoted(value: Any) -> Any:
    """Return a value as it is meant: quotes only say that it is a text."""
    from hydra.core.override_parser.types import QuotedString

    if isinstance(value, QuotedString):
        return value.text
    if isinstance(value, list):
        return [_unquoted(part) for part in value]
    return {_unquoted(k): _unquoted(v) for k, v in value.items()} if isinstance(value, dict) else value


def _malformed(text: str) -> InputError:
    """Build the error for what is no override; a value without a name may be what a group is to be set to."""
    hint = "quote values with blanks, commas, brackets or colons" if "=" in text else "for example seed=3"
    return InputError(f"{text or 'an empty word'} is not allowed: settings are written name=value; {hint}")


def refuse_hydra(overrides: Iterable[Override]) -> None:
    """Refuse words about Hydra, which does nothing but compose unless it launches the jobs of ``run -m``."""
    for override in overrides:
        if override.key_or_group.replace("/", ".").partition(".")[0] == HYDRA_FOLDER:
            raise InputError(f"{override.input_line} is not allowed: only ploshcha run -m launches by Hydra")


def refuse_sweeps(overrides: Iterable[Override]) -> None:
    """Refuse several values for a setting, which only ``-m`` can run."""
    for override in overrides:
        if override.is_sweep_override():
            raise InputError(f"{override.input_line} is not allowed: one value for each setting, or add -m")


def explain(
    overrides: Iterable[Override],
    names: Sequence[str],
    choices: Mapping[str, Sequence[str]],
    error: Exception,
) -> InputError:
    """Say which override is at fault when Hydra refused to compose.

    Parameters
    ----------
    overrides : iterable of Override
        What the user asked for.
    names : sequence of str
        Full names of all settings that exist.
    choices : mapping of str to sequence of str
        The groups that exist, and the files of each.
    error : Exception
        What Hydra said; repeated in one line if no override is found to be at fault.
    """
    for override in overrides:
        fault = _fault(override, names, choices, str(error))
        if fault:
            return fault
    told = str(error).partition("\n")[0]
    if (name := getattr(error, "full_key", None)) and (lost := re.match("Interpolation key '(.*)' not found", told)):
        found = f"${{{lost[1]}}}"
        return not_allowed("", name, found, "a value, or ${name} of another setting; this one is not found")
    return InputError(f"settings cannot be composed: {str(error).partition('Config search path')[0]}")


def wrong_choice(override: Override, files: Sequence[str]) -> InputError | None:
    """Build the error for what is none of the files of a group; None if it is one."""
    chosen = _unquoted(override.value())
    if isinstance(chosen, str) and chosen in files:
        return None
    return not_allowed("", override.key_or_group, as_written(chosen), "one of " + (", ".join(files) or "none"), files)


def _fault(
    override: Override, names: Sequence[str], choices: Mapping[str, Sequence[str]], told: str
) -> InputError | None:
    key, value = override.key_or_group, override.get_value_string()
    if key in choices:
        return wrong_choice(override, choices[key])
    is_known = key in names or any(name.startswith(f"{key}.") for name in names)
    if key.partition(".")[0] == HYDRA_FOLDER:
        return not_allowed("", key, value, "a setting that Hydra has") if key in told else None
    if not is_known:
        return unknown_setting(key, value, [*names, *choices])
    if override.is_add():
        return InputError(f"{override.input_line} is not allowed: a setting is changed, without +: {key}={value}")
    if "${" in (plain := value.replace("\\", "")):  # Hydra's own sweeper writes $\{name\}
        return not_allowed("", key, plain, "a value, or ${name} of another setting; this one is not found")
    if value.startswith(("[", "{")) and key in told:
        return not_allowed("", key, value, "a value of the kind that this setting has (ploshcha show config tells it)")
    return None
