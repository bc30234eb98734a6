"""Bonds: who was once out among friends comes back more easily.

Off by default: nothing in dated totals asks for it. Whoever goes to a street occasion to which enough of the own ties
go as well is bound from then on; who went alone, or saw friends go and stayed at home, is not.

Sign: later turnout of those who went with friends up.
Against: later attendance that does not depend on the share of one's friends who were brought along.
"""

from agents.compiled.rule import rule
from agents.rules.declaration import NOT_NEGATIVE, SHARE, Mechanism, parameter, strength


class Bonds(Mechanism):
    """Bonds by attending together; off by default."""

    strength: float = strength("multiplies b_O; 0 = attending leaves no bond", default=0.0)
    bond_weight: float = parameter(
        0.5, "b_O", "log-odds", NOT_NEGATIVE, (0, 1.5), "what a bond adds to the join index", absent=0.0
    )
    bond_onset: float = parameter(
        0.35, "T_O", "share", SHARE, (0.1, 0.5),
        "share of the own ties at an occasion from which going there binds", absent=0.0
    )


@rule
def is_bound_after(is_bound: bool, went: float, seen: float, bond_onset: float) -> bool:
    r"""Whether one is bound after a street occasion.

    .. math:: o' = o \vee (went \wedge T \ge T_O)

    o = is_bound before; went is 0 or 1; T = seen, share of the own ties who went; T_O = bond_onset.
    Source: attendance lasts where friends attended, too: Bursztyn et al. (2021), doi:10.1257/aeri.20200261; the form
    and the onset are assumptions.
    """
    return is_bound or (went > 0.0 and seen >= bond_onset)


@rule
def bond_effect(is_bound: float, bond_weight: float, strength: float) -> float:
    r"""What a bond adds to the join index.

    .. math:: s\, b_O\, o

    o = is_bound, 0 or 1; b_O = bond_weight >= 0; s = strength.
    Source: Bursztyn et al. (2021), doi:10.1257/aeri.20200261; the size is an assumption.
    """
    return strength * bond_weight * is_bound
