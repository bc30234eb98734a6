"""The documents: generated tables are current, and what is cited can be found."""

import csv
import dataclasses
import re
import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MARKDOWN = sorted(path for folder in (ROOT, ROOT / "docs") for path in folder.glob("*.md"))
FOLDERS, KINDS = ("agents", "sim", "experiments", "conf", "docs"), {".py", ".yaml", ".csv"}
CITING = [*MARKDOWN, *sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*") if path.suffix in KINDS)]
DOI = re.compile(r"\b10\.\d{4,}/[^\s,;|]*[\w)]")


def read(path):
    return path.read_text(encoding="utf-8")


def each(paths):
    return pytest.mark.parametrize("path", paths, ids=lambda path: str(path.relative_to(ROOT)))


def document(name):
    """The document that a citation such as `evidence.md` means."""
    return next((path for path in (ROOT / name, ROOT / "docs" / name) if path.exists()), None)


@pytest.mark.parametrize("name", ["make_parameters", "make_data", "make_columns", "make_mechanisms"])
def test_generated_document_is_current(name):
    made = runpy.run_path(str(ROOT / "docs" / f"{name}.py"))
    assert read(made["TARGET"]) == made["text"](), f"run: uv run python docs/{name}.py"


def test_every_parameter_is_in_the_table():
    from sim.parameters import GROUPS

    at_work = runpy.run_path(str(ROOT / "docs" / "make_parameters.py"))["is_at_work"]
    text = read(ROOT / "docs" / "parameters.md")
    for group in filter(at_work, GROUPS):
        section = re.search(rf"^## {group}$(.*?)(^## |\Z)", text, re.MULTILINE | re.DOTALL)
        assert section, group
        named = set(re.findall(r"^\| `(\w+)`", section[1], re.MULTILINE))
        assert named == {field.name for field in dataclasses.fields(GROUPS[group])}, group


def test_every_experiment_has_its_section():
    known = sorted(path.stem for path in (ROOT / "conf" / "experiment").glob("*.yaml"))
    found = re.findall(r"^## (\w+)$", read(ROOT / "docs" / "experiments.md"), re.MULTILINE)
    assert found == known, "run: uv run python docs/make_experiments.py NAME"


def test_base_case_was_run_with_these_settings():
    made = runpy.run_path(str(ROOT / "docs" / "base_case.py"))
    assert made["settings_hash"]() in made["parts"]()[1], "run: uv run python docs/base_case.py"


@each(CITING)
def test_cited_sections_exist(path):
    for name, section in set(re.findall(r"\b(\w+\.md),? section (\d+\w?)\b", read(path))):
        found = document(name)
        assert found, f"{name} does not exist"
        assert re.search(rf"^#+ {section}\b", read(found), re.MULTILINE), f"{name} has no section {section}"


@each(CITING)
def test_cited_decisions_exist(path):
    known = set(re.findall(r"^## D(\d+) ", read(ROOT / "DECISIONS.md"), re.MULTILINE))
    cited = re.findall(r"(?:DECISIONS(?:\.md)?\)?,? |\()D(\d+)\b", read(path))
    assert set(cited) <= known


@each(MARKDOWN)
def test_linked_files_exist(path):
    links = [link.partition("#")[0] for link in re.findall(r"\]\(([^)\s]+)\)", read(path))]
    missing = [link for link in links if "://" not in link and link and not (path.parent / link).exists()]
    assert not missing


def test_every_mechanism_says_its_sign_and_what_would_refute_it():
    from sim.parameters import MECHANISMS

    made = runpy.run_path(str(ROOT / "docs" / "make_mechanisms.py"))
    about = {name: made["said"](ROOT / "agents" / "rules" / f"{name}.py") for name in MECHANISMS}
    assert [name for name, found in about.items() if not (found["sign"] and found["against"])] == []


def test_every_doi_of_the_rules_is_listed_as_verified():
    listed = [line for line in read(ROOT / "docs" / "evidence.md").splitlines() if line.endswith("verified |")]
    verified = {doi.lower() for line in listed if "not verified" not in line for doi in DOI.findall(line)}
    cited = {doi.lower() for path in (ROOT / "agents" / "rules").glob("*.py") for doi in DOI.findall(read(path))}
    assert cited and cited <= verified


@pytest.mark.parametrize("name", ["timeline.csv", "targets.csv"])
def test_no_row_lies_in_the_withheld_weeks(name):
    with (ROOT / "conf" / "data" / "belarus_2020" / name).open(encoding="utf-8", newline="") as file:
        dates = {row.get("date") or row["date_from"] for row in csv.DictReader(file)}
    assert dates and max(dates) < "2020-10-05"


def test_every_promise_names_tests_that_exist():
    promised = re.findall(r"`(test_\w+)`", read(ROOT / "docs" / "reliability.md"))
    texts = "\n".join(read(path) for path in (ROOT / "tests" / "reliability").glob("test_*.py"))
    missing = [name for name in promised if f"def {name}(" not in texts]
    assert len(promised) > 20 and not missing
