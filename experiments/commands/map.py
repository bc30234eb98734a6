"""``ploshcha map``: a picture of the fullest hour of each day of a run on the map of a city, or a film of all hours."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from experiments.commands.options import folders_and_settings
from sim.errors import InputError, not_allowed

FILMS = {"false": "", "true": ".gif", "gif": ".gif", "mp4": ".mp4"}

HELP = """\
usage: ploshcha map DIR [city=NAME] [film=gif|mp4]

Draw the fullest hour of each day, 06:00 to 06:00, on the map of a city into
DIR/map_<city>.png. DIR is the folder of ploshcha run with space=true.

settings
  city=NAME     default the first city of the run
  film=gif      also draw every hour, into DIR/map_<city>.gif (film=true is the
                same)
  film=mp4      the same into DIR/map_<city>.mp4, smaller; needs pip install
                ploshcha[film]

example
  ploshcha run scenario=minsk_2020 space=true out=results/minsk
  ploshcha map results/minsk film=true
"""


def main(arguments: Sequence[str]) -> int:
    """Run the command; return the exit code."""
    if any(word in ("-h", "--help") for word in arguments):
        print(HELP, end="")
        return 0
    folder, own = split(arguments)
    for path in write_maps(folder, own.get("city"), FILMS[own.get("film", "false")]):
        print(f"written to {path}")
    return 0


def split(arguments: Sequence[str]) -> tuple[Path, dict[str, str]]:
    """Tell the folder from the settings.

    Raises
    ------
    InputError
        There is not exactly one folder, or another setting.
    """
    folders, own = folders_and_settings(arguments, ("city", "film"), "city=NAME, film=gif|mp4")
    if own.get("film", "false") not in FILMS:
        raise not_allowed("", "film", own["film"], f"one of {', '.join(FILMS)}", FILMS)
    if not folders:
        raise InputError("folder is missing: name the folder of a run that was made with space=true")
    if len(folders) > 1:
        raise not_allowed("", "folder", folders[1], "one folder and no other word than city=NAME, film=gif|mp4")
    return folders[0], own


def write_maps(folder: Path, city: str | None = None, film: str = "") -> list[Path]:
    """Draw the maps of a city, and a film of this kind, into the folder of a run; return the files."""
    from experiments.figures.city_map import city_map, draw_days, draw_film
    from experiments.printing.progress import progress_bar
    from experiments.store.files import check_writable, told_if_unwritable, whole_file
    from experiments.store.space_folder import check_city, check_space_folder, read_space_folder

    check_space_folder(folder)
    check_writable(folder)
    run = read_space_folder(folder)
    drawn = city_map(run, check_city(run, run.cities[0] if city is None else city))
    name = folder / f"map_{re.sub(r'[^\w-]', '_', drawn.city)}.png"
    with told_if_unwritable(folder, "folder"), whole_file(name) as path:
        draw_days(drawn, path)
    if not film:
        return [name]
    with whole_file(name.with_suffix(film)) as path, progress_bar(drawn.city) as progress:
        draw_film(drawn, path, progress)
    return [name, name.with_suffix(film)]
