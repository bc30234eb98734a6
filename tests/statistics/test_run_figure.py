"""The figure of a run, and of several, on a made-up result with known curves."""

from __future__ import annotations

import itertools
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from drawn import drawn_texts
from made_up import ADULTS, CITIES, DATA, EVENTS, HOURS, TARGETS, event, made_up_result, shipped_result, shortened
from matplotlib import rcParams
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgba
from matplotlib.text import Text

from experiments.analysis import targets
from experiments.figures import run as figures
from experiments.figures.colours import BLACK, BLUE, NIGHT, VERMILION
from experiments.figures.layout import numbered_events, place_panels, text_width, wrap
from experiments.figures.sheet import picture
from experiments.figures.shown import HERE, shown_result
from sim.inputs.city import load_place_names
from sim.inputs.timeline import level_series, load_timeline


@pytest.fixture(scope="module")
def result():
    return made_up_result()


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


def test_curves_are_persons_by_hour(result):
    axes = axes_of(figures.mobilization_figure(result), "Minsk")
    expected = result.curves_columns["protesting"][:, 0]
    (line,) = lines_in(axes, BLUE)
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
    (there,) = lines_in(axes_of(figure, "Minsk"), VERMILION)
    (guests,) = lines_in(axes_of(figure, "Brest"), VERMILION)
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
    assert bars_in(axes, BLUE) == [(20e3, 50e3), (400e3, 500e3)]
    assert bars_in(axes, VERMILION) == [(5e3, 10e3)]
    assert bars_in(axes, BLACK) == [(1e3, 5e3)]
    diamonds = [line for line in axes.lines if line.get_marker() == "D"]
    assert diamonds[0].get_ydata()[0] == targets.target_value(result, TARGETS[1])
    assert not bars_in(axes_of(figures.mobilization_figure(made_up_result(1, targets=[])), "Minsk"), BLUE)


def test_nights_last_from_18_to_6(result):
    axes = axes_of(figures.mobilization_figure(result), "Brest")
    nights = [patch for patch in axes.patches if patch.get_facecolor() == to_rgba(NIGHT)]
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


def test_the_figure_says_what_run_it_shows(result):
    figure = figures.mobilization_figure(result)
    words = " ".join(text.get_text() for text in figure.findobj(Text))
    for fact in ("seed 1", "no band", "100 persons per agent", "38,211 agents", "engine compiled", "august_2020"):
        assert fact in words
    assert result.parameters.scenario.title in words
    assert "persons (log scale, from 10)" in words
    assert "nan" not in words.lower()


@pytest.mark.parametrize("hours", [1, 5, 30, 73])
def test_short_and_uneventful_runs_can_be_drawn(hours):
    result = made_up_result(2, targets=TARGETS, events=[])
    result = shortened(result, hours)
    result.curves_columns["protesting"] *= 0.0
    assert picture(figures.mobilization_figure(result), "png").startswith(b"\x89PNG")


@pytest.mark.parametrize("form", ["png", "pdf", "svg"])
def test_same_result_same_bytes_small_and_no_global_setting_touched(result, form):
    before, had_pyplot = dict(rcParams), "matplotlib.pyplot" in sys.modules
    one, two = (picture(figures.mobilization_figure(result), form) for _ in range(2))
    assert one == two
    assert len(one) < 700_000
    assert dict(rcParams) == before
    assert ("matplotlib.pyplot" in sys.modules) == had_pyplot


def test_importing_the_module_does_not_import_matplotlib():
    code = "import sys, experiments.figures.run; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=DATA.parents[1], check=False).returncode == 0


# Several runs


@pytest.fixture(scope="module")
def several(result):
    """Five runs that differ by a factor, as read from chunks: without the rally by its city."""
    shown, factors = shown_result(result), np.array([0.5, 0.8, 1.0, 1.3, 2.0])[:, None, None]
    curves = {name: values * factors for name, values in shown.curves.items() if name != HERE}
    return replace(shown, curves=curves, seeds=(1, 2, 3, 4, 5))


def test_several_runs_are_drawn_as_median_and_bands(result, several):
    axes = axes_of(figures.mobilization_figure(several), "Minsk")
    expected = result.curves_columns["protesting"][:, 0]
    (line,) = lines_in(axes, BLUE)
    seen = expected >= figures.FLOOR_PERSONS
    np.testing.assert_allclose(np.asarray(line.get_ydata())[:-1][seen], expected[seen])
    bands = [each for each in axes.collections if each.get_zorder() == 2 and not isinstance(each, LineCollection)
             and np.allclose(each.get_facecolor()[0, :3], to_rgba(BLUE)[:3])]  # fmt: skip
    highest = sorted(each.get_paths()[0].vertices[:, 1].max() / expected.max() for each in bands)
    assert highest == pytest.approx([np.quantile([0.5, 0.8, 1.0, 1.3, 2.0], q) for q in (0.75, 0.95)])
    words = " ".join(text.get_text() for text in figures.mobilization_figure(several).findobj(Text))
    assert "5 runs, seeds 1-5" in words and "luck only" in words and "by home city" in words and "One run" not in words


def test_what_is_drawn_is_in_the_table(result, several):
    one, five = figures.mobilization_sheet(result).columns, figures.mobilization_sheet(several).columns
    at = one["hour"].index(183)
    assert one["city"][at] == "Minsk" and one["protesting"][at] == result.curves_columns["protesting"][183, 0]
    assert five["protesting_q50"][at] == pytest.approx(one["protesting"][at])
    assert five["protesting_q05"][at] == pytest.approx(one["protesting"][at] * np.quantile([0.5, 0.8], 0.2))
    assert HERE in one and f"{HERE}_q50" not in five and len(set(map(len, five.values()))) == 1
