"""``ploshcha list``: which names there are."""

from __future__ import annotations

from collections.abc import Sequence

from experiments.commands.options import parse_options
from experiments.design.catalogue import SORTS, items
from experiments.printing.catalogue import item_lines
from sim.errors import InputError, not_allowed

HELP = """\
usage: ploshcha list scenarios|experiments|levers|outcomes|columns|kinds

Tell which names there are, and what each means; ploshcha show NAME tells more.

  scenarios     what is simulated: scenario=NAME
  experiments   what ploshcha sweep can run: experiment=NAME
  levers        parameters with unit: name=value, or name=value,value in a sweep
  outcomes      numbers of a run, in summary.parquet and effects.parquet
  columns       what curves.parquet has by hour and city
  kinds         events of a timeline: forcings.KIND.*

options
  --config-dir DIR   also your own scenarios and experiments

example
  ploshcha list levers | grep fear
"""


def main(arguments: Sequence[str]) -> int:
    """Run ``ploshcha list``."""
    options = parse_options(arguments)
    if options.is_help or not arguments:
        print(HELP, end="")
        if not arguments:
            raise InputError("what to list is missing: one of " + ", ".join(SORTS))
        return 0
    if len(options.overrides) != 1:
        raise not_allowed("", "list", " ".join(options.overrides), "one of " + ", ".join(SORTS), SORTS)
    for line in item_lines(items(options.overrides[0], options.config_dir)):
        print(line)
    return 0
