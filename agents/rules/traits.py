"""Traits of the population: marginals of the Gaussian copula."""

from agents.compiled.arithmetic import log, normal_cdf, power
from agents.compiled.rule import rule


@rule
def preference_exponent(share_against: float, polarisation: float) -> float:
    r"""Exponent 1/b of the private preference that puts a given share below one half.

    .. math:: 1/b = \frac{\log(1 - 2^{-a})}{\log(1 - s_a)}

    s_a = share_against in (0, 1), a = polarisation in [0.1, 10] (far outside, the logarithm loses its digits).
    Source: quantile function of Kumaraswamy (1980), doi:10.1016/0022-1694(80)90036-0.
    """
    return log(1.0 - power(0.5, polarisation)) / log(1.0 - share_against)


@rule
def private_preference(preference_normal: float, preference_exponent: float, polarisation: float) -> float:
    r"""Private preference x between change (0) and the incumbent (1).

    .. math:: x = \left(1 - (1 - \Phi(z))^{1/b}\right)^{1/a}

    z = preference_normal, 1/b = preference_exponent (see above), a = polarisation (below 1 both ends are full).
    Source: vote recall 52 : 21, September 2020 (evidence.md section 6); the shape is an assumption.
    """
    upper = normal_cdf(-preference_normal)
    if upper <= 0.0:
        return 1.0
    body = 1.0 - power(upper, preference_exponent)
    if body <= 0.0:
        return 0.0
    return power(body, 1.0 / polarisation)


@rule
def initial_legitimacy(
    private_preference: float, legitimacy_normal: float, legitimacy_base: float, legitimacy_slope: float,
    legitimacy_sd: float,
) -> float:
    r"""Legitimacy L before the vote.

    .. math:: L_0 = \mathrm{clip}(l_0 + l_x x + \sigma_L z, 0, 1)

    x = private_preference, z = legitimacy_normal, l_0 = legitimacy_base, l_x = legitimacy_slope,
    sigma_L = legitimacy_sd.
    Source: assumption (a trial run used it).
    """
    level = legitimacy_base + legitimacy_slope * private_preference + legitimacy_sd * legitimacy_normal
    return min(1.0, max(0.0, level))


@rule
def uniform_trait(trait_normal: float) -> float:
    r"""A trait with a uniform marginal on [0, 1].

    .. math:: \Phi(z)

    z = trait_normal, a component of the copula.
    Source: Epstein (2002), doi:10.1073/pnas.092080199 (hardship, risk aversion ~ U(0, 1)).
    """
    return normal_cdf(trait_normal)


@rule
def age_band(trait_normal: float, share_18_29: float, share_30_44: float, share_45_59: float) -> int:
    r"""Age band of an adult: 0, 1, 2 or 3.

    .. math:: \min \{k : \Phi(z) < F_k\}

    z = trait_normal; F = cumulated shares of the bands 18-29, 30-44, 45-59 and 60 and over.
    Source: assumption (shares of the urban population).
    """
    u = normal_cdf(trait_normal)
    if u < share_18_29:
        return 0
    if u < share_18_29 + share_30_44:
        return 1
    if u < share_18_29 + share_30_44 + share_45_59:
        return 2
    return 3
