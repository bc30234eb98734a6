"""Files of conf/experiment: what is varied, what is looked at, and how it is drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from experiments.design.claims import Claim, read_claims
from experiments.design.levers import Lever, read_levers
from experiments.outcomes import DEFAULT_OUTCOMES
from experiments.settings.complaints import told_in_one_line
from experiments.settings.read import CONFIG_ROOT
from experiments.settings.sweep import Method, SweepSettings
from experiments.settings.yaml_files import read_yaml
from experiments.words import as_written, path_of
from sim.errors import InputError, not_allowed

EXPERIMENTS = "experiment"  # folder of conf with the experiments

SMALLEST = 0.05  # size of interest of an effect, as a share of the baseline's mean: a convention, as in most claims
AGAIN = "again:"  # line of the comment: words of a further sweep that docs/make_experiments.py runs
Whole = Annotated[int, Field(strict=True, ge=1, le=1_000_000)]  # strict: true is no 1


@dataclass(frozen=True)
class Experiment:
    """A file of conf/experiment: what is varied, what is looked at, and how it is drawn."""

    name: str
    title: str
    settings: Mapping[str, Any]
    levers: tuple[Lever, ...]
    outcomes: tuple[str, ...]
    figure: Mapping[str, Any]
    baseline: Mapping[str, Any]
    published: Sequence[Claim]
    replicates: int
    method: str
    n: int | None = None
    has_outcomes: bool = False  # whether the file names them
    question: str = ""  # the comment above the file
    smallest: float = SMALLEST


NO_EXPERIMENT = Experiment("sweep", "Sweep", {}, (), DEFAULT_OUTCOMES, {"kind": "response"}, {}, (), 5, "grid")


class _Part(BaseModel):
    """Base of the parts of a file; numbers may stand for texts."""

    model_config = ConfigDict(frozen=True, extra="forbid", coerce_numbers_to_str=True)


class _Pair(_Part):
    """Two alternatives of the first lever, with one night's violence a little up and down."""

    more: Any
    less: Any
    day: Annotated[int, Field(strict=True, ge=0)]  # of that night
    at: dict[str, Any] = {}  # of the other levers


class _Figure(_Part):
    """How it is drawn."""

    kind: Literal["curves", "response", "map", "break_even", "elasticity", "none"]
    curves: tuple[str, ...] = ()
    labels: dict[str, str] = {}  # of levers
    pairs: dict[str, _Pair] = {}  # of `elasticity`


class _Design(_Part):
    """Which points are run, where the command line does not say."""

    method: Method = "grid"
    n: Whole | None = None


class _File(_Part):
    """What a file may hold; what depends on the model is checked when the sweep is composed."""

    title: str | None = None
    settings: dict[str, Any] = {}
    levers: dict[str, Any]
    outcomes: Annotated[tuple[str, ...], Field(min_length=1)] = DEFAULT_OUTCOMES
    figure: _Figure = _Figure(kind="response")
    baseline: dict[str, Any] = {}
    published: list[Any] = []
    replicates: Whole = 5
    smallest: Annotated[float, Field(strict=True, gt=0, le=1)] = SMALLEST  # share of the baseline's mean
    design: _Design = _Design()

    @field_validator("figure", mode="before")
    @classmethod
    def _kind_alone(cls, found: Any) -> Any:
        return {"kind": found} if isinstance(found, str) else found


PARTS: dict[str, Any] = {
    **dict.fromkeys(_File.model_fields), "figure": dict.fromkeys(_Figure.model_fields),
    "design": dict.fromkeys(_Design.model_fields),
}  # fmt: skip


def find_experiment(name: str, config_dir: str | None) -> Path:
    """Return the file of an experiment."""
    roots = [CONFIG_ROOT] if config_dir is None else [path_of("--config-dir", config_dir), CONFIG_ROOT]
    for root in roots:
        if (path := root / EXPERIMENTS / f"{name}.yaml").is_file():
            return path
    known = sorted({path.stem for root in roots for path in (root / EXPERIMENTS).glob("*.yaml")})
    raise not_allowed("", "experiment", name, "one of " + ", ".join(known), known)


def read_experiment(path: Path) -> Experiment:
    """Read a file of conf/experiment.

    Raises
    ------
    InputError
        It is not YAML, a key is unknown, or a value is not of its kind; the message names file, key and value.
    """
    where, found = path.name, read_yaml(path)
    if not isinstance(found, dict):
        raise not_allowed(where, "content", found, "keys such as levers, outcomes, figure")
    found = {key: value for key, value in found.items() if value is not None}  # a key without a value says nothing
    try:
        file = _File.model_validate(found)
    except ValidationError as error:
        raise InputError(f"{where}: {told_in_one_line(error, PARTS, _File)}") from error
    levers = tuple(read_levers(where, file.levers))
    _check_settings(where, file.settings)
    _check_levers_named(where, file, levers)
    return Experiment(
        path.stem, file.title or path.stem, file.settings, levers, tuple(dict.fromkeys(file.outcomes)),
        file.figure.model_dump(exclude_unset=True), _baseline(where, file.baseline, levers),
        read_claims(where, file.published, levers), file.replicates, file.design.method, file.design.n,
        "outcomes" in file.model_fields_set, question_of(path), file.smallest,
    )  # fmt: skip


def question_of(path: Path) -> str:
    """Return the comment at the head of an experiment's file, which says what is asked."""
    return " ".join(line for line in comment(path) if not line.startswith(AGAIN))


def again(path: Path) -> list[str]:
    """Return the words of further sweeps that the comment asks for."""
    return [line.removeprefix(AGAIN).strip() for line in comment(path) if line.startswith(AGAIN)]


def comment(path: Path) -> list[str]:
    """Return the lines of the comment at the head of a file."""
    lines = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            break
        lines.append(line.lstrip("# ").strip())
    return lines


def _check_settings(where: str, settings: Mapping[str, Any]) -> None:
    """Refuse settings of the sweep among those of its runs; they would have no effect, or say where it is written."""
    for name, value in settings.items():
        if name.partition(".")[0] in {*SweepSettings.model_fields, "out"}:
            beside = "a key beside settings" if name in _File.model_fields else "for the command line"
            raise not_allowed(where, f"settings.{name}", as_written(value), f"no setting of a run: {beside}")


def _check_levers_named(where: str, file: _File, levers: Sequence[Lever]) -> None:
    """Refuse to speak of levers that the file does not have; a misspelt name would have no effect."""
    names = [lever.name for lever in levers]
    named = [("baseline", file.baseline), ("figure.labels", file.figure.labels)]
    named += [(f"figure.pairs.{name}.at", pair.at) for name, pair in file.figure.pairs.items()]
    for key, found in named:
        for name in found:
            if name not in names:
                raise not_allowed(where, key, name, "one of the levers " + (", ".join(names) or "(none)"), names)
    if file.figure.kind == "elasticity" and not (names and file.figure.pairs):
        raise InputError(f"{where}: figure.pairs is missing: elasticity needs a lever and pairs of its values")
    for name, pair in file.figure.pairs.items():
        for side in (pair.more, pair.less):
            levers[0].named(f"{where}: figure.pairs.{name}", side)


def _baseline(where: str, found: Mapping[str, Any], levers: Sequence[Lever]) -> dict[str, Any]:
    """Return the baseline, alternatives by their names."""
    by_name = {lever.name: lever for lever in levers}
    return {name: by_name[name].named(f"{where}: baseline", value) for name, value in found.items()}
