"""Maps of a city: the fullest hour of each day, side by side, or all hours as a moving picture.

Areas are persons, on one scale in all maps of a file. Drawn like the page of ``ploshcha view``.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from experiments.days import day_hours, day_starts
from experiments.figures.colours import BLACK, BLUE, DARK, GREEN, GREY, VERMILION
from experiments.figures.frame import HEADING, LABEL, LINE, SMALLEST, WIDTH
from experiments.figures.layout import text_width
from experiments.figures.sheet import DPI, METADATA
from experiments.page.payload import AT_SITE, OF_CELL, cell_cube, site_cube
from experiments.printing.hours import hour_label
from experiments.store.space import CELL, PLANT, SITE
from experiments.store.space_folder import SpaceFolder, records, rows_of
from sim.errors import not_allowed

PURPLE = "#CC79A7"
COLUMNS = 3
PANEL, HEAD, FOOT, TITLE = WIDTH / COLUMNS, 0.52, 0.5, 0.2  # inches
LARGEST = 0.16  # radius of the largest circle, as a share of a map's side
GIF_DPI = 100
FRAMES_PER_SECOND = 8
EVERYWHERE = ("neighbourhoods", "chains")
APART = 0.055  # inches from a place to its name
ON_TOP = 1e9  # place in the order of drawing; fewer persons are drawn over more
KEY = {"protesting": (BLUE, "o"), "at a rally for the incumbent": (VERMILION, "o"),
       "on strike (outline: employees)": (GREEN, "s"), "officers": (PURPLE, "s"),
       "in custody": (BLACK, "D")}  # fmt: skip


@dataclass(frozen=True)
class CityMap:
    """What is drawn of a city: its grid in metres, and persons by hour."""

    run: SpaceFolder
    city: str
    reach: float  # m, from the centre to the edge of the outermost cell
    sites: list[dict[str, Any]]
    plants: list[dict[str, Any]]
    at_site: dict[str, np.ndarray]  # (hours, n_sites)
    at_plant: np.ndarray  # (hours, n_plants)
    detained: np.ndarray  # (hours,)
    homes: np.ndarray  # (side, side), adults by cell, south first
    protesting: np.ndarray  # (hours, side, side), residents protesting by cell

    @property
    def most(self) -> float:
        """The most persons that a circle or square stands for."""
        crowds = [self.at_site[name].max(initial=0.0) for name in ("protesting", "rallying", "officers")]
        employees = [plant["employees"] for plant in self.plants]
        return float(max([1.0, self.detained.max(initial=0.0), *employees, *crowds]))


def city_map(run: SpaceFolder, city: str) -> CityMap:
    """Collect what is drawn of a city."""
    places = rows_of(run.places, city=city)
    cells, sites, plants = (rows_of(places, kind=kind) for kind in (CELL, SITE, PLANT))
    size = math.sqrt(cells["area_m2"][0])
    east, north = (cells[name].to_numpy() for name in ("east_m", "north_m"))
    reach = float(max(np.abs(east).max(), np.abs(north).max())) + size / 2
    column, row = (np.floor((axis + reach) / size).astype(int) for axis in (east, north))
    side = max(int(column.max()), int(row.max())) + 1
    homes, protesting = np.zeros((side, side)), np.zeros((run.hours, side, side))
    homes[row, column] = cells["adults"].to_numpy()
    protesting[:, row, column] = cell_cube(run, city)[OF_CELL.index("protesting")]
    return CityMap(
        run, city, reach, records(sites), records(plants),
        dict(zip(AT_SITE, site_cube(run, city), strict=True)),
        rows_of(run.plants, city=city)["striking"].to_numpy().reshape(run.hours, -1),
        rows_of(run.curves, city=city)["detained"].to_numpy(), homes, protesting,
    )  # fmt: skip


def fullest_hours(crowd: np.ndarray) -> list[int]:
    """Return the hour with the most people of each day, 06:00 to 06:00; days without anybody are left out.

    crowd : float64 (hours,), persons.
    """
    days = [day_hours(len(crowd), day) for day in range(len(day_starts(len(crowd))))]
    hours = [hours.start + int(np.argmax(crowd[hours])) for hours in days]
    return [hour for hour in hours if crowd[hour] > 0]


def draw_days(drawn: CityMap, path: Path) -> int:
    """Draw the fullest hour of each day into a PNG file; return the number of maps."""
    crowd = rows_of(drawn.run.curves, city=drawn.city)["protesting"].to_numpy()
    hours = fullest_hours(crowd) or [0]
    columns = min(COLUMNS, max(2, len(hours)))
    rows, side = math.ceil(len(hours) / columns), WIDTH / columns
    figure = _figure(drawn, WIDTH, rows * (side + TITLE) + HEAD + FOOT, "fullest hour of each day, 06-06")
    for k, hour in enumerate(hours):
        across, down = k % columns, k // columns
        axes = _axes(figure, across * side, HEAD + down * (side + TITLE) + TITLE, side)
        draw_hour(axes, drawn, hour, side if k == 0 else 0.0)
    figure.savefig(path, dpi=DPI, format="png", metadata=METADATA["png"])
    return len(hours)


def hour_figure(drawn: CityMap, hour: int) -> Any:
    """Return a figure of one hour, matplotlib's."""
    figure = _figure(drawn, 2 * PANEL, 2 * PANEL + TITLE + HEAD + FOOT, "one hour")
    draw_hour(_axes(figure, 0.0, HEAD + TITLE, 2 * PANEL), drawn, hour, 2 * PANEL)
    return figure


