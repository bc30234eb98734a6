"""Experiments of ploshcha: from settings to results on disk. Importing this package loads nothing heavy."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import xarray

    from sim.parameters import Parameters

__all__ = ["load", "load_scenario"]


def load_scenario(name: str, *overrides: str, config_dir: str | Path | None = None, **settings: Any) -> Parameters:
    """Load the parameters of a scenario.

    Parameters
    ----------
    name : str
        Name of a file in ``conf/scenario``, such as ``minsk_2020``.
    *overrides : str
        Changes in the words of the command line, such as ``job_pressure.threat=0.4``.
    config_dir : path, optional
        A folder of your own with more files for the groups of ``conf``.
    **settings
        Changes by name: ``persons_per_agent=200, **{"job_pressure.threat": 0.4}``.

    Returns
    -------
    sim.parameters.Parameters
        Frozen and validated; hand them to ``sim.run``.

    Raises
    ------
    sim.errors.InputError
        An override or a value is not allowed; the message is one line.
    """
    from experiments.settings.read import read_settings
    from experiments.words import quoted

    return read_settings([f"scenario={quoted(name)}", *overrides, *_as_words(settings)], config_dir).parameters


def _as_words(settings: Mapping[str, Any]) -> list[str]:
    """Return settings by name as words of the command line: ``{"seed": 2}`` is ``seed=2``."""
    from experiments.words import as_written, quoted

    return [f"{name}={quoted(value) if isinstance(value, str | Path) else as_written(value)}"
            for name, value in settings.items()]  # fmt: skip


def load(folder: str | Path, columns: list[str] | None = None) -> xarray.Dataset:
    """Load what a sweep or a run wrote as one xarray Dataset (see `experiments.notebook.load`)."""
    from experiments.notebook import load

    return load(folder, columns)
