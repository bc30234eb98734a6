"""Sensitivity: designs are those of SALib and SciPy, indices right where the answer is known, the command resumes."""

import math
import shutil

import numpy as np
import polars as pl
import pytest

from experiments.analysis.indices import (
    SEED,
    indices,
    luck_shares,
    morris_indices,
    morris_step,
    pawn_indices,
    ranks,
    sobol_indices,
)
from experiments.cli import main
from experiments.design.levers import Lever, as_range
from experiments.design.points import MORRIS_LEVELS, make_points, unit_sample
from sim.errors import InputError

pytestmark = pytest.mark.filterwarnings("error")
LEVERS = (Lever("a", low=-1.0, high=3.0), Lever("b", low=0.0, high=0.2))
PROBLEM = {"num_vars": 2, "names": ["a", "b"], "bounds": [[-1.0, 3.0], [0.0, 0.2]]}
PI = math.pi


def values_of(points):
    return np.array([[point["a"], point["b"]] for point in points])


def test_morris_design_is_that_of_salib():
    from SALib.sample import morris

    expected = morris.sample(PROBLEM, 5, num_levels=4, seed=7)
    assert np.allclose(values_of(make_points(LEVERS, "morris", 5, None, 7)), expected, rtol=0, atol=1e-12)
    assert not np.allclose(values_of(make_points(LEVERS, "morris", 5, None, 8)), expected)


def test_saltelli_design_is_that_of_salib():
    from SALib.sample import sobol

    expected = sobol.sample(PROBLEM, 16, calc_second_order=False, seed=7)
    assert np.allclose(values_of(make_points(LEVERS, "saltelli", 16, None, 7)), expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("method", ["lhs", "sobol"])
def test_samples_are_those_of_scipy(method):
    from scipy.stats import qmc

    sampler = {"lhs": qmc.LatinHypercube, "sobol": qmc.Sobol}[method](2, rng=np.random.default_rng(7))
    expected = qmc.scale(sampler.random(16), [-1.0, 0.0], [3.0, 0.2])
    assert np.allclose(values_of(make_points(LEVERS, method, 16, None, 7)), expected, rtol=0, atol=1e-12)


def test_alternatives_are_equal_parts_of_a_sample_and_refused_by_morris():
    lever = Lever("c", alternatives={"x": {}, "y": {}, "z": {}})
    found = [point["c"] for point in make_points([lever, *LEVERS], "lhs", 300, None, 1)]
    assert {name: found.count(name) for name in "xyz"} == {"x": 100, "y": 100, "z": 100}
    with pytest.raises(InputError, match="c=x, y, z is not allowed: numbers or two alternatives"):
        make_points([lever, *LEVERS], "morris", 4, None, 1)


def test_lists_of_numbers_become_ranges_and_whole_settings_stay_whole():
    assert as_range(Lever("a", values=(0, 10, 3)), 1.0).bounds == (0.0, 10.0)
    assert as_range(Lever("a", values=(0, 10, 3)), 1.0).is_range
    whole = as_range(Lever("a", low=0.5, high=8.0), 4)
    assert whole.bounds == (1, 8) and isinstance(whole.at(0.4), int)
    with pytest.raises(InputError, match="a=2 is not allowed: a range"):
        as_range(Lever("a", values=(2,)), 1.0)


def ishigami(unit):
    """Ishigami & Homma (1990) with a = 7, b = 0.1, over [-pi, pi]."""
    x = PI * (2.0 * unit - 1.0)
    return np.sin(x[:, 0]) + 7.0 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])


def ishigami_indices():
    """Closed form: Saltelli et al. (2008), Global Sensitivity Analysis, p. 179-182."""
    first = 0.5 * (1.0 + 0.1 * PI**4 / 5.0) ** 2
    second, both = 49.0 / 8.0, 0.01 * PI**8 * (1.0 / 18.0 - 1.0 / 50.0)
    total = first + second + both
    return np.array([first, second, 0.0]) / total, np.array([first + both, second, both]) / total


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_sobol_indices_of_ishigami(seed):
    found = sobol_indices(3, ishigami(unit_sample(3, "saltelli", 1024, seed))[:, None])
    for name, expected in zip(("S1", "ST"), ishigami_indices(), strict=True):
        value, low, high = found[name].T
        assert (low <= expected).all() and (expected <= high).all()
        assert np.abs(value - expected).max() < 0.05 and (high - low).max() < 0.25
    assert ranks("sobol", found)[2] == "3"


