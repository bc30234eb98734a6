"""``ploshcha live``: Mesa's own page with sliders over the model, in the browser."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from experiments.commands.options import whole_number
from sim.errors import InputError, not_allowed

FIRST_PORT, LAST_PORT = 1024, 65535
DEFAULTS = ("scenario=minsk_2020", "persons_per_agent=200")
HELP = """\
usage: ploshcha live [port=N] [name=value ...]

Open Mesa's own page (SolaraViz) in the browser: the grid of the first city,
curves, sliders, Step, Play and Reset. One step is an hour. Needs pip install
ploshcha[live]; Ctrl-C ends it. Nothing is written.

settings
  port=N        default 8765
  name=value    any override of `ploshcha run` (default scenario=minsk_2020
                persons_per_agent=200); every agent is drawn, so choose few

example
  ploshcha live scenario=vyraj persons_per_agent=100
"""


def main(arguments: Sequence[str]) -> int:
    """Run the command; return the exit code of the server."""
    if any(word in ("-h", "--help") for word in arguments):
        print(HELP, end="")
        return 0
    from experiments.settings.read import CLASSIC_NAME, read_settings, root_of
    from experiments.words import parse

    port, words = split(arguments)
    if root_of(parse(words)) == CLASSIC_NAME:
        raise InputError("a classic has no page with sliders: choose a scenario of cities")
    read_settings(words)
    try:
        import solara  # noqa: F401
    except ImportError:
        raise InputError("ploshcha live needs Mesa's page, not installed: pip install ploshcha[live]") from None
    _check_free(port)
    app = Path(__file__).parents[1] / "page" / "live_app.py"
    command = [sys.executable, "-m", "solara", "run", str(app), "--port", port, "--production"]
    return subprocess.run(command, env=os.environ | {"PLOSHCHA_LIVE": json.dumps(words)}, check=False).returncode


def _check_free(port: str) -> None:
    """Refuse a port on which something listens already."""
    try:
        socket.create_server(("127.0.0.1", int(port))).close()
    except OSError:
        raise not_allowed("", "port", port, "one that is free") from None


def split(arguments: Sequence[str]) -> tuple[str, list[str]]:
    """Tell the port from the settings of the model; defaults come first, so that later words win.

    Raises
    ------
    InputError
        The port is no number that a program may listen on, or a setting is of the files of a run.
    """
    from experiments.settings.read import OF_THE_RUN

    ports = [word.partition("=")[2] for word in arguments if word.startswith("port=")]
    port, allowed = ports[-1] if ports else "8765", f"an integer from {FIRST_PORT} to {LAST_PORT}"
    if not FIRST_PORT <= (whole_number({"port": port}, "port", allowed) or 0) <= LAST_PORT:
        raise not_allowed("", "port", port, allowed)
    own = [word for word in arguments if not word.startswith("port=")]
    named = {word.partition("=")[0].lstrip("+~"): word for word in own}
    for name in named.keys() & set(OF_THE_RUN):
        raise not_allowed("", "option", named[name], "a setting of the model: nothing is written")
    return port, [*(word for word in DEFAULTS if word.partition("=")[0] not in named), *own]
