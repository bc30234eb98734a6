"""Runs and sweeps for those who look at them: what the front door gives draws, saves and shows itself."""

from __future__ import annotations

import html
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agents.shown import html_table
from sim.classics.results import ClassicResult
from sim.errors import InputError, not_allowed
from sim.results import Result

if TYPE_CHECKING:
    import pandas as pd
    import xarray

    from experiments.analysis.changed_people import Changed
    from experiments.store.space_folder import SpaceFolder

PICTURE_DPI = 110  # at which a picture is shown; it is drawn as in a file, where texts are as wide as was measured
PAGE_PIXELS = 720  # height of the page in a notebook
NO_SPACE = "this result has no map: run it with space=True, as ploshcha.run(parameters, space=True)"


@dataclass(frozen=True)
class Picture:
    """A figure that a notebook shows; `figure` is matplotlib's, to change or to save."""

    figure: Any

    def _repr_png_(self) -> tuple[bytes, dict[str, int]]:
        from experiments.figures.sheet import picture

        size = (round(PICTURE_DPI * inches) for inches in self.figure.get_size_inches())
        return picture(self.figure, "png"), dict(zip(("width", "height"), size, strict=True))


@dataclass(frozen=True)
class View:
    """The page of one or two runs, as a notebook shows it; also in the HTML that a notebook is exported to.

    page : str, the HTML of ``ploshcha view``; city, hour : where it opens (None: where it chooses).
    """

    page: str
    city: str | None = None
    hour: int | None = None
    height: int = PAGE_PIXELS

    def __repr__(self) -> str:
        return f"View({len(self.page) / 1e6:.1f} MB; a notebook shows it, .save(file) writes it)"

    def _repr_html_(self) -> str:
        page = html.escape(self.page)
        return (f'<iframe title="ploshcha" sandbox="allow-scripts" srcdoc="{page}" '
                f'style="width:100%;height:{self.height}px;border:0"></iframe>')  # fmt: skip

    def save(self, path: str | Path) -> Path:
        """Write the page into a file, which any browser opens from the disk."""
        from experiments.store.files import write_whole

        write_whole(Path(path).expanduser(), self.page.encode())
        return Path(path)

    def widget(self) -> Any:
        """Return the page as a widget whose `hour` and `city` Python reads and sets (extra `notebook`)."""
        from experiments.page.widget import widget

        return widget(self.page, self.city or "", self.hour or 0, self.height)


@dataclass(frozen=True)
class ChangedMinds:
    """Who protests in one of two runs and not in the other, in a city and hour, and what tipped them.

    people : list of Changed, an agent each; `experiments.analysis.changed_people.Changed` says what is known of one.
    """

    city: str
    hour: int
    people: list[Changed]

    def __repr__(self) -> str:
        n = sum(each.persons for each in self.people)
        return f"ChangedMinds({self.city}, hour {self.hour}: {n:,.0f} persons; see .table)"

    @property
    def table(self) -> pd.DataFrame:
        """A row for each input that tipped somebody, each group and each ring of homes; persons by run."""
        import pandas as pd

        from experiments.analysis.changed_people import why_tables

        rows = [(by, *row) for by, rows in why_tables(self.people).items() for row in rows]
        return pd.DataFrame(rows, columns=["by", "name", "first_run_only", "second_run_only"])

    def _repr_html_(self) -> str:
        from experiments.printing.why_table import summary

        told = summary(self.people, "first", "second") if self.people else "Nobody changed their mind."
        rows = [[by, name, f"{first:,.0f}", f"{second:,.0f}"] for by, name, first, second in self.table.to_numpy()]
        head = ["by", "", "first run only", "second run only"]
        return html_table(f"{self.city}, hour {self.hour}. {told}", head, rows)


