"""The cache of compiled code: an edited rule is seen by agents and kernels, and one signature is all a rule has."""

import errno
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numba
import numpy as np
import pytest
from numba.core import caching

from agents.compiled import kept
from agents.compiled import rule as rule_module
from agents.compiled.rule import cache_folder, code_hash, kernel, rule
from experiments.printing.compiling import compile_clock

compiled_only = pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="nothing is compiled")

RULES = """
from agents.compiled.rule import rule

@rule
def doubled(x: float) -> float:
    return 2.0 * x
"""
OUTER_RULES = """
from agents.rules.inner import doubled
from agents.compiled.rule import rule

@rule
def doubled_plus_one(x: float) -> float:
    return doubled(x) + 1.0
"""
KERNELS = """
from agents.rules.outer import doubled_plus_one
from agents.compiled.rule import kernel

@kernel
def over_column(x):
    for i in range(x.size):
        x[i] = doubled_plus_one(x[i])
"""
# Prints what an agent sees, what a kernel sees, and how many compiled functions came from the cache.
RUN = """
import numpy as np, agents
from agents.compiled import rule
{prelude}
from agents.rules.outer import doubled_plus_one
from sim.kernels import over_column
x = np.array([5.0]); over_column(x)
loaded = sum(sum(f.compiled.stats.cache_hits.values()) for f in (doubled_plus_one, over_column))
print(agents.__file__, rule.code_hash(), doubled_plus_one(5.0), x[0], loaded)
"""


@pytest.fixture
def checkout(tmp_path):
    """Return a copy of the rule decorator, with two small rules and a kernel, each in a file of its own."""
    root = tmp_path / "checkout"
    (root / "agents/rules").mkdir(parents=True)
    (root / "agents/compiled").mkdir()
    (root / "sim").mkdir()
    for package in ("agents", "agents/rules", "agents/compiled", "sim"):
        (root / package / "__init__.py").touch()
    for name in ("rule.py", "kept.py"):
        shutil.copy(Path(rule_module.__file__).with_name(name), root / "agents/compiled" / name)
    (root / "agents/rules/inner.py").write_text(RULES)
    (root / "agents/rules/outer.py").write_text(OUTER_RULES)
    (root / "sim/kernels.py").write_text(KERNELS)
    return root


