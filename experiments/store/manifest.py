"""Manifests: what a folder says of itself. Others may have written, or edited, it: it is read, and never obeyed.

Only what `validated` has seen is used; which words of it are followed is for `experiments.store.sweep_folder` to say.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, ValidationError

from experiments.settings.complaints import told_in_one_line
from experiments.store.claim import RUN_FILES
from experiments.store.files import write_whole
from sim.errors import InputError, not_allowed

MANIFEST_FILE = RUN_FILES[-1]


class Part(BaseModel):
    """Base of the parts of a manifest; what a later version may add is let through."""

    model_config = ConfigDict(strict=True)


class Made(Part):
    """What results are made from."""

    code_hash: str
    versions: dict[str, str]
    git_commit: str | None
    git_dirty: bool | None
    replaced_rules: list[str]


class Generation(Made):
    """What some runs of a sweep are made from."""

    data_hash: dict[str, str]
    content_hash: str


class Title(Part):
    """What is cited of a scenario."""

    title: str


class Config(Part):
    """What is read of resolved settings."""

    scenario: Title


class RunManifest(Made):
    """The manifest of a run."""

    config: Config
    config_hash: str
    data_hash: str | None


class MapScenario(Title):
    """What a map is called, and the day of its hour 0."""

    name: str
    start: date


class MapConfig(Config):
    """What is read of the settings of a run with a map."""

    scenario: MapScenario
    persons_per_agent: FiniteFloat = Field(ge=1)


class MapManifest(RunManifest):
    """The manifest of a run with a map."""

    config: MapConfig
    seed: int
    agents: int
    curves_sha256: str


class Design(Part):
    """What is asked of a design."""

    method: str
    n: int | None
    seed: int


class Request(Part):
    """What makes the runs of a sweep."""

    design: Design
    levers: dict[str, Any]
    replicates: int
    common_luck: bool
    chunk_runs: int


class SweepManifest(Part):
    """The manifest of a sweep."""

    kind: Literal["sweep"]
    format: Literal[1]
    experiment: str
    title: str
    words: list[str]
    config_dir: str | None
    config: Config
    config_hash: str
    levers: list[str]
    n_points: int = Field(ge=1)
    replicates: int = Field(ge=1)
    n_runs: int = Field(ge=1)
    method: str
    request: Request
    generations: list[Generation] = Field(min_length=1)


class Fitted(Part):
    """What a fit was asked for."""

    cases: list[str] = Field(min_length=1)
    method: Literal["abc_smc", "history_matching", "emulator", "npe"]
    per_case: list[str] = []
    seed: int
    priors: list[tuple[str, Literal["uniform", "normal"], FiniteFloat, FiniteFloat]] = Field(min_length=1)


class FitManifest(Part):
    """The manifest of a fit; it has the number of its rounds once it has come to its end."""

    kind: Literal["calibration"]
    calibration: Fitted
    code_hash: str
    versions: dict[str, str]
    git_commit: str | None
    git_dirty: bool | None
    rounds: int = Field(0, ge=1)  # this and the next three may be missing, but are not null
    n_runs: int = Field(0, ge=1)
    tolerance: FiniteFloat = 0.0
    ess: FiniteFloat = 0.0
    until: date | Literal[""] = ""  # last day of the reports that it has seen; empty: all


class ForecastManifest(Part):
    """The manifest of a forecast; it has the hashes of its tables once it has come to its end."""

    kind: Literal["forecast"]
    words: list[str]
    config_dir: str | None
    config: Config
    config_hash: str
    seed: int
    inputs_sha256: dict[str, str]
    code_hash: str
    versions: dict[str, str]
    git_commit: str | None
    git_dirty: bool | None
    tables_sha256: dict[str, str] = {}


KINDS: dict[str, type[Part]] = {"sweep": SweepManifest, "calibration": FitManifest, "forecast": ForecastManifest}


def kind_told(folder: Path) -> str:
    """Return the kind that a folder's manifest gives; empty where it gives none, as that of a run, or is none."""
    try:
        found = json.loads((folder / MANIFEST_FILE).read_bytes())
    except (OSError, ValueError, RecursionError):
        return ""
    return str(found.get("kind", "")) if isinstance(found, dict) else ""


def read_manifest(folder: Path, model: type[Part] | None = None) -> dict[str, Any]:
    """Read the manifest of a folder, of the kind that it gives or of one that is wanted.

    Raises
    ------
    InputError
        There is none, or something in it is missing or of the wrong kind; the message is one line.
    """
    path = folder / MANIFEST_FILE
    try:
        found = json.loads(path.read_bytes())
    except OSError as error:
        raise not_allowed("", "folder", folder, f"one whose {MANIFEST_FILE} can be read ({error.strerror})") from None
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}: no JSON: {error}") from None
    if not isinstance(found, dict):
        raise not_allowed(str(path), "content", found, "keys such as config, config_hash")
    kind = found.get("kind") if isinstance(found.get("kind"), str) else None
    model = model or (KINDS.get(kind or "", SweepManifest) if "kind" in found else RunManifest)
    try:
        model.model_validate_json(json.dumps(found))  # of JSON: days are texts, tuples lists
    except ValidationError as error:
        raise InputError(f"{path}: {told_in_one_line(error, found, model)}") from None
    return found


def write_manifest(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Replace the manifest, whole."""
    text = json.dumps(manifest, indent=2, ensure_ascii=False, allow_nan=False, default=str)
    write_whole(folder / MANIFEST_FILE, (text + "\n").encode())
