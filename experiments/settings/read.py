"""Settings: override strings, composed by Hydra, validated once into frozen parameters.

Hydra is used through ``compose``: it reads files and writes none, and its errors can be told in one line.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

import conf
from experiments import words
from experiments.settings.complaints import field_at, leaves, limits, told_in_one_line
from experiments.settings.declared import DECLARED_NAME, SEARCH_PATH, base_files, known_to_hydra
from experiments.settings.yaml_files import check_yaml, read_mapping
from sim.errors import InputError, not_allowed

if TYPE_CHECKING:
    from hydra.core.override_parser.types import Override
    from pydantic import BaseModel

    from sim.classics.parameters import ClassicParameters
    from sim.parameters import Parameters

CONFIG_MODULE = "conf"
CONFIG_NAME = "config"
CLASSIC_NAME = "classic"  # of a scenario that names a `model`: none of the cities' groups
CONFIG_ROOT = Path(str(conf.__file__)).parent
OF_THE_RUN = ("out", "space", "start", "save_state", "replicates", "figures")  # not of its parameters
OF_SWEEPS = ("experiment", "design", "executor", "common_luck", "chunk_runs", "dry_run", "accept_code_change",
             "sensitivity", "outcomes", "posterior", "draws")  # of experiments.settings.sweep alone
FigureForm = Literal["png", "pdf", "svg", "csv", "md"]
FORMS: tuple[FigureForm, ...] = get_args(FigureForm)
OF_A_FIGURE: tuple[FigureForm, ...] = ("png", "csv", "md")  # where nothing else is asked for
MOST_REPLICATES = 1_000_000
DATA_FOLDER = "data"  # under conf or the user's own folder; holds CSV files, not settings


@dataclass(frozen=True)
class Settings:
    """What one run was asked to do."""

    parameters: Any  # sim.parameters.Parameters, or those of a classic
    out: str | None  # as given; None: the default folder
    space: bool = False  # whether the run also writes who was where
    start: str | None = None  # file of the state that the run goes on from
    save_state: tuple[int, ...] = ()  # hours before which the state is written
    replicates: int = 1  # seeds
    figures: tuple[FigureForm, ...] = OF_A_FIGURE


def read_settings(overrides: Sequence[str], config_dir: str | Path | None = None) -> Settings:
    """Compose the settings and validate them.

    Parameters
    ----------
    overrides : sequence of str
        Hydra overrides, such as ``scenario=minsk_2020``.
    config_dir : path, optional
        A folder with more files for the groups of ``conf``, and data folders under ``data``.

    Raises
    ------
    InputError
        Something is not allowed. The message is one line; nothing was written.
    """
    parsed = words.parse(overrides)
    words.refuse_sweeps(parsed)
    words.refuse_hydra(parsed)
    with hydra_session():
        return settings_of(compose_dict(parsed, config_dir), config_dir)


@contextmanager
def hydra_session() -> Iterator[None]:
    """Initialize Hydra on the package ``conf``, also inside a program that uses Hydra itself."""
    from hydra import initialize_config_module
    from hydra.core.global_hydra import GlobalHydra

    from experiments.settings.guard import guard

    outer = GlobalHydra.instance().hydra
    GlobalHydra.instance().clear()
    try:
        with known_to_hydra(), initialize_config_module(CONFIG_MODULE, job_name="ploshcha", version_base="1.3"):
            guard()
            yield
    finally:
        _in_session.clear()
        GlobalHydra.instance().hydra = outer


def compose_dict(parsed: Sequence[Override], config_dir: str | Path | None) -> dict[str, Any]:
    """Compose settings inside a Hydra session into plain Python values, or say which override is at fault."""
    lines = [str(override.input_line) for override in parsed]
    search = search_path(config_dir)
    root = root_of(parsed, config_dir)
    _refuse_others(parsed, root)
    _refuse_other_files(parsed, config_dir)
    try:
        found = _compose([*lines, *search], root)
    except InputError:
        raise
    except Exception as error:  # whatever Hydra, OmegaConf or the YAML reader raise, the cause is the input
        raise _explained(parsed, search, config_dir, error, root) from error
    if search:
        _refuse_of_files(found, {item.key_or_group for item in parsed}, root)
    return found


def _refuse_of_files(found: Mapping[str, Any], typed: Collection[str], root: str) -> None:
    """Refuse a user's folder, perhaps somebody else's, that says where a run is written or what it reads."""
    default = _compose([], root)
    for name in OF_THE_RUN:
        if name not in typed and found.get(name) != default.get(name):
            raise InputError(f"a file of --config-dir sets {name}={words.as_written(found[name])}: "
                             "only the command line may say that")  # fmt: skip


def root_of(parsed: Sequence[Override], config_dir: str | Path | None = None) -> str:
    """Return the name of the file that the settings start from: a classic's, or the cities'.

    Raises
    ------
    InputError
        Of several scenarios some are classics and some are not.
    """
    found = [item for item in parsed if item.key_or_group == "scenario"]
    names = [str(name) for item in found for name in (
        words.values_of(item) if words.has_values(item) else [item.value()])]  # fmt: skip
    roots = {CLASSIC_NAME if _is_classic(name, config_dir) else CONFIG_NAME for name in names} or {CONFIG_NAME}
    if len(roots) > 1:
        raise not_allowed("", "scenario", ",".join(names), "cities or classics, not both together")
    return roots.pop()


def _is_classic(name: str, config_dir: str | Path | None) -> bool:
    files = [root / "scenario" / f"{name}.yaml" for root in _roots(config_dir)]
    texts = [file.read_text(encoding="utf-8", errors="replace") for file in files if file.is_file()]
    return any(re.search(r"^model:", text, re.MULTILINE) for text in texts)


def _refuse_others(parsed: Sequence[Override], root: str) -> None:
    """Refuse what only sweeps have, what only cities have where a classic was asked for, and the other way round."""
    from sim.parameters import MECHANISMS

    for override in parsed:
        key, line = override.key_or_group, str(override.input_line)
        if key.partition(".")[0] in OF_SWEEPS:
            raise InputError(f"{line} is not allowed: a setting of ploshcha sweep, not of a run")
        if root != CLASSIC_NAME and key == "steps":
            raise InputError(f"{line} is not allowed: only classics count steps; this scenario is set by hours=N")
        if root == CLASSIC_NAME and key == "hours":
            raise InputError(f"{line} is not allowed: a classic has no hours; its length is set by steps=N")
        only_cities = (*MECHANISMS, "population", "persons_per_agent", "staff_per_agent", "threads", "space", "start",
                       "save_state")  # fmt: skip
        if root == CLASSIC_NAME and key.partition(".")[0] in only_cities:
            raise InputError(f"{line} is not allowed: a classic has no {key.partition('.')[0]}, only cities have")


def _refuse_other_files(parsed: Sequence[Override], config_dir: str | Path | None) -> None:
    """Refuse what Hydra would find elsewhere, such as ``scenario=../x``, or take several of, such as ``regime=[x]``."""
    groups = {name for name in all_groups(config_dir) if not name.startswith(words.HYDRA_FOLDER)}
    for item in parsed:
        if item.key_or_group in groups and not item.is_sweep_override():
            if fault := words.wrong_choice(item, group_files(item.key_or_group, config_dir)):
                raise fault


_in_session: dict[tuple[str, ...], dict[str, Any]] = {}  # a plan asks for its base several times: .4 s each


def _compose(lines: list[str], root: str) -> dict[str, Any]:
    from hydra import compose
    from omegaconf import OmegaConf

    if (asked := (root, *lines)) not in _in_session:
        with known_to_hydra(_groups_needed(lines)):
            found = OmegaConf.to_container(compose(root, lines), resolve=True)
        _in_session[asked] = dict(found)  # type: ignore[arg-type]
    return deepcopy(_in_session[asked])


def _groups_needed(lines: Sequence[str]) -> set[str] | None:
    """Return the declared groups in which something can be chosen: with files, or named; all with a user's folder."""
    if any(line.startswith(SEARCH_PATH) for line in lines):
        return None
    named = {re.split("[=@]", line.lstrip("+~"), maxsplit=1)[0] for line in lines}
    return {group for group in base_files() if group in named or (CONFIG_ROOT / group).is_dir()}


