"""The figure and the table of a run, on a made-up result with a known answer in every cell."""

from __future__ import annotations

import io
import itertools
import math
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from matplotlib import rcParams
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgba
from matplotlib.text import Text
from rich.console import Console

from experiments.analysis import cities, targets
from experiments.figures import run as figures
from experiments.figures.layout import numbered_events, place_panels, text_width, wrap
from experiments.printing import hours
from experiments.printing import run_table as table
from sim.inputs.city import load_place_names
from sim.inputs.targets import Target, load_targets
from sim.inputs.timeline import Event, level_series, load_timeline
from sim.results import Result

DATA = Path(__file__).parents[2] / "conf" / "data"

CITIES = ["Minsk", "Brest", "Gomel", "Grodno", "Mogilev", "Vitebsk", "Soligorsk", "Zhodino"]
ADULTS = [1_616_000, 272_000, 408_000, 286_000, 285_000, 293_000, 85_000, 52_000]
HOURS = 192


def event(hour, kind, intensity=1.0, city="all", label="", hours=None):
    return Event(hour, hours, city, kind, intensity, "", label, "", "made up", "assumption", 0)


def target(city, outcome, hour_from, hour_to, low, high, statistic="peak"):
    return Target(city, outcome, statistic, hour_from, hour_to, low, high, "yes", "", "made up", "assumption", 0)


def bump(*peaks):
    """Sum (hour, width, persons) bells over the hours of the week."""
    hour = np.arange(HOURS)
    return sum(persons * np.exp(-(((hour - centre) / width) ** 2)) for centre, width, persons in peaks)


def made_up_result(n_cities=8, targets=None, events=None):
    cities, share = CITIES[:n_cities], np.array(ADULTS[:n_cities]) / ADULTS[0]
    evenings = [
        (21, 3, 30e3),
        (45, 3, 18e3),
        (69, 3, 9e3),
        (93, 4, 11e3),
        (116, 4, 16e3),
        (138, 4, 22e3),
        (160, 4, 14e3),
    ]
    columns = {
        "protesting": np.outer(bump(*evenings, (183, 3, 168e3)), share),
        "striking": np.outer(bump((106, 4, 3e3), (130, 4, 9e3), (132, 3, 6e3)), share),
        "rallying": np.outer(bump((181, 1.2, 24e3)), share),
        "detained": np.outer(np.clip(bump((60, 40, 2600)), 0, None), share),
        "detained_new": np.outer(bump((23, 2, 280), (47, 2, 200), (71, 2, 140), (95, 2, 80)), share),
    }
    columns["rallying_coerced"] = 0.55 * columns["rallying"]
    columns["quiet"] = np.array(ADULTS[:n_cities]) - sum(
        columns[name] for name in ("protesting", "striking", "rallying", "detained")
    )
    hour = np.arange(HOURS)[:, None]
    columns |= {
        "officers_withholding": 40.0 * share * (hour >= 132) * (hour < 140),
        "officers_resigned": 12.0 * share * (hour >= 100),
        "officials_accommodating": np.where(hour >= 178, 1.0, 0.0) * (np.arange(n_cities) == 1),
        "officials_resigned": np.zeros((HOURS, n_cities)),
        "reported_protest_media": np.where(hour >= 184, 220e3, np.nan) * share,
        "reported_rally_media": np.where(hour >= 182, 31e3, np.nan) * share,
    }
    present = np.zeros((HOURS, n_cities))
    present[:, 0] = columns["rallying"].sum(axis=1)
    scenario = SimpleNamespace(name="august_2020", title="Belarus, 9-16 August 2020: the week after the election")
    parameters = SimpleNamespace(scenario=scenario, seed=1, persons_per_agent=100.0, engine="compiled")
    return Result(
        parameters=parameters,
        cities=cities,
        hours=HOURS,
        start=date(2020, 8, 9),
        adults=np.array(ADULTS[:n_cities], dtype=float),
        curves_columns=columns,
        plants=[],
        employed=np.zeros(0),
        striking=np.zeros((HOURS, 0)),
        rally_present=present,
        site_names=[],
        site_crowd=np.zeros((HOURS, 0)),
        events=tuple(EVENTS if events is None else events),
        targets=tuple(TARGETS if targets is None else targets),
        stats={"agents": 38_211},
    )


