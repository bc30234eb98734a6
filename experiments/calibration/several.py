"""A fit of several cases at once from emulators: posteriors of all, of all but one, or with a term taken out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from experiments.calibration.emulator import Emulator, fit_emulator
from experiments.calibration.gaussian import Likelihood, Seen, seen_of
from experiments.calibration.hierarchy import Hierarchy, sample
from experiments.calibration.reference import Runs
from experiments.targets.biases import fit_biases
from experiments.targets.reports import reports_of

N_PARTICLES = 1000
LEAST_ABOVE = 0.1  # logs above the smallest value of any run: else nobody counts as being out


@dataclass(frozen=True)
class Fit:
    """Emulators and targets of cases; all posteriors are drawn from here."""

    hierarchy: Hierarchy
    emulators: Mapping[str, Emulator]
    crowds: Mapping[str, tuple[str, ...]]
    targets: Mapping[str, Sequence[Any]]
    n: int = N_PARTICLES

    def seen(self, case: str, known: Mapping[str, float]) -> Seen:
        """Return the reports of a case, with biases from the reports of `known` cases up to their hours."""
        return seen_of(self.targets[case], self.crowds[case], self.biases(known))

    def biases(self, known: Mapping[str, float]) -> dict[str, tuple[float, float]]:
        """Return the bias of each kind of source from cases up to an hour each."""
        cases = [reports_of([t for t in self.targets[case] if t.hour_to <= hour]) for case, hour in known.items()]
        found = fit_biases(cases)
        kinds = {t.counted_by for targets in self.targets.values() for t in targets if t.counted_by}
        return {**fit_biases([_empty_of(kinds)]), **found} if kinds else found

    def posterior(self, known: Mapping[str, float], rng: np.random.Generator) -> np.ndarray:
        """Return particles given the reports of cases up to an hour each; a case that is not in `known` says nothing.

        Returns
        -------
        ndarray, shape (n, hierarchy.n)
        """
        told = {case: Likelihood(self.emulators[case], self.seen(case, known).until(hour))
                for case, hour in known.items()}  # fmt: skip

        def log_likelihood(z: np.ndarray) -> np.ndarray:
            total = np.zeros(len(z))
            values = self.hierarchy.of_cases(z, {case: self.emulators[case].names for case in told})
            for case, likelihood in told.items():
                total += likelihood.log(values[case])
            return total

        return sample(log_likelihood, self.hierarchy.n, self.n, rng)

    def values(self, z: np.ndarray, case: str) -> np.ndarray:
        """Return the parameters of a case, shape (n, n_parameters), in the order of its emulator."""
        return self.hierarchy.values(z, case, self.emulators[case].names)

    def without(self, fixed: Mapping[str, float]) -> Fit:
        """Return the fit with parameters given: an ablation."""
        h = self.hierarchy
        kept = replace(
            h, shared=tuple(prior for prior in h.shared if prior.name not in fixed),
            levels=tuple(level for level in h.levels if level.name not in fixed), fixed={**h.fixed, **fixed},
        )  # fmt: skip
        return replace(self, hierarchy=kept)


def _empty_of(kinds: set[str]) -> Any:
    """Return reports that only name kinds, so that each has the prior of its bias."""
    none = reports_of([])
    return replace(none, kinds=tuple(sorted(kinds)))


def alive(runs: Runs) -> Runs:
    """Return the runs that have crowds at most of the reported times; where none is out, a quadratic has no say.

    What was reported plays no part in it: else the emulator of a case that is left out would know of its counts.
    """
    floor = runs.logs.min(axis=0)
    share = (runs.logs > floor + LEAST_ABOVE).mean(axis=1)
    enough = np.sort(share)[::-1][min(len(share), 4 * len(runs.names)) - 1]
    return runs.kept(share >= min(0.5, enough))


def make_fit(
    hierarchy: Hierarchy, runs: Mapping[str, Runs], targets: Mapping[str, Sequence[Any]], n: int = N_PARTICLES
) -> Fit:
    """Return the fit of reference runs.

    Parameters
    ----------
    hierarchy : Hierarchy
        Priors.
    runs : mapping of str to Runs
        Of each case.
    targets : mapping of str to sequence of Target
        Of each case.
    """
    emulators, crowds = {}, {}
    for case, own in runs.items():
        used = alive(own)
        emulators[case] = fit_emulator(used.names, used.values, used.logs)
        crowds[case] = own.crowds
    return Fit(hierarchy, emulators, crowds, targets, n)
