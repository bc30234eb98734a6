"""No rule, decision or pass takes a long list of numbers, and records of numbers are made by name: a swap is seen."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted(path for package in ("agents", "sim") for path in (ROOT / package).rglob("*.py"))
DECORATORS = {"rule", "kernel", "decision", "derived", "helper"}
MOST = 8
BY_POSITION = 3  # so many numbers of one kind may stand side by side


def parsed(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def name_of(node):
    node = node.func if isinstance(node, ast.Call) else node
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def compiled_functions():
    for path in SOURCES:
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.FunctionDef) and DECORATORS & set(map(name_of, node.decorator_list)):
                yield f"{path.relative_to(ROOT)}:{node.name}", node


def records():
    """Named tuples of numbers, with the number of their fields."""
    for path in SOURCES:
        for node in parsed(path).body:
            if isinstance(node, ast.ClassDef) and "NamedTuple" in map(name_of, node.bases):
                fields = [each for each in node.body if isinstance(each, ast.AnnAssign)]
                if {ast.unparse(each.annotation) for each in fields} <= {"int", "float", "bool"}:
                    yield node.name, len(fields)


def test_no_list_is_longer_than_eight():
    functions = list(compiled_functions())
    assert len(functions) > 200  # else nothing was looked at
    found = {name: len(node.args.args) for name, node in functions if len(node.args.args) > MOST}
    assert not found, f"take a record (a NamedTuple): {found}"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_records_of_numbers_are_made_by_name(path):
    long = {name for name, n in records() if n > BY_POSITION} - {"Choice"}  # its activity and site are told apart
    found = [f"line {node.lineno}: {name_of(node)}" for node in ast.walk(parsed(path))
             if isinstance(node, ast.Call) and name_of(node) in long and len(node.args) > BY_POSITION]  # fmt: skip
    assert not found


def test_the_records_are_found():
    assert {"OfficerState", "OfficerWeights", "MotiveWeights", "WalkoutWeights", "TieDraw"} <= dict(records()).keys()


def test_the_arrest_equation_stands_once():
    """C / (A + C) in one rule; the probability of an arrest and the risk that is seen both call it."""
    found = [name for name, node in compiled_functions() if name.startswith("agents/rules")
             and "/ (crowd + n_officers)" in ast.unparse(node)]  # fmt: skip
    assert found == ["agents/rules/repression.py:arrest_hazard"]
