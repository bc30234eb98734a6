"""The printed table of effects and the note of its figure: what intervals hold, which signs, lines that fit."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest

from experiments.analysis.effects import paired_effect, with_signs
from experiments.design.experiment_file import NO_EXPERIMENT
from experiments.design.plan import Plan
from experiments.figures.response import effects_note
from experiments.printing.console import WIDTH
from experiments.printing.findings import sentence
from experiments.printing.numbers import amount
from experiments.printing.sweep_table import effect_lines, replicates, shown_rows

LONG = "['Stela', 'Independence Square', 'Pushkinskaya', 'Kamennaya Horka', 'Malinovka', 'Uruchye']"


class Points(SimpleNamespace):
    """What of a plan is printed."""

    changed_levers = Plan.changed_levers


def plan(common_luck=True):
    points = [{"forcings.closed_places": []}, {"forcings.closed_places": LONG}]
    experiment = replace(NO_EXPERIMENT, title="Squares", outcomes=("peak_turnout", "rally_size"))
    return Points(points=points, baseline=0, experiment=experiment, settings=SimpleNamespace(common_luck=common_luck),
                  levers=[SimpleNamespace(name="forcings.closed_places")])  # fmt: skip


def effects(n, common_luck=True):
    same, base = dict.fromkeys(range(n), 7.0), dict.fromkeys(range(n), 1000.0)
    up = {k: 1100.0 + k for k in range(n)}
    return with_signs([paired_effect(1, "peak_turnout", up, base, common_luck),
                       paired_effect(1, "rally_size", same, same, common_luck)])  # fmt: skip


def test_head_signs_and_nothing_at_all():
    lines = effect_lines(plan(), effects(20))
    head = " ".join(line.strip() for line in lines[:2])
    assert head == "Squares: paired differences, same luck, n = 20 replicates; 90 % interval, luck only"
    assert lines[2] == "signs: false discovery rate 10 % over 1 effects"
    assert "peak_turnout (persons), baseline 1,000" in lines
    rows = [line for line in lines if line.endswith(("  +", "no effect at all"))]
    assert len(rows) == 2 and " 110 " in rows[0] and rows[1].endswith("0 .. 0  no effect at all")


def test_below_ten_replicates_no_sign_is_shown():
    lines = effect_lines(plan(), effects(9))
    assert "signs: none, they need 10 replicates" in lines
    assert sum(line.endswith("not shown") for line in lines) == 2


def test_a_line_fits_and_a_lever_is_named_once_by_its_label():
    shown = plan()
    shown.experiment = replace(shown.experiment, figure={"labels": {"forcings.closed_places": "closed squares"}})
    lines = effect_lines(shown, effects(20))
    assert max(map(len, lines)) <= WIDTH
    assert lines.count("closed squares") == 2  # once for each outcome
    assert not any("forcings." in line for line in lines)


def test_values_of_a_lever_stand_together():
    """In the order of levers, not of points: the baseline lies in the middle of the first lever's values."""
    shown = plan()
    shown.points = [{"a": a, "b": b} for a in (0, 1, 2) for b in (0, 1)]
    shown.baseline, shown.levers = 3, [SimpleNamespace(name="a"), SimpleNamespace(name="b")]
    base, up = (dict.fromkeys(range(20), value) for value in (1000.0, 1100.0))
    found = [paired_effect(point, "peak_turnout", up, base, True) for point in (0, 1, 2, 4, 5)]
    assert [shown.points[effect.point] for effect in shown_rows(shown, found)] == [
        {"a": 0, "b": 1}, {"a": 2, "b": 1}, {"a": 1, "b": 0}]  # fmt: skip


@pytest.mark.parametrize("size", [1e3, 1e6, 1e8, 1e12])
def test_no_number_is_cut(size):
    n = 20
    base, down = ({k: size * (factor + 0.01 * (k % 5)) for k in range(n)} for factor in (3.0, 1.0))
    found = with_signs([paired_effect(1, "peak_turnout", down, base, True)])
    table = "\n".join(effect_lines(plan(), found))
    interval, difference = f"{amount(found[0].low)} .. {amount(found[0].high)}", amount(found[0].difference)
    assert f" {interval} " in table and f" {difference} " in table
    assert size > 1e8 or max(map(len, table.splitlines())) <= WIDTH


def test_the_table_ends_in_what_was_found():
    told = sentence(plan(), effects(20))
    assert told.startswith("Found for peak turnout (1,000 persons at the baseline): forcings.closed_places has an")
    assert "+110, +10.9 %" in told and told.endswith("+107 to +112).") and "Uruchye" not in told
    assert sentence(plan(), []) == ""


@pytest.mark.parametrize("common_luck", [True, False])
def test_the_figure_says_what_its_intervals_hold(common_luck):
    note = effects_note(plan(common_luck), effects(20, common_luck))
    assert "90 % interval, luck only" in note and "false discovery rate 10 %" in note


def test_fewer_replicates_where_an_outcome_has_no_value():
    assert replicates([*effects(20), *effects(12)]) == "n = 12 to 20 replicates"


@pytest.mark.parametrize(("value", "text"), [(123456.0, "123,000"), (0.01234, "0.0123"), (1e-12, "0"),
                                             (float("nan"), "-")])  # fmt: skip
def test_amounts(value, text):
    assert amount(value) == text
