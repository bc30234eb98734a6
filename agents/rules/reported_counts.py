"""Reported counts: area times assumed density, by source (S3, S4).

One report per source, city, side and calendar day, of the largest crowd so far, known an hour later. Rallies are
counted where they take place.

Sign: ministry below media for protests, above for rallies.
Against: paired counts without that order.
"""

from agents.compiled.arithmetic import exp, log
from agents.compiled.rule import rule


@rule
def log_density_ratio(density_normal: float, assumed_density: float, median_density: float, density_sd: float) -> float:
    r"""Log ratio of the density that a source assumes to the density of the crowd.

    .. math:: \log(d_s / d), \quad d = d_m e^{\sigma z}

    z = density_normal, one per crowd and day; d_s = assumed_density, d_m = median_density (persons per m2),
    sigma = density_sd.
    Source: two squares and the counts made of them (evidence.md section 4); the log-normal form is an assumption.
    """
    return log(assumed_density / median_density) - density_sd * density_normal


@rule
def reported_count(
    crowd: float, source_bias: float, log_density_ratio: float, error_normal: float, error_sd: float, strength: float
) -> float:
    r"""Crowd as a source reports it, persons.

    .. math:: \log y = \log N + s (b + \log(d_s / d) + \sigma_e z)

    N = crowd (persons, the day's largest), b = source_bias, z = error_normal, sigma_e = error_sd; at strength 0 the
    report is the truth.
    Source: biases from paired counts (evidence.md section 4), the form is an assumption.
    """
    return crowd * exp(strength * (source_bias + log_density_ratio + error_sd * error_normal))
