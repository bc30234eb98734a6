"""The lattice of a classic: who was in each cell, after a few steps. Safe havens are a claim about space."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from experiments.figures.colours import BLACK, BLUE, GREEN, GREY, VERMILION
from experiments.figures.frame import LABEL, Sample, framed
from experiments.figures.sheet import Sheet
from sim.classics import results
from sim.classics.results import CELLS
from sim.errors import InputError

NAME = "lattice"
COLOURS = {results.EMPTY: "#FFFFFF", results.QUIET: "#C9CDD4", results.ACTIVE: VERMILION, results.JAILED: GREY,
           results.OFFICER: BLACK, results.BLUE: BLUE, results.GREEN: GREEN}  # fmt: skip
HEIGHT = 2.45  # of a panel, inches


def lattice_sheet(title: str, caption: str, lattices: Mapping[int, np.ndarray]) -> Sheet:
    """Return the lattice after each step that was kept.

    Parameters
    ----------
    title, caption : str
        Of the figure.
    lattices : mapping of int to ndarray
        Who is in each cell, int8 (size, size), by step: numbers of `sim.classics.results.CELLS`.
    """
    from matplotlib.colors import ListedColormap

    there = sorted({int(kind) for cells in lattices.values() for kind in np.unique(cells)} - {results.EMPTY})
    legend = [Sample(CELLS[kind], COLOURS[kind]) for kind in there]
    note = f"One square a cell; the edges wrap. First, middle and last step, and the one with most active. {caption}"
    figure, axes = framed(title, len(lattices), [note], legend, columns=3 if len(lattices) == 3 else 2, height=HEIGHT)
    colours = ListedColormap([COLOURS[kind] for kind in range(len(CELLS))])
    columns: dict[str, list[int | str]] = {name: [] for name in ("step", "row", "column", "kind")}
    for axis, (step, cells) in zip(axes, sorted(lattices.items()), strict=True):
        axis.imshow(cells, cmap=colours, vmin=-0.5, vmax=len(CELLS) - 0.5, interpolation="nearest")
        axis.set_title(f"after step {step + 1:,}", fontsize=LABEL, loc="left")
        axis.set_xticks([])
        axis.set_yticks([])
        axis.spines[:].set_visible(True)
        rows, places = np.nonzero(cells)
        columns["step"] += [step] * len(rows)
        columns["row"] += rows.tolist()
        columns["column"] += places.tolist()
        columns["kind"] += [CELLS[kind] for kind in cells[rows, places].tolist()]
    return Sheet(figure, columns, f"Who stands where in {title}?", note)


def read_lattices(path: Path, size: int) -> dict[int, np.ndarray]:
    """Return the lattices that the table of the figure holds; none where there is no such file.

    Raises
    ------
    InputError
        It cannot be read.
    """
    if not path.is_file():
        return {}
    found: dict[int, np.ndarray] = {}
    try:
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                cells = found.setdefault(int(row["step"]), np.zeros((size, size), np.int8))
                cells[int(row["row"]), int(row["column"])] = CELLS.index(row["kind"])
    except (OSError, ValueError, KeyError, IndexError) as error:
        raise InputError(f"{path}: no table of a lattice: {error}") from None
    return found
