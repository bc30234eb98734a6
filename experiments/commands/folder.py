"""``ploshcha status|plot|resume|replay|cite``: what can be done with the folder of a sweep."""

from __future__ import annotations

import fcntl
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from experiments.design.plan import Plan, make_plan
from experiments.store.chunks import DAMAGED, RUNS_FOLDER, read_chunks, read_curves, run_table
from experiments.store.run_folder import MANIFEST_FILE
from experiments.store.sweep_folder import LOCK_FILE, check_sweep, read_manifest, results_of, source_of, what_changed
from sim.errors import InputError, not_allowed

HELP = {
    "status": "usage: ploshcha status DIR\n\nTell how far a sweep is, what failed, and what it was made from.\n",
    "plot": "usage: ploshcha plot DIR\n\nDraw the figures of a sweep again, finished or not, and print its table.\n",
    "resume": "usage: ploshcha resume DIR [--failed] [executor=NAME executor.processes=N accept_code_change=true]\n\n"
    "Go on with a sweep that was interrupted, by any executor; --failed tries the failed runs again.\n",
    "replay": "usage: ploshcha replay DIR --run K [engine=mesa]\n\n"
    "Compute one run of a sweep again, in either engine, and compare it with the stored one bit for bit.\n",
    "cite": "usage: ploshcha cite DIR\n\nPrint how to cite a sweep or a run: program, settings, sources and data.\n",
}


def plan_of(folder: Path, *extra: str) -> Plan:
    """Return the plan of a sweep's folder, as its manifest tells it."""
    manifest = read_manifest(folder)
    design = manifest["request"]["design"]
    arguments = [*manifest["words"], *extra, f"out={folder}"]
    return make_plan(arguments, manifest["config_dir"], design["method"], design["n"])


def _folder(command: str, arguments: Sequence[str]) -> tuple[Path, list[str]] | None:
    """Return the folder and the rest of the words; None if help was asked for, and given."""
    if not arguments or any(word in ("-h", "--help") for word in arguments):
        print(HELP[command], end="")
        if not arguments:
            raise InputError("folder is missing: name the folder of a sweep")
        return None
    first, *rest = arguments
    return Path(first).expanduser(), rest


def _refuse(rest: Sequence[str]) -> None:
    if rest:
        raise not_allowed("", "option", rest[0], "a folder and nothing else")


def status(arguments: Sequence[str]) -> int:
    """Run ``ploshcha status``."""
    found = _folder("status", arguments)
    if found is None:
        return 0
    folder, rest = check_sweep(found[0]), found[1]
    _refuse(rest)
    manifest = read_manifest(folder)
    done, failed = results_of(read_chunks(folder))
    print(f"{manifest['title']} ({manifest['experiment']}): {manifest['n_points']} points x {manifest['replicates']} "
          f"replicates, design {manifest['method']}")  # fmt: skip
    left = manifest["n_runs"] - len(done) - len(failed)
    print(f"{len(done)} of {manifest['n_runs']} runs done, {len(failed)} failed, {left} left"
          + (", at work now" if in_use(folder) else ""))  # fmt: skip
    for number, item in enumerate(manifest["generations"]):
        runs = sum(generation == number for generation, _ in done.values())
        commit = (item["git_commit"] or "no commit")[:12] + (" with changes" if item["git_dirty"] else "")
        print(f"generation {number}: {runs} runs, code {item['code_hash'][:12]} ({commit})")
    for run, (_, error) in list(sorted(failed.items()))[:10]:
        print(f"run {run} failed: {error}")
    for path in sorted((folder / RUNS_FOLDER).glob(f"*{DAMAGED}")):
        print(f"set aside: {RUNS_FOLDER}/{path.name}")
    return 0


def in_use(folder: Path) -> bool:
    """Whether a process works on a folder now."""
    path = folder / LOCK_FILE
    if not path.exists():
        return False
    handle = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return False
    except OSError as error:
        return isinstance(error, BlockingIOError)
    finally:
        os.close(handle)


def plot(arguments: Sequence[str]) -> int:
    """Run ``ploshcha plot``."""
    from experiments.finish import finish

    found = _folder("plot", arguments)
    if found is None:
        return 0
    folder = check_sweep(found[0])
    _refuse(found[1])
    for line in finish(folder, plan_of(folder)):
        print(line)
    print(f"figures written to {folder / 'figures'}")
    return 0


def resume(arguments: Sequence[str]) -> int:
    """Run ``ploshcha resume``."""
    from experiments.one_sweep import run_plan

    found = _folder("resume", arguments)
    if found is None:
        return 0
    folder, rest = check_sweep(found[0]), found[1]
    for word in rest:
        if word != "--failed" and word.partition("=")[0].partition(".")[0] not in ("executor", "accept_code_change"):
            raise not_allowed("", "option", word, "--failed, executor=NAME, executor...., accept_code_change=true")
    extra = [word for word in rest if word != "--failed"]
    return run_plan(plan_of(folder, *extra), again="--failed" in rest)


