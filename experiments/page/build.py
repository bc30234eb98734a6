"""Puts the page together: one file, no build step, nothing fetched from anywhere.

The page's own modules in ``assets`` are plain ES modules. They are inlined through an import map, so that what a
browser runs is what stands in the files.
"""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ASSETS = Path(__file__).with_name("assets")
# Imported ones come first.
MODULES = ("words", "data", "palette", "link", "map", "hover", "help", "chart", "curves", "tables", "person", "why",
           "story", "main")  # fmt: skip
ADDRESS = re.compile(r"https?://[\w./~-]+")  # in comments of the library: the page names no other host


def page(description: Mapping[str, Any], numbers: str) -> str:
    """Return the page of one or two runs.

    Parameters
    ----------
    description, numbers
        From `experiments.page.payload.payload`.
    """
    titles = dict.fromkeys(run["title"] for run in description["runs"])
    parts = {
        "title": html.escape(" / ".join(titles)),
        "style": _asset("uplot.css") + _asset("page.css"),
        "licence": _in_script(_asset("uplot.LICENSE.txt")),
        "library": _in_script(ADDRESS.sub("", _asset("uplot.js"))),
        "imports": json.dumps({"imports": {f"ploshcha/{name}": _address(name) for name in MODULES}}),
        "description": _in_script(json.dumps(description, ensure_ascii=False, allow_nan=False, separators=(",", ":"))),
        "numbers": numbers,
    }
    return re.sub(r"\{\{(\w+)\}\}", lambda found: parts[found[1]], _asset("page.html"))


def _asset(name: str) -> str:
    return (ASSETS / name).read_text(encoding="utf-8")


def _address(module: str) -> str:
    """Return a module as a data address."""
    return "data:text/javascript;base64," + base64.b64encode(_asset(f"{module}.js").encode()).decode()


def _in_script(text: str) -> str:
    """Return a text that ends no script element."""
    return text.replace("</", "<\\/").replace("<!--", "<\\!--")
