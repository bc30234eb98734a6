"""A folder that is to be written: claimed before any work is done, so that nobody else writes to it meanwhile.

The claim is a lock beside the folder, or inside one that is there already. It ends with its holder, however that ends;
what a holder that was killed left behind is removed by the next one.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import time
from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from experiments.interrupts import undisturbed
from experiments.store.files import check_names, told_if_unwritable
from experiments.store.lock import NO_LOCKS, Timeout, acquire, holder
from experiments.words import path_of
from sim.errors import not_allowed

RUN_FILES = ("curves.parquet", "plants.parquet", "mobilization.png", "manifest.json")  # the last one makes a run whole
MOVING = ".moving"  # in a hidden folder: names of the files that are being moved out of it
UNFINISHED = ".*.partial"  # folders not yet renamed
HYDRA_WORK = ".hydra-sweep"  # Hydra's own records, in the folder of `run -m` while it works
JOB_UNFINISHED = re.compile(r"\.\d+\.\d+\.partial")  # of `run -m`, which is no run
CLAIM = re.compile(r"^\.(?P<name>.+)\.claim$")


@contextmanager
def claimed(out: str | None, scenario: str) -> Iterator[Path]:
    """Give the folder to write to, new or empty, while nobody else may have it; nothing of the claim stays.

    Parameters
    ----------
    out : str, optional
        As the user gave it; by default ``results/<scenario>/<time>``.
    scenario : str
        Name of the scenario.

    Raises
    ------
    InputError
        Another run has claimed the folder, it holds files, is a file, or cannot be written.
    """
    folders = default_folders(scenario) if out is None else iter([path_of("out", out)])
    with ExitStack() as stack:
        for folder in folders:
            try:
                _claim(folder, stack)
                break
            except Timeout as taken:
                if out is not None:
                    who = holder(Path(taken.lock_file)) or "another run"
                    raise not_allowed("", "out", out, f"a folder of its own; {who} is writing to it") from None
        yield folder


def default_folders(scenario: str) -> Iterator[Path]:
    """Yield ``results/<scenario>/<time>``, with numbers behind it if several runs begin in the same second."""
    name = re.sub(r"[^\w-]", "_", scenario)
    base = Path("results") / name / time.strftime("%Y-%m-%dT%H-%M-%S")
    number, folder = 1, base
    while True:
        if not folder.exists():
            yield folder
        number += 1
        folder = base.with_name(f"{base.name}-{number}")


def check_folder(out: Path, ignored: Collection[str] = ()) -> None:
    """Check, before any work is done, that results can be written to a folder; writes nothing.

    Parameters
    ----------
    out : path
        The folder.
    ignored : collection of str
        Names that may be in it.

    Raises
    ------
    InputError
        The folder exists and is not empty, is a file, or cannot be made.
    """
    with told_if_unwritable(out):
        if out.is_dir() and set(os.listdir(out)) - set(ignored):
            raise not_allowed("", "out", out, f"a folder that is new or empty; this one holds {_held(out)}")
        if os.path.lexists(out) and not out.is_dir():
            raise not_allowed("", "out", out, "a folder that is new or empty; this is a file")
        above = next(folder for folder in (out.absolute(), *out.absolute().parents) if os.path.lexists(folder))
    if not above.is_dir() or not os.access(above, os.W_OK | os.X_OK):
        raise not_allowed("", "out", out, f"a folder that can be written, and {above} cannot")


def _held(out: Path) -> str:
    """Say what a folder holds, and where to go on where that are jobs of `run -m`."""
    if any(path.parent.name.isdecimal() for path in out.glob(f"*/{RUN_FILES[-1]}")):
        return ("files: jobs of run -m, which stay and are not gone on with; name another out, or use ploshcha sweep, "
                "which goes on")  # fmt: skip
    return "files"


def left_in(out: Path) -> set[str]:
    """Return the names of what a run that was to fill this folder has left in it, if it did not come to its end."""
    names = set(os.listdir(out)) if out.is_dir() else set()
    own = names & {_claim_of(out).name, HYDRA_WORK, *(path.name for path in _unfinished(out, out))}
    own |= {name for name in names if JOB_UNFINISHED.fullmatch(name)}
    return own if RUN_FILES[-1] in names else own | names & _moved(out)


def _moved(out: Path) -> set[str]:
    """Return the names that a run was about to move into a folder that was there already."""
    found: set[str] = set()
    for hidden in _unfinished(out, out):
        with suppress(OSError):
            found |= set((hidden / MOVING).read_text(encoding="utf-8").splitlines())
    return found


def _claim_of(out: Path) -> Path:
    """Return the lock of a folder: inside, if it is there."""
    return (out if out.is_dir() else out.parent) / f".{out.name}.claim"


def _unfinished(home: Path, out: Path) -> list[Path]:
    """Return the hidden folders in which a folder was being made."""
    pattern = re.compile(rf"\.{re.escape(out.name)}\.\d+\.partial")
    return [path for path in home.glob(UNFINISHED) if pattern.fullmatch(path.name)]


def _unfinished_jobs(out: Path) -> list[Path]:
    """Return what is left in a folder of several jobs; nobody is at work there."""
    found = out.iterdir() if out.is_dir() else ()
    return [path for path in found if path.name == HYDRA_WORK or JOB_UNFINISHED.fullmatch(path.name)]


def _claim(folder: Path, stack: ExitStack) -> None:
    """Claim one folder until the stack ends.

    Raises
    ------
    Timeout
        Somebody else has it.
    InputError
        It may not be written to.
    """
    out = folder.absolute()
    earlier = out.parent / f".{out.name}.claim"  # of one that began when the folder was not there yet
    with told_if_unwritable(folder):
        if not left_in(out) and not earlier.exists():  # else what is left is cleared first, though it holds a whole run
            check_folder(folder)
    home = out if out.is_dir() else out.parent
    stack.callback(_tidy, [above for above in (home, *home.parents) if not above.exists()])
    with told_if_unwritable(folder):
        if home == out and earlier.exists():
            _lock(out.parent, earlier, stack)
        is_locked = _lock(home, _claim_of(out), stack)
        check_names(home / f".{out.name}.{2**22}.partial", RUN_FILES)
        if is_locked:
            _clear(home, out)
    check_folder(folder, left_in(out))  # whoever had it before may have filled it


def _lock(home: Path, claim: Path, stack: ExitStack) -> bool:
    """Hold a claim until the stack ends; its file disappears then. False where there are no locks."""
    for is_last in (False, False, True):
        home.mkdir(parents=True, exist_ok=True)
        try:
            acquire(claim, stack, is_removed=True)
            return True
        except FileNotFoundError:  # another run, which ends, has just removed the folders above
            if is_last:
                raise
        except OSError as error:
            if error.errno not in NO_LOCKS:
                raise
            break  # a folder that another run has filled meanwhile is never overwritten
    return False


def _tidy(made: list[Path]) -> None:
    with undisturbed():
        remove_if_empty(made)


def remove_if_empty(folders: list[Path]) -> None:
    """Remove folders, innermost first, as far as they are empty."""
    for folder in folders:
        with suppress(OSError):
            folder.rmdir()


def _clear(home: Path, out: Path) -> None:
    """Remove what dead runs left: of this folder, and of others beside it that were made on this machine."""
    _clear_one(home, out)
    for path in home.glob(".*.claim"):
        match = CLAIM.match(path.name)
        if match and match["name"] != out.name and holder(path).endswith(f" on {socket.gethostname()}"):
            with suppress(OSError), ExitStack() as stack:  # Timeout, which is one: its holder lives
                acquire(path, stack, is_removed=True)
                _clear_one(home, home / match["name"])


def _clear_one(home: Path, out: Path) -> None:
    """Remove what is left of one folder that never was finished."""
    for name in left_in(out) & _moved(out) if home == out else ():
        (out / name).unlink(missing_ok=True)
    for hidden in _unfinished(home, out) + _unfinished_jobs(out):
        shutil.rmtree(hidden, ignore_errors=True)
