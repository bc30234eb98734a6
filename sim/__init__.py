"""The simulator of ploshcha: world, population, step and engines."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.simulation import run

__all__ = ["run"]


def __getattr__(name: str):
    if name == "run":
        from sim.simulation import run

        return run
    raise AttributeError(f"module 'sim' has no attribute {name!r}")