EVENTS = [
    event(0, "repression", 1.0),
    event(8, "connectivity", 0.2, label="internet mostly cut"),
    event(20, "announcement", 0.801, label="polls close; 80 % for the incumbent announced"),
    event(20, "repression", 3.0, "Minsk"),
    event(20, "call", 0.8, "Minsk", "gathering called", 6),
    event(69, "repression", 4.0, "Brest"),
    event(96, "repression", 0.0),
    event(104, "fact", math.nan, "Minsk", "meetings at plants"),
    event(104, "fact", math.nan, "Brest", "meetings at plants"),
    event(182, "call", 1.0, "Minsk", "march", 6),
    event(183, "fact", math.nan, "Brest", "the mayor is booed"),
]

TARGETS = [
    target("Minsk", "protesting", 18, 30, 20e3, 50e3),
    target("Minsk", "detained_new", 0, 96, 1e3, 5e3, "sum"),
    target("Minsk", "protesting", 180, 192, 400e3, 500e3),
    target("Minsk", "rally_present", 178, 184, 5e3, 10e3),
    target("Minsk", "reported_protest_media", 168, 192, 200e3, 200e3),
    target("Minsk", "officers_resigned", 0, 192, 0, 90),
]


@pytest.fixture(scope="module")
def result():
    return made_up_result()


def shipped_result(n_cities):
    """Put the events and targets that the project ships behind the made-up curves."""
    result, folder = made_up_result(n_cities), DATA / "belarus_2020"
    places = load_place_names(folder)
    timeline = load_timeline(folder / "timeline.csv", result.cities, places, result.start, HOURS)
    targets = load_targets(folder, result.cities, result.start)
    return replace(result, events=timeline.events, targets=targets)


def printed(result, width):
    stream = io.StringIO()
    table.print_summary(result, Console(file=stream, width=width))
    return stream.getvalue()


def axes_of(figure, label):
    return next(axes for axes in figure.axes if axes.get_label() == label)


def lines_in(axes, colour):
    """Return the curves of a colour; the fine lines of events and legends have two points only."""
    return [line for line in axes.lines if to_rgba(line.get_color()) == to_rgba(colour) and len(line.get_xdata()) > 2]


def bars_in(axes, colour):
    """Return (low, high) of the vertical bars of a colour, sorted."""
    segments = [
        segment
        for lines in axes.collections
        if isinstance(lines, LineCollection) and np.allclose(lines.get_color()[0], to_rgba(colour))
        for segment in lines.get_segments()
        if segment[0][0] == segment[1][0]
    ]
    return sorted((segment[0][1], segment[1][1]) for segment in segments)


# The table


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


def shortened(result, hours):
    columns = {name: values[:hours] for name, values in result.curves_columns.items()}
    return replace(result, hours=hours, curves_columns=columns, rally_present=result.rally_present[:hours])


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


# The figure


def test_curves_are_persons_by_hour(result):
    axes = axes_of(figures.mobilization_figure(result), "Minsk")
    expected = result.curves_columns["protesting"][:, 0]
    (line,) = lines_in(axes, figures.BLUE)
    x, y = line.get_data()
    seen = expected >= figures.FLOOR_PERSONS
    assert axes.get_yscale() == "log"
    assert line.get_drawstyle() == "steps-post"
    assert list(x) == list(range(HOURS + 1))
    assert 0 < seen.sum() < HOURS
    np.testing.assert_array_equal(np.asarray(y)[:-1][seen], expected[seen])
    assert np.all(np.asarray(y)[:-1][~seen] < axes.get_ylim()[0])
    assert axes.get_ylim()[0] == figures.FLOOR_PERSONS
    assert axes.get_ylim()[1] > 500e3  # holds the highest target too


