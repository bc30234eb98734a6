"""What a result was made from: hashes of settings, sources and data, versions, and the git commit."""

from __future__ import annotations

import hashlib
import os
import platform
import subprocess
import time
from collections.abc import Iterable, Mapping
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.parameters import Parameters

HASHED_PACKAGES = ("agents", "sim")
GIT_FOLDERS = ("agents", "sim", "conf", "experiments", "ploshcha", "pyproject.toml")
GIT_SECONDS = 10
IMPORTED = time.perf_counter()
VERSIONS_OF = (
    "ploshcha",
    "hydra-core",
    "llvmlite",
    "matplotlib",
    "mesa",
    "numba",
    "numpy",
    "omegaconf",
    "pyarrow",
    "pydantic",
    "rich",
    "SALib",
    "scipy",
    "xarray",
)


def code_hash(packages: Iterable[str] = HASHED_PACKAGES) -> str:
    """Hash all sources of ours of the model: the packages ``agents`` and ``sim``, or of others."""
    from agents.compiled.sources import own_sources

    files = {}
    for package in packages:
        folder = package_folder(package)
        for path in own_sources(package, folder.parent):
            files[f"{package}/{path.relative_to(folder).as_posix()}"] = path
    return hash_files(files)


def data_hash(parameters: Parameters) -> str:
    """Hash the data files that a run reads."""
    from sim.world.world import data_folder

    folder = data_folder(parameters)
    return hash_files({path.name: path for path in folder.glob("*.csv")})


def hash_files(files: Mapping[str, Path]) -> str:
    """Hash named files: names and contents, in the order of the names, whatever the line ends."""
    total = hashlib.sha256()
    for name in sorted(files):
        content = files[name].read_bytes().replace(b"\r\n", b"\n")
        total.update(f"{name}\0{len(content)}\0".encode() + content)
    return total.hexdigest()


def package_folder(package: str) -> Path:
    """Return the folder of an importable package, without importing it."""
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(f"package {package} not found", name=package)
    return Path(spec.origin).parent


def package_versions(names: Iterable[str] = VERSIONS_OF) -> dict[str, str]:
    """Return the versions of Python and of the packages a result may depend on."""
    versions = {"python": platform.python_version()}
    for name in names:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return versions


def git_state() -> dict[str, Any]:
    """Return the commit of the sources and whether they were changed since; None outside a repository.

    A repository that merely holds the environment into which the package was installed does not count.
    """
    root = package_folder("sim").resolve().parent
    top = _git(root, "rev-parse", "--show-toplevel")
    if top is None or Path(top).resolve() != root:
        return {"git_commit": None, "git_dirty": None}
    commit = _git(root, "rev-parse", "--verify", "--quiet", "HEAD")
    folders = [name for name in GIT_FOLDERS if (root / name).exists()]
    changes = _git(root, "--no-optional-locks", "status", "--porcelain", "--", *folders)
    return {"git_commit": commit, "git_dirty": None if changes is None else bool(changes)}


def _git(root: Path, *words: str) -> str | None:
    """Ask git; None if there is no git or it refuses."""
    try:
        done = subprocess.run(
            ["git", "-C", str(root), *words], capture_output=True, text=True, timeout=GIT_SECONDS, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()


def process_age() -> float:
    """Return the seconds since this process started, the start of Python included where the system tells it."""
    try:
        words = Path("/proc/self/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        started = int(words[19]) / os.sysconf("SC_CLK_TCK")
        return time.clock_gettime(time.CLOCK_BOOTTIME) - started
    except (OSError, AttributeError, IndexError, ValueError):
        return time.perf_counter() - IMPORTED
