"""Dismissal of strikers and of those who stayed away from an ordered rally (S5, S6).

Strikers' columns are included. The dismissed are ordered no more, strike no more, and pay no workplace cost.

Sign: after dismissals fewer strike.
Against: strikes spread with dismissals.
"""

from agents.compiled.rule import rule
from agents.rules.declaration import SHARE, Mechanism, parameter, strength


class Dismissal(Mechanism):
    """Dismissal of strikers and absentees (S5, S6)."""

    strength: float = strength("multiplies the rates; 0 = none")
    striker_rate: float = parameter(
        0.0005, "q_s", "per hour on strike", SHARE, (0, 0.01),
        "probability that a striker is dismissed",
        "about 120 dismissed at Belaruskali in a year (order of magnitude; assumption)"
    )
    absentee_rate: float = parameter(
        0.005, "q_a", "per ordered rally missed", SHARE, (0, 0.05), "probability that an absentee is dismissed"
    )


@rule
def is_dismissed(
    dismissal_draw: float,
    is_striking: bool,
    is_absent: bool,
    striker_rate: float,
    absentee_rate: float,
    strength: float,
) -> bool:
    r"""Whether an employee is dismissed in this hour.

    .. math:: v < s (q_s\, striking + q_a\, absent)

    v = dismissal_draw in [0, 1), q_s = striker_rate per hour on strike, q_a = absentee_rate per ordered rally missed.
    Source: more than 120 dismissed at one plant within a year (evidence.md section 7); rates are assumptions.
    """
    rate = 0.0
    if is_striking:
        rate += striker_rate
    if is_absent:
        rate += absentee_rate
    return dismissal_draw < strength * rate
