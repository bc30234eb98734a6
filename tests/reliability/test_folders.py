"""A folder is one run's or one sweep's: claimed before the work, cleared after a kill, and never written over."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

import conf
from experiments.store.claim import claimed
from experiments.store.files import write_whole
from experiments.store.run_folder import new_folder
from sim.errors import InputError

CLASSIC = ("scenario=granovetter_1978", "steps=3")
SWEEP = ("sweep", "scenario=granovetter_1978", "steps=1,2", "replicates=2", "executor.processes=1")
FILES = ["curves.parquet", "manifest.json", "mobilization.csv", "mobilization.md", "mobilization.png"]
# Claims a folder, begins to fill it as a run does, and dies by a signal.
DIES = """
import os, signal, sys
signal.signal(signal.SIGHUP, signal.SIG_DFL)  # whatever the tests were started by
from experiments import interrupts
from experiments.store.claim import claimed
from experiments.store.run_folder import new_folder
interrupts.listen()
with claimed(sys.argv[1], "s") as out, new_folder(out) as folder:
    (folder / "curves.parquet").write_text("half")
    if sys.argv[3] == "moved":
        (folder / ".moving").write_text("curves.parquet\\nmanifest.json")
        (folder / "curves.parquet").rename(out / "curves.parquet")
    os.kill(os.getpid(), int(sys.argv[2]))
"""


def die(out, number, state=""):
    return subprocess.run([sys.executable, "-c", DIES, str(out), str(int(number)), state], timeout=60).returncode


@pytest.mark.parametrize("is_there", [False, True])
def test_a_second_run_is_refused_before_it_computes(call, here, everything, monkeypatch, is_there):
    if is_there:
        (here / "out").mkdir()
    with claimed("out", "s"):
        monkeypatch.setattr("experiments.commands.run.simulate", lambda *_: pytest.fail("it was begun"))
        before = everything(here)
        for words in (["run"], ["run", "-m"]):
            done = call(*words, *CLASSIC, "out=out")
            assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
            assert "out=out is not allowed" in done.err and f"process {os.getpid()}" in done.err
        assert everything(here) == before
    assert everything(here) == (["out"] if is_there else [])


@pytest.mark.parametrize("is_there", [False, True])
def test_what_another_program_writes_meanwhile_stays(here, everything, is_there):
    out = here / "out"
    if is_there:
        out.mkdir()
    with pytest.raises(InputError, match="nobody else fills meanwhile"), claimed("out", "s"), new_folder(out) as folder:
        (folder / "curves.parquet").write_text("mine")
        out.mkdir(exist_ok=True)
        (out / "curves.parquet").write_text("theirs")
        (out / "notes.txt").write_text("theirs")
    assert everything(here) == ["out", "out/curves.parquet", "out/notes.txt"]
    assert (out / "curves.parquet").read_text() == "theirs"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_told_to_end_leaves_nothing(here, everything, number):
    assert die(here / "a" / "out", number) == 143
    assert everything(here) == []


@pytest.mark.parametrize("state", ["", "there", "moved"])
def test_the_next_run_clears_what_a_killed_one_left(call, here, everything, state):
    if state:
        (here / "out").mkdir()
    assert die(here / "out", signal.SIGKILL, state) == -signal.SIGKILL
    assert any("partial" in name for name in everything(here))
    done = call("run", *CLASSIC, "out=out")
    assert done.code == 0, done.err
    assert everything(here) == ["out", *(f"out/{name}" for name in FILES)]


def test_a_run_in_another_folder_clears_it_too_and_touches_nothing_that_may_live(call, here, everything):
    assert die(here / "one", signal.SIGKILL) == -signal.SIGKILL
    assert die(here / "two", signal.SIGKILL) == -signal.SIGKILL
    claim = here / ".two.claim"
    claim.write_bytes(claim.read_bytes().replace(socket.gethostname().encode(), b"another-machine"))
    with claimed("three", "s"), new_folder(here / "three") as living:
        assert call("run", *CLASSIC, "out=out").code == 0
        assert living.is_dir()
        names = everything(here)
    assert not [name for name in names if name.startswith(".one")]
    assert len([name for name in names if name.startswith(".two")]) == 3  # claim, folder and its file


JOBS_DIE = """
import os, sys
import experiments.commands.multirun as multirun
real = multirun.write_result
def die(result, out, *more):
    if out.name == sys.argv[1]:
        os.kill(os.getpid(), 9)
    return real(result, out, *more)
multirun.write_result = die
import experiments.one_run
from experiments.store.run_folder import new_folder
from experiments.cli import main
if sys.argv[1] == "in":  # with its folder half made
    def die(result, out, *more):
        with new_folder(out) as folder:
            (folder / "curves.parquet").write_text("half")
            os.kill(os.getpid(), 9)
    multirun.write_result = die
