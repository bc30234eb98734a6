"""Anger over seen violence (S2): a city's news stock, and what a person makes of it.

Injuries of custody enter the news in the hour of the release. What is heard is summed over the hours since the last
turn, times exposure; the injured among one's own online ties are counted once a luck day. Outrage is a slower stock:
what became known of injuries, half the city's and half the country's, and dated events of the timeline; anger does not
fall below what one hears of it.

Sign: violence before Sunday raises Sunday's crowd; in the dose of violence an inverted U.
Against: a monotone dose curve at all plausible values; a peak that does not follow the date of the releases.
"""

from agents.compiled.arithmetic import exp, log
from agents.compiled.rule import rule
from agents.rules.declaration import (
    NOT_NEGATIVE,
    POSITIVE,
    RATE,
    SHARE,
    START,
    WEIGHT,
    Kind,
    Mechanism,
    parameter,
    strength,
)
from agents.rules.rates import kept_share


class Anger(Mechanism):
    """Anger over seen violence (S2)."""

    strength: float = strength("multiplies the gain; 0 = no anger")
    news_decay: float = parameter(0.35, "d_M", "per day", RATE, (0.2, 0.5), "decay of a city's news stock", START)
    detained_news_weight: float = parameter(
        0.1, "w", "injured per detained", NOT_NEGATIVE, (0, 1), "weight of a detention in the news stock", start=0.2
    )
    news_scale: float = parameter(
        0.02, "M_0", "injured per 1,000 adults", POSITIVE, (0.005, 0.1), "concavity of the news", START
    )
    anger_decay: float = parameter(0.1, "d_A", "per day", RATE, (0.03, 0.3), "decay of a person's anger", START)
    anger_gain: float = parameter(
        0.2, "k_A", "per unit of seen news and hour", NOT_NEGATIVE, (0.03, 0.3),
        "anger from the news that one hears", start=0.1
    )
    beaten_tie_gain: float = parameter(
        0.01, "k_B", "per hour and share of own ties", NOT_NEGATIVE, (0, 0.05), "anger over own online ties injured"
    )
    anger_weight: float = parameter(2.2, "b_A", "log-odds", WEIGHT, (1, 4), "weight of anger in the join index", START)
    outrage_gain: float = parameter(
        0.0, "g_O", "share", SHARE, (0, 1),
        "anger of one who hears all of an endless outrage; 0 = only the news stock counts", absent=0.0
    )
    outrage_decay: float = parameter(
        0.05, "d_O", "per day", RATE, (0.025, 0.16), "decay of outrage; half-life one to four weeks", absent=0.05
    )
    outrage_scale: float = parameter(
        0.15, "V_0", "injured per 1,000 adults", POSITIVE, (0.05, 0.5), "injuries that make one unit of outrage",
        absent=0.15
    )

    kinds = {"outrage_event": Kind("point", "a dated event that outrages, in units of outrage", high=10.0)}


@rule
def news_stock_next(
    news_stock: float,
    injured_per_1000: float,
    detained_per_1000: float,
    released_injured_per_1000: float,
    news_decay: float,
    detained_news_weight: float,
) -> float:
    r"""News of violence in a city after one more hour, per 1,000 adults.

    .. math:: M' = M (1 - d_M)^{1/24} + I + w D + I_{released}

    I, D = injured and detained of the hour per 1,000 adults; injuries of custody count in the hour of their release
    (hidden until then). d_M = news_decay per day, w = detained_news_weight.
    Source: assumption. Low violence raises, high violence lowers the next crowd:
    Steinert-Threlkeld, Chan & Joo (2022), Journal of Politics (doi not verified).
    """
    inflow = injured_per_1000 + detained_news_weight * detained_per_1000 + released_injured_per_1000
    return news_stock * kept_share(news_decay, 1.0) + inflow


@rule
def seen_news(news_stock: float, news_scale: float) -> float:
    r"""Concave effect of the news stock on one who hears all of it.

    .. math:: M_0 \log(1 + M / M_0)

    M = news_stock >= 0, M_0 = news_scale > 0, both per 1,000 adults.
    Source: assumption; a linear form made the dose curve monotone.
    """
    return news_scale * log(1.0 + news_stock / news_scale)


@rule
def anger_next(
    anger: float,
    news_heard: float,
    beaten_tie_share: float,
    n_hours: float,
    anger_kept: float,
    anger_gain: float,
    beaten_tie_gain: float,
    strength: float,
) -> float:
    r"""Anger after some hours of news and of having injured friends.

    .. math:: A' = \left(1 - (1 - A) e^{-s (k_A N + k_B b\, n)}\right) \kappa_n

    N = news_heard: exposure times seen news, summed over the n = n_hours; b = beaten_tie_share of own online ties;
    kappa_n = anger_kept = (1 - d_A)^{n/24}; k_A = anger_gain, k_B = beaten_tie_gain per hour; s = strength.
    Source: emotions rather than information: Aytac, Schiumerini & Stokes (2018),
    doi:10.1177/0022002716686828. Sizes are assumptions, set by hand with b_A.
    """
    impulse = strength * (anger_gain * news_heard + beaten_tie_gain * beaten_tie_share * n_hours)
    return (1.0 - (1.0 - anger) * exp(-impulse)) * anger_kept


@rule
def outrage_next(
    outrage: float, injured_per_1000: float, event: float, outrage_decay: float, outrage_scale: float
) -> float:
    r"""Outrage in a city after one more hour.

    .. math:: M_O' = M_O (1 - d_O)^{1/24} + I / V_0 + v

    I = injured_per_1000 adults that became known in the hour, half the city's and half the country's; V_0 =
    outrage_scale; v = event, of the timeline; d_O = outrage_decay per day.
    Source: assumption.
    """
    return outrage * kept_share(outrage_decay, 1.0) + injured_per_1000 / outrage_scale + event


@rule
def outraged(anger: float, exposure: float, outrage: float, outrage_gain: float, strength: float) -> float:
    r"""Anger, not below what one hears of the outrage.

    .. math:: A' = \max\left(A, s\, g_O\, e (1 - e^{-M_O})\right)

    A = anger after the news; e = exposure in [0, 1]; M_O = outrage; g_O = outrage_gain; s = strength, the product
    taken as 1 where it is larger.
    Source: assumption.
    """
    return max(anger, min(1.0, strength * outrage_gain * exposure * (1.0 - exp(-outrage))))
