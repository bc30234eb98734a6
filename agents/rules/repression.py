"""Repression: deployment, arrests, violence, detention terms (S2).

All officers who have not resigned stand at sites, in a fixed order along the cumulated weights of government buildings
and crowds of the last hour; where arrests are off, at government buildings only. Those who withhold stand there too
and arrest nobody. At 06:00 the first units of each city go as reserve to cities drawn in proportion to the last day's
peaks. All hazards of a city are thinned when the expected arrests exceed the free detention places. Violent arrests
are seen at once; injuries of custody are known at the release.

Sign: more force, more arrests per participant, fewer per head in large crowds.
Against: arrests per participant that do not fall with the crowd.
"""

from agents.compiled.arithmetic import exp, log, power
from agents.compiled.rule import rule
from agents.rules.declaration import NOT_NEGATIVE, POSITIVE, SHARE, START, Mechanism, parameter, strength


class Repression(Mechanism):
    """Deployment, arrests, violence, detention terms (S2)."""

    strength: float = strength("multiplies kappa; 0 = no arrests, officers stay in barracks")
    arrest_constant: float = parameter(
        0.065, "kappa", "per hour", NOT_NEGATIVE, (0.01, 0.2),
        "hazard of arrest where officers far outnumber the crowd", start=0.055
    )
    violent_share: float = parameter(
        0.25, "q_v", "share", SHARE, (0.1, 0.5), "share of arrests that are violent at level 1", START
    )
    custody_share: float = parameter(
        0.2, "q_c", "share", SHARE, (0, 0.5), "of the detained, who are injured in custody at level 1"
    )
    garrison: float = parameter(
        100.0, "g", "persons ** c_d", NOT_NEGATIVE, (0, 1000), "weight of a government building in the deployment"
    )
    deployment_exponent: float = parameter(
        0.7, "c_d", "1", NOT_NEGATIVE, (0.3, 1), "exponent of the expected crowd in the deployment"
    )
    reserve_share: float = parameter(
        0.1, "q_R", "share of units", SHARE, (0, 0.3), "who may be sent to another city overnight"
    )
    longest_term: float = parameter(
        360.0, "h_max", "hours", POSITIVE, (24, 360),
        "upper bound of a detention, 15 days by law", "evidence.md section 3 (press, 10 August 2020)"
    )


@rule
def deployment_weight(expected_crowd: float, is_guarded: bool, garrison: float, deployment_exponent: float) -> float:
    r"""Weight of a site in the deployment of a city's officers.

    .. math:: g\,guarded + N^{c_d}

    N = expected_crowd (persons, last hour), g = garrison at government buildings in the same units,
    c_d = deployment_exponent.
    Source: assumption.
    """
    weight = 0.0
    if expected_crowd > 0.0:
        weight = power(expected_crowd, deployment_exponent)
    if is_guarded:
        weight += garrison
    return weight


@rule
def is_reserve(unit_rank: float, reserve_share: float) -> bool:
    r"""Whether a unit may be sent to another city overnight.

    .. math:: r < q_R

    r = unit_rank in the home city's order, 0..1; q_R = reserve_share.
    Source: reserves between cities overnight, assumption.
    """
    return unit_rank < reserve_share


@rule
def arrest_hazard(crowd: float, n_officers: float, repression: float, arrest_constant: float) -> float:
    r"""Hazard of arrest per participant and hour.

    .. math:: \kappa r \frac{C}{A + C}

    A = crowd, C = n_officers, both persons; r = repression level; kappa = arrest_constant per hour.
    Source: form after Epstein (2002), doi:10.1073/pnas.092080199, with C/(A+C) for C/A.
    """
    if n_officers <= 0.0:
        return 0.0
    return arrest_constant * repression * n_officers / (crowd + n_officers)


@rule
def arrest_probability(crowd: float, n_officers: float, repression: float, arrest_constant: float) -> float:
    r"""Probability of arrest per participant and hour at a site.

    .. math:: 1 - \exp\left(-\kappa r \frac{C}{A + C}\right)

    A = crowd, C = n_officers who make arrests, both persons; r = repression level; kappa = arrest_constant per hour
    (already times strength).
    Source: form after Epstein (2002), doi:10.1073/pnas.092080199, with C/(A+C) for C/A.
    """
    return 1.0 - exp(-arrest_hazard(crowd, n_officers, repression, arrest_constant))


@rule
def free_places_factor(expected_arrests: float, free_places: float) -> float:
    r"""Thinning of arrests when the detention places run out.

    .. math:: \min(1, free / expected)

    Persons in a city and hour; the free places are at least 0.
    Source: assumption.
    """
    if expected_arrests <= free_places:
        return 1.0
    return max(0.0, free_places) / expected_arrests


@rule
def violence_probability(violent_share: float, violence: float) -> float:
    r"""Probability that an arrest is violent.

    .. math:: \min(1, q_v v)

    q_v = violent_share at level 1, v = violence level of the timeline.
    Source: assumption; at least 1,406 victims became known in Minsk (evidence.md section 3).
    """
    return min(1.0, violent_share * violence)


@rule
def detention_hours(term_draw: float, term_hours: float, longest_term: float) -> float:
    r"""Term of a detention, exponential with an upper bound, hours, at least 1.

    .. math:: \max(1, \min(-\bar h \log(1 - v), h_{max}))

    v = term_draw in [0, 1), h = term_hours (mean), h_max = longest_term (15 days).
    Source: up to 15 days by law (evidence.md section 3), the form is an assumption.
    """
    return max(1.0, min(-term_hours * log(1.0 - term_draw), longest_term))
