"""Every rule states its mathematics, its source and its types; every parameter its unit, range and source."""

import ast
import functools
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
RULES = ROOT / "agents" / "rules"
MECHANISMS = (
    "announced_share anger fear media participation place chains walkout job_pressure dismissal repression "
    "officers officials leader appeals russian_support threat_framing reported_counts ties luck encouragement"
).split()
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


def test_a_rule_file_per_mechanism():
    files = {path.stem for path in RULES.glob("*.py")}
    assert set(MECHANISMS) <= files
    assert {stem for stem, _ in rules()} >= set(MECHANISMS)
    assert len(MECHANISMS) == 21


def test_a_config_group_per_mechanism():
    assert [name for name in MECHANISMS if not list((ROOT / "conf" / name).glob("*.yaml"))] == []


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


def mechanism_parameters():
    """Pairs (group, field) of the parameter classes, without `strength`."""
    from sim.parameters import Parameters

    return [
        (group, field)
        for group in MECHANISMS
        for field in Parameters.model_fields[group].annotation.model_fields
        if field != "strength"
    ]


def test_every_mechanism_has_a_strength():
    from sim.parameters import Parameters

    groups = {group: Parameters.model_fields[group].annotation.model_fields for group in MECHANISMS}
    assert [group for group, fields in groups.items() if "strength" not in fields] == []


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
}


def test_parameters_bear_the_names_of_rule_arguments():
    known = {name for _, function in rules() for name in argument_names(function)}
    others = {f"{group}.{field}" for group, field in mechanism_parameters() if field not in known}
    assert others == set(HANDED_AS)
    assert {name for name in HANDED_AS.values() if name} <= known


# --------------------------------------------------------------------------- configuration

VALUE = re.compile(r"^\s*(?P<key>[\w.]+):\s*(?P<value>[^#\s][^#]*?)\s*(#\s*(?P<comment>.*))?$")
RANGE = re.compile(
    r"\d\s*(-|\.\.|to)\s*[-+]?\.?\d"  # 0-1, 0..1, 0 to 1
    r"|[\[(].*,.*[\])]|[<>]=?\s*[-+.\d]"  # [0, 1], > 0
    r"|\btrue\b|\bone of\b|\|"
)
SOURCE = re.compile(r"assumption|doi|\b(18|19|20)\d\d\b", re.IGNORECASE)


def config_values():
    """Lines `key: value  # comment` of the mechanisms' configuration."""
    for group in MECHANISMS:
        for path in sorted((ROOT / "conf" / group).glob("*.yaml")):
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
                found = VALUE.match(line)
                if found and found["key"] != "defaults":
                    yield f"{group}/{path.name}:{number}", found["key"], found["comment"] or ""


@pytest.mark.parametrize("place, key, comment", list(config_values()) or [pytest.param("none", "", "")])
def test_configured_value_states_unit_range_and_source(place, key, comment):
    assert comment, f"{place}: {key} has no comment"
    assert RANGE.search(comment), f"{place}: {key}: no range in '{comment}'"
    assert SOURCE.search(comment), f"{place}: {key}: neither source nor 'assumption' in '{comment}'"
