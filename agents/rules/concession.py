"""Concessions that are carried out, and guarantees against force (S7).

A concession counts from the hour in which it is carried out, an announcement does nothing. A guarantee makes a day a
main one, and takes off what was learned to fear.

Sign: smaller crowds after a concession, larger ones under a guarantee.
Against: crowds that go on as before when what was demanded has been granted.
"""

from agents.compiled.rule import rule
from agents.rules.declaration import WEIGHT, Kind, Mechanism, parameter, strength


class Concession(Mechanism):
    """Concessions carried out, guarantees against force (S7)."""

    strength: float = strength("multiplies concessions and guarantees; 0 = they do nothing", default=0.0)
    concession_weight: float = parameter(
        3.0, "b_K", "log-odds", WEIGHT, (1, 6), "what a full concession takes off the join index"
    )

    kinds = {
        "concession": Kind("level", "share of the demand that has been granted, from the hour it is carried out"),
        "guarantee": Kind("level", "a guarantee that no force will be used"),
    }


@rule
def appeased(concession: float, concession_weight: float, strength: float) -> float:
    r"""What a concession takes off the join index of everybody.

    .. math:: b_K \min(1, s K)

    K = concession in [0, 1]; b_K = concession_weight; s = strength.
    Source: assumption; without it no wave of protest ends.
    """
    return concession_weight * min(1.0, strength * concession)


@rule
def guaranteed(guarantee: float, strength: float) -> float:
    r"""Guarantee as it works, 0..1.

    .. math:: \min(1, s g)

    g = guarantee of the timeline, s = strength.
    Source: definition.
    """
    return min(1.0, strength * guarantee)
