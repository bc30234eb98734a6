"""Whether `agents`, `sim`, `conf` and `experiments` are ours: other packages carry such names, too.

One that is installed elsewhere may stand in front of ours; one that is installed into the same folder overwrites files
of ours and takes them away when it is removed. All of this would otherwise show as a traceback, or not at all.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import sys
from functools import cache
from importlib.util import find_spec
from pathlib import Path

PACKAGES = ("agents", "sim", "conf", "experiments")
ROOT = Path(__file__).resolve().parent.parent
REMEDY = "install ploshcha again, in an environment of its own"


def check_packages() -> None:
    """Look at all packages.

    Raises
    ------
    ImportError
        One of them is not, or not wholly, ours; the message is one line.
    """
    if told := fault():
        raise ImportError(told)


@cache
def fault() -> str:
    """Say in one line what is wrong with the packages, nothing if they are ours."""
    return next(filter(None, (*(_place_fault(name) for name in PACKAGES), _record_fault())), "")


def _place_fault(name: str) -> str:
    """Say whether a package is not where ours is, or not what ours is."""
    ours = ROOT / name / "__init__.py"
    if not ours.is_file():
        return f"{name}/__init__.py of ploshcha is missing, perhaps since another package was removed; {REMEDY}"
    if (place := _place_of(name)) != ours:
        return f"another package's {name} stands in front of ploshcha's ({place or 'no file'}); {REMEDY}"
    if "ploshcha" not in ours.read_text(encoding="utf-8", errors="replace"):
        return f"{ours} was overwritten by another package's {name}; {REMEDY}"
    return ""


def _place_of(name: str) -> Path | None:
    """Return the file that importing a package would read, or has read; None without one."""
    loaded = sys.modules.get(name)
    try:
        found = loaded.__file__ if loaded is not None else getattr(find_spec(name), "origin", None)
    except (AttributeError, ValueError):  # something else under that name
        return None
    return None if found is None else Path(found).resolve()


def _record_fault() -> str:
    """Compare the files of an installed package with the list that its installer left beside it, if there is one."""
    lists = sorted(ROOT.glob("ploshcha-*.dist-info/RECORD"))
    if len(lists) != 1:
        return ""
    with lists[0].open(encoding="utf-8", newline="") as handle:
        listed = {row[0]: row[1] for row in csv.reader(handle) if row and row[0].partition("/")[0] in PACKAGES}
    for name, digest in listed.items():
        if digest and not _is_whole(ROOT / name, digest):
            return f"{name} of ploshcha is missing or was overwritten, perhaps by another package; {REMEDY}"
    return ""


def _is_whole(path: Path, digest: str) -> bool:
    """Whether a file is what a list of installed files says, such as ``sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NM...``."""
    method, _, expected = digest.partition("=")
    try:
        found = hashlib.new(method, path.read_bytes()).digest()
    except (OSError, ValueError):
        return False
    return base64.urlsafe_b64encode(found).rstrip(b"=").decode() == expected