def _explained(
    parsed: Sequence[Override], search: list[str], config_dir: str | Path | None, error: Exception, root: str
) -> InputError:
    named = {item.key_or_group for item in parsed}
    choices = {group: group_files(group, config_dir) for group in all_groups(config_dir)
               if group in named or not group.startswith(words.HYDRA_FOLDER)}  # fmt: skip
    sound = [item for item in parsed if item.value() in choices.get(item.key_or_group, ())]
    try:
        names = list(words.dotted_names(_compose([*(str(item.input_line) for item in sound), *search], root)))
    except Exception:  # a file of the user's own folder is broken: the first error says it
        names = list(words.dotted_names(_compose([], root)))
    return words.explain(parsed, names, choices, error)


def search_path(config_dir: str | Path | None) -> list[str]:
    """Return the override that lets Hydra read the user's own folder too.

    Raises
    ------
    InputError
        The folder does not exist, or one of its files would be shadowed by a file of the same name in ``conf``.
    """
    if config_dir is None:
        return []
    folder = words.path_of("--config-dir", config_dir).resolve()
    if not folder.is_dir():
        raise not_allowed("", "--config-dir", config_dir, "a folder that exists")
    taken = {Path(f"{name}.yaml") for name in (DECLARED_NAME, *(f"{k}/{v}" for k, v in base_files().items()))}
    for file in sorted(folder.glob("**/*.yaml")):
        check_yaml(file)
        if not isinstance(found := read_mapping(file).get("defaults", []), list):
            raise not_allowed(file.name, "defaults", words.as_written(found), "a list of files of groups")
        for item in found:
            if not isinstance(item, str | dict):
                raise not_allowed(file.name, "defaults", words.as_written(item), "names of files, or group: name")
        name = file.relative_to(folder)
        if name in taken or (CONFIG_ROOT / name).exists():
            raise not_allowed(f"--config-dir {config_dir}", "file", name, "a name that ploshcha itself does not use")
    quoted = str(folder).replace("\\", "\\\\").replace("'", "\\'")
    return [f"{SEARCH_PATH}=['file://{quoted}']"]


