"""``ploshcha status``: how far a sweep is, who works on it, and what failed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from experiments.commands.folder import folder_of, refuse_more
from experiments.executors.slurm import left_behind
from experiments.store.chunks import DAMAGED, RUNS_FOLDER, read_chunks
from experiments.store.lock import holders
from experiments.store.manifest import MANIFEST_FILE, read_manifest
from experiments.store.sweep_folder import check_sweep, is_sweep, results_of

HELP = """\
usage: ploshcha status DIR

Tell how far a sweep is, what failed, and what it was made from; of a single run
what it is and what it was made from.
"""


def main(arguments: Sequence[str]) -> int:
    """Run ``ploshcha status``."""
    found = folder_of(HELP, arguments)
    if found is None:
        return 0
    folder, rest = found
    refuse_more(rest)
    if (folder / MANIFEST_FILE).is_file() and not is_sweep(folder):
        return _of_run(folder)
    check_sweep(folder)
    manifest = read_manifest(folder)
    done, failed = results_of(read_chunks(folder))
    print(f"{manifest['title']} ({manifest['experiment']}): {manifest['n_points']} points x {manifest['replicates']} "
          f"replicates, design {manifest['method']}")  # fmt: skip
    left = manifest["n_runs"] - len(done) - len(failed)
    print(f"{len(done)} of {manifest['n_runs']} runs done, {len(failed)} failed, {left} left"
          + _at_work(folder))  # fmt: skip
    for number, item in enumerate(manifest["generations"]):
        runs = sum(generation == number for generation, _ in done.values())
        commit = (item["git_commit"] or "no commit")[:12] + (" with changes" if item["git_dirty"] else "")
        print(f"generation {number}: {runs} runs, code {item['code_hash'][:12]} ({commit})")
    for run, (_, error) in list(sorted(failed.items()))[:10]:
        print(f"run {run} failed: {error}")
    for path in sorted((folder / RUNS_FOLDER).glob(f"*{DAMAGED}*")):
        print(f"set aside: {RUNS_FOLDER}/{path.name}")
    for line in left_behind(folder):
        print(line)
    return 0


def _of_run(folder: Path) -> int:
    """Tell what a single run is: folders of runs appear whole, so it is done."""
    manifest = read_manifest(folder)
    commit = (manifest["git_commit"] or "no commit")[:12] + (" with changes" if manifest["git_dirty"] else "")
    print(f"{manifest['config']['scenario']['title']}: one run, done")
    print(f"seed {manifest.get('seed')}, {manifest.get('steps')} steps, {manifest.get('agents')} agents, engine "
          f"{manifest.get('engine')}; settings {manifest['config_hash'][:12]}")  # fmt: skip
    print(f"made with code {manifest['code_hash'][:12]} ({commit})")
    return 0


def _at_work(folder: Path) -> str:
    """Say who works on the folder now."""
    found = holders(folder)
    return f", at work now: {', '.join(found)}" if found else ""
