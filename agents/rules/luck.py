"""One luck per person and day, the shock of a city's day, and its lasting gap.

Protest, column, walkout and chain share the luck of the day; a rally has a draw of its own (DECISIONS D7). The gap is
what a city's people lack or have beyond their motives, for weeks: a wave begins below its motive, and the gap closes.

Sign: more persistence, fewer different participants over a week.
Against: crowds of successive days made of different people; residuals of successive Sundays that do not go together.
"""

import math

from agents.compiled.arithmetic import logit, normal_cdf, power
from agents.compiled.rule import rule
from agents.rules.declaration import NOT_NEGATIVE, SHARE, START, WEIGHT, Mechanism, parameter, strength


class Luck(Mechanism):
    """One luck per person and day; the shock of a city's day."""

    strength: float = strength("0 = no luck: deterministic rules")
    persistence: float = parameter(
        0.8, "rho", "1", SHARE, (0.5, 0.95),
        "how far the luck of days is one's own", "assumption; 14-20 % ever took part, ZOiS Report 3/2021", by_hand=True
    )
    shock_sd: float = parameter(
        0.3, "sigma_c", "log-odds", NOT_NEGATIVE, (0.2, 0.5), "spread of the shock of a city's day", START
    )
    gap_sd: float = parameter(
        0.0, "q_g", "log-odds", NOT_NEGATIVE, (0, 0.6), "spread of a city's lasting gap", absent=0.0
    )
    gap_memory: float = parameter(
        0.8, "rho_u", "per week", SHARE, (0.5, 0.95), "share of the gap that is left after a week", absent=0.8
    )
    gap_start: float = parameter(
        0.0, "u_0", "log-odds", WEIGHT, (-4, 1),
        "the gap at hour 0", "set for each case (assumption)", absent=0.0
    )


@rule
def daily_luck(disposition: float, day_normal: float, persistence: float, strength: float) -> float:
    r"""Luck of a person on a day, as log-odds.

    .. math:: s\, \mathrm{logit}\, \Phi\left(\sqrt{\rho}\, z_i + \sqrt{1 - \rho}\, e_{i,day}\right)

    z = disposition, fixed for life; e = day_normal; rho = persistence in [0, 1]; s = strength (0: no luck at all,
    the deterministic rule of Epstein).
    Source: MODEL.md section 4, assumption; rho .5-.95 after 14-20 % ever took part by December (evidence.md section 6).
    """
    if strength == 0.0:
        return 0.0
    mixed = math.sqrt(persistence) * disposition + math.sqrt(1.0 - persistence) * day_normal
    return strength * logit(normal_cdf(mixed))


@rule
def occasion_luck(draw: float, strength: float) -> float:
    r"""Luck of a person at a rally, as log-odds.

    .. math:: s\, \mathrm{logit}(v)

    v = draw in (0, 1), one per person and day; s = strength.
    Source: MODEL.md section 4, assumption.
    """
    if strength == 0.0:
        return 0.0
    return strength * logit(draw)


@rule
def city_day_shock(day_normal: float, shock_sd: float, strength: float) -> float:
    r"""Shock to the join index that all people of a city share on a day.

    .. math:: s\, \sigma_c e

    e = day_normal, sigma_c = shock_sd, s = strength.
    Source: MODEL.md section 4 (.2-.5, assumption): without it replicate bands vanish at full scale.
    """
    return strength * shock_sd * day_normal


@rule
def city_gap(gap: float, day_normal: float, gap_memory: float, gap_sd: float) -> float:
    r"""Lasting gap of a city's log-odds, a day later.

    .. math:: u' = \rho^{1/7} u + q_g \sqrt{1 - \rho^{2/7}}\, e

    u = gap, e = day_normal; rho = gap_memory per week, q_g = gap_sd: an Ornstein-Uhlenbeck process, taken by days.
    Source: assumption.
    """
    kept = power(gap_memory, 1.0 / 7.0)
    return kept * gap + gap_sd * math.sqrt(1.0 - kept * kept) * day_normal