def replay(arguments: Sequence[str]) -> int:
    """Run ``ploshcha replay``."""
    found = _folder("replay", arguments)
    if found is None:
        return 0
    folder, (number, engine) = check_sweep(found[0]), _replay_options(found[1])
    plan = plan_of(folder)
    done, failed = results_of(read_chunks(folder))
    if number not in done and number not in failed:
        raise not_allowed("", "--run", number, f"a finished run, from 0 to {plan.n_runs - 1}")
    made_in = done[number][0] if number in done else failed[number][0]
    generation = read_manifest(folder)["generations"][made_in]
    changed = what_changed(generation, source_of(plan, generation["replaced_rules"]))
    if changed:
        print(f"ploshcha: run {number} was made with other {' and '.join(changed)}", file=sys.stderr)
    parameters = plan.parameters_of(number)
    parameters = parameters.model_copy(update={"engine": engine or parameters.engine})
    from sim import run

    result = run(parameters)
    place = ", ".join(f"{name}={value}" for name, value in plan.points[number // plan.replicates].items())
    print(f"run {number}: {place}, seed {parameters.seed}, engine {parameters.engine}")
    if number in failed:
        print("went well this time; it had failed with", failed[number][1])
        return 0
    differing = different_columns(stored_curves(folder, number), run_table(number, result))
    print("identical to the stored run, bit for bit" if not differing else f"differs in {', '.join(differing)}")
    return 1 if differing else 0


def _replay_options(words: Sequence[str]) -> tuple[int, str | None]:
    """Return the number of the run and the engine."""
    number, engine, rest = None, None, iter(words)
    for word in rest:
        name, equals, value = word.partition("=")
        if name == "--run":
            text = value if equals else next(rest, "")
            if not text.isdigit():
                raise not_allowed("", "--run", text, "the number of a run")
            number = int(text)
        elif name == "engine" and value in ("mesa", "compiled"):
            engine = value
        else:
            raise not_allowed("", "option", word, "--run K, engine=mesa, engine=compiled")
    if number is None:
        raise InputError("--run is missing: the number of a run, as in --run 17")
    return number, engine


def stored_curves(folder: Path, number: int) -> Any:
    """Return all columns of one stored run."""
    import pyarrow.parquet as pq

    chunk = next(c for c in reversed(read_chunks(folder)) if number in c.outcomes)
    columns = [name for name in pq.read_schema(chunk.path).names if name != "run_id"]
    return read_curves(folder, columns, [number])


def different_columns(stored: Any, fresh: Any) -> list[str]:
    """Return the names of columns that differ in any bit; a missing value equals a missing value."""
    names = [name for name in dict.fromkeys([*stored.column_names, *fresh.column_names])]
    differing = []
    for name in names:
        if name not in stored.column_names or name not in fresh.column_names:
            if set(_plain(stored if name in stored.column_names else fresh, name)) - {None}:
                differing.append(name)
            continue
        if not _same(stored[name].combine_chunks(), fresh[name].combine_chunks()):
            differing.append(name)
    return differing


def _plain(table: Any, name: str) -> list[Any]:
    return table[name].to_pylist()


def _same(one: Any, other: Any) -> bool:
    if len(one) != len(other) or one.null_count != other.null_count:
        return False
    if one.type == other.type and str(one.type) == "double":
        values = [
            np.nan_to_num(array.to_numpy(zero_copy_only=False), nan=-1.0).view(np.int64) for array in (one, other)
        ]
        return bool((values[0] == values[1]).all())
    return one.equals(other)


def cite(arguments: Sequence[str]) -> int:
    """Run ``ploshcha cite``."""
    found = _folder("cite", arguments)
    if found is None:
        return 0
    _refuse(found[1])
    folder = found[0]
    if not (folder / MANIFEST_FILE).is_file():
        raise not_allowed("", "folder", folder, f"a folder of a sweep or a run, with its {MANIFEST_FILE}")
    print(citation(read_manifest(folder)))
    return 0


def citation(manifest: Mapping[str, Any]) -> str:
    """Return how to cite a sweep or a run."""
    last = manifest["generations"][-1] if "generations" in manifest else manifest
    version = last["versions"].get("ploshcha", "unreleased")
    commit = last["git_commit"] or "not in a repository"
    data = last["data_hash"]
    data = ", ".join(f"{name} {value}" for name, value in data.items()) if isinstance(data, dict) else data
    lines = [
        f"ploshcha contributors: ploshcha, an agent-based simulator of protest, version {version}, "
        f"commit {commit}{' with uncommitted changes' if last['git_dirty'] else ''}.",
        f"Scenario: {manifest['config']['scenario']['title']}; settings sha256 {manifest['config_hash']}.",
        f"Sources sha256 {last['code_hash']}; data sha256 {data or 'none'}.",
    ]
    if "n_runs" in manifest:
        lines.insert(1, f"Sweep {manifest['experiment']} ({manifest['title']}): {manifest['n_runs']} runs, "
                        f"{manifest['n_points']} points x {manifest['replicates']} replicates, design "
                        f"{manifest['method']}; command: ploshcha sweep {' '.join(manifest['words'])}")  # fmt: skip
    versions = ", ".join(f"{name} {value}" for name, value in last["versions"].items() if name != "ploshcha")
    return "\n".join([*lines, f"Made with {versions}."])
