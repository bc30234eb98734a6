"""Random input: what is typed, what people write into files, what others did to folders. Each is done, or refused well.

Every case is a whole command in this process, in a folder of its own, and follows from its kind and number alone.
Some hundred run with the tests; ten thousand by ``uv run python tests/reliability/test_fuzz.py 10000``, which prints
the counts, and what to do to see a case again: ``... test_fuzz.py data 4711``.
"""

import io
import json
import multiprocessing
import os
import random
import re
import signal
import sys
import tempfile
import traceback
from collections import Counter
from pathlib import Path

import pytest
from fuzzing.case import call, untouched
from fuzzing.files import data, experiment, narrative, priors, scenario, table
from fuzzing.folders import manifest, results, state
from fuzzing.words import overrides, verbs

CASES = 30  # of each kind with the tests
SECONDS = 90.0  # of the processor, for one case, which takes some tenths of one, and compiles once
KINDS = {each.__name__: each for each in (overrides, verbs, data, experiment, table, scenario, narrative, priors,
                                          manifest, results, state)}  # fmt: skip

# --- what becomes of them

WELL = re.compile(r"not allowed|is missing|is empty|are missing|cannot be (read|combined)|given twice|overlaps|"
                  r"contradicts itself|is not a CSV|has no |no JSON|begun with other|must be|already|no such|"
                  r"at most|at least|was begun|changed", re.ASCII)  # fmt: skip
PYTHON = re.compile(r"Traceback|<class|object at 0x|NoneType|\w+Error\b|settings cannot be composed|"
                    r"(?<!versions\.)(pydantic|omegaconf)|__\w+__|Could not|"
                    r"in 'config'|unhashable|required positional")  # fmt: skip


def tree(folder):
    return {str(path.relative_to(folder)): path.read_bytes() if path.is_file() else path.is_dir()
            for path in folder.rglob("*")}  # fmt: skip


def verdict(case, before, after, code, out, err):
    """What became of a case: accepted or refused well, as it should be; or else what is wrong."""
    if case.words[0] == "replay" and code == 1 and "differs" in out and err == "" and after == before:
        return "accepted"  # it found what was damaged
    if code not in (0, 2) or PYTHON.search(err) and "failed:" in err:
        return "crashed"
    if code == 2:
        if after != before:
            return "leftovers"
        *notes, line = err.splitlines()
        is_well = WELL.search(line) and not PYTHON.search(line) and line.startswith("ploshcha: ")
        is_named = not case.named or any(not name.strip() or name in line for name in case.named)
        is_short = out == "" and all(note.startswith("ploshcha: ") for note in notes) and len(notes) <= 1
        return "refused well" if is_well and is_named and is_short and case.is_wrong is not False else "refused badly"
    if any(Path(name).name.startswith(".") and Path(name).name != ".lock" for name in after.keys() - before.keys()):
        return "leftovers"
    return "nonsense" if case.is_wrong or _is_false(case, after) else "accepted"


def _is_false(case, after):
    """Whether a success is none: other settings than typed, other results than of the same files, impossible curves."""
    if "run" not in case.words[:1] or "out/manifest.json" not in after:
        return False
    import polars as pl

    told = json.loads(after["out/manifest.json"])
    for name, value in case.effects.items():
        group, _, last = name.partition(".")
        if told["config"][group][last] != value:
            return True
    if case.is_same and told["curves_sha256"] != untouched():
        return True
    curves = pl.read_parquet(io.BytesIO(after["out/curves.parquet"])).select(pl.selectors.numeric())
    counts = curves.select("protesting", "striking", "rallying", "detained", "adults").to_numpy()
    return bool((counts < 0).any() or (counts[:, :4].T > counts[:, 4]).any())


