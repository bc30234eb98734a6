"""What stands behind a verb: overrides ``name=value``, and a few options."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from experiments.words import path_of
from sim.errors import InputError, not_allowed

OPTIONS = ("--config-dir", "-h", "--help")
MULTIRUN = ("-m", "--multirun")


@dataclass(frozen=True)
class Options:
    """What stands behind a verb."""

    overrides: tuple[str, ...]
    is_multirun: bool = False
    config_dir: str | None = None
    is_help: bool = False


def parse_options(arguments: Sequence[str], has_multirun: bool = False) -> Options:
    """Tell options from overrides; `-m` is one where several jobs can be run.

    Raises
    ------
    InputError
        An option is not known, or ``--config-dir`` names no folder.
    """
    overrides: list[str] = []
    is_multirun = is_help = False
    config_dir: str | None = None
    known = (*MULTIRUN, *OPTIONS) if has_multirun else OPTIONS
    rest = iter(arguments)
    for word in rest:
        name, equals, value = word.partition("=")
        if not word.startswith("-"):
            overrides.append(word)
        elif has_multirun and word in MULTIRUN:
            is_multirun = True
        elif word in ("-h", "--help"):
            is_help = True
        elif name == "--config-dir":
            config_dir = value if equals else next(rest, "")
        else:
            raise not_allowed("", "option", word, "one of " + ", ".join(known), known)
    if config_dir == "":
        raise InputError("--config-dir is empty: a folder that exists")
    return Options(tuple(overrides), is_multirun, config_dir, is_help)


def whole_number(own: Mapping[str, str], name: str, allowed: str = "an integer") -> int | None:
    """Return a setting as an integer; None if it was not given. Which integers it may be, says who uses it.

    Raises
    ------
    InputError
        It is something else.
    """
    if name not in own:
        return None
    if not re.fullmatch(r"-?[0-9]{1,9}", own[name]):
        raise not_allowed("", name, own[name], allowed)
    return int(own[name])


def folders_and_settings(
    arguments: Sequence[str], names: Sequence[str], shown: str, flags: Sequence[str] = ()
) -> tuple[list[Path], dict[str, str]]:
    """Tell folders of runs from settings of what is shown of them.

    Parameters
    ----------
    names : sequence of str
        Of the settings.
    shown : str
        What the refusal of another option says is allowed.
    flags : sequence of str
        Options without a value; the caller looks for them.

    Raises
    ------
    InputError
        There is another option.
    """
    folders, own = [], {}
    for word in arguments:
        name, equals, value = word.partition("=")
        if equals and name in names:
            own[name] = value
        elif word.startswith("-") and word not in flags:
            raise not_allowed("", "option", word, shown, flags)
        elif word not in flags:
            folder = path_of("folder", word)
            if equals and not folder.exists():
                raise not_allowed("", name, value, f"no such setting; there are {shown}", names)
            folders.append(folder)
    return folders, own
