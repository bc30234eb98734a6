"""The folder of a sweep: its lock, its manifest with the generations of code and data, and what is left to do."""

from __future__ import annotations

import json
import os
import re
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from agents.compiled.sources import foreign_files
from experiments.design.hashes import config_hash, text_hash
from experiments.design.levers import cell, is_number
from experiments.design.plan import Plan, is_lasting, make_plan
from experiments.store.chunks import FIGURES_FOLDER, RUNS_FOLDER, Chunk, hidden_file
from experiments.store.claim import check_folder
from experiments.store.files import check_names, told_if_unwritable, write_whole
from experiments.store.lock import LOCKS
from experiments.store.manifest import MANIFEST_FILE, kind_told, read_manifest, write_manifest
from experiments.store.provenance import code_hash, data_hash, git_state, package_versions
from experiments.store.tables import as_table, int64, numbers, table_bytes, texts
from experiments.words import path_of, quoted
from sim.errors import InputError, not_allowed

DESIGN_FILE = "design.parquet"
SUMMARY_FILE = "summary.parquet"
FAILED_FILE = "failed.parquet"
EFFECTS_FILE = "effects.parquet"
SWEEPS = Path("results") / "sweeps"
FORMAT = 1
# What may be in a folder before its manifest is; design.parquet alone only where an earlier version was killed
BEGUN = re.compile(rf"{RUNS_FOLDER}|{LOCKS.pattern}|\.manifest\.json\..+\.tmp.*|\.?design\.parquet(\..+\.tmp.*)?")
LONGEST_FIGURE = f"{FIGURES_FOLDER}/.sensitivity.png.{socket.gethostname()}.{2**22}.tmp.png"


@dataclass(frozen=True)
class Source:
    """What runs are made from, besides their parameters."""

    code: str
    data: Mapping[str, str]  # hash of the data files by scenario.data
    rules: tuple[str, ...] = ()

    @property
    def content(self) -> str:
        """One hash of all of it."""
        return text_hash(self.code, json.dumps(dict(self.data), sort_keys=True), *self.rules)


def source_of(plan: Plan, rules: Sequence[str] = ()) -> Source:
    """Hash the sources of the model and the data files that the plan's runs read."""
    from sim.parameters import Parameters

    data = {found.scenario.data: data_hash(found) for found in plan.chosen() if isinstance(found, Parameters)}
    return Source(code_hash(), data, tuple(rules))


def sweep_folder(plan: Plan) -> Path:
    """Return the folder of a sweep: `out`, else one named after what is asked for, so that the same command resumes."""
    if plan.out is not None:
        return path_of("out", plan.out)
    digits = text_hash(json.dumps(plan.request(), sort_keys=True))[:8]
    return SWEEPS / f"{plan.experiment.name}-{digits}"


def is_sweep(folder: Path) -> bool:
    """Whether a folder holds a sweep, begun or finished."""
    return kind_told(folder) == "sweep"


def check_sweep(folder: str | Path) -> Path:
    """Return a folder that holds a sweep.

    Raises
    ------
    InputError
        It does not.
    """
    path = path_of("folder", folder)
    if not is_sweep(path):
        raise not_allowed("", "folder", folder, f"a folder of a sweep, with its {MANIFEST_FILE}")
    return path


def plan_of(folder: Path, *extra: str) -> Plan:
    """Return the plan of a sweep's folder, as its manifest tells it; `extra` are more words of the command line."""
    manifest = read_manifest(folder)
    where, design = str(folder / MANIFEST_FILE), manifest["request"]["design"]
    for word in manifest["words"]:
        if not is_lasting(word):
            raise not_allowed(where, "words", word, "what makes runs; where and how is for your own command to say")
    if (own := manifest["config_dir"]) is not None and not Path(own).is_dir():
        raise not_allowed(where, "config_dir", own, "a folder that exists, with the settings of the sweep")

    def made(*more: str) -> Plan:
        words = [*manifest["words"], *more, f"out={quoted(folder)}"]
        return make_plan(words, manifest["config_dir"], design["method"], design["n"])

    try:
        plan = made(*extra)
    except InputError:
        try:
            made()
        except InputError as error:
            raise InputError(f"{where}: {error}") from None
        raise  # of a word of the command's
    _check_fit(where, plan, manifest)
    return plan


