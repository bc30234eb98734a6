"""Every rule states its mathematics, its source and its types; every parameter its unit, range and source."""

import ast
import functools
import re
from pathlib import Path

import pytest
import yaml

from agents.mechanisms import mechanisms
from agents.rules.declaration import Mechanism, between, parameter, strength
from experiments import load_scenario
from experiments.settings.declared import base_files, declared_settings
from experiments.settings.read import compose_dict, hydra_session
from experiments.words import parse
from sim.parameters import GROUPS, MECHANISMS, Parameters, declared

ROOT = Path(__file__).resolve().parents[2]
RULES = ROOT / "agents" / "rules"
# A doi, a year in brackets, the library whose coefficients are used, or the word that nobody measured it.
PUBLISHED = re.compile(r"doi:\s?10\.\d{4,}|\((1[6-9]|20)\d\d\)|fdlibm|assumption|identity|definition")
MAX_LINES = 25  # of code, without docstring and signature


def decorator_name(node):
    node = node.func if isinstance(node, ast.Call) else node
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


@functools.cache
def rules():
    """All functions decorated with @rule, as (file stem, function)."""
    return [
        (path.stem, node)
        for path in sorted([*RULES.glob("*.py"), *(ROOT / "agents" / "compiled").glob("*.py")])
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) and "rule" in map(decorator_name, node.decorator_list)
    ]


def each_rule():
    return pytest.mark.parametrize(
        "function", [node for _, node in rules()], ids=[f"{stem}.{node.name}" for stem, node in rules()]
    )


@functools.cache
def records():
    """Named tuples of numbers that rules take, each with its fields."""
    return {
        node.name: [field.target.id for field in node.body if isinstance(field, ast.AnnAssign)]
        for path in RULES.glob("*.py")
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.ClassDef) and [ast.unparse(base) for base in node.bases] == ["NamedTuple"]
    }


def argument_names(function):
    """Names of a rule's arguments, those of a record's fields included."""
    kinds = [ast.unparse(argument.annotation) for argument in function.args.args if argument.annotation]
    fields = [field for kind in kinds for field in records().get(kind, ())]
    return [argument.arg for argument in function.args.args] + fields


def test_every_mechanism_has_rules_and_settings():
    assert {stem for stem, _ in rules()} >= set(mechanisms()) == set(MECHANISMS)
    assert [name for name in MECHANISMS if Parameters.model_fields[name].annotation is not mechanisms()[name]] == []


@each_rule()
def test_rule_states_a_formula(function):
    text = ast.get_docstring(function) or ""
    assert ".. math::" in text or re.search(r"\S = \S", text), "no '.. math::' and no formula"


@each_rule()
def test_rule_states_a_source(function):
    found = re.search(r"Source: (.+?)(\n\n|\Z)", ast.get_docstring(function) or "", re.DOTALL)
    assert found, "no line 'Source: ...'"
    assert PUBLISHED.search(found[1]), f"neither a publication nor 'assumption': {found[1]}"


@each_rule()
def test_cited_sections_exist(function):
    """What a docstring refers to can be found in this repository."""
    text = ast.get_docstring(function) or ""
    for name in set(re.findall(r"\b\w+\.(?:md|csv)\b", text)):
        assert any(list(ROOT.glob(folder + name)) for folder in ("", "docs/", "conf/data/*/")), name
    for section in set(re.findall(r"MODEL\.md section (\d+)", text)):
        model = (ROOT / "MODEL.md").read_text(encoding="utf-8")
        assert re.search(rf"^#+ {section}\b", model, re.MULTILINE), f"MODEL.md has no section {section}"


@each_rule()
def test_rule_is_typed(function):
    arguments = function.args.args
    assert not function.args.kwonlyargs and not function.args.vararg and not function.args.kwarg
    kinds = [ast.unparse(argument.annotation) if argument.annotation else "nothing" for argument in arguments]
    assert set(kinds) <= {"int", "float", "bool", *records()}, kinds
    result = ast.unparse(function.returns) if function.returns else "nothing"
    assert set(re.findall(r"\w+", result)) <= {"int", "float", "bool", "tuple"}, result


