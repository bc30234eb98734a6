"""Kills the command, and looks whether the same command again makes all as if nothing had happened.

Each time a process is forked from one that has loaded everything. A figure is a few bytes: drawing takes too long.

    kills.py 200                          at random moments, by random signals; prints the counts
    kills.py kill|full PLACE words ...    before each single write, or with a disk that is full at it; for the tests
"""

import errno
import hashlib
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
import warnings
from collections import Counter
from contextlib import suppress
from pathlib import Path

import matplotlib.figure

from experiments import cli

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
GROWS = ("os.mkdir", "os.rename")
CHANGES = (*GROWS, "os.remove", "os.rmdir", "os.truncate", "shutil.rmtree")
VYRAJ = ("scenario=vyraj", "hours=48", "persons_per_agent=2000")
COMMANDS = {
    "run": ("run", *VYRAJ, "space=true"),
    "sweep": ("sweep", *VYRAJ, "anger.strength=0,1", "replicates=8", "chunk_runs=2", "executor.processes=2"),
    "sensitivity": ("sensitivity", "method=morris", "n=4", *VYRAJ, "anger.strength=interval(0,1)", "replicates=1",
                    "chunk_runs=2", "executor.processes=2"),
}  # fmt: skip
SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
ENDS = {signal.SIGKILL: -9, signal.SIGTERM: 143, signal.SIGHUP: 143, signal.SIGINT: 130}
FIRST = 10  # writes at which a folder comes into being: each is tried
ORPHAN_SECONDS = 20.0  # after which no worker may be alive


def savefig(figure, target, **_):
    """Write a figure that is none."""
    target.write(b"figure") if hasattr(target, "write") else Path(target).write_bytes(b"figure")


def watch(fault, place, nth, seen_by):
    """Count the writes under a place; let the nth fail, or be this process' last."""
    changes, seen = GROWS if fault == "full" else CHANGES, []

    def hook(event, arguments):
        is_write = event in changes or (event == "open" and (arguments[2] or 0) & WRITING)
        if is_write and isinstance(arguments[0], str | Path) and str(arguments[0]).startswith(str(place)):
            seen.append(event)
            os.write(seen_by, b"!")
            if len(seen) == nth:
                if fault == "kill":
                    os.kill(os.getpid(), 9)
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    sys.addaudithook(hook)


def begin(words, told, prepare):
    """Fork a process that runs the command as typed; return its number."""
    child = os.fork()
    if child == 0:
        code = 99
        try:
            os.setpgid(0, 0)
            os.dup2(told, 1), os.dup2(told, 2)
            signal.signal(signal.SIGINT, signal.default_int_handler)  # off where this script runs in the background,
            signal.signal(signal.SIGHUP, signal.SIG_DFL)  # or under nohup
            prepare()
            sys.argv = ["ploshcha", *words]
            code = cli.main()
        except SystemExit as end:
            code = end.code
        finally:
            with suppress(Exception):
                sys.stdout.flush(), sys.stderr.flush()
            os._exit(code)
    return child


def call(words, prepare=lambda: None, attack=lambda child: None):
    """Run the command in a process of its own; return its exit code, and what it said."""
    told = os.memfd_create("told")
    child = begin(words, told, prepare)
    attack(child)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    os.lseek(told, 0, 0)
    with open(told, errors="replace") as file:
        return code, file.read(), child


def lasting(found):
    """Leave out what is of this moment: times, and the state of the repository."""
    if isinstance(found, list):
        return [lasting(value) for value in found]
    if isinstance(found, dict):
        return {k: lasting(v) for k, v in found.items() if "second" not in k and "git" not in k}
    return found


def content(place):
    """Hash everything under a place."""
    found = {}
    for path in sorted(place.rglob("*")):
        data = path.read_bytes() if path.is_file() else b""
        if path.name == "manifest.json":
            data = repr(lasting(json.loads(data))).encode()
        found[str(path.relative_to(place))] = hashlib.sha256(data).hexdigest()
    return found


def anew(place):
    """Empty the place, or make there what the command is to begin with."""
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    if template := os.environ.get("TEMPLATE"):
        shutil.copytree(template, place / "out")


