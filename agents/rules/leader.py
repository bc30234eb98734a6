"""The leader: calls, detention, exile (S8).

Nothing is called while the leader is held; a coerced message has credibility 0.

Sign: a called day is larger.
Against: called and uncalled Sundays alike.
"""

from agents.compiled.rule import rule
from agents.rules.declaration import POSITIVE, SHARE, START, WEIGHT, Mechanism, parameter, strength


class Leader(Mechanism):
    """The leader's calls, detention and exile (S8)."""

    strength: float = strength("multiplies the call; 0 = calls do nothing")
    exile_factor: float = parameter(0.7, "f", "factor", SHARE, (0.5, 1), "factor on the credibility of an exile", START)
    forwards: float = parameter(3.0, "phi", "readers per subscriber", POSITIVE, (1, 5), "readers of the channels")
    known_by_mouth: float = parameter(
        1.0, "pi_I", "share", SHARE, (0, 1),
        "of those cut off from the network, who still know the place that a call names", absent=1.0
    )
    call_weight: float = parameter(1.0, "b_I", "log-odds", WEIGHT, (0, 3), "weight of a call in the join index", START)


@rule
def leader_credibility(credibility: float, is_exiled: float, is_detained: float, exile_factor: float) -> float:
    r"""Credibility of a call as it arrives.

    .. math:: c\, (1 - detained)\, f^{exiled}

    c = credibility in [0, 1] (0 for a coerced message), f = exile_factor; a detained leader calls nobody.
    Source: f = .7 is an assumption.
    """
    if is_detained > 0.0:
        return 0.0
    if is_exiled > 0.0:
        return credibility * exile_factor
    return credibility


@rule
def channel_reach(subscribers: float, country_adults: float, forwards: float) -> float:
    r"""Share of the online public that a call reaches.

    .. math:: \min(1, \phi\, n / N)

    n = subscribers of the independent channels, N = country_adults, phi = forwards (readers per subscriber).
    Source: reach .3-1.7 million in the week (evidence.md section 5); phi is an assumption.
    """
    return min(1.0, forwards * subscribers / country_adults)


@rule
def called(
    credibility: float, reach: float, media_diet: float, connectivity: float, call_weight: float, strength: float
) -> float:
    r"""What a call adds to the join index.

    .. math:: b_I\, c\, \rho (1 - m_i) u_e

    c = credibility as it arrives, rho = reach of the channels, m = media_diet, u = effective connectivity,
    b_I = call_weight; times strength.
    Source: opinion leaders: Siegel (2009), doi:10.1111/j.1540-5907.2008.00361.x.
    """
    return strength * call_weight * credibility * reach * (1.0 - media_diet) * connectivity


@rule
def knows_place(draw: float, connectivity: float, known_by_mouth: float) -> bool:
    r"""Whether one knows the place that a call names.

    .. math:: v < u_e + (1 - u_e)\, \pi_I

    v = draw in [0, 1), one per person and day; u_e = effective connectivity; pi_I = known_by_mouth.
    Source: assumption; a shutdown scattered the crowds of Cairo: Hassanpour (2014).
    """
    return draw < connectivity + (1.0 - connectivity) * known_by_mouth
