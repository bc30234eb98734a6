"""Ties: home, work and long-range online company (S6, S13).

Company is the share of the own ties who are seen out, protesting or striking; those online are seen through the network
(DECISIONS D24). Company remembered is what the last occasions of a kind of day, main or minor, have taught: the share
of the own ties who went, and the turnout that the media reported. It enters as a logarithm and is bounded: only so does
a weekly protest grow several times over and then stop.

Sign: not negative, lower in a shutdown.
Against: people whose ties protest stay home; people whose ties came last Sunday come no more often than others of equal
motive.
"""

from agents.compiled.arithmetic import exp, log
from agents.compiled.rule import rule
from agents.rules.declaration import (
    NOT_NEGATIVE,
    OPEN_SHARE,
    RATE,
    SHARE,
    WEIGHT,
    Mechanism,
    between,
    parameter,
    strength,
)


class Ties(Mechanism):
    """Home, work and online company (S6, S13)."""

    strength: float = strength("multiplies b_T; 0 = company does not matter")
    home_weight: float = parameter(0.3, "omega_h", "share", SHARE, (0, 1), "weight of the ties around the home")
    work_weight: float = parameter(0.3, "omega_w", "share", SHARE, (0, 1), "weight of colleagues; the rest is online")
    home_radius_cells: int = parameter(
        1, "r", "cells", between(0, 1000), (0, 30), "radius of the square around the home"
    )
    company_weight: float = parameter(
        1.5, "b_T", "log-odds per share of own ties", NOT_NEGATIVE, (0, 6), "weight of company in the join index"
    )
    company_onset: float = parameter(
        0.0, "T_0", "share", RATE, (0, 0.4),
        "share of ties from which company matters: 0 linear, .4 the threshold form",
        "Gonzalez 2020, working paper of 2017; 0 is an assumption"
    )
    remembered_weight: float = parameter(
        0.0, "b_E", "log-odds", WEIGHT, (0, 1.2),
        "weight of company remembered in the join index; 0 = only company of the hour counts", absent=0.0
    )
    remembered_scale: float = parameter(
        0.01, "C_s", "share", OPEN_SHARE, (0.005, 0.02),
        "company remembered from which it matters", absent=0.01
    )
    remembered_bound: float = parameter(
        0.05, "C_1", "share", OPEN_SHARE, (0.02, 0.2), "company remembered from which more adds little", absent=0.05
    )
    memory_rate: float = parameter(
        0.75, "lam_E", "per occasion", SHARE, (0.4, 1),
        "how far an occasion of its kind replaces what was remembered", absent=0.75
    )
    seen_weight: float = parameter(
        0.5, "w_T", "share", SHARE, (0, 1),
        "of company remembered, what comes from own ties; the rest from reports", is_identified=False, absent=0.5
    )
    remembered_start: float = parameter(
        0.0, "C_0", "share", SHARE, (0, 0.1),
        "company remembered of main days before hour 0", "the case's last large rally, or an assumption", absent=0.0
    )

    @property
    def remembers(self) -> bool:
        """Whether company remembered counts."""
        return self.strength > 0.0 and self.remembered_weight != 0.0

    def __post_init__(self) -> None:
        """Refuse weights that leave none for online ties."""
        if self.home_weight + self.work_weight >= 1.0:
            allowed = "below 1, the rest is the weight of online ties"
            both = self.home_weight + self.work_weight
            raise ValueError(f"home_weight + work_weight={both:g} is not allowed: {allowed}")


@rule
def others_share(n_out: float, n_all: float, is_out: float) -> float:
    r"""Share of the others of a group who are out.

    .. math:: (n_{out} - own) / (n - 1)

    Counts of people of the group, oneself included; 0 when alone.
    Source: definition.
    """
    if n_all <= 1.0:
        return 0.0
    return (n_out - is_out) / (n_all - 1.0)


