"""Files of conf/experiment: what is varied, what is looked at, and how it is drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from experiments.design.claims import Claim, read_claims
from experiments.design.levers import Lever, read_levers
from experiments.outcomes import DEFAULT_OUTCOMES, OUTCOMES
from experiments.settings.read import CONFIG_ROOT
from sim.errors import InputError, not_allowed

EXPERIMENTS = "experiment"  # folder of conf with the experiments
FIGURES = ("curves", "response", "map", "break_even", "elasticity", "cities", "none")


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


NO_EXPERIMENT = Experiment("sweep", "Sweep", {}, (), DEFAULT_OUTCOMES, {"kind": "response"}, {}, (), 5, "grid")


def find_experiment(name: str, config_dir: str | None) -> Path:
    """Return the file of an experiment."""
    roots = [CONFIG_ROOT] if config_dir is None else [Path(config_dir).expanduser(), CONFIG_ROOT]
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
        It is not YAML, a key is unknown, or a lever, an outcome, the figure or a claim is not allowed.
    """
    from omegaconf import OmegaConf

    try:
        found = OmegaConf.to_container(OmegaConf.load(path), resolve=True)
    except Exception as error:
        raise InputError(f"{path.name} cannot be read: {error}") from error
    keys = ("title", "settings", "levers", "outcomes", "figure", "baseline", "published", "replicates", "design")
    if not isinstance(found, dict):
        raise not_allowed(path.name, "content", found, "keys such as levers, outcomes, figure")
    for key in found:
        if key not in keys:
            raise not_allowed(path.name, "key", key, "one of " + ", ".join(keys), keys)
    design = {"method": "grid", "n": None, **(found.get("design") or {})}
    own: Any = found
    levers = tuple(read_levers(path.name, own.get("levers")))
    return Experiment(
        path.stem, str(own.get("title", path.stem)), _settings(own), levers,
        _outcomes(path.name, own), _figure(path.name, own), found.get("baseline") or {},
        read_claims(path.name, found.get("published"), levers), int(found.get("replicates", 5)), str(design["method"]),
        design["n"],
    )  # fmt: skip


def _settings(found: Mapping[str, Any]) -> dict[str, Any]:
    return {str(name): value for name, value in (found.get("settings") or {}).items()}


def _outcomes(where: str, found: Mapping[str, Any]) -> tuple[str, ...]:
    names = tuple(found.get("outcomes") or DEFAULT_OUTCOMES)
    for name in names:
        if name not in OUTCOMES and not name.startswith(("peak_", "final_")):
            raise not_allowed(where, "outcomes", name, "one of " + ", ".join(OUTCOMES), OUTCOMES)
    return names


def _figure(where: str, found: Mapping[str, Any]) -> dict[str, Any]:
    figure = found.get("figure") or {"kind": "response"}
    figure = {"kind": figure} if isinstance(figure, str) else dict(figure)
    if figure.get("kind") not in FIGURES:
        raise not_allowed(where, "figure", figure.get("kind"), "one of " + ", ".join(FIGURES), FIGURES)
    return figure
