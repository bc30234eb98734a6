"""The bias of each kind of source, from crowds that several kinds have counted, over all cases together.

A count of crowd i by kind k is y = c_i + b_k + sd e in logs; b_k has a normal prior, c_i none. Least squares.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from experiments.targets.reports import Reports

PRIOR_SD = 0.7  # of a kind's bias in logs, about a factor two either way; assumption


def fit_biases(cases: Sequence[Reports]) -> dict[str, tuple[float, float]]:
    """Return mean and standard deviation of each kind's bias, in logs; reports without a kind have none.

    Parameters
    ----------
    cases : sequence of Reports
        Of each case; only counts of crowds that are reported at least twice say something of a bias.

    Returns
    -------
    dict of str to (float, float)
        A kind that no such crowd has keeps the prior: 0 and `PRIOR_SD`.
    """
    kinds = sorted({kind for reports in cases for kind in reports.kinds if kind})
    if not kinds:
        return {}
    precision, right = np.eye(len(kinds)) / PRIOR_SD**2, np.zeros(len(kinds))
    for reports in cases:
        for crowd in range(len(reports.crowds)):
            used = np.flatnonzero(reports.is_count & (reports.crowd == crowd))
            _add_crowd(precision, right, kinds, reports, used)
    covariance = np.linalg.inv(precision)
    means, sds = covariance @ right, np.sqrt(np.diag(covariance))
    return {kind: (float(mean), float(sd)) for kind, mean, sd in zip(kinds, means, sds, strict=True)}


def _add_crowd(
    precision: np.ndarray, right: np.ndarray, kinds: list[str], reports: Reports, used: np.ndarray
) -> None:
    """Add what the counts of one crowd say of the biases, the crowd itself left open."""
    if len(used) < 2:
        return
    design = np.array([[float(reports.kinds[k] == kind) for kind in kinds] for k in used])
    weight = np.diag(1.0 / reports.sd[used] ** 2)
    total = weight.sum()
    centred = weight - np.outer(np.diag(weight), np.diag(weight)) / total
    precision += design.T @ centred @ design
    right += design.T @ centred @ reports.low[used]
