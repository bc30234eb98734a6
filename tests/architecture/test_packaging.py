"""Versions agree wherever they are written, and files name no package host."""

import json
import re
import runpy
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
CITATION = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
GENERATED = {".git", ".venv", "results", "outputs", "multirun", "build", "dist"}
TEXT = {"", *".cff .cfg .csv .ini .ipynb .json .lock .md .py .toml .txt .yaml .yml".split()}
# In pieces, so that this file does not name them either.
HOSTS = ["pypi" + ".org", "python" + "hosted", "conda" + "-forge", "ana" + "conda.org", "arti" + "factory"]


def project_files():
    """The project's text files: what git tracks or would track; without git, all but the generated."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        names = done.stdout.split("\0") if done.returncode == 0 else []
    except FileNotFoundError:
        names = []
    paths = [ROOT / name for name in names if name] or ROOT.rglob("*")
    return [
        path for path in paths
        if path.is_file() and path.suffix in TEXT and path.name != "uv.lock"
        and not any(part in GENERATED or part.endswith("_cache") for part in path.relative_to(ROOT).parts)
    ]


def normalized(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def test_constraints_equal_the_lock():
    constraints = runpy.run_path(str(ROOT / ".ci" / "lock.py"))["constraints"]
    assert PYPROJECT["tool"]["uv"]["constraint-dependencies"] == constraints(LOCK)


def test_every_requirement_is_locked():
    project = PYPROJECT["project"]
    extras = sum(project["optional-dependencies"].values(), [])
    required = project["dependencies"] + PYPROJECT["dependency-groups"]["dev"] + extras
    names = {normalized(re.match(r"[\w.-]+", requirement)[0]) for requirement in required} - {project["name"]}
    locked = {normalized(name) for name in re.findall(r"^([\w.-]+)==", LOCK, re.MULTILINE)}
    assert names <= locked


def test_lock_holds_versions_and_hashes_only():
    assert "://" not in LOCK and " @ " not in LOCK and "file:" not in LOCK
    pins = [line for line in LOCK.splitlines() if line and not line.startswith((" ", "#"))]
    assert all(re.match(r"[\w.-]+==[\w.]+( ; .+)? \\$", pin) for pin in pins)
    assert LOCK.count("--hash=sha256:") >= len(pins)


def test_citation_matches_the_project():
    assert CITATION["version"] == PYPROJECT["project"]["version"]
    assert CITATION["license"] == PYPROJECT["project"]["license"]
    assert CITATION["title"].startswith(PYPROJECT["project"]["name"])


def test_changelog_knows_this_version_and_flags_changed_results():
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"## {PYPROJECT['project']['version']}" in text
    assert "### Results change" in text


def test_python_version_is_allowed():
    version = (ROOT / ".python-version").read_text(encoding="utf-8").strip()
    assert PYPROJECT["project"]["requires-python"] == f">={version}"


@pytest.mark.parametrize("name", ["README.md", "MODEL.md", "DECISIONS.md", "LICENSE", "RESPONSIBLE_USE.md"])
def test_document_exists(name):
    assert (ROOT / name).stat().st_size > 0


def test_readme_links_responsible_use():
    assert "RESPONSIBLE_USE.md" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_no_file_names_a_package_host():
    named = [
        f"{path.relative_to(ROOT)}: {host}"
        for path in project_files()
        for host in HOSTS
        if host in path.read_text(encoding="utf-8").lower()
    ]
    assert not named


def test_notebooks_are_kept_without_outputs():
    cells = [
        (path.name, cell)
        for path in sorted((ROOT / "notebooks").glob("*.ipynb"))
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]
    ]
    filled = [name for name, cell in cells if cell.get("outputs") or cell.get("execution_count")]
    assert not filled, f"uv run --extra dev nbstripout notebooks/*.ipynb ({filled})"


def test_continuous_integration_can_be_executed():
    script = ROOT / ".ci" / "run"
    assert script.stat().st_mode & 0o111
    assert script.read_text(encoding="utf-8").startswith("#!")
