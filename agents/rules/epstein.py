"""Epstein's civil violence, model I: who turns active, and how long an arrest lasts (the classics, MODEL.md section 8).

Grievance is the shipped rule `agents.rules.participation.grievance`. Where ports of the model differ, each reading is a
function of its own: `arrest_probability` and its two steps, three ranges of the jail term.
"""

import math

from agents.compiled.arithmetic import exp
from agents.compiled.rule import rule


@rule
def arrest_probability(officers_in_view: int, active_in_view: int, arrest_constant: float) -> float:
    r"""Perceived probability of arrest, should the citizen turn active; the ratio as it is.

    .. math:: P = 1 - \exp(-k\, C / A)

    C = officers_in_view >= 0, A = active_in_view >= 1 (self included), k = arrest_constant > 0.
    Source: Epstein (2002), doi:10.1073/pnas.092080199.
    """
    return 1.0 - exp(-arrest_constant * (officers_in_view / active_in_view))


@rule
def arrest_probability_floor(officers_in_view: int, active_in_view: int, arrest_constant: float) -> float:
    r"""Perceived probability of arrest; the ratio rounded down: none as long as the active outnumber the officers.

    .. math:: P = 1 - \exp(-k \lfloor C / A \rfloor)

    Symbols as in `arrest_probability`. Source: Wilensky (2004), NetLogo Rebellion model.
    """
    return 1.0 - exp(-arrest_constant * (officers_in_view // active_in_view))


@rule
def arrest_probability_round(officers_in_view: int, active_in_view: int, arrest_constant: float) -> float:
    r"""Perceived probability of arrest; the ratio rounded to the nearest integer, half to even.

    .. math:: P = 1 - \exp(-k\, \mathrm{round}(C / A))

    Symbols as in `arrest_probability`. Source: Mesa 3 (2025), its example of the model.
    """
    whole = officers_in_view // active_in_view
    twice_rest = 2 * (officers_in_view - whole * active_in_view)
    is_up = twice_rest > active_in_view or (twice_rest == active_in_view and whole % 2 == 1)
    return 1.0 - exp(-arrest_constant * (whole + 1 if is_up else whole))


@rule
def net_risk(risk_aversion: float, arrest_probability: float) -> float:
    r"""Net risk of turning active.

    .. math:: N = R P

    R = risk_aversion, P = arrest_probability, both in [0, 1].
    Source: Epstein (2002), doi:10.1073/pnas.092080199 (jail term exponent 0).
    """
    return risk_aversion * arrest_probability


@rule
def tension(grievance: float, net_risk: float) -> float:
    r"""What drives a citizen into the open.

    .. math:: G - N

    G = grievance, N = net_risk. Source: Epstein (2002), doi:10.1073/pnas.092080199, rule A.
    """
    return grievance - net_risk


@rule
def is_active(tension: float, activation_threshold: float) -> bool:
    r"""Whether a citizen is active.

    .. math:: G - N > T

    T = activation_threshold. Source: Epstein (2002), doi:10.1073/pnas.092080199, rule A.
    """
    return tension > activation_threshold


@rule
def jail_term_inclusive(unit: float, max_jail_term: float) -> float:
    r"""Jail term, a whole number of steps up to the maximum; for ever if that is infinite.

    .. math:: \lfloor u (J + 1) \rfloor

    u = unit in [0, 1), J = max_jail_term. Source: Mesa 3 (2025), its example of the model.
    """
    return math.inf if max_jail_term == math.inf else float(math.floor(unit * (max_jail_term + 1.0)))


@rule
def jail_term_exclusive(unit: float, max_jail_term: float) -> float:
    r"""Jail term, a whole number of steps below the maximum; for ever if that is infinite.

    .. math:: \lfloor u J \rfloor

    Symbols as in `jail_term_inclusive`. Source: Wilensky (2004), NetLogo Rebellion model.
    """
    return math.inf if max_jail_term == math.inf else float(math.floor(unit * max_jail_term))


@rule
def jail_term_continuous(unit: float, max_jail_term: float) -> float:
    r"""Jail term, any number of steps up to the maximum; for ever if that is infinite.

    .. math:: u J

    Symbols as in `jail_term_inclusive`. Source: Epstein (2002), doi:10.1073/pnas.092080199: U(0, J).
    """
    return math.inf if max_jail_term == math.inf else unit * max_jail_term


@rule
def chosen(unit: float, n: int) -> int:
    r"""Number of one of n things, all alike: 0 .. n - 1.

    .. math:: \lfloor u\, n \rfloor

    u = unit in [0, 1); below 2^53 things the product never rounds up to n. Source: definition.
    """
    return int(unit * n)
