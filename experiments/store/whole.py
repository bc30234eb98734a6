"""A file that appears whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


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
