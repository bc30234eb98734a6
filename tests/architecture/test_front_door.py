"""``import ploshcha`` is light and complete, and says in one line when another package's `agents` is in the way."""

import base64
import csv
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import ploshcha

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("agents", "sim", "conf", "experiments")
SEEN = "import ploshcha; print(ploshcha.load_scenario('vyraj').seed)"


def python(*words, first):
    """Run Python in an empty place, with folders in front of its path."""
    path = os.pathsep.join(map(str, first))
    return subprocess.run(
        [sys.executable, *words], capture_output=True, text=True, cwd=first[0], timeout=120,
        env=os.environ | {"PYTHONPATH": path},
    )  # fmt: skip


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """A copy of the packages with the list that an installer leaves: what ``pip install ploshcha`` gives."""
    place = tmp_path_factory.mktemp("site")
    for name in ("ploshcha", *PACKAGES):
        shutil.copytree(ROOT / name, place / name, ignore=shutil.ignore_patterns("__pycache__"))
    record = place / "ploshcha-0.1.0.dist-info" / "RECORD"
    record.parent.mkdir()
    with record.open("w", encoding="utf-8", newline="") as handle:
        for file in sorted(file for file in place.rglob("*") if file.is_file() and file != record):
            digest = base64.urlsafe_b64encode(hashlib.sha256(file.read_bytes()).digest()).rstrip(b"=").decode()
            csv.writer(handle).writerow([file.relative_to(place).as_posix(), f"sha256={digest}", file.stat().st_size])
    return place


@pytest.fixture
def copy(installed, tmp_path):
    """The installed copy, to be damaged."""
    return Path(shutil.copytree(installed, tmp_path / "site"))


def refused(place, *first):
    """What the command and the front door say, each in one line."""
    path = [*first, place]
    command = python("-m", "ploshcha", "run", "--help", first=path)
    assert (command.returncode, command.stdout, command.stderr.count("\n")) == (1, "", 1)
    assert command.stderr.startswith("ploshcha: ") and "an environment of its own" in command.stderr
    script = python("-c", SEEN, first=path)
    assert script.returncode == 1
    assert script.stderr.splitlines()[-1] == "ImportError: " + command.stderr.strip().removeprefix("ploshcha: ")
    return command.stderr


def test_everything_is_there():
    assert set(ploshcha.__all__) == set(ploshcha.PLACES) <= set(dir(ploshcha))
    assert all(callable(getattr(ploshcha, name)) for name in ploshcha.__all__)
    with pytest.raises(AttributeError, match="no attribute 'simulate'; it has "):
        ploshcha.simulate  # noqa: B018


def test_the_packages_say_whose_they_are():
    for name in PACKAGES:
        assert "ploshcha" in (ROOT / name / "__init__.py").read_text(encoding="utf-8").split('"""')[1]


def test_an_installed_copy_works(installed):
    done = python("-c", SEEN, first=[installed])
    assert (done.returncode, done.stdout) == (0, "1\n"), done.stderr
    assert python("-m", "ploshcha", "--help", first=[installed]).stdout.startswith("usage: ploshcha")


@pytest.mark.parametrize("name", PACKAGES)
def test_another_package_in_front(installed, tmp_path, name):
    (tmp_path / name).mkdir()
    (tmp_path / name / "__init__.py").write_text('"""Agents for language models."""\n')
    told = refused(installed, tmp_path)
    assert f"another package's {name} stands in front of ploshcha's" in told and str(tmp_path / name) in told


def test_another_package_that_was_installed_over_ours(copy):
    (copy / "agents" / "__init__.py").write_text('"""Agents for language models."""\n')
    assert "agents/__init__.py was overwritten by another package's agents" in refused(copy)


def test_another_package_that_took_ours_away(copy):
    (copy / "agents" / "__init__.py").unlink()
    assert "agents/__init__.py of ploshcha is missing" in refused(copy)


def test_a_single_file_that_was_overwritten(copy):
    with (copy / "agents" / "view.py").open("a") as handle:
        handle.write("# more\n")
    assert "agents/view.py of ploshcha is missing or was overwritten" in refused(copy)


def test_a_checkout_may_be_edited(copy):
    shutil.rmtree(copy / "ploshcha-0.1.0.dist-info")
    (copy / "agents" / "mine.py").write_text("")
    assert python("-m", "ploshcha", "--version", first=[copy]).returncode == 0
