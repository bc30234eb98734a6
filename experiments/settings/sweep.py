"""Settings of a sweep that are not settings of a run: design, executor, replicates and the like."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from experiments.settings.complaints import told_in_one_line
from experiments.settings.read import OF_A_FIGURE, FigureForm, forms_of
from experiments.words import check_text
from sim.errors import InputError, not_allowed

Method = Literal["grid", "lhs", "sobol", "morris", "list"]


class Strict(BaseModel):
    """Base of the sweep's own settings."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class DesignSettings(Strict):
    """Which points are run."""

    method: Method = "grid"
    n: int | None = Field(None, ge=1, le=1_000_000)
    file: str | None = None
    seed: int = Field(1, ge=0, lt=2**32)


class ExecutorSettings(Strict):
    """Where they are run; nothing of it changes a result. All but `name` and `processes` belong to one executor."""

    name: Literal["local", "dask", "slurm"] = "local"
    processes: int | None = Field(None, ge=1, le=4096)  # none: one per core; slurm: of each job, none: 1
    share: str | None = None  # local: K/N, each N-th chunk from the K-th on
    address: str | None = None  # dask: of a running scheduler; none: a cluster of this machine
    shards: int = Field(8, ge=1, le=10_000)  # slurm: jobs of the array
    minutes: int = Field(60, ge=1, le=1_000_000)  # slurm: time limit of a job
    memory_gb: float | None = Field(None, gt=0, le=100_000)  # slurm: of a job
    partition: str | None = None  # slurm
    account: str | None = None  # slurm
    qos: str | None = None  # slurm
    cluster: Literal["slurm", "local"] = "slurm"  # slurm: local runs the jobs on this machine, to try it out
    print_script: bool = False  # slurm: only print a script for sbatch

    @model_validator(mode="after")
    def _check_owners(self) -> ExecutorSettings:
        for name in self.model_fields_set - {"name", "processes"}:
            owner = {"share": "local", "address": "dask"}.get(name, "slurm")
            if self.name != owner:
                raise not_allowed("", f"executor.{name}", getattr(self, name), f"only with executor={owner}")
        is_share = re.fullmatch(r"\d{1,6}/\d{1,6}", self.share or "0/1") is not None
        if not is_share or self.part[0] >= self.part[1]:
            raise not_allowed("", "executor.share", self.share, "K/N with K from 0 to N - 1")
        return self

    @property
    def part(self) -> tuple[int, int]:
        """Number of this share, from 0, and of all shares."""
        number, _, total = (self.share or "0/1").partition("/")
        return int(number), int(total)


class SweepSettings(Strict):
    """Settings of a sweep that are not settings of a run."""

    experiment: str | None = None
    design: DesignSettings = DesignSettings()
    executor: ExecutorSettings = ExecutorSettings()
    replicates: int | None = Field(None, ge=1, le=1_000_000)
    common_luck: bool = True  # the same seeds at every point
    chunk_runs: int = Field(50, ge=1, le=10_000)
    dry_run: bool = False
    accept_code_change: bool = False
    sensitivity: Literal["sobol", "morris", "pawn"] | None = None  # the method, whose design is run
    outcomes: tuple[str, ...] | None = None  # that sensitivity looks at
    posterior: str | None = None  # folder of a calibration: every point at each of `draws` draws
    draws: int = Field(20, ge=1, le=100_000)
    figures: tuple[FigureForm, ...] = OF_A_FIGURE  # forms of each figure


NAMES: dict[str, Any] = {
    **dict.fromkeys(SweepSettings.model_fields),
    "design": dict.fromkeys(name for name in DesignSettings.model_fields if name != "method"),  # design=NAME
    "executor": dict.fromkeys(name for name in ExecutorSettings.model_fields if name != "name"),  # executor=NAME
}


def split_words(arguments: Sequence[str]) -> tuple[SweepSettings, list[str]]:
    """Tell the sweep's own settings from the overrides of a run.

    Raises
    ------
    InputError
        One of the sweep's settings is not allowed.
    """
    own: dict[str, Any] = {}
    rest: list[str] = []
    for word in arguments:
        check_text("word", word)
        name, equals, value = word.partition("=")
        top, _, last = name.partition(".")
        if not equals or top not in SweepSettings.model_fields:
            rest.append(word)
        elif top in ("design", "executor"):
            own.setdefault(top, {})[last or ("method" if top == "design" else "name")] = _plain(value)
        elif name in ("outcomes", "figures"):
            parts = [part.strip() for part in value.strip("[]").split(",")]
            own[name] = forms_of(parts) if name == "figures" else parts
        else:
            own[name] = _plain(value)
    try:
        return SweepSettings.model_validate(own), rest
    except ValidationError as error:
        told = str(told_in_one_line(error, NAMES, SweepSettings))
        raise InputError(told.replace("design.method=", "design=").replace("executor.name=", "executor=")) from None


def check_whole(settings: SweepSettings) -> None:
    """Refuse a sweep of which only a part would be run, where all of it is needed.

    Raises
    ------
    InputError
        It is a dry run, a script, or a share.
    """
    executor = settings.executor
    for name, value in (("dry_run", settings.dry_run), ("executor.print_script", executor.print_script),
                        ("executor.share", executor.share)):  # fmt: skip
        if value:
            shown = "true" if value is True else value
            raise not_allowed("", name, shown, "a sweep that is run whole: no dry run, script or share")


def _plain(text: str) -> Any:
    return None if text.lower() in ("null", "none") else text
