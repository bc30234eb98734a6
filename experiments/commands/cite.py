"""``ploshcha cite``: how to cite a sweep, a run, a fit or a forecast."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from experiments.commands.folder import folder_of, refuse_more
from experiments.store.kinds import kind_of, sweeps_of
from experiments.store.manifest import read_manifest

HELP = """\
usage: ploshcha cite DIR

Print how to cite a sweep, a run, a fit or a forecast: program, settings,
sources and data.
"""


def main(arguments: Sequence[str]) -> int:
    """Run ``ploshcha cite``."""
    found = folder_of(HELP, arguments)
    if found is None:
        return 0
    refuse_more(found[1])
    folder = found[0]
    kind = kind_of(folder)
    own = {"calibration": citation_of_fit, "forecast": citation_of_forecast}.get(kind, citation)(read_manifest(folder))
    print("\n\n".join([own, *(citation(read_manifest(runs)) for runs in sweeps_of(folder) if kind == "forecast")]))
    return 0


def citation_of_fit(manifest: Mapping[str, Any]) -> str:
    """Return how to cite a fit."""
    asked = manifest["calibration"]
    runs = f"{manifest['n_runs']} runs" if "n_runs" in manifest else "done" if "rounds" in manifest else "unfinished"
    priors = "; ".join(f"{name} {kind}({first:g}, {second:g})" for name, kind, first, second in asked["priors"])
    return "\n".join([
        _program(manifest),
        f"Fit of {', '.join(asked['cases'])} by {asked['method']}, {runs}, seed {asked['seed']}; priors: {priors}.",
        f"Sources sha256 {manifest['code_hash']}.", _made_with(manifest),
    ])  # fmt: skip


def citation_of_forecast(manifest: Mapping[str, Any]) -> str:
    """Return how to cite a forecast."""
    state = "" if manifest.get("tables_sha256") else ", unfinished"
    inputs = ", ".join(f"{name} {value}" for name, value in manifest["inputs_sha256"].items())
    return "\n".join([
        _program(manifest),
        f"Forecast{state}, seed {manifest['seed']}; command: ploshcha forecast {shlex.join(manifest['words'])}",
        f"Scenario: {manifest['config']['scenario']['title']}; settings sha256 {manifest['config_hash']}.",
        f"Sources sha256 {manifest['code_hash']}; inputs sha256: {inputs}.", _made_with(manifest),
    ])  # fmt: skip


def _program(made: Mapping[str, Any]) -> str:
    version, commit = made["versions"].get("ploshcha", "unreleased"), made["git_commit"] or "not in a repository"
    return (f"ploshcha contributors: ploshcha, an agent-based simulator of protest, version {version}, "
            f"commit {commit}{' with uncommitted changes' if made['git_dirty'] else ''}.")  # fmt: skip


def _made_with(made: Mapping[str, Any]) -> str:
    return f"Made with {', '.join(f'{n} {v}' for n, v in made['versions'].items() if n != 'ploshcha')}."


def citation(manifest: Mapping[str, Any]) -> str:
    """Return how to cite a sweep or a run."""
    last = manifest["generations"][-1] if "generations" in manifest else manifest
    data = last["data_hash"]
    data = ", ".join(f"{name} {value}" for name, value in data.items()) if isinstance(data, dict) else data
    lines = [
        _program(last),
        f"Scenario: {manifest['config']['scenario']['title']}; settings sha256 {manifest['config_hash']}.",
        f"Sources sha256 {last['code_hash']}; data sha256 {data or 'none'}.",
    ]
    if "n_runs" in manifest:
        lines.insert(1, f"Sweep {manifest['experiment']} ({manifest['title']}): {manifest['n_runs']} runs, "
                        f"{manifest['n_points']} points x {manifest['replicates']} replicates, design "
                        f"{manifest['method']}; command: ploshcha sweep {shlex.join(manifest['words'])}")  # fmt: skip
    return "\n".join([*lines, _made_with(last)])
