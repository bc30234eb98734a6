"""What a calibration was asked to do: its own settings, and the words of its runs."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from experiments import words
from experiments.calibration.calm_turnout import INTERCEPT, MADE_BY
from experiments.calibration.npe import check_installed
from experiments.calibration.priors import Prior, make_priors
from experiments.design.fitted import CALM_TURNOUT
from experiments.design.levers import levers_of_words
from experiments.settings.complaints import told_in_one_line
from experiments.settings.sweep import check_whole, split_words
from sim.errors import InputError, not_allowed

LISTS = ("cases", "free", "per_case")
OF_SWEEPS = ("executor", "chunk_runs", "accept_code_change")
AT = "@"  # between a parameter of a case and the case


class Own(BaseModel):
    """The calibration's own settings."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    cases: tuple[str, ...] = Field(min_length=1)
    method: Literal["abc_smc", "history_matching", "emulator", "npe"] = "abc_smc"
    free: tuple[str, ...] = ()
    per_case: tuple[str, ...] = ()  # fitted to each case by itself
    priors: str | None = None
    n: int = Field(200, ge=10, le=1_000_000)  # runs of a round and case
    rounds: int = Field(3, ge=1, le=50)
    ess: float = Field(40.0, ge=5, le=1e6)
    checks: int = Field(100, ge=0, le=10_000)  # known truths
    until: date | None = None  # only reports of windows that end by this day
    seed: int = Field(1, ge=0, lt=2**31)


@dataclass(frozen=True)
class Request:
    """A calibration: its settings, priors by column of the table, and the words of its runs."""

    own: Own
    priors: tuple[Prior, ...]
    run_words: tuple[str, ...]  # of the runs themselves
    sweep_words: tuple[str, ...]  # where and how they are computed
    config_dir: str | None
    out: Path
    case_words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # NAME@CASE=VALUE: of one case's runs
    boxes: Mapping[tuple[str, str], tuple[float, float]] = field(default_factory=dict)  # by parameter and case
    sizes: Mapping[str, int] = field(default_factory=dict)  # n@CASE

    def words_of(self, case: str) -> tuple[str, ...]:
        """Return the words of a case's runs."""
        return (*self.run_words, *self.case_words.get(case, ()))

    def size(self, case: str) -> int:
        """Return the number of runs of a round of a case."""
        return self.sizes.get(case, self.own.n)

    @property
    def names(self) -> tuple[str, ...]:
        """Columns of the table: shared parameters, then those of each case as NAME@CASE."""
        shared = [prior.name for prior in self.priors if prior.name not in self.own.per_case]
        return (*shared, *(f"{name}{AT}{case}" for case in self.own.cases for name in self.own.per_case))

    @property
    def columns(self) -> tuple[Prior, ...]:
        """Prior of each column of the table."""
        by_name = {prior.name: prior for prior in self.priors}
        return tuple(by_name[name.partition(AT)[0]] for name in self.names)

    def theta(self, v: np.ndarray) -> np.ndarray:
        """Return the parameters of points in v, shape (n, n_columns)."""
        return np.stack([prior.value(v[:, k]) for k, prior in enumerate(self.columns)], axis=1)

    def of_case(self, case: str) -> dict[str, int]:
        """Return the columns that a case's runs have, by parameter."""
        return {name.partition(AT)[0]: k for k, name in enumerate(self.names) if name.partition(AT)[2] in ("", case)}

    def plain(self) -> dict[str, Any]:
        """Return what makes the result, as plain values."""
        priors = [[p.name, p.distribution, p.first, p.second] for p in self.priors]
        own = self.own.model_dump(mode="json", exclude={"priors", "free", "rounds", "checks"})
        told = {**own, "priors": priors, "words": list(self.run_words)}
        if self.case_words or self.boxes:
            told["words_of_cases"] = {case: list(words) for case, words in self.case_words.items()}
            told["boxes"] = {f"{name}{AT}{case}": list(box) for (name, case), box in self.boxes.items()}
        return told


def read_request(arguments: Sequence[str], config_dir: str | None) -> Request:
    """Read the words of ``ploshcha calibrate``.

    Raises
    ------
    InputError
        One of them is not allowed.
    """
    found: dict[str, Any] = {}
    sweep_words, run_words, out = [], [], ""
    of_cases: list[tuple[str, str, str]] = []
    for word in arguments:
        name, _, value = word.partition("=")
        name = "cases" if name == "case" else name
        if AT in name:
            of_cases.append((name.partition(AT)[0], name.partition(AT)[2], value))
        elif name == "out":
            out = value
        elif name in LISTS:
            found[name] = [part.strip() for part in value.strip("[]").split(",") if part.strip()]
        elif name in Own.model_fields:
            found[name] = None if value in ("null", "none") else value
        elif name.partition(".")[0] in OF_SWEEPS:
            sweep_words.append(word)
        else:
            run_words.append(word)
    check_whole(split_words(sweep_words)[0])  # refuses what is wrong with them before anything is written
    own = _own(found)
    ranges, run_words = _ranges(run_words)
    priors = make_priors(own.free, ranges, own.priors)
    _check_fixed(run_words, priors)
    _check_per_case(own, priors)
    _check_npe(own)
    _check_turnout(own, run_words, [prior.name for prior in priors])
    if not out:
        raise InputError("out is missing: the folder of the calibration, such as out=results/fit")
    words_, boxes, sizes = _of_cases(own, of_cases, [prior.name for prior in priors])
    return Request(own, priors, tuple(run_words), tuple(sweep_words), config_dir, words.path_of("out", out),
                   words_, boxes, sizes)  # fmt: skip


