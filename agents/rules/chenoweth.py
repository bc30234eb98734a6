"""Chenoweth, Hocking and Marks (2022), nonviolent resistance: who joins, protests, defects, and whom officers go for.

The rules are those of a public reimplementation (htdinhiu/abm_nonviolence, 2025), which says that it follows the paper
and the authors' program; none was verified against the paper itself (docs/classics.md). Grievance is the shipped rule
`agents.rules.participation.grievance`, the perceived probability of arrest `agents.rules.epstein.arrest_probability`.
"""

import math

from agents.compiled.arithmetic import exp, sigmoid
from agents.compiled.rule import rule


@rule
def income(normal_luck: float, income_log_mean: float, income_log_sd: float) -> float:
    r"""Income of a citizen.

    .. math:: y = e^{a + b z}

    z = normal_luck, standard normal; a = income_log_mean, b = income_log_sd.
    Source: reimplementation (2025) of doi:10.1371/journal.pone.0269976, unverified.
    """
    return exp(income_log_mean + income_log_sd * normal_luck)


@rule
def mean_income(income_log_mean: float, income_log_sd: float) -> float:
    r"""Mean of the incomes.

    .. math:: \bar y = e^{a + b^2 / 2}

    Symbols as in `income`. Source: definition, mean of a log-normal variable.
    """
    return exp(income_log_mean + 0.5 * income_log_sd * income_log_sd)


@rule
def hardship_of_income(income: float, mean_income: float) -> float:
    r"""Hardship, one half at the mean income, less above it.

    .. math:: H = \sigma(\bar y - y)

    y = income, \bar y = mean_income. Source: reimplementation (2025) of doi:10.1371/journal.pone.0269976, unverified.
    """
    return sigmoid(mean_income - income)


@rule
def arrest_cost(income: float, max_jail_term: float, jail_cost_rate: float) -> float:
    r"""What an arrest would cost a citizen: much for the rich, who lose income, and for the poor, who have no reserve.

    .. math:: K = (K_r^4 + K_p^4)^{1/4}, \quad K_r = 2 \sigma(k J y) - 1, \quad K_p = 2 \sigma(k J / y) - 1

    y = income > 0, J = max_jail_term, k = jail_cost_rate.
    Source: reimplementation (2025) of doi:10.1371/journal.pone.0269976, unverified.
    """
    rich = 2.0 * sigmoid(jail_cost_rate * max_jail_term * income) - 1.0
    poor = 2.0 * sigmoid(jail_cost_rate * max_jail_term / income) - 1.0
    return math.sqrt(math.sqrt(rich * rich * rich * rich + poor * poor * poor * poor))


@rule
def peer_pressure(protesters_in_view: int, peer_pressure_number: float) -> float:
    r"""Pressure of those who protest in view.

    .. math:: Q = \min(n / (2 n_0), 1)

    n = protesters_in_view >= 0, n_0 = peer_pressure_number > 0.
    Source: reimplementation (2025) of doi:10.1371/journal.pone.0269976, unverified.
    """
    return min(0.5 * protesters_in_view / peer_pressure_number, 1.0)


@rule
def joining_drive(grievance: float, peer_pressure: float, arrest_probability: float, arrest_cost: float) -> float:
    r"""What drives a citizen into the campaign.

    .. math:: G Q - P K

    G = grievance, Q = peer_pressure, P = arrest_probability, K = arrest_cost.
    Source: reimplementation (2025) of doi:10.1371/journal.pone.0269976, unverified.
    """
    return grievance * peer_pressure - arrest_probability * arrest_cost


@rule
def is_member(joining_drive: float, joining_threshold: float) -> bool:
    r"""Whether a citizen belongs to the campaign.

    .. math:: G Q - P K > F

    F = joining_threshold. Source: reimplementation (2025) of doi:10.1371/journal.pone.0269976, unverified.
    """
    return joining_drive > joining_threshold


@rule
def starts_protest(members_in_view: int, least_members: int) -> bool:
    r"""Whether a member or activist who is not pausing goes out to protest.

    .. math:: m \ge m_0

    m = members_in_view, activists at liberty included, oneself not; m_0 = least_members.
    Source: reimplementation (2025) of doi:10.1371/journal.pone.0269976, unverified.
    """
    return members_in_view >= least_members


@rule
def is_targeted(
    members_in_view: int,
    protesters_in_view: int,
    luck_find: float,
    luck_target: float,
    find_probability: float,
    target_probability: float,
) -> bool:
    r"""Whether an officer goes for somebody in view: members have to be found first, unless somebody protests.

    .. math:: m > 0 \;\wedge\; u_t < p_t \;\wedge\; (n > 0 \;\vee\; u_f < p_f)

    m = members_in_view, n = protesters_in_view, u = luck in [0, 1), p = the probabilities.
    Source: reimplementation (2025) of doi:10.1371/journal.pone.0269976, unverified.
    """
    is_seen = protesters_in_view > 0 or luck_find < find_probability
    return members_in_view > 0 and luck_target < target_probability and is_seen


@rule
def jail_term(unit: float, max_jail_term: int) -> int:
    r"""Jail term, a whole number of steps from 1 to one less than the maximum.

    .. math:: 1 + \lfloor u (J - 1) \rfloor

    u = unit in [0, 1), J = max_jail_term >= 2.
    Source: reimplementation (2025) of doi:10.1371/journal.pone.0269976, unverified.
    """
    return 1 + int(unit * (max_jail_term - 1))


@rule
def legitimacy_after_killing(legitimacy: float, backlash_factor: float) -> float:
    r"""Legitimacy once officers have killed somebody: it backfires.

    .. math:: L' = \beta L

    beta = backlash_factor in [0, 1].
    Source: reimplementation (2025) of doi:10.1371/journal.pone.0269976, unverified.
    """
    return backlash_factor * legitimacy


@rule
def defection_threshold(
    normal_luck: float, defection_mean: float, defection_sd: float, defection_floor: float
) -> float:
    r"""Loyalty of an officer or a pillar: the share of protesters in view that is borne.

    .. math:: \theta = \max(\theta_0, \bar\theta + s z)

    z = normal_luck, standard normal; \bar\theta = defection_mean, s = defection_sd, \theta_0 = defection_floor.
    Source: reimplementation (2025) of doi:10.1371/journal.pone.0269976, unverified.
    """
    return max(defection_floor, defection_mean + defection_sd * normal_luck)


@rule
def defects(protesters_in_view: int, others_in_view: int, defection_threshold: float) -> bool:
    r"""Whether an officer or a pillar defects, for good.

    .. math:: n / N > \theta

    n = protesters_in_view, N = others_in_view, all agents; nobody defects who sees nobody. theta = defection_threshold.
    Source: reimplementation (2025) of doi:10.1371/journal.pone.0269976, unverified.
    """
    return others_in_view > 0 and protesters_in_view / others_in_view > defection_threshold