def draw_film(drawn: CityMap, path: Path, progress: Callable[[int, int], None] | None = None) -> int:
    """Draw every hour into a file, a GIF or, where its name ends so, an MP4; return the number of pictures.

    Raises
    ------
    InputError
        An MP4 is asked for, and the encoder is not installed.
    """
    figure = _figure(drawn, 2 * PANEL, 2 * PANEL + TITLE + HEAD + FOOT, "hour by hour")
    writer = _film_writer(path)
    with writer.saving(figure, str(path), GIF_DPI):
        for hour in range(drawn.run.hours):
            axes = _axes(figure, 0.0, HEAD + TITLE, 2 * PANEL)
            draw_hour(axes, drawn, hour, 2 * PANEL)
            writer.grab_frame()
            axes.remove()
            if progress is not None:
                progress(hour + 1, drawn.run.hours)
    return drawn.run.hours


def _film_writer(path: Path) -> Any:
    """Return what writes the pictures of a film."""
    import matplotlib
    from matplotlib.animation import FFMpegWriter, PillowWriter

    if path.suffix != ".mp4":
        return PillowWriter(fps=FRAMES_PER_SECOND)
    try:
        from imageio_ffmpeg import get_ffmpeg_exe
    except ImportError:
        raise not_allowed("", "film", "mp4", "gif, or mp4 after: pip install ploshcha[film]") from None
    matplotlib.rcParams["animation.ffmpeg_path"] = get_ffmpeg_exe()
    return FFMpegWriter(fps=FRAMES_PER_SECOND, codec="h264", extra_args=["-pix_fmt", "yuv420p"])