@each_rule()
def test_rule_is_short(function):
    has_docstring = ast.get_docstring(function) is not None
    body = function.body[1:] if has_docstring else function.body
    assert body, "empty"
    assert body[-1].end_lineno - body[0].lineno + 1 <= MAX_LINES


@each_rule()
def test_rule_is_pure_and_scalar(function):
    """No loop, no global state, no container, no other function inside."""
    loops, containers = (ast.For, ast.While), (ast.Dict, ast.List, ast.Set)
    forbidden = (*loops, *containers, ast.Global, ast.Lambda, ast.Nonlocal, ast.With, ast.Yield)
    found = [type(node).__name__ for node in ast.walk(function) if isinstance(node, forbidden)]
    assert not found


@each_rule()
def test_rule_uses_no_foreign_transcendental_function(function):
    """exp, log and powers come from agents.compiled.arithmetic: libm's last bit depends on the machine."""
    allowed = {"floor", "ceil", "sqrt", "fabs", "isnan", "inf", "nan", "pi"}
    used = {
        node.attr
        for node in ast.walk(function)
        if isinstance(node, ast.Attribute) and getattr(node.value, "id", "") == "math"
    }
    assert used <= allowed
    assert not [node for node in ast.walk(function) if isinstance(node, ast.Pow)]


# --------------------------------------------------------------------------- parameters


SOURCE = re.compile(r"assumption|doi|evidence\.md|MODEL\.md|\b(18|19|20)\d\d\b", re.IGNORECASE)


def test_every_mechanism_has_a_strength_and_a_switch():
    names = {each.name for each in declared()}
    assert {f"{group}.strength" for group in MECHANISMS} <= names
    assert {f"{group}.{mechanisms()[group].switch}" for group in MECHANISMS} <= names


@pytest.mark.parametrize("each", declared(), ids=lambda each: each.name)
def test_declaration_is_complete(each):
    assert each.symbol and each.unit and each.meaning
    assert SOURCE.search(each.source), f"neither source nor 'assumption' in '{each.source}'"
    if each.name != "population.correlation":
        assert each.limits and not {"ge", "gt"} <= set(each.limits) and not {"le", "lt"} <= set(each.limits)
    low, high = each.plausible
    assert each.low <= low < high <= each.high
    if not isinstance(each.default, tuple):
        assert low <= each.default <= high
    assert each.start is None or (each.by_hand and each.start != each.default)
    assert (ROOT / each.file).is_file()


def test_settings_describe_every_parameter():
    """The schema holds what is declared: for editors, and for whoever asks without reading the source."""
    schema = Parameters.model_json_schema()["$defs"]
    for each in declared():
        group, _, name = each.name.partition(".")
        found = schema[GROUPS[group].__name__]["properties"][name]
        assert (found["symbol"], found["unit"], found["source"]) == (each.symbol, each.unit, each.source)
        assert each.meaning in found["description"]
        assert found.get("minimum", found.get("exclusiveMinimum", each.low)) == each.low
    for name, field in Parameters.model_fields.items():
        assert field.description or name in GROUPS or name in ("scenario", "forcings", "inspect"), name


def test_a_file_declares_one_mechanism_and_it_is_known():
    assert set(mechanisms()) == set(GROUPS) - {"population"}
    assert len({each.name for each in declared()}) == len(declared())


def test_what_is_declared_is_checked_and_frozen():
    class MadeUp(Mechanism):
        """Made up."""

        strength: float = strength("0 = none", default=0.0)
        hours: int = parameter(8, "n", "hours", between(1, 24), (4, 12), "length")

    with pytest.raises(AttributeError):
        MadeUp().hours = 3
    assert MadeUp() == MadeUp(hours=8) != MadeUp(hours=9)
    assert "MadeUp" not in {value.__name__ for value in mechanisms().values()}  # only rule files are looked at