def test_the_rally_is_drawn_where_it_is_and_its_guests_at_home(result):
    figure = figures.mobilization_figure(result)
    (there,) = lines_in(axes_of(figure, "Minsk"), figures.VERMILION)
    (guests,) = lines_in(axes_of(figure, "Brest"), figures.VERMILION)
    assert there.get_linestyle() == "-"
    assert np.max(there.get_ydata()) == result.rally_present[:, 0].max()
    assert guests.get_linestyle() == "--"
    assert np.max(guests.get_ydata()) == result.curves_columns["rallying"][:, 1].max()


def test_the_right_hand_axis_is_per_cent_of_adults(result):
    figure = figures.mobilization_figure(result)
    shares = [axes for axes in figure.axes if axes.get_label() == "share"]
    assert len(shares) == len(CITIES)
    for city, axes, adults in zip(CITIES, shares, ADULTS, strict=True):
        persons = np.array(axes_of(figure, city).get_ylim())
        np.testing.assert_allclose(axes.get_ylim(), 100 * persons / adults)


def test_targets_are_bars_from_low_to_high_in_the_colour_of_their_curve(result):
    axes = axes_of(figures.mobilization_figure(result), "Minsk")
    assert bars_in(axes, figures.BLUE) == [(20e3, 50e3), (400e3, 500e3)]
    assert bars_in(axes, figures.VERMILION) == [(5e3, 10e3)]
    assert bars_in(axes, figures.BLACK) == [(1e3, 5e3)]
    diamonds = [line for line in axes.lines if line.get_marker() == "D"]
    assert diamonds[0].get_ydata()[0] == targets.target_value(result, TARGETS[1])
    assert not bars_in(axes_of(figures.mobilization_figure(made_up_result(1, targets=[])), "Minsk"), figures.BLUE)


def test_nights_last_from_18_to_6(result):
    axes = axes_of(figures.mobilization_figure(result), "Brest")
    nights = [patch for patch in axes.patches if patch.get_facecolor() == to_rgba(figures.NIGHT)]
    spans = [(patch.get_x(), patch.get_x() + patch.get_width()) for patch in nights]
    assert spans == [(0, 6), *((18 + 24 * day, 30 + 24 * day) for day in range(7)), (186, 192)]


def test_repression_is_that_of_the_timeline():
    result = shipped_result(8)
    folder = DATA / "belarus_2020"
    places = load_place_names(folder)
    timeline = load_timeline(folder / "timeline.csv", CITIES, places, result.start, HOURS)
    levels = level_series(timeline, "repression")
    assert levels.max() > 0
    for number, city in enumerate(CITIES):
        drawn = np.zeros(HOURS)
        for begin, end, level in figures.repression_periods(result, city):
            drawn[begin:end] = level
        np.testing.assert_allclose(drawn, levels[:, number] / levels.max())


def test_a_citys_own_repression_is_replaced_by_the_next_row_for_all(result):
    assert figures.repression_periods(result, "Minsk") == [(0, 20, 0.25), (20, 96, 0.75)]
    assert figures.repression_periods(result, "Brest") == [(0, 69, 0.25), (69, 96, 1.0)]
    assert figures.repression_periods(result, "Gomel") == [(0, 96, 0.25)]


def test_labelled_events_are_numbered_by_time_and_shared_labels_once(result):
    entries = numbered_events(result.events, result.cities, HOURS)
    assert [entry.number for entry in entries] == [1, 2, 3, 4, 5, 6]
    assert [entry.hour for entry in entries] == [8, 20, 20, 104, 182, 183]
    assert [entry.panels for entry in entries] == [(0,), (0,), (0,), (0, 1), (0,), (1,)]
    assert entries[0].text == "internet mostly cut"
    assert entries[3].text == "Minsk and Brest: meetings at plants"
    assert entries[5].text == "Brest: the mayor is booed"


