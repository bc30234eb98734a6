"""Write docs/data.md: which rows of the cases' data files are measured, remembered or assumed.

    uv run python docs/make_data.py

Lists, case by case, every row that is marked `assumption` or `memory`, and every verified event with an assumed detail.
"""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "docs" / "data.md"
DATA = ROOT / "conf" / "data"
BASE_CASE, INVENTED = "belarus_2020", "vyraj"
# file: (what a row is called, its value)
FILES = {
    "cities.csv": (("city", "quantity"), ("value", "unit")),
    "places.csv": (("city", "place"), ("role", "east_m", "north_m", "area_m2", "attraction")),
    "plants.csv": (("city", "plant"), ("employees", "east_m", "north_m")),
    "timeline.csv": (("date", "hour", "city", "kind"), ("intensity", "hours", "place")),
    "targets.csv": (("city", "outcome", "statistic", "date_from", "hour_from"), ("low", "high")),
}
MARKS = ("verified", "memory", "assumption")

HEAD = """\
# What the data files rest on

Written by `uv run python docs/make_data.py` from `conf/data/*/`; do not edit by hand. Every row of the five files of a
case carries its source and one of three marks: *verified* (the figure was seen in the source named), *memory* (well
known, but no source was looked up), *assumption* (nobody has published it; chosen for this model). The invented country
in `conf/data/vyraj/` is made up throughout. Outside the base case no crowd from memory is an informative target.
"""


def cases() -> list[str]:
    """Return the names of the real cases, the base case first."""
    names = {folder.name for folder in DATA.iterdir() if folder.is_dir()} - {BASE_CASE, INVENTED}
    return [BASE_CASE, *sorted(names)]


def read(case: str, name: str) -> list[dict[str, str]]:
    """Return the rows of a data file."""
    with (DATA / case / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def line(cells: list[str]) -> str:
    """Return one line of a Markdown table."""
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def counts() -> list[str]:
    """Return the table of rows by case, file and mark."""
    lines = [line(["case", "file", "rows", *MARKS]), line(["---"] * 6)]
    for case in cases():
        for name in FILES:
            marks = Counter(row["confidence"] for row in read(case, name))
            lines.append(line([case, f"`{name}`", str(marks.total()), *(str(marks[mark]) for mark in MARKS)]))
    return lines


def listed(name: str, rows: list[dict[str, str]]) -> list[str]:
    """Return a table of rows; rows that differ in the city only are put together."""
    keys, values = FILES[name]
    merged: dict[tuple[str, ...], list[str]] = {}
    for row in rows:
        where = ", ".join(row[key] for key in keys if key != "city")
        what = ", ".join(row[value] for value in values if row[value])
        merged.setdefault((where, what, row["note"]), []).append(row["city"])
    lines = [line(["city", "row", "value", "note"]), line(["---"] * 4)]
    return lines + [line([", ".join(cities), *key]) for key, cities in merged.items()]


def of_case(case: str) -> list[str]:
    """Return the section of a case."""
    lines = ["", f"## {case}"]
    for mark in ("assumption", "memory"):
        for name in FILES:
            if rows := [row for row in read(case, name) if row["confidence"] == mark]:
                lines += ["", f"### {case}, {name}: {mark}", "", *listed(name, rows)]
    for name in FILES:
        rows = [row for row in read(case, name) if row["confidence"] == "verified" and "assum" in row["note"]]
        if rows:
            lines += ["", f"### {case}, {name}: verified, with an assumed detail", "", *listed(name, rows)]
    return lines


def text() -> str:
    """Return the whole document."""
    lines = [HEAD.rstrip(), "", *counts(), ""]
    lines += ["Of verified rows with an assumed detail the event, or the figure, is sourced; what the note calls"]
    lines += ["assumed (mostly the hour) is not."]
    for case in cases():
        lines += of_case(case)
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    TARGET.write_text(text(), encoding="utf-8")
