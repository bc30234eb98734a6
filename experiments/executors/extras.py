"""Packages that only some executors need, and what they say when something goes wrong."""

from __future__ import annotations

import logging
import os
from importlib import import_module
from typing import Any

from sim.errors import not_allowed


def needed(package: str, extra: str) -> Any:
    """Import a package that an extra brings."""
    try:
        return import_module(package)
    except ImportError:
        how = f"uv sync --extra {extra}, or pip install 'ploshcha[{extra}]'"
        raise not_allowed("", "executor", extra, f"with {package} installed: {how}") from None


def silence(name: str) -> None:
    """Let a package log nothing: what matters is told in one line."""
    if os.environ.get("PLOSHCHA_DEBUG") != "1":
        for known in (name, *(other for other in logging.root.manager.loggerDict if other.startswith(f"{name}."))):
            logging.getLogger(known).setLevel(logging.CRITICAL)


def last_line(error: BaseException) -> str:
    """Return the last line of what an error says, or its name."""
    return (str(error).strip().splitlines() or [type(error).__name__])[-1].strip()
