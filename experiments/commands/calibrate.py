"""``ploshcha calibrate``: fit parameters to the reports of past cases, and check what the fit says."""

from __future__ import annotations

from collections.abc import Sequence

from experiments.calibration.one_calibration import calibrate
from experiments.calibration.request import read_request
from experiments.commands.options import parse_options

HELP = """\
usage: ploshcha calibrate case=NAME|cases=[NAME,...] out=DIR [method=NAME]
                          [name=interval(a,b) ...] [name=value ...]

Fit parameters to the reports of targets.csv. Runs are made in rounds, as sweeps
under DIR/table: interrupted at any moment, the same command goes on; with more
rounds= it goes further. RESPONSIBLE_USE.md: past observations only.

  case=NAME              a scenario; cases=[A,B] several at once: behaviour is
                         shared
  free=[NAME,...]        parameters that are fitted, over their plausible ranges
                         (docs/parameters.md)
  name=interval(a,b)     one more, over a range; priors=FILE.csv
                         (parameter,distribution,first,second,source,confidence)
    participation.calm_turnout  in place of participation.intercept: log-odds of
                         the turnout of a calm main day, from which the
                         intercept is solved for (docs/calibration.md)
  per_case=[NAME,...]    those of them that each case has for itself
  method=abc_smc         weights by the reports' likelihood, widened as far as
                         need be, with regression (default)
    history_matching     what the reports rule out, by emulators; no posterior
    npe                  a neural posterior (bayesflow on JAX, extra npe): one
                         case, and thousands of runs
  n=200 rounds=3 seed=1  runs of a round and case, rounds, seed of all luck
  ess=40                 effective sample size that the tolerance must leave
  checks=100             known truths in the check of coverage; 0 = none
  until=YYYY-MM-DD       only reports of windows that end by the night of this
                         day
  executor=NAME          local, dask or slurm, with its settings, chunk_runs,
                         accept_code_change: as for sweep

All other settings are those of `ploshcha run`.

example
  ploshcha calibrate case=minsk_2020 persons_per_agent=2000 \\
    'free=[participation.intercept]' n=50 rounds=2 out=results/fit
"""


def main(arguments: Sequence[str]) -> int:
    """Run the command; return the exit code."""
    options = parse_options(arguments)
    if options.is_help:
        print(HELP, end="")
        return 0
    request = read_request(options.overrides, options.config_dir)
    print("\n".join([*calibrate(request), "", f"written to {request.out}"]))
    return 0
