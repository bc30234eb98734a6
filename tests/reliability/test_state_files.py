"""`ploshcha run save_state=[..]` and `start=FILE`: a run interrupted on purpose, and what is refused."""

from __future__ import annotations

import json

import pytest

from experiments.cli import main

SMALL = ("run", "scenario=vyraj", "persons_per_agent=400")


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A run that wrote its state of hour 43."""
    folder = tmp_path_factory.mktemp("whole") / "run"
    assert main([*SMALL, "save_state=[43]", f"out={folder}"]) == 0
    return folder


def test_goes_on_to_the_same_curves(whole, tmp_path):
    """The same bytes as the run that was never interrupted, and the manifest says where it began."""
    assert main([*SMALL, f"start={whole / 'state_43.npz'}", f"out={tmp_path / 'on'}"]) == 0
    assert (tmp_path / "on" / "curves.parquet").read_bytes() == (whole / "curves.parquet").read_bytes()
    assert (tmp_path / "on" / "plants.parquet").read_bytes() == (whole / "plants.parquet").read_bytes()
    assert json.loads((whole / "manifest.json").read_text())["start"] is None
    assert json.loads((tmp_path / "on" / "manifest.json").read_text())["start"]["hour"] == 43


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("seed=2",), "seed=2 is not allowed: 1, as in the state that the run starts from"),
        (("space=true",), "space=true is not allowed: a run that goes on from a state knows not who was where before"),
        (("save_state=[20]",), "save_state=20 is not allowed: hours from 44 to 72"),
        (("save_state=soon",), "save_state=soon is not allowed: hours, such as [96,120]"),
        (("start=true",), "start=true is not allowed: a file that ploshcha run wrote"),
        (("start=nowhere.npz",), "start=nowhere.npz is not allowed: a file that is there"),
    ],
)
def test_refused_in_one_line(whole, tmp_path, capsys, words, line):
    """Nothing is written."""
    assert main([*SMALL, f"start={whole / 'state_43.npz'}", *words, f"out={tmp_path / 'no'}"]) == 2
    assert capsys.readouterr().err == f"ploshcha: {line}\n"
    assert not (tmp_path / "no").exists()


def test_no_sweep_goes_on(whole, tmp_path, capsys):
    """Neither as a fixed setting nor as a lever, and no classic."""
    sweep = ["sweep", "scenario=vyraj", "fear.fear_weight=0,1", f"out={tmp_path / 'no'}"]
    assert main([*sweep, "save_state=[43]"]) == 2
    assert main(["run", "scenario=kuran_1989", "save_state=[43]"]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert lines[0].startswith("ploshcha: save_state=") and "ploshcha run" in lines[0]
    assert lines[1] == "ploshcha: save_state=[43] is not allowed: a classic has no save_state, only cities have"


def test_a_state_that_was_edited_is_told(whole, tmp_path, capsys):
    """Engines index their memory by its numbers: none is taken that ploshcha did not write."""
    import numpy as np

    with np.load(whole / "state_43.npz") as file:
        arrays = {name: file[name] for name in file.files}
    name = next(name for name in arrays if name.startswith("world.citizens") and arrays[name].any())
    arrays[name] = np.zeros_like(arrays[name])
    np.savez(tmp_path / "edited.npz", **arrays)
    assert main([*SMALL, f"start={tmp_path / 'edited.npz'}", f"out={tmp_path / 'on'}"]) == 2
    assert "a state that ploshcha wrote, unharmed" in capsys.readouterr().err
    assert not (tmp_path / "on").exists()
