"""``space=true`` writes who was where; sums are those of the curves, and nothing else of the run changes."""

import json

import numpy as np
import polars as pl
import pytest

from experiments import load_scenario
from experiments.store.space import TABLES
from sim import run

ADDED = {"space.parquet", "places.parquet", "events.parquet", "targets.parquet"}
HILL = ("site", "memorial", 20000.0, -900.0, 1200.0)
STATES = ("protesting", "striking", "rallying", "detained")
LIVELY = ("scenario=vyraj", "persons_per_agent=50", "participation.intercept=-3", "walkout.walkout_intercept=-2",
          "participation.intercept_elsewhere=0", "repression.arrest_constant=1", "chains.chain_offset=1",
          "participation.rally_intercept=-3", "repression.garrison=20", "job_pressure.order_share=0.5",
          "place.site_capacity=0.5")  # fmt: skip


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """A run without the map and one with; and a coarser one by either engine."""
    from experiments.cli import main

    folder = tmp_path_factory.mktemp("space")
    coarse = ("space=true", "persons_per_agent=200", "hours=24")
    for name, words in {"plain": (), "space": ("space=true",), "mesa": (*coarse, "engine=mesa"),
                        "compiled": coarse}.items():  # fmt: skip
        assert main(["run", *LIVELY, *words, f"out={folder / name}"]) == 0
    return folder


@pytest.fixture(scope="module")
def curves(folders):
    return pl.read_parquet(folders / "space" / "curves.parquet")


@pytest.fixture(scope="module")
def space(folders):
    return pl.read_parquet(folders / "space" / "space.parquet")


def summed(space, curves, columns):
    """Sums over places by hour and city, in the order of the curves, 0 where there is no row."""
    sums = space.group_by("hour", "city").agg(pl.col(columns).sum())
    return curves.select("hour", "city").join(sums, ["hour", "city"], "left", maintain_order="left").fill_null(0.0)


def test_nothing_else_of_the_run_changes(folders):
    plain, space = ({path.name: path for path in (folders / name).iterdir()} for name in ("plain", "space"))
    assert set(space) - set(plain) == ADDED
    for name in ("curves.parquet", "plants.parquet", "mobilization.png"):
        assert plain[name].read_bytes() == space[name].read_bytes()
    hashes = [json.loads(files["manifest.json"].read_text())["config_hash"] for files in (plain, space)]
    assert hashes[0] == hashes[1]


def test_engines_write_the_same_bytes(folders):
    for name in ADDED:
        assert (folders / "mesa" / name).read_bytes() == (folders / "compiled" / name).read_bytes()
    rows = pl.read_parquet(folders / "mesa" / "space.parquet")
    assert rows.filter(kind="home")["protesting"].sum() > 0 < rows["detained_new"].sum()


def test_homes_add_up_to_the_curves(space, curves):
    homes = summed(space.filter(kind="home"), curves, STATES)
    for name in STATES:
        assert curves[name].max() > 50  # else there is nothing to compare
        np.testing.assert_allclose(homes[name], curves[name], rtol=1e-9, atol=1e-6)


def test_sites_less_their_arrests_add_up_to_the_curves(space, curves):
    sites = summed(space.filter(kind="site"), curves, ("protesting", "detained_new"))
    np.testing.assert_allclose(sites["protesting"] - sites["detained_new"], curves["protesting"], rtol=1e-9, atol=1e-6)
    np.testing.assert_allclose(sites["detained_new"], curves["detained_new"], rtol=1e-9, atol=1e-6)
    assert sites["detained_new"].max() > 50


def test_those_nearby_are_the_neighbourhoods(space, curves):
    nearby = summed(space.filter(kind="home"), curves, ("protesting_nearby",))["protesting_nearby"]
    there = summed(space.filter(kind="site", site="neighbourhoods"), curves, ("protesting", "detained_new"))
    np.testing.assert_allclose(nearby, there["protesting"] - there["detained_new"], rtol=1e-9, atol=1e-6)
    assert nearby.max() > 50


def test_only_places_with_anybody_have_a_row(space):
    persons = [name for name, kind in space.schema.items() if kind == pl.Float64]
    assert space.select(pl.sum_horizontal(persons)).to_series().min() > 0
    assert space["officers"].sum() > 0 and not (space.select(pl.col(persons) < 0)).to_numpy().any()


def test_the_map(folders, curves):
    places = pl.read_parquet(folders / "space" / "places.parquet")
    living = places.filter(kind="cell").group_by("city", maintain_order=True).agg(pl.col("adults").sum())
    np.testing.assert_allclose(living["adults"], curves["adults"][:2], rtol=1e-9)
    hill = places.filter(pl.col("name") == "Lighthouse Hill")
    assert hill.select("kind", "role", "area_m2", "east_m", "north_m").row(0) == HILL
    assert places.filter(kind="plant")["employees"].min() > 0


def test_files_hold_the_columns_that_are_declared(folders):
    for name, (_, columns) in TABLES.items():
        assert pl.read_parquet(folders / "space" / name).columns == list(columns)


def test_threads_and_scale_do_not_matter():
    """A city of more than one block of rows, in one thread and in two."""
    spaces = [run(load_scenario("minsk_2020", "hours=22", "persons_per_agent=8", f"threads={n}"), space=True).space
              for n in (1, 2)]  # fmt: skip
    np.testing.assert_array_equal(spaces[0].found.sites, spaces[1].found.sites)
    for one, other in zip(spaces[0].found.cells, spaces[1].found.cells, strict=True):
        np.testing.assert_array_equal(one[0], other[0])
        np.testing.assert_array_equal(one[1], other[1])


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("run", "space=maybe"), "space=maybe is not allowed: true or false"),
        (("run", "space=1"), "space=1 is not allowed: true or false"),
        (("run", "scenario=epstein_2002", "space=true"), "a classic has no space"),
        (("sweep", "scenario=minsk_2020", "space=true", "appeals.strength=0,1"), "space=true is not allowed: false in"),
        (("sweep", "scenario=minsk_2020", "space=true,false"), "one value of space: ploshcha run writes"),
    ],
)
def test_bad_input(call, here, words, told):
    done = call(*words)
    assert done.code == 2 and told in done.err and len(done.err.splitlines()) == 1
    assert not list(here.iterdir())
