"""Daytime chains of solidarity, mostly women, close to home (S2).

The index of a protest without call and weekday offset.

Sign: mostly women, by day.
Against: men are the majority.
"""

from agents.compiled.rule import rule
from agents.rules.declaration import SHARE, WEIGHT, Mechanism, parameter, strength


class Chains(Mechanism):
    """Daytime chains (S2)."""

    strength: float = strength("multiplies the odds; 0 = no chains")
    chain_offset: float = parameter(
        -3.0, "c_0", "log-odds", WEIGHT, (-5, 0),
        "added to the join index for a chain", "assumption, to a few hundred in Minsk", by_hand=True
    )
    chain_men_offset: float = parameter(-2.5, "c_m", "log-odds", WEIGHT, (-5, 0), "added to it for men")
    selectivity_women: float = parameter(
        0.1, "sigma_w", "factor", SHARE, (0, 1),
        "factor on the arrest hazard of women in chains",
        "MODEL.md section 5, start value: .1 until 11 September 2020, then 1 (assumption)"
    )


@rule
def chain_index(join_index: float, is_woman: int, chain_offset: float, chain_men_offset: float) -> float:
    r"""Log-odds of standing in a daytime chain.

    .. math:: index + c_0 + c_m (1 - woman)

    join_index without the hour's occasion offset of an evening; c_0 = chain_offset, c_m = chain_men_offset (negative).
    Source: first chain on 12 August 2020, women in white (AFP, 13 August); sizes are assumptions.
    """
    if is_woman == 1:
        return join_index + chain_offset
    return join_index + chain_offset + chain_men_offset


@rule
def arrest_selectivity(is_woman: int, is_chain: bool, selectivity_women: float) -> float:
    r"""Factor on the arrest hazard of a person in a chain.

    .. math:: \sigma = \sigma_w \text{ for women in a chain, else } 1

    sigma_w = selectivity_women in [0, 1]; women were spared until 11 September 2020.
    Source: assumption.
    """
    if is_chain and is_woman == 1:
        return selectivity_women
    return 1.0
