"""A word on levels of a timeline that hold on because nobody wrote that they end."""

from __future__ import annotations

import sys

from sim.inputs.timeline import Timeline, lasting_levels

LONGEST_SILENCE = 24  # hours after the last row in which nothing need be said


def tell_of_end(timeline: Timeline) -> None:
    """Say so if the run goes on for more than a day after the last row, under levels that nobody wrote for then."""
    hour, levels = lasting_levels(timeline)
    if levels and timeline.hours - hour > LONGEST_SILENCE:
        held = ", ".join(f"{kind}={value:g}" for kind, value in levels.items())
        print(f"ploshcha: timeline.csv has no rows for the last {timeline.hours - hour} hours; until the end hold on "
              f"{held} (a row with until ends)", file=sys.stderr)  # fmt: skip
