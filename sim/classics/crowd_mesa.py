"""Granovetter (1978), Kuran (1989) and Siegel (2009), engine `mesa`: persons decide by their own methods, all at once.

The same runs as `sim.classics.granovetter.model`, `kuran` and `siegel`, bit for bit, written for readers.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import mesa
import numpy as np

from sim.classics.siegel.networks import Pairs


class Person(mesa.Agent):
    """Somebody who takes part or not."""

    model: Crowd

    def __init__(self, model: Crowd) -> None:
        super().__init__(model)
        self.is_out = False

    def decide(self) -> bool:
        """Return whether one takes part, as things stand before anybody moves."""
        raise NotImplementedError

    def learn(self) -> None:
        """Look around once all have moved."""


class Joiner(Person):
    """Granovetter's and Kuran's: joins once as many are out as the participation threshold says."""

    def __init__(self, model: Crowd, participation_threshold: float) -> None:
        super().__init__(model)
        self.participation_threshold = participation_threshold

    def decide(self) -> bool:
        """Return whether as many persons are out as one needs."""
        return self.participation_threshold <= self.model.n_out


class Neighbour(Person):
    """Siegel's: takes part if the motivation exceeds what the ties who stay at home cost."""

    def __init__(self, model: Crowd, motivation: float, memory: float) -> None:
        super().__init__(model)
        self.motivation, self.memory, self.cost = motivation, memory, 1.0
        self.ties: list[Neighbour] | None = None  # None: all others

    def decide(self) -> bool:
        """Return whether one wants to more than it costs."""
        return self.motivation > self.cost

    def learn(self) -> None:
        """Move the cost towards the share of the own ties who stayed at home."""
        self.cost = self.memory * self.cost + (1.0 - self.memory) * (1.0 - self.local_participation())

    def local_participation(self) -> float:
        """Return the share of one's ties who take part; 0 without ties."""
        if self.ties is None:
            return (self.model.n_out - self.is_out) / (len(self.model.people) - 1)
        return sum(tied.is_out for tied in self.ties) / max(len(self.ties), 1)


class Crowd(mesa.Model):
    """People who decide all at once, given who is out; at first nobody is."""

    def __init__(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            super().__init__(rng=0)  # never used: all luck is in the thresholds, the motivations and the ties
        self.people: Sequence[Person] = []
        self.n_out = 0

    def take_step(self) -> int:
        """1. let all decide, 2. let all move, 3. let all look around; return how many are out."""
        decisions = [person.decide() for person in self.people]
        for person, is_out in zip(self.people, decisions, strict=True):
            person.is_out = is_out
        self.n_out = sum(decisions)
        for person in self.people:
            person.learn()
        return self.n_out

    def run(self, steps: int) -> np.ndarray:
        """Return how many are out after each step, int64 (steps,)."""
        return np.array([self.take_step() for _ in range(steps)], np.int64)


def cascade(participation_thresholds: np.ndarray, steps: int) -> np.ndarray:
    """Return what `sim.classics.granovetter.model.cascade` does."""
    crowd = Crowd()
    crowd.people = [Joiner(crowd, level) for level in participation_thresholds.tolist()]
    return crowd.run(steps)


def tied_crowd(motivation: np.ndarray, ties: Pairs | None, memory: float) -> Crowd:
    """Return Siegel's people, before the first step."""
    crowd = Crowd()
    people = [Neighbour(crowd, own, memory) for own in motivation.tolist()]
    if ties is not None:
        for person in people:
            person.ties = []
        for one, other in zip(ties[0].tolist(), ties[1].tolist(), strict=True):
            people[one].ties.append(people[other])  # type: ignore[union-attr]
    crowd.people = people
    return crowd


def participation(motivation: np.ndarray, ties: Pairs | None, memory: float, steps: int) -> np.ndarray:
    """Return what `sim.classics.siegel.model.participation` does."""
    return tied_crowd(motivation, ties, memory).run(steps)
