"""Fear: the expected sanction of taking part (S2).

Shown risk is the arrest rule itself over the hours that one expects to stay, the same for all in a city, with the
larger of the last hour's crowd and the peak of the last occasion (before any: a share of the adults). After each
street occasion the city's reported risk changes; belief moves towards it, the part owed to injuries by exposure.
A lesson is what a city has learned of how the last occasions of a kind of day, main or minor, were treated; a threat
raises it, and it falls when the force that was feared does not come, or officers are seen to give way.

Sign: repression on the street lowers the crowd while it lasts.
Against: no dip of the crowd when arrests are visible; crowds no larger after an occasion that was feared and spared.
"""

from agents.compiled.arithmetic import exp, log
from agents.compiled.rule import rule
from agents.rules.declaration import (
    NOT_NEGATIVE,
    OPEN_SHARE,
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
from agents.rules.repression import arrest_hazard


class Fear(Mechanism):
    """Fear: the expected sanction of taking part (S2)."""

    strength: float = strength("multiplies F; 0 = nobody is afraid")
    stay_hours: float = parameter(4.0, "h", "hours", POSITIVE, (2, 8), "time that one expects to stay", START)
    belief_learning: float = parameter(
        0.07, "lam", "per hour", RATE, (0.01, 0.3),
        "how fast the belief about the risk follows reports", is_identified=False, start=0.05
    )
    injury_weight: float = parameter(
        4.0, "w_s", "detained per injured", NOT_NEGATIVE, (1, 30),
        "weight of an injury in the reported risk", start=12.0
    )
    prior_persons: float = parameter(500.0, "m", "persons", POSITIVE, (100, 5000), "weight of the earlier risk", START)
    crowd_prior_share: float = parameter(
        0.02, "y_0", "share of adults", OPEN_SHARE, (0.001, 0.03), "crowd expected before any occasion"
    )
    sanction_detention: float = parameter(
        3.0, "S_d", "fines", NOT_NEGATIVE, (2, 5), "a detention, measured in fines", START
    )
    sanction_violence: float = parameter(
        10.0, "S_v", "fines", NOT_NEGATIVE, (5, 20), "a beating or a criminal case, measured in fines", START
    )
    risk_scale: float = parameter(
        0.01, "p_0", "probability x fines", POSITIVE, (0.003, 0.03),
        "probability times sanction at which fear sets in", START
    )
    fear_weight: float = parameter(
        1.1, "b_R", "log-odds", WEIGHT, (0.5, 2),
        "weight of fear times risk aversion in the join index", START, by_hand=True
    )
    defection_visibility: float = parameter(
        3.0, "psi", "expected force per share of officers", NOT_NEGATIVE, (0, 10),
        "force no longer expected where officers are seen to withhold"
    )
    lesson_weight: float = parameter(
        0.0, "b_B", "log-odds", WEIGHT, (0, 4),
        "weight of the lesson times risk aversion in the join index; above 0 the crowd expected is remembered by kind "
        "of day, too", absent=0.0
    )
    lesson_rate: float = parameter(
        0.5, "lam_R", "per occasion", SHARE, (0.2, 0.9),
        "how far an occasion of its kind replaces the lesson", absent=0.5
    )
    lesson_scale: float = parameter(
        0.03, "R_0", "sanctions per participant", POSITIVE, (0.01, 0.1),
        "detained and weighted injured over the crowd from which the lesson is complete", absent=0.03
    )
    lesson_start: float = parameter(
        0.0, "B_0", "1", SHARE, (0, 1), "lesson before hour 0", "set for each case (assumption)", absent=0.0
    )

    kinds = {"threat": Kind("point", "a threat of force: the lesson is at least this")}


@rule
def expected_force(
    n_officers: float, seen_defection_share: float, defection_visibility: float, support_force: float, support: float
) -> float:
    r"""Force that people expect on the street, officers.

    .. math:: C_e = C \max(0, 1 - \psi q)(1 + c_s s)

    C = n_officers loyal or not, q = seen_defection_share that withholds or resigned, psi = defection_visibility,
    s = Russian support in [0, 1], c_s = support_force.
    Source: without this link appeals changed turnout by nothing; sizes are assumptions.
    """
    return n_officers * max(0.0, 1.0 - defection_visibility * seen_defection_share) * (1.0 + support_force * support)


@rule
def shown_risk(repression: float, n_officers: float, crowd: float, arrest_constant: float, stay_hours: float) -> float:
    r"""Probability of sanction that the force on the street shows to everybody in a city.

    .. math:: 1 - \exp\left(-\kappa r \frac{C}{A + C} h\right)

    r = repression level, C = n_officers expected on the street, A = crowd now or expected (persons, the larger),
    kappa = arrest_constant per hour, h = stay_hours; the same for those at home and those on the street.
    Source: the arrest rule itself (arrest_hazard in repression.py); Epstein (2002), doi:10.1073/pnas.092080199.
    """
    return 1.0 - exp(-arrest_hazard(crowd, n_officers, repression, arrest_constant) * stay_hours)


@rule
def sanction_risk(arrest_belief: float, shown_risk: float, troop_risk: float) -> float:
    r"""Probability of sanction that one expects from taking part in the occasion.

    .. math:: p_i = \min(1, B_i + p_{shown} + b_\tau \tau)

    B = arrest_belief, shown_risk: see above, troop_risk = b_tau tau (russian_support.py).
    Source: assumption.
    """
    return min(1.0, arrest_belief + shown_risk + troop_risk)


@rule
def reported_risk(
    detained: float, injured: float, earlier_risk: float, crowd: float, injury_weight: float, prior_persons: float
) -> float:
    r"""Sanction risk that an occasion leaves behind, per participant.

    .. math:: \hat p = \min\left(1, \frac{D + w_s I + m \hat p_{old} / 2}{N_{peak} + m}\right)

    D, I = detained and injured of the occasion and N = crowd at its peak, persons; w_s = injury_weight;
    m = prior_persons.
    Source: assumption; 2-5 % of the participants of 9 August were detained (evidence.md section 3).
    """
    return min(1.0, (detained + injury_weight * injured + 0.5 * prior_persons * earlier_risk) / (crowd + prior_persons))


@rule
def belief_next(
    arrest_belief: float, risk_without_injuries: float, risk_of_injuries: float, heard: float, belief_weight: float
) -> float:
    r"""Belief about the sanction risk after some hours.

    .. math:: B' = B + w (\hat p_D + e_i \hat p_I - B)

    p_D = risk_without_injuries (detentions are reported by all), p_I = risk_of_injuries (independent channels only),
    e = heard (exposure), w = belief_weight = 1 - (1 - lam)^n over n hours.
    Source: assumption; lam is not identified.
    """
    return arrest_belief + belief_weight * (min(1.0, risk_without_injuries + heard * risk_of_injuries) - arrest_belief)


@rule
def expected_sanction(violent_share: float, sanction_detention: float, sanction_violence: float) -> float:
    r"""Mean sanction of those caught, in units of a fine.

    .. math:: S = (1 - q) S_d + q S_v

    q = violent_share, S_d = sanction_detention (15 days), S_v = sanction_violence (beating or criminal case).
    Source: assumption.
    """
    return (1.0 - violent_share) * sanction_detention + violent_share * sanction_violence


@rule
def felt_fear(risk: float, sanction: float, risk_scale: float, strength: float) -> float:
    r"""Fear, logarithmic in the expected sanction.

    .. math:: F = \log(1 + p S / p_0)

    p = risk in [0, 1], S = sanction, p_0 = risk_scale; times strength.
    Source: participation falls from about 1 % per day on (assumption).
    """
    return strength * log(1.0 + risk * sanction / risk_scale)


@rule
def treatment(detained: float, injured: float, crowd: float, injury_weight: float, lesson_scale: float) -> float:
    r"""How an occasion was treated, 0 = spared .. 1 = crushed.

    .. math:: R = \min\left(1, \frac{D + w_s I}{N R_0}\right)

    D, I = detained and injured of the occasion, N = crowd at its peak, persons; w_s = injury_weight,
    R_0 = lesson_scale. 0 without a crowd.
    Source: assumption.
    """
    if crowd <= 0.0:
        return 0.0
    return min(1.0, (detained + injury_weight * injured) / (crowd * lesson_scale))


@rule
def lesson_next(lesson: float, treatment: float, seen_defection: float, kind_share: float, lesson_rate: float) -> float:
    r"""Lesson of a kind of day after an occasion.

    .. math:: B_j' = B_j + \lambda_R m_j (R (1 - q) - B_j)

    B_j = lesson, j = main or minor; R = treatment; q = seen_defection, share of officers seen to give way; m_j =
    kind_share, how far the day was of that kind; lam_R = lesson_rate.
    Source: assumption.
    """
    return lesson + lesson_rate * kind_share * (treatment * (1.0 - seen_defection) - lesson)


@rule
def lesson_cost(lesson: float, risk_aversion: float, lesson_weight: float, strength: float) -> float:
    r"""What the lesson takes off the join index.

    .. math:: b_B R_i B

    B = lesson of the day's kind, R = risk_aversion, b_B = lesson_weight; times strength.
    Source: assumption.
    """
    return strength * lesson_weight * risk_aversion * lesson
