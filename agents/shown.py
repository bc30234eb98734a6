"""What a notebook shows of a model, its agents and its settings: a table of HTML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

LARGE = 1e6  # from here on six digits do not tell a number of persons


def html_table(caption: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return texts as an HTML table; nothing in them is read as HTML."""
    lines = ["".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in row)
             for tag, row in (("th", head), *(("td", row) for row in rows))]  # fmt: skip
    return f"<table><caption>{escape(caption)}</caption>{''.join(f'<tr>{line}</tr>' for line in lines)}</table>"


def told(value: Any) -> str:
    """Return a value in few words; what has parts, as ``name=value``, parts of parts in brackets."""
    if isinstance(value, Mapping):
        parts = ((name, told(part), isinstance(part, Mapping)) for name, part in value.items())
        return ", ".join(f"{name}=({text})" if is_nested else f"{name}={text}" for name, text, is_nested in parts)
    if isinstance(value, float):
        return f"{value:g}" if abs(value) < LARGE else f"{value:,.0f}"
    return str(value)
