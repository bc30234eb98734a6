"""Agents and rows have what the types of `agents/person.py` promise to decisions, and mypy checks decisions by."""

from __future__ import annotations

import pytest

from agents import attitudes, choices, hearing, officer_choices, official_choices, person, sanctions
from agents.citizen import Citizen
from agents.compiled.decision import decision, decisions_of
from agents.official import Official
from agents.security_officer import SecurityOfficer

KINDS = {
    "citizen": (Citizen, person.Person, (hearing, attitudes, choices, sanctions)),
    "officer": (SecurityOfficer, person.Officer, (hearing, officer_choices)),
    "official": (Official, person.Staff, (hearing, official_choices)),
}
OF_THE_ROW = {"row", "person", "table"}  # set when an agent is made


def promised(protocol):
    names = set()
    for each in protocol.__mro__[:-3]:
        names |= {name for name in (*vars(each), *each.__dict__.get("__annotations__", {})) if name[0] != "_"}
    return names


@pytest.mark.parametrize("kind", KINDS)
def test_agents_have_what_is_promised(kind):
    cls, protocol, modules = KINDS[kind]
    names = promised(protocol)
    assert {"anger", "media_diet", "diet", "hears", "around"} <= names
    assert not {name for name in names - OF_THE_ROW if not hasattr(cls, name)}
    assert not decisions_of(*modules).keys() - names, "a decision without a type"


def test_a_decision_begins_with_person_signals_parameters():
    def wrong(person, p, s):
        return 0

    with pytest.raises(TypeError, match="person, s, p"):
        decision(wrong)
