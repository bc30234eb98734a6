"""Outcomes of chosen days, by name and by hand."""

import math

import numpy as np
import pytest

from experiments.windows import check_window, window_named
from sim.errors import InputError


def test_days_run_from_six_to_six():
    curve = np.zeros(78)  # 0-29, 30-53, 54-77
    curve[[29, 30, 53, 60]] = 5, 7, 9, 2
    peaks = [window_named(f"protesting_peak_day_{k}").of(curve) for k in (1, 2, 3, 4)]
    assert peaks[:3] == [5, 9, 2] and math.isnan(peaks[3])
    assert window_named("protesting_sum_days_1_2").of(curve) == 21
    assert window_named("protesting_peak_days_2_3").of(curve) == 9


def test_other_names_are_none():
    assert window_named("peak_turnout") is None and window_named("protesting_mean_day_1") is None


@pytest.mark.parametrize(
    "name, message",
    [
        ("protesting_peak_day_4", "days from 1 to 3"),
        ("protesting_peak_day_0", "days from 1 to 3"),
        ("protesting_sum_days_3_2", "days from 1 to 3"),
        ("protestng_peak_day_1", "did you mean protesting?"),
    ],
)
def test_days_that_are_not_there_are_refused(name, message):
    with pytest.raises(InputError, match="outcomes=" + name) as found:
        check_window("", "outcomes", window_named(name), ["protesting", "detained"], 78)
    assert message in str(found.value).replace("\\", "")


def test_a_sensitivity_looks_at_days_and_distance(tmp_path):
    """The curves of the sweep tell them; the largest day is the peak of all."""
    import pyarrow.parquet as pq

    from experiments import cli

    words = ["scenario=vyraj", "persons_per_agent=2000", "method=pawn", "n=50", "replicates=1",
             "participation.intercept=interval(-4,-1)", "executor.processes=1", f"out={tmp_path}",
             "outcomes=[protesting_peak_day_1,protesting_peak_days_1_3,peak_turnout,distance]"]  # fmt: skip
    assert cli.main(["sensitivity", *words]) == 0
    table = pq.read_table(tmp_path / "summary.parquet").to_pydict()
    assert table["protesting_peak_days_1_3"] == table["peak_turnout"] and max(table["peak_turnout"]) > 0
    assert max(table["protesting_peak_day_1"]) <= max(table["peak_turnout"])
    looked_at = set(pq.read_table(tmp_path / "sensitivity.parquet")["outcome"].to_pylist())
    assert "protesting_peak_days_1_3" in looked_at and "distance" in looked_at