# Parameters that reach a rule under the rule's more general name, and one that sizes a sum over cells.
HANDED_AS = {
    "anger.anger_decay": "decay_per_day",
    "fear.belief_learning": "base",  # of the power whose complement is belief_weight
    "fear.crowd_prior_share": "crowd",
    "participation.crowd_belief_decay": "decay_per_day",
    "walkout.threat_start": "plant_threat",
    "repression.custody_share": "violent_share",
    "officials.official_resign_share": "resign_share",
    "russian_support.support_lever": "lever",
    "russian_support.troops_lever": "lever",
    "reported_counts.ministry_protest_bias": "source_bias",
    "reported_counts.ministry_rally_bias": "source_bias",
    "reported_counts.media_protest_bias": "source_bias",
    "reported_counts.media_rally_bias": "source_bias",
    "ties.home_radius_cells": "",  # radius of sim.world.space.box_sum
    "ties.remembered_weight": "",  # multiplies `remembered_effect` in choices
    "ties.remembered_start": "remembered",
    "fear.lesson_start": "lesson",
    "luck.gap_start": "gap",
    "regime.restraint": "",  # least level of a day without force
}


def test_parameters_bear_the_names_of_rule_arguments():
    known = {name for _, function in rules() for name in argument_names(function)}
    fields = [each.name for each in declared() if not each.name.startswith("population.")]
    others = {name for name in fields if name.partition(".")[2] not in {*known, "strength"}}
    assert others == set(HANDED_AS)
    assert {name for name in HANDED_AS.values() if name} <= known


# --------------------------------------------------------------------------- configuration

DECLARED = declared_settings()
CASES = sorted(path for group in base_files() for path in (ROOT / "conf" / group).glob("*.yaml")
               if not path.read_text(encoding="utf-8").startswith("# @package _global_"))  # such are of several groups


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_cases_file_holds_only_what_differs_with_its_source(path):
    values, text = yaml.safe_load(path.read_text(encoding="utf-8")), path.read_text(encoding="utf-8").splitlines()
    assert "defaults" not in values and set(values) <= set(DECLARED[path.parent.name])
    for name, value in values.items():
        assert value != DECLARED[path.parent.name][name], f"{name}: as declared; leave it out"
        (line,) = (line for line in text if line.startswith(f"{name}:"))
        assert SOURCE.search(line.partition("#")[2]), f"{name}: neither source nor 'assumption'"


PRESETS = sorted(path for group in ("turnout", "regime") for path in (ROOT / "conf" / group).glob("*.yaml"))


@pytest.mark.parametrize("path", PRESETS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_preset_says_where_its_values_are_from(path):
    """In its head, for all of them, or behind each."""
    lines = path.read_text(encoding="utf-8").splitlines()
    values = [line for line in lines if re.match(r" +\w+: \S", line)]
    head = " ".join(line for line in lines if line.startswith("#"))
    assert "assumption" in head or all("  # " in line for line in values)


def test_the_base_case_is_what_is_declared():
    found = load_scenario("august_2020").model_dump(mode="json")
    assert {name: found[name] for name in DECLARED} == DECLARED


def test_no_list_of_mechanisms_is_kept_by_hand():
    """Beside the typed fields of `Parameters`, no file outside the rules names every mechanism."""
    for path in [*(ROOT / "conf").glob("*.yaml"), *(ROOT / "experiments").rglob("*.py"), *(ROOT / "docs").glob("*.py")]:
        named = set(re.findall(r"\w+", path.read_text(encoding="utf-8")))
        assert not set(MECHANISMS) <= named, path


def test_a_symbol_means_one_thing():
    """But for s, the strength of each mechanism."""
    found = [each.symbol for each in declared() if not each.name.endswith(".strength")]
    assert sorted({symbol for symbol in found if found.count(symbol) > 1}) == []


def test_groups_that_hydra_is_not_asked_for_change_nothing():
    """A group without a choice is left out, for speed; named, it is asked for, and the settings are the same."""
    with hydra_session():
        assert compose_dict(parse([f"{group}={name}" for group, name in base_files().items()]), None) == compose_dict(
            [], None
        )
