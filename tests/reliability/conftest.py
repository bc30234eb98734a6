"""What the tests of the command line share."""

import os
import subprocess
import sys
from dataclasses import dataclass

import pytest

SMALL = ("scenario=minsk_2020", "hours=24", "persons_per_agent=2000")


@dataclass
class Done:
    code: int
    out: str
    err: str


@pytest.fixture
def here(tmp_path, monkeypatch):
    """An empty working folder."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def call(here, capsys, monkeypatch):
    """Call the command line inside this process, in an empty folder."""
    from experiments import cli

    monkeypatch.delenv("PLOSHCHA_DEBUG", raising=False)

    def run(*words):
        capsys.readouterr()
        code = cli.main([str(word) for word in words])
        printed = capsys.readouterr()
        return Done(code, printed.out, printed.err)

    return run


def start(*words, cwd, script=None, **environment):
    """Run the command, or a script that calls it, in a process of its own."""
    program = ["-c", script] if script else ["-m", "experiments.cli"]
    inherited = {name: value for name, value in os.environ.items() if name != "PLOSHCHA_DEBUG"}
    done = subprocess.run(
        [sys.executable, *program, *map(str, words)],
        cwd=cwd, capture_output=True, text=True, timeout=300, env=inherited | environment,
    )  # fmt: skip
    return Done(done.returncode, done.stdout, done.stderr)


@pytest.fixture(scope="session")
def command():
    """Run the command in a process of its own: command(*words, cwd=folder)."""
    return start


@pytest.fixture(scope="session")
def small():
    """Settings of a run that takes a moment."""
    return SMALL


@pytest.fixture(scope="session")
def first_run(tmp_path_factory):
    """One small run in a process of its own; returns its working folder, its out folder and what it printed."""
    folder = tmp_path_factory.mktemp("first")
    done = start("run", *SMALL, "out=first", cwd=folder)
    assert done.code == 0, done.err
    return folder, folder / "first", done


def tree(folder):
    """Everything under a folder, hidden files too."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


@pytest.fixture(scope="session")
def everything():
    """List everything under a folder: everything(folder)."""
    return tree


# Slurm as far as submitit sees it: the jobs of an array are processes of this machine, their states are not told.
SBATCH = """
set -e
grep -q -- '--partition=short' "$1" || { echo "sbatch: error: invalid partition specified" >&2; exit 1; }
for number in $(seq 0 $(sed -n 's/^#SBATCH --array=0-\\([0-9]*\\).*/\\1/p' "$1")); do
    SLURM_ARRAY_JOB_ID=7 SLURM_ARRAY_TASK_ID=$number SLURM_JOB_ID=$((70 + number)) setsid bash "$1" > /dev/null 2>&1 &
done
cp "$1" "$(dirname "$0")/submitted"
echo Submitted batch job 7
"""
SRUN = """
while [[ $1 == --* ]]; do case $1 in --output | --error) shift 2 ;; *) shift ;; esac; done
exec "$@"
"""


@pytest.fixture
def slurm(tmp_path, monkeypatch):
    """The folder of the commands of a Slurm."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name, text in {"sbatch": SBATCH, "srun": SRUN, "sacct": "exit 0", "scancel": "exit 0"}.items():
        (folder / name).write_text(f"#!/bin/bash\n{text}")
        (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    return folder
