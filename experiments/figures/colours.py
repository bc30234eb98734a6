"""Colours of all figures."""

from __future__ import annotations

from collections.abc import Sequence

# Okabe and Ito (2008), Color Universal Design: told apart by the colour-blind.
BLUE, GREEN, VERMILION, BLACK = "#0072B2", "#009E73", "#D55E00", "#000000"
DARK, GREY, NIGHT = "#333333", "#6E6E6E", "#EFEFF3"
NAMED = (BLUE, VERMILION, GREEN, "#CC79A7", "#E69F00", "#56B4E9", BLACK)
DASHES = ("-", (0, (4, 1.5)), (0, (1.2, 1)))  # of names beyond the seventh
LIGHTEST = 0.88  # end of the scale of numbers that can be seen on white


def named(k: int) -> str:
    """Return the colour of the k-th of some names."""
    return NAMED[k % len(NAMED)]


def dashes(k: int) -> object:
    """Return the dashes of the k-th of some names: colours come again with others."""
    return DASHES[k // len(NAMED) % len(DASHES)]


def sequence(n: int) -> Sequence[str]:
    """Return n colours of a scale from low to high, of even steps in lightness (viridis)."""
    from matplotlib import colormaps
    from matplotlib.colors import to_hex

    return [to_hex(colormaps["viridis"](LIGHTEST * k / max(n - 1, 1))) for k in range(n)]
