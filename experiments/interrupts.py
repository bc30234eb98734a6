"""Ctrl-C and requests to terminate: the work ends tidily, and what was begun is removed on the way out."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import FrameType

TERMINATED = 143
AGAIN_SECONDS = 0.05  # after which a signal is sent again that came at a moment when Python drops what is raised
_interrupted = threading.Event()


def listen() -> None:
    """Turn Ctrl-C into KeyboardInterrupt, and the request to terminate, or a closed terminal, into SystemExit."""
    sys.unraisablehook = _dropped
    signal.signal(signal.SIGTERM, _terminate)
    hang_up = getattr(signal, "SIGHUP", None)  # Windows has none
    if hang_up is not None and signal.getsignal(hang_up) is signal.SIG_DFL:  # nohup switches it off
        signal.signal(hang_up, _terminate)
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # it may be switched off, as nohup does
        signal.signal(signal.SIGINT, _interrupt)


def was_interrupted() -> bool:
    """Whether Ctrl-C was pressed; a library may have turned it into an error of its own."""
    return _interrupted.is_set()


def stop_listening() -> None:
    """Ignore Ctrl-C from now on."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@contextmanager
def undisturbed() -> Iterator[None]:
    """Ignore Ctrl-C while tidying up."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _interrupt(number: int, frame: FrameType | None) -> None:
    _interrupted.set()
    raise KeyboardInterrupt


def _terminate(number: int, frame: FrameType | None) -> None:
    sys.exit(TERMINATED)


def _dropped(what: sys.UnraisableHookArgs) -> None:
    """Send a signal again whose exception was dropped, as in the clearing away of an object; tell of anything else."""
    number = {KeyboardInterrupt: signal.SIGINT, SystemExit: signal.SIGTERM}.get(what.exc_type)
    if number is None:
        sys.__unraisablehook__(what)
        return
    again = threading.Timer(AGAIN_SECONDS, signal.raise_signal, (number,))
    again.daemon = True
    again.start()
