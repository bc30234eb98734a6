"""Appeals to officers and officials to change sides, and exit support (S9).

Sign: more give way.
Against: hazards that do not move after an appeal.
"""

from agents.compiled.rule import rule
from agents.rules.declaration import SHARE, Mechanism, parameter, strength


class Appeals(Mechanism):
    """Appeals to officers and officials, exit support (S9)."""

    strength: float = strength("multiplies appeal and exit support; 0 = none")
    exit_support_extra: float = parameter(
        0.0, "f_x", "share of the exit cost", SHARE, (0, 1), "added to the timeline's exit support, a lever"
    )


@rule
def appeal_heard(appeal: float, exposure: float, strength: float) -> float:
    r"""Appeal as it reaches an officer or official, 0..1.

    .. math:: \min(1, s\, a\, e_i)

    a = appeal (reach x credibility of the timeline), e = exposure of the person, s = strength.
    Source: assumption; the appeal of 16 August 2020 stands in the timeline.
    """
    return min(1.0, strength * appeal * exposure)


@rule
def exit_cost_left(exit_cost: float, exit_support: float, exit_support_extra: float, strength: float) -> float:
    r"""Exit cost after the support of funds.

    .. math:: c (1 - \min(1, s (f + f_x)))

    c = exit_cost in [0, 1], f = exit_support of the timeline, f_x = exit_support_extra (a lever), s = strength.
    Source: funds offered EUR 1,500 by 17 August 2020, a repayment came to about 6,300 BYN (evidence.md section 2); the
    form is an assumption.
    """
    return exit_cost * (1.0 - min(1.0, strength * (exit_support + exit_support_extra)))
