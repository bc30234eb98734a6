"""What a person weighs in an hour: the index of what is on, term by term, and the luck it is compared with.

The decisions themselves are asked (`agents/choices.py`), and the rules that add up an index are listened to. The term
of a weight or an argument is what the sum loses if that were 0. What is left is the term of what the sum has beside
them, so that the terms always add up to the index.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

from agents.rules import bonds, participation, ties, walkout
from experiments.analysis.changed_minds import Mixed, Reached, listening
from experiments.analysis.input_labels import words

TERMS = {
    "preference_weight": "wish for change", "grievance_weight": "grievance", "anger_weight": "anger",
    "fear_weight": "fear", "lesson": "lessons learned", "workplace_cost": "the job at risk",
    "company": "company of ties", "crowd": "believed crowd",
    "memory": "company remembered", "bond": "bond of having been there with friends",
    "called": "the leader's call", "resentment": "Russian support",
    "occasion_offset": "day and hour", "kind": "chain or column",
    "walkout_intercept": "reluctance to walk out", "walkout_grievance_weight": "grievance",
    "walkout_anger_weight": "anger", "plant_share_weight": "colleagues out",
    "walkout_threat_weight": "threat at the plant",
}  # fmt: skip
"""What terms are called on the page; two weights of the same name never meet in one index."""
OCCASIONS = ("protest", "stand_in_chain", "walk_out")
"""What may be on; where several are, the first that one goes to is told, else the first."""


@dataclass
class Weighed:
    """The index of an occasion, its terms in words, and the luck of the day; one goes if luck < index."""

    occasion: str
    index: float = float("nan")
    luck: float = float("nan")
    may: bool = True  # False: one prefers the incumbent, and takes part in no protest
    terms: dict[str, float] = field(default_factory=dict)

    @property
    def goes(self) -> bool:
        """Whether one takes part."""
        return self.may and self.luck < self.index


def weigh(person: Mixed) -> Weighed | None:
    """Return what a person weighs in the hour; None if nothing is on."""
    found = [each for each in (_weigh(person, occasion) for occasion in OCCASIONS) if each.terms]
    return next((each for each in found if each.goes), found[0] if found else None)


def _weigh(person: Mixed, occasion: str) -> Weighed:
    """Return what a person weighs at one occasion, without terms if it is not on."""
    weighed = Weighed(occasion, luck=person.luck)
    with noting(weighed), suppress(Reached):
        getattr(person, occasion)()
    weighed.terms = {TERMS.get(name, words(name)): value for name, value in weighed.terms.items()}
    return weighed


def shares(rule: Callable, values: Mapping[str, float]) -> dict[str, float]:
    """Return what a sum loses without each of its arguments, which are told by position."""
    whole = rule(*values.values())
    return {name: whole - rule(*(values | {name: 0.0}).values()) for name in values}  # type: ignore[operator]


@contextmanager
def noting(weighed: Weighed) -> Iterator[None]:
    """Let the rules of an index tell its terms, and end the decision where index and luck are compared."""
    own: dict[str, float] = {}
    company: dict[str, float] = {}

    def own_motive(rule: Callable, state: Any, w: Any) -> float:
        own.update(shares(lambda *weights: rule(state, type(w)(*weights)), w._asdict()))
        return _with_rest(own, "lesson", rule(state, w))

    def noted(name: str) -> Callable:
        def listener(rule: Callable, *values: Any) -> float:
            company[name] = rule(*values)
            return company[name]

        return listener

    def join_index(rule: Callable, *values: Any) -> float:
        given = dict(zip(inspect.signature(rule.py_func).parameters, values, strict=True))  # type: ignore[attr-defined]
        others = shares(rule, given)
        _with_rest(company, "memory", others.pop("others"))
        del others["own_motive"]
        weighed.terms = {**own, **company, **others}
        return rule(*values)

    def joins(rule: Callable, private_preference: float, luck: float, index: float) -> bool:
        weighed.index, weighed.may = _with_rest(weighed.terms, "kind", index), private_preference < 0.5
        raise Reached(index - luck)

    def walkout_index(rule: Callable, state: Any, w: Any, log_strength: float) -> float:
        weighed.terms = shares(lambda *weights: rule(state, type(w)(*weights), log_strength), w._asdict())
        weighed.index = _with_rest(weighed.terms, "kind", rule(state, w, log_strength))
        return weighed.index

    listeners: dict[ModuleType, dict[str, Callable]] = {
        ties: {"company_effect": noted("company")},
        bonds: {"bond_effect": noted("bond")},
        participation: {"own_motive": own_motive, "crowd_effect": noted("crowd"), "join_index": join_index,
                        "joins": joins},
        walkout: {"walkout_index": walkout_index},
    }  # fmt: skip
    with ExitStack() as stack:
        for module, of_module in listeners.items():
            for name, listener in of_module.items():
                stack.enter_context(listening(module, name, listener))
        yield


def _with_rest(terms: dict[str, float], name: str, whole: float) -> float:
    """Add what the terms lack of the whole under a name; return the whole."""
    terms[name] = whole - sum(terms.values())
    return whole
