"""Settings that follow from what is declared beside the rules, as Hydra finds them: no file lists a mechanism.

Hydra composes ``conf/config.yaml``, which names `declared`: all declared values, and a group for each mechanism, for
the population and for the timeline's changes. In each group there is one file without changes; a case's own files hold
only what differs.
"""

from __future__ import annotations

import functools
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

DECLARED_NAME = "declared"
SEARCH_PATH = "hydra.searchpath"  # what a folder of the user's is given by
BASE_CASE = "belarus_2020"  # file of a group in which nothing differs from what is declared
RECORDED = "as_recorded"  # the same of the group `forcings`


def base_files() -> dict[str, str]:
    """Return the groups that are declared, each with the name of its file in which nothing differs."""
    from sim.parameters import GROUPS

    return {**dict.fromkeys(GROUPS, BASE_CASE), "forcings": RECORDED}


def declared_settings() -> dict[str, Any]:
    """Return the values that are declared, and a timeline as recorded, by group."""
    from sim.parameters import GROUPS, Forcings

    values: dict[str, Any] = {name: _lists(asdict(group())) for name, group in GROUPS.items()}
    return values | {"forcings": Forcings().model_dump(mode="json")}


def _lists(values: dict[str, Any]) -> dict[str, Any]:
    return {name: [list(row) for row in value] if isinstance(value, tuple) else value for name, value in values.items()}


@contextmanager
def known_to_hydra(groups: Collection[str] | None = None) -> Iterator[None]:
    """Let Hydra find the declared settings; afterwards it knows what it knew before.

    Hydra takes .01 s for a group. Where some are named, there is no choice in the others: their file changes nothing.
    """
    from hydra.core.config_store import ConfigStore

    store = ConfigStore.instance()
    outer, store.repo = store.repo, {**store.repo, **_repository(None if groups is None else frozenset(groups))}
    try:
        yield
    finally:
        store.repo = outer


@functools.cache
def _repository(groups: frozenset[str] | None) -> dict[str, Any]:
    """Return what Hydra's store holds, with some groups or all: files by name, folders as dictionaries."""
    from hydra.core.config_store import ConfigNode
    from omegaconf import OmegaConf

    def file(name: str, values: dict[str, Any], group: str | None = None) -> dict[str, ConfigNode]:
        return {f"{name}.yaml": ConfigNode(f"{name}.yaml", OmegaConf.create(values), group, None, "ploshcha")}

    files = {group: name for group, name in base_files().items() if groups is None or group in groups}
    choices = {"defaults": ["_self_", *({group: name} for group, name in files.items())]}
    folders = {group: file(name, {}, group) for group, name in files.items()}
    return file(DECLARED_NAME, choices | declared_settings()) | folders
