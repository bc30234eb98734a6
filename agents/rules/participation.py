"""Taking part by one's own choice: the join index of a protest (S2, S3).

Only those who prefer change take part, if the luck of the day lies below the index. The believed crowd is what state
and independent media reported when the last occasion had ended, as a share of adults, weighted by media diet and
fading; the largest report of the occasion is believed, also after midnight, when the sources begin a new day. Its
weight is 0 in the base case, for its sign is open.

Sign: as written, that of the believed crowd free.
Against: participants who do not differ from others in preference, anger and fear.
"""

from typing import NamedTuple

from agents.compiled.rule import rule
from agents.rules.declaration import NOT_NEGATIVE, RATE, START, WEIGHT, Mechanism, parameter, strength


class Participation(Mechanism):
    """Taking part by one's own choice, in a protest or a rally (S2, S3)."""

    strength: float = strength("multiplies the odds; 0 = nobody joins")
    intercept: float = parameter(
        -4.65, "b_0", "log-odds", WEIGHT, (-6, 0), "join index of the capital without any motive", start=-3.1
    )
    intercept_elsewhere: float = parameter(
        -0.9, "b_0e", "log-odds", WEIGHT, (-2, 0), "added outside the capital", start=-0.7
    )
    preference_weight: float = parameter(
        2.1, "b_x", "log-odds", WEIGHT, (1, 4), "weight of the private preference in the join index", START
    )
    grievance_weight: float = parameter(
        2.0, "b_G", "log-odds", WEIGHT, (1, 4), "weight of grievance in the join index", START
    )
    weekday_offset: float = parameter(
        -2.1, "b_day", "log-odds", WEIGHT, (-3, 0), "added on a minor day, on every one but the weekly day", START
    )
    call_lift: float = parameter(
        0.0, "k_I", "main days per credibility", NOT_NEGATIVE, (0, 1.5),
        "how far a call to a named place makes any day a main one; 0 = only the weekly day is", absent=0.0
    )
    profile_depth: float = parameter(
        2.0, "c_p", "log-odds", NOT_NEGATIVE, (1, 4), "lost at an occasion's first and last moment", START
    )
    crowd_belief_weight: float = parameter(
        0.0, "b_C", "log-odds per share of adults", WEIGHT, (-20, 20),
        "weight of the crowd believed to have been out; its sign is open",
        "Cantoni et al. 2019 (-), Hager et al. 2022 (+); 0 is an assumption"
    )
    crowd_belief_decay: float = parameter(
        0.5, "d_C", "per day", RATE, (0.2, 0.9), "decay of the belief about the last crowd"
    )
    rally_intercept: float = parameter(
        -6.8, "r_0", "log-odds", WEIGHT, (-9, -4), "rally index without any motive", START
    )
    rally_preference_weight: float = parameter(
        4.0, "r_x", "log-odds", WEIGHT, (2, 6), "weight of the private preference in the rally index", START
    )


@rule
def grievance(hardship: float, legitimacy: float) -> float:
    r"""Grievance.

    .. math:: G = H (1 - L)

    H = hardship, L = legitimacy, both in [0, 1].
    Source: Epstein (2002), doi:10.1073/pnas.092080199.
    """
    return hardship * (1.0 - legitimacy)


class OwnState(NamedTuple):
    """What a person thinks, feels and has learned."""

    private_preference: float
    grievance: float
    anger: float
    risk_aversion: float
    fear: float
    lesson_cost: float


class MotiveWeights(NamedTuple):
    """Parameters of the own motive, by their names."""

    preference_weight: float
    grievance_weight: float
    anger_weight: float
    fear_weight: float


@rule
def own_motive(own: OwnState, w: MotiveWeights) -> float:
    r"""What one's own state adds to the join index.

    .. math:: b_x (1 - 2x) + b_G G + b_A A - b_R R F - b_B R B

    x = private_preference, G = grievance, A = anger, R = risk_aversion, F = fear; b_B R B = lesson_cost (fear.py).
    Source: after Epstein (2002), doi:10.1073/pnas.092080199.
    """
    drive = w.preference_weight * (1.0 - 2.0 * own.private_preference) + w.grievance_weight * own.grievance
    return drive + w.anger_weight * own.anger - w.fear_weight * own.risk_aversion * own.fear - own.lesson_cost


