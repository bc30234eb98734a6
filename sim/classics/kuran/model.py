"""Kuran (1989, 1991), sparks and prairie fires: public opposition feeds on itself.

The ten-person sequences are of Kuran's papers of 1989 (Public Choice) or 1991 (World Politics), not verified which.
Each person opposes in public once public opposition, in per cent of the people, reaches the revolutionary threshold.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from sim.classics.granovetter.model import CURVES, cascade, cascade_by, finish
from sim.classics.parameters import KuranParameters
from sim.classics.results import ClassicResult


def in_persons(revolutionary_thresholds: np.ndarray) -> np.ndarray:
    """Return thresholds in per cent as persons."""
    return np.asarray(revolutionary_thresholds, np.float64) * len(revolutionary_thresholds) / 100.0


def public_opposition(revolutionary_thresholds: np.ndarray) -> float:
    """Return public opposition in the end, per cent of the people."""
    n = len(revolutionary_thresholds)
    return 100.0 * float(cascade(in_persons(revolutionary_thresholds), n + 1)[-1]) / n


def run(parameters: KuranParameters, progress: Callable[[int, int], None] | None = None) -> ClassicResult:
    """Run Kuran's model."""
    began = time.perf_counter()
    listed = np.array(parameters.kuran.listed)
    n_out = cascade_by(parameters.engine)(in_persons(listed), parameters.steps)
    return finish(parameters, {"protesting": n_out, "quiet": len(listed) - n_out}, CURVES, began)
