"""``ploshcha sweep``: many runs, safely; the same command goes on where it was interrupted."""

from __future__ import annotations

from collections.abc import Sequence

from experiments.commands.options import parse_options
from experiments.design.plan import make_plan
from experiments.one_sweep import run_plan

HELP = """\
usage: ploshcha sweep [--config-dir DIR] [experiment=NAME] [name=value ...]
       [name=value,value,... ...]

Run a design many times over and end in figures and a table of paired
differences. Interrupted at any moment, the same command goes on; finished runs
are never computed again.

settings of a sweep
  experiment=NAME          a file of conf/experiment: levers, outcomes, figure;
                           without it, levers from the line below
  name=0,0.5,1             a lever with values; name=interval(0,1) a range;
                           name=0.5 holds an experiment's lever fixed
  design=NAME              grid, lhs, sobol, morris, or list with
                           design.file=FILE.csv (header = names of settings)
  design.n=N design.seed=N size of a sample (grid: levels of a range), seed of
                           its random part
  posterior=DIR draws=N    every point at N draws (20) of a folder of ploshcha
                           calibrate, paired within each draw
  replicates=N             seeds at every point; the same ones at all
                           (common_luck=false: others at each)
  out=DIR                  folder; default results/sweeps/<experiment>-<digits>
  chunk_runs=N             most runs of a file (50)
  executor=NAME            where runs are computed; any of them goes on where
                           another stopped
    local                  executor.processes=N processes of this machine (one
                           per core);
                           executor.share=K/N: only each N-th chunk from the
                           K-th on, beside others in the same folder
    dask                   executor.address=tcp://HOST:PORT of a scheduler;
                           without it N processes of this machine
    slurm                  executor.shards=N jobs of an array (8), of
                           executor.processes=N each (1), executor.minutes=N
                           (60), executor.memory_gb=X, executor.partition=NAME,
                           executor.account=NAME, executor.qos=NAME;
                           executor.print_script=true prints a script for sbatch
                           and submits nothing
  dry_run=true             only tell how many runs, how long, how large
  accept_code_change=true  go on in a folder begun with other code or data; the
                           new runs are marked

All other settings are those of `ploshcha run`; see conf/config.yaml.

examples
  ploshcha sweep experiment=information
  ploshcha sweep scenario=august_2020 replicates=20       nothing varied
  ploshcha sweep experiment=job_pressure replicates=20 persons_per_agent=50
  ploshcha sweep scenario=minsk_2020 persons_per_agent=200 \\
    anger.strength=0,1,2 replicates=10
"""


def main(arguments: Sequence[str]) -> int:
    """Run the command; return the exit code."""
    options = parse_options(arguments)
    if options.is_help:
        print(HELP, end="")
        return 0
    return run_plan(make_plan(options.overrides, options.config_dir))
