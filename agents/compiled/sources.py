"""Which sources are ours, and hashes of them."""

import functools
import hashlib
import re
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path

PACKAGES_ROOT = Path(__file__).resolve().parents[2]
COMPILED_PACKAGES = ("agents", "sim")
DISTRIBUTION = "ploshcha"
COMPILERS = ("numba", "numpy", "llvmlite")
TEACHING = re.compile(rb"^\s*(from|import) (numba|llvmlite)\b", re.MULTILINE)


@functools.cache
def installed_files() -> frozenset[Path]:
    """Return the files of the distribution's own list; a source tree has only its settings in it, if anything."""
    try:
        distribution = metadata.distribution(DISTRIBUTION)
    except metadata.PackageNotFoundError:
        return frozenset()
    folder = Path(str(distribution.locate_file(""))).resolve()
    return frozenset(folder / str(file) for file in distribution.files or ())


def own_sources(package: str, root: Path = PACKAGES_ROOT) -> list[Path]:
    """Return the ``.py`` files of a package that are ours.

    Another distribution may install a package `agents` into the same folder. Where ploshcha is installed, only the
    files of its own list count; in a source tree, all.
    """
    found, own = sorted((root / package).rglob("*.py")), installed_files()
    return [path for path in found if path in own] if root / package / "__init__.py" in own else found


def foreign_files(root: Path = PACKAGES_ROOT) -> list[str]:
    """Return the ``.py`` files that another distribution put among ours; nothing of ours depends on them."""
    strange = (set((root / package).rglob("*.py")) - set(own_sources(package, root)) for package in COMPILED_PACKAGES)
    return sorted(path.relative_to(root).as_posix() for paths in strange for path in paths)


@functools.cache
def code_hash() -> str:
    """Return 16 hexadecimal digits that change with any source the results depend on, and the compiler's versions."""
    return _hash_of(source_texts())


@functools.cache
def compiler_hash() -> str:
    """Return 16 hexadecimal digits that change with the versions of the compiler and with how we teach it.

    That is the text of every source of ours that imports Numba or llvmlite, and of all of ``agents/compiled``.
    """
    return _hash_of({name: text for name, text in source_texts().items()
                     if name.startswith("agents/compiled/") or TEACHING.search(text)})  # fmt: skip


@functools.cache
def source_texts() -> dict[str, bytes]:
    """Return the sources that results depend on: all of ours in ``agents`` and ``sim``, by name."""
    return {source.relative_to(PACKAGES_ROOT).as_posix(): source.read_bytes()
            for package in COMPILED_PACKAGES for source in own_sources(package)}  # fmt: skip


def _hash_of(texts: Mapping[str, bytes]) -> str:
    digest = hashlib.sha256(" ".join(f"{name} {metadata.version(name)}" for name in COMPILERS).encode())
    for name, text in texts.items():
        digest.update(f"\n{name} {len(text)}\n".encode() + text)
    return digest.hexdigest()[:16]
