"""Hashes of settings: a mechanism that is off changes none; two settings that may differ in a result share none."""

from __future__ import annotations

import dataclasses

import pytest

from agents.rules.declaration import Mechanism, parameter, strength
from experiments import load_scenario
from experiments.design.hashes import config_hash, essential
from experiments.design.plan import make_plan, parameters_hash
from sim import parameters as declared_parameters
from sim.parameters import CHANGEABLE, GROUPS, MECHANISMS, declared


class MadeUp(Mechanism):
    """A mechanism that comes later, off as declared."""

    strength: float = strength("0 = none", default=0.0)
    arrest_factor: float = parameter(2.0, "f", "factor", {"ge": 1.0, "le": 10.0}, (1, 4), "made up")


class Grown(Mechanism):
    """`Threat framing` with a parameter more."""

    strength: float = GROUPS["threat_framing"].__dataclass_fields__["strength"]
    framing_weight: float = GROUPS["threat_framing"].__dataclass_fields__["framing_weight"]
    novelty: float = parameter(0.5, "n", "factor", {"ge": 0.0, "le": 1.0}, (0, 1), "made up", absent=0.5)


@pytest.fixture
def base():
    return load_scenario("vyraj").model_dump(mode="json")


def with_value(config, name, value):
    group, _, field = name.partition(".")
    return {**config, group: {**config[group], field: value}}


def test_a_new_mechanism_that_is_off_changes_no_hash(base, monkeypatch):
    monkeypatch.setitem(declared_parameters.GROUPS, "made_up", MadeUp)
    later = {**base, "made_up": dataclasses.asdict(MadeUp())}
    assert config_hash(later) == config_hash(base) == config_hash(with_value(later, "made_up.arrest_factor", 3.0))
    assert config_hash(with_value(later, "made_up.strength", 1.0)) != config_hash(base)


def test_a_new_parameter_that_says_so_changes_no_hash_at_its_absent_value(base, monkeypatch):
    monkeypatch.setitem(declared_parameters.GROUPS, "threat_framing", Grown)
    later = with_value(base, "threat_framing.novelty", 0.5)
    assert config_hash(later) == config_hash(base) != config_hash(with_value(base, "threat_framing.novelty", 0.4))


def test_a_new_kind_of_event_changes_no_hash(base):
    without = {**base, "forcings": {key: value for key, value in base["forcings"].items() if key != "troops"}}
    assert config_hash(without) == config_hash(base)


def test_every_parameter_of_a_mechanism_at_work_counts(base):
    """The default counts as any other value does: it may be another one tomorrow."""
    on = base
    for name in MECHANISMS:
        if base[name][GROUPS[name].switch] == 0:
            on = with_value(on, f"{name}.{GROUPS[name].switch}", 0.1)
    hashes = [config_hash(on)]
    for each in declared():
        if each.name != "population.correlation":
            hashes.append(config_hash(with_value(on, each.name, each.default + 1)))
    assert len(set(hashes)) == len(hashes)
    for group, values in essential(on).items():
        if group in GROUPS:
            about = {each.name: each.metadata["json_schema_extra"] for each in dataclasses.fields(GROUPS[group])}
            assert values.keys() == {name for name in on[group] if on[group][name] != about[name]["absent"]}


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_off_means_off(base, mechanism):
    switch = GROUPS[mechanism].switch
    off = with_value(base, f"{mechanism}.{switch}", 0.0)
    assert mechanism not in essential(off)
    for name in base[mechanism].keys() - {switch}:
        assert config_hash(with_value(off, f"{mechanism}.{name}", 0.9)) == config_hash(off)
    assert (config_hash(off) == config_hash(base)) == (base[mechanism][switch] == 0)  # as the share encouraged


def test_encouragement_at_strength_0_still_marks_people(base):
    """Outcomes tell of those marked: only without a share is it off."""
    marked = with_value(with_value(base, "encouragement.share", 0.1), "encouragement.strength", 0.0)
    assert config_hash(marked) != config_hash(with_value(marked, "encouragement.share", 0.2))
    assert config_hash(marked) != config_hash(with_value(marked, "encouragement.hours", 3))


@pytest.mark.parametrize("kind", CHANGEABLE)
def test_every_change_of_the_timeline_counts(base, kind):
    row = {"hour": 3, "hours": 2, "value": 1.0, "days": 1, "city": "all", "place": ""}
    changes = {"value": 1.0, "factor": 2.0, "delay_hours": 1, "from_hour": 0, "to_hour": 9, "add": [row]}
    hashes = {config_hash(base)}
    for field, value in changes.items():
        hashes.add(config_hash({**base, "forcings": with_value(base["forcings"], f"{kind}.{field}", value)}))
    assert len(hashes) == 1 + len(changes)


def test_points_of_a_sweep_and_its_request_follow():
    off, other = (load_scenario("vyraj", "anger.strength=0", f"anger.anger_gain={gain}") for gain in (0.1, 0.2))
    assert parameters_hash(off) == parameters_hash(other) != parameters_hash(load_scenario("vyraj"))
    requests = [make_plan(["scenario=vyraj", "anger.strength=0", f"anger.anger_gain={gain}", "fear.strength=0,1"])
                .request() for gain in (0.1, 0.2)]  # fmt: skip
    assert requests[0] == requests[1] and "anger" not in requests[0]["config"]
