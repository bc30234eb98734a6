"""What runs the jobs of ``run -m`` is for the user's own words to say: folders of others hold settings of the model.

Hydra makes objects of whatever ``_target_`` stands under ``hydra``: launchers, sweepers, callbacks. A scenario file may
reach there by its package or its defaults. So whatever was composed with such a folder is composed once more without
it, from the words that speak of Hydra alone; if that gives something else, it is refused.
"""

from __future__ import annotations

from typing import Any

from hydra._internal.config_loader_impl import ConfigLoaderImpl
from hydra.core.global_hydra import GlobalHydra
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf

from experiments.settings.declared import SEARCH_PATH
from sim.errors import InputError

# what differs from one composition to the next, and makes nothing
PASSING_OF_JOB = ("name", "override_dirname", "config_name", "id", "num")
PASSING = {"overrides", "runtime", "searchpath", *(f"job.{name}" for name in PASSING_OF_JOB)}


_clean: dict[tuple[Any, ...], dict[str, Any]] = {}  # without folders of the user's: made once in a process


class GuardedLoader(ConfigLoaderImpl):
    """Composes settings as Hydra does, and refuses those in which a folder of the user's speaks of Hydra."""

    def load_configuration(
        self, config_name: str | None, overrides: list[str], run_mode: RunMode, from_shell: bool = True,
        validate_sweep_overrides: bool = True,
    ) -> DictConfig:  # fmt: skip
        """Compose settings.

        Raises
        ------
        InputError
            A folder on the search path sets something under ``hydra``.
        """
        found = super().load_configuration(config_name, overrides, run_mode, from_shell, validate_sweep_overrides)
        parsed = OverridesParser.create().parse_overrides(overrides)
        if any(item.key_or_group == SEARCH_PATH for item in parsed):
            own = [str(item.input_line) for item in parsed
                   if item.is_hydra_override() and item.key_or_group != SEARCH_PATH]  # fmt: skip
            asked = (config_name, *own, run_mode, from_shell, validate_sweep_overrides)
            if asked not in _clean:
                clean = super().load_configuration(config_name, own, run_mode, from_shell, validate_sweep_overrides)
                _clean[asked] = _plain(clean)
            if name := _first_difference(_clean[asked], _plain(found)):
                raise InputError(f"a file of --config-dir sets hydra.{name}: only settings of the model may be there")
        return found


def guard() -> None:
    """Let the Hydra of this session compose with a guarded loader."""
    hydra = GlobalHydra.instance().hydra
    assert hydra is not None
    hydra.config_loader = GuardedLoader(hydra.config_loader.get_search_path())


def _plain(composed: DictConfig) -> dict[str, Any]:
    return dict(OmegaConf.to_container(composed.hydra, resolve=False))  # type: ignore[arg-type]


def _first_difference(clean: Any, found: Any, name: str = "") -> str:
    """Name the first setting that differs, nothing if none does."""
    if name in PASSING or clean == found:
        return ""
    if not isinstance(clean, dict) or not isinstance(found, dict):
        return name
    inside = (_first_difference(clean.get(key), found.get(key), f"{name}.{key}".lstrip("."))
              for key in [*clean, *(key for key in found if key not in clean)])  # fmt: skip
    return next(filter(None, inside), "")
