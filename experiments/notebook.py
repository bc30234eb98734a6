"""A run for those who look at it: ``ploshcha.run`` gives results that draw and save themselves."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from sim.classics.results import ClassicResult
from sim.results import Result

PICTURE_DPI = 110


@dataclass(frozen=True)
class Picture:
    """A figure that a notebook shows; `figure` is matplotlib's, to change or to save."""

    figure: Any

    def _repr_png_(self) -> bytes:
        content = io.BytesIO()
        self.figure.savefig(content, dpi=PICTURE_DPI, format="png")
        return content.getvalue()


class _Shown:
    """What a result of the front door can do beyond those of ``sim.run``."""

    def plot(self) -> Picture:
        """Return the figure of the run, the same that ``ploshcha run`` writes."""
        from experiments.figures.classic import curves_figure
        from experiments.figures.run import mobilization_figure

        return Picture(curves_figure(self) if isinstance(self, ClassicResult) else mobilization_figure(self))

    def save(self, out: str | Path | None = None) -> Path:
        """Write the folder that ``ploshcha run`` writes, and return it.

        Parameters
        ----------
        out : path, optional
            A folder, new or empty; default ``results/<scenario>/<time>``.

        Raises
        ------
        InputError
            There is something in the folder; nothing was written.
        """
        from experiments.one_run import write_result
        from experiments.store.claim import claimed

        name = self.parameters.scenario.name  # type: ignore[attr-defined]
        with claimed(None if out is None else str(out), name) as folder:
            write_result(self, folder, {})  # type: ignore[arg-type]
        return folder


class ShownResult(_Shown, Result):
    """`sim.results.Result` that draws and saves itself."""


class ShownClassicResult(_Shown, ClassicResult):
    """`sim.classics.results.ClassicResult` that draws and saves itself."""


def run(parameters: Any, seed: int | None = None, **options: Any) -> Any:
    """Run a scenario, as ``sim.run`` does, for a result that draws and saves itself.

    Parameters
    ----------
    parameters : Parameters or ClassicParameters
        From ``ploshcha.load_scenario``.
    seed : int, optional
        Replaces the seed of the parameters.
    **options
        ``rules``, ``space``, ``progress`` and the like: see ``sim.run``.

    Returns
    -------
    ShownResult or ShownClassicResult
        `Result` or `ClassicResult` with ``plot()`` and ``save(folder)``.

    Raises
    ------
    InputError
        On anything wrong in the scenario's data files.
    """
    from sim import run

    return shown(run(parameters, seed, **options))


def shown(result: Any) -> Any:
    """Return a result as one that draws and saves itself."""
    classes: Mapping[type, type] = {Result: ShownResult, ClassicResult: ShownClassicResult}
    own = classes.get(type(result))
    return result if own is None else own(**{each.name: getattr(result, each.name) for each in fields(result)})
