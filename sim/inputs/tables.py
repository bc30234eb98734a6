"""Reads the CSV files of a scenario row by row and turns cells into checked values.

Every table has the columns ``source`` and ``confidence``: a number without a source is refused.
"""

import csv
import io
import math
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sim.errors import InputError, not_allowed

CONFIDENCE = ("verified", "memory", "assumption")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_INTEGER = re.compile(r"[+-]?\d{1,15}", re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


@dataclass(frozen=True)
class Row:
    """One row of a table, with its address for error messages."""

    file: str
    line: int
    cells: dict[str, str]

    @property
    def where(self) -> str:
        """File name and line number, as errors name them."""
        return f"{self.file} line {self.line}"

    def error(self, field: str, allowed: str, known: Collection[str] = ()) -> InputError:
        """Build the error that says what is allowed in `field` of this row."""
        return not_allowed(self.where, field, self.cells[field], allowed, known)

    def text(self, field: str) -> str:
        """Return the cell, which must not be blank."""
        if not self.cells[field]:
            raise self.error(field, "some text")
        return self.cells[field]

    def choice(self, field: str, known: Collection[str]) -> str:
        """Return the cell, which must be one of the `known` names."""
        if self.cells[field] not in known:
            raise self.error(field, "one of " + ", ".join(known), known)
        return self.cells[field]

    def number(self, field: str, low: float, high: float = math.inf) -> float:
        """Return the cell as a finite number from `low` to `high`."""
        found = self.cells[field]
        value = float(found) if _NUMBER.fullmatch(found) else math.nan
        if not (math.isfinite(value) and low <= value <= high):
            raise self.error(field, f"a number {span(low, high)}")
        return value

    def integer(self, field: str, low: int, high: float = math.inf) -> int:
        """Return the cell as an integer from `low` to `high`."""
        found = self.cells[field]
        if not _INTEGER.fullmatch(found) or not low <= int(found) <= high:
            raise self.error(field, f"an integer {span(low, high)}")
        return int(found)

    def day(self, field: str) -> date:
        """Return the cell as a calendar day."""
        try:
            if not _DAY.fullmatch(self.cells[field]):
                raise ValueError
            return date.fromisoformat(self.cells[field])
        except ValueError:
            raise self.error(field, "a day written like 2020-08-09") from None


def span(low: float, high: float) -> str:
    """Say in words what lies between `low` and `high`."""
    if math.isinf(high):
        return "of any size" if math.isinf(low) else f"of at least {low:g}"
    return f"from {low:g} to {high:g}"


def read_table(
    path: Path | str, columns: tuple[str, ...], content: str, optional: tuple[str, ...] = ()
) -> list[Row]:
    """Read a CSV file with exactly these columns, in any order.

    Parameters
    ----------
    path : path
        The file; UTF-8, comma separated, first line the header.
    columns : tuple of str
        Columns besides ``source`` and ``confidence``, which every table has.
    content : str
        What the file holds, for the message when it is missing.
    optional : tuple of str
        Columns that may be left out: their cells are then blank.

    Returns
    -------
    list of Row
        Cells without surrounding blanks; source and confidence already checked.

    Raises
    ------
    InputError
        The file is missing, is no CSV, or has a header or row of the wrong shape.
    """
    path = Path(path)
    expected = (*columns, "source", "confidence")
    records = read_records(path, f"{content}, columns {','.join(expected)}")
    header = _header(path, records, expected, optional)
    blank = dict.fromkeys(optional, "")
    return [_row(path.name, line, header, cells, blank) for line, cells in records[1:]]


def read_records(path: Path, content: str) -> list[tuple[int, list[str]]]:
    """Return the first line number and the cells, without surrounding blanks, of every record that is not blank.

    Raises
    ------
    InputError
        The file is missing, or is no CSV file in UTF-8 with commas; the message names file and line.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise InputError(f"file {path} is missing: expected {content}") from None
    except OSError as problem:
        raise InputError(f"file {path} cannot be read: {problem.strerror}; expected {content}") from None
    except UnicodeDecodeError as problem:
        line = problem.object.count(b"\n", 0, problem.start) + 1
        found = f"byte 0x{problem.object[problem.start]:02x}"
        raise InputError(f"{path.name} line {line} is not a CSV file in UTF-8: {found}; save it as UTF-8") from None
    records = list(_records(path, text))
    if records and len(records[0][1]) == 1 and (mark := _separator(records[0][1][0])):
        raise not_allowed(f"{path.name} line {records[0][0]}", "separator", mark, "commas between cells")
    return records


def _separator(header: str) -> str:
    """Return what stands between the cells of a header in place of commas, an empty text if nothing does."""
    return next((name for mark, name in ((";", "semicolon"), ("\t", "tab"), ("|", "bar")) if mark in header), "")


def _records(path: Path, text: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield line, [cell.strip() for cell in cells]
            line = reader.line_num + 1
    except csv.Error as problem:
        told = "a quote is not closed" if "unexpected end" in str(problem) else str(problem)
        raise InputError(f"{path.name} line {line} is not a CSV file in UTF-8: {told}") from None


def _header(
    path: Path, records: list[tuple[int, list[str]]], expected: tuple[str, ...], optional: tuple[str, ...]
) -> list[str]:
    """Check the first record against the expected columns."""
    if not records:
        raise InputError(f"file {path} is empty: expected columns {','.join(expected)}")
    header = records[0][1]
    for name in header:
        if name not in (*expected, *optional) or header.count(name) > 1:
            allowed = "each of these columns once: " + ",".join(expected)
            raise not_allowed(f"{path.name} line {records[0][0]}", "column", name, allowed, (*expected, *optional))
    for name in expected:
        if name not in header:
            raise InputError(f"{path.name}: column {name} is missing: expected {','.join(expected)}")
    return header


def _row(file: str, line: int, header: list[str], cells: list[str], blank: dict[str, str]) -> Row:
    """Make a row and check what all tables share."""
    if len(cells) != len(header):
        allowed = f"{len(header)} cells, as in the header (quote cells that hold a comma)"
        raise not_allowed(f"{file} line {line}", "number of cells", len(cells), allowed)
    row = Row(file, line, blank | dict(zip(header, cells, strict=True)))
    row.text("source")
    row.choice("confidence", CONFIDENCE)
    return row
