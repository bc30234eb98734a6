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
from agents.compiled.ingredients import ingredients_hash, led_to
from agents.compiled.rule import cache_folder, kernel, rule
from agents.compiled.sources import code_hash
from experiments.printing.compiling import compile_clock
from sim import rulebook
from sim.engines import citizen_passes

ROOT = Path(__file__).resolve().parents[2]

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
from agents.compiled import ingredients, kept, sources
{prelude}
from agents.rules.outer import doubled_plus_one
from sim.kernels import over_column
x = np.array([5.0]); over_column(x)
loaded = sum(sum(f.compiled.stats.cache_hits.values()) for f in (doubled_plus_one, over_column))
print(agents.__file__, sources.code_hash(), doubled_plus_one(5.0), x[0], loaded)
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
    for name in ("rule.py", "kept.py", "ingredients.py", "sources.py"):
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


def edit(checkout, old="2.0 * x", new="3.0 * x", name="agents/rules/inner.py"):
    """Let the inner rule treble, or edit another source."""
    text = (checkout / name).read_text()
    assert old in text
    (checkout / name).write_text(text.replace(old, new))


def test_an_edited_rule_is_seen_by_agents_and_kernels(checkout, tmp_path):
    cache = {"NUMBA_CACHE_DIR": str(tmp_path / "cache")}
    before, *values = run(checkout, **cache)
    assert values == [11, 11, 0]
    assert run(checkout, **cache) == (before, 11, 11, 2), "the second start did not load from the cache"
    edit(checkout)
    after, *values = run(checkout, **cache)
    assert values == [16, 16, 0]
    assert after != before
    assert run(checkout, **cache) == (after, 16, 16, 2)
    edit(checkout, "3.0 * x", "2.0 * x")
    assert run(checkout, **cache) == (before, 11, 11, 2), "what was compiled before the edit was forgotten"


@compiled_only
def test_without_the_hash_the_edit_would_be_missed(checkout, tmp_path):
    """What the hash is for. Should Numba learn to follow calls, this fails and the hash may go."""
    cache = {"NUMBA_CACHE_DIR": str(tmp_path / "cache")}
    prelude = 'kept.ingredients_hash = lambda *_: "fixed"'
    run(checkout, prelude, **cache)
    edit(checkout)
    assert run(checkout, prelude, **cache)[1:] == (11, 11, 2)


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
    assert run(checkout, "assert sources.foreign_files() == ['agents/planner.py']", **cache)[0] == before
    edit(checkout)
    assert run(checkout, **cache)[0] != before


def test_cache_lies_in_the_users_cache_folder(checkout, tmp_path):
    run(checkout, XDG_CACHE_HOME=str(tmp_path / "xdg"))
    assert [folder.name for folder in (tmp_path / "xdg").iterdir()] == ["ploshcha"]
    assert list((tmp_path / "xdg/ploshcha").rglob("*over_column*.nbi"))
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


# --- what goes into compiled code ---

NAMED = """
import numpy as np
from enum import IntEnum
from typing import NamedTuple
from agents.compiled.rule import kernel, rule
import agents.rules.outer
from agents.rules import inner

SCALE = 2.0
TABLE = np.array([1.0, 2.0])
PAIR = (1, (2, 3))

class Kind(IntEnum):
    OUT = 1

class Inputs(NamedTuple):
    a: float
    b: float

@rule
def weighed(x: Inputs) -> float:
    \"\"\"Weigh.\"\"\"
    return x.a * 3.0 + x.b

def made(x, y=4.0):
    return lambda z: weighed(Inputs(a=x, b=z)) * y

@kernel
def over_column(x):
    for i in range(x.size):
        x[i] = SCALE * TABLE[1] * PAIR[1][0] * Kind.OUT + made(x[i])(2.0) + inner.doubled(x[i]) + 0.0
        x[i] += agents.rules.outer.doubled_plus_one(1.0)

@kernel
def alone(x):
    for i in range(x.size):
        x[i] = 1.0
"""
HASHES = """
from sim import named
from agents.compiled.ingredients import ingredients_hash, led_to
from agents.compiled.sources import code_hash
led_to(named.over_column.py_func)  # nothing unclear
options = named.over_column.compiled.targetoptions
print(ingredients_hash(named.over_column.py_func, options), ingredients_hash(named.alone.py_func), code_hash())
"""


