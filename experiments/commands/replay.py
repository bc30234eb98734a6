"""``ploshcha replay``: one run of a sweep, or a forecast, again, compared with the stored one bit for bit."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from experiments.commands.folder import folder_of, refuse_more
from experiments.store.chunks import read_chunks, read_curves
from experiments.store.manifest import kind_told, read_manifest
from experiments.store.sweep_folder import check_sweep, plan_of, results_of, source_of, what_changed
from experiments.store.tables import run_table
from sim.errors import InputError, not_allowed

HELP = """\
usage: ploshcha replay DIR --run K [engine=mesa]
       ploshcha replay DIR

Compute one run of a sweep again, in either engine, and compare it with the
stored one bit for bit. Of a forecast make the tables again from its runs; these
are sweeps in DIR/runs.
"""


def main(arguments: Sequence[str]) -> int:
    """Run ``ploshcha replay``."""
    found = folder_of(HELP, arguments)
    if found is None:
        return 0
    if kind_told(found[0]) == "forecast":
        refuse_more(found[1])
        from experiments.forecasting.again import differing_tables

        differ = differing_tables(found[0])
        print(f"differs: {', '.join(differ)}" if differ else "identical to the stored tables, bit for bit")
        return 1 if differ else 0
    folder, (number, engine) = check_sweep(found[0]), _replay_options(found[1])
    plan = plan_of(folder)
    done, failed = results_of(read_chunks(folder))
    if number not in done and number not in failed:
        raise not_allowed("", "--run", number, f"a finished run, from 0 to {plan.n_runs - 1}")
    made_in = done[number][0] if number in done else failed[number][0]
    generation = read_manifest(folder)["generations"][made_in]
    changed = what_changed(generation, source_of(plan, generation["replaced_rules"]))
    if changed:
        print(f"ploshcha: run {number} was made with other {' and '.join(changed)}", file=sys.stderr)
    parameters = plan.parameters_of(number)
    parameters = parameters.model_copy(update={"engine": engine or parameters.engine})
    from sim import run

    result = run(parameters)
    place = ", ".join(f"{name}={value}" for name, value in plan.points[number // plan.replicates].items())
    print(f"run {number}: {place}, seed {parameters.seed}, engine {parameters.engine}")
    if number in failed:
        print("went well this time; it had failed with", failed[number][1])
        return 0
    differing = different_columns(stored_curves(folder, number), run_table(number, result))
    print("identical to the stored run, bit for bit" if not differing else f"differs in {', '.join(differing)}")
    return 1 if differing else 0


def _replay_options(words: Sequence[str]) -> tuple[int, str | None]:
    """Return the number of the run and the engine."""
    number, engine, rest = None, None, iter(words)
    for word in rest:
        name, equals, value = word.partition("=")
        if name == "--run":
            text = value if equals else next(rest, "")
            if not (text.isascii() and text.isdigit()):
                raise not_allowed("", "--run", text, "the number of a run")
            number = int(text)
        elif name == "engine" and value in ("mesa", "compiled"):
            engine = value
        else:
            raise not_allowed("", "option", word, "--run K, engine=mesa, engine=compiled")
    if number is None:
        raise InputError("--run is missing: the number of a run, as in --run 17")
    return number, engine


def stored_curves(folder: Path, number: int) -> Any:
    """Return all columns of one stored run."""
    import pyarrow.parquet as pq

    chunk = next(c for c in reversed(read_chunks(folder)) if number in c.outcomes)
    columns = [name for name in pq.read_schema(chunk.path).names if name != "run_id"]
    return read_curves(folder, columns, [number])


def different_columns(stored: Any, fresh: Any) -> list[str]:
    """Return the names of columns that differ in any bit; a missing value equals a missing value."""
    names = [name for name in dict.fromkeys([*stored.column_names, *fresh.column_names])]
    differing = []
    for name in names:
        if name not in stored.column_names or name not in fresh.column_names:
            if set(_plain(stored if name in stored.column_names else fresh, name)) - {None}:
                differing.append(name)
            continue
        if not _same(stored[name].combine_chunks(), fresh[name].combine_chunks()):
            differing.append(name)
    return differing


def _plain(table: Any, name: str) -> list[Any]:
    return table[name].to_pylist()


def _same(one: Any, other: Any) -> bool:
    if len(one) != len(other) or one.null_count != other.null_count:
        return False
    if one.type == other.type and str(one.type) == "double":
        values = [
            np.nan_to_num(array.to_numpy(zero_copy_only=False), nan=-1.0).view(np.int64) for array in (one, other)
        ]
        return bool((values[0] == values[1]).all())
    return one.equals(other)
