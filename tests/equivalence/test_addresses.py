"""Tables handed over as addresses: a pass reads and writes the arrays themselves, whatever their type and shape."""

import copy
from typing import Any, NamedTuple

import numba
import numpy as np
import pytest

from agents.compiled.rows import table_at
from agents.compiled.rule import kernel
from experiments import load_scenario
from sim.hour.observables import make_observer
from sim.world.addresses import Addresses, record_of
from sim.world.world import build_world


class Table(NamedTuple):
    """Every type of column, in an order that is not that of the alphabet."""

    site: Any
    anger: Any
    is_closed: Any
    weights: Any
    activity: Any
    empty: Any


def make_table() -> Table:
    return Table(
        site=np.arange(5, dtype=np.int16) - 1, anger=np.linspace(0, 1, 5, dtype=np.float32),
        is_closed=np.array([True, False]), weights=np.arange(6.0).reshape(2, 3), activity=np.arange(3, dtype=np.uint8),
        empty=np.zeros(0),
    )  # fmt: skip


@kernel(cache=False)
def read_and_write(table):
    """Change a cell of each array; return what was there, and the shapes."""
    table = table_at(table)
    found = (table.site[0], table.anger[4], table.is_closed[0], table.weights[1, 2], table.activity[2])
    table.site[0], table.anger[4], table.is_closed[0] = 7, 0.25, False
    table.weights[1, 2], table.activity[2] = -1.0, 9
    return found, (len(table.site), table.weights.shape[0], table.weights.shape[1], len(table.empty))


def test_a_pass_reads_and_writes_the_arrays():
    table = make_table()
    found, shapes = read_and_write(Addresses()(table))
    assert found == (-1, 1.0, True, 5.0, 2) and shapes == (5, 2, 3, 0)
    after = (table.site[0], table.anger[4], table.is_closed[0], table.weights[1, 2], table.activity[2])
    assert after == (7, 0.25, False, -1.0, 9)


def test_each_table_has_its_own_record_and_is_asked_once():
    at, one, other = Addresses(), make_table(), make_table()
    assert at(one) is at(one) and at(one) is not at(other)
    read_and_write(at(one))
    assert one.site[0] == 7 and other.site[0] == -1


def test_records_of_two_worlds_are_of_one_type():
    # Numba knows a type of records by its identity; a second one alike it compares field by field at each call
    one, other = (build_world(load_scenario("vyraj", f"persons_per_agent={n}")) for n in (400, 500))
    for name in ("p", "signals", "city", "facts"):
        assert getattr(one, name).dtype is getattr(other, name).dtype, name
    assert one.forcings.by_hour.dtype is other.forcings.by_hour.dtype
    assert make_observer(one, 2).table.dtype is make_observer(other, 2).table.dtype


def test_worlds_share_what_has_no_seed_and_no_run_may_write_it():
    one, other = (build_world(load_scenario("vyraj", "persons_per_agent=400", f"seed={seed}")) for seed in (1, 2))
    assert one.forcings is other.forcings
    for array in (one.forcings.by_hour, one.forcings.levels, one.forcings.value["call"], one.forcings.street.place):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = array[1]


def test_a_copy_does_not_write_into_the_original():
    at, table = Addresses(), make_table()
    at(table)
    copied_at, copied = copy.deepcopy((at, table))
    read_and_write(copied_at(copied))
    assert copied.site[0] == 7 and table.site[0] == -1


@pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="nothing is compiled: tables are handed over themselves")
@pytest.mark.parametrize("name, array", [("site", np.arange(10)[::2]), ("weights", np.zeros((3, 2)).T)])
def test_an_array_in_pieces_is_refused(name, array):
    with pytest.raises(ValueError, match=name):
        record_of(make_table()._replace(**{name: array}))


def test_an_array_that_may_not_be_written_is_refused():
    table = make_table()
    table.anger.flags.writeable = False
    with pytest.raises(ValueError, match="anger"):
        record_of(table)
