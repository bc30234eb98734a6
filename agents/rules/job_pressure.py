"""Job pressure: ordered rallies, and what protest costs a state worker (S4, S5).

On a rally's day each state worker is ordered with some probability; in another city only those with a seat on a bus
count as ordered. Coerced is who attends and would not without the order under the same luck; everybody bussed in is.
The voluntary part of a rally belongs to the group `participation` (DECISIONS D8).

Sign: larger rally, smaller protest.
Against: a rally as large where few work for the state.
"""

from agents.compiled.rule import rule
from agents.rules.declaration import SHARE, START, WEIGHT, Mechanism, parameter, strength


class JobPressure(Mechanism):
    """Ordered rallies, and what protest costs a state worker (S4, S5)."""

    strength: float = strength("multiplies share ordered and workplace cost; 0 = none")
    threat: float = parameter(0.2, "W", "probability", SHARE, (0.1, 0.5), "perceived probability of dismissal", START)
    protest_threat_weight: float = parameter(
        2.0, "b_W", "log-odds per W J", WEIGHT, (0, 10), "what the threat takes off the join index"
    )
    order_share: float = parameter(
        0.18, "q_org", "share", SHARE, (0.05, 0.4),
        "state workers ordered",
        "about a quarter of Russian employers mobilised in 2011, Frye et al. 2014 (assumption here)"
    )
    bus_share: float = parameter(
        0.05, "q_bus", "share", SHARE, (0, 0.3), "of those ordered in other cities, who get a seat"
    )
    order_weight: float = parameter(
        3.5, "r_O", "log-odds", WEIGHT, (2, 5), "what an order adds to the rally index", START
    )
    order_threat_weight: float = parameter(
        15.0, "r_J", "log-odds per W J", WEIGHT, (5, 25), "what an order adds to it by the threat", START
    )


@rule
def workplace_cost(threat: float, job_dependence: float, protest_threat_weight: float, strength: float) -> float:
    r"""What the job takes off the join index of a protest.

    .. math:: b_W W J

    W = threat, perceived probability of dismissal; J = job_dependence; b_W = protest_threat_weight; times strength.
    Source: dependence on the job as a lever: Frye, Reuter & Szakonyi (2014), World Politics (doi not verified); size is
    an assumption.
    """
    return strength * protest_threat_weight * threat * job_dependence


@rule
def is_ordered(order_draw: float, order_share: float, rally_intensity: float, strength: float) -> bool:
    r"""Whether a state worker is ordered to the rally.

    .. math:: v < s\, q_{org}\, r

    v = order_draw in [0, 1), q_org = order_share, r = rally_intensity of the timeline.
    Source: about a quarter of Russian employers mobilised their workers in 2011: Frye, Reuter &
    Szakonyi (2014), World Politics (doi not verified).
    """
    return order_draw < strength * order_share * rally_intensity


@rule
def is_bussed(bus_draw: float, bus_share: float) -> bool:
    r"""Whether one who was ordered in another city has a seat on a bus.

    .. math:: v < q_{bus}

    v = bus_draw in [0, 1), q_bus = bus_share.
    Source: state workers were bussed to the rally of 16 August 2020 (timeline.csv); share is an assumption.
    """
    return bus_draw < bus_share


@rule
def rally_index(
    private_preference: float,
    framing: float,
    anger: float,
    rally_intercept: float,
    rally_preference_weight: float,
    log_strength: float,
) -> float:
    r"""Log-odds of attending the rally for the incumbent by one's own choice.

    .. math:: r_0 + r_x (2x - 1) + r_F f m - A + \log s

    x = private_preference, framing = r_F f m (threat_framing.py), A = anger; log_strength scales the odds.
    Source: assumption.
    """
    return rally_intercept + rally_preference_weight * (2.0 * private_preference - 1.0) + framing - anger + log_strength


@rule
def order_push(threat: float, job_dependence: float, order_weight: float, order_threat_weight: float) -> float:
    r"""What the order adds to the index of a rally.

    .. math:: r_O + r_J W J

    W = threat, J = job_dependence, r_O = order_weight, r_J = order_threat_weight.
    Source: compliance among the ordered .5-.9 elsewhere (assumption).
    """
    return order_weight + order_threat_weight * threat * job_dependence