def _of_cases(
    own: Own, found: Sequence[tuple[str, str, str]], fitted: Sequence[str]
) -> tuple[dict[str, tuple[str, ...]], dict[tuple[str, str], tuple[float, float]], dict[str, int]]:
    """Tell settings of one case from boxes of its parameters and the number of its runs."""
    told: dict[str, list[str]] = {}
    boxes: dict[tuple[str, str], tuple[float, float]] = {}
    sizes: dict[str, int] = {}
    for name, case, value in found:
        if case not in own.cases:
            raise not_allowed("", f"{name}{AT}{case}", value, "a case of cases=[...]", own.cases)
        if own.method != "emulator":
            raise not_allowed("", f"{name}{AT}{case}", value, "method=emulator, one table a case")
        if name == "n":
            sizes[case] = int(_number(name, case, value, 10))
        elif value.startswith("interval("):
            if name not in fitted:
                raise not_allowed("", f"{name}{AT}{case}", value, "parameters that are fitted: " + ", ".join(fitted))
            lever = levers_of_words(words.parse([f"{name}={value}"]))[0]
            boxes[name, case] = lever.bounds
        else:
            told.setdefault(case, []).append(f"{name}={value}")
    return {case: tuple(each) for case, each in told.items()}, boxes, sizes


def _number(name: str, case: str, value: str, least: int) -> int:
    if not re.fullmatch("[0-9]{1,9}", value) or int(value) < least:
        raise not_allowed("", f"{name}{AT}{case}", value, f"a whole number, at least {least}")
    return int(value)


def _own(found: dict[str, Any]) -> Own:
    try:
        return Own.model_validate(found)
    except ValidationError as error:
        if any(each["loc"] == ("cases",) for each in error.errors()):
            raise InputError("case is missing: case=SCENARIO, or cases=[SCENARIO,...], each once") from None
        raise InputError(str(told_in_one_line(error, found, Own))) from None


def _ranges(run_words: Sequence[str]) -> tuple[dict[str, tuple[float, float]], list[str]]:
    """Tell parameters with interval(low,high) from settings of all runs, which have one value each."""
    parsed = words.parse(run_words)
    levers = {lever.name: lever for lever in levers_of_words(parsed)}
    for lever in levers.values():
        if not lever.is_range:
            listed = ",".join(map(str, lever.levels(None)))
            raise not_allowed("", lever.name, listed, "interval(low,high), or one value")
    fixed = [word for word, item in zip(run_words, parsed, strict=True) if item.key_or_group not in levers]
    for name in ("scenario", "seed", "replicates", "experiment", "design", "common_luck"):
        for word in fixed:
            if word.partition("=")[0].partition(".")[0] == name:
                raise InputError(f"{word} is not allowed: the calibration sets it (case=NAME, n=N, seed=N)")
    return {name: lever.bounds for name, lever in levers.items()}, fixed


def _check_fixed(run_words: Sequence[str], priors: Sequence[Prior]) -> None:
    fitted = {prior.name for prior in priors}
    for word in run_words:
        name, _, value = word.partition("=")
        if name in fitted:
            raise not_allowed("", name, value, "no value of its own: it is fitted")


def _check_npe(own: Own) -> None:
    """Refuse, before a run is made, what a neural posterior cannot do, or where its packages are not installed."""
    if own.method != "npe":
        return
    if len(own.cases) > 1:
        raise not_allowed("", "cases", ",".join(own.cases), "one case with method=npe; several: method=emulator")
    check_installed()


def _check_turnout(own: Own, run_words: Sequence[str], names: Sequence[str]) -> None:
    """Refuse what else would set the intercept, or make the people, where a prior is on their turnout."""
    if CALM_TURNOUT not in names:
        return
    if own.method == "emulator":
        raise not_allowed("", "free", CALM_TURNOUT, f"{INTERCEPT} with method=emulator")
    for name in [*names, *(word.partition("=")[0] for word in run_words)]:
        if name == INTERCEPT:
            raise not_allowed("", name, "(a value or a prior)", f"none of its own: it follows from {CALM_TURNOUT}")
    for name in names:
        if name.startswith(MADE_BY):
            raise not_allowed("", "free", name, f"parameters that do not make the people, beside {CALM_TURNOUT}")


def _check_per_case(own: Own, priors: Sequence[Prior]) -> None:
    names = [prior.name for prior in priors]
    for name in own.per_case:
        if name not in names:
            raise not_allowed("", "per_case", name, "parameters that are fitted: " + ", ".join(names), names)
    if len(set(own.cases)) < len(own.cases):
        raise not_allowed("", "cases", ",".join(own.cases), "each case once")
