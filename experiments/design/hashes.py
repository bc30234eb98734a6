"""Hashes by which runs and sweeps are told apart."""

from __future__ import annotations

import hashlib
from typing import Any

IRRELEVANT = ("threads", "inspect")  # no result depends on them


def text_hash(*parts: str) -> str:
    """Hash texts, each with its length, so that no two lists of texts collide."""
    total = hashlib.sha256()
    for part in parts:
        content = part.encode()
        total.update(f"{len(content)}\0".encode() + content)
    return total.hexdigest()


def parameters_hash(parameters: Any) -> str:
    """Hash resolved parameters but for the seed and what no result depends on; where the data lie is left out."""
    found = parameters.model_dump_json(exclude={"seed": True, "scenario": {"data"}, **dict.fromkeys(IRRELEVANT, True)})
    return hashlib.sha256(found.encode()).hexdigest()
