"""``ploshcha resume``: on with a sweep that was interrupted."""

from __future__ import annotations

from collections.abc import Sequence

from experiments.commands.folder import folder_of
from experiments.one_sweep import run_plan
from experiments.store.sweep_folder import check_sweep, plan_of
from sim.errors import not_allowed

HELP = """\
usage: ploshcha resume DIR [--failed] [executor=NAME executor.processes=N
       accept_code_change=true]

Go on with a sweep that was interrupted, by any executor; --failed tries the
failed runs again.
"""


def main(arguments: Sequence[str]) -> int:
    """Run ``ploshcha resume``."""
    found = folder_of(HELP, arguments)
    if found is None:
        return 0
    folder, rest = check_sweep(found[0]), found[1]
    for word in rest:
        if word != "--failed" and word.partition("=")[0].partition(".")[0] not in ("executor", "accept_code_change"):
            raise not_allowed("", "option", word, "--failed, executor=NAME, executor...., accept_code_change=true")
    extra = [word for word in rest if word != "--failed"]
    return run_plan(plan_of(folder, *extra), again="--failed" in rest)
