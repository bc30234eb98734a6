"""Russian support and troops, up and down (S10, S11).

Up: officers' loyalty, expected force, and the risk that troops add. Down: affinity and legitimacy, resentment in the
index. No troops came: what they do to affinity, legitimacy and risk is not identified, and the sign of their effect on
turnout is the ratio of assumed numbers. Vary the levers and report the map, never yes or no.

Sign: loyalty up, affinity and legitimacy down, turnout open.
Against: affinity that does not fall with support.
"""

from agents.compiled.arithmetic import exp
from agents.compiled.rule import rule
from agents.rules.declaration import NOT_NEGATIVE, SHARE, WEIGHT, Mechanism, parameter, strength


class RussianSupport(Mechanism):
    """Russian support and troops (S10, S11)."""

    strength: float = strength("multiplies support and troops; 0 = none")
    support_lever: float = parameter(0.0, "s_x", "level", SHARE, (0, 1), "added to the timeline's support, a lever")
    troops_lever: float = parameter(
        0.0, "tau_x", "level", SHARE, (0, 1), "added to the timeline's troops, a lever", "none came; assumption"
    )
    support_force: float = parameter(
        0.3, "c_s", "share of expected force", NOT_NEGATIVE, (0, 1), "force expected on top at full support"
    )
    troop_risk_weight: float = parameter(
        0.05, "b_tau", "probability", NOT_NEGATIVE, (0, 0.3),
        "risk of sanction added at full troops", is_identified=False
    )
    affinity_support_loss: float = parameter(
        0.0078, "k_X", "per day", NOT_NEGATIVE, (0.004, 0.016),
        "affinity lost at full support",
        "polls of September-November 2020: 51.6 to 40.0 % in 60 days (evidence.md section 6)"
    )
    affinity_troops_loss: float = parameter(
        0.0195, "k_T", "per day", NOT_NEGATIVE, (0.0078, 0.0312),
        "affinity lost at full troops, 1-4 times k_X", "Ukraine 2014, 78 to 52 %; assumption here", is_identified=False
    )
    legitimacy_support_loss: float = parameter(
        0.01, "k_LS", "per day", NOT_NEGATIVE, (0, 0.05), "legitimacy lost at full support"
    )
    legitimacy_troops_loss: float = parameter(
        0.03, "k_LT", "per day", NOT_NEGATIVE, (0, 0.1), "legitimacy lost at full troops", is_identified=False
    )
    resentment_weight: float = parameter(
        0.0, "b_S", "log-odds", WEIGHT, (-2.0, 2.0),
        "weight of resentment of support in the join index", "MODEL.md section 5 (assumption)", prior="N(0, 1)"
    )


@rule
def affinity_next(
    russia_affinity: float, support: float, troops: float, n_hours: float, affinity_support_loss: float,
    affinity_troops_loss: float,
) -> float:
    r"""Affinity to Russia after some hours of support or troops.

    .. math:: \frac{da}{dt} = -(k_X s + k_T \tau)\, a (1 - a) \;\Rightarrow\; a' = \frac{a}{a + (1 - a) e^{k n / 24}}

    a = russia_affinity, s = support, tau = troops, k = k_X s + k_T tau per day, n = n_hours (exact solution).
    Source: support for union with Russia 51.6 -> 40.0 % in 60 days (evidence.md section 6); the form is an assumption,
    k_T is not identified.
    """
    k = affinity_support_loss * support + affinity_troops_loss * troops
    if k == 0.0 or russia_affinity == 1.0:  # 1 is a fixed point; the formula would give 0 x inf for a huge k
        return russia_affinity
    return russia_affinity / (russia_affinity + (1.0 - russia_affinity) * exp(k * n_hours / 24.0))


@rule
def legitimacy_lost_to_support(
    legitimacy: float, russia_affinity: float, support: float, troops: float, n_hours: float,
    legitimacy_support_loss: float, legitimacy_troops_loss: float,
) -> float:
    r"""Legitimacy lost over Russian support or troops.

    .. math:: L - L e^{-k (1 - a) n / 24}, \quad k = k_{LS} s + k_{LT} \tau

    L = legitimacy, a = russia_affinity, s = support, tau = troops, n = n_hours; k per day.
    Source: assumption.
    """
    k = legitimacy_support_loss * support + legitimacy_troops_loss * troops
    if k == 0.0:
        return 0.0
    return legitimacy * (1.0 - exp(-k * (1.0 - russia_affinity) * n_hours / 24.0))


@rule
def resentment(russia_affinity: float, support: float, resentment_weight: float) -> float:
    r"""What resentment of Russian support adds to the join index.

    .. math:: b_S (1 - a) s

    a = russia_affinity, s = support, b_S = resentment_weight, prior N(0, 1).
    Source: assumption.
    """
    return resentment_weight * (1.0 - russia_affinity) * support


@rule
def troop_risk(troops: float, troop_risk_weight: float) -> float:
    r"""What troops add to the expected probability of sanction.

    .. math:: b_\tau \tau

    tau = troops in [0, 1], b_tau = troop_risk_weight.
    Source: assumption: no troops came, nothing identifies it.
    """
    return troop_risk_weight * troops


@rule
def level_with_lever(level: float, lever: float, strength: float) -> float:
    r"""Level of support or of troops: the timeline's and a lever's.

    .. math:: \min(1, s (l + l_x))

    l = level of the timeline, l_x = lever added by an experiment, s = strength.
    Source: definition.
    """
    return min(1.0, strength * (level + lever))