def tried(kind, number):
    """Try one case in a folder of its own; return what became of it, its words and what it said."""
    with tempfile.TemporaryDirectory() as name:
        folder, home = Path(name), os.getcwd()
        case = KINDS[kind](random.Random(f"{kind} {number}"), folder)
        before = tree(folder)
        os.chdir(folder)
        signal.signal(signal.SIGPROF, _too_long)
        signal.setitimer(signal.ITIMER_PROF, SECONDS)
        try:
            code, out, err = call(case.words)
        except Exception:
            code, out, err = 99, "", traceback.format_exc()
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
            os.chdir(home)
        return verdict(case, before, tree(folder), code, out, err), case.words, err


def _too_long(number, frame):
    raise TimeoutError(f"more than {SECONDS} seconds")


def _write(*values, **_):
    """Write a figure that is none, in place of a function that draws one into the last of its values."""
    if isinstance(values[-1], Path):
        values[-1].write_bytes(b"figure")


# figures take longer than all else
DRAWING = ("experiments.one_sweep.draw_all", "experiments.figures.city_map.draw_days",
           "experiments.calibration.one_calibration.draw_posterior")  # fmt: skip


def undrawn(patch):
    """Leave out the figures."""
    patch.setattr("experiments.one_run.sheets_of", lambda _: {})
    for name in DRAWING:
        patch.setattr(name, _write)


def _begin():
    undrawn(pytest.MonkeyPatch())


@pytest.mark.skipif(sys.platform == "win32", reason="a case that hangs is ended by a signal")
@pytest.mark.parametrize("kind", KINDS)
def test_random_input_is_done_or_refused_well(monkeypatch, kind):
    undrawn(monkeypatch)
    found = Counter()
    for number in range(CASES):
        what, words, told = tried(kind, number)
        assert what in ("accepted", "refused well"), (kind, number, words, told)
        found[what] += 1
    assert min(found["accepted"], found["refused well"]) >= 2, found  # neither all sound nor all absurd


@pytest.mark.skipif(sys.platform == "win32", reason="a case that hangs is ended by a signal")
@pytest.mark.parametrize(("kind", "number"), [("manifest", 248), ("manifest", 408), ("manifest", 637),
                                              ("results", 233), ("results", 451), ("data", 220)])  # fmt: skip
def test_what_was_found_once_is_mended(monkeypatch, kind, number):
    """A null in a fit's manifest, a map without a setting, a word that is none; a link to nowhere, a replay that
    differs; a column that is needed."""
    undrawn(monkeypatch)
    what, words, told = tried(kind, number)
    assert what in ("accepted", "refused well"), (words, told)


def _one(job):
    return job, tried(*job)


def campaign(n):
    """Try n cases, as many of each kind, on all cores; print the counts, and each fault."""
    counts = Counter()
    jobs = [(kind, number) for number in range(-(-n // len(KINDS))) for kind in KINDS][:n]
    with multiprocessing.get_context("spawn").Pool(initializer=_begin) as pool:
        for (kind, number), (what, words, told) in pool.imap_unordered(_one, jobs, chunksize=20):
            counts[kind, what] += 1
            if what not in ("accepted", "refused well"):
                print(f"{what}: {kind} {number}: {words}: {' '.join(told.split())[-400:]}", flush=True)
            if counts.total() % 500 == 0:
                _print_counts(counts)
    _print_counts(counts)
    return sum(found for (_, what), found in counts.items() if what not in ("accepted", "refused well"))


def _print_counts(counts):
    verdicts = ["accepted", "refused well", "refused badly", "crashed", "nonsense", "leftovers"]
    print(f"{'':<12}{'tried':>8}" + "".join(f"{name:>15}" for name in verdicts))
    for kind in [*KINDS, "all"]:
        kinds = list(KINDS) if kind == "all" else [kind]
        row = [sum(counts[each, name] for each in kinds) for name in verdicts]
        print(f"{kind:<12}{sum(row):>8}" + "".join(f"{number:>15}" for number in row), flush=True)


if __name__ == "__main__":
    if len(sys.argv) == 3:
        _begin()
        print(*tried(sys.argv[1], int(sys.argv[2])), sep="\n")
    else:
        sys.exit(campaign(int(sys.argv[1]) if len(sys.argv) > 1 else 300) > 0)
