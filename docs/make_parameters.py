"""Write docs/parameters.md: every parameter with symbol, value, unit, range and source.

    uv run python docs/make_parameters.py

Values, units, ranges and sources are those of ``conf/<group>/belarus_2020.yaml``; symbols and meanings those of
``sim/parameters.py``. Nothing is typed in here.
"""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "docs" / "parameters.md"
FILE = "belarus_2020.yaml"
GROUPS = (
    "population announced_share anger fear media participation place chains walkout job_pressure dismissal repression "
    "officers officials leader appeals russian_support threat_framing reported_counts ties luck encouragement"
).split()
VALUE = re.compile(r"^(?P<name>\w+):\s*(?P<value>[^#\s][^#]*?)?\s*#\s*(?P<comment>.*)$")
RANGE = re.compile(r"^[-+]?\.?\d.*\d")
GREEK = "alpha|beta|kappa|lam|omega|phi|psi|rho|sigma|tau"
SYMBOL = re.compile(rf"^(?:[A-Za-z]|{GREEK})(?:_[A-Za-z0-9]+)?\*?(?=[,:;]|$| of | before )")
STARTED_AT = re.compile(r"starts at (?P<start>-?[\d.]+)")

HEAD = """\
# Parameters

Written by `uv run python docs/make_parameters.py`; do not edit by hand. One section per mechanism, in the order of
`conf/`; the equations are in [MODEL.md](../MODEL.md), section 5, the figures in [evidence.md](evidence.md).
*Start value* is explained there too. **Most values are assumptions**: where the source says *assumption*, nobody has
measured the quantity in this case, and a result must be quoted with what the range allows.
"""


def meanings() -> dict[str, dict[str, str]]:
    """Return the comment on each field of `sim/parameters.py`, by group and field."""
    classes: dict[str, dict[str, str]] = {}
    fields: dict[str, str] = {}
    for line in (ROOT / "sim" / "parameters.py").read_text(encoding="utf-8").splitlines():
        if found := re.match(r"class (\w+)\(Frozen\)", line):
            fields = classes.setdefault(_group(found[1]), {})
        elif found := re.match(r"    (\w+): [^#]+#\s*(.*)$", line):
            fields[found[1]] = found[2]
    return classes


def _group(class_name: str) -> str:
    """Return the name of the group that a parameter class describes."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", class_name.removesuffix("Parameters")).lower()


def values(group: str) -> list[tuple[str, str, str]]:
    """Return name, value and comment of each line of a group's file."""
    path = ROOT / "conf" / group / FILE
    found = map(VALUE.match, path.read_text(encoding="utf-8").splitlines())
    return [(line["name"], line["value"] or "matrix", line["comment"]) for line in found if line]


def split_comment(comment: str) -> tuple[str, str, str]:
    """Split `unit, range; source` of a YAML comment."""
    head, _, source = comment.partition("; ")
    unit, _, extent = head.partition(", ")
    if RANGE.match(unit) and not re.fullmatch(r"1", unit):
        unit, extent = "", head
    return unit, extent, source or comment


def split_meaning(comment: str) -> tuple[str, str]:
    """Split symbol and meaning of a field's comment."""
    found = SYMBOL.match(comment)
    if not found:
        return "", comment
    symbol, rest = found[0], comment[len(found[0]) :].lstrip(",:; ")
    return f"`{symbol}`", rest.partition(": ")[2] or rest


def row(cells: tuple[str, ...] | list[str]) -> str:
    """Return one line of a Markdown table."""
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def table(group: str, fields: dict[str, str]) -> list[str]:
    """Return the table of a group."""
    head = ["name", "symbol", "value", "unit", "range", "meaning", "source"]
    lines = [row(head), row(["---"] * len(head))]
    for name, value, comment in values(group):
        unit, extent, source = split_comment(comment)
        symbol, meaning = split_meaning(fields.get(name, ""))
        meaning = "" if meaning == unit else meaning
        lines.append(row([f"`{name}`", symbol, value, unit, extent, meaning, source]))
    return lines


def matrix() -> list[str]:
    """Return the correlation matrix of the population as a table."""
    text = (ROOT / "conf" / "population" / FILE).read_text(encoding="utf-8")
    rows = [line.split(",") for line in re.findall(r"^\s+- \[(.*)\]$", text, re.MULTILINE)]
    names = ["x", "L", "H", "R", "J", "m", "a", "sex", "age"]
    lines = ["", "Correlation matrix of the Gaussian copula (`population.correlation`; assumption):", "",
             row(["", *names]), row(["---"] * 10)]  # fmt: skip
    return lines + [row([name, *(f"{float(cell):g}" for cell in cells)])
                    for name, cells in zip(names, rows, strict=True)]  # fmt: skip


def moved() -> list[str]:
    """Return the table of values that left their start value."""
    lines = ["", "## Left their start values", "", "Why: [DECISIONS.md](../DECISIONS.md), D10.", "",
             row(["parameter", "start value", "now"]), row(["---"] * 3)]  # fmt: skip
    for group in GROUPS:
        for name, value, comment in values(group):
            if found := STARTED_AT.search(comment):
                lines.append(row([f"`{group}.{name}`", f"{float(found['start'].rstrip('.')):g}", value]))
    return lines


def text() -> str:
    """Return the whole document."""
    described, lines = meanings(), [HEAD.rstrip()]
    for group in GROUPS:
        lines += ["", f"## {group}", "", *table(group, described[group])]
        if group == "population":
            lines += matrix()
    return "\n".join([*lines, *moved()]) + "\n"


if __name__ == "__main__":
    TARGET.write_text(text(), encoding="utf-8")
