"""Media diets and connectivity: who hears of what (S2).

The diet of state television is reduced by the share of the state media's staff that has walked off. What comes by the
network passes through the own city's connectivity: independent news and counts, calls, and what one sees of one's
online ties.

Sign: a shutdown lowers anger, calls and the company seen online.
Against: more protest where the network was down longer.
"""

from agents.compiled.rule import rule
from agents.rules.declaration import SHARE, START, Mechanism, parameter, strength


class Media(Mechanism):
    """Media diets and connectivity (S2)."""

    strength: float = strength("0 = everybody hears everything", limits=SHARE)
    base_exposure: float = parameter(
        0.15, "e_0", "share", SHARE, (0.05, 0.3), "share of news heard by word of mouth", START
    )
    proxy_share: float = parameter(
        0.375, "q_p", "share", SHARE, (0.2, 0.6),
        "share of online contact kept by proxies when the network is down",
        "evidence.md section 5: .2 online, proxies make .5 (assumption)"
    )


@rule
def effective_connectivity(connectivity: float, proxy_share: float, strength: float) -> float:
    r"""Share of online contact that is left, proxies included.

    .. math:: u_e = u + (1 - u) q_p, \qquad 1 - s (1 - u_e)

    u = connectivity in [0, 1], q_p = proxy_share, s = strength in [0, 1] of the mechanism.
    Source: traffic fell to about 0.2 on 9-12 August 2020 (evidence.md section 5); 0.5 for users of proxies and the form
    are assumptions.
    """
    return 1.0 - strength * (1.0 - (connectivity + (1.0 - connectivity) * proxy_share))


@rule
def exposure(media_diet: float, connectivity: float, base_exposure: float, strength: float) -> float:
    r"""Share of the independent news that reaches a person.

    .. math:: e_i = 1 - s (1 - e_0 - (1 - e_0)(1 - m_i) u_e)

    m = media_diet in [0, 1] (1 = state television only), u = effective connectivity, e_0 = base_exposure (word of
    mouth), s = strength in [0, 1]: at 0 everybody hears everything.
    Source: e_0 is an assumption.
    """
    heard = base_exposure + (1.0 - base_exposure) * (1.0 - media_diet) * connectivity
    return 1.0 - strength * (1.0 - heard)


@rule
def effective_diet(media_diet: float, state_media_silent_share: float, state_media_loss: float) -> float:
    r"""Media diet when part of the state media's staff has walked off.

    .. math:: m_i (1 - c_t a)

    m = media_diet, a = state_media_silent_share in [0, 1], c_t = state_media_loss in [0, 1].
    Source: size is an assumption.
    """
    return media_diet * (1.0 - state_media_loss * state_media_silent_share)
