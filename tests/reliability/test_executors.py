"""Whoever computes a sweep, the files are the same; what is lost on the way is computed again, by any executor."""

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace

import polars as pl
import pytest

SWEEP = ("scenario=vyraj", "persons_per_agent=5000", "hours=72", "job_pressure.threat=0.1,0.4", "replicates=4",
         "chunk_runs=2")  # fmt: skip
LONG = tuple(word.replace("replicates=4", "replicates=200") for word in SWEEP)
PLOSHCHA = [sys.executable, "-m", "experiments.cli"]
SLURM = ("executor=slurm", "executor.cluster=local", "executor.shards=2")
WHOLE = [".lock", "design.parquet", "effects.parquet", "failed.parquet", "figures", "manifest.json", "runs",
         "summary.parquet"]  # fmt: skip


def files(folder):
    """What is in the files that hold results; a chunk's name ends in the hash of what it holds."""
    chunks = sorted(path.name for path in (folder / "runs").iterdir())
    tables = [(folder / f"{name}.parquet").read_bytes() for name in ("summary", "design", "effects", "failed")]
    return chunks, tables


def chunks_of(folder):
    return list((folder / "runs").glob("[!.]*.parquet"))


def wait_for(is_so, seconds=60):
    until = time.monotonic() + seconds
    while not is_so() and time.monotonic() < until:
        time.sleep(0.02)
    assert is_so()


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The sweep as one process computes it."""
    from experiments import cli

    out = tmp_path_factory.mktemp("local") / "out"
    assert cli.main(["sweep", *SWEEP, "executor.processes=1", f"out={out}"]) == 0
    return out


@pytest.fixture
def half(whole, tmp_path):
    """A sweep that was interrupted."""
    out = tmp_path / "half"
    shutil.copytree(whole, out)
    for path in sorted((out / "runs").iterdir())[3::2]:
        path.unlink()
    (out / "summary.parquet").unlink()
    return out


class Cluster:
    """A scheduler and workers, each a process of its own."""

    def __init__(self, folder):
        self.folder, self.started = folder, []
        self._start("dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard",
                    "--scheduler-file", str(folder / "scheduler.json"))  # fmt: skip
        wait_for((folder / "scheduler.json").exists)
        self.address = json.loads((folder / "scheduler.json").read_text())["address"]

    def _start(self, module, *words):
        log = (self.folder / f"{module}{len(self.started)}.log").open("w")
        command = [sys.executable, "-m", f"distributed.cli.{module}", *words]
        self.started.append(subprocess.Popen(command, cwd=self.folder, stdout=log, stderr=log))
        return self.started[-1]

    def worker(self):
        return self._start("dask_worker", self.address, "--nthreads", "1", "--no-nanny", "--no-dashboard")

    def ask(self, what):
        """Ask the scheduler something."""
        from distributed import Client

        with Client(self.address, set_as_default=False) as client:
            return what(client)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """A Dask cluster of two workers."""
    made = Cluster(tmp_path_factory.mktemp("dask"))
    for _ in range(2):
        made.worker()
    made.ask(lambda client: client.wait_for_workers(2, timeout=60))
    yield made
    for process in made.started:
        process.kill()
        process.wait()


@pytest.fixture
def remote(cluster):
    return "executor=dask", f"executor.address={cluster.address}"


def test_a_dask_cluster_gives_the_same_files(call, whole, remote, tmp_path):
    done = call("sweep", *SWEEP, *remote, f"out={tmp_path / 'out'}")
    assert done.code == 0 and done.err == ""
    assert files(tmp_path / "out") == files(whole)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == WHOLE


def test_an_own_dask_cluster_gives_the_same_files(call, whole, tmp_path):
    done = call("sweep", *SWEEP, "executor=dask", "executor.processes=2", f"out={tmp_path / 'out'}")
    assert done.code == 0
    assert files(tmp_path / "out") == files(whole)


def test_an_array_of_jobs_gives_the_same_files(call, whole, tmp_path):
    done = call("sweep", *SWEEP, *SLURM, f"out={tmp_path / 'out'}")
    assert done.code == 0 and "2 jobs submitted" in done.err
    assert files(tmp_path / "out") == files(whole)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == WHOLE


def test_slurm_gets_what_was_asked_for(call, whole, slurm, tmp_path):
    words = ("executor=slurm", "executor.shards=2", "executor.partition=short", "executor.account=me",
             "executor.minutes=7", "executor.processes=2", "executor.memory_gb=1.5")  # fmt: skip
    done = call("sweep", *SWEEP, *words, f"out={tmp_path / 'out'}")
    assert done.code == 0, done.err
    assert files(tmp_path / "out") == files(whole)
    submitted = (slurm / "submitted").read_text()
    for line in ("array=0-1%2", "partition=short", "account=me", "time=7", "cpus-per-task=2", "mem=1536MB"):
        assert f"\n#SBATCH --{line}\n" in submitted


def test_slurm_does_not_accept_the_jobs(call, slurm, tmp_path):
    done = call("sweep", *SWEEP, "executor=slurm", "executor.partition=long", f"out={tmp_path / 'out'}")
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert "sbatch: error: invalid partition specified" in done.err


def test_jobs_that_fail_are_named_with_their_log(call, half, monkeypatch):
    monkeypatch.setattr("experiments.executors.slurm.loaded_sources", lambda: "of another checkout")
    before = sorted(path.name for path in chunks_of(half))
    done = call("resume", half, *SLURM)
    assert done.code == 1 and done.err.count("\n") == 2
    assert "chunks are missing: job" in done.err and "code changed after the job was submitted" in done.err
    assert (half / ".jobs").is_dir() and f"{half}/.jobs/" in done.err
    assert sorted(path.name for path in chunks_of(half)) == before
    assert call("status", half).code == 0


def test_an_interrupt_cancels_the_jobs(call, half, whole, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("experiments.executors.slurm._report_of", interrupt)
        done = call("resume", half, *SLURM)
    assert done.code == 130 and "jobs cancelled" in done.err and "the same command goes on" in done.err
    assert call("resume", half, "executor.processes=1").code == 0
    assert files(half) == files(whole)


def test_another_executor_goes_on(call, whole, half, remote):
    there = {path.name: path.stat().st_mtime_ns for path in chunks_of(half)}
    done = call("resume", half, *remote)
    assert done.code == 0, done.err
    assert files(half) == files(whole)
    assert {path.name: path.stat().st_mtime_ns for path in chunks_of(half) if path.name in there} == there


def test_an_array_of_jobs_goes_on(call, whole, half):
    done = call("sweep", *SWEEP, *SLURM, "executor.processes=2", "executor.shards=1", f"out={half}")
    assert done.code == 0, done.err
    assert files(half) == files(whole)


def test_shares_make_up_the_whole(call, whole, tmp_path):
    out = tmp_path / "out"
    for number in (2, 0, 1):
        done = call("sweep", *SWEEP, f"executor.share={number}/3", "executor.processes=1", f"out={out}")
        assert done.code == 0 and f"share {number}/3" in done.out
        assert not (out / "summary.parquet").exists()
    assert {path.name for path in chunks_of(out)} == {path.name for path in chunks_of(whole)}
    assert call("resume", out).code == 0
    assert files(out) == files(whole)


def test_the_printed_script_computes_the_sweep(call, whole, tmp_path):
    words = ("executor=slurm", "executor.shards=1", "executor.partition=short", "executor.memory_gb=1.5")
    out = tmp_path / "a folder"
    done = call("sweep", *SWEEP, *words, "executor.print_script=true", f"out={out}")
    assert done.code == 0 and not out.exists()
    for line in ("array=0-0", "partition=short", "mem=1536M", "time=60"):
        assert f"\n#SBATCH --{line}\n" in done.out
    script = subprocess.run(
        ["bash"], input=done.out, text=True, capture_output=True, env=os.environ | {"SLURM_ARRAY_TASK_ID": "0"}
    )
    assert script.returncode == 0, script.stderr
    assert {path.name for path in chunks_of(out)} == {path.name for path in chunks_of(whole)}
    again = call("resume", out, *words, "executor.print_script=true").out
    assert f"resume '{out}' executor.processes=1 executor.share=$SLURM_ARRAY_TASK_ID/1" in again


def test_a_dry_run_counts_what_computes_at_once(call, here, everything, remote):
    array = call("sweep", *SWEEP, *SLURM, "executor.processes=4", "dry_run=true")
    workers = call("sweep", *SWEEP, *remote, "dry_run=true")
    assert "on 8 processes" in array.out and "on 2 processes" in workers.out
    assert everything(here) == []


def test_a_worker_is_lost_and_nothing_with_it(call, whole, cluster, remote, tmp_path):
    out = tmp_path / "out"
    lost = cluster.worker()
    cluster.ask(lambda client: client.wait_for_workers(3, timeout=60))
    with subprocess.Popen([*PLOSHCHA, "sweep", *LONG, *remote, f"out={out}"], stderr=subprocess.PIPE) as run:
        wait_for(lambda: len(chunks_of(out)) > 3)
        lost.kill()
        wait_for(lambda: len(chunks_of(out)) > 20)
        assert run.poll() is None
        run.send_signal(signal.SIGINT)
        told = run.communicate(timeout=30)[1].decode()
    assert run.returncode == 130 and "the same command goes on" in told and len(told.splitlines()) == 1
    wait_for(lambda: not any(cluster.ask(lambda client: client.processing()).values()), seconds=10)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["executor=dask", "executor.address=tcp://127.0.0.1:9"], ["executor.address=tcp://127.0.0.1:9", "scheduler"]),
        (["executor=dask", "executor.address=nonsense"], ["executor.address=nonsense", "scheduler"]),
        (["executor=slurm"], ["executor=slurm", "srun", "print_script"]),
        (["executor=dusk"], ["executor=dusk", "local, dask, slurm", "did you mean dask?"]),
        (["executor.address=tcp://127.0.0.1:9"], ["executor.address=tcp://127.0.0.1:9", "executor=dask"]),
        (["executor=dask", "executor.shards=3"], ["executor.shards=3", "executor=slurm"]),
        (["executor=slurm", "executor.shards=0"], ["executor.shards=0", ">= 1"]),
        (["executor.share=3/3"], ["executor.share=3/3", "from 0 to N - 1"]),
        (["executor.share=a"], ["executor.share=a", "K/N"]),
    ],
)
def test_an_executor_that_cannot_work_is_told_in_a_line(call, here, everything, monkeypatch, words, told):
    monkeypatch.setenv("PATH", str(here))
    monkeypatch.setattr("experiments.executors.dask.ANSWER_SECONDS", 1)
    began = time.monotonic()
    done = call("sweep", *SWEEP, *words, "out=out")
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert all(word in done.err for word in told)
    assert everything(here) == [] and time.monotonic() - began < 10


@pytest.mark.parametrize(("executor", "package"), [("dask", "distributed"), ("slurm", "submitit")])
def test_a_missing_extra_is_named(call, here, everything, monkeypatch, executor, package):
    monkeypatch.setitem(sys.modules, package, None)
    done = call("sweep", *SWEEP, f"executor={executor}", "out=out")
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert f"uv sync --extra {executor}" in done.err and f"ploshcha[{executor}]" in done.err
    assert everything(here) == []


SMALL = ("scenario=granovetter_1978", "steps=1,2,3", "replicates=4", "chunk_runs=1")
KILLER = """
import os, sys
import sim
real = sim.run
def run(parameters, *args, **kwargs):
    if parameters.seed == 2 and parameters.steps == 3:
        os._exit(9)
    return real(parameters, *args, **kwargs)
