"""The baseline of a sweep: the point that effects are differences to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from experiments import words
from experiments.design.experiment_file import Experiment
from experiments.design.levers import Lever, is_number
from experiments.design.points import Point

MISSING = object()  # the baseline's value of a lever that has none of its own


def with_baseline(
    experiment: Experiment, levers: Sequence[Lever], points: list[Point], base: Mapping[str, Any], method: str
) -> tuple[list[Point], int | None, int]:
    """Find the point that effects are differences to; add it in front if it is none of the design's."""
    if not levers:
        return points, None, 0  # nothing is varied, and nothing compared
    wanted = {lever.name: _baseline_value(experiment, lever, base) for lever in levers}
    if any(value is MISSING for value in wanted.values()):
        return points, 0, 0  # a lever without a value of its own, such as a file: the first point
    for number, point in enumerate(points):
        if all(words.meaning(point[name]) == words.meaning(value) for name, value in wanted.items()):
            return points, number, 0
    return [wanted, *points], 0, 1


def _baseline_value(experiment: Experiment, lever: Lever, base: Mapping[str, Any]) -> Any:
    """Return the value of a lever at the baseline: the experiment's, else the first alternative, else the setting.

    MISSING of a file, of what is not set, and of what has no place in a range.
    """
    if lever.name in experiment.baseline:
        return experiment.baseline[lever.name]
    if lever.alternatives is not None:
        return next(iter(lever.alternatives))
    if lever.name == "scenario":
        return lever.values[0]
    value: Any = base
    for part in lever.name.split("."):
        if not isinstance(value, Mapping) or part not in value:
            return MISSING
        value = value[part]
    is_none = value is None and None not in lever.values
    return MISSING if is_none or isinstance(value, Mapping) or lever.is_range and not is_number(value) else value
