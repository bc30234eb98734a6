"""``ploshcha view``: a page with a run's map and curves, or with two runs side by side."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from experiments.commands.options import folders_and_settings, whole_number
from sim.errors import InputError, not_allowed

VIEW_FILE = "view.html"
FLAGS = ("--open", "--serve")

HELP = """\
usage: ploshcha view DIR [DIR2] [city=NAME] [hour=H] [people=N] [narrative=NAME]
                     [--open | --serve [port=N]]

Write view.html into the (first) folder: one file that any browser opens from
the disk, with the map of the cities hour by hour and the curves beneath; of two
runs also who changed their mind in the city and hour at which it opens, as
ploshcha why tells it. Both folders are of ploshcha run with space=true, and of
the same people.

settings
  city=NAME        city at which the page opens (default the first; `all` shows
                   the maps of all cities)
  hour=H           hour at which it opens, from 0 (default the hour with the
                   most people on the street; of two runs the hour in which
                   their protesters differ most)
  people=N         persons of each city whose week can be looked at (default 12;
                   0 none); for them the run is computed again, by the program
                   that wrote it
  narrative=NAME   texts with the state of the page that each tells of, to be
                   gone through: five_minutes, or your own file NAME.yaml

  port=N           of --serve (default 0, any that is free)

options
  --open           open the page in your browser, too
  --serve          serve the page at an address of this machine and open that,
                   until Ctrl-C: for a browser that may not read your disk, or
                   at the other end of an ssh tunnel
  -h, --help       this text

examples
  ploshcha run space=true out=results/august && ploshcha view results/august
  ploshcha view results/august results/no_violence city=Minsk hour=183
"""


def main(arguments: Sequence[str]) -> int:
    """Run the command; return the exit code."""
    if any(word in ("-h", "--help") for word in arguments):
        print(HELP, end="")
        return 0
    folders, own, flags = split(arguments)
    if "--serve" in flags:
        return _serve(folders, own)
    path = _write(folders, own)
    if "--open" in flags:
        _open(path.absolute().as_uri())
    return 0


def _write(folders: Sequence[Path], own: dict[str, str]) -> Path:
    """Write the page, and say so."""
    path, n_bytes = write_view(folders, own)
    print(f"written to {path} ({n_bytes / 1e6:.1f} MB)", flush=True)
    return path


def _serve(folders: Sequence[Path], own: dict[str, str]) -> int:
    """Write the page and serve it until Ctrl-C; the port is taken first, so that nothing is written without one."""
    from experiments.page.serve import PageServer

    with PageServer(whole_number(own, "port") or 0) as server:
        server.page = _write(folders, own).read_bytes()
        print(f"serving {server.address} to this machine; Ctrl-C ends it", flush=True)
        _open(server.address)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            return 0
    return 0


def _open(address: str) -> None:
    """Open an address in the user's browser, or say that there is none."""
    import webbrowser

    if not webbrowser.open(address):
        print("ploshcha: no browser was found; open it yourself", file=sys.stderr)


def split(arguments: Sequence[str]) -> tuple[list[Path], dict[str, str], list[str]]:
    """Tell folders, settings and options apart.

    Raises
    ------
    InputError
        There is no folder or more than two, or another option.
    """
    shown = "--open, --serve, city=NAME, hour=H, people=N, narrative=NAME, port=N"
    folders, own = folders_and_settings(arguments, ("city", "hour", "people", "narrative", "port"), shown, FLAGS)
    if not folders:
        raise InputError("folder is missing: name the folder of a run that was made with space=true")
    if len(folders) > 2:
        raise not_allowed("", "folder", folders[2], "one folder, or two to be seen side by side")
    flags = [flag for flag in FLAGS if flag in arguments]
    if "port" in own and "--serve" not in flags:
        raise not_allowed("", "port", own["port"], "a setting of --serve")
    return folders, own, flags


def write_view(folders: Sequence[Path], own: dict[str, str] | None = None) -> tuple[Path, int]:
    """Write the page of one or two runs into the first folder; return its path and size in bytes."""
    from experiments.page.whole import MOST_PEOPLE, PEOPLE, whole_page
    from experiments.store.files import check_writable, told_if_unwritable, write_whole
    from experiments.store.space_folder import check_space_folder, read_space_folder

    own = own or {}
    for folder in folders:
        check_space_folder(folder)
    hour = whole_number(own, "hour")
    people = whole_number(own, "people", f"an integer from 0 to {MOST_PEOPLE}")
    check_writable(folders[0])
    runs = [read_space_folder(folder) for folder in folders]
    n_people = PEOPLE if people is None else people
    text = whole_page(runs, own.get("city"), hour, n_people, own.get("narrative")).encode()
    path = folders[0] / VIEW_FILE
    with told_if_unwritable(folders[0], "folder"):
        write_whole(path, text)
    return path, len(text)
