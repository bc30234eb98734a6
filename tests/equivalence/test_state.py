"""A run that goes on from a saved state is the run that was never interrupted, bit for bit."""

from __future__ import annotations

import numpy as np
import pytest

from sim import run
from sim.errors import InputError
from sim.state import MADE_ONCE, VIEWS, State, _parts, arrays_of, walk

HOURS = (1, 19, 25, 43, 60, 71)  # before anything, in the evening and the night, in a shift, near the end
SMALL = {"persons_per_agent": 400}


def contents(result):
    """Everything that a result tells in numbers."""
    return {**result.curves_columns, "striking": result.striking, "rally_present": result.rally_present,
            "site_crowd": result.site_crowd, "encouraged": result.encouraged,
            "first_hours": result.stats["first_hours"]}  # fmt: skip


def assert_same(one, two):
    for name, values in contents(one).items():
        np.testing.assert_array_equal(values, contents(two)[name], err_msg=name)


@pytest.fixture(scope="module")
def lively(settings):
    return settings("vyraj", SMALL, lively=True)


@pytest.fixture(scope="module")
def uninterrupted(lively):
    return run(lively, save_state=HOURS)


@pytest.mark.parametrize("hour", HOURS)
@pytest.mark.parametrize(("engine", "threads"), [("compiled", 1), ("compiled", 3), ("mesa", 1)])
def test_goes_on_as_if_never_interrupted(lively, uninterrupted, tmp_path, hour, engine, threads):
    """From a file, on either engine and any threads."""
    uninterrupted.state(hour).save(tmp_path / "state.npz")
    parameters = lively.model_copy(update={"engine": engine, "threads": threads})
    again = run(parameters, start=State.load(tmp_path / "state.npz"), save_state=[72])
    assert_same(uninterrupted, again)
    assert again.stats["steps"] == (72 - hour) * again.stats["agents"]


def test_of_either_engine(lively, uninterrupted):
    """Both engines leave the same state."""
    states = [uninterrupted.state(43), run(lively.model_copy(update={"engine": "mesa"}), save_state=[43]).state(43)]
    assert list(states[0].arrays) == list(states[1].arrays)
    for name, array in states[0].arrays.items():
        np.testing.assert_array_equal(array, states[1].arrays[name], err_msg=name)


def test_of_the_mesa_face(lively, uninterrupted):
    """A model steps on from its own state."""
    from sim.model import ProtestModel

    model = ProtestModel(lively, start=uninterrupted.state(60))
    assert model.hour == 60
    assert_same(uninterrupted, model.run())
    assert model.state().hour == 72


def test_every_array_that_changes_is_in_the_state(settings, stepped):
    """What is left out as made once does not change in a lively run; what is kept is arrays and the hour."""
    fresh, run_ = (stepped(settings("vyraj", SMALL, lively=True)) for _ in range(2))
    for _ in range(72):
        run_.step()
    for name, array in every_array(run_):
        if any(f"{name}.".startswith(f"{once}.") for once in MADE_ONCE):
            np.testing.assert_array_equal(array, dict(every_array(fresh))[name], err_msg=name)
    left = {name for name, found in [*walk("world", run_.world), *walk("observer", run_.observer)]
            if not isinstance(found, np.ndarray)}  # fmt: skip
    assert left == {"world.hour", "world.seed", "world.country_adults"}
    kept = dict(arrays_of(run_.world, run_.observer))
    changed = [
        name
        for name, array in every_array(run_)
        if name in dict(every_array(fresh))
        and not np.array_equal(array, dict(every_array(fresh))[name], equal_nan=array.dtype.kind == "f")
    ]
    assert len(changed) > 50
    assert set(changed) <= set(kept)


def every_array(run_):
    """All arrays of a world and its observer, however deep, by name."""

    def inside(name, found):
        if name.startswith(("world.changes", "world.around", "world.threads", *VIEWS)):  # copies, and views of others
            return
        if isinstance(found, np.ndarray) and not found.dtype.names:  # records are opened
            yield name, found
        else:
            for key, part in _parts(found).items():
                yield from inside(f"{name}.{key}", part)

    return [*inside("world", run_.world), *inside("observer", run_.observer)]


