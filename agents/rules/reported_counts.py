"""Reported counts: area times assumed density, by source (S3, S4)."""

from agents.compiled.arithmetic import exp
from agents.compiled.rule import rule


@rule
def reported_count(
    crowd: float,
    source_bias: float,
    density_normal: float,
    density_sd: float,
    error_normal: float,
    error_sd: float,
    strength: float,
) -> float:
    r"""Crowd as a source reports it, persons.

    .. math:: \log y = \log N + s (b - \sigma z + \sigma_e z_e)

    N = crowd (persons, the day's largest); b = source_bias: log of the median report over the truth, 0 is neutral;
    z = density_normal, one per crowd and day and the same for all sources (who multiply an area by an assumed density
    undercount a dense crowd), sigma = density_sd; z_e = error_normal, one per source, sigma_e = error_sd. At strength
    0 the report is the truth.
    Source: MODEL.md section 5; biases from paired counts (evidence.md section 4), the form is an assumption.
    """
    return crowd * exp(strength * (source_bias - density_sd * density_normal + error_sd * error_normal))
