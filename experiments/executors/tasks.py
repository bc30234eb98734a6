"""What executors compute: chunks of a sweep that are not there yet, as tasks; and what they tell of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from experiments.design.plan import Plan
from experiments.store.chunks import Chunk
from experiments.store.sweep_folder import Source, results_of

Left = tuple[int, int, tuple[int, ...]]  # number of a chunk, times it was tried again, its runs
Event = tuple[str, Any]  # ("run", number) as it starts, ("chunk", Report) when it is written
Started = Callable[[int], None]


@dataclass(frozen=True)
class Task:
    """One chunk to be computed. `runs` and `parameters` belong together; `skipped` holds errors of runs left out."""

    folder: str
    number: int
    again: int
    generation: int
    runs: tuple[int, ...]
    keys: tuple[str, ...]
    parameters: tuple[Any, ...]
    code: str
    data: Mapping[str, str]  # hash of the data files by scenario.data
    skipped: Mapping[int, str]


@dataclass(frozen=True)
class Report:
    """What became of a task: runs that went well, and the errors of those that did not."""

    number: int
    n_done: int
    failed: Mapping[int, str]
    seconds: float
    file: str = ""  # name of the chunk's file


def left_to_do(plan: Plan, chunks: Sequence[Chunk], again: bool) -> Iterator[Left]:
    """Yield what is left: chunks that are not there, and with `again` the failed runs of those that are."""
    there: dict[int, list[Chunk]] = {}
    for chunk in chunks:
        there.setdefault(chunk.number, []).append(chunk)
    _, failed = results_of(chunks)
    for number, runs in enumerate(plan.chunks):
        if not any(chunk.again == 0 for chunk in there.get(number, ())):
            yield number, 0, tuple(runs)
        elif again and (retry := tuple(run for run in runs if run in failed)):
            yield number, 1 + max(chunk.again for chunk in there[number]), retry


def make_task(plan: Plan, folder: Path, source: Source, generation: int, left: Left) -> Task:
    """Return the task of a chunk."""
    number, again, runs = left
    keys = tuple(plan.key(run, source.content) for run in runs)
    parameters = tuple(plan.parameters_of(run).model_copy(update=_one_thread(plan)) for run in runs)
    return Task(str(folder.absolute()), number, again, generation, runs, keys, parameters, source.code, source.data, {})


def _one_thread(plan: Plan) -> dict[str, int]:
    return {"threads": 1} if hasattr(plan.parameters, "threads") else {}
