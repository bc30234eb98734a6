"""Officials: mayors, judges, election commission, state media; and what each office changes (S9, S13).

The hazard has the form of the officers', without exit cost. A mayor lowers repression and raises legitimacy; judges
shorten new terms; state media lose reach everywhere; commission members who come out cost legitimacy.

Sign: as written.
Against: no relief in cities whose mayor gave way.
"""

from typing import NamedTuple

from agents.compiled.arithmetic import exp
from agents.compiled.rule import rule
from agents.rules.declaration import NOT_NEGATIVE, SHARE, WEIGHT, Mechanism, parameter, strength


class Officials(Mechanism):
    """Officials, and what each office changes (S9, S13)."""

    strength: float = strength("multiplies the hazard; 0 = all loyal")
    base_hazard: float = parameter(
        0.0005, "f_0", "per day", SHARE, (0.0001, 0.005), "hazard that an official gives way"
    )
    official_anger_weight: float = parameter(1.0, "f_1", "log-hazard", WEIGHT, (0, 3), "weight of anger in the hazard")
    official_crowd_weight: float = parameter(
        20.0, "f_2", "log-hazard per share of adults", WEIGHT, (0, 50), "weight of the city's crowd in the hazard"
    )
    official_appeal_weight: float = parameter(
        1.0, "f_3", "log-hazard", WEIGHT, (0, 1), "weight of an appeal in the hazard"
    )
    official_support_weight: float = parameter(
        0.5, "f_6", "log-hazard", WEIGHT, (0, 2), "how far Russian support holds back"
    )
    official_resign_share: float = parameter(0.3, "f_r", "share", SHARE, (0, 1), "of those who give way, who resign")
    mayor_relief: float = parameter(
        0.8, "c_r", "share of repression", SHARE, (0, 1),
        "what a mayor who gives way stops", "Grodno 18-22 August 2020; size is an assumption"
    )
    mayor_legitimacy: float = parameter(
        0.02, "k_m", "legitimacy per day", NOT_NEGATIVE, (0, 0.1), "legitimacy that such a mayor wins back"
    )
    judge_leniency: float = parameter(
        0.8, "c_j", "share of the term", SHARE, (0, 1), "what judges who give way take off"
    )
    admission_loss: float = parameter(
        0.3, "k_c", "legitimacy per share of members", NOT_NEGATIVE, (0, 1),
        "legitimacy lost when commission members admit the count"
    )
    state_media_loss: float = parameter(
        0.5, "c_t", "share of reach", SHARE, (0, 1), "reach that state media lose when their staff walks off"
    )


class OfficialState(NamedTuple):
    """What moves an official."""

    anger: float
    city_share_out: float
    appeal: float
    russian_support: float


class OfficialWeights(NamedTuple):
    """Parameters of the hazard, by their names."""

    base_hazard: float
    official_anger_weight: float
    official_crowd_weight: float
    official_appeal_weight: float
    official_support_weight: float


@rule
def official_hazard(state: OfficialState, w: OfficialWeights, strength: float) -> float:
    r"""Hazard per day that an official gives way.

    .. math:: f_0 \exp(f_1 A + f_2 y + f_3 a - f_6 s)

    A = anger, y = city_share_out, a = appeal heard, s = russian_support; times strength.
    Source: the form of the officers; sizes are assumptions.
    """
    push = w.official_anger_weight * state.anger + w.official_crowd_weight * state.city_share_out
    push += w.official_appeal_weight * state.appeal
    return strength * w.base_hazard * exp(push - w.official_support_weight * state.russian_support)


@rule
def repression_after_mayor(repression: float, mayor_share: float, mayor_relief: float) -> float:
    r"""Repression level of a city whose mayor gives way.

    .. math:: r (1 - c_r a)

    r = repression, a = mayor_share who gave way (0 or 1 with one mayor), c_r = mayor_relief.
    Source: Grodno, 18-22 August 2020 (evidence.md section 2); size is an assumption.
    """
    return repression * (1.0 - mayor_relief * mayor_share)


@rule
def legitimacy_regained(mayor_share: float, mayor_legitimacy: float, n_hours: float) -> float:
    r"""Legitimacy that a mayor who gives way wins back in the city.

    .. math:: k_m a\, n / 24

    a = mayor_share, k_m = mayor_legitimacy per day, n = n_hours.
    Source: assumption.
    """
    return mayor_legitimacy * mayor_share * n_hours / 24.0


@rule
def term_after_judges(term_hours: float, judge_share: float, judge_leniency: float) -> float:
    r"""Mean detention term when part of the judges gives way, hours.

    .. math:: \bar h (1 - c_j a)

    h = term_hours, a = judge_share, c_j = judge_leniency.
    Source: assumption.
    """
    return term_hours * (1.0 - judge_leniency * judge_share)


@rule
def legitimacy_lost_to_admission(admitted_share: float, admission_loss: float) -> float:
    r"""Legitimacy lost when commission members admit the count.

    .. math:: k_c \Delta a

    admitted_share = share of the city's members who came out since the last time, k_c = admission_loss.
    Source: assumption.
    """
    return admission_loss * admitted_share