def _figure(drawn: CityMap, width: float, height: float, what: str) -> Any:
    """Return a figure with heading and key, that belongs to no window."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

    figure = Figure(figsize=(width, height), facecolor="white")
    FigureCanvasAgg(figure)
    scenario, seed = drawn.run.config["scenario"], drawn.run.manifest["seed"]
    figure.text(0.1 / width, 1 - 0.1 / height, f"{drawn.city}: {what}", size=HEADING, weight="bold", va="top")
    facts = f"{scenario['name']}, one run (seed {seed}): one luck of many. Blue cells: homes of the protesting."
    figure.text(0.1 / width, 1 - 0.34 / height, facts, size=SMALLEST, va="top", color=DARK)
    handles = [Line2D([], [], color=colour, marker=marker, linestyle="", markersize=5, label=name)
               for name, (colour, marker) in KEY.items()]  # fmt: skip
    figure.legend(handles=handles, loc="lower left", ncols=3, fontsize=SMALLEST, frameon=False, borderaxespad=0.2,
                  handletextpad=0.2, columnspacing=1.2)  # fmt: skip
    note = f"area = persons; the largest: {drawn.most:,.0f}"
    figure.text(1 - 0.1 / width, 0.05 / height, note, size=SMALLEST, color=DARK, ha="right")
    return figure


def _axes(figure: Any, left: float, top: float, side: float = PANEL) -> Any:
    """Return bare axes at a place in inches, `top` counted from the top of the figure."""
    width, height = figure.get_size_inches()
    gap = 0.04
    return figure.add_axes(((left + gap) / width, 1 - (top + side - gap) / height, (side - 2 * gap) / width,
                            (side - 2 * gap) / height))  # fmt: skip


def draw_hour(axes: Any, drawn: CityMap, hour: int, named_inches: float = 0.0) -> None:
    """Draw an hour of a city: homes, those protesting by home, who is at each place.

    Places are named where there is room, on a map of `named_inches` a side; 0 names none.
    """
    reach = drawn.reach
    axes.set(xlim=(-reach, reach), ylim=(-reach, reach), xticks=[], yticks=[], aspect="equal")
    for spine in axes.spines.values():
        spine.set(color="#d4d8de", linewidth=0.6)
    extent = (-reach, reach, -reach, reach)
    most = max(1.0, float(drawn.protesting.max()))
    axes.imshow(_shades(GREY, 0.3 * drawn.homes / drawn.homes.max()), origin="lower", extent=extent)
    shade = np.where(drawn.protesting[hour] > 0, 0.1 + 0.6 * np.sqrt(drawn.protesting[hour] / most), 0.0)
    axes.imshow(_shades(BLUE, shade), origin="lower", extent=extent)
    _draw_plants(axes, drawn, hour)
    _draw_sites(axes, drawn, hour)
    if named_inches:
        _write_names(axes, drawn, named_inches)
    crowd = float(rows_of(drawn.run.curves, city=drawn.city)["protesting"][hour])
    axes.set_title(f"{hour_label(drawn.run.start, hour)}  {crowd:,.0f} protesting", size=LABEL, loc="left", pad=2)


def _shades(colour: str, alpha: np.ndarray) -> np.ndarray:
    """Return an image of one colour, float64 (side, side, 4)."""
    from matplotlib.colors import to_rgb

    return np.dstack([*(np.full(alpha.shape, part) for part in to_rgb(colour)), alpha])


def _radius(drawn: CityMap, count: float) -> float:
    """Return the radius in metres of the circle that stands for a number of persons."""
    return LARGEST * 2 * drawn.reach * math.sqrt(count / drawn.most)


def _square(axes: Any, drawn: CityMap, east: float, north: float, count: float, **style: Any) -> None:
    from matplotlib.patches import Rectangle

    side = max(_radius(drawn, count) * math.sqrt(math.pi), 0.012 * drawn.reach)
    axes.add_patch(Rectangle((east - side / 2, north - side / 2), side, side, **style))


def _draw_plants(axes: Any, drawn: CityMap, hour: int) -> None:
    for k, plant in enumerate(drawn.plants):
        place = plant["east_m"], plant["north_m"]
        _square(axes, drawn, *place, plant["employees"], fill=False, edgecolor=GREEN, linewidth=0.6)
        if drawn.at_plant[hour, k] > 0:
            _square(axes, drawn, *place, drawn.at_plant[hour, k], color=GREEN, linewidth=0)


def _draw_sites(axes: Any, drawn: CityMap, hour: int) -> None:
    """Draw circles of people, squares of officers, and a diamond for those held."""
    from matplotlib.patches import Circle, RegularPolygon

    for k, site in enumerate(drawn.sites):
        if site["role"] in EVERYWHERE:
            continue
        east, north = site["east_m"], site["north_m"]
        axes.plot(east, north, ".", color=DARK, markersize=1.5, zorder=ON_TOP)
        n_officers = float(drawn.at_site["officers"][hour, k])
        if n_officers > 0:
            _square(axes, drawn, east, north, n_officers, color=PURPLE, linewidth=0, zorder=ON_TOP - n_officers)
        for name, colour in (("protesting", BLUE), ("rallying", VERMILION)):
            count = float(drawn.at_site[name][hour, k])
            if count > 0:
                axes.add_patch(Circle((east, north), _radius(drawn, count), facecolor=colour, alpha=0.6,
                                      edgecolor=colour, zorder=ON_TOP - count))  # fmt: skip
        if site["role"] == "detention" and drawn.detained[hour] > 0:
            half = max(_radius(drawn, drawn.detained[hour]) * math.sqrt(math.pi / 2), 0.012 * drawn.reach)
            axes.add_patch(RegularPolygon((east, north), 4, radius=half, color=BLACK, linewidth=0, zorder=ON_TOP))


def _write_names(axes: Any, drawn: CityMap, side: float) -> None:
    """Write the names of sites and plants beside them, the fullest first; none over another, none over the edge."""
    from matplotlib.patheffects import withStroke

    fullest = drawn.at_site["protesting"].max(axis=0, initial=0.0)
    sites = [(float(fullest[k]), site) for k, site in enumerate(drawn.sites) if site["role"] not in EVERYWHERE]
    plants = [(float(plant["employees"]) / drawn.most, plant) for plant in drawn.plants]  # after all sites with a crowd
    written: list[tuple[float, float, float]] = []  # left, right, middle, inches
    inches = side / (2 * drawn.reach)
    for _, place in sorted([*sites, *plants], key=lambda each: -each[0]):
        wide = text_width(place["name"], SMALLEST)
        at, middle = ((place[name] + drawn.reach) * inches for name in ("east_m", "north_m"))
        for left, side_of in ((at + APART, "left"), (at - APART - wide, "right")):
            right = left + wide
            is_free = all(left > end or right < begin or abs(middle - beside) > LINE for begin, end, beside in written)
            if is_free and 0.0 < left and right < side - APART:
                written.append((left, right, middle))
                offset = (72 * APART if side_of == "left" else -72 * APART, 0)
                axes.annotate(place["name"], (place["east_m"], place["north_m"]), offset, textcoords="offset points",
                              size=SMALLEST, ha=side_of, va="center", zorder=ON_TOP,
                              color=GREEN if place["kind"] == PLANT else BLACK,
                              path_effects=[withStroke(linewidth=1.5, foreground="white")])  # fmt: skip
                break
