"""What a forecast was asked to do: the words of its runs, posteriors, origin, and its folder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from experiments.words import path_of
from sim.errors import InputError

OF_FORECASTS = ("posterior", "rival", "origin", "out", "told", "correction")  # words that are not of its runs


@dataclass(frozen=True)
class Asked:
    """A forecast that is asked for: the words of its runs, posteriors, origin and folder.

    told : file of what was forecast beforehand; then there is neither posterior nor origin.
    """

    words: tuple[str, ...]
    posterior: str
    rival: str | None  # posterior of the rival turnout=additive_2020
    origin: str  # a date, or rolling
    out: Path
    config_dir: str | None
    told: str | None = None
    correction: str | None = None  # folder of a cross-validation, by default that of the posterior if it has one


def read_asked(words: Sequence[str], config_dir: str | None) -> Asked:
    """Return the forecast that is asked for.

    Raises
    ------
    InputError
        Something is missing.
    """
    named = [word.partition("=") for word in words]
    own = {name: value for name, _, value in named if name in OF_FORECASTS}
    needed = {"posterior": "DIR of ploshcha calibrate", "origin": "a day, or rolling", "out": "DIR"}
    if own.get("told"):
        for name in ("posterior", "origin", "rival", "correction"):
            if name in own:
                raise InputError(f"{name}={own[name]} is not allowed: told={own['told']} has been forecast already")
        needed = {"out": "DIR"}
    for name, what in needed.items():
        if not own.get(name):
            raise InputError(f"{name} is missing: {name}={what}")
    rest = [word for word, (name, _, _) in zip(words, named, strict=True) if name not in own]
    if not any(word.startswith("replicates=") for word in rest):
        rest.append("replicates=2")
    out = path_of("out", own["out"])
    return Asked(tuple(rest), own.get("posterior", ""), own.get("rival"), own.get("origin", ""), out, config_dir,
                 own.get("told"), own.get("correction"))  # fmt: skip
