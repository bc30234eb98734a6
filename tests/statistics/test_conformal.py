"""Corrected bands: by hand, on forecasts that are too sure, and without a look at what came later."""

import math
from datetime import date, timedelta

import numpy as np
import pytest
from scipy import stats

from experiments.forecasting.conformal import corrected, factor, read_correction, stretches, write_correction
from experiments.forecasting.left_out import ROLLING
from experiments.forecasting.scores import score_quantiles
from experiments.forecasting.series import Count
from experiments.forecasting.tables import Row
from sim.errors import InputError

PLACES = stats.norm.ppf(np.arange(1, 100) / 100)
FIRST = date(2001, 1, 7)


def told(case, week, log, sd=1.0, middle=0.0, ahead=1):
    """A forecast of one week's count: normal in logs, from `ahead` weeks before."""
    day = FIRST + timedelta(days=7 * week)
    count = Count(case, "Town", "protesting", f"c{week}", day, 24 * 7 * week, "main", log, 0.3)
    logs = middle + sd * PLACES
    return Row(count, day - timedelta(days=7 * ahead), "own", "", score_quantiles(logs, log), logs)


def test_factors_by_hand():
    assert factor([3.0, 1.0, 2.0], 0.5) == 2.0  # ceil(.5 x 4) = 2nd of three
    assert factor([*range(1, 10)], 0.9) == 9  # the largest of nine
    assert math.isnan(factor([*range(1, 9)], 0.9))  # eight can say nothing of nine in ten
    assert math.isnan(factor([], 0.5))


def test_a_band_is_stretched_about_its_median():
    """The count lies at two of the upper half-widths, where the forecast is twice as wide above as below."""
    row = told("b", 5, 0.0)
    logs = np.where(PLACES > 0, 2.0 * PLACES, PLACES)
    above = Row(row.count, row.origin, "own", "", row.score, logs)
    others = stretches([told("a", 1, -1.645 * 2)] * 9)
    assert others[0].by_band["in90"] == pytest.approx(2.0, abs=1e-3)
    found = corrected(above, others).corrected
    assert found.ends["in90"] == pytest.approx((-3.29, 6.58), abs=0.01)
    assert found.learned_from == "9 forecasts of a"
    assert [found.holds("in90", log) for log in (-3.4, -3.2, 6.5, 6.7)] == [0, 1, 1, 0]
    none = corrected(above, others[:8]).corrected
    assert math.isnan(none.ends["in90"][0]) and math.isnan(none.holds("in90", 0.0))
    off = 3.29 / 0.6745  # of the eight, in half-widths of 50 %
    assert none.ends["in50"] == pytest.approx((-3.29, 2 * 0.6745 * off), rel=0.02)
    assert corrected(above, []).corrected.learned_from == "nothing"


def test_what_was_counted_later_changes_nothing():
    """A week's band may learn from the weeks before its origin and from all of another case."""
    own = [told("a", week, log) for week, log in enumerate([0.1, 0.2, 0.3, 0.4, 5.0, 6.0])]
    other = stretches([told("b", week, 0.5) for week in range(30)])
    row = told("a", 4, 5.0)  # origin: week 3
    early, whole = (corrected(row, [*other, *stretches(each)]).corrected for each in (own[:4], own))
    assert early == whole and "4 of a counted by 2001-01-28" in whole.learned_from
    late = corrected(told("a", 6, 0.0), [*other, *stretches(own)]).corrected
    assert late.learned_from.endswith("6 of a counted by 2001-02-11")


@pytest.mark.parametrize("sd", [0.4, 3.0])
def test_bands_that_are_too_sure_or_too_shy_hold_what_they_say_afterwards(sd):
    """Counts scatter by 1, forecasts believe `sd`. Three standard errors of 600 forecasts are .037 in 90 %."""
    rng = np.random.default_rng(4)
    rows = [told(f"case{k % 6}", k // 6, float(rng.standard_normal()), sd) for k in range(600)]
    known = stretches(rows)
    hits = {band: [] for band in ("in50", "in90")}
    for row in rows:
        found = corrected(row, [each for each in known if each.case != row.count.case]).corrected
        for band, own in hits.items():
            own.append(found.holds(band, row.count.log))
    raw = np.mean([row.score.is_in("in90") for row in rows])
    assert raw < 0.6 or raw > 0.99
    assert np.mean(hits["in90"]) == pytest.approx(0.9, abs=3 * math.sqrt(0.9 * 0.1 / 600))
    assert np.mean(hits["in50"]) == pytest.approx(0.5, abs=3 * math.sqrt(0.5 * 0.5 / 600))


def test_a_correction_comes_back_for_its_case_alone(tmp_path):
    rows = {"a": [told("b", 1, 0.4), told("b", 2, -2.0)], "b": [told("a", 1, 0.1)]}
    write_correction(tmp_path, {ROLLING: rows, "one_shot": {"a": [], "b": []}})
    assert read_correction(str(tmp_path), ("a",), ROLLING) == stretches(rows["a"])
    assert read_correction(str(tmp_path), ("elsewhere", "b"), ROLLING) == stretches(rows["b"])
    assert read_correction(str(tmp_path), ("b",), "one_shot") == []
    with pytest.raises(InputError, match="one for c; this one is for a, b"):
        read_correction(str(tmp_path), ("c",), ROLLING)
    (tmp_path / "correction.parquet").write_bytes(b"PAR1")
    with pytest.raises(InputError, match="a folder of ploshcha crossvalidate"):
        read_correction(str(tmp_path), ("a",), ROLLING)
