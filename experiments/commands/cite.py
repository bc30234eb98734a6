"""``ploshcha cite``: how to cite a sweep or a run."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from experiments.commands.folder import folder_of, refuse_more
from experiments.store.manifest import MANIFEST_FILE, read_manifest
from sim.errors import not_allowed

HELP = """\
usage: ploshcha cite DIR

Print how to cite a sweep or a run: program, settings, sources and data.
"""


def main(arguments: Sequence[str]) -> int:
    """Run ``ploshcha cite``."""
    found = folder_of(HELP, arguments)
    if found is None:
        return 0
    refuse_more(found[1])
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
                        f"{manifest['method']}; command: ploshcha sweep {shlex.join(manifest['words'])}")  # fmt: skip
    versions = ", ".join(f"{name} {value}" for name, value in last["versions"].items() if name != "ploshcha")
    return "\n".join([*lines, f"Made with {versions}."])