def hashes(checkout, script=HASHES):
    environment = os.environ | {"PYTHONPATH": str(checkout), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run([sys.executable, "-c", script], cwd=checkout, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


@pytest.mark.parametrize(
    ("old", "new", "name"),
    [("SCALE = 2.0", "SCALE = 2.5", ""), ("[1.0, 2.0]", "[1.0, 2.5]", ""), ("(2, 3)", "(5, 3)", ""),
     ("OUT = 1", "OUT = 2", ""), ("a: float\n    b: float", "b: float\n    a: float", ""), ("b: float", "b: int", ""),
     ("x.a * 3.0", "x.a * 3.5", ""), ("y=4.0", "y=4.5", ""), ("lambda z: ", "lambda z: 1.0 + ", ""),
     (" + 0.0", " + 1.0", ""), ("@kernel\ndef over", "@kernel(is_counted=False)\ndef over", ""),
     ("SCALE * T", "SCALE + T", ""), ("2.0 * x", "2.5 * x", "agents/rules/inner.py"),
     ("+ 1.0", "+ 1.5", "agents/rules/outer.py"),
     ('"fastmath": False', '"fastmath": True', "agents/compiled/rule.py")],
)  # fmt: skip
def test_whatever_goes_into_compiled_code_changes_its_hash(checkout, old, new, name):
    (checkout / "sim/named.py").write_text(NAMED)
    before, alone, all_sources = hashes(checkout)
    edit(checkout, old, new, name or "sim/named.py")
    after, alone_after, all_after = hashes(checkout)
    assert after != before and all_after != all_sources
    assert (alone_after == alone) == (not name.startswith("agents/compiled"))


@pytest.mark.parametrize(("old", "new"), [("Weigh.", "Weigh both."), ("SCALE = 2.0", "\n\n# much\nSCALE = 2.0"),
                                          ("x[i] = 1.0", "x[i] = 1.5")])  # fmt: skip
def test_what_does_not_go_into_it_leaves_the_hash(checkout, old, new):
    (checkout / "sim/named.py").write_text(NAMED)
    before = hashes(checkout)[0]
    edit(checkout, old, new, "sim/named.py")
    assert hashes(checkout)[0] == before


def test_where_a_name_is_unclear_all_sources_count(checkout):
    told = HASHES.replace("led_to(named.over_column.py_func)", "")
    (checkout / "sim/named.py").write_text(NAMED.replace("SCALE = 2.0", "class Odd:\n    x = 2.0\nSCALE = Odd()"))
    before = hashes(checkout, told)[0]
    (checkout / "agents/vocabulary.py").write_text("PROTESTING = 3\n")
    assert hashes(checkout, told)[0] != before


def test_nothing_shipped_is_unclear_and_all_callers_are_known():
    """By what a rulebook finds on its own: what a replaced rule or decision makes it compile anew."""
    passes = set()
    for each in rulebook.rule_names().values():
        for caller in rulebook._callers([each]):
            assert each.py_func in led_to(caller.py_func), (each, caller)
            passes.add(caller.py_func.__module__)
    assert {"sim.engines.citizen_passes", "sim.engines.staff_passes", "agents.choices"} <= passes


def test_hash_is_the_same_in_another_process():
    script = ("from agents.compiled.ingredients import ingredients_hash; from sim.engines import citizen_passes\n"
              "print(ingredients_hash(citizen_passes.choose_rows.py_func))")  # fmt: skip
    assert hashes(ROOT, script) == [ingredients_hash(citizen_passes.choose_rows.py_func)]


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
    """Those of tests and notebooks."""
    folder = cache_folder()
    assert folder is None or not list(folder.rglob("*test_rule_cache*"))
    assert third.stats.cache_path is None


def test_hash_is_16_hexadecimal_digits():
    assert re.fullmatch("[0-9a-f]{16}", code_hash())
