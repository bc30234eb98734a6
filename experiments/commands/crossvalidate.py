"""``ploshcha crossvalidate``: every case of a fit forecast from a fit of the others, beside simple rivals."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence

from experiments.commands.options import parse_options, whole_number
from experiments.design.posterior import posterior_folder
from experiments.forecasting.one_crossvalidation import Asked, crossvalidate
from experiments.store.claim import check_folder
from experiments.words import path_of
from sim.errors import InputError, not_allowed

LEAST_N = 50  # particles
# what one that was stopped may have left, or an earlier one written
HELD = re.compile(r"(folds|correction|(rolling|one_shot)_(forecast|scores))\.parquet|\..+\.parquet\..+\.tmp.*")

HELP = """\
usage: ploshcha crossvalidate fit=DIR out=DIR [rivals=[NAME:DIR,...]]

Forecast every case of a fit (ploshcha calibrate method=emulator) from a fit of
the other cases, with the counts up to each origin. No run is made: the fit's
reference runs are read again. RESPONSIBLE_USE.md: past cases only.

  fit=DIR          folder of the fit, or the name of a shipped one
  rivals=[NAME:DIR,...]  fits of other models over the same cases, such as
                   additive_2020 or one whose cases have each other's events
  n=1000 seed=1    particles of a posterior, seed of all luck
  ablation=true    also with each term of turnout=learning taken out, refitted

Writes scores of each forecast, rolling (the next count of each kind of day) and
one_shot (all later counts from the third counted day on), with the information
that each used and bands corrected by the other cases; correction.parquet, by
which `ploshcha forecast correction=DIR` corrects; and folds.parquet: how far
shared parameters move.
"""


def main(arguments: Sequence[str]) -> int:
    """Run the command; return the exit code."""
    options = parse_options(arguments)
    if options.is_help:
        print(HELP, end="")
        return 0
    asked = read_asked(options.overrides)
    print("\n".join([*crossvalidate(asked), "", f"written to {asked.out}"]))
    return 0


def read_asked(words: Sequence[str]) -> Asked:
    """Return the cross-validation that is asked for.

    Raises
    ------
    InputError
        Something is missing or not allowed.
    """
    own = {"n": "1000", "seed": "1", "ablation": "false", "rivals": "[]"}
    for word in words:
        name, _, value = word.partition("=")
        if name not in (*own, "fit", "out"):
            raise not_allowed("", name, value, "fit, out, rivals, n, seed, ablation", (*own, "fit", "out"))
        own[name] = value
    for name, what in (("fit", "DIR or NAME of a fit"), ("out", "DIR")):
        if not own.get(name):
            raise InputError(f"{name} is missing: {name}={what}")
    for name, least in (("n", LEAST_N), ("seed", 0)):
        allowed = f"a whole number, at least {least}"
        if (whole_number(own, name, allowed) or 0) < least:
            raise not_allowed("", name, own[name], allowed)
    if own["ablation"] not in ("true", "false"):
        raise not_allowed("", "ablation", own["ablation"], "true or false")
    rivals = {}
    for part in own["rivals"].strip("[]").split(","):
        if part.strip():
            name, colon, folder = part.strip().partition(":")
            if not colon or not folder:
                raise not_allowed("", "rivals", part, "NAME:DIR")
            rivals[name] = posterior_folder(folder)
    out = path_of("out", own["out"])
    held = os.listdir(out) if out.is_dir() else []
    check_folder(out, [name for name in held if HELD.fullmatch(name)])
    return Asked(posterior_folder(own["fit"]), rivals, out, int(own["n"]), int(own["seed"]), own["ablation"] == "true")
