"""Every figure that sweeps, runs and maps can draw: seven inches wide, no text below seven points, none cut off."""

from __future__ import annotations

import csv
from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
import pytest
from drawn import drawn_texts
from made_up import shipped_result
from matplotlib.collections import LineCollection
from matplotlib.text import Text

from experiments.cli import main
from experiments.design.plan import make_plan
from experiments.figures.axes import question_of, slice_note
from experiments.figures.curves import Line, _alone, _draw_differences
from experiments.figures.frame import Sample, framed
from experiments.figures.maps import is_over_two

WIDTH, SMALLEST = 7.0, 7.0
SMALL = ("persons_per_agent=4000", "executor.processes=1")
SWEEPS = {
    "replicates": ("sweep", "scenario=vyraj", "replicates=5", *SMALL),
    "numbers and names": ("sweep", "scenario=vyraj", "anger.strength=0,1,2", "forcings.repression.value=0,1",
                          "replicates=3", *SMALL),  # fmt: skip
    "one replicate": ("sweep", "scenario=vyraj", "anger.strength=0,1", "replicates=1", *SMALL),
    "a sample": ("sweep", "scenario=vyraj", "anger.strength=interval(0,2)", "design=lhs", "design.n=6", "replicates=2",
                 *SMALL),  # fmt: skip
    "a map": ("sweep", "scenario=vyraj", "anger.strength=0,1,2", "fear.strength=0,1,2", "replicates=1", *SMALL),
    "break-even": ("sweep", "experiment=troops_break_even", "replicates=1", "hours=48", *SMALL),
    "elasticity": ("sweep", "experiment=repression_backlash", "replicates=1", "hours=102", *SMALL),
    "indices": ("sensitivity", "scenario=vyraj", "method=morris", "anger.strength=interval(0,2)",
                "fear.strength=interval(0,2)", "replicates=1", *SMALL),  # fmt: skip
    "a classic": ("sweep", "scenario=epstein_2002", "steps=5", "epstein.vision=2,3", "replicates=2",
                  "executor.processes=1"),  # fmt: skip
}  # fmt: skip


@pytest.fixture
def sheets(monkeypatch):
    """Collect the figures that are written, by name."""
    import experiments.figures.sensitivity
    import experiments.figures.sweep
    from experiments.figures import sheet

    found = {}

    def collect(folder, name, drawn, forms, command):
        found[name] = drawn
        sheet.write_sheet(folder, name, drawn, forms, command)

    for module in (experiments.figures.sweep, experiments.figures.sensitivity):
        monkeypatch.setattr(module, "write_sheet", collect)
    return found


def too_small(figure):
    """Return the texts of a figure that are below seven points where it is seven inches wide."""
    scale = WIDTH / figure.get_figwidth()
    texts = [text for text in figure.findobj(Text) if text.get_visible() and text.get_text().strip()]
    assert texts
    return {text.get_text(): text.get_fontsize() for text in texts if text.get_fontsize() * scale < SMALLEST - 1e-9}


def cut_off(figure, monkeypatch):
    """Return the texts that reach over the edge of a figure."""
    width, height = figure.get_size_inches() * figure.dpi
    return [text for text, box in drawn_texts(figure, monkeypatch)
            if box.x0 < -1 or box.y0 < -1 or box.x1 > width + 1 or box.y1 > height + 1]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", SWEEPS)
def test_figures_of_sweeps_can_be_read_at_print_size(tmp_path, monkeypatch, sheets, name):
    verb, *words = SWEEPS[name]
    assert main([verb, *words, f"out={tmp_path / 'out'}"]) == 0
    assert sheets
    for kind, sheet in sheets.items():
        assert sheet.figure.get_figwidth() == WIDTH, kind
        assert not too_small(sheet.figure), kind
        assert not cut_off(sheet.figure, monkeypatch), kind
        assert "replicates=5" in words or "50 and 90 %" not in sheet.caption, kind  # no quantiles of a few
        assert sheet.question and "settings" in sheet.caption and "n = " in sheet.caption + sheet.question or (
            kind == "mobilization" and "runs, seeds" in sheet.caption), kind  # fmt: skip
        with (tmp_path / "out" / "figures" / f"{kind}.csv").open(encoding="utf-8", newline="") as file:
            assert len(list(csv.DictReader(file))) == len(next(iter(sheet.columns.values()), ())), kind
        words_of_page = (tmp_path / "out" / "figures" / f"{kind}.md").read_text(encoding="utf-8")
        assert f"![{kind}]({kind}.png)" in words_of_page and "    ploshcha sweep " in words_of_page


def test_a_long_title_is_seen_whole(monkeypatch):
    figure, _ = framed("A title that needs more than one line of ten points, seven inches wide, " * 2, 1, ["A note."])
    assert not cut_off(figure, monkeypatch)


@pytest.mark.parametrize(("levers", "asked"), [
    (("anger.strength=0,1",), "What does anger.strength do?"),
    (("anger.strength=0,1", "fear.strength=0,1"), "What do anger.strength and fear.strength do?"),
])  # fmt: skip
def test_without_a_question_of_its_own_a_sweep_asks_about_its_levers(tmp_path, levers, asked):
    assert question_of(make_plan(["scenario=vyraj", *levers, f"out={tmp_path / 'out'}"])) == asked


def test_the_figure_of_a_run_can_be_read_at_print_size():
    from experiments.figures.run import mobilization_figure

    for n_cities in (1, 8):
        figure = mobilization_figure(shipped_result(n_cities))
        assert figure.get_figwidth() == WIDTH and not too_small(figure)


def test_a_figure_over_two_levers_says_where_a_third_is_held():
    two = ["scenario=vyraj", "anger.strength=0,1", "fear.strength=0,1"]
    assert slice_note(make_plan(two)) == ""
    plan = make_plan([*two, "job_pressure.threat=0.2,0.4"])
    assert slice_note(plan) == " Drawn at job_pressure.threat 0.2; all other points are in the table."
    assert is_over_two(plan) and not is_over_two(replace(plan, baseline=None))


def test_days_that_stand_alone_are_drawn():
    """A weekly protest has no value between its days: neither a line nor a band would show anything."""
    nothing = np.nan
    mean = np.array([1.0, nothing, nothing, 2.0, 3.0, nothing, 4.0])
    assert _alone(mean).tolist() == [True, False, False, False, False, False, True]
    _, axis = plt.subplots()
    line = Line("anger.strength", "0", (1,), Sample("0", "black"))
    _draw_differences(axis, [(line, np.array([mean, mean - 0.5, mean + 0.5]))], 24.0, "nothing")
    (bars,) = [each for each in axis.collections if isinstance(each, LineCollection)]
    assert [path.vertices[:, 1].tolist() for path in bars.get_paths()] == [[0.5, 1.5], [3.5, 4.5]]
