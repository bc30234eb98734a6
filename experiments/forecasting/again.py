"""A forecast made again from its stored runs, beside what is stored of it."""

from __future__ import annotations

import contextlib
import io
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from experiments.design.plan import is_lasting
from experiments.forecasting.asked import read_asked
from experiments.forecasting.made_from import changed_inputs
from experiments.forecasting.one_forecast import forecast
from experiments.settings.read import read_settings
from experiments.settings.sweep import split_words
from experiments.store.chunks import RUNS_FOLDER
from experiments.store.files import sha256
from experiments.store.manifest import MANIFEST_FILE, read_manifest
from sim.errors import InputError, not_allowed


def differing_tables(folder: Path) -> list[str]:
    """Return the names of tables that come out otherwise; what they are made from and has changed is told.

    The folder is only read: its runs are copied to another place, and what is missing of them is computed there.

    Raises
    ------
    InputError
        The forecast is not finished, its words are not those of one, or its runs are of other code or data.
    """
    manifest = read_manifest(folder)
    if not manifest.get("tables_sha256"):
        raise not_allowed("", "folder", folder, "a forecast that has come to its end")
    for word in manifest["words"]:
        if not is_lasting(word):
            raise not_allowed(str(folder / MANIFEST_FILE), "words", word, "what makes a forecast")
    with tempfile.TemporaryDirectory() as place, _told_of(folder, out := Path(place) / "again"):
        asked = read_asked([*manifest["words"], f"out={out}"], manifest["config_dir"])
        parameters = read_settings(split_words(asked.words)[1], asked.config_dir).parameters
        for name in changed_inputs(manifest, asked, parameters):
            print(f"ploshcha: made from other {name}", file=sys.stderr)
        if (folder / RUNS_FOLDER).is_dir():
            shutil.copytree(folder / RUNS_FOLDER, out / RUNS_FOLDER, ignore_dangling_symlinks=True)
        with contextlib.redirect_stdout(io.StringIO()):
            forecast(asked)
        return [name for name, told in manifest["tables_sha256"].items()
                if {_hash(out / name), _hash(folder / name)} != {told}]  # fmt: skip


@contextlib.contextmanager
def _told_of(folder: Path, out: Path) -> Iterator[None]:
    """Tell of the folder, and not of its copy, what its manifest or runs are refused for."""
    try:
        yield
    except InputError as error:
        raise InputError(f"{folder / MANIFEST_FILE}: {str(error).replace(str(out), str(folder))}") from None


def _hash(path: Path) -> str:
    """Return the hash of a table; empty where there is none."""
    try:
        return sha256(path)
    except OSError:
        return ""
