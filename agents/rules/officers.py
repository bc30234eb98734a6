"""Security officers: loyal, withholding or resigned, one by one and by unit (S9).

Of those who stop serving a share resigns, the others withhold. When a unit has lost more than its tipping share, all
of it withholds: no arrests, and no change of sides. The tipping share is not identified.

Sign: as written.
Against: units that leave together before any of theirs did.
"""

from typing import NamedTuple

from agents.compiled.arithmetic import exp
from agents.compiled.rule import rule
from agents.rules.declaration import NOT_NEGATIVE, SHARE, START, WEIGHT, Mechanism, parameter, strength


class Officers(Mechanism):
    """Officers loyal, withholding or resigned (S9)."""

    strength: float = strength("multiplies the hazard; 0 = all loyal")
    base_hazard: float = parameter(
        0.0005, "h_0", "per day", SHARE, (0.0001, 0.002), "hazard that an officer stops serving", START
    )
    officer_anger_weight: float = parameter(1.0, "g_1", "log-hazard", WEIGHT, (0, 3), "weight of anger in the hazard")
    officer_crowd_weight: float = parameter(
        5.0, "g_2", "log-hazard per share of adults", WEIGHT, (0, 20), "weight of the city's crowd in the hazard"
    )
    officer_appeal_weight: float = parameter(
        1.0, "g_3", "log-hazard", WEIGHT, (0, 5), "weight of an appeal in the hazard", START
    )
    exit_cost_weight: float = parameter(
        1.0, "g_4", "log-hazard", NOT_NEGATIVE, (0, 3), "weight of the exit cost, which holds back"
    )
    surveillance: float = parameter(0.2, "g_5", "log-hazard", WEIGHT, (0, 1), "how far surveillance holds back")
    officer_support_weight: float = parameter(
        0.5, "g_6", "log-hazard", WEIGHT, (0, 2), "how far Russian support holds back"
    )
    officer_arrests_weight: float = parameter(
        0.0, "g_7", "log-hazard per arrest an officer", WEIGHT, (0, 3),
        "weight of the arrests that one has had to make in the last occasion", absent=0.0
    )
    officer_comrades_weight: float = parameter(
        0.0, "g_8", "log-hazard per share of the unit", WEIGHT, (0, 10),
        "weight of comrades seen to withhold or resign", is_identified=False, absent=0.0
    )
    resign_share: float = parameter(0.3, "q_r", "share", SHARE, (0, 1), "of those who stop serving, who resign")
    unit_tipping_share: float = parameter(
        0.3, "q_u", "share", SHARE, (0.1, 0.5),
        "lost share above which a whole unit withholds", START, is_identified=False
    )


class OfficerState(NamedTuple):
    """What moves an officer."""

    anger: float
    city_share_out: float
    appeal: float
    exit_cost: float
    russian_support: float
    arrests_made: float
    comrades_lost: float


class OfficerWeights(NamedTuple):
    """Parameters of the hazard, by their names."""

    base_hazard: float
    officer_anger_weight: float
    officer_crowd_weight: float
    officer_appeal_weight: float
    exit_cost_weight: float
    surveillance: float
    officer_support_weight: float
    officer_arrests_weight: float
    officer_comrades_weight: float


@rule
def officer_hazard(state: OfficerState, w: OfficerWeights, strength: float) -> float:
    r"""Hazard per day that an officer stops serving.

    .. math:: h_0 \exp(g_1 A + g_2 y + g_3 a - g_4 c - g_5 - g_6 s + g_7 n + g_8 q)

    A = anger, y = city_share_out (share of the own city's adults protesting), a = appeal heard, c = exit_cost left
    after exit support (appeals.py), s = russian_support; n = arrests_made, by the officers of the city in the last
    occasion, each; q = comrades_lost, share of the own unit; g_5 = surveillance; times strength.
    Source: assumption; 700 of 46,128 resigned by autumn, a fund's claim (evidence.md section 2).
    """
    push = w.officer_anger_weight * state.anger + w.officer_crowd_weight * state.city_share_out
    push += w.officer_appeal_weight * state.appeal
    hold = w.exit_cost_weight * state.exit_cost + w.surveillance + w.officer_support_weight * state.russian_support
    orders = w.officer_arrests_weight * state.arrests_made + w.officer_comrades_weight * state.comrades_lost
    return strength * w.base_hazard * exp(push - hold + orders)


@rule
def resigns(way_draw: float, resign_share: float) -> bool:
    r"""Whether one who stops serving resigns; the others stay and withhold.

    .. math:: v < q_r

    v = way_draw in [0, 1), q_r = resign_share.
    Source: assumption.
    """
    return way_draw < resign_share


@rule
def unit_withholds(share_lost: float, unit_tipping_share: float) -> bool:
    r"""Whether a unit withholds as a whole: no arrests where it stands; it does not join.

    .. math:: q > q_u

    q = share_lost of the unit (withholding or resigned), q_u = unit_tipping_share.
    Source: assumption; no unit changed sides in 2020: q is not identified.
    """
    return share_lost > unit_tipping_share


@rule
def seen_defection(lost: float, n_officers: float) -> float:
    r"""Share of a city's street officers who are seen to withhold or to have resigned.

    .. math:: q = l / C

    l = lost, C = n_officers; 0 in a city without officers.
    Source: definition.
    """
    if n_officers <= 0.0:
        return 0.0
    return lost / n_officers
