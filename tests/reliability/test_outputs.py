"""What ``ploshcha run`` writes: the files, their columns, the manifest, and nothing else."""

import hashlib
import json
import subprocess
from datetime import datetime

import numpy as np
import polars as pl
import pyarrow.parquet as pq
import pytest

from experiments import load_scenario
from experiments.design.hashes import config_hash
from experiments.store import provenance
from experiments.store.claim import claimed, default_folders
from experiments.store.files import sha256
from experiments.store.tables import curves_table, plants_table, write_table
from sim import run

COLUMNS = (
    "hour city quiet protesting striking rallying detained adults rallying_coerced detained_new injured_new dismissed "
    "officers_withholding officers_resigned officials_accommodating officials_resigned ever_participated "
    "mean_legitimacy mean_anger mean_fear mean_russia_affinity private_opposition repression_level concession_level "
    "reported_protest_ministry reported_protest_media reported_rally_ministry reported_rally_media"
).split()
ACTIVITIES = ["quiet", "protesting", "striking", "rallying", "detained"]
SECONDS = (
    "cpu_seconds wall_seconds startup_seconds compile_seconds build_seconds output_seconds agent_steps_per_second"
).split()


@pytest.fixture(scope="module")
def manifest(first_run):
    return json.loads((first_run[1] / "manifest.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def result():
    """Two cities for two days: more than one column, nights, an occasion."""
    return run(load_scenario("august_2020", "hours=48", "persons_per_agent=2000", "scenario.cities=[Minsk,Brest]"))


def test_only_the_folder_is_written(first_run, everything):
    folder, _, done = first_run
    files = ["curves.parquet", "manifest.json", *(f"mobilization.{form}" for form in ("csv", "md", "png")),
             "plants.parquet"]  # fmt: skip
    assert everything(folder) == ["first", *(f"first/{name}" for name in files)]
    assert done.err == ""
    assert done.out.splitlines()[-1] == "written to first"
    assert "Minsk" in done.out


def test_curves(first_run):
    curves = pl.read_parquet(first_run[1] / "curves.parquet")
    assert curves.columns == COLUMNS
    assert curves.schema["hour"] == pl.Int32 and curves.schema["city"] == pl.String
    assert all(curves.schema[name] == pl.Float64 for name in COLUMNS[2:])
    assert curves["hour"].to_list() == list(range(24)) and set(curves["city"]) == {"Minsk"}
    adults = curves.select(pl.sum_horizontal(ACTIVITIES)).to_series()
    assert adults.min() == pytest.approx(adults.max()) and adults.min() > 1e6


def test_plants(first_run):
    plants = pl.read_parquet(first_run[1] / "plants.parquet")
    assert plants.columns == ["hour", "city", "plant", "employed", "striking"]
    assert plants.schema["hour"] == pl.Int32 and plants.schema["employed"] == pl.Float64
    assert (plants["striking"] <= plants["employed"]).all()
    assert plants.n_unique(["hour", "city", "plant"]) == len(plants) == 24 * plants["plant"].n_unique()


def test_tables_hold_what_the_result_holds(result):
    curves, plants = curves_table(result), plants_table(result)
    assert curves.column_names == COLUMNS
    assert curves["city"].to_pylist()[:4] == ["Minsk", "Brest", "Minsk", "Brest"]
    assert curves["hour"].to_pylist()[:4] == [0, 0, 1, 1]
    for name in COLUMNS[2:]:
        stored = curves[name].to_numpy(zero_copy_only=False).reshape(result.hours, 2)
        np.testing.assert_array_equal(stored, result.curves_columns[name])
        missing = int(np.isnan(result.curves_columns[name]).sum())
        assert curves[name].null_count == (missing if name.startswith("reported_") else 0)
    striking = plants["striking"].to_numpy().reshape(result.striking.shape)
    np.testing.assert_array_equal(striking, result.striking)
    assert plants["plant"].to_pylist()[: len(result.plants)] == [plant for _, plant in result.plants]


def test_the_same_table_gives_the_same_bytes(result, tmp_path):
    for name in ("one", "two"):
        write_table(curves_table(result), tmp_path / name)
    assert sha256(tmp_path / "one") == sha256(tmp_path / "two")
    written = pq.read_table(tmp_path / "one")
    assert written.equals(curves_table(result))
    assert not written.schema.metadata


def test_the_same_run_gives_the_same_bytes(first_run, manifest, call, small, here):
    assert call("run", *small, "out=again").code == 0
    again = json.loads((here / "again" / "manifest.json").read_text(encoding="utf-8"))
    for name in ("curves.parquet", "plants.parquet"):
        assert (here / "again" / name).read_bytes() == (first_run[1] / name).read_bytes()
    differing = {name for name in manifest if manifest[name] != again[name]}
    assert differing <= set(SECONDS)


def test_manifest(first_run, manifest):
    assert manifest["curves_sha256"] == hashlib.sha256((first_run[1] / "curves.parquet").read_bytes()).hexdigest()
    parameters = load_scenario("minsk_2020", "hours=24", "persons_per_agent=2000")
    assert manifest["config"] == parameters.model_dump(mode="json")
    assert manifest["config_hash"] == config_hash(manifest["config"])
    assert manifest["code_hash"] == provenance.code_hash()
    assert manifest["data_hash"] == provenance.data_hash(parameters)
    assert all(len(manifest[name]) == 64 for name in ("config_hash", "code_hash", "data_hash", "curves_sha256"))
    assert (manifest["seed"], manifest["engine"], manifest["steps"]) == (1, "compiled", 24)
    assert manifest["agents"] > 500 and manifest["replaced_rules"] == []
    assert {"python", "numpy", "numba", "hydra-core", "pydantic"} <= set(manifest["versions"])
    assert {"git_commit", "git_dirty"} <= set(manifest)
    assert all(isinstance(manifest[name], float) and manifest[name] >= 0 for name in SECONDS)
    assert 0 < manifest["startup_seconds"] < 120 and manifest["output_seconds"] > 0
    speed = manifest["agents"] * manifest["steps"] / manifest["wall_seconds"]
    assert manifest["agent_steps_per_second"] == pytest.approx(speed, rel=1e-6)


def test_config_hash_tells_settings_apart_but_not_where_data_lie():
    def hashed(*overrides):
        return config_hash(load_scenario("minsk_2020", *overrides).model_dump(mode="json"))

    assert hashed() == hashed("seed=1") == hashed("scenario.data=elsewhere", "out=anywhere")
    assert len({hashed(), hashed("seed=2"), hashed("anger.anger_gain=0.9"), hashed("hours=24")}) == 4


def test_hash_of_files_sees_names_contents_and_limits(tmp_path):
    def hashed(**contents):
        for name, content in contents.items():
            (tmp_path / name).write_bytes(content)
        return provenance.hash_files({name: tmp_path / name for name in contents})

    different = [hashed(a=b"1", b=b"2"), hashed(a=b"12", b=b""), hashed(a=b"2", b=b"1"), hashed(a=b"1", c=b"2")]
    assert len(set(different)) == 4
    assert hashed(b=b"2", a=b"1") == different[0]
    assert hashed(a=b"x\r\ny") == hashed(a=b"x\ny")


def test_git_state(tmp_path, monkeypatch):
    package = tmp_path / "sim"
    package.mkdir()
    monkeypatch.setattr(provenance, "package_folder", lambda name: tmp_path / name)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert provenance.git_state() == {"git_commit": None, "git_dirty": None}

    def git(*words):
        identity = ["-c", "user.name=Test", "-c", "user.email=test@example.org", "-c", "commit.gpgsign=false"]
        done = subprocess.run(["git", *identity, *words], cwd=tmp_path, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    git("init", "--quiet")
    (package / "rule.py").write_text("1\n", encoding="utf-8")
    git("add", ".")
    git("commit", "--quiet", "-m", "first")
    commit = git("rev-parse", "HEAD")
    assert provenance.git_state() == {"git_commit": commit, "git_dirty": False}
    (tmp_path / "results.txt").write_text("not a source\n", encoding="utf-8")
    assert provenance.git_state() == {"git_commit": commit, "git_dirty": False}
    (package / "new.py").write_text("2\n", encoding="utf-8")
    assert provenance.git_state() == {"git_commit": commit, "git_dirty": True}
    # An environment inside somebody else's repository
    monkeypatch.setattr(provenance, "package_folder", lambda name: tmp_path / "sim" / name)
    assert provenance.git_state() == {"git_commit": None, "git_dirty": None}


def test_default_folder(call, here, small, everything):
    assert call("run", *small).code == 0
    (folder,) = (here / "results" / "minsk_2020").iterdir()
    datetime.strptime(folder.name, "%Y-%m-%dT%H-%M-%S")
    assert [path.name for path in here.iterdir()] == ["results"]
    assert not [name for name in everything(here) if "/." in name]


def test_default_folders_of_one_second_differ(here, monkeypatch):
    monkeypatch.setattr("time.strftime", lambda form: "now")
    first = next(default_folders("a/../b"))
    assert first.parts == ("results", "a____b", "now")
    with claimed(None, "a/../b") as one, claimed(None, "a/../b") as two:
        assert (one, two.name) == (first, "now-2")
    assert list(here.iterdir()) == []
    first.mkdir(parents=True)
    assert next(default_folders("a/../b")).name == "now-2"


def test_an_empty_folder_is_filled_where_it_stands(call, here, small, everything):
    (here / "there").mkdir()
    number = (here / "there").stat().st_ino
    assert call("run", *small, "out=there").code == 0
    assert (here / "there").stat().st_ino == number
    assert len(everything(here)) == 7


def test_home_and_blanks_in_paths(call, here, small, monkeypatch):
    monkeypatch.setenv("HOME", str(here))
    assert call("run", *small, "out=~/first run, it's mine").code == 0
    assert (here / "first run, it's mine" / "manifest.json").is_file()


def test_a_reader_that_leaves_is_no_error(first_run, small, tmp_path):
    import sys

    command = [sys.executable, "-m", "experiments.cli", "run", "--help"]
    process = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait(timeout=60) == 0


def loaded_after(code, command, tmp_path):
    done = command(cwd=tmp_path, script=f"import sys\n{code}\nprint(*sys.modules, file=sys.stderr)")
    return {name.partition(".")[0] for name in done.err.split()}


def test_nothing_heavy_is_loaded_before_it_is_needed(command, small, tmp_path):
    heavy = {"numpy", "pydantic", "hydra", "omegaconf", "matplotlib", "xarray", "mesa", "numba", "pandas", "rich"}
    assert not heavy & loaded_after("import experiments, experiments.cli", command, tmp_path)
    words = ["run", *small, "out=out"]
    loaded = loaded_after(f"from experiments.cli import main; main({words!r})", command, tmp_path)
    assert {"numpy", "pyarrow", "matplotlib"} <= loaded
    assert not {"xarray", "mesa", "pandas", "polars"} & loaded


def test_hydra_of_the_caller_is_left_alone(tmp_path):
    from hydra import compose, initialize_config_dir

    (tmp_path / "mine.yaml").write_text("a: 1\n", encoding="utf-8")
    with initialize_config_dir(str(tmp_path), version_base="1.3"):
        assert load_scenario("minsk_2020").scenario.name == "minsk_2020"
        assert compose("mine").a == 1