@rule
def weighted_ties(
    home_share: float, work_share: float, online_share: float, has_work: float, home_weight: float, work_weight: float
) -> float:
    r"""Share among one's own ties, home, work and online weighted.

    .. math:: T = \omega_h x_h + \omega_w x_w + (1 - \omega_h - \omega_w) x_o

    x = shares in [0, 1]; omega = home_weight, work_weight; without work its weight goes to home and online in
    proportion.
    Source: MODEL.md section 2; weights are assumptions.
    """
    online_weight = 1.0 - home_weight - work_weight
    if has_work > 0.0:
        return home_weight * home_share + work_weight * work_share + online_weight * online_share
    return (home_weight * home_share + online_weight * online_share) / (home_weight + online_weight)


@rule
def seen_online_share(online_share: float, connectivity: float) -> float:
    r"""Share of one's online ties who are out, or injured, as one gets to see it.

    .. math:: x_o u_e

    x_o = online_share in [0, 1], the true share; u_e = effective connectivity of one's own city in [0, 1]. Who is not
    seen counts as being at home: the weight of online ties stays, so a shutdown lowers company, never raises it.
    Source: assumption (DECISIONS D24).
    """
    return online_share * connectivity


@rule
def company_effect(company: float, company_weight: float, company_onset: float, strength: float) -> float:
    r"""What company adds to the join index.

    .. math:: b_T \frac{\max(0, T - T_0)}{1 - T_0}

    T = company, share of own ties out; b_T = company_weight >= 0; T_0 = company_onset (0: linear; .4: the threshold
    form); times strength.
    Source: Gonzalez (2020), doi:10.1016/j.jpubeco.2020.104220; the onset at 40 % is in the working paper of 2017 only.
    b_T is an assumption.
    """
    return strength * company_weight * max(0.0, company - company_onset) / (1.0 - company_onset)


@rule
def believed_turnout(
    turnout: float, media_diet: float, connectivity: float, ministry_bias: float, media_bias: float
) -> float:
    r"""Turnout of an occasion that one believes, as a share of adults.

    .. math:: \min\left(1, y\, (m\, e^{b_{gp}} + (1 - m)\, u_e\, e^{b_{ip}})\right)

    y = turnout, the occasion's own peak as a share of adults; m = media_diet; u_e = effective connectivity, since
    independent counts are read online; b_gp = ministry_bias, b_ip = media_bias: what each source makes of a crowd
    (reported_counts.py), without the noise of one report.
    Source: assumption.
    """
    ministry = media_diet * exp(ministry_bias)
    media = (1.0 - media_diet) * connectivity * exp(media_bias)
    return min(1.0, turnout * (ministry + media))


@rule
def remembered_next(
    remembered: float, seen: float, believed: float, kind_share: float, memory_rate: float, seen_weight: float
) -> float:
    r"""Company remembered of a kind of day, after an occasion.

    .. math:: C_j' = C_j + \lambda_E m_j (w_T T + (1 - w_T) C_b - C_j)

    C_j = remembered, j = main or minor; T = seen, share of the own ties who went; C_b = believed, turnout as a share
    of adults; m_j = kind_share, how far the day was of that kind; lam_E = memory_rate, w_T = seen_weight.
    Source: assumption; own ties: Bursztyn et al. (2021), doi:10.1257/aeri.20200261.
    """
    return remembered + memory_rate * kind_share * (seen_weight * seen + (1.0 - seen_weight) * believed - remembered)


@rule
def remembered_effect(remembered: float, remembered_scale: float, remembered_bound: float) -> float:
    r"""What company remembered of a kind of day adds to the join index, per unit of its weight.

    .. math:: \log \frac{1 + C / C_s}{1 + C / C_1}

    C = remembered, C_s = remembered_scale < C_1 = remembered_bound: 0 without company, at most log(C_1 / C_s).
    Source: assumption: a linear form does nothing at 20 and explodes at 100.
    """
    return log((1.0 + remembered / remembered_scale) / (1.0 + remembered / remembered_bound))
