"""The table of a run, on a made-up result with a known answer in every cell."""

from __future__ import annotations

import io
import math
from datetime import date

import pytest
from made_up import ADULTS, CITIES, made_up_result, shortened, target
from rich.console import Console

from experiments.analysis import cities, targets
from experiments.printing import hours
from experiments.printing import run_table as table


@pytest.fixture(scope="module")
def result():
    return made_up_result()


def printed(result, width):
    stream = io.StringIO()
    table.print_summary(result, Console(file=stream, width=width))
    return stream.getvalue()


def test_a_city_row_holds_the_known_answers(result):
    minsk, brest = cities.summary_rows(result)[:2]
    assert minsk.city == "Minsk"
    assert minsk.peak_hour == 183
    assert minsk.peak_protesting == minsk.last_day_protesting == pytest.approx(168e3, rel=1e-3)
    assert minsk.last_day_turnout == pytest.approx(168e3 / 1_616_000, rel=1e-3)
    assert minsk.coerced_share == pytest.approx(0.55)
    assert minsk.peak_rallying == pytest.approx(24e3)
    assert minsk.peak_rally_present == pytest.approx(24e3 * sum(ADULTS) / ADULTS[0])
    assert minsk.detained == pytest.approx(math.sqrt(math.pi) * 2 * (280 + 200 + 140 + 80), rel=1e-3)
    assert (minsk.peak_withholding, minsk.officers_resigned) == (40.0, 12.0)
    assert (brest.peak_rally_present, brest.officials_accommodating) == (0.0, 1.0)


def test_the_last_day_is_the_day_that_the_run_reached():
    result = made_up_result(1)
    result = shortened(result, 50)  # ends at 02:00 of the second night
    row = cities.summary_rows(result)[0]
    assert row.peak_hour == 21
    assert row.last_day_protesting == result.curves_columns["protesting"][30:50, 0].max()
    assert "Mon 10" in printed(result, 100) and "Tue 11" not in printed(result, 100)


@pytest.mark.parametrize(
    ("value", "low", "high", "expected"),
    [
        (100.0, 100.0, 250.0, "within"),
        (250.0, 100.0, 250.0, "within"),
        (99.9, 100.0, 250.0, "below by factor 1.01"),
        (43.0, 100.0, 250.0, "below by factor 2.3"),
        (1000.0, 100.0, 250.0, "above by factor 4.0"),
        (30_000.0, 100.0, 250.0, "above by factor 120"),
        (0.0, 100.0, 250.0, "below: none at all"),
        (0.0, 0.0, 0.0, "within"),
        (3.0, 0.0, 0.0, "above: none expected"),
        (math.nan, 100.0, 250.0, "no report"),
    ],
)
def test_verdict_says_where_and_by_what_ratio(value, low, high, expected):
    assert targets.verdict(value, low, high) == expected


def test_a_single_figure_is_met_within_the_scatter_of_one_count():
    figure = target("Minsk", "reported_rally_media", 0, 24, 1000.0, 1000.0)
    spread = targets.count_spread(figure)
    assert spread == pytest.approx(math.exp(0.4))
    assert targets.verdict(1490.0, 1000.0, 1000.0, spread) == "within"
    assert targets.verdict(1500.0, 1000.0, 1000.0, spread) == "above by factor 1.50"  # to the figure itself
    assert targets.count_spread(target("Minsk", "reported_rally_ministry", 0, 24, 1.0, 1.0)) == math.exp(0.5)
    assert targets.count_spread(target("Minsk", "protesting", 0, 24, 1.0, 2.0)) == 1.0


def test_targets_take_peak_or_sum_within_their_window_only(result):
    curve = result.curves_columns["detained_new"][:, 0]
    assert targets.target_value(result, target("Minsk", "detained_new", 20, 30, 0, 1, "sum")) == curve[20:30].sum()
    assert targets.target_value(result, target("Minsk", "detained_new", 20, 30, 0, 1)) == curve[20:30].max()
    assert targets.target_value(result, target("Minsk", "adults", 20, 30, 0, 1)) == pytest.approx(ADULTS[0])
    early = target("Minsk", "reported_protest_media", 0, 24, 1, 2)
    assert math.isnan(targets.target_value(result, early))


def test_target_rows_judge_each_target(result):
    verdicts = [row.verdict for row in targets.target_rows(result)]
    present = 24e3 * sum(ADULTS) / ADULTS[0] / 10e3
    expected = ["within", "within", "below by factor 2.4", f"above by factor {present:.1f}", "within", "within"]
    assert verdicts == expected


def test_a_target_beyond_the_run_is_not_judged():
    result = made_up_result(1)
    result = shortened(result, 100)
    assert [row.verdict for row in targets.target_rows(result)].count(targets.NOT_COVERED) == 4
    assert targets.NOT_COVERED in printed(result, 120)


def test_windows_are_named_by_clock_and_date():
    start = date(2020, 8, 9)
    assert hours.hour_label(start, 183) == "Sun 16 Aug 15:00"
    assert hours.window_label(start, 18, 30) == "9 Aug 18:00-06:00"
    assert hours.window_label(start, 180, 192) == "16 Aug 12:00-24:00"
    assert hours.window_label(start, 0, 24) == "9 Aug"
    assert hours.window_label(start, 0, 96) == "9 Aug to 12 Aug"
    assert hours.window_label(start, 18, 102) == "9 Aug 18:00 to 13 Aug 06:00"


@pytest.mark.parametrize("width", [80, 120])
def test_the_printed_table_is_whole_at_any_width(result, width):
    text = printed(result, width)
    assert max(map(len, text.splitlines())) <= width
    assert all(city in text for city in CITIES)
    assert "nan" not in text.lower()
    assert "\u2026" not in text  # nothing cut off
    assert "Sun 16 Aug 15:00" in text
    assert "168,000" in text


def test_without_targets_no_block_of_targets():
    assert "Target" in printed(made_up_result(1), 80)
    assert "Target" not in printed(made_up_result(1, targets=[]), 80)


def test_a_run_in_which_nothing_happens_is_printed_without_nan():
    result = made_up_result(2, targets=[])
    for values in (*result.curves_columns.values(), result.rally_present):
        values *= 0.0
    result.curves_columns["quiet"] += 1000.0
    row = cities.summary_rows(result)[0]
    assert (row.peak_hour, row.coerced_share, row.last_day_turnout) == (None, None, 0.0)
    assert "nan" not in printed(result, 80).lower()
