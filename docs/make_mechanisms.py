"""Write docs/mechanisms.md: every mechanism with its signs and equations, taken from the docstrings of its rules.

    uv run python docs/make_mechanisms.py

Nothing is typed in here: what a file of ``agents/rules`` says of itself and of its rules is put on one page.
"""

from __future__ import annotations

import ast
import inspect
import re
from pathlib import Path

from sim.parameters import GROUPS, MECHANISMS

ROOT = Path(__file__).resolve().parents[1]
RULES = ROOT / "agents" / "rules"
TARGET = ROOT / "docs" / "mechanisms.md"
HEAD = """\
# Mechanisms: signs and equations

Written by `uv run python docs/make_mechanisms.py` from the docstrings of `agents/rules/`; do not edit by hand. *Sign*:
what theory or the case leads to expect, written down before the effect was computed. *Against it*: what would refute
it. Parameters with unit, range and source: [parameters.md](parameters.md). How they come together in a step, and what
is compared with data: [MODEL.md](../MODEL.md). Numbers S1-S13 are the facts of the case there.
"""
NAMED = re.compile(r"^(Sign|Against): ", re.MULTILINE)
FORMULA = re.compile(r"^\.\. math::(.*?)(?:\n\s*\n|\Z)", re.MULTILINE | re.DOTALL)


def said(path: Path) -> dict[str, str]:
    """Return title, text, sign and against of a rule file, each as one line of text; of a helper, title and text."""
    docstring = inspect.cleandoc(ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "")
    title, _, rest = docstring.partition("\n")
    text, *named = NAMED.split(rest)
    found = {"title": title, "text": _one_line(text), "sign": "", "against": ""}
    return found | {key.lower(): _one_line(value) for key, value in zip(named[::2], named[1::2], strict=True)}


def rules_of(path: Path) -> list[tuple[str, str]]:
    """Return name and docstring of the rules of a file, in its order."""
    functions = [node for node in ast.parse(path.read_text(encoding="utf-8")).body if isinstance(node, ast.FunctionDef)]
    return [(node.name, ast.get_docstring(node) or "") for node in functions if not node.name.startswith("_")]


def _one_line(text: str) -> str:
    return " ".join(text.split())


def rule_lines(name: str, docstring: str) -> list[str]:
    """Return what a rule is, its formula as GitHub draws it, its symbols and its source."""
    formula = FORMULA.search(docstring)
    words = FORMULA.sub("\n", docstring) if formula else docstring
    what, _, rest = words.partition("\n")
    lines = [f"**`{name}`** {what}", ""]
    if formula:
        lines += ["```math", _one_line(formula[1]), "```", ""]
    paragraphs = [_one_line(part) for part in re.split(r"\n\s*\n|\n(?=Source:)", rest) if part.strip()]
    return [*lines, *(line for part in paragraphs for line in (part.replace("Source:", "*Source*:"), ""))]


def section(path: Path) -> str:
    """Return the part of the page that is about one file."""
    about = said(path)
    lines = [f"## {path.stem}", "", about["title"], ""]
    lines += [about["text"], ""] if about["text"] else []
    if about["sign"]:
        lines += [f"*Sign*: {about['sign']} *Against it*: {about['against']}", ""]
    for name, docstring in rules_of(path):
        lines += rule_lines(name, docstring)
    return "\n".join(lines)


def text() -> str:
    """Return the page."""
    at_work = [name for name in MECHANISMS if GROUPS[name]().strength > 0]  # off as declared: no part of the base case
    tools = (*MECHANISMS, "__init__", "rule", "declaration")
    others = [path.stem for path in sorted(RULES.glob("*.py")) if path.stem not in tools]
    return "\n".join([HEAD, *(section(RULES / f"{name}.py") for name in (*at_work, *others))]).rstrip() + "\n"


if __name__ == "__main__":
    TARGET.write_text(text(), encoding="utf-8")
    print(TARGET.name)