def all_groups(config_dir: str | Path | None = None) -> list[str]:
    """Return the names of the groups: folders of ``conf`` and of the user's own folder with settings in them."""
    own = [folder.name for root in _roots(config_dir) for folder in root.iterdir() if any(folder.glob("*.yaml"))]
    return sorted({*own, *base_files(), *_hydra_groups()} - {DATA_FOLDER})


@cache
def _hydra_groups() -> tuple[str, ...]:
    """Return the groups of Hydra itself, such as hydra/launcher; looked up once, since Hydra takes long over it."""
    from hydra.core.global_hydra import GlobalHydra

    loader = GlobalHydra.instance().config_loader()
    return tuple(f"{words.HYDRA_FOLDER}/{group}" for group in loader.list_groups(words.HYDRA_FOLDER))


def group_files(group: str, config_dir: str | Path | None = None) -> list[str]:
    """Return the names that can be chosen for a group."""
    from hydra.core.global_hydra import GlobalHydra

    if group.startswith(words.HYDRA_FOLDER):
        return sorted(GlobalHydra.instance().config_loader().get_group_options(group))
    own = {file.stem for root in _roots(config_dir) for file in (root / group).glob("*.yaml")}
    return sorted({*own, base_files()[group]} if group in base_files() else own)


def _roots(config_dir: str | Path | None) -> list[Path]:
    return [CONFIG_ROOT] if config_dir is None else [CONFIG_ROOT, words.path_of("--config-dir", config_dir)]


def settings_of(composed: Mapping[str, Any], config_dir: str | Path | None = None) -> Settings:
    """Validate composed settings.

    Raises
    ------
    InputError
        A value is not allowed.
    """
    from pydantic import ValidationError

    values = {key: value for key, value in composed.items() if key not in (*OF_THE_RUN, "hydra")}
    values, model = _with_length(_with_own_data(values, config_dir)), _model_of(values)
    _refuse_truths(values, model)
    try:
        parameters = model.model_validate(values)
    except ValidationError as error:
        raise InputError(told_in_one_line(error, values, model)) from error
    return Settings(
        parameters, _path_name(composed, "out", "a folder that is new or empty"),
        _truth("space", composed.get("space", False)), _path_name(composed, "start", "a file that ploshcha run wrote"),
        _hours_of("save_state", composed.get("save_state")), _replicates(composed.get("replicates", 1)),
        OF_A_FIGURE if composed.get("figures") is None else forms_of(composed["figures"]),
    )  # fmt: skip


def _model_of(values: Mapping[str, Any]) -> Any:
    """Return the class of the parameters: a classic's, if the scenario names a model, or the cities'."""
    scenario = values.get("scenario")
    if isinstance(scenario, dict) and "model" in scenario:
        from sim.classics.registry import parameters_class

        return parameters_class(str(scenario["model"]))
    from sim.parameters import Parameters

    return Parameters