def every_write(fault, place, words):
    """Stop the command at each of its writes; print a line for each, and last how many there are.

    Of the environment: MOST, the first so many; EVERY, of those after the first ten only each so many and the last.
    """
    most, every = int(os.environ.get("MOST", "1000000")), int(os.environ.get("EVERY", "1"))
    anew(place)
    assert cli.main(words) == 0  # loads all there is to load
    whole = content(place)
    anew(place)
    counted = os.memfd_create("counted")
    assert call(words, lambda: watch(fault, place, 0, counted))[0] == 0
    n_writes = os.fstat(counted).st_size
    for nth in range(1, min(n_writes, most) + 1):
        if nth > FIRST and nth % every and nth < n_writes:
            continue
        anew(place)
        code, told, _ = call(words, lambda nth=nth: watch(fault, place, nth, counted))
        left = [name for name in content(place) if Path(name).name.startswith(".") and name != "out/.lock"]
        after = content(place)
        again, told_again, _ = call(words)
        now = content(place)
        case = {"nth": nth, "code": code, "told": told, "left": left, "is_whole": after == whole,
                "again": again, "told_again": told_again,
                "differ": sorted(n for n in {*now, *whole} if now.get(n) != whole.get(n))}  # fmt: skip
        print(json.dumps(case), flush=True)
    print(json.dumps({"n": n_writes}), flush=True)


def has_orphans(group):
    """Whether a process of a group is still there after a while."""
    until = time.monotonic() + ORPHAN_SECONDS
    while time.monotonic() < until:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return False
        time.sleep(0.02)
    return True


def strike(words, number, seconds, is_group):
    """Run the command and kill it after some seconds; return what is wrong with how it ended, and how it ended."""

    def attack(child):
        time.sleep(seconds)
        with suppress(ProcessLookupError):
            os.killpg(child, number) if is_group else os.kill(child, number)

    code, told, child = call(words, attack=attack)
    faults = [] if code in (0, 2, ENDS[number], -number) else [f"exit code {code}"]
    faults += [f"traceback (ended with {code})"] if "Traceback" in told else []
    faults += ["orphans"] if has_orphans(child) else []
    said = [line for line in told.splitlines() if line.startswith("ploshcha: ")]  # a table may be half printed besides
    if code not in (0, 2) and number != signal.SIGKILL and len(said) > 3:
        faults.append("many lines")
    return faults, code, told


def random_kills(n):
    """Kill commands n times at random moments, then let each end; print the counts and each fault."""
    place = Path(tempfile.mkdtemp()) / "place"
    os.environ.pop("TEMPLATE", None)
    wholes, seconds = {}, {}
    for name, words in COMMANDS.items():
        for _ in range(2):  # the first loads all there is to load
            anew(place)
            began = time.monotonic()
            assert cli.main([*words, f"out={place / 'out'}"]) == 0
            seconds[name] = time.monotonic() - began
        wholes[name] = content(place)
    counts, n_struck, n_cases, n_faults = Counter(), 0, 0, 0
    while n_struck < n:
        luck = random.Random(n_cases)
        name = luck.choice(sorted(COMMANDS))
        words = [*COMMANDS[name], f"out={place / 'out'}"]
        anew(place)
        faults, n_cases = [], n_cases + 1
        for _ in range(min(luck.randint(1, 3), n - n_struck)):
            number = luck.choice(SIGNALS)
            found, code, told = strike(words, number, luck.uniform(0, 1.2 * seconds[name]), luck.random() < 0.5)
            faults += [f"{number.name}: {fault}: {told[-300:]}" for fault in found]
            n_struck += 1
            counts[name, number.name, "in time" if code not in (0, 2) else "too late"] += 1
        code, told, _ = call(words)
        is_whole_run = name == "run" and code == 2 and "holds files" in told
        if code != 0 and not is_whole_run:
            faults.append(f"the same command: exit code {code}: {told[-300:]}")
        now = content(place)
        whole = wholes[name]
        faults += [f"differs: {file}" for file in sorted({*now, *whole}) if now.get(file) != whole.get(file)]
        n_faults += bool(faults)
        if n_cases % 10 == 0:
            print(f"{n_struck} kills, {n_cases} cases; lost {n_faults}", flush=True)
        for fault in faults:
            print(f"case {n_cases - 1}, {name}: {fault}", flush=True)
    for (name, number, when), found in sorted(counts.items()):
        print(f"{name:<12}{number:<9}{when:<9}{found:>5}")
    n_late = sum(found for (_, _, when), found in counts.items() if when == "too late")
    print(f"{n_struck} kills, {n_late} of them after the end; {n_cases} cases; lost {n_faults}")
    return n_faults > 0


if __name__ == "__main__":
    warnings.filterwarnings("ignore", "This process .* is multi-threaded", DeprecationWarning)
    matplotlib.figure.Figure.savefig = savefig
    first, *rest = sys.argv[1:]
    if first.isdecimal():
        sys.exit(random_kills(int(first)))
    every_write(first, Path(rest[0]), rest[1:])
