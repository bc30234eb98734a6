"""The printed table of effects and the note of its figure: what intervals hold, which signs, lines that fit."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest

from experiments.analysis.effects import paired_effect, with_signs
from experiments.design.experiment_file import NO_EXPERIMENT
from experiments.design.plan import Plan
from experiments.figures.response import effects_note
from experiments.printing.numbers import amount
from experiments.printing.sweep_table import WIDTH, effect_lines, replicates

LONG = "['Stela', 'Independence Square', 'Pushkinskaya', 'Kamennaya Horka', 'Malinovka', 'Uruchye']"


class Points(SimpleNamespace):
    """What of a plan is printed."""

    changed_levers = Plan.changed_levers


def plan(common_luck=True):
    points = [{"forcings.closed_places": []}, {"forcings.closed_places": LONG}]
    experiment = replace(NO_EXPERIMENT, title="Squares", outcomes=("peak_turnout", "rally_size"))
    return Points(points=points, baseline=0, experiment=experiment, settings=SimpleNamespace(common_luck=common_luck))


def effects(n, common_luck=True):
    same, base = dict.fromkeys(range(n), 7.0), dict.fromkeys(range(n), 1000.0)
    up = {k: 1100.0 + k for k in range(n)}
    return with_signs([paired_effect(1, "peak_turnout", up, base, common_luck),
                       paired_effect(1, "rally_size", same, same, common_luck)])  # fmt: skip


def test_head_signs_and_nothing_at_all():
    lines = effect_lines(plan(), effects(20))
    assert lines[0] == "Squares: paired differences, same luck, n = 20 replicates; 90 % interval, luck only"
    assert lines[1] == "signs: false discovery rate 10 % over 1 effects"
    rows = [line for line in lines if line.startswith(("peak_turnout", "rally_size"))]
    assert rows[0].endswith("  +") and rows[1].endswith("0 .. 0  no effect at all")


def test_below_ten_replicates_no_sign_is_shown():
    lines = effect_lines(plan(), effects(9))
    assert lines[1] == "signs: none, they need 10 replicates"
    assert [line.rpartition("  ")[2] for line in lines if line.startswith(("peak_", "rally_"))] == ["not shown"] * 2


def test_a_line_fits():
    lines = effect_lines(plan(), effects(20))
    assert max(map(len, lines)) <= WIDTH and any("['Stela', " in line and ".. " in line for line in lines)


@pytest.mark.parametrize("common_luck", [True, False])
def test_the_figure_says_what_its_intervals_hold(common_luck):
    note = effects_note(plan(common_luck), effects(20, common_luck)).replace("\n", " ")
    assert "n = 20 replicates" in note and "90 % interval, luck only" in note and "false discovery rate 10 %" in note


def test_fewer_replicates_where_an_outcome_has_no_value():
    assert replicates([*effects(20), *effects(12)]) == "n = 12 to 20 replicates"


@pytest.mark.parametrize(("value", "text"), [(123456.0, "123,000"), (0.01234, "0.0123"), (1e-12, "0"),
                                             (float("nan"), "-")])  # fmt: skip
def test_amounts(value, text):
    assert amount(value) == text
