"""Write docs/parameters.md: every parameter of the base case with symbol, value, unit, ranges and source.

    uv run python docs/make_parameters.py

All of it is declared beside the rules, in ``agents/rules/``, and in ``sim/parameters.py``. Nothing is typed in here.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from agents.rules.declaration import Declared, Mechanism
from sim.parameters import CORRELATION, GROUPS, declared

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "docs" / "parameters.md"
SIGNS = {"ge": ">=", "gt": ">", "le": "<=", "lt": "<"}

HEAD = """\
# Parameters

Written by `uv run python docs/make_parameters.py`; do not edit by hand. One section per mechanism at work in the base
case; the equations are in [mechanisms.md](mechanisms.md), how they come together in [MODEL.md](../MODEL.md), figures in
[evidence.md](evidence.md). *Plausible* is the range worth trying, *allowed* what is not refused. *Start value* is
explained in MODEL.md. **Most values are assumptions**: where the source says *assumption*, nobody has measured the
quantity in this case, and a result must be quoted with what the range allows. Values set *by hand* were chosen while
looking at the targets; *not identified*: no datum of the case speaks about it.
"""


def row(cells: Sequence[str]) -> str:
    """Return one line of a Markdown table."""
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def shown(value: float | tuple) -> str:
    """Write a number."""
    return "matrix" if isinstance(value, tuple) else f"{value:.15g}"


def source(each: Declared) -> str:
    """Write where a value is from, and how far to trust it."""
    hand = f"by hand, start value {shown(each.start)}" if each.start is not None else "by hand" if each.by_hand else ""
    unknown = "" if each.is_identified else "not identified"
    return "; ".join(part for part in (each.source, hand, unknown, each.prior and f"prior {each.prior}") if part)


def table(group: str) -> list[str]:
    """Return the table of a group."""
    head = ["name", "symbol", "value", "unit", "plausible", "allowed", "meaning", "source"]
    lines = [row(head), row(["---"] * len(head))]
    for each in declared():
        if each.name.startswith(f"{group}."):
            low, high = (shown(end) for end in each.plausible)
            allowed = ", ".join(f"{SIGNS[bound]} {limit:g}" for bound, limit in each.limits.items())
            cells = [f"`{each.name.partition('.')[2]}`", f"`{each.symbol}`", shown(each.default), each.unit]
            lines.append(row([*cells, f"{low} to {high}", allowed, each.meaning, source(each)]))
    return lines


def matrix() -> list[str]:
    """Return the correlation matrix of the population as a table."""
    names = ["x", "L", "H", "R", "J", "m", "a", "sex", "age"]
    lines = ["", "Correlation matrix of the Gaussian copula (`population.correlation`; assumption):", "",
             row(["", *names]), row(["---"] * 10)]  # fmt: skip
    return lines + [row([name, *(f"{cell:g}" for cell in cells)])
                    for name, cells in zip(names, CORRELATION, strict=True)]  # fmt: skip


def by_hand() -> list[str]:
    """Return the table of values that were set by hand."""
    lines = ["", "## Set by hand", "",
             "Why: [DECISIONS.md](../DECISIONS.md), D10. Without a start value: none was tried, or it was kept.", "",
             row(["parameter", "start value", "now"]), row(["---"] * 3)]  # fmt: skip
    for each in declared():
        if each.by_hand:
            lines.append(row([f"`{each.name}`", "" if each.start is None else shown(each.start), shown(each.default)]))
    return lines


def is_at_work(group: str) -> bool:
    """Say whether the base case has the group: a mechanism that is off as declared is no part of it."""
    parameters = GROUPS[group]
    return not issubclass(parameters, Mechanism) or parameters().strength > 0  # type: ignore[attr-defined]


def text() -> str:
    """Return the whole document."""
    lines = [HEAD.rstrip()]
    for group in filter(is_at_work, GROUPS):
        lines += ["", f"## {group}", "", *table(group)]
        if group == "population":
            lines += matrix()
    return "\n".join([*lines, *by_hand()]) + "\n"


if __name__ == "__main__":
    TARGET.write_text(text(), encoding="utf-8")
