"""Every promise of docs/reliability.md names tests that hold it, and these tests exist."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")
PROMISES = re.findall(r"^\| (?!promise|---)(.+?) \| (.+) \|$", TEXT.partition("# Campaigns")[0], re.MULTILINE)


@cache
def names_there():
    """Names of all test functions of tests/reliability."""
    found = set()
    for path in (ROOT / "tests" / "reliability").glob("test_*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        found |= {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    return found


def test_the_table_is_read():
    assert len(PROMISES) > 20


@pytest.mark.parametrize(("promise", "tests"), PROMISES, ids=[promise[:40] for promise, _ in PROMISES])
def test_a_promise_has_its_tests(promise, tests):
    names = re.findall(r"`(test_\w+)`", tests)
    assert names, f"no test holds: {promise}"
    assert set(names) <= names_there()
