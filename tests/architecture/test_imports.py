"""Dependencies point one way, and light modules stay light."""

import ast
import subprocess
import sys
from pathlib import Path

import grimp
import networkx
import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("agents", "sim", "conf", "experiments", "ploshcha")
RULES = sorted([*(ROOT / "agents" / "rules").glob("*.py"), *(ROOT / "agents" / "compiled").glob("*.py")])
OF_RULES = ("agents.rules.", "agents.compiled.")
HEAVY = set("hydra matplotlib mesa networkx numba pandas polars pyarrow scipy xarray".split())
# Modules beside math, numba and other rules that a file of these two folders may import (file stem -> modules).
# `rule` reads signatures, `sources` and `ingredients` tell what compiled code is made from; the others write single
# instructions.
ALLOWED_BESIDES = {
    "rule": {"collections.abc", "functools", "inspect", "os", "pathlib", "typing"},
    "kept": {"collections.abc", "contextlib", "functools", "typing"},
    "sources": {"collections.abc", "functools", "hashlib", "importlib", "pathlib", "re"},
    "ingredients": {"collections.abc", "enum", "functools", "hashlib", "sys", "types", "typing"},
    "arithmetic": {"collections.abc"},
    "decision": {"collections.abc", "functools", "inspect", "types", "typing"},
    "rows": {"collections.abc", "functools", "llvmlite", "operator", "types", "typing"},
    "draws": {"llvmlite"},
    "declaration": {"collections.abc", "dataclasses", "typing"},
}


def imported_names(path):
    """Every module named by an import statement of a file, wherever it stands."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield "." * node.level + (node.module or "")


def loaded_after(*modules):
    """Names of all modules that a fresh interpreter holds once `modules` are imported."""
    code = f"import sys, {', '.join(modules)}; print('\\n'.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


def test_import_contracts_hold():
    code = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    command = [sys.executable, "-c", code, "--no-cache"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_circle_of_imports():
    """Imports inside functions count; those for type checkers do not."""
    graph = grimp.build_graph(*PACKAGES, exclude_type_checking_imports=True)
    inside = {"importer": "experiments.one_run", "imported": "experiments.figures.run"}
    assert graph.direct_import_exists(**inside)  # stands in a function
    arrows = [(one, other) for one in graph.modules for other in graph.find_modules_directly_imported_by(one)]
    circles = [found for found in networkx.strongly_connected_components(networkx.DiGraph(arrows)) if len(found) > 1]
    assert not circles


@pytest.mark.parametrize("path", RULES, ids=lambda path: path.stem)
def test_rules_import_math_numba_and_each_other_only(path):
    foreign = {
        name for name in imported_names(path)
        if name.split(".")[0] not in {"math", "numba", "typing"} and not name.startswith(OF_RULES)
    }
    assert foreign <= ALLOWED_BESIDES.get(path.stem, set())


@pytest.mark.parametrize("package", [*PACKAGES, "agents.rules"])
def test_packages_import_nothing_heavy(package):
    assert not loaded_after(package) & HEAVY


def test_compiled_engine_needs_neither_mesa_nor_xarray():
    loaded = loaded_after("sim", "sim.hour.step", "sim.engines.compiled")
    assert not loaded & {"mesa", "xarray", "pandas", "hydra"}


@pytest.mark.parametrize("words", ["--help", "status nowhere", "run seeed=1", "run engine=compild", "run hours=0"])
def test_what_computes_nothing_takes_no_compiler(words):
    code = f"import sys; from experiments.cli import main; main({words.split()}); print('numba' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.stdout.split()[-1] == "False", done.stderr


@pytest.mark.parametrize("package", PACKAGES)
def test_packages_resolve_into_this_checkout(package):
    """Another distribution also installs a top-level package `agents`."""
    code = f"import {package}; print({package}.__file__)"
    place = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT / "tests")
    assert Path(place.stdout.strip()).resolve() == ROOT / package / "__init__.py", place.stderr


def test_tests_are_no_packages():
    assert not list((ROOT / "tests").rglob("__init__.py"))
