"""Walkouts at plants (S6).

In a shift, at a plant, whatever one prefers. Threat grows while the walkout is small and never falls. When a column
forms (`march`), strikers who prefer change may go along to the square.

Sign: high at first, then falling with threats.
Against: absence that grows while threats rise and few are out.
"""

from typing import NamedTuple

from agents.compiled.rule import rule
from agents.rules.declaration import NOT_NEGATIVE, SHARE, START, WEIGHT, Mechanism, parameter, strength


class Walkout(Mechanism):
    """Walkouts at plants (S6)."""

    strength: float = strength("multiplies the odds; 0 = no walkouts")
    walkout_intercept: float = parameter(
        -3.0, "w_0", "log-odds", WEIGHT, (-6, 0),
        "walkout index without any motive", "assumption, to thousands at first", start=-2.3
    )
    walkout_grievance_weight: float = parameter(
        2.0, "w_G", "log-odds", WEIGHT, (1, 4), "weight of grievance in the walkout index", START
    )
    walkout_anger_weight: float = parameter(
        1.5, "w_A", "log-odds", WEIGHT, (0, 4), "weight of anger in the walkout index", START
    )
    plant_share_weight: float = parameter(
        2.0, "w_X", "log-odds per share out", WEIGHT, (0, 6), "weight of the share of the plant that is out", START
    )
    walkout_threat_weight: float = parameter(
        3.0, "w_W", "log-odds per W J", WEIGHT, (0, 10), "weight of the plant's threat times job dependence", START
    )
    threat_start: float = parameter(
        0.1, "W_f", "probability", SHARE, (0, 0.5), "threat at a plant before its first walkout"
    )
    threat_growth: float = parameter(
        0.02, "k_W", "per hour of a shift", NOT_NEGATIVE, (0, 0.1), "growth of the threat while few are out"
    )
    threat_ceiling: float = parameter(0.8, "W_max", "probability", SHARE, (0.2, 1), "highest threat")
    plant_share_safe: float = parameter(
        0.15, "x*", "share", SHARE, (0.1, 0.2), "share of the plant that cannot be sacked", START
    )
    march_offset: float = parameter(
        4.0, "m_0", "log-odds", WEIGHT, (0, 5),
        "added for strikers when a column forms", "assumption, to the column of 14 August", by_hand=True
    )


class WorkerState(NamedTuple):
    """What moves a worker at a plant."""

    grievance: float
    anger: float
    plant_share_out: float
    plant_threat: float
    job_dependence: float


class WalkoutWeights(NamedTuple):
    """Parameters of the index, by their names."""

    walkout_intercept: float
    walkout_grievance_weight: float
    walkout_anger_weight: float
    plant_share_weight: float
    walkout_threat_weight: float


@rule
def walkout_index(state: WorkerState, w: WalkoutWeights, log_strength: float) -> float:
    r"""Log-odds of walking out.

    .. math:: w_0 + w_G G + w_A A + w_X x_f - w_W W_f J + \log s

    G = grievance, A = anger, x_f = plant_share_out (share of the plant out in the last hour), W_f = plant_threat,
    J = job_dependence; log_strength scales the odds.
    Source: threshold form after Granovetter (1978), doi:10.1086/226707; weights are assumptions.
    """
    motive = w.walkout_intercept + log_strength + w.walkout_grievance_weight * state.grievance
    motive += w.walkout_anger_weight * state.anger
    held_back = w.walkout_threat_weight * state.plant_threat * state.job_dependence
    return motive + w.plant_share_weight * state.plant_share_out - held_back


@rule
def plant_threat_next(
    plant_threat: float, plant_share_out: float, plant_share_safe: float, threat_growth: float, threat_ceiling: float
) -> float:
    r"""Threat of dismissal at a plant after one more hour of a shift.

    .. math:: W_f' = \max(W_f, \min(W_{max}, W_f + k_W)) \text{ while } 0 < x_f < x^*

    x_f = plant_share_out, x* = plant_share_safe (they cannot sack everyone), k_W = threat_growth per hour of a shift,
    W_max = threat_ceiling.
    Source: x* .1-.2 is an assumption.
    """
    if 0.0 < plant_share_out < plant_share_safe:
        return max(plant_threat, min(threat_ceiling, plant_threat + threat_growth))
    return plant_threat


@rule
def march_index(join_index: float, march_offset: float) -> float:
    r"""Log-odds that a striker joins the column to the square.

    .. math:: index + m_0

    join_index with the hour's offset, m_0 = march_offset: the column passes the gate, one knows who goes.
    Source: TASS 14 August 2020 (column of the tractor works); size is an assumption.
    """
    return join_index + march_offset
