"""What a forecast was made from: its manifest, written before the first run and, with what came out, at the end."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from experiments.calibration.one_emulation import FIT_FILE, hierarchy_of, parameters_of_case
from experiments.calibration.reference import FOLDER
from experiments.design.hashes import config_hash
from experiments.design.plan import Plan, is_lasting
from experiments.design.posterior import POSTERIOR_FILE, posterior_folder
from experiments.forecasting.asked import Asked
from experiments.forecasting.by_emulator import is_emulated
from experiments.forecasting.conformal import CORRECTION_FILE
from experiments.store.files import sha256, told_if_unwritable
from experiments.store.kinds import FORECAST_FILE
from experiments.store.manifest import read_manifest, write_manifest
from experiments.store.provenance import (
    HASHED_PACKAGES,
    VERSIONS_OF,
    code_hash,
    data_hash,
    git_state,
    hash_files,
    package_versions,
)
from experiments.words import path_of

SCORES_FILE, COMPARED_FILE = "scores.parquet", "compared.parquet"
TABLES = (FORECAST_FILE, SCORES_FILE, COMPARED_FILE)
OF_A_POSTERIOR = (POSTERIOR_FILE, FIT_FILE, CORRECTION_FILE, f"{FOLDER}/*.parquet")
VERSIONS = (*VERSIONS_OF, "scoringrules")
Clock = tuple[float, float]


def now() -> Clock:
    """Return seconds of this process and of the wall."""
    return time.process_time(), time.perf_counter()


def begin(asked: Asked, plan: Plan) -> None:
    """Write what a forecast is made from, before it is made; what an earlier one has told does not count from here."""
    config = json.loads(plan.parameters.model_dump_json())
    manifest = {
        "kind": "forecast", "words": list(lasting_words(asked)), "config_dir": _absolute(asked.config_dir),
        "config": config, "config_hash": config_hash(config), "seed": plan.parameters.seed,
        "inputs_sha256": inputs_of(asked, plan.parameters), "code_hash": code_hash((*HASHED_PACKAGES, "experiments")),
        "versions": package_versions(VERSIONS), **git_state(),
    }  # fmt: skip
    with told_if_unwritable(asked.out):
        asked.out.mkdir(parents=True, exist_ok=True)
        write_manifest(asked.out, manifest)


def finish(folder: Path, began: Clock) -> None:
    """Add what came out, and what this call has cost."""
    seconds = {name: after - before for name, before, after in zip(("cpu_seconds", "wall_seconds"), began, now(),
                                                                  strict=True)}  # fmt: skip
    tables = {name: sha256(folder / name) for name in TABLES}
    write_manifest(folder, {**read_manifest(folder), "tables_sha256": tables, **seconds})


def lasting_words(asked: Asked) -> tuple[str, ...]:
    """Return the words of the command that make its tables, with files by their whole paths."""
    own = {"posterior": asked.posterior, "rival": asked.rival, "correction": asked.correction, "told": asked.told}
    words = [f"{name}={_absolute(value)}" for name, value in own.items() if value]
    return (*filter(is_lasting, asked.words), *words, *([f"origin={asked.origin}"] if asked.origin else []))


def _absolute(name: str | None) -> str | None:
    """Return a name with its folder, if it is one that is there, by its whole path; @CASE stays behind it."""
    if name is None:
        return None
    folder, at, case = name.partition("@")
    path = path_of("folder", folder)
    return f"{path.absolute()}{at}{case}" if path.exists() else name


def inputs_of(asked: Asked, parameters: Any) -> dict[str, str]:
    """Return the hashes of all that a forecast reads: data of its case and of a fit's, posteriors, told quantiles."""
    found = {f"data of {parameters.scenario.name}": data_hash(parameters)}
    for name, value in (("posterior", asked.posterior), ("rival", asked.rival), ("correction", asked.correction)):
        if value:
            found[name] = _hash_posterior(posterior_folder(value.partition("@")[0]))
    for value in (asked.posterior, asked.rival):
        if value and is_emulated(value):
            found |= _data_of_cases(posterior_folder(value.partition("@")[0]))
    if asked.told:
        found["told"] = sha256(path_of("told", asked.told))
    return found


def _hash_posterior(folder: Path) -> str:
    files = [path for pattern in OF_A_POSTERIOR for path in folder.glob(pattern)]
    return hash_files({path.relative_to(folder).as_posix(): path for path in files})


def _data_of_cases(folder: Path) -> dict[str, str]:
    return {f"data of {case}": data_hash(parameters_of_case(case)) for case in hierarchy_of(folder).cases}


def changed_inputs(manifest: Mapping[str, Any], asked: Asked, parameters: Any) -> list[str]:
    """Name what a forecast was made from and is another one by now."""
    then, today = manifest["inputs_sha256"], inputs_of(asked, parameters)
    changed = [name for name in {**then, **today} if then.get(name) != today.get(name)]
    is_same_code = manifest["code_hash"] == code_hash((*HASHED_PACKAGES, "experiments"))
    return changed if is_same_code else ["code", *changed]
