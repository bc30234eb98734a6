"""Golden runs: the curves are those kept in the files here, bit for bit. Changed on purpose: see update.py."""

from __future__ import annotations

import copy
import runpy
from pathlib import Path

import pytest

update = runpy.run_path(str(Path(__file__).with_name("update.py")))


@pytest.mark.parametrize("scenario", update["RUNS"])
def test_curves_are_those_kept(scenario):
    """Another value, a curve more or less, or another bit between the hours kept: all are named."""
    kept = update["stored"](scenario)
    assert kept is not None, "no golden file: uv run python tests/golden/update.py"
    found = update["differences"](kept, update["golden_scenario"](scenario))
    hint = "results changed; if that is meant: uv run python tests/golden/update.py"
    assert not found, "\n".join([hint, *found[:10]])


def test_a_change_is_named():
    """The comparison itself names seed, curve, city and hour, and sees bits that no kept hour shows."""
    kept = update["stored"]("vyraj")
    for change in ("value", "bits"):
        other = copy.deepcopy(kept)
        curve = other["runs"]["2"]["protesting"]
        if change == "value":
            curve["Alvena"][3] = 1.0
        else:
            curve["sha256"] = "0" * 64
        (found,) = update["differences"](kept, other)
        assert "seed 2, protesting" in found
        assert ("Alvena, hour 11" in found) == (change == "value")


@pytest.mark.parametrize("scenario", update["RUNS"])
def test_the_file_is_as_the_script_writes_it(scenario):
    """Nothing edited by hand."""
    text = Path(__file__).with_name(f"{scenario}.json").read_text()
    assert text == update["_text"](update["stored"](scenario))
