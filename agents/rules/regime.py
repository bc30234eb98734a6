"""The state answers: whether force is used on a day, and whether it concedes (S7, S9, S10).

Off, force is as recorded. On, it is an outcome from `from_hour` on: each day at 06:00 the state weighs what it has
against what it expects on the street, its backing from abroad, whether force has backfired, what strikes cost and how
outraged people are, and draws; each day it may also concede, for good. Dated totals do not identify it: a hypothesis
for scenarios, never a forecast, to be quoted with the range over its weights.

Sign: less force when officers are lost, when strikes go on, when force has backfired; more with backing from abroad.
Against: force that does not depend on any of them; the stand-down in Leipzig on 9 October 1989, or the pause in Minsk
from 13 August 2020 on, at a probability of force near 1.
"""

from typing import NamedTuple

from agents.compiled.arithmetic import log, power, sigmoid
from agents.compiled.rule import rule
from agents.rules.declaration import NOT_NEGATIVE, POSITIVE, SHARE, WEIGHT, Mechanism, parameter, strength


class Regime(Mechanism):
    """Force and concession by rule (S7, S9, S10)."""

    strength: float = strength("0 = force as recorded, 1 = by rule", limits=SHARE, default=0.0)
    from_hour: float = parameter(0.0, "h_r", "hour", NOT_NEGATIVE, (0, 2000), "force is as recorded before it")
    force_intercept: float = parameter(
        4.0, "k_0", "log-odds", WEIGHT, (2, 6), "force at even numbers, nothing else", is_identified=False
    )
    capacity_weight: float = parameter(
        1.0, "k_1", "log-odds per log ratio", WEIGHT, (0.5, 3),
        "weight of loyal officers over the crowd expected", is_identified=False
    )
    backing_weight: float = parameter(
        1.0, "k_2", "log-odds", WEIGHT, (0, 3), "weight of backing from abroad", is_identified=False
    )
    backfire_weight: float = parameter(
        1.0, "k_4", "log-odds", WEIGHT, (0, 3),
        "weight of the memory that force was followed by a larger crowd", is_identified=False
    )
    strike_weight: float = parameter(
        2.0, "k_5", "log-odds per week of output", WEIGHT, (0, 10), "weight of output lost in strikes",
        is_identified=False
    )
    outrage_weight: float = parameter(
        1.2, "k_6", "log-odds per unit of outrage", WEIGHT, (0.5, 2.5), "weight of outrage",
        is_identified=False
    )
    restraint: float = parameter(
        0.05, "k_r", "level", SHARE, (0, 0.2), "level of repression on days without force"
    )
    memory_days: float = parameter(
        21.0, "h_M", "days", POSITIVE, (7, 60), "half-life of what force did, and of output lost"
    )
    concession_intercept: float = parameter(
        -8.0, "k_c0", "log-odds a week", WEIGHT, (-14, -5),
        "hazard of conceding at even numbers, with the ruler's fall at stake", is_identified=False
    )
    concession_capacity_weight: float = parameter(
        1.0, "k_c1", "log-odds per log ratio", WEIGHT, (0.5, 3), "how far officers hold back a concession",
        is_identified=False
    )
    concession_backing_weight: float = parameter(
        1.0, "k_c2", "log-odds", WEIGHT, (0, 3), "how far backing from abroad holds it back",
        is_identified=False
    )
    concession_strike_weight: float = parameter(
        2.0, "k_c4", "log-odds per week of output", WEIGHT, (0, 10), "weight of output lost in strikes",
        is_identified=False
    )


class Stakes(NamedTuple):
    """What the state weighs, for all cities together."""

    capacity: float
    backing: float
    backfire: float
    output_lost: float
    outrage: float


class ForceWeights(NamedTuple):
    """Parameters of the probability of force, by their names."""

    force_intercept: float
    capacity_weight: float
    backing_weight: float
    backfire_weight: float
    strike_weight: float
    outrage_weight: float


class ConcessionWeights(NamedTuple):
    """Parameters of the hazard of conceding, by their names."""

    concession_intercept: float
    concession_capacity_weight: float
    concession_backing_weight: float
    concession_strike_weight: float


@rule
def capacity(loyal_officers: float, expected_crowd: float) -> float:
    r"""What can be sent against what is expected, in logs.

    .. math:: c = \log \frac{\max(1, C)}{\max(1, N)}

    C = loyal_officers, N = expected_crowd of the day: the last one of its kind, in all cities, persons.
    Source: assumption; Epstein (2002) compares officers and active in the same way.
    """
    return log(max(1.0, loyal_officers) / max(1.0, expected_crowd))


@rule
def force_probability(stakes: Stakes, w: ForceWeights) -> float:
    r"""Probability that force is used on a day.

    .. math:: \mathrm{logistic}(k_0 + k_1 c + k_2 x - k_4 M - k_5 E - k_6 O)

    c = capacity; x = backing from abroad, 0..1; M = backfire, memory that force was followed by a larger crowd; E =
    output_lost in strikes, weeks; O = outrage (anger.py).
    Source: assumption; not identified.
    """
    wants = w.force_intercept + w.capacity_weight * stakes.capacity + w.backing_weight * stakes.backing
    holds = w.backfire_weight * stakes.backfire + w.strike_weight * stakes.output_lost
    return sigmoid(wants - holds - w.outrage_weight * stakes.outrage)


@rule
def concession_probability(stakes: Stakes, w: ConcessionWeights) -> float:
    r"""Probability that the state concedes on a day.

    .. math:: 1 - (1 - h)^{1/7}, \quad h = \mathrm{logistic}(k_{c0} - k_{c1} c - k_{c2} x + k_{c4} E)

    h = hazard a week; c, x, E as in the probability of force. What is at stake stands in k_c0.
    Source: assumption; not identified.
    """
    index = w.concession_intercept - w.concession_capacity_weight * stakes.capacity
    index += w.concession_strike_weight * stakes.output_lost - w.concession_backing_weight * stakes.backing
    return 1.0 - power(1.0 - sigmoid(index), 1.0 / 7.0)


@rule
def backfire_gain(lesson: float, crowd: float, expected_crowd: float, kind_share: float) -> float:
    r"""What an occasion adds to the memory that force was followed by a larger crowd.

    .. math:: m_j B_j \max\left(0, \log \frac{N}{N_{before}}\right)

    B_j = lesson of the day's kind before the occasion: how the last one was treated; N = crowd, N_before =
    expected_crowd, the last one of its kind; m_j = kind_share.
    Source: assumption.
    """
    if crowd <= expected_crowd or expected_crowd <= 0.0:
        return 0.0
    return kind_share * lesson * log(crowd / expected_crowd)


@rule
def kept_of_day(memory_days: float) -> float:
    r"""Share of what is remembered that is left after a day.

    .. math:: 2^{-1 / h_M}

    h_M = memory_days, half-life.
    Source: definition.
    """
    return power(0.5, 1.0 / memory_days)
