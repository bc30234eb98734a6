"""Reported counts: area times assumed density, by source (S3, S4).

One report per source, city, side and calendar day, of the largest crowd so far, known an hour later. Rallies are
counted where they take place. A bias of 0 is a neutral source (DECISIONS D25).

Sign: ministry below media for protests, above for rallies.
Against: paired counts without that order.
"""

from agents.compiled.arithmetic import exp
from agents.compiled.rule import rule
from agents.rules.declaration import NOT_NEGATIVE, START, WEIGHT, Mechanism, parameter, strength


class ReportedCounts(Mechanism):
    """Reported counts by source (S3, S4).

    A bias is the log of the median report over the true crowd: 0 is neutral. How each prior is made up: evidence.md
    section 4.
    """

    strength: float = strength("multiplies bias and error in logs; 0 = reports are the truth")
    ministry_protest_bias: float = parameter(
        -0.9651, "b_gp", "log", WEIGHT, (-2.6, 0.7), "median report of the ministry over the true crowd, protests",
        "ln(2 / 1.5) - ln 3.5: 30 July 2020, 18,250 against 63,000; evidence.md section 4 (assumption)",
        prior="N(-0.9651, 0.8)"
    )
    ministry_rally_bias: float = parameter(
        1.4351, "b_gr", "log", WEIGHT, (0.3, 2.6), "median report of the ministry over the true crowd, rallies",
        "ln(3.15 / 1.5) + ln 2: 16 August 2020, 65,000 against 31,000; evidence.md section 4 (assumption)",
        prior="N(1.4351, 0.6)"
    )
    media_protest_bias: float = parameter(
        0.2877, "b_ip", "log", WEIGHT, (-0.7, 1.3), "median report of independent media over the true crowd, protests",
        "ln(2 / 1.5): 16 August 2020, 220,000 on 110,000 m2; evidence.md section 4 (assumption)",
        prior="N(0.2877, 0.5)"
    )
    media_rally_bias: float = parameter(
        0.7419, "b_ir", "log", WEIGHT, (-0.1, 1.6), "median report of independent media over the true crowd, rallies",
        "ln(3.15 / 1.5): 16 August 2020, 14,500 to 31,000 on 7,200 m2; evidence.md section 4 (assumption)",
        prior="N(0.7419, 0.4)"
    )
    density_sd: float = parameter(
        0.4, "sigma_d", "log", NOT_NEGATIVE, (0.2, 0.6),
        "spread of a crowd's density, the same draw for all sources", START
    )
    error_sd: float = parameter(
        0.3, "sigma_e", "log", NOT_NEGATIVE, (0.1, 0.5), "spread of one source's report", START
    )


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

    .. math:: \log y = \log N + s (b - \sigma_d z + \sigma_e z_e)

    N = crowd (persons, the day's largest); b = source_bias (b_gp, b_gr of the ministry, b_ip, b_ir of independent
    media, protest and rally): log of the median report over the truth, 0 is neutral; z = density_normal, one per crowd
    and day and the same for all sources (who multiply an area by an assumed density undercount a dense crowd),
    sigma_d = density_sd; z_e = error_normal, one per source, sigma_e = error_sd. At strength 0 the report is the truth.
    Source: biases from paired counts (evidence.md section 4), the form is an assumption.
    """
    return crowd * exp(strength * (source_bias - density_sd * density_normal + error_sd * error_normal))
