"""Reported counts: area times assumed density, by source (S3, S4)."""

from agents.compiled.arithmetic import exp, log
from agents.compiled.rule import rule
from agents.rules.declaration import NOT_NEGATIVE, POSITIVE, START, WEIGHT, Mechanism, parameter, strength


class ReportedCounts(Mechanism):
    """Reported counts by source (S3, S4)."""

    strength: float = strength("multiplies bias and error in logs; 0 = reports are the truth")
    ministry_protest_bias: float = parameter(
        -1.2528, "b", "log", WEIGHT, (-2.7, 0.1),
        "log bias of the ministry about protests",
        "-ln 3.5: 30 July 2020, 18,250 against 63,000 (evidence.md section 4)", prior="N(-1.2528, 0.7)"
    )
    ministry_rally_bias: float = parameter(
        0.6931, "b", "log", WEIGHT, (-0.3, 1.7),
        "log bias of the ministry about rallies",
        "ln 2: 16 August 2020, 65,000 against 31,000 (evidence.md section 4)", prior="N(0.6931, 0.5)"
    )
    media_protest_bias: float = parameter(
        0.0, "b", "log", WEIGHT, (-0.6, 0.6),
        "log bias of independent media about protests", "evidence.md section 4 (assumption)"
    )
    media_rally_bias: float = parameter(
        0.0, "b", "log", WEIGHT, (-0.6, 0.6),
        "log bias of independent media about rallies", "evidence.md section 4 (assumption)"
    )
    assumed_density_protest: float = parameter(
        2.0, "d_s", "persons per m2", POSITIVE, (1, 4),
        "density assumed in counts of protests",
        "220,000 on 110,000 m2, 16 August 2020; evidence.md section 4 (assumption)"
    )
    assumed_density_rally: float = parameter(
        3.15, "d_s", "persons per m2", POSITIVE, (2, 4.3),
        "density assumed in counts of rallies",
        "14,500 to 31,000 on 7,200 m2, the middle; evidence.md section 4 (assumption)"
    )
    median_density: float = parameter(
        1.5, "d_m", "persons per m2", POSITIVE, (1, 2.5), "median density of a crowd", START
    )
    density_sd: float = parameter(
        0.4, "sigma", "log", NOT_NEGATIVE, (0.2, 0.6), "spread of the density between crowds", START
    )
    error_sd: float = parameter(0.3, "sigma_e", "log", NOT_NEGATIVE, (0.1, 0.5), "spread of a source's error", START)


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
    Source: MODEL.md section 5; biases from paired counts (evidence.md section 4), the form is an assumption.
    """
    return crowd * exp(strength * (source_bias + log_density_ratio + error_sd * error_normal))
