"""A case's files are read once in a process, and again when one was edited."""

import shutil

import pytest

from experiments import load_scenario
from sim.errors import InputError
from sim.inputs.case import load_case
from sim.world.world import data_folder


@pytest.fixture
def case(tmp_path):
    parameters = load_scenario("vyraj")
    folder = shutil.copytree(data_folder(parameters), tmp_path / "case")
    return folder, lambda: load_case(folder, parameters.scenario.cities, parameters.scenario.start, 48)


def test_what_was_read_is_shared(case):
    _, load = case
    assert load() is load()


def test_an_edited_file_is_read_again(case):
    folder, load = case
    before, table = load(), folder / "timeline.csv"
    lines = table.read_text(encoding="utf-8").splitlines(keepends=True)
    table.write_text("".join(lines[:-1]), encoding="utf-8")
    assert len(load().timeline.events) < len(before.timeline.events)


def test_a_missing_file_is_told_after_it_was_read(case):
    folder, load = case
    load()
    (folder / "timeline.csv").unlink()
    with pytest.raises(InputError, match=r"timeline\.csv is missing"):
        load()