@rule
def join_index(
    own_motive: float, workplace_cost: float, others: float, called: float, resentment: float, occasion_offset: float
) -> float:
    r"""Log-odds of taking part.

    .. math:: own - b_W W J + (b_T T + b_C C) + b_I I + b_S (1 - a) s + (b_0 + b_{day} + profile + shock)

    own_motive: see above; workplace_cost: job_pressure.py; others: ties.py and crowd_effect; called: leader.py;
    resentment: russian_support.py; occasion_offset: common to the city in the hour.
    Source: assumption (log-odds, additive).
    """
    return own_motive - workplace_cost + others + called + resentment + occasion_offset


@rule
def joins(private_preference: float, luck: float, index: float) -> bool:
    r"""Whether one takes part: only those who prefer change, and if the day's luck lies below the index.

    .. math:: x < 1/2 \;\wedge\; \mathrm{logit}(u) < index

    luck = logit(u).
    Source: MODEL.md sections 4 and 5; without noise this is the rule of Epstein (2002), doi:10.1073/pnas.092080199.
    """
    return private_preference < 0.5 and luck < index


@rule
def crowd_effect(
    media_diet: float,
    crowd_share_state: float,
    crowd_share_media: float,
    connectivity: float,
    crowd_belief_weight: float,
) -> float:
    r"""Effect of the turnout that one believes the previous occasion had.

    .. math:: b_C (m\, C_{state} + (1 - m)\, u_e C_{media})

    C = crowd as a share of adults as state and independent media reported it; m = media_diet; u_e = effective
    connectivity, since independent counts are read online; b_C = crowd_belief_weight, sign free.
    Source: Cantoni et al. (2019), doi:10.1093/qje/qjz002 (negative); Hager et al. (2022), American Political Science
    Review (doi not verified; positive on the left, negative on the right).
    """
    read_online = connectivity * crowd_share_media
    return crowd_belief_weight * (media_diet * crowd_share_state + (1.0 - media_diet) * read_online)


@rule
def occasion_profile(hours_since_start: float, length_hours: float, profile_depth: float) -> float:
    r"""Rise and fall of an occasion over its hours.

    .. math:: -c_p \left(\frac{t - T/2}{T/2}\right)^2

    t = hours_since_start (middle of the hour), T = length_hours, c_p = profile_depth.
    Source: assumption.
    """
    from_middle = (hours_since_start - 0.5 * length_hours) / (0.5 * length_hours)
    return -profile_depth * from_middle * from_middle


@rule
def main_share(is_weekly_day: float, credibility: float, guarantee: float, call_lift: float) -> float:
    r"""How far a day is a main one: called or weekly.

    .. math:: k = 1 \text{ on the weekly day, else } \min(1, \max((k_I c)^2, g))

    c = credibility of a call to a named place, wherever it comes from, 0 without one; g = guarantee against force
    (concession.py); k_I = call_lift.
    Source: assumption.
    """
    lifted = call_lift * credibility
    return 1.0 if is_weekly_day > 0.0 else min(1.0, max(lifted * lifted, guarantee))


@rule
def occasion_offset(
    intercept: float,
    is_capital: float,
    intercept_elsewhere: float,
    minor_share: float,
    weekday_offset: float,
    profile: float,
    city_shock: float,
    log_strength: float,
) -> float:
    r"""Part of the join index that a city's people share in an hour.

    .. math:: b_0 + b_{0e}(1 - capital) + b_{day} (1 - k) + profile + shock + \log s

    is_capital is 0 or 1; 1 - k = minor_share (main_share); shock: of the day, the lasting gap with it (luck.py);
    log_strength scales the odds.
    Source: assumption.
    """
    place = intercept + intercept_elsewhere * (1.0 - is_capital)
    return place + weekday_offset * minor_share + profile + city_shock + log_strength
