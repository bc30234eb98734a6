"""What a folder holds: a sweep, a run, a calibration or a forecast."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from experiments.store.chunks import RUNS_FOLDER
from experiments.store.manifest import MANIFEST_FILE, kind_told
from experiments.store.sweep_folder import is_sweep
from sim.errors import not_allowed

FORECAST_FILE = "forecast.parquet"
Kind = Literal["sweep", "run", "calibration", "forecast"]


def kind_of(folder: Path) -> Kind:
    """Return what a folder holds.

    Raises
    ------
    InputError
        Nothing that is known.
    """
    if is_sweep(folder):
        return "sweep"
    if not (folder / MANIFEST_FILE).is_file():
        allowed = f"a folder of a sweep, a run, a fit or a forecast, with its {MANIFEST_FILE}"
        raise not_allowed("", "folder", folder, allowed)
    kinds: dict[str, Kind] = {"calibration": "calibration", "forecast": "forecast"}
    return kinds.get(kind_told(folder), "run")


def sweeps_of(forecast: Path) -> list[Path]:
    """Return the folders of the runs of a forecast, one a model."""
    return [path for path in sorted((forecast / RUNS_FOLDER).glob("*")) if is_sweep(path)]
