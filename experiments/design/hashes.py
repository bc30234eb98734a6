"""Hashes by which runs and sweeps are told apart."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from agents.rules.declaration import Group

IRRELEVANT = ("threads", "inspect")  # no result depends on them


def text_hash(*parts: str) -> str:
    """Hash texts, each with its length, so that no two lists of texts collide."""
    total = hashlib.sha256()
    for part in parts:
        content = part.encode()
        total.update(f"{len(content)}\0".encode() + content)
    return total.hexdigest()


def essential(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return of resolved settings what results depend on, so that a mechanism that is off changes no hash.

    Left out are mechanisms that are off, whose other parameters change nothing; parameters at the value that they
    declare as `absent`; what is not changed in the timeline; and where the data lie, since what they hold has its own
    hash. A value is never left out for being the default: defaults may change.
    """
    from sim.parameters import GROUPS, Forcings

    kept = dict(config)
    absent = {"main_day": "sunday"}  # as before there were others
    if kept.get("staff_per_agent") == 1.0:  # as before there was another scale
        del kept["staff_per_agent"]
    kept["scenario"] = {key: value for key, value in config["scenario"].items()
                        if key != "data" and value != absent.get(key)}  # fmt: skip
    for name in GROUPS.keys() & config.keys():
        kept[name] = _without_absent(GROUPS[name], config[name])
        if config[name].get(getattr(GROUPS[name], "switch", ""), 1) == 0:
            del kept[name]
    if "forcings" in config:
        recorded = Forcings().model_dump(mode="json")
        kept["forcings"] = {key: _changes(value, recorded[key]) for key, value in config["forcings"].items()
                            if value != recorded[key]}  # fmt: skip
    return kept


def _without_absent(group: type[Group], values: Mapping[str, Any]) -> dict[str, Any]:
    absent = {each.name: each.metadata["json_schema_extra"]["absent"] for each in fields(group)}
    return {name: value for name, value in values.items() if absent[name] is None or value != absent[name]}


def _changes(found: Any, recorded: Any) -> Any:
    """Return what a change of the timeline says beyond "as recorded"."""
    if not isinstance(found, Mapping):
        return found
    return {key: value for key, value in found.items() if value != recorded[key]}


def config_hash(config: Mapping[str, Any]) -> str:
    """Hash resolved settings, as far as results depend on them."""
    text = json.dumps(essential(config), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def parameters_hash(parameters: Any) -> str:
    """Hash resolved parameters but for the seed and what no result depends on; where the data lie is left out."""
    return config_hash(parameters.model_dump(mode="json", exclude={"seed", *IRRELEVANT}))
