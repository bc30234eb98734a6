"""What ``ploshcha list`` and ``ploshcha show`` print: names, meanings, and all that is declared about one of them."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from experiments.design.catalogue import Item
from experiments.design.levers import Lever
from experiments.printing.hours import window_label
from experiments.printing.numbers import amount, short

WIDTH = 80
SIGNS = {"ge": ">=", "gt": ">", "le": "<=", "lt": "<"}


def item_lines(found: Sequence[Item], is_wrapped: bool | None = None) -> list[str]:
    """Return a line for each name; on a terminal wrapped at 80 columns, in a pipe one line each, for grep."""
    is_wrapped = sys.stdout.isatty() if is_wrapped is None else is_wrapped
    width = max((len(item.name) for item in found), default=0)
    lines = []
    for item in found:
        text = item.meaning + (f" ({item.unit})" if item.unit else "")
        lines += pair(item.name, text, width) if is_wrapped else [f"{item.name:<{width}}  {text}".rstrip()]
    return lines


def pair(name: str, text: str, width: int) -> list[str]:
    """Return a name and a text beside it, wrapped at 80 columns; below it where the name leaves no room."""
    indent = " " * (width + 2 if width <= WIDTH // 2 else 4)
    first = f"{name:<{width}}  " if width <= WIDTH // 2 else indent
    lines = _wrapped(text, first, indent) or [name]
    return lines if width <= WIDTH // 2 else [name, *lines]


def _wrapped(text: str, first: str, indent: str) -> list[str]:
    """Return a text in lines of 80 columns; addresses and names stay whole."""
    return textwrap.wrap(text, WIDTH, initial_indent=first, subsequent_indent=indent, break_long_words=False,
                         break_on_hyphens=False)  # fmt: skip


def pairs(found: Mapping[str, Any], indent: str = "  ") -> list[str]:
    """Return names with values, leaving out what has none."""
    known = {name: str(value) for name, value in found.items() if value not in (None, "", ())}
    width = max(map(len, known), default=0) + len(indent)
    return [line for name, value in known.items() for line in pair(indent + name, value, width)]


def lever_lines(each: Any, used_by: Iterable[str]) -> list[str]:
    """Return all that is declared about a parameter (`agents.rules.declaration.Declared`)."""
    low, high = (short(end) for end in each.plausible)
    hand = "" if not each.by_hand else "by hand, looking at the targets" + (
        "" if each.start is None else f"; start value {short(each.start)}")  # fmt: skip
    return [f"lever {each.name}: {each.meaning}", *pairs({
        "symbol": each.symbol, "value": "a matrix" if isinstance(each.default, tuple) else short(each.default),
        "unit": each.unit, "plausible": f"{low} to {high}",
        "allowed": " and ".join(f"{SIGNS[bound]} {limit:g}" for bound, limit in each.limits.items()),
        "prior": each.prior, "set": hand, "identified": "" if each.is_identified else "no datum speaks about it",
        "source": each.source, "rules": each.file, "varied by": ", ".join(used_by),
    })]  # fmt: skip


def experiment_lines(plan: Any, seconds: float, processes: int) -> list[str]:
    """Return an experiment's question, levers, figure, runs and time."""
    experiment, labels = plan.experiment, plan.experiment.figure.get("labels", {})
    lines = [f"experiment {experiment.name}: {experiment.title}", *_wrapped(experiment.question, "  ", "  ")]
    lines += pairs({f"lever {lever.name}": _levels(lever, labels.get(lever.name)) for lever in plan.levers})
    return lines + pairs({
        "settings": ", ".join(f"{name}={value}" for name, value in experiment.settings.items()),
        "outcomes": ", ".join(experiment.outcomes), "figure": experiment.figure.get("kind"),
        "smallest effect of interest": f"{100 * experiment.smallest:g} % of the baseline's mean",
        "runs": f"{len(plan.points)} points x {plan.replicates} replicates = {plan.n_runs}",
        "time": f"about {_clock(seconds)} on {processes} processes (an estimate)",
        "command": f"ploshcha sweep experiment={experiment.name}",
    })  # fmt: skip


def _levels(lever: Lever, label: str | None) -> str:
    values = f"{lever.low:g} to {lever.high:g}" if lever.is_range else ", ".join(map(short, lever.levels(None)))
    return values + (f"; {label}" if label else "")


def _clock(seconds: float) -> str:
    from experiments.printing.progress import clock

    return clock(seconds)


def scenario_lines(parameters: Any, targets: Sequence[Any]) -> list[str]:
    """Return what a scenario is, and its targets."""
    scenario = parameters.scenario
    lines = [f"scenario {scenario.name}: {scenario.title}", *pairs({
        "model": getattr(scenario, "model", None), "start": getattr(scenario, "start", None),
        "hours": getattr(parameters, "hours", None), "steps": getattr(parameters, "steps", None),
        "cities": ", ".join(getattr(scenario, "cities", ())), "data": getattr(scenario, "data", None),
        "command": f"ploshcha run scenario={scenario.name}", "targets": str(len(targets)) if targets else "none",
    })]  # fmt: skip
    return lines + [line for target in targets for line in _target(target, scenario.start)]


def _target(target: Any, start: Any) -> list[str]:
    ends = amount(target.low) if target.low == target.high else f"{amount(target.low)} to {amount(target.high)}"
    window = window_label(start, target.hour_from, target.hour_to)
    told = f"{target.city}, {target.outcome}, {target.statistic} of {window}: {ends}"
    told += f" ({target.source}; {target.confidence})"
    return _wrapped(told, "    ", "      ")


def config_lines(settings: Mapping[str, Any], default: Mapping[str, Any]) -> list[str]:
    """Return all settings in the words of the command line, then those that differ from the default."""
    lines = [f"{name}={_written(value)}" for name, value in settings.items()]
    differing = [name for name in settings if name not in default or settings[name] != default[name]]
    if not differing:
        return [*lines, "", "nothing differs from the default"]
    told = [f"  {name}={_written(settings[name])} (default {_written(default.get(name))})" for name in differing]
    return [*lines, "", f"{len(differing)} differ from the default:", *told]


def _written(value: Any) -> str:
    from experiments.words import as_written

    text = as_written(value)
    return text if len(text) <= WIDTH else text[: WIDTH - 3] + "..."
