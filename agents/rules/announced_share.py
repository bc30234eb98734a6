"""The announced result against what people see around them (S1).

What people see is the share of those preferring the incumbent among their own ties: home cell, colleagues and online a
third each, without colleagues a half each, plus noise (DECISIONS D13). It is what they know from before; the network
need not be up.

Sign: lower legitimacy, larger protest on election night.
Against: no more protest where the gap was larger.
"""

from agents.compiled.rule import rule
from agents.rules.declaration import NOT_NEGATIVE, SHARE, START, Mechanism, parameter, strength


class AnnouncedShare(Mechanism):
    """Announced minus believed share (S1)."""

    strength: float = strength("multiplies the loss; 0 = the announcement changes nothing")
    share_tolerance: float = parameter(0.05, "tau", "share", SHARE, (0, 1), "gap that people shrug off", START)
    legitimacy_loss: float = parameter(
        0.4, "d_F", "legitimacy per share", SHARE, (0.3, 0.5), "legitimacy lost by the gap", START
    )
    seen_sd: float = parameter(0.1, "s", "share", NOT_NEGATIVE, (0, 0.3), "noise of what one sees among one's own ties")


@rule
def seen_incumbent_share(company_for_incumbent: float, seen_noise: float, seen_sd: float) -> float:
    r"""Incumbent's share as one sees it among one's own ties.

    .. math:: v_i = \min(1, \max(0, \bar v_i + s\, e_i))

    company_for_incumbent = share of own ties who prefer the incumbent, 0..1; e = seen_noise, standard normal;
    s = seen_sd >= 0.
    Source: after Tucker (2007), Perspectives on Politics (doi not verified); noise is an assumption.
    """
    return min(1.0, max(0.0, company_for_incumbent + seen_sd * seen_noise))


@rule
def legitimacy_lost(
    official_share: float, seen_share: float, share_tolerance: float, legitimacy_loss: float, strength: float
) -> float:
    r"""Legitimacy lost when the result is announced.

    .. math:: d_F \max(0, v_{official} - v_i - \tau)

    official_share, seen_share in [0, 1]; tau = share_tolerance; d_F = legitimacy_loss; times strength.
    Source: after Tucker (2007), Perspectives on Politics (doi not verified); form is an assumption.
    """
    return strength * legitimacy_loss * max(0.0, official_share - seen_share - share_tolerance)
