"""Daily rates at hourly steps."""

from agents.compiled.arithmetic import power
from agents.compiled.rule import rule


@rule
def kept_share(decay_per_day: float, n_hours: float) -> float:
    r"""Share that is left of a stock after some hours.

    .. math:: (1 - d)^{n / 24}

    d = decay_per_day in [0, 1), n = n_hours >= 0.
    Source: definition.
    """
    return power(1.0 - decay_per_day, n_hours / 24.0)


@rule
def probability_within(hazard_per_day: float, n_hours: float) -> float:
    r"""Probability that an event with a daily hazard happens within some hours.

    .. math:: 1 - (1 - \min(h, 1))^{n / 24}

    h = hazard_per_day >= 0, n = n_hours >= 0.
    Source: definition.
    """
    return 1.0 - power(1.0 - min(hazard_per_day, 1.0), n_hours / 24.0)
