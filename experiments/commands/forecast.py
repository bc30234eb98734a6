"""``ploshcha forecast``: what the model says of counts that were made later, and how it scores beside simple rivals."""

from __future__ import annotations

from collections.abc import Sequence

from experiments.commands.options import parse_options
from experiments.forecasting.one_forecast import Asked, forecast
from experiments.words import path_of
from sim.errors import InputError

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
  correction=DIR    of ploshcha crossvalidate: 50 and 90 % bands corrected by how
                    far forecasts of other cases were off (a shipped posterior
                    has its own), and by earlier occasions of this case that
                    the posterior has not seen
  told=FILE.csv     no run: score quantiles told beforehand, such as those of
                    docs/predictions.md, by the counts of targets.csv

Writes forecast.parquet (quantiles 1 to 99 % of the count, corrected bands),
scores.parquet (CRPS of the log count, bands, place of the count; last_value,
mean_of_three, log_trend, ar1_gap beside) and compared.parquet (docs/columns.md).
The same command goes on.
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


def read_asked(words: Sequence[str], config_dir: str | None) -> Asked:
    """Return the forecast that is asked for.

    Raises
    ------
    InputError
        Something is missing.
    """
    own = {word.partition("=")[0]: word.partition("=")[2] for word in words
           if word.partition("=")[0] in ("posterior", "rival", "origin", "out", "told", "correction")}  # fmt: skip
    needed = {"posterior": "DIR of ploshcha calibrate", "origin": "a day, or rolling", "out": "DIR"}
    if own.get("told"):
        for name in ("posterior", "origin", "rival", "correction"):
            if name in own:
                raise InputError(f"{name}={own[name]} is not allowed: told={own['told']} has been forecast already")
        needed = {"out": "DIR"}
    for name, what in needed.items():
        if not own.get(name):
            raise InputError(f"{name} is missing: {name}={what}")
    rest = [word for word in words if word.partition("=")[0] not in own]
    if not any(word.startswith("replicates=") for word in rest):
        rest.append("replicates=2")
    out = path_of("out", own["out"])
    return Asked(tuple(rest), own.get("posterior", ""), own.get("rival"), own.get("origin", ""), out, config_dir,
                 own.get("told"), own.get("correction"))  # fmt: skip