def _check_fit(where: str, plan: Plan, manifest: Mapping[str, Any]) -> None:
    """Refuse a manifest whose words do not make the runs that it speaks of."""
    request, looked_at = plan.request(), ("levers", "design", "replicates", "common_luck", "chunk_runs")
    changes = [line for name in looked_at for line in differences(manifest["request"][name], request[name], name)]
    numbers = {"n_points": len(plan.points), "n_runs": plan.n_runs, "levers": [lever.name for lever in plan.levers]}
    changes += [line for name, value in numbers.items() for line in differences(manifest[name], value, name)]
    if changes:
        raise InputError(f"{where} contradicts itself: {changes[0]}, by its words")


def begin(folder: Path) -> None:
    """Make the folder, if it may be used for a sweep at all.

    Raises
    ------
    InputError
        It is a file, cannot be written, or holds something else.
    """
    runs = folder / RUNS_FOLDER
    with told_if_unwritable(folder):
        if not is_sweep(folder):
            begun = [path.name for path in folder.iterdir() if BEGUN.match(path.name)] if folder.is_dir() else []
            check_folder(folder, begun)  # what a process that was killed at once has left does not count
        runs.mkdir(parents=True, exist_ok=True)
        check_names(folder, [f"{RUNS_FOLDER}/{hidden_file(folder, 0, 2**22).name}", LONGEST_FIGURE])
        for place in (folder, runs):
            if not os.access(place, os.W_OK | os.X_OK):
                raise not_allowed("", "out", folder, f"a folder that can be written, and {place} cannot")


def enter(folder: Path, plan: Plan, source: Source) -> tuple[dict[str, Any], int]:
    """Write, or compare with, the manifest; return it and the number of the generation of code and data.

    Raises
    ------
    InputError
        The folder was begun with other settings, or with other code or data that are not accepted.
    """
    (folder / RUNS_FOLDER).mkdir(exist_ok=True)
    if not is_sweep(folder):
        write_manifest(folder, new_manifest(plan, source))  # the moment of birth: all else follows from it
    manifest = read_manifest(folder)
    has_changed = check_same(folder, manifest, plan, source)
    if not _has_design(folder, plan):
        write_whole(folder / DESIGN_FILE, design_bytes(plan, manifest["generations"][0]["content_hash"]))
    if has_changed:
        manifest["generations"].append(generation(source))
        write_manifest(folder, manifest)
    return manifest, len(manifest["generations"]) - 1


def check_same(folder: Path, manifest: Mapping[str, Any], plan: Plan, source: Source) -> bool:
    """Compare a sweep that was begun with what is asked for; return whether code or data have changed, as accepted.

    Raises
    ------
    InputError
        It was begun with other settings, or with other code or data that are not accepted.
    """
    if changes := differences(manifest["request"], plan.request()):
        raise InputError(f"{folder} was begun with other settings: {changes[0]}; choose another out=DIR")
    changed = what_changed(manifest["generations"][-1], source)
    if changed and not plan.settings.accept_code_change:
        raise InputError(
            f"{folder} was begun with other {' and '.join(changed)}; accept_code_change=true goes on with a new "
            "generation of runs, marked as such, or choose another out=DIR"
        )
    return bool(changed)


def _has_design(folder: Path, plan: Plan) -> bool:
    """Whether the file design.parquet is there, and has a row for each run."""
    import pyarrow.parquet as pq

    try:
        return int(pq.read_metadata(folder / DESIGN_FILE).num_rows) == plan.n_runs
    except (OSError, ValueError):
        return False


def what_changed(generation: Mapping[str, Any], source: Source) -> list[str]:
    """Name what differs between a generation of a folder and now."""
    changed = [] if generation["code_hash"] == source.code else ["code (agents/ or sim/)"]
    names = [
        n for n in {**generation["data_hash"], **source.data} if generation["data_hash"].get(n) != source.data.get(n)
    ]
    changed += [f"data files ({', '.join(sorted(names))})"] if names else []
    return changed + (["replaced rules"] if list(generation["replaced_rules"]) != list(source.rules) else [])


def differences(old: Any, new: Any, name: str = "") -> list[str]:
    """Name what differs between two requests, with both values."""
    if isinstance(old, dict) and isinstance(new, dict):
        keys = [*old, *(key for key in new if key not in old)]
        return [line for key in keys
                for line in differences(old.get(key), new.get(key), f"{name}.{key}" if name else str(key))]  # fmt: skip
    return [] if old == new else [f"{name} was {_short(old)}, now {_short(new)}"]


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else text[:60] + "..."