sys.exit(main(sys.argv[2:]))
"""


@pytest.mark.parametrize("when", ["0", "in", "1"])
def test_several_jobs_that_were_killed(call, command, here, everything, when):
    words = ("run", "-m", *CLASSIC, "seed=1,2", "out=many")
    assert command(when, *words, cwd=here, script=JOBS_DIE).code == -9
    assert everything(here) != []
    done = call(*words)
    if when == "1":  # the first was finished, and stays
        assert (done.code, done.err.count("\n")) == (2, 1)
        assert "holds files: jobs of run -m" in done.err and "use ploshcha sweep, which goes on" in done.err
        assert sorted(os.listdir(here / "many" / "0")) == FILES
        return
    assert done.code == 0, done.err
    assert everything(here) == ["many", "many/0", *(f"many/0/{name}" for name in FILES), "many/1",
                                *(f"many/1/{name}" for name in FILES)]  # fmt: skip


WRITER_DIES = """
import os, sys
from pathlib import Path
from experiments.cli import main
Path.replace = lambda *_: os.kill(os.getpid(), 9)
main(sys.argv[1:])
"""


@pytest.mark.skipif(sys.platform == "win32", reason="processes cannot be asked whether they live")
def test_what_a_killed_view_or_map_left_is_cleared_by_the_next(call, command, here, everything):
    assert call("run", "scenario=vyraj", "hours=2", "persons_per_agent=5000", "space=true", "out=out").code == 0
    before = everything(here)
    for verb, file in (("view", "view.html"), ("map", "map_Alvena.png")):
        assert command(verb, "out", cwd=here, script=WRITER_DIES).code == -9
        (left,) = {*everything(here)} - {*before}
        assert Path(left).name.startswith(f".{file}.")
        living = here / "out" / Path(left).name.replace(left.split(".")[-3], str(os.getppid()))
        living.touch()
        assert call(verb, "out").code == 0
        assert {*everything(here)} - {*before} == {f"out/{file}", f"out/{living.name}"}
        living.unlink()
        before = everything(here)


def test_a_folder_without_a_manifest_is_no_run_but_what_others_put_there_counts(call, here):
    (here / "out").mkdir()
    (here / "out" / "curves.parquet").write_text("somebody's")
    done = call("run", *CLASSIC, "out=out")
    assert done.code == 2 and "holds files" in done.err
    assert (here / "out" / "curves.parquet").read_text() == "somebody's"


@pytest.mark.parametrize("command", ["run", "run -m", "sweep"])
@pytest.mark.parametrize("name", ["x" * 250, "y" * 300, "/".join(["z" * 200] * 25), "a\0b"])
def test_a_name_that_is_too_long_is_told_before_the_work(call, here, everything, monkeypatch, command, name):
    if command == "sweep" and len(name) == 250:
        pytest.skip("a sweep's temporary files are inside its folder")
    monkeypatch.setattr("sim.run", lambda *_, **__: pytest.fail("it was begun"))
    done = call(*command.split(), *CLASSIC, f"out={name}", *(["replicates=2"] if command == "sweep" else []))
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1), done.err
    assert "out=" in done.err
    assert [path for path in everything(here) if len(path) < 200] == []


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="no folder in which nothing can be made")
@pytest.mark.parametrize("command", ["run", "run -m", "sweep"])
def test_a_folder_in_which_nothing_can_be_made_is_told(call, monkeypatch, command):
    monkeypatch.setattr("sim.run", lambda *_, **__: pytest.fail("it was begun"))
    done = call(*command.split(), *CLASSIC, "out=/proc/new", *(["replicates=2"] if command == "sweep" else []))
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1), done.err
    assert "out=/proc/new is not allowed: a folder that can be written" in done.err


@pytest.mark.parametrize("name", ["1e3", "007", "0x1F", "1_000", "nan", "it's a ${seed}", "a\\"])
def test_a_folder_is_what_was_typed(call, here, name):
    """Also where it comes back as a word of the command: here `resume` computes nothing, in the very same folder."""
    assert call(*SWEEP, f"out={name}" if "$" not in name else f"out='{name}'".replace("it's", r"it\'s")
                .replace("${", r"\${")).code == 0  # fmt: skip
    assert [path.name for path in here.iterdir()] == [name]
    done = call("resume", name)
    assert done.code == 0 and "all 4 runs were there already" in done.out, done.err
    assert [path.name for path in here.iterdir()] == [name]


def test_settings_of_your_own_are_found_from_another_folder(call, here, monkeypatch):
    text = (Path(conf.__file__).parent / "scenario" / "granovetter_1978.yaml").read_text()
    (here / "mine" / "scenario").mkdir(parents=True)
    (here / "mine" / "scenario" / "1e3.yaml").write_text(text)  # a name that looks like a number
    words = ["scenario='1e3'", *SWEEP[2:], "out=s"]
    assert call("sweep", "--config-dir", "mine", *words).code == 0
    (here / "elsewhere").mkdir()
    monkeypatch.chdir(here / "elsewhere")
    done = call("resume", here / "s")
    assert done.code == 0 and "all 4 runs were there already" in done.out, done.err


@pytest.fixture
def swept(call, here):
    assert call(*SWEEP, "out=s").code == 0
    return here / "s"


@pytest.mark.parametrize("kind", ["link", "folder", "nonsense", "unreadable"])
def test_what_is_no_chunk_is_set_aside(call, swept, kind, monkeypatch):
    whole = {path.name for path in (swept / "runs").iterdir()}
    chunk = sorted((swept / "runs").iterdir())[1]
    if kind == "unreadable":
        real = type(chunk).open

        def refuse(path, *words, **named):
            if path.name == chunk.name:
                raise PermissionError(13, "Permission denied", str(path))
            return real(path, *words, **named)

        monkeypatch.setattr(type(chunk), "open", refuse)
    else:
        chunk.unlink()
    if kind == "link":
        chunk.symlink_to("/nowhere/at/all")
    elif kind == "folder":
        (chunk / "inner").mkdir(parents=True)
    elif kind == "nonsense":
        chunk.write_bytes(b"PAR1 nonsense PAR1")
    done = call("resume", "s")
    assert done.code == 0, done.err
    assert f"runs/{chunk.name} is damaged" in done.err and "set aside" in done.err
    assert {path.name for path in (swept / "runs").iterdir()} == whole | {f"{chunk.name}.damaged"}
    assert call("status", "s").code == 0


def test_a_record_that_is_nonsense_is_no_chunk(call, swept):
    import pyarrow.parquet as pq

    from experiments.store.files import sha256

    chunk = sorted((swept / "runs").iterdir())[1]
    table = pq.read_table(chunk)
    for record in (b'{"number": 1}', b"[]", b'{"number": "x", "again": {}}', None):
        chunk.unlink(missing_ok=True)
        crafted = swept / "crafted"
        pq.write_table(table.replace_schema_metadata({b"ploshcha": record} if record else None), crafted)
        chunk = crafted.rename(swept / "runs" / f"00001-{sha256(crafted)[:16]}.parquet")
        for words in (["status", "s"], ["plot", "s"]):
            assert call(*words).code == 0
    done = call("resume", "s")
    assert done.code == 0 and "is damaged" in done.err


@pytest.mark.parametrize("command", ["resume", "plot"])
def test_a_folder_that_cannot_be_written_is_told_in_a_line(call, swept, monkeypatch, command):
    import errno

    real = os.open

    def refuse(path, flags, *rest, **named):
        if str(path).startswith(str(swept)) and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            raise OSError(errno.EROFS, "Read-only file system", str(path))
        return real(path, flags, *rest, **named)

    monkeypatch.setattr(os, "open", refuse)
    monkeypatch.setattr("filelock._native._unix.open_into", lambda into, path, *rest: into.append(refuse(path, *rest)))
    monkeypatch.setattr("pathlib.Path.write_bytes", lambda path, content: refuse(path, os.O_CREAT))
    done = call(command, swept)
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1), done.err
    assert "folder=" in done.err and "Read-only file system" in done.err


@pytest.mark.parametrize("command", ["view", "map"])
def test_a_folder_of_a_run_that_cannot_be_written_is_told_before_the_work(call, first_run, monkeypatch, command):
    monkeypatch.setattr("experiments.store.space_folder.check_space_folder", lambda _: None)
    monkeypatch.setattr("experiments.store.space_folder.read_space_folder", lambda _: pytest.fail("work was begun"))
    monkeypatch.setattr("os.access", lambda *_: False)
    done = call(command, first_run[1])
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1), done.err
    assert "folder=" in done.err and "a folder that can be written" in done.err


def edited(swept, change):
    found = json.loads((swept / "manifest.json").read_text())
    change(found)
    (swept / "manifest.json").write_text(json.dumps(found))


@pytest.mark.parametrize(
    "word", ["executor=dask", "executor.address=tcp://192.0.2.1:9", "executor.processes=64", "dry_run=true",
             "accept_code_change=true", "out=elsewhere", "threads=64"],
)  # fmt: skip
@pytest.mark.parametrize("command", ["resume", "plot"])
def test_a_manifest_does_not_say_where_things_run(call, here, swept, everything, monkeypatch, word, command):
    monkeypatch.setattr("experiments.executors.dask.connected", lambda _: pytest.fail("somebody was called"))
    edited(swept, lambda found: found["words"].append(word))
    before = everything(here)
    done = call(command, "s")
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert f"manifest.json: words={word} is not allowed" in done.err
    assert everything(here) == before


def places(found, path=()):
    """Every place in a manifest, by its keys."""
    for key, value in found.items() if isinstance(found, dict) else enumerate(found):
        yield (*path, key)
        if isinstance(value, dict | list):
            yield from places(value, (*path, key))


@pytest.mark.parametrize("value", ["gone", None, 7, -1, "x", [], {}, [1], True, 1e300])
def test_an_edited_manifest_gives_one_line(call, here, swept, tmp_path, value):
    """Every key of it, each with a value of another kind: a line and exit code 2, or the folder goes on."""
    whole = json.loads((swept / "manifest.json").read_text())
    tops = [path for path in places(whole) if path[0] not in ("config", "request", "generations") or len(path) < 4]
    tops = [path for path in tops if path[:2] not in (("request", "config"), ("generations", 0, "versions"))]
    for path in tops:
        found = json.loads(json.dumps(whole))
        inner = found
        for key in path[:-1]:
            inner = inner[key]
        if value == "gone":
            del inner[path[-1]]
        else:
            inner[path[-1]] = value
        (swept / "manifest.json").write_text(json.dumps(found))
        for command in ("status", "cite"):
            done = call(command, "s")
            assert done.code in (0, 2) and done.err.count("\n") == (done.code == 2), (path, value, done)
            assert "failed:" not in done.err, (path, value, done.err)


@pytest.mark.parametrize("text", ["", "{", "[]", "7", "null", '{"kind": "sweep"}', "[" * 100_000, "\0", '{"kind": []}'])
@pytest.mark.parametrize("command", ["status", "plot", "resume", "cite"])
def test_a_manifest_that_is_none_gives_one_line(call, swept, text, command):
    (swept / "manifest.json").write_text(text)
    done = call(command, "s")
    assert (done.code, done.err.count("\n")) == (2, 1) and "failed:" not in done.err, done.err


def test_words_that_make_other_runs_are_told(call, swept):
    edited(swept, lambda found: found.update(words=["scenario=granovetter_1978", "steps=1,2,3", "replicates=2"]))
    for command in ("plot", "resume"):
        done = call(command, "s")
        assert (done.code, done.err.count("\n")) == (2, 1) and "contradicts itself" in done.err


@pytest.mark.parametrize("words", [["plot"], ["plot", "figures=[pdf]"], ["resume"], ["resume", "executor=local"],
                                   ["replay", "--run", "1"]])  # fmt: skip
def test_words_that_are_none_are_told_of_the_manifest(call, swept, words):
    edited(swept, lambda found: found.update(words=["scenario=granovetter_1978", "interval(0,1)", "replicates=2"]))
    done = call(words[0], "s", *words[1:])
    assert (done.code, done.err.count("\n")) == (2, 1) and "manifest.json: interval(0,1) is not" in done.err


def test_a_word_of_the_command_is_not_told_of_the_manifest(call, swept):
    done = call("resume", "s", "executor=nosuch")
    assert (done.code, done.err.count("\n")) == (2, 1) and "manifest" not in done.err and "nosuch" in done.err


def test_a_folder_of_settings_that_is_gone_is_told(call, swept):
    edited(swept, lambda found: found.update(config_dir="/gone"))
    done = call("resume", "s")
    assert (done.code, done.err.count("\n")) == (2, 1) and "manifest.json: config_dir=/gone is not allowed" in done.err


def test_a_design_that_is_gone_is_written_again(call, swept):
    whole = (swept / "design.parquet").read_bytes()
    for content in (None, b"", whole[: len(whole) // 2]):
        (swept / "design.parquet").unlink() if content is None else (swept / "design.parquet").write_bytes(content)
        assert call("resume", "s").code == 0
        assert (swept / "design.parquet").read_bytes() == whole


# What an earlier version left when it was killed between design and manifest.
def test_a_sweep_that_was_killed_at_birth_begins_anew(call, here, swept):
    whole = {path.name: path.read_bytes() for path in (swept / "runs").iterdir()}
    shutil.rmtree(swept / "runs")
    (swept / "runs").mkdir()
    for path in list(swept.iterdir()):
        if path.name not in ("runs", "design.parquet", ".lock"):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    assert call(*SWEEP, "out=s").code == 0
    assert {path.name: path.read_bytes() for path in (swept / "runs").iterdir()} == whole


def test_a_folder_in_the_place_of_a_file_is_told(tmp_path):
    (tmp_path / "failed.parquet").mkdir()
    with pytest.raises(InputError, match="failed.parquet=a folder is not allowed: a file, or nothing"):
        write_whole(tmp_path / "failed.parquet", b"")
    assert [path.name for path in tmp_path.iterdir()] == ["failed.parquet"]