# --- branches ---


def test_a_branch_differs_from_its_hour_on(lively, uninterrupted, changed):
    """Other settings act from the state's hour on, the hours before are those of the state."""
    other = run(changed(lively, {"anger.anger_weight": 4.0}), start=uninterrupted.state(43))
    before, after = other.curves_columns["protesting"][:43], other.curves_columns["protesting"][43:]
    np.testing.assert_array_equal(before, uninterrupted.curves_columns["protesting"][:43])
    assert not np.array_equal(after, uninterrupted.curves_columns["protesting"][43:])


def test_a_branch_of_the_timeline(lively, uninterrupted, changed):
    """A row that begins at the state's hour may be added; one before it may not."""
    row = {"hour": 60, "value": 0.0}
    assert run(changed(lively, {"forcings.violence.add": [row]}), start=uninterrupted.state(60))
    with pytest.raises(InputError, match="forcings.violence is not allowed: only rows that begin in hour 60 or later"):
        run(changed(lively, {"forcings.violence.add": [row | {"hour": 41}]}), start=uninterrupted.state(60))


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"seed": 2}, "seed=2 is not allowed: 1, as in the state that the run starts from"),
        ({"persons_per_agent": 500}, "persons_per_agent=500.0 is not allowed: 400.0, as in the state"),
        ({"population.homophily": 0.1}, "population.homophily=0.1 is not allowed: 0.5, as in the state"),
        ({"fear.lesson_start": 0.9}, "fear.lesson_start=0.9 is not allowed: 0.0, as in the state"),
        ({"hours": 43}, "hours=43 is not allowed: more than 43, where the state stands"),
        ({"scenario.main_day": "friday"}, "scenario.main_day=friday is not allowed: sunday, as in the state"),
        ({"forcings.closed_places": ("Fountain Square",)}, "forcings.closed_places is not allowed"),
    ],
)
def test_another_past_is_refused(lively, uninterrupted, changed, changes, line):
    with pytest.raises(InputError, match=line.replace("(", r"\(")):
        run(changed(lively, changes), start=uninterrupted.state(43))


def test_a_state_of_other_code_or_data_is_refused(lively, uninterrupted, tmp_path, monkeypatch):
    file = tmp_path / "state.npz"
    uninterrupted.state(43).save(file)
    monkeypatch.setattr("sim.state.code_hash", lambda: "other")
    with pytest.raises(InputError, match="start=.* is not allowed: a state of the same code"):
        State.load(file)
    monkeypatch.undo()
    monkeypatch.setattr("sim.state.world_data_hash", lambda parameters: "other")
    with pytest.raises(InputError, match="start=the state is not allowed: a state of the same data files"):
        run(lively, start=uninterrupted.state(43))


@pytest.mark.parametrize("harm", ["cut", "flip", "text", "pickle", "none"])
def test_a_damaged_file_is_refused(uninterrupted, tmp_path, harm):
    file = tmp_path / "state.npz"
    uninterrupted.state(43).save(file)
    whole = file.read_bytes()
    if harm == "pickle":
        np.savez(file, about=np.array([{}], dtype=object))
    elif harm == "none":
        file.unlink()
    else:
        middle = len(whole) // 2
        flipped = whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :]
        file.write_bytes({"cut": whole[:middle], "flip": flipped, "text": b"hour 43"}[harm])
    with pytest.raises(InputError, match="start=.* is not allowed: a "):
        State.load(file)


def test_hours_to_keep(lively, uninterrupted, settings):
    with pytest.raises(InputError, match="save_state=73 is not allowed: hours from 1 to 72"):
        run(lively, save_state=[73])
    with pytest.raises(InputError, match="save_state=43 is not allowed: hours from 44 to 72"):
        run(lively, start=uninterrupted.state(43), save_state=[43])
    with pytest.raises(InputError, match=r"hour=44 is not allowed: one that was kept, 1, 19, .*save_state=\[44\]"):
        uninterrupted.state(44)
    with pytest.raises(InputError, match="space=true is not allowed"):
        run(lively, start=uninterrupted.state(43), space=True)