def test_sobol_rank_is_undecided_where_luck_explains_it():
    unit, generator = unit_sample(2, "saltelli", 128, 1), np.random.default_rng(1)
    outcome = 5.0 * unit[:, :1] + generator.normal(size=(len(unit), 3))  # the second lever only deals anew
    found = sobol_indices(2, outcome)
    assert found["ST"][1, 1] > 0.0  # its interval alone would have claimed an effect
    assert ranks("sobol", found) == ["1", "undecided"]
    assert found["ST_luck"][1, 0] == pytest.approx(found["ST"][1, 0], rel=0.5)


def test_morris_of_a_linear_function():
    slopes, unit = np.array([3.0, -2.0, 0.0, 0.5]), unit_sample(4, "morris", 10, 3)
    found = morris_indices(unit, (unit @ slopes)[:, None])
    assert np.allclose(found["mu_star"][:, 0], np.abs(slopes), atol=1e-12)
    assert np.allclose(found["mu"][:, 0], slopes, atol=1e-12)
    assert np.allclose(found["sigma"], 0.0, atol=1e-12)
    assert ranks("morris", found)[:2] == ["1", "2"]


def test_morris_intervals_stand_on_the_effects_of_salib():
    from SALib.analyze.morris import _compute_elementary_effects

    from experiments.analysis.indices import _elementary_effects

    unit = unit_sample(3, "morris", 12, 3)
    outcome = ishigami(unit)
    expected = _compute_elementary_effects(unit, outcome, 4, MORRIS_LEVELS / (2 * (MORRIS_LEVELS - 1)))
    assert np.allclose(_elementary_effects(unit, outcome[:, None])[0], expected.T)
    found = morris_indices(unit, outcome[:, None])
    assert (found["sigma"][:, 1] < found["sigma"][:, 2]).any()


def test_morris_seldom_claims_a_rank_for_a_lever_that_only_deals_anew():
    """At 5 % each, more than 9 of 60 would come once in a thousand; without the part of luck, all 60."""
    told = []
    for seed in range(60):
        unit, generator = unit_sample(3, "morris", 20, seed), np.random.default_rng(seed)
        of_seed = 2.0 * generator.normal(size=(1, 3))  # the same at all points
        outcome = unit @ np.array([[6.0], [2.0], [0.0]]) + of_seed + generator.normal(size=(len(unit), 3))
        told.append(ranks("morris", morris_indices(unit, outcome)))
    assert sum(rank[2] != "undecided" for rank in told) <= 9
    assert all(rank[0] == "1" for rank in told)


@pytest.mark.parametrize("high", [1, 2, 4, 8])
def test_morris_effect_of_a_whole_lever_is_per_range(high):
    levers = [Lever("a", values=(0, high)), Lever("b", low=0.0, high=1.0)]
    points, unit = make_points(levers, "morris", 6, None, 2), unit_sample(2, "morris", 6, 2)
    outcome = np.array([[6.0 * point["a"] / high] for point in points])
    found = morris_indices(unit, outcome, [morris_step(lever) for lever in levers])
    assert found["mu_star"][0] == pytest.approx([6.0, 6.0, 6.0])
    assert ranks("morris", found) == ["1", "no effect"]


def test_pawn_puts_a_dummy_lever_last_and_claims_no_rank_for_it():
    unit = unit_sample(3, "lhs", 256, 4)
    found = pawn_indices(unit, (4.0 * unit[:, 1] + unit[:, 0] ** 2)[:, None])
    told = ranks("pawn", found)
    assert np.argsort(found["median"][:3, 0]).tolist() == [2, 0, 1]
    assert told[1] == "1" and told[2] == "undecided" and told[3] == "dummy"


def test_pawn_values_are_those_of_salib():
    from SALib.analyze import pawn

    unit = unit_sample(2, "lhs", 60, 4)
    outcome = unit[:, 0] + unit[:, 1] ** 2
    problem = {"num_vars": 2, "names": ["a", "b"], "bounds": [[0, 1]] * 2}
    expected = pawn.analyze(problem, unit, outcome, S=10, seed=SEED)
    found = pawn_indices(unit, outcome[:, None])
    for name in ("median", "minimum", "maximum", "CV"):
        assert np.array_equal(found[name][:2, 0], expected[name])
        assert (found[name][:2, 1] < found[name][:2, 0]).all()


