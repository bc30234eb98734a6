"""One notion of a day, 06:00 to 06:00: a night that passes midnight is in one day, in every outcome and figure."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from experiments.analysis.cities import summary_rows
from experiments.days import daily_peaks, daily_sums, day_hours, day_starts
from experiments.figures.curves import drawn_curves
from experiments.outcomes import _encouraged, outcomes


def night_curve(hours=72):
    """One occasion, 20:00 to 02:00, fullest at midnight; nobody else."""
    curve = np.zeros((hours, 1))
    curve[20:26, 0] = [10.0, 20.0, 30.0, 40.0, 50.0, 45.0]
    return curve


def test_days_begin_at_six_and_hold_every_hour():
    assert day_starts(192).tolist() == [0, 30, 54, 78, 102, 126, 150, 174]
    assert day_starts(5).tolist() == day_starts(30).tolist() == [0]
    assert day_starts(31).tolist() == [0, 30]
    assert day_hours(60, -1) == slice(54, 60) and day_hours(60, 0) == slice(0, 30)
    curve = np.arange(50.0)
    assert daily_peaks(curve).tolist() == [29.0, 49.0]
    assert daily_sums(curve).tolist() == [sum(range(30)), sum(range(30, 50))]
    assert daily_peaks(np.array([np.nan, 1.0, np.nan])).tolist() == [1.0]
    days = [curve[day_hours(50, day)] for day in range(2)]
    assert np.concatenate(days).tolist() == curve.tolist()


@pytest.mark.parametrize("name", ["minsk_2020", "vyraj"])
def test_they_are_the_luck_days_of_the_model(settings, simulate, name):
    result = simulate(settings(name, {"persons_per_agent": 400}))
    assert daily_peaks(result.curves_columns["protesting"]).shape == (result.hours // 24, len(result.cities))
    hour = np.arange(result.hours)
    luck_day = np.maximum((hour - 6) // 24 + 1, 1)  # what comes before the first 06:00 belongs to the first day
    assert day_starts(result.hours).tolist() == np.flatnonzero(np.diff(luck_day, prepend=0)).tolist()


def test_a_night_over_midnight_is_one_day():
    assert daily_peaks(night_curve()).ravel().tolist() == [50.0, 0.0, 0.0]


def test_outcomes_count_a_night_once(settings, simulate):
    """The tail of election night is no crowd of 10 August: the sum over days is that of each day's fullest hour."""
    result = simulate(settings("minsk_2020", {"persons_per_agent": 400}))
    curve = result.curves_columns["protesting"].sum(axis=1)
    found = outcomes(result)
    by_hand = [curve[first:last].max() for first, last in ((6, 30), (30, 54), (54, 78), (78, 102), (102, 126),
                                                           (126, 150), (150, 174), (174, 192))]  # fmt: skip
    assert found["turnout_days"] == pytest.approx(sum(by_hand))
    assert found["last_day_turnout"] == by_hand[-1]
    assert curve[24:30].max() > curve[30:48].max()  # else cutting at midnight would not show
    assert found["turnout_days"] < sum(curve[day : day + 24].max() for day in range(0, 192, 24))


def test_the_table_and_the_figure_of_a_sweep_cut_alike(settings, simulate, monkeypatch):
    result = simulate(settings("minsk_2020", {"persons_per_agent": 400}))
    curve = result.curves_columns["protesting"][:, 0]
    assert summary_rows(result)[0].last_day_protesting == daily_peaks(curve)[-1]
    monkeypatch.setattr("experiments.figures.curves.each_curves", lambda *_: [None])
    monkeypatch.setattr("experiments.figures.curves.city_curves", lambda *_: {7: night_curve()[:, 0]})
    assert drawn_curves(None, "hour", "protesting", False, [7])[7].tolist() == [50.0, 0.0, 0.0]


def test_days_after_an_encouragement_begin_at_six():
    """A window that ends at 02:00 is followed by the hours from 06:00 on, not by the rest of its night."""
    rows = np.zeros((72, 2))
    rows[18:30] = 0.5
    rows[30:] = 0.25
    window = SimpleNamespace(from_hour=18, hours=8)
    result = SimpleNamespace(encouraged=rows, hours=72, parameters=SimpleNamespace(encouragement=window))
    assert _encouraged(result)["others_later_turnout"] == 0.25
