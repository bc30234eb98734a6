"""Encouragement, as field experiments have it: a random part of the adults is brought to a protest.

Off by default. A share of the adults, drawn person by person or by squares of home cells, goes to the protest of each
occasion hour of a window, whatever the own choice; the detained excepted. The others' index is left alone. Who is
drawn depends on seed, share and squares only, and grows with the share; at strength 0 they are marked only.

Sign: turnout in the window up, of those not encouraged too; in the days after none, as nobody remembers having been
there.
Against: later turnout of the encouraged that rises with the share of their network encouraged (Bursztyn et al. 2021).
"""

from agents.compiled.rule import rule
from agents.rules.declaration import SHARE, Mechanism, between, parameter, strength


class Encouragement(Mechanism):
    """Encouragement of a random part of the adults to take part, as in field experiments; off by default."""

    switch = "share"  # at strength 0 the encouraged are still marked, and outcomes tell of them

    strength: float = strength("share of the encouraged who go; 0 = they are only marked", limits=SHARE)
    share: float = parameter(
        0.0, "q_e", "share of adults", SHARE, (0, 1), "adults encouraged, a lever", "assumption, 0 is off"
    )
    from_hour: int = parameter(
        138, "t_0", "hour of the scenario", between(0, 30000), (0, 30000),
        "first hour of the window", "assumption: the evening of 14 August 2020, no arrests"
    )
    hours: int = parameter(6, "n", "hours", between(0, 30000), (0, 30000), "length of the window")
    block_cells: int = parameter(
        0, "k", "cells", between(0, 1000), (0, 1000),
        "side of the squares of homes drawn as a whole: 0 person by person, 3 what company sees"
    )


@rule
def block_number(home_cell: int, grid_side: int, block_cells: int) -> int:
    r"""Number of the square of cells in which the home lies.

    .. math:: \lfloor y / k \rfloor\, n + \lfloor x / k \rfloor, \quad y = \lfloor c / n \rfloor,\; x = c - n y

    c = home_cell, row-major in a grid of n x n cells, n = grid_side; k = block_cells >= 1.
    Source: definition.
    """
    return home_cell // grid_side // block_cells * grid_side + home_cell % grid_side // block_cells


@rule
def is_encouraged(draw: float, share: float) -> bool:
    r"""Whether one is encouraged, or the block in which one lives.

    .. math:: u < q_e

    u = draw in [0, 1), of the person or of the block; q_e = share. Who is encouraged at a share is so at all larger
    ones.
    Source: random assignment as in Bursztyn et al. (2021), doi:10.1257/aeri.20200261 (there by person within cells of
    a network, with shares that differ between the cells).
    """
    return draw < share


@rule
def encouraged_now(hour: int, from_hour: int, hours: int) -> bool:
    r"""Whether the hour lies in the window of the encouragement.

    .. math:: t_0 \le h < t_0 + n

    h = hour, t_0 = from_hour, n = hours.
    Source: definition; one protest of a movement is encouraged, Bursztyn et al. (2021), doi:10.1257/aeri.20200261.
    """
    return from_hour <= hour < from_hour + hours


@rule
def follows(draw: float, strength: float) -> bool:
    r"""Whether an encouraged citizen goes to the protest, whatever the own choice.

    .. math:: v < s

    v = draw in [0, 1), one for the whole window; s = strength: 1 brings all, 0 marks them only. Sign: turnout up.
    Source: Bursztyn et al. (2021), doi:10.1257/aeri.20200261 (paid indirectly); that all follow is an assumption.
    """
    return draw < strength
