"""``ploshcha status``: how far a sweep is, who works on it, and what failed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from experiments.commands.folder import folder_of, refuse_more
from experiments.executors.slurm import left_behind
from experiments.store.chunks import DAMAGED, RUNS_FOLDER, read_chunks
from experiments.store.files import sha256
from experiments.store.kinds import kind_of, sweeps_of
from experiments.store.lock import holders
from experiments.store.manifest import read_manifest
from experiments.store.sweep_folder import results_of

HELP = """\
usage: ploshcha status DIR

Tell how far a sweep, a fit or the runs of a forecast are, what failed, and what
they were made from; of a single run what it is and what it was made from.
"""


def main(arguments: Sequence[str]) -> int:
    """Run ``ploshcha status``."""
    found = folder_of(HELP, arguments)
    if found is None:
        return 0
    folder, rest = found
    refuse_more(rest)
    kind = kind_of(folder)
    {"run": _of_run, "calibration": _of_calibration, "sweep": _of_sweep, "forecast": _of_forecast}[kind](folder)
    return 0


def _of_sweep(folder: Path) -> None:
    """Tell how far a sweep is, who works on it, and what failed."""
    manifest = read_manifest(folder)
    done, failed = results_of(read_chunks(folder))
    print(f"{manifest['title']} ({manifest['experiment']}): {manifest['n_points']} points x {manifest['replicates']} "
          f"replicates, design {manifest['method']}")  # fmt: skip
    left = manifest["n_runs"] - len(done) - len(failed)
    print(f"{len(done)} of {manifest['n_runs']} runs done, {len(failed)} failed, {left} left"
          + _at_work(folder))  # fmt: skip
    for number, item in enumerate(manifest["generations"]):
        runs = sum(generation == number for generation, _ in done.values())
        print(f"generation {number}: {runs} runs, code {item['code_hash'][:12]} ({_commit(item)})")
    for run, (_, error) in list(sorted(failed.items()))[:10]:
        print(f"run {run} failed: {error}")
    for path in sorted((folder / RUNS_FOLDER).glob(f"*{DAMAGED}*")):
        print(f"set aside: {RUNS_FOLDER}/{path.name}")
    for line in left_behind(folder):
        print(line)


def _of_run(folder: Path) -> None:
    """Tell what a single run is: folders of runs appear whole, so it is done."""
    manifest = read_manifest(folder)
    print(f"{manifest['config']['scenario']['title']}: one run, done")
    print(f"seed {manifest.get('seed')}, {manifest.get('steps')} steps, {manifest.get('agents')} agents, engine "
          f"{manifest.get('engine')}; settings {manifest['config_hash'][:12]}")  # fmt: skip
    print(f"made with code {manifest['code_hash'][:12]} ({_commit(manifest)})")


def _of_calibration(folder: Path) -> None:
    """Tell how far a fit is."""
    manifest = read_manifest(folder)
    asked = manifest["calibration"]
    print(f"fit of {', '.join(asked['cases'])} by {asked['method']}: {len(asked['priors'])} parameters")
    if "rounds" in manifest:
        told = [_counted(manifest["rounds"], "round")]
        told += [f"{manifest['n_runs']} runs"] if "n_runs" in manifest else []
        told += [f"tolerance {manifest['tolerance']:.2f} in logs"] if "tolerance" in manifest else []
        told += [f"effective sample size {manifest['ess']:.0f}"] if "ess" in manifest else []
        print(f"done: {', '.join(told)}")
    else:
        print("not finished: the same command goes on" + _at_work(folder))
    print(f"made with code {manifest['code_hash'][:12]} ({_commit(manifest)})")


def _of_forecast(folder: Path) -> None:
    """Tell what a forecast is, and how far its runs are."""
    manifest = read_manifest(folder)
    print(f"forecast of {manifest['config']['scenario']['title']}: {' '.join(manifest['words'])}")
    tables = manifest.get("tables_sha256", {})
    print(f"done: {', '.join(tables)}" if tables else "not finished: the same command goes on")
    for name, told in tables.items():
        if not (folder / name).is_file() or sha256(folder / name) != told:
            print(f"{name} is not as it was written")
    print(f"made with code {manifest['code_hash'][:12]} ({_commit(manifest)})")
    for own in sweeps_of(folder):
        print(f"its runs of {own.name}:")
        _of_sweep(own)


def _commit(made: Mapping[str, Any]) -> str:
    return (made["git_commit"] or "no commit")[:12] + (" with changes" if made["git_dirty"] else "")


def _counted(n: int, what: str) -> str:
    return f"{n} {what}{'' if n == 1 else 's'}"


def _at_work(folder: Path) -> str:
    """Say who works on the folder now."""
    found = holders(folder)
    return f", at work now: {', '.join(found)}" if found else ""