@pytest.mark.parametrize(("method", "design"), [("sobol", "saltelli"), ("morris", "morris"), ("pawn", "lhs")])
def test_a_constant_outcome_has_no_variation(method, design):
    unit = unit_sample(2, design, 32, 1)
    found = indices(method, LEVERS, unit, np.full((len(unit), 2), 5.0))
    assert set(ranks(method, found)) == {"no variation"}
    assert all(np.isnan(value).all() for value in found.values())


def test_shares_of_luck_are_those_of_the_variance_components():
    generator = np.random.default_rng(1)
    effect, seed = 3.0 * generator.normal(size=(4000, 1)), np.array([[-4.0, 0.0, 1.0, 3.0]])
    runs, means = luck_shares(effect + seed + 2.0 * generator.normal(size=(4000, 4)), common_luck=True)
    of_seed = seed.var(ddof=1)
    assert runs == pytest.approx((of_seed + 4.0) / (of_seed + 4.0 + 9.0), abs=0.03)
    assert means == pytest.approx(1.0 / (1.0 + 9.0), abs=0.01)  # the seeds' own part is the same at all points
    apart = effect + 4.0 * generator.normal(size=(4000, 4))
    assert luck_shares(apart, common_luck=False)[1] == pytest.approx(4.0 / (4.0 + 9.0), abs=0.03)


TINY = ("sensitivity", "method=sobol", "n=8", "scenario=vyraj", "persons_per_agent=2000", "hours=36", "replicates=2",
        "participation.intercept=interval(-4,-1)", "population.n_online_ties=0,4", "executor.processes=1",
        "outcomes=[peak_turnout,turnout_days,rally_size]")  # fmt: skip


def table(folder):
    return pl.read_parquet(folder / "sensitivity.parquet")


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    out = tmp_path_factory.mktemp("sensitivity") / "whole"
    assert main([*TINY, f"out={out}"]) == 0
    return out


def test_the_command_writes_table_and_figure(whole):
    found = table(whole)
    assert found.columns == ["lever", "outcome", "index", "value", "low", "high", "n", "rank"]
    assert set(found["index"]) == {"S1", "ST", "ST_luck", "share_of_runs", "share_of_means"}
    assert found["n"].to_list() == [8] * found.height
    main_row = found.row(by_predicate=(pl.col("lever") == "participation.intercept") & (pl.col("index") == "ST")
                         & (pl.col("outcome") == "turnout_days"), named=True)  # fmt: skip
    assert main_row["low"] < main_row["value"] < main_row["high"] and main_row["rank"] == "1"
    constant = found.filter((pl.col("outcome") == "rally_size") & (pl.col("index") == "ST"))
    assert set(constant["rank"]) == {"no variation"} and constant["value"].null_count() == 2
    assert (whole / "figures" / "sensitivity.png").stat().st_size > 5000


def test_indices_are_those_of_the_means_of_the_runs(whole):
    summary = pl.read_parquet(whole / "summary.parquet")
    means = summary.group_by("point", maintain_order=True).agg(pl.col("turnout_days").mean())["turnout_days"]
    expected = sobol_indices(2, means.to_numpy()[:, None])
    found = table(whole).filter((pl.col("outcome") == "turnout_days") & (pl.col("index") == "S1"))
    assert found["value"].to_list() == expected["S1"][:, 0].tolist()


def test_interrupted_and_resumed_gives_the_same_table(whole, tmp_path, monkeypatch, capsys):
    from sim import run as real

    calls = []

    def interrupted(*args, **kwargs):
        calls.append(1)
        if len(calls) > 20:
            raise KeyboardInterrupt
        return real(*args, **kwargs)

    out = tmp_path / "interrupted"
    monkeypatch.setattr("sim.run", interrupted)
    assert main([*TINY, f"out={out}"]) == 130
    assert not (out / "sensitivity.parquet").exists() and list((out / "runs").glob("*.parquet"))
    monkeypatch.setattr("sim.run", real)
    capsys.readouterr()
    assert main(["resume", str(out)]) == 0
    assert "(0 were there already)" not in capsys.readouterr().out
    assert table(out).equals(table(whole))


def test_runs_that_are_missing_take_their_blocks_with_them(whole, tmp_path, capsys):
    out = tmp_path / "incomplete"
    shutil.copytree(whole, out)
    sorted((out / "runs").glob("*.parquet"))[0].unlink()  # one run: chunks begin with a single one
    capsys.readouterr()
    assert main(["plot", str(out)]) == 0
    assert "1 of 8 blocks left out: 1 runs failed or missing" in capsys.readouterr().out
    assert table(out)["n"].to_list() == [7] * table(out).height
    outcome = pl.read_parquet(whole / "summary.parquet")["turnout_days"].to_numpy().reshape(8 * 4, 2)
    found = table(out).filter((pl.col("outcome") == "turnout_days") & (pl.col("index") == "ST"))
    assert found["value"].to_list() == sobol_indices(2, outcome[4:])["ST"][:, 0].tolist()  # point 0 was missing


