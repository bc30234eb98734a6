"""Who works on a folder: locks that the system takes back when their holder dies, however it dies.

`.lock` is the gate. A sweep alone in its folder holds it to its end. Processes that share a folder pass through it one
by one, and each holds a lock of its own beside it; who wants the folder alone finds them there.
"""

from __future__ import annotations

import errno
import os
import re
import socket
import sys
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from experiments.store.files import told_if_unwritable
from sim.errors import InputError

with warnings.catch_warnings():  # that this machine has no locks is told when one is needed
    warnings.simplefilter("ignore")
    from filelock import FileLock, SoftFileLock, Timeout

GATE = ".lock"
LOCKS = re.compile(r"^\.lock(-.+)?$")
GATE_SECONDS = 20.0  # that one of many sharing processes waits at the gate
NO_LOCKS = (errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP)  # file systems of some clusters


@contextmanager
def locked(folder: Path, is_shared: bool = False) -> Iterator[None]:
    """Hold the folder for this process, or for all that share it; released when the process ends, however it ends.

    Processes that are forked from this one do not hold it.

    Raises
    ------
    InputError
        Another process works on the folder.
    """
    with ExitStack() as stack:
        try:
            with told_if_unwritable(folder, "folder"):
                (_share if is_shared else _own)(folder, stack)
        except Timeout:
            raise InputError(f"{folder} is in use: {_told(folder)}") from None
        except OSError as error:
            if error.errno not in NO_LOCKS:
                raise
            print(f"ploshcha: {folder} cannot be locked ({error.strerror}): start no second sweep", file=sys.stderr)
        yield


def holders(folder: Path) -> list[str]:
    """Name the other processes that work on a folder now, such as ``process 4711 on node3``."""
    found = [holder(path) for path in _locks(folder) if _is_held(path)]
    return [who for who in found if who != _myself()]


def _told(folder: Path) -> str:
    return "another sweep is working on it" + "".join(f" ({who})" for who in holders(folder)[:1] if who)


def _myself() -> str:
    return f"process {os.getpid()} on {socket.gethostname()}"


def _own(folder: Path, stack: ExitStack) -> None:
    """Pass the gate and keep it shut; nobody may be inside."""
    acquire(folder / GATE, stack)
    for path in _locks(folder):
        if path.name != GATE:
            if _is_held(path):
                raise Timeout(str(path))
            path.unlink(missing_ok=True)  # its holder was killed


def _share(folder: Path, stack: ExitStack) -> None:
    """Pass the gate, take a lock of this process' own, and leave the gate open."""
    own = folder / f"{GATE}-{socket.gethostname()}-{os.getpid()}"
    with ExitStack() as gate:
        try:
            acquire(folder / GATE, gate, is_signed=False)
        except Timeout:
            if holder(folder / GATE):  # one that stays
                raise
            acquire(folder / GATE, gate, GATE_SECONDS, is_signed=False)
        stack.callback(_remove, own)  # after its release
        acquire(own, stack)


def _remove(path: Path) -> None:
    with suppress(OSError):
        path.unlink()


def acquire(
    path: Path, stack: ExitStack, seconds: float = 0.0, is_signed: bool = True, is_removed: bool = False
) -> None:
    """Take a lock until the stack ends; its file says who holds it, if it is signed, and goes at the end, if removed.

    Raises
    ------
    Timeout
        Another process holds it.
    OSError
        The file system, or this machine, has no locks that end with their holder, or no such file can be made.
    """
    if FileLock is SoftFileLock:  # a mere file, which outlives a process that is killed
        raise OSError(errno.ENOSYS, "no locks on this system")
    descriptors: list[int] = []

    def sign(descriptor: int) -> None:
        descriptors.append(descriptor)
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"\n{_myself()}\n".encode() if is_signed else b"")

    lock = FileLock(path, fallback_to_soft=False, preserve_lock_file=True, on_acquired=sign)
    try:
        lock.acquire(timeout=seconds)
    except Timeout:
        if path.exists():
            raise
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path)) from None  # as in /proc
    if is_removed and os.name == "nt":  # Windows removes no file that is open, and then nobody else has it
        stack.callback(_remove, path)
    stack.callback(lock.release)
    stack.callback(_wipe, descriptors[0])
    if is_removed and os.name != "nt":  # while it is held: who waits for a file that is gone makes a new one
        stack.callback(_remove, path)


def _wipe(descriptor: int) -> None:
    with suppress(OSError):
        os.ftruncate(descriptor, 0)


def _locks(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob(f"{GATE}*") if LOCKS.match(path.name))


def _is_held(path: Path) -> bool:
    """Whether a process holds a lock now; leaves what its file says."""
    if FileLock is SoftFileLock:
        return False
    lock = FileLock(path, fallback_to_soft=False, preserve_lock_file=True)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return True
    except OSError:
        return False
    lock.release()
    return False


def holder(path: Path) -> str:
    """Return what the holder of a lock wrote into its file; its first byte is what Windows locks."""
    try:
        with path.open("rb") as file:
            file.seek(1)
            return file.read().decode(errors="replace").strip()
    except OSError:
        return ""
