"""``ploshcha sensitivity``: which levers an outcome depends on; a sweep over the design of Sobol, Morris or PAWN.

The command is a sweep with `sensitivity=METHOD`, which resumes, plots and replays like any other.
"""

from __future__ import annotations

from collections.abc import Sequence

from experiments.commands.options import parse_options
from experiments.design.plan import make_plan
from experiments.design.points import SENSITIVITY
from experiments.one_sweep import run_plan
from experiments.words import also_known
from sim.errors import InputError, not_allowed

OWN = {"method": "sensitivity", "n": "design.n"}  # what the sweep calls them

HELP = """\
usage: ploshcha sensitivity method=sobol|morris|pawn [experiment=NAME] [n=N]
       [name=value ...] [name=interval(a,b) ...]

Tell which levers the outcomes depend on, with 95 % intervals. It is a sweep
over the design that the method needs: the same command goes on where it was
interrupted, and status, plot, resume and replay work on its folder. A lever
with several numbers becomes the range from the lowest to the highest;
alternatives become equal parts of the sample.

  method=morris        mean absolute elementary effect (mu_star), its spread
                       (sigma) and mean (mu): a first look; n trajectories (20)
                       of levers + 1 points. Levers need numbers, or two
                       alternatives
  method=sobol         shares of the variance, alone (S1) and with interactions
                       (ST); n blocks (128), a power of two, of levers + 2
                       points
  method=pawn          distance between the distributions with and without the
                       lever known; n points (256)
  replicates=N         seeds at every point (3), the same at all; indices are
                       those of the mean over them
  outcomes=[NAME,...]  default [peak_turnout,rally_size,defections]; others of
                       the same runs cost nothing

All other settings are those of `ploshcha sweep`, but for design=NAME.

examples
  ploshcha sensitivity method=morris experiment=job_pressure \\
    persons_per_agent=400
  ploshcha sensitivity method=sobol scenario=minsk_2020 persons_per_agent=400 \\
    n=64 'anger.strength=interval(0,2)' 'fear.strength=interval(0,2)' \\
    'luck.shock_sd=interval(0,0.5)'
"""


def main(arguments: Sequence[str]) -> int:
    """Run the command; return the exit code."""
    options = parse_options(arguments)
    if options.is_help:
        print(HELP, end="")
        return 0
    with also_known(OWN):
        plan = make_plan(sweep_words(options.overrides), options.config_dir)
    return run_plan(plan)


def sweep_words(words: Sequence[str]) -> list[str]:
    """Return the words of the sweep: method=M is sensitivity=M there, and n=N is design.n=N.

    Raises
    ------
    InputError
        The method is missing or not known.
    """
    found = []
    for word in words:
        name, equals, value = word.partition("=")
        if name == "method" and value not in SENSITIVITY:
            raise not_allowed("", "method", value, "one of " + ", ".join(SENSITIVITY), SENSITIVITY)
        found.append(f"{OWN.get(name, name)}{equals}{value}")
    if not any(word.startswith("sensitivity=") for word in found):
        raise InputError("method is missing: one of " + ", ".join(SENSITIVITY))
    return found