class _Shown:
    """What a result of the front door can do beyond those of ``sim.run``."""

    def view(self, other: Any = None, **options: Any) -> View:
        """Return the page of this run, or of this and another one; see `view`."""
        return view(self, *(() if other is None else (other,)), **options)

    def map(self, hour: int, city: str | None = None) -> Picture:
        """Return the map of a city, by default the first, in an hour.

        Raises
        ------
        InputError
            The run was made without ``space=True``, or has no such city or hour.
        """
        from experiments.figures.city_map import city_map, hour_figure
        from experiments.store.space_folder import check_city, check_hour

        with tempfile.TemporaryDirectory() as place:
            run = _space_of(self, Path(place) / "run")
            name = check_city(run, run.cities[0] if city is None else city)
            return Picture(hour_figure(city_map(run, name), check_hour(hour, run.hours)))

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
        ``rules``, ``space``, ``progress`` and the like: see ``sim.run``. With ``space=True`` the result has a map.

    Returns
    -------
    ShownResult or ShownClassicResult
        `Result` or `ClassicResult` with ``plot()``, ``map(hour)``, ``view()`` and ``save(folder)``.

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


def view(
    *runs: Any, city: str | None = None, hour: int | None = None, people: int = 12, narrative: str | None = None,
    height: int = PAGE_PIXELS,
) -> View:  # fmt: skip
    """Return the page of one run, or of two of the same people side by side.

    Parameters
    ----------
    *runs : results or paths
        Of ``ploshcha.run(..., space=True)``, or folders of ``ploshcha run space=true``.
    city, hour : optional
        Where the page opens; default the first city, at its fullest hour. ``city="all"`` shows all maps.
    people : int
        Persons of each city whose week can be looked at; for them the runs are computed again.
    narrative : str, optional
        Name of a shipped one, or a YAML file.
    height : int
        Of the page in a notebook, in pixels.

    Raises
    ------
    InputError
        A run has no map, the runs are of different people, or there is no such city or hour.
    """
    from experiments.page.whole import whole_page

    if len(runs) not in (1, 2):
        raise not_allowed("", "runs", len(runs), "one, or two to be seen side by side")
    with tempfile.TemporaryDirectory() as place:
        found = _spaces_of(runs, Path(place))
        return View(whole_page(found, city, hour, people, narrative), city, hour, height)


def why(one: Any, other: Any, city: str | None = None, hour: int | None = None) -> ChangedMinds:
    """Return who changed their mind between two runs of the same people, and what tipped them.

    Parameters
    ----------
    one, other : results or paths
        As for `view`.
    city, hour : optional
        Default the first city, and the hour in which its protesters differ most.

    Raises
    ------
    InputError
        As of `view`, or a run cannot be computed again by this program.
    """
    from experiments.analysis.again import changed_between

    with tempfile.TemporaryDirectory() as place:
        people, city, hour = changed_between(_spaces_of((one, other), Path(place)), city, hour)
    return ChangedMinds(city, hour, people)


def load(folder: str | Path, columns: list[str] | None = None) -> xarray.Dataset:
    """Load what a sweep or a run wrote, as `experiments.store.load.load` does.

    What is loaded of a sweep has ``.ploshcha.effects(...)``, ``.bands(...)`` and ``.plot_bands(...)``
    (`experiments.figures.accessor.Sweep`).
    """
    import experiments.figures.accessor  # noqa: F401  it registers itself
    from experiments.store.load import load

    return load(folder, columns)


def sweep(*words: str, out: str | Path, **options: Any) -> xarray.Dataset:
    """Run a sweep into a folder, or what is left of it, and load it, as `experiments.one_sweep.sweep` does.

    A notebook shows how far it is. What is returned has the methods of `load`.
    """
    import experiments.figures.accessor  # noqa: F401  it registers itself
    from experiments.one_sweep import sweep

    return sweep(*words, out=out, **options)


def _spaces_of(runs: Sequence[Any], place: Path) -> list[SpaceFolder]:
    """Return runs as folders with a map; those of results are written into a place of ours."""
    names = ("first", "second")
    return [_space_of(run, place / name) for run, name in zip(runs, names, strict=False)]


def _space_of(run: Any, place: Path) -> SpaceFolder:
    """Return a result, or the folder of a run, as a folder with a map."""
    from experiments.one_run import write_result
    from experiments.store.space_folder import read_space_folder

    if isinstance(run, str | Path):
        return read_space_folder(Path(run).expanduser())
    if isinstance(run, ClassicResult):
        raise InputError(f"the classic {run.parameters.scenario.name} has no map")
    if not isinstance(run, Result):
        raise not_allowed("", "run", type(run).__name__, "a result of ploshcha.run, or a folder of a run")
    if run.space is None:
        raise InputError(NO_SPACE)
    write_result(run, place, {}, forms=())
    return read_space_folder(place)
