"""Files that are there whole or not at all."""

from __future__ import annotations

import hashlib
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

CAN_FLUSH_FOLDERS = os.name != "nt"  # Windows opens no folders


def write_whole(path: Path, content: bytes) -> None:
    """Replace a file by new content, whole or not at all."""
    hidden = path.with_name(f".{path.name}.{socket.gethostname()}.{os.getpid()}.tmp")
    try:
        hidden.write_bytes(content)
        flush(hidden)
        hidden.replace(path)
        flush(path.parent)
    except BaseException:
        hidden.unlink(missing_ok=True)
        raise


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
def whole_file(path: Path) -> Iterator[Path]:
    """Give a hidden file to write to; it takes the place of `path` if the block ends well, and else disappears."""
    hidden = path.with_name(f".{os.getpid()}.{path.name}")
    try:
        yield hidden
        hidden.replace(path)
    except BaseException:  # a Ctrl-C too
        with suppress(OSError):
            hidden.unlink()
        raise