def test_events_of_other_cities_and_hours_are_left_out(result):
    entries = numbered_events(result.events, ["Minsk"], 100)
    assert [entry.text for entry in entries] == [EVENTS[1].label, EVENTS[2].label, "gathering called"]


def test_numbers_of_close_events_stand_in_different_rows():
    events = [
        event(hour, "fact", label=label) for hour, label in ((10, "a"), (10, "b"), (11, "c"), (12, "d"), (40, "e"))
    ]
    (panel,), _ = place_panels(numbered_events(events, ["Minsk"], HOURS), 1, HOURS)
    assert [marker.lane for marker in panel.markers] == [0, 1, 2, 3, 0]
    assert panel.lanes == 4


def test_wrapped_lines_fit():
    text = "the quick brown fox jumps over the lazy dog and runs on"
    lines = wrap(text, 1.0, 6.0)
    assert " ".join(lines) == text
    assert len(lines) > 1
    assert all(text_width(line, 6.0) <= 1.0 for line in lines)


@pytest.mark.parametrize("n_cities", [1, 2, 4, 8])
def test_no_text_is_cut_and_no_two_texts_overlap(n_cities, monkeypatch):
    figure = figures.mobilization_figure(shipped_result(n_cities))
    boxes = drawn_texts(figure, monkeypatch)
    assert len(boxes) > 60
    width, height = figure.get_size_inches() * figure.dpi
    for words, box in boxes:
        assert box.x0 >= 0 and box.y0 >= 0 and box.x1 <= width and box.y1 <= height, words
    overlaps = [
        (one, other)
        for (one, box), (other, next_box) in itertools.combinations(boxes, 2)
        if min(box.x1, next_box.x1) - max(box.x0, next_box.x0) > 0.5
        and min(box.y1, next_box.y1) - max(box.y0, next_box.y0) > 2.5  # boxes hold room for descenders
    ]
    assert not overlaps


def drawn_texts(figure, monkeypatch):
    """Draw a figure; return (words, box in pixels) of every text that this puts on the canvas."""
    boxes, draw = [], Text.draw

    def record(text, renderer):
        if text.get_visible() and text.get_text().strip():
            boxes.append((text.get_text(), text.get_window_extent(renderer)))
        draw(text, renderer)

    monkeypatch.setattr(Text, "draw", record)
    figure.draw(figure.canvas.get_renderer())
    return boxes


def test_the_figure_says_what_run_it_shows(result):
    figure = figures.mobilization_figure(result)
    words = " ".join(text.get_text() for text in figure.findobj(Text))
    for fact in ("seed 1", "no band", "100 persons per agent", "38,211 agents", "engine compiled", "august_2020"):
        assert fact in words
    assert result.parameters.scenario.title in words
    assert "persons (log scale, from 10)" in words
    assert "nan" not in words.lower()


@pytest.mark.parametrize("hours", [1, 5, 30, 73])
def test_short_and_uneventful_runs_can_be_drawn(tmp_path, hours):
    result = made_up_result(2, targets=TARGETS, events=[])
    result = shortened(result, hours)
    result.curves_columns["protesting"] *= 0.0
    figures.draw_mobilization(result, tmp_path / "figure.png")
    assert (tmp_path / "figure.png").read_bytes().startswith(b"\x89PNG")


def test_same_result_same_bytes_small_and_no_global_setting_touched(tmp_path, result):
    before, had_pyplot = dict(rcParams), "matplotlib.pyplot" in sys.modules
    figures.draw_mobilization(result, tmp_path / "one.png")
    figures.draw_mobilization(result, tmp_path / "two.png")
    one = (tmp_path / "one.png").read_bytes()
    assert one == (tmp_path / "two.png").read_bytes()
    assert len(one) < 600_000
    assert dict(rcParams) == before
    assert ("matplotlib.pyplot" in sys.modules) == had_pyplot


def test_importing_the_module_does_not_import_matplotlib():
    code = "import sys, experiments.figures.run; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=DATA.parents[1], check=False).returncode == 0
