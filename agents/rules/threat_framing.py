"""Framing of an external threat (S12).

It moves the rally alone; legitimacy is left alone.

Sign: larger rally.
Against: protest that falls with framing.
"""

from agents.compiled.rule import rule
from agents.rules.declaration import WEIGHT, Mechanism, parameter, strength


class ThreatFraming(Mechanism):
    """Framing of an external threat (S12)."""

    strength: float = strength("multiplies the framing; 0 = none")
    framing_weight: float = parameter(
        0.2, "r_F", "log-odds", WEIGHT, (0, 0.4),
        "what full framing adds for viewers of state television only",
        "5 points at one half (assumption); that rallying is dissembled: Hale 2022"
    )


@rule
def framing(threat_framing: float, media_diet: float, framing_weight: float, strength: float) -> float:
    r"""What the framing of an external threat adds to the rally index of viewers of state television.

    .. math:: r_F f m

    f = threat_framing level of the timeline, m = media_diet, r_F = framing_weight; times strength. Expressed support
    only: legitimacy is left alone.
    Source: three quarters of a rally round the flag was dissembled: Hale (2022), doi:10.1017/S0003055421001052. The
    size, 5 points at a share of one half or 0.2 in log-odds, is an assumption.
    """
    return strength * framing_weight * threat_framing * media_diet
