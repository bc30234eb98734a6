"""A figure on the disk: pictures, the numbers that are drawn, and what is asked, shown, and how it is made again."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from experiments.settings.read import FigureForm
from experiments.store.files import write_whole

DPI = 200
# without times and random names: the same figure has the same bytes
METADATA = {"png": {"Software": "ploshcha"}, "pdf": {"CreationDate": None, "ModDate": None}, "svg": {"Date": None}}
FIXED: Any = {"svg.hashsalt": "ploshcha", "svg.fonttype": "none", "pdf.fonttype": 42}


@dataclass(frozen=True)
class Sheet:
    """A figure, the columns of numbers that it draws, the question it answers, and its caption."""

    figure: Any
    columns: Mapping[str, Sequence[Any]]
    question: str
    caption: str


def write_sheet(folder: Path, name: str, sheet: Sheet, forms: Sequence[FigureForm], command: str) -> None:
    """Write a figure in all forms asked for, each file whole.

    Parameters
    ----------
    folder : path
        Where to.
    name : str
        Of the files, without ending.
    sheet : Sheet
        What to write.
    forms : sequence of str
        Of `FORMS`.
    command : str
        That makes the figure.
    """
    for form in forms:
        write_whole(folder / f"{name}.{form}", _content(name, sheet, form, forms, command))


def _content(name: str, sheet: Sheet, form: FigureForm, forms: Sequence[FigureForm], command: str) -> bytes:
    if form == "csv":
        return table(sheet.columns)
    if form == "md":
        shown = next((f"![{name}]({name}.{each})\n\n" for each in ("png", "svg") if each in forms), "")
        text = f"# {name}\n\n**Question.** {sheet.question}\n\n{shown}{sheet.caption}\n\n    {command}\n"
        return text.encode()
    return picture(sheet.figure, form)


def picture(figure: Any, form: str) -> bytes:
    """Return a figure as a picture; the bytes depend only on what it shows and the version of matplotlib."""
    from matplotlib import rc_context

    content = io.BytesIO()
    with rc_context(FIXED):
        figure.savefig(content, dpi=DPI, format=form, metadata=METADATA[form])
    return content.getvalue()


def table(columns: Mapping[str, Sequence[Any]]) -> bytes:
    """Return columns as CSV, numbers to seven digits."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    for row in zip(*columns.values(), strict=True):
        writer.writerow([f"{value:.7g}" if isinstance(value, float) else value for value in row])
    return text.getvalue().encode()


def as_columns(rows: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """Return rows as columns."""
    return {name: [row[name] for row in rows] for name in (rows[0] if rows else ())}