def check_data(parameters: Parameters | ClassicParameters) -> None:
    """Read all data files of a run, to refuse a malformed one before anything is started.

    Raises
    ------
    InputError
        A file is missing, or a row of it is malformed.
    """
    from experiments.settings.lasting import tell_of_end
    from sim.inputs.city import load_cities, load_place_names
    from sim.inputs.targets import load_targets
    from sim.inputs.timeline import load_timeline
    from sim.parameters import Parameters
    from sim.world.forcing_changes import changed_timeline
    from sim.world.world import data_folder

    if not isinstance(parameters, Parameters):
        return
    scenario, folder = parameters.scenario, data_folder(parameters)
    load_cities(folder, scenario.cities)
    places = load_place_names(folder)
    timeline = load_timeline(folder / "timeline.csv", scenario.cities, places, scenario.start, parameters.hours)
    changed_timeline(timeline, parameters.forcings)
    tell_of_end(timeline)
    load_targets(folder, scenario.cities, scenario.start)


def _with_own_data(values: dict[str, Any], config_dir: str | Path | None) -> dict[str, Any]:
    """Point `scenario.data` at the user's own folder if the data of that name are there."""
    scenario = values.get("scenario")
    if isinstance(scenario, dict) and isinstance(scenario.get("data"), str):
        words.path_of("scenario.data", scenario["data"])  # refuses the home of nobody
    if config_dir is None or not isinstance(scenario, dict) or not isinstance(scenario.get("data"), str):
        return values
    folder = words.path_of("--config-dir", config_dir).resolve() / DATA_FOLDER / scenario["data"]
    if not scenario["data"] or not folder.is_dir():
        return values
    return {**values, "scenario": {**scenario, "data": str(folder)}}


def _with_length(values: dict[str, Any]) -> dict[str, Any]:
    """Take the scenario's own length where none is given: hours, or a classic's steps."""
    scenario = values.get("scenario")
    for name in ("hours", "steps"):
        if values.get(name) is None and isinstance(scenario, dict) and name in scenario:
            return {**values, name: scenario[name]}
    return values


def _refuse_truths(values: Mapping[str, Any], model: type[BaseModel], place: tuple[str, ...] = ()) -> None:
    """Refuse true and false where a number is needed; pydantic would read them as 1 and 0."""
    for key, value in values.items():
        location = (*place, str(key))
        if isinstance(value, Mapping):
            _refuse_truths(value, model, location)
        elif _has_truth(value) and (field := field_at(model, location)) is not None:
            kinds = {part for part in leaves(field.annotation) if isinstance(part, type)} - {type(None)}
            if kinds and kinds <= {int, float}:
                kind = "an integer" if kinds == {int} else "a number"
                allowed = "numbers in it" if isinstance(value, list) else f"{kind} {limits(field)}"
                raise not_allowed("", ".".join(location), words.as_written(value), allowed.strip())


def _has_truth(value: Any) -> bool:
    return any(map(_has_truth, value)) if isinstance(value, list) else isinstance(value, bool)


def _path_name(composed: Mapping[str, Any], name: str, allowed: str) -> str | None:
    path = composed.get(name)
    if path is None:
        return None
    if isinstance(path, dict | list | bool) or not str(path).strip():
        raise not_allowed("", name, words.as_written(path), allowed)
    return str(path)


def _hours_of(name: str, value: Any) -> tuple[int, ...]:
    hours = [] if value is None else value if isinstance(value, list) else [value]
    if not all(isinstance(hour, int) and not isinstance(hour, bool) for hour in hours):
        raise not_allowed("", name, words.as_written(value), "hours, such as [96,120]")
    return tuple(hours)


def _replicates(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= MOST_REPLICATES:
        raise not_allowed("", "replicates", words.as_written(value), f"an integer >= 1 and <= {MOST_REPLICATES}")
    return value


def forms_of(value: Any) -> tuple[FigureForm, ...]:
    """Return the forms of figures that a word names, each once.

    Raises
    ------
    InputError
        There is no such form, or none is named.
    """
    forms = (list(value) or [""]) if isinstance(value, list | tuple) else [value]
    for form in forms:
        if form not in FORMS:
            raise not_allowed("", "figures", words.as_written(form), "some of " + ", ".join(FORMS), FORMS)
    return tuple(dict.fromkeys(forms))


def _truth(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise not_allowed("", name, words.as_written(value), "true or false", ("true", "false"))
    return value