def test_a_failed_run_is_told_and_made_good(whole, tmp_path, monkeypatch, capsys):
    from sim import run as real

    def failing(parameters, *args, **kwargs):
        if parameters.seed == 2 and parameters.participation.intercept > -1.5:
            raise ValueError("no luck")
        return real(parameters, *args, **kwargs)

    out = tmp_path / "failed"
    monkeypatch.setattr("sim.run", failing)
    assert main([*TINY, f"out={out}"]) == 1
    n_failed = pl.read_parquet(out / "failed.parquet").height
    n_left = table(out)["n"][0]
    assert n_failed > 0 and 2 <= n_left < 8
    told = capsys.readouterr()
    assert f"{8 - n_left} of 8 blocks left out: {n_failed} runs failed or missing, 0 without a value" in told.out
    assert "resume" in told.err and "no luck" in told.err
    monkeypatch.setattr("sim.run", real)
    assert main(["resume", str(out), "--failed"]) == 0
    assert table(out).equals(table(whole))


def test_an_outcome_without_a_value_has_no_indices(whole, tmp_path, capsys):
    out = tmp_path / "undefined"
    shutil.copytree(whole, out)
    capsys.readouterr()
    assert main([*TINY[:-1], "outcomes=coerced_share", f"out={out}"]) == 0  # there is no rally
    told = capsys.readouterr().out
    assert "8 of 8 blocks left out: 0 runs failed or missing, 64 without a value" in told
    assert "too few whole blocks for indices: 0" in told


def test_other_outcomes_of_the_same_runs_compute_nothing(whole, tmp_path, capsys):
    out = tmp_path / "others"
    shutil.copytree(whole, out)
    capsys.readouterr()
    assert main([*TINY[:-1], "outcomes=turnout_days", f"out={out}"]) == 0
    assert "all 64 runs were there already" in capsys.readouterr().out
    assert set(table(out)["outcome"]) == {"turnout_days"}


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["method=sobool"], "method=sobool is not allowed: one of sobol, morris, pawn; did you mean sobol?"),
        ([], "method is missing: one of sobol, morris, pawn"),
        (["method=sobol", "n=48"], "design.n=48 is not allowed: a power of two"),
        (["method=pawn", "n=10"], "design.n=10 is not allowed: at least 50 for pawn"),
        (["method=morris", "design=lhs"], "design=lhs is not allowed"),
        (["method=morris", "outcomes=[peak_turnot]"], "did you mean peak_turnout?"),
        (["method=morris", "outcomes=outcome_class"], "outcomes=outcome_class is not allowed"),
        (["method=morris", "fear.strength=interval(1,1)"], "fear.strength=[1.0, 1.0] is not allowed"),
        (["method=morris", "experiment=leader"], "numbers or two alternatives"),
    ],
)
def test_bad_input_is_one_line_and_nothing_is_written(tmp_path, capsys, words, told):
    levers = [] if "experiment=leader" in words else ["anger.strength=0,1"]
    assert main(["sensitivity", *levers, *words, f"out={tmp_path / 'bad'}"]) == 2
    error = capsys.readouterr().err
    assert told in error and len(error.splitlines()) == 1
    assert not (tmp_path / "bad").exists()


def test_without_levers_or_outside_sensitivity(tmp_path, capsys):
    assert main(["sensitivity", "method=pawn", f"out={tmp_path / 'bad'}"]) == 2
    assert "levers are missing" in capsys.readouterr().err
    assert main(["sweep", "anger.strength=0,1", "outcomes=detained", f"out={tmp_path / 'bad'}"]) == 2
    assert "a setting of ploshcha sensitivity only" in capsys.readouterr().err


def test_dry_run_writes_nothing(tmp_path, capsys):
    words = ["experiment=job_pressure", "method=morris", "n=4", "dry_run=true", f"out={tmp_path / 'dry'}"]
    assert main(["sensitivity", *words]) == 0
    told = capsys.readouterr().out
    assert "12 points x 3 replicates = 36 runs" in told and "job_pressure.threat: 0 to 0.5" in told
    assert not (tmp_path / "dry").exists()
