"""Numbers and columns of text."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any


def amount(value: float) -> str:
    """Write a number to three digits, large ones with separators."""
    if not math.isfinite(value):
        return "-"
    if abs(value) < 1e-9:  # rounding of sums
        return "0"
    if abs(value) >= 1000:
        digits = 10 ** max(0, len(f"{abs(value):.0f}") - 3)
        return f"{round(value / digits) * digits:,.0f}"
    return f"{value:.3g}"


def short(value: Any) -> str:
    """Write a lever's value."""
    return f"{value:g}" if isinstance(value, float) else str(value)


def aligned(rows: Sequence[Sequence[str]], texts: int) -> list[str]:
    """Return rows as lines; the first `texts` columns are aligned to the left, the others to the right."""
    widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = enumerate(zip(row, widths, strict=True))
        padded = (text.ljust(width) if k < texts else text.rjust(width) for k, (text, width) in cells)
        lines.append("  ".join(padded).rstrip())
    return lines
