"""The folder that ``status``, ``plot``, ``resume``, ``replay`` and ``cite`` are told to work on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from experiments.words import path_of
from sim.errors import InputError, not_allowed


def folder_of(usage: str, arguments: Sequence[str]) -> tuple[Path, list[str]] | None:
    """Return the folder and the rest of the words; None if help was asked for, and given.

    Raises
    ------
    InputError
        There are no words.
    """
    if not arguments or any(word in ("-h", "--help") for word in arguments):
        print(usage, end="")
        if not arguments:
            raise InputError("folder is missing: name the one that it is about, such as results/august")
        return None
    first, *rest = arguments
    return path_of("folder", first), rest


def refuse_more(rest: Sequence[str]) -> None:
    """Refuse words behind the folder."""
    if rest:
        raise not_allowed("", "option", rest[0], "a folder and nothing else")
