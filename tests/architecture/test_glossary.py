"""Identifiers use the field's words, one word per thing (the glossary stands in MODEL.md)."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted(
    path for package in ("agents", "sim", "experiments", "tests") for path in (ROOT / package).rglob("*.py")
)
# word never used -> word used instead
SYNONYMS = {
    "cop": "officer",
    "cops": "officers",
    "policeman": "officer",
    "policemen": "officers",
    "rioter": "protester",
    "rioters": "protesters",
    "protestor": "protester",
    "protestors": "protesters",
    "mobilisation": "mobilization",
    "prob": "probability",
    "frac": "share",
    "hrs": "hours",
}
# `police` is the name of a phase of the step (MODEL.md section 4) and of nothing else.
POLICE_PHASE = re.compile(r"^(phase_|_)?police(_phase)?$")


def words(identifier):
    """Lower-case words of a snake_case or CamelCase identifier."""
    return [word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", identifier)]


def named(tree):
    """Every identifier that a module itself introduces: (name, line, is_variable)."""
    fields = {id(node.target) for owner in ast.walk(tree) if isinstance(owner, ast.ClassDef)
              for node in owner.body if isinstance(node, ast.AnnAssign)}
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name, node.lineno, False
        elif isinstance(node, ast.arg):
            yield node.arg, node.lineno, True
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id, node.lineno, id(node) not in fields
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.attr, node.lineno, False
        elif isinstance(node, ast.alias):
            # `import agents.rules` also binds the bare name
            yield node.asname or node.name.split(".")[0], node.lineno, node.asname is not None


def parse(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def each_source():
    return pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))


@each_source()
def test_no_synonyms(path):
    found = [
        f"line {line}: {name}: say {SYNONYMS[word]}"
        for name, line, _ in named(parse(path))
        for word in words(name)
        if word in SYNONYMS
    ]
    assert not found


@each_source()
def test_police_names_a_phase_only(path):
    if path.is_relative_to(ROOT / "tests"):
        return  # tests are named after what they check
    found = [
        f"line {line}: {name}: say officers, force or repression"
        for name, line, _ in named(parse(path))
        if "police" in words(name) and not POLICE_PHASE.match(name)
    ]
    assert not found


@each_source()
def test_no_bare_threshold(path):
    """activation_threshold is Epstein's, on G - N; participation_threshold is Granovetter's, a share."""
    found = [line for name, line, _ in named(parse(path)) if name in {"threshold", "thresholds"}]
    assert not found, f"lines {found}: say which threshold"


@each_source()
def test_no_variable_hides_a_package(path):
    found = [
        f"line {line}: {name}" for name, line, is_variable in named(parse(path))
        if is_variable and name in {"agents", "sim"}
    ]
    assert not found


@each_source()
def test_no_bare_import_of_agents(path):
    found = [
        f"line {node.lineno}: import {alias.name}"
        for node in ast.walk(parse(path))
        if isinstance(node, ast.Import)
        for alias in node.names
        if alias.name.split(".")[0] in {"agents", "sim"} and alias.asname is None
    ]
    assert not found, f"{found}: say `from ... import ...`"
