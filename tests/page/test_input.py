"""What ``ploshcha view`` and ``ploshcha map`` refuse: one line, exit code 2, and nothing written."""

import pytest

from experiments import cli
from experiments.store.space_folder import differences, read_space_folder


@pytest.fixture(scope="module")
def folders(runs, ploshcha, tmp_path_factory):
    """Beside the runs with a map: a run without, a classic, what stands for a sweep, an empty folder."""
    folder = tmp_path_factory.mktemp("folders")
    small = ("scenario=vyraj", "hours=3", "persons_per_agent=500")
    assert ploshcha("run", *small, f"out={folder / 'plain'}") == 0
    assert ploshcha("run", "scenario=granovetter_1978", f"out={folder / 'classic'}") == 0
    for name in ("sweep", "fit", "list", "empty"):
        (folder / name).mkdir()
    (folder / "sweep" / "manifest.json").write_text('{"kind": "sweep"}', encoding="utf-8")
    (folder / "fit" / "manifest.json").write_text('{"kind": "calibration", "config": {}}', encoding="utf-8")
    (folder / "list" / "manifest.json").write_text("[]", encoding="utf-8")
    for name in ("with", "without", "others"):
        (folder / name).symlink_to(runs / name)
    return folder


def files(folder):
    return sorted((str(path), path.stat().st_mtime_ns) for path in folder.rglob("*"))


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("view",), "folder is missing"),
        (("map",), "folder is missing"),
        (("view", "plain"), "this run has no map: run it again with space=true"),
        (("map", "plain"), "this run has no map: run it again with space=true"),
        (("view", "with", "plain"), "this run has no map: run it again with space=true"),
        (("view", "classic"), "this one is of the classic granovetter_1978"),
        (("map", "sweep"), "this one is of a sweep"),
        (("view", "fit"), "this one is of a calibration"),
        (("why", "with", "fit"), "this one is of a calibration"),
        (("view", "list"), "its manifest.json is of nothing known"),
        (("view", "with", "people=-1"), "people=-1 is not allowed: an integer from 0 to 500"),
        (("view", "with", "people=many"), "people=many is not allowed: an integer"),
        (("view", "with", "port=9"), "port=9 is not allowed: a setting of --serve"),
        (("view", "with", "--serve", "port=9"), "port=9 is not allowed: an integer from 1024 to 65535, or 0"),
        (("view", "empty"), "this one has no manifest.json"),
        (("view", "nowhere"), "there is none"),
        (("view", "with", "without", "others"), "two to be seen side by side"),
        (("view", "with", "others"), "seed of others=2 is not allowed: 1 as in with; side by side"),
        (("view", "with", "city=Alvna"), "city=Alvna is not allowed: one of Alvena, Tarnel, all; did you mean Alvena?"),
        (("map", "with", "city=Tarnl"), "did you mean Tarnel?"),
        (("view", "with", "hour=72"), "hour=72 is not allowed: an integer from 0 to 71"),
        (("view", "with", "hour=-1"), "hour=-1 is not allowed: an integer from 0 to 71"),
        (("view", "with", "--opne"), "did you mean --open?"),
        (("map", "with", "film=maybe"), "film=maybe is not allowed: one of false, true, gif, mp4"),
        (("map", "with", "without"), "folder=without is not allowed"),
        (("veiw", "with"), "did you mean view?"),
    ],
)
def test_one_line_and_nothing_written(folders, monkeypatch, capsys, words, told):
    monkeypatch.chdir(folders)
    before = files(folders)
    capsys.readouterr()
    assert cli.main(list(words)) == 2
    printed = capsys.readouterr()
    assert told in printed.err and printed.err.count("\n") == 1 and not printed.out
    assert files(folders) == before


def test_a_damaged_file_is_told(folders, runs, tmp_path, ploshcha, capsys):
    import shutil

    shutil.copytree(runs / "with", tmp_path / "damaged", ignore=shutil.ignore_patterns("view.html"))
    (tmp_path / "damaged" / "space.parquet").write_bytes(b"PAR1 no more")
    capsys.readouterr()
    assert ploshcha("view", tmp_path / "damaged") == 2
    assert "its space.parquet is not the one that the run wrote" in capsys.readouterr().err
    assert not (tmp_path / "damaged" / "view.html").exists()


def test_help(capsys):
    for verb in ("view", "map"):
        assert cli.main([verb, "--help"]) == 0
        assert f"usage: ploshcha {verb} DIR" in capsys.readouterr().out


def test_differences_are_settings_that_matter(runs):
    one, other = (read_space_folder(runs / name) for name in ("with", "without"))
    assert differences(one, other) == ["repression.strength: 1.0 → 0.0"]
    assert differences(one, one) == []
