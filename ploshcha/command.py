"""The command ``ploshcha``, once it is sure that the packages are ours."""

from __future__ import annotations

import sys

from ploshcha.neighbours import fault

FAILED = 1


def main() -> int:
    """Run the command line; return the exit code."""
    if told := fault():
        print(f"ploshcha: {told}", file=sys.stderr)
        return FAILED
    from experiments.cli import main as command

    return command()
