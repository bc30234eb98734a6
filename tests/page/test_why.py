"""``ploshcha why``: the changed people are those of the two runs, and the terms of each add up to the change."""

import json

import numpy as np
import pytest

from agents.rules import participation
from experiments import cli
from experiments.analysis.again import changed_between, parameters_again
from experiments.analysis.changed_minds import explain
from experiments.analysis.moment import moment_of
from experiments.printing.run_table import persons
from experiments.store.space_folder import read_space_folder
from sim.parameters import Parameters

HOURS = (20, 37, 67)  # an evening, a day with chains, the last evening of the case


@pytest.fixture(scope="module")
def parameters(runs):
    return [parameters_again(read_space_folder(runs / name)) for name in ("with", "without")]


@pytest.mark.parametrize("hour", HOURS)
def test_terms_add_up_and_agree_with_the_choices(parameters, hour):
    moments = tuple(moment_of(each, 0, hour)[1] for each in parameters)
    is_out = [moment.choice == 1 for moment in moments]
    told = 0
    for index in np.flatnonzero(is_out[0] != is_out[1]).tolist():
        tipped = explain(moments, index)
        if tipped is not None:
            told += 1
            before, after = tipped.margins
            assert sum(tipped.terms.values()) == pytest.approx(after - before, abs=1e-12)
            assert (before > 0, after > 0) == (is_out[0][index], is_out[1][index])
            assert tipped.terms[tipped.term] * (after - before) > 0
    assert told > 5


def test_the_other_way_round_every_term_changes_its_sign(parameters):
    one, other = (moment_of(each, 0, 67)[1] for each in parameters)
    index = next(i for i in np.flatnonzero((one.choice == 1) != (other.choice == 1)) if explain((one, other), int(i)))
    there, back = explain((one, other), int(index)), explain((other, one), int(index))
    assert back.terms.keys() == there.terms.keys()
    for name, value in there.terms.items():
        assert back.terms[name] == pytest.approx(-value, abs=1e-12)


def test_rules_are_left_as_they_were(parameters):
    before = participation.joins
    moments = tuple(moment_of(each, 0, 67)[1] for each in parameters)
    explain(moments, 0)
    assert participation.joins is before


def test_a_setting_that_differs_is_an_input_by_its_name(runs, parameters):
    config = parameters[0].model_dump(mode="json")
    config["participation"]["intercept"] += 0.5
    louder = Parameters.model_validate_json(json.dumps(config))
    moments = tuple(moment_of(each, 0, 20)[1] for each in (parameters[0], louder))
    changed = np.flatnonzero((moments[0].choice == 1) != (moments[1].choice == 1)).tolist()
    found = [tipped for tipped in (explain(moments, index) for index in changed) if tipped]
    assert found and all(tipped.terms["signals.street_offset"] == pytest.approx(0.5) for tipped in found
                         if tipped.occasion == "protest")  # fmt: skip


def test_net_change_is_that_of_the_stored_curves(runs):
    """In an hour without arrests in either run the choices are the crowd that the curves tell of."""
    folders = [runs / "with", runs / "without"]
    curves = [read_space_folder(folder).curves for folder in folders]
    own = [each[each["city"] == "Alvena"].reset_index() for each in curves]
    no_arrest = (own[0]["detained_new"] == 0) & (own[1]["detained_new"] == 0)
    gap = (own[1]["protesting"] - own[0]["protesting"]).where(no_arrest, 0)
    hour = int(gap.abs().idxmax())
    people, city, _ = changed_between([read_space_folder(folder) for folder in folders], hour=hour)
    net = sum(each.persons * (1 if each.joins else -1) for each in people)
    assert city == "Alvena" and net == pytest.approx(gap[hour]) and net != 0


def test_one_run_with_itself_changes_nobody(runs, capsys):
    assert cli.main(["why", str(runs / "with"), str(runs / "with"), "hour=67"]) == 0
    assert "nobody protests in one run and not in the other" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("why",), "folder is missing"),
        (("why", "with"), "folder is missing"),
        (("why", "with", "others"), "seed of others=2 is not allowed"),
        (("why", "with", "without", "city=Alvna"), "did you mean Alvena?"),
        (("why", "with", "without", "hour=72"), "hour=72 is not allowed: an integer from 0 to 71"),
        (("why", "with", "without", "--html"), "option=--html is not allowed"),
    ],
)
def test_one_line(runs, monkeypatch, capsys, words, told):
    monkeypatch.chdir(runs)
    capsys.readouterr()
    assert cli.main(list(words)) == 2
    printed = capsys.readouterr()
    assert told in printed.err and printed.err.count("\n") == 1 and not printed.out


def test_another_program_is_told(runs, tmp_path, capsys):
    import shutil

    shutil.copytree(runs / "with", tmp_path / "older")
    manifest = json.loads((tmp_path / "older" / "manifest.json").read_text())
    (tmp_path / "older" / "manifest.json").write_text(json.dumps(manifest | {"code_hash": "0"}))
    assert cli.main(["why", str(runs / "without"), str(tmp_path / "older")]) == 2
    assert "it was made with other sources of the program: run it again" in capsys.readouterr().err


def test_the_page_tells_what_the_command_tells(runs, pair, open_page):
    page = open_page(pair)
    assert not page.find_element("id", "why").is_displayed()
    page.find_element("tag name", "body").send_keys("w")
    dialog = page.find_element("id", "why")
    people, city, hour = changed_between([read_space_folder(runs / name) for name in ("first", "without")])
    assert dialog.is_displayed() and dialog.text.startswith(f"{city}, ") and f"(hour {hour}):" in dialog.text
    assert page.execute_script("return ploshcha.hour") == hour
    row = next(row for row in dialog.find_elements("css selector", "tr") if row.text.startswith("fear"))
    by_fear = sum(each.persons for each in people if each.term == "fear" and each.joins)
    assert row.find_elements("tag name", "td")[1].text == f"{by_fear:,.0f}"
    joins = sum(each.persons for each in people if each.joins)
    assert f"{persons(joins)} persons protest in the right run who do not in the left" in dialog.text
    page.execute_script("ploshcha.setHour(3)")
    close, show = dialog.find_elements("tag name", "button")
    show.click()
    assert not dialog.is_displayed() and page.execute_script("return [ploshcha.city, ploshcha.hour]") == [city, hour]


def test_the_page_says_why_it_cannot_tell(runs, tmp_path, ploshcha, open_page):
    import shutil

    shutil.copytree(runs / "with", tmp_path / "older")
    manifest = json.loads((tmp_path / "older" / "manifest.json").read_text())
    (tmp_path / "older" / "manifest.json").write_text(json.dumps(manifest | {"code_hash": "0"}))
    assert ploshcha("view", tmp_path / "older", runs / "without") == 0
    page = open_page(tmp_path / "older" / "view.html")
    page.find_element("id", "ask").click()
    assert "made with other sources of the program: run it again" in page.find_element("id", "why").text


def test_a_page_of_one_run_asks_nobody(view, open_page):
    assert not open_page(view).find_element("id", "ask").is_displayed()
