"""Where tables are printed."""

from __future__ import annotations

import io
import sys
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

WIDTH = 80  # columns of what a sweep prints, which documents quote
PLAIN_WIDTH = 120  # columns of a table that goes into a file or a pipe


def make_console() -> Console:
    """Return a console on standard output, wide enough for a table when that is no terminal."""
    from rich.console import Console

    return Console(width=None if sys.stdout.isatty() else PLAIN_WIDTH)


def new_table(*columns: str, texts: int = 1, widths: Sequence[int] = (), has_head: bool = True) -> Any:
    """Return an empty table; its first `texts` columns hold text that may be wrapped, the others numbers."""
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), show_edge=False, show_header=has_head,
                  title_justify="left", title_style="bold")  # fmt: skip
    for number, column in enumerate(columns):
        is_text, width = number < texts, widths[number] if widths else None
        table.add_column(column, justify="left" if is_text else "right", no_wrap=not is_text, width=width,
                         overflow="fold" if is_text else "ellipsis")  # fmt: skip
    return table


def rendered(table: Any, width: int = WIDTH) -> list[str]:
    """Return a table of rich as lines of plain text; in a notebook, too, where rich would show it instead."""
    from rich.console import Console

    text = io.StringIO()
    Console(file=text, width=width, color_system=None, force_jupyter=False).print(table)
    return [line.rstrip() for line in text.getvalue().splitlines()]


def folded(text: str, indent: str = "", width: int = WIDTH) -> list[str]:
    """Break a text into lines; those after the first are indented by two more."""
    return textwrap.wrap(text, width, initial_indent=indent, subsequent_indent=f"{indent}  ", break_on_hyphens=False)