def run(checkout, prelude="", **variables):
    """Run the copy in a fresh process; return (code hash, agent's value, kernel's value, functions loaded)."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("NUMBA_")}
    environment |= {"PYTHONPATH": str(checkout), "PYTHONDONTWRITEBYTECODE": "1"} | variables
    done = subprocess.run([sys.executable, "-c", RUN.format(prelude=prelude)], cwd=checkout, env=environment,
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    file, digest, *numbers = done.stdout.split()
    assert Path(file).is_relative_to(checkout), "another checkout was imported"
    return digest, *map(float, numbers)


def edit(checkout):
    """Let the inner rule treble."""
    path = checkout / "agents/rules/inner.py"
    path.write_text(path.read_text().replace("2.0 * x", "3.0 * x"))


def test_an_edited_rule_is_seen_by_agents_and_kernels(checkout, tmp_path):
    cache = {"NUMBA_CACHE_DIR": str(tmp_path / "cache")}
    before, *values = run(checkout, **cache)
    assert values == [11, 11, 0]
    assert run(checkout, **cache) == (before, 11, 11, 2), "the second start did not load from the cache"
    edit(checkout)
    after, *values = run(checkout, **cache)
    assert values == [16, 16, 0]
    assert {folder.name for folder in (tmp_path / "cache").iterdir()} == {before, after}


@compiled_only
def test_without_the_hash_the_edit_would_be_missed(checkout, tmp_path):
    """What the hash is for. Should Numba learn to follow calls, this fails and the hash may go."""
    cache = {"NUMBA_CACHE_DIR": str(tmp_path / "cache")}
    prelude = 'rule.code_hash = lambda: "fixed"'
    run(checkout, prelude, **cache)
    edit(checkout)
    assert run(checkout, prelude, **cache) == ("fixed", 11, 11, 2)


def test_any_source_of_the_two_packages_changes_the_hash(checkout, tmp_path):
    cache = {"NUMBA_CACHE_DIR": str(tmp_path / "cache")}
    hashes = [run(checkout, **cache)[0]]
    for name in ("agents/vocabulary.py", "sim/step.py"):
        (checkout / name).write_text("PROTESTING = 3\n")
        hashes.append(run(checkout, **cache)[0])
    assert len(set(hashes)) == 3


def test_files_of_another_distribution_do_not_count(checkout, tmp_path):
    """As installed: the distribution lists its files, and another one puts its own `agents` into the same folder."""
    listed = [file.relative_to(checkout).as_posix() for file in checkout.rglob("*.py")]
    info = checkout / "ploshcha-0.1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: ploshcha\nVersion: 0.1.0\n")
    (info / "RECORD").write_text("".join(f"{name},,\n" for name in listed))
    cache = {"NUMBA_CACHE_DIR": str(tmp_path / "cache")}
    before, *_ = run(checkout, **cache)
    (checkout / "agents/planner.py").write_text("GOAL = 1\n")
    assert run(checkout, **cache) == (before, 11, 11, 2)
    assert run(checkout, "assert rule.foreign_files() == ['agents/planner.py']", **cache)[0] == before
    edit(checkout)
    assert run(checkout, **cache)[0] != before


def test_cache_lies_in_the_users_cache_folder(checkout, tmp_path):
    digest, *_ = run(checkout, XDG_CACHE_HOME=str(tmp_path / "xdg"))
    assert [folder.name for folder in (tmp_path / "xdg/ploshcha").iterdir()] == [digest]
    assert list((tmp_path / "xdg/ploshcha" / digest).rglob("*over_column*.nbi"))
    assert not list(checkout.rglob("*.nbi")), "compiled code was written beside the sources"


def test_a_cache_that_cannot_be_written_is_done_without(checkout, tmp_path):
    blocked = tmp_path / "a file"
    blocked.touch()
    _, *values = run(checkout, XDG_CACHE_HOME=str(blocked))
    assert values == [11, 11, 0]
    assert not list(checkout.rglob("*.nbi"))


@compiled_only
@pytest.mark.parametrize("kind", ["nbi", "nbc"])
@pytest.mark.parametrize("size", [0, 40])
def test_a_cache_that_is_spoilt_is_made_anew(checkout, tmp_path, kind, size):
    """Files that were cut short, as by a machine that went down: compiled again, and kept again."""
    cache = {"NUMBA_CACHE_DIR": str(tmp_path / "cache")}
    run(checkout, **cache)
    for path in (tmp_path / "cache").rglob(f"*.{kind}"):
        os.truncate(path, size)
    assert run(checkout, **cache)[1:] == (11, 11, 0)
    assert run(checkout, **cache)[1:] == (11, 11, 2)


@compiled_only
def test_a_cache_without_room_is_done_without(monkeypatch, tmp_path, capsys):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(caching.IndexDataCacheFile, "_save_data", full)
    monkeypatch.setattr(kept, "NOT_KEPT", [])
    with compile_clock():
        assert kept.keep(numba.njit(third.py_func), third.py_func)(6.0) == 2.0
    assert "compiled code cannot be kept (No space left on device)" in capsys.readouterr().err


# --- the decorator ---


@rule
def difference(a: int, b: int) -> int:
    """Subtract."""
    return a - b


@rule
def third(x: float) -> float:
    """Divide."""
    return x / 3.0


@rule
def quotient_and_sign(a: float, b: float) -> tuple[float, bool]:
    """Divide, and compare with zero."""
    return a / b, a > 0.0


@kernel
def differences(a, b, out):
    """Subtract columns."""
    for i in range(a.size):
        out[i] = difference(a[i], b[i])


def test_arithmetic_is_64_bit_whatever_the_storage():
    assert difference(np.uint8(3), np.uint8(5)) == -2
    out = np.empty(1)
    differences(np.array([3], dtype=np.uint8), np.array([5], dtype=np.uint8), out)
    assert out[0] == -2
    assert third(np.float32(1.0)) == 1.0 / 3.0 != float(np.float32(1) / np.float32(3))
    assert third(x=1) == 1.0 / 3.0


@compiled_only
def test_a_rule_has_one_signature_and_its_python_function():
    third(1)
    third(np.float32(1.0))
    assert len(third.signatures) == 1
    assert third.py_func(6.0) == 2.0


def test_tuples_and_plain_mode(monkeypatch):
    assert quotient_and_sign(1.0, 2.0) == (0.5, True)
    monkeypatch.setattr(numba.config, "DISABLE_JIT", 1)
    plain = rule(third.py_func)
    assert plain(np.float32(1.0)) == plain(x=1) == third(1.0)
    assert type(plain(np.float32(1.0))) is float


@compiled_only
def test_division_by_zero_does_not_raise():
    assert quotient_and_sign(1.0, 0.0)[0] == np.inf


def test_missing_and_unknown_annotations_are_refused():
    def unannotated(a: float, b) -> float:
        return a + b

    def textual(a: str) -> float:
        return float(a)

    with pytest.raises(TypeError, match="unannotated: no annotation for b"):
        rule(unannotated)
    with pytest.raises(TypeError, match="textual: .*str.* is not int"):
        rule(textual)


@compiled_only
def test_rules_from_elsewhere_are_not_kept():
    """The folder's name does not cover this file: an old result could be read back."""
    folder = cache_folder()
    assert folder is None or not list(folder.rglob("*test_rule_cache*"))
    assert third.stats.cache_path is None


def test_hash_is_16_hexadecimal_digits():
    assert re.fullmatch("[0-9a-f]{16}", code_hash())