def generation(source: Source) -> dict[str, Any]:
    """Return what is kept of the code and data that runs are made from."""
    return {
        "code_hash": source.code, "data_hash": dict(source.data), "replaced_rules": list(source.rules),
        "foreign_files": foreign_files(), "content_hash": source.content, "versions": package_versions(), **git_state(),
    }  # fmt: skip


def new_manifest(plan: Plan, source: Source) -> dict[str, Any]:
    """Return the manifest of a sweep that begins."""
    request = plan.request()
    config = json.loads(plan.parameters.model_dump_json())
    return {
        "kind": "sweep", "format": FORMAT, "experiment": plan.experiment.name, "title": plan.experiment.title,
        "words": list(plan.words), "config_dir": plan.config_dir, "config": config, "config_hash": config_hash(config),
        "levers": [lever.name for lever in plan.levers], "outcomes": list(plan.experiment.outcomes),
        "n_points": len(plan.points), "n_added": plan.n_added, "baseline": plan.baseline,
        "replicates": plan.replicates, "n_runs": plan.n_runs, "chunks": len(plan.chunks),
        "method": plan.method, "request": request, "generations": [generation(source)],
    }  # fmt: skip


def design_bytes(plan: Plan, content: str) -> bytes:
    """Return the file design.parquet: a row per run; `content` is the hash of what they are first made from."""
    runs = np.arange(plan.n_runs)
    columns = {"run_id": numbers(runs.astype(np.int32)), **lever_columns(plan, runs.tolist())}
    columns["replicate"] = numbers((runs % plan.replicates).astype(np.int32))
    columns["seed"] = int64([plan.seed(run) for run in runs.tolist()])
    columns["point"] = numbers((runs // plan.replicates).astype(np.int32))
    columns["key"] = texts([plan.key(run, content) for run in runs.tolist()])
    return table_bytes(as_table(columns))


def lever_columns(plan: Plan, runs: Sequence[int]) -> dict[str, Any]:
    """Return a column for each lever, with its value at each run."""
    found = {}
    for lever in plan.levers:
        values = [cell(point[lever.name]) for point in plan.points]
        is_numeric = all(is_number(value) for value in values)
        column = [values[run // plan.replicates] for run in runs]
        found[lever.name] = numbers(np.array(column, float)) if is_numeric else texts([str(v) for v in column])
    return found


def lever_values(plan: Plan, point: int) -> dict[str, Any]:
    """Return the value of each lever at a point, as it stands in tables."""
    return {lever.name: cell(plan.points[point][lever.name]) for lever in plan.levers}


def results_of(chunks: Sequence[Chunk]) -> tuple[dict[int, tuple[int, dict[str, Any]]], dict[int, tuple[int, str]]]:
    """Return the outcomes of finished runs and the errors of failed ones, each with its generation, by run."""
    done: dict[int, tuple[int, dict[str, Any]]] = {}
    failed: dict[int, tuple[int, str]] = {}
    for chunk in sorted(chunks, key=lambda chunk: (chunk.again, chunk.number)):
        done |= {run: (chunk.generation, values) for run, values in chunk.outcomes.items()}
        failed |= {run: (chunk.generation, error) for run, error in chunk.failed.items()}
    return done, {run: found for run, found in failed.items() if run not in done}


def fits(plan: Plan, chunk: Chunk, n_generations: int) -> bool:
    """Whether a chunk speaks of runs that the plan has at its place, and of no others."""
    is_there = 0 <= chunk.number < len(plan.chunks) and 0 <= chunk.generation < n_generations
    told = {*chunk.outcomes, *chunk.failed}
    return is_there and told <= set(chunk.keys) <= set(plan.chunks[chunk.number])


def accepted(
    plan: Plan, chunks: Sequence[Chunk], generations: Sequence[Mapping[str, Any]]
) -> tuple[list[Chunk], list[Chunk]]:
    """Tell the chunks that belong to this sweep from those that do not."""
    own: list[Chunk] = []
    foreign: list[Chunk] = []
    for chunk in chunks:
        is_own = fits(plan, chunk, len(generations)) and all(
            key == plan.key(run, generations[chunk.generation]["content_hash"]) for run, key in chunk.keys.items()
        )
        (own if is_own else foreign).append(chunk)
    return own, foreign
