"""The reference runs of an emulator: of each case a table of parameters and crowds, in a folder that can be shipped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from experiments.store.tables import numbers, write_columns
from experiments.targets.values import FLOOR_PERSONS, FLOOR_SHARE, PREFIX, is_in_persons
from sim.errors import InputError

FOLDER = "reference"
ABOUT = ("round", "persons_per_agent")


@dataclass(frozen=True)
class Runs:
    """Runs of one case.

    names, crowds : of the columns. values : float64 (n, n_parameters). counted : float64 (n, n_crowds), persons.
    rounds : int64 (n,). persons_per_agent : of all runs of the case.
    """

    names: tuple[str, ...]
    crowds: tuple[str, ...]
    values: np.ndarray
    counted: np.ndarray
    rounds: np.ndarray
    persons_per_agent: float

    @property
    def logs(self) -> np.ndarray:
        """Logs of the crowds; fewer than half an agent count as half of one, float64 (n, n_crowds)."""
        floors = [max(FLOOR_PERSONS, self.persons_per_agent / 2) if is_in_persons(_outcome(name)) else FLOOR_SHARE
                  for name in self.crowds]  # fmt: skip
        return np.log(np.maximum(self.counted, floors))

    def kept(self, is_kept: np.ndarray) -> Runs:
        """Return some of the runs."""
        return Runs(self.names, self.crowds, self.values[is_kept], self.counted[is_kept], self.rounds[is_kept],
                    self.persons_per_agent)  # fmt: skip


def _outcome(crowd: str) -> str:
    """Return the outcome of a crowd's name, such as target.Minsk.protesting.peak.174-216."""
    return crowd.rsplit(".", 3)[1]


def write_runs(folder: Path, case: str, runs: Runs) -> None:
    """Write FOLDER/reference/CASE.parquet, crowds in whole persons; runs that failed are left out."""
    runs = runs.kept(np.isfinite(runs.counted).all(axis=1))
    columns = {"round": numbers(runs.rounds.astype(np.int32)),
               "persons_per_agent": numbers(np.full(len(runs.rounds), runs.persons_per_agent))}  # fmt: skip
    columns |= {name: numbers(np.ascontiguousarray(runs.values[:, k])) for k, name in enumerate(runs.names)}
    columns |= {name: numbers(runs.counted[:, k].round().astype(np.int32)) for k, name in enumerate(runs.crowds)}
    (folder / FOLDER).mkdir(parents=True, exist_ok=True)
    write_columns(folder / FOLDER / f"{case}.parquet", columns)


def read_runs(folder: Path, cases: Sequence[str]) -> dict[str, Runs]:
    """Return the runs of the cases.

    Raises
    ------
    InputError
        A table is missing or cannot be read.
    """
    import pyarrow.parquet as pq

    found = {}
    for case in cases:
        path = folder / FOLDER / f"{case}.parquet"
        try:
            table = pq.read_table(path, partitioning=None).to_pydict()
        except (OSError, ValueError) as error:
            raise InputError(f"{path} cannot be read: {' '.join(str(error).split())}") from None
        crowds = tuple(name for name in table if name.startswith(PREFIX))
        names = tuple(name for name in table if name not in (*ABOUT, *crowds))
        values, counted = (np.array([table[name] for name in which], float).T for which in (names, crowds))
        found[case] = Runs(names, crowds, values, counted, np.array(table["round"]), table["persons_per_agent"][0])
    return found
