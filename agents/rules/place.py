"""Where to protest: squares, closed sites, the own neighbourhood (S3).

The called site, if it is open and has room an hour ago. If it is closed, the neighbourhood with some probability, else
home. If it is full, or nothing is called, a place drawn by attraction and distance from the home cell, once a day.

Sign: closure disperses.
Against: closed squares without smaller crowds there.
"""

from agents.compiled.arithmetic import exp, power
from agents.compiled.rule import rule
from agents.rules.declaration import NOT_NEGATIVE, POSITIVE, SHARE, Mechanism, parameter, strength


class Place(Mechanism):
    """Choice of place and closed sites (S3)."""

    strength: float = strength("0 = all open sites alike, none ever full, closures ignored", limits=SHARE)
    attraction_exponent: float = parameter(
        1.0, "alpha", "1", NOT_NEGATIVE, (0.5, 1.5),
        "exponent of a site's attraction", "Davies et al. 2013 (form); value is an assumption"
    )
    distance_decay: float = parameter(
        0.25, "beta", "per km", NOT_NEGATIVE, (0.05, 1),
        "decay of a site's weight with distance", "Davies et al. 2013 (form); value is an assumption"
    )
    site_capacity: float = parameter(
        4.0, "d_max", "persons per m2", POSITIVE, (3, 6),
        "density at which a site is full", "MODEL.md section 5 (assumption)"
    )
    local_share: float = parameter(
        0.3, "q_local", "share", SHARE, (0, 1), "who protests near home when the called site is closed"
    )


@rule
def site_weight(
    attraction: float, distance_m: float, attraction_exponent: float, distance_decay: float, strength: float
) -> float:
    r"""Weight of a site in the choice of place.

    .. math:: \left(S_k^{\alpha} e^{-\beta d_{ik}}\right)^{s}

    S = attraction > 0, d = distance_m in metres, alpha = attraction_exponent, beta = distance_decay per km,
    s = strength: at 0 all sites are alike.
    Source: Davies et al. (2013), doi:10.1038/srep01303.
    """
    if attraction <= 0.0:
        return 0.0
    return power(attraction, attraction_exponent * strength) * exp(-strength * distance_decay * distance_m / 1000.0)


@rule
def has_room(crowd: float, area_m2: float, site_capacity: float, strength: float) -> bool:
    r"""Whether a site takes more people.

    .. math:: N < A d_{max}

    N = crowd (persons), A = area_m2, d_max = site_capacity (persons per m2); never full at strength 0.
    Source: assumption: 4 persons per m2 is about the densest that a standing crowd stays safe.
    """
    return strength == 0.0 or crowd < area_m2 * site_capacity


@rule
def stays_local(local_draw: float, local_share: float, strength: float) -> bool:
    r"""Whether one protests in the own neighbourhood when the called site is closed (else one stays at home).

    .. math:: v < s\, q_{local}

    v = local_draw in [0, 1), q_local = local_share.
    Source: assumption (marches moved to the neighbourhoods in November 2020).
    """
    return local_draw < strength * local_share