sim.run = run
if __name__ == "__main__":
    from experiments.cli import main
    sys.exit(main(sys.argv[1:]))
"""


def test_a_run_that_kills_its_dask_worker_fails_and_the_others_are_there(call, tmp_path):
    (tmp_path / "killer.py").write_text(KILLER)
    out = tmp_path / "out"
    command = [tmp_path / "killer.py", "sweep", *SMALL, "executor=dask", "executor.processes=1", f"out={out}"]
    done = subprocess.run([sys.executable, *command], capture_output=True, text=True, timeout=240)
    assert done.returncode == 1 and "1 of 12 runs failed" in done.stderr
    assert "the Dask worker died" in pl.read_parquet(out / "failed.parquet")["error"].item()
    assert pl.read_parquet(out / "summary.parquet").height == 11
    assert call("resume", out, "--failed", "executor.processes=1").code == 0
    assert pl.read_parquet(out / "summary.parquet").height == 12


def test_a_worker_refuses_other_sources_and_a_folder_that_it_lacks(whole, monkeypatch):
    from experiments.design.plan import make_plan
    from experiments.executors import workers
    from experiments.executors.tasks import left_to_do, make_task
    from experiments.store.sweep_folder import source_of
    from sim.errors import InputError

    plan = make_plan([*SWEEP, f"out={whole}"])
    task = make_task(plan, whole, source_of(plan), 0, next(left_to_do(plan, [], False)))
    sources = workers.loaded_sources()
    with pytest.raises(InputError, match="other sources than this process; restart"):
        workers.run_task(task, "of another checkout")
    with pytest.raises(InputError, match="out=/nowhere is not allowed: a folder that all workers share"):
        workers.run_task(replace(task, folder="/nowhere"), sources)
    monkeypatch.setattr(workers, "code_hash", lambda: "edited since the worker was started")
    with pytest.raises(InputError, match="restart the workers"):
        workers.run_task(task, sources)


def test_rules_of_your_own_stay_here(whole):
    from agents.rules import anger
    from experiments.design.plan import make_plan
    from experiments.one_sweep import run_plan
    from sim.errors import InputError

    plan = make_plan([*SWEEP, "executor=dask", f"out={whole}"])
    with pytest.raises(InputError, match="executor=dask is not allowed: local"):
        run_plan(plan, rules={"anger.anger_next": anger.anger_next})


def test_a_chunk_that_was_written_twice_counts_once(half):
    import pyarrow.parquet as pq

    from experiments.store.chunks import check_chunks, read_chunks, write_chunk

    chunk = read_chunks(half)[0]
    write_chunk(half, replace(chunk, generation=1), [pq.read_table(chunk.path)])
    assert len(chunks_of(half)) == len(read_chunks(half)) + 1
    for found in (read_chunks(half), check_chunks(half)[0]):
        assert [other.generation for other in found if other.number == chunk.number] == [1]


def test_a_file_system_without_locks(call, half, monkeypatch):
    def refuse(*_):
        raise OSError(errno.ENOSYS, "Function not implemented")

    monkeypatch.setattr("fcntl.flock", refuse)
    done = call("resume", half, "executor.processes=1")
    assert done.code == 0 and "cannot be locked (Function not implemented)" in done.err
    assert call("status", half).code == 0


@pytest.mark.slow
def test_a_job_that_is_preempted_goes_on(call, tmp_path, monkeypatch):
    """As Slurm does it: the job is told by a signal, is queued again, and computes what is missing."""
    from experiments.executors import slurm as executors

    submit, report, jobs = executors._submit, executors._report_of, []

    def preempt(path):
        if jobs:
            parent = str(jobs.pop()._process.pid)
            (child,) = subprocess.run(["pgrep", "-P", parent], capture_output=True, text=True).stdout.split()
            os.kill(int(child), signal.SIGUSR2)
        return report(path)

    monkeypatch.setattr(executors, "_submit", lambda *words: jobs.extend(submit(*words)) or list(jobs))
    monkeypatch.setattr(executors, "_report_of", preempt)
    monkeypatch.setattr(executors, "JOBS_FOLDER", "../jobs")
    monkeypatch.setattr(executors.shutil, "rmtree", lambda *_, **__: None)
    words = [word.replace("replicates=4", "replicates=40") for word in SWEEP]
    done = call("sweep", *words, *SLURM, "executor.shards=1", f"out={tmp_path / 'out'}")
    assert done.code == 0, done.err
    assert "Requeued job" in next((tmp_path / "jobs").rglob("*_log.out")).read_text()
    assert pl.read_parquet(tmp_path / "out" / "summary.parquet").height == 120
