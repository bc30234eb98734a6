"""The command ``ploshcha``: finds the subcommand, and turns every failure into one line and an exit code.

Exit codes: 0 done, 1 a run failed, 2 the input is at fault, 130 interrupted.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from experiments import interrupts
from experiments.commands import COMMANDS

DONE, FAILED, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130


def usage() -> str:
    """Return the text of ``ploshcha --help``."""
    width = max(map(len, COMMANDS))
    lines = [f"  {name:<{width}}  {summary}" for name, summary in COMMANDS.items()]
    return "\n".join(
        [
            "usage: ploshcha COMMAND [options] [name=value ...]",
            "",
            "An agent-based simulator of protest: citizens, state workers, security officers",
            "and officials.",
            "",
            "commands",
            *lines,
            "",
            "ploshcha COMMAND --help tells more; ploshcha --version tells the version.",
            "For research, teaching and the replication of past events:",
            "see RESPONSIBLE_USE.md.",
        ]
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit code."""
    if arguments is None:  # started as a command, not called from a test or a notebook
        interrupts.listen()
        sys.stdout, sys.stderr = _heedless(sys.stdout), _heedless(sys.stderr)
        os.environ["MPLBACKEND"] = "agg"  # figures go to files, whatever window a notebook's shell asks for
    try:
        code = dispatch(list(sys.argv[1:] if arguments is None else arguments))
        if arguments is None:
            interrupts.stop_listening()  # all is done; only Python's own way out is left
        return code
    except KeyboardInterrupt as error:
        return _interruption(str(error))
    except Exception as error:  # a library may turn an interrupt into an error of its own
        return _interruption() if interrupts.was_interrupted() else _failure(error)


def dispatch(arguments: list[str]) -> int:
    """Find the subcommand and run it."""
    if not arguments or arguments in (["-h"], ["--help"], ["help"]):
        print(usage())
        return DONE
    name, *rest = arguments[1:] + ["--help"] if arguments[0] == "help" else arguments
    if name == "--version":
        from importlib import metadata

        print(f"ploshcha {metadata.version('ploshcha')}")
        return DONE
    if name not in COMMANDS:
        from sim.errors import not_allowed

        raise not_allowed("", "command", name, "one of " + ", ".join(COMMANDS), COMMANDS)
    if any(word in ("-h", "--help") for word in rest):
        print(help_of(name), end="")
        return DONE
    _check_call(rest)
    code = import_module(f"experiments.commands.{name}").main(rest)
    sys.stdout.flush()
    return int(code)


def _check_call(arguments: Sequence[str]) -> None:
    """Refuse words that are no text, a folder whose name is none, or that is no more, and dates that are none.

    Raises
    ------
    InputError
        One of them.
    """
    from experiments.words import check_text
    from sim.errors import InputError, not_allowed

    if not re.fullmatch(r"\d{1,11}", date := os.environ.get("SOURCE_DATE_EPOCH", "0"), re.ASCII):  # of figures
        raise not_allowed("", "SOURCE_DATE_EPOCH", date, "whole seconds since 1970, or a variable that is not set")

    for word in arguments:
        check_text("word", word)
    try:
        check_text("folder", os.getcwd())
    except FileNotFoundError:
        raise InputError("the folder in which this was called is no more: go to one that exists") from None


def help_of(name: str) -> str:
    """Return the help of a subcommand, read from its file: to import it may load the whole simulator."""
    import ast

    source = (Path(__file__).parent / "commands" / f"{name}.py").read_text(encoding="utf-8")
    found = (node.value for node in ast.parse(source).body
             if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "HELP")  # fmt: skip
    return str(ast.literal_eval(next(found)))


class Heedless:
    """An output that goes on when its reader, such as `head`, has gone: the work and its exit code are what counts."""

    def __init__(self, stream: Any) -> None:
        self.stream = stream

    def write(self, text: str) -> int:
        """Write a text, to nobody if nobody reads it."""
        try:
            return int(self.stream.write(text))
        except BrokenPipeError:
            self._forget()
            return len(text)

    def flush(self) -> None:
        """Hand on what was written."""
        try:
            self.stream.flush()
        except BrokenPipeError:
            self._forget()

    def _forget(self) -> None:
        """Lead what is written from now on, and what is still in the buffer, to nowhere."""
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self.stream.fileno())
        os.close(nowhere)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


def _heedless(stream: Any) -> Heedless:
    return Heedless(open(os.devnull, "w", encoding="utf-8") if stream is None else stream)  # None: closed, as by >&-


def _failure(error: Exception) -> int:
    """Report an error in one line; with PLOSHCHA_DEBUG=1 where it comes from, too."""
    from sim.errors import InputError

    if os.environ.get("PLOSHCHA_DEBUG") == "1":
        import traceback

        traceback.print_exception(error)
    if isinstance(error, InputError):
        _tell(str(error))
        return BAD_INPUT
    hint = "" if isinstance(error, OSError | MemoryError) else " (PLOSHCHA_DEBUG=1 shows where)"
    _tell(f"failed: {type(error).__name__}: {error}{hint}")
    return FAILED


def _tell(message: str) -> None:
    print("ploshcha: " + " ".join(message.split()), file=sys.stderr)


def _interruption(what_is_left: str = "") -> int:
    exec("")  # else CPython may still die of the signal: it remembers an interrupt that struck inside exec()
    _tell("interrupted" + (f"; {what_is_left}" if what_is_left else ""))
    return INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
