"""``ploshcha forecast``: what the model says of counts that were made later, and how it scores beside simple rivals."""

from __future__ import annotations

from collections.abc import Sequence

from experiments.commands.options import parse_options
from experiments.forecasting.asked import read_asked
from experiments.forecasting.one_forecast import forecast

HELP = """\
usage: ploshcha forecast scenario=NAME posterior=DIR origin=YYYY-MM-DD|rolling
                         out=DIR [name=value ...]
       ploshcha forecast scenario=NAME told=FILE.csv out=DIR

Forecast the counts of targets.csv that were made after a date, from runs at
draws of a posterior, told the reports up to that date. Forcings are those
of the timeline, also after the origin. RESPONSIBLE_USE.md: past cases only.

  posterior=DIR     folder of ploshcha calibrate, a shipped name, or DIR@CASE;
                    with until= it has seen no later report, else it is in
                    sample. Of a fit by emulators the runs teach an emulator
                    (draws x replicates >= 4 x parameters); else they are
                    weighed
  origin=DATE       last day whose counts are used; all later ones are forecast
                    at once
  origin=rolling    from each counted day the next count of each kind of day
  draws=20          draws of the posterior; replicates=N seeds at each (2)
  rival=DIR         posterior of turnout=additive_2020, run and scored beside
  correction=DIR    of ploshcha crossvalidate: 50 and 90 % bands corrected by
                    how far forecasts of other cases were off (a shipped
                    posterior has its own), and by earlier occasions of this
                    case that the posterior has not seen
  told=FILE.csv     no run: score quantiles told beforehand, such as those of
                    docs/predictions.md, by the counts of targets.csv

Writes forecast.parquet (quantiles 1 to 99 % of the count, corrected bands),
scores.parquet (CRPS of the log count, bands, place of the count; last_value,
mean_of_three, log_trend, ar1_gap beside), compared.parquet and manifest.json
(docs/columns.md). The same command goes on.
"""


def main(arguments: Sequence[str]) -> int:
    """Run the command; return the exit code."""
    options = parse_options(arguments)
    if options.is_help:
        print(HELP, end="")
        return 0
    asked = read_asked(options.overrides, options.config_dir)
    print("\n".join([*forecast(asked), "", f"written to {asked.out}"]))
    return 0
