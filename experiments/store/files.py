"""Files that are there whole or not at all."""

from __future__ import annotations

import errno
import hashlib
import os
import socket
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sim.errors import InputError, not_allowed

# what a folder is to blame for, and no accident of the machine
UNWRITABLE = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENAMETOOLONG, errno.ENOTDIR, errno.ELOOP, errno.ENOENT)
CAN_FLUSH_FOLDERS = os.name != "nt"  # Windows opens no folders


def write_whole(path: Path, content: bytes) -> None:
    """Replace a file by new content, whole or not at all."""
    with whole_file(path) as hidden:
        hidden.write_bytes(content)


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Give a hidden file to write to; it takes the place of `path` if the block ends well, and else disappears.

    What writers of the same file left who were killed on this machine disappears, too.

    Raises
    ------
    InputError
        There is a folder of that name.
    """
    if path.is_dir():
        raise not_allowed(str(path.parent), path.name, "a folder", "a file, or nothing")
    _clear_dead(path)
    hidden = path.with_name(f".{path.name}.{socket.gethostname()}.{os.getpid()}.tmp{path.suffix}")
    try:
        yield hidden
        flush(hidden)
        hidden.replace(path)
        flush(path.parent)
    except BaseException:  # a Ctrl-C too
        with suppress(OSError):
            hidden.unlink()
        raise


def _clear_dead(path: Path) -> None:
    """Remove hidden files of processes of this machine that are no more."""
    start = f".{path.name}.{socket.gethostname()}."
    for hidden in path.parent.glob(".*.tmp*"):
        number = hidden.name.removeprefix(start).partition(".")[0]
        if hidden.name.startswith(start) and number.isdecimal() and not _is_alive(int(number)):
            hidden.unlink(missing_ok=True)


def _is_alive(process: int) -> bool:
    """Whether there is a process of this number here; where that cannot be asked, there may be."""
    if os.name == "nt":  # the question would end it
        return True
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        pass
    return True


def flush(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on the disk."""
    if path.is_dir() and not CAN_FLUSH_FOLDERS:
        return
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)  # Windows flushes only what may be written
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def told_if_unwritable(folder: Path, field: str = "out") -> Iterator[None]:
    """Tell in one line that a folder cannot be written to.

    Raises
    ------
    InputError
        What is done with it is not allowed there, or a path is too long.
    """
    try:
        yield
    except OSError as error:
        if error.errno not in UNWRITABLE:
            raise
        raise not_allowed("", field, folder, f"a folder that can be written ({error.strerror})") from None
    except ValueError as error:
        if isinstance(error, InputError) or "embedded null" not in str(error):
            raise
        raise not_allowed("", field, folder, "the name of a folder") from None


def check_writable(folder: Path, field: str = "folder") -> None:
    """Refuse, before any work is done, a folder that cannot be written to.

    Raises
    ------
    InputError
        It cannot.
    """
    if not os.access(folder, os.W_OK | os.X_OK):
        raise not_allowed("", field, folder, "a folder that can be written")


def check_names(folder: Path, names: Iterable[str]) -> None:
    """Look whether a folder that is there, or will be, may have files of these names.

    Raises
    ------
    OSError
        One of their paths is too long.
    """
    for name in names:
        with suppress(FileNotFoundError):
            (folder / name).lstat()
