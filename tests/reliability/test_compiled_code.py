"""Compiled code on disk: what is spoilt is compiled anew, and the run is the same."""

import os

import pytest

WORDS = ("run", "scenario=civil_violence_mesa", "epstein.size=20", "steps=2")


@pytest.mark.parametrize(("kind", "size"), [("nbi", 0), ("nbc", 100)])
def test_compiled_code_that_was_cut_short_is_compiled_again(command, tmp_path, kind, size):
    """As a machine leaves it that goes down."""
    folder = tmp_path / "compiled"

    def run(out):
        done = command(*WORDS, f"out={out}", cwd=tmp_path, NUMBA_CACHE_DIR=str(folder))
        assert done.code == 0, done.err
        return (tmp_path / out / "curves.parquet").read_bytes()

    first = run("first")
    spoilt = list(folder.rglob(f"*.{kind}"))
    for path in spoilt:
        os.truncate(path, size)
    assert run("again") == first
    assert spoilt and all(path.stat().st_size > size for path in spoilt)
