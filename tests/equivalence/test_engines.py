"""Engines `mesa` and `compiled` agree bit for bit: every column and every curve, after every step."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, seed
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from sim.parameters import MECHANISMS, declared
from sim.world.world import data_folder

LIMITS = {each.name: each.limits for each in declared()}


class Watched:
    """An engine whose every phase leaves copies of the columns behind."""

    def __init__(self, engine, columns):
        self.engine, self.columns, self.phases = engine, columns, []

    def __getattr__(self, name):
        attribute = getattr(self.engine, name)
        if not callable(attribute):
            return attribute

        def phase(*args, **kwargs):
            result = attribute(*args, **kwargs)
            where = f"{name} of city {args[1]}" if len(args) > 1 else name
            self.phases.append((where, {column: values.copy() for column, values in self.columns().items()}))
            return result

        return phase


def watch(run):
    run.engine = Watched(run.engine, run.columns)
    return run


def equal(one, two):
    return np.array_equal(one, two, equal_nan=one.dtype.kind == "f")


def describe(name, one, two):
    """Name the first row in which two arrays differ, and both values."""
    rows = np.flatnonzero(((one != two) & ~((one != one) & (two != two))).reshape(len(one), -1).any(axis=1))
    row = int(rows[0])
    return f"{name}, row {row} ({len(rows)} rows differ): {one[row]!r} against {two[row]!r}"


def phase_of_difference(one, two, column):
    """Name the first phase of the step after which a column differs, if both engines ran the same phases."""
    for (where, before), (where_too, before_too) in zip(one.engine.phases, two.engine.phases, strict=False):
        if where != where_too:
            break
        if not equal(before[column], before_too[column]):
            return f"after phase {where}"
    return "in the step"


def first_difference(one, two):
    """Say where two runs differ: hour, phase, column, row and both values; None if they agree.

    Columns of all agents, the signals of every city, and the hour's row of each curve.
    """
    hour = one.world.hour - 1
    names = f"hour {hour}, {one.engine.name} against {two.engine.name}"
    columns = two.columns()
    for name, values in one.columns().items():
        if not equal(values, columns[name]):
            phase = phase_of_difference(one, two, name)
            return f"{names}, {phase}: {describe(name, values, columns[name])}"
    for name in one.world.signals.dtype.names:
        a, b = one.world.signals[name], two.world.signals[name]
        if not equal(a, b):
            return f"{names}: {describe(f'signal {name} by city', a, b)}"
    for name, values in curves(one).items():
        a, b = values[hour], curves(two)[name][hour]
        if not equal(a, b):
            return f"{names}: {describe(f'curve {name} by city, plant or site', a, b)}"
    return None


def curves(run):
    observer = run.observer
    return {**observer.curves, "rally_present": observer.rally_present, "plants striking": observer.striking,
            "site crowds": observer.site_crowd}  # fmt: skip


@pytest.fixture(scope="session")
def side_by_side(stepped):
    """Step both engines side by side: side_by_side(parameters, start, hours); fails at the first difference.

    Both runs reach hour `start` with the compiled engine; from there one goes on with engine `mesa`.
    """

    def compare(parameters, start=0, hours=None):
        one, two = (stepped(parameters.model_copy(update={"engine": "compiled"})) for _ in range(2))
        for _ in range(start):
            one.step(), two.step()
        one.use("mesa")
        watch(one), watch(two)
        for _ in range(hours or parameters.hours - start):
            one.step(), two.step()
            difference = first_difference(one, two)
            assert difference is None, difference
            one.engine.phases.clear(), two.engine.phases.clear()
        return one

    return compare


def test_a_difference_is_named(settings, stepped):
    """The comparison itself: one bit, in one row, is found and named with hour, column, row and both values."""
    runs = [watch(stepped(settings("vyraj", {"persons_per_agent": 2000, "hours": 21}))) for _ in range(2)]
    for _ in range(21):
        [run.step() for run in runs]
    assert first_difference(*runs) is None
    anger = runs[1].world.citizens.anger
    anger[17] = np.nextafter(anger[17], np.float32(2), dtype=np.float32)
    text = first_difference(*runs)
    for part in ("hour 20", "citizens.anger", "row 17", repr(runs[0].world.citizens.anger[17]), repr(anger[17])):
        assert part in text
    anger[17] = runs[0].world.citizens.anger[17]
    runs[1].observer.curves["mean_fear"][20, 1] += 1.0
    assert "mean_fear" in first_difference(*runs)


# --- the cases ---


@pytest.mark.parametrize("persons_per_agent", [2000, 400, 50])
@pytest.mark.parametrize("lively", [False, True])
def test_a_whole_scenario(settings, side_by_side, persons_per_agent, lively):
    """Vyraj, 72 hours, three population sizes; as it is, and with every mechanism at work."""
    run = side_by_side(settings("vyraj", {"persons_per_agent": persons_per_agent}, lively=lively))
    seen = {name: values.max() for name, values in run.observer.curves.items()}
    if lively and persons_per_agent == 50:  # else the comparison would be empty
        still = [name for name in (
            "protesting", "striking", "rallying", "rallying_coerced", "detained", "injured_new", "dismissed",
            "officers_withholding", "officers_resigned", "officials_accommodating", "officials_resigned",
        ) if not seen[name] > 0]  # fmt: skip
        assert not still


@pytest.mark.parametrize(
    ("start", "hours", "what"),
    [
        (18, 7, "election night: announcement, protest, arrests"),
        (105, 2, "releases of the night, chains and shifts of 13 August"),
        (133, 3, "march of 14 August"),
        (179, 3, "rally and march of 16 August"),
        (183, 2, "the appeal, with Russian support"),
    ],
)
@pytest.mark.parametrize("lively", [False, True])
def test_parts_of_the_week_in_minsk(settings, side_by_side, start, hours, what, lively):
    """Minsk: hours in which something happens; the hours before them run compiled in both."""
    side_by_side(settings("minsk_2020", {"persons_per_agent": 4000, "seed": 2}, lively=lively), start, hours)


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_each_mechanism_off(settings, side_by_side, mechanism):
    """Vyraj with one mechanism at strength 0, everything else at work."""
    side_by_side(settings("vyraj", {"persons_per_agent": 500, f"{mechanism}.strength": 0.0}, lively=True))


def test_all_mechanisms_off(settings, side_by_side):
    """Vyraj with every mechanism at strength 0."""
    side_by_side(settings("vyraj", {"persons_per_agent": 500} | {f"{name}.strength": 0.0 for name in MECHANISMS}))


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"officials.base_hazard": 1.0, "russian_support.strength": 0.0}, id="mayors give way"),
        pytest.param({"population.n_online_ties": 0}, id="no online ties"),
        pytest.param({"ties.company_onset": 0.4, "ties.home_radius_cells": 5}, id="threshold of company"),
        pytest.param({"officers.base_hazard": 0.5, "officers.resign_share": 0.9}, id="officers resign"),
        pytest.param({"encouragement.share": 0.4, "encouragement.from_hour": 54, "encouragement.block_cells": 0,
                      "encouragement.strength": 1.0}, id="the encouraged on the day of a rally and a closed square"),
        pytest.param({"hours": 48, "media.strength": 0.5, "luck.persistence": 1.0}, id="the same luck every day"),
    ],
)
def test_special_states(settings, side_by_side, changes):
    """Vyraj in states that the lively week does not reach."""
    side_by_side(settings("vyraj", {"persons_per_agent": 500} | changes, lively=True))


def test_the_same_people_arrested_twice(settings, side_by_side, tmp_path):
    """Vyraj with room in its prisons, short terms and many arrests: injured, released, arrested and injured again."""
    for file in (data_folder(settings("vyraj"))).iterdir():
        text = file.read_text()
        if file.name == "cities.csv":
            text = text.replace("detention_places,90", "detention_places,90000")
            text = text.replace("detention_places,40", "detention_places,40000")
        if file.name == "timeline.csv":
            text += "2031-05-02,0,,all,term_hours,2,,,,invented,assumption\n"
            text += "2031-05-02,21,,all,violence,1.4,,,,invented,assumption\n"
        (tmp_path / file.name).write_text(text)
    changes = {"persons_per_agent": 200, "scenario.data": str(tmp_path), "repression.arrest_constant": 50.0,
               "repression.violent_share": 0.2, "fear.strength": 0.0}  # fmt: skip
    run = side_by_side(settings("vyraj", changes, lively=True), hours=48)
    citizens = run.world.citizens
    detained = run.observer.curves["detained_new"].sum()
    assert detained > 1.5 * (run.world.groups.weight[citizens.employer] * (citizens.injury > 0)).sum() > 0


def values_near(name, value, limits):
    """Values of a parameter to draw from: all of a bounded range, else around the value that it has."""
    low, high = limits.get("ge", limits.get("gt")), limits.get("le", limits.get("lt"))
    if name in ("home_weight", "work_weight"):
        return st.floats(0.0, 0.49)
    if isinstance(value, int):
        return st.integers(0, 3)
    if high is not None and high <= 1.0:
        return st.floats(low, high, exclude_min=low == 0.0 and value > 0.0, exclude_max=True)
    if low is not None and low < 0.0:
        return st.floats(value - 2.0, value + 2.0)
    return st.floats(0.2 * value, 5.0 * value) if value > 0.0 else st.floats(0.0, 1.0)


@seed(20200809)
@hypothesis_settings(max_examples=8, deadline=None, database=None, suppress_health_check=list(HealthCheck),
                     phases=[Phase.generate])  # fmt: skip
@given(data=st.data())
def test_random_parameters(data, settings, side_by_side):
    """Vyraj with every parameter of every mechanism drawn at random."""
    base = settings("vyraj", lively=True)
    changes = {}
    for group in MECHANISMS:
        own = vars(getattr(base, group))
        changes |= {f"{group}.{name}": data.draw(values_near(name, value, LIMITS[f"{group}.{name}"]), name)
                    for name, value in own.items()}  # fmt: skip
    changes |= {"persons_per_agent": data.draw(st.sampled_from([1000, 300, 150])),
                "seed": data.draw(st.integers(0, 2**62 - 1))}  # fmt: skip
    side_by_side(settings("vyraj", changes))


@pytest.mark.parametrize("plan", ["every hour", "in the night", "mesa first"])
def test_switching_the_engine_changes_nothing(settings, stepped, plan):
    """Vyraj: the engine changes while the week goes on; columns and curves stay those of one engine."""
    parameters = settings("vyraj", {"persons_per_agent": 500, "hours": 66}, lively=True)
    chosen = {
        "every hour": lambda hour: ("mesa", "compiled")[hour % 2],
        "in the night": lambda hour: "mesa" if 22 <= hour < 46 else "compiled",  # in the middle of an occasion
        "mesa first": lambda hour: "mesa" if hour < 40 else "compiled",
    }[plan]
    one, two = stepped(parameters), stepped(parameters)
    watch(one)
    engines = {name: two.use(name) for name in ("mesa", "compiled")}
    for hour in range(parameters.hours):
        two.engine = Watched(engines[chosen(hour)], two.columns)
        one.step(), two.step()
        difference = first_difference(one, two)
        assert difference is None, difference
        one.engine.phases.clear()


def test_threads_change_nothing(settings, stepped):
    """Minsk, one and two threads: more rows than one block, an election night."""
    changes = {"persons_per_agent": 10, "hours": 26}
    one, two = (watch(stepped(settings("minsk_2020", changes | {"threads": n}, lively=True))) for n in (1, 2))
    for _ in range(26):
        one.step(), two.step()
        difference = first_difference(one, two)
        assert difference is None, difference
        one.engine.phases.clear(), two.engine.phases.clear()
