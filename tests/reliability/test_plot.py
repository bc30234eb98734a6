"""``plot``, ``status`` and ``cite`` on runs and sweeps; forms of figures, tables for papers; replicates of ``run``."""

from __future__ import annotations

import pytest

SMALL = ("scenario=vyraj", "persons_per_agent=4000", "hours=30")


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """A run and a sweep of two replicates."""
    from experiments.cli import main

    root = tmp_path_factory.mktemp("plot")
    assert main(["run", *SMALL, "figures=[png,svg]", f"out={root / 'run'}"]) == 0
    assert main(["run", *SMALL, "replicates=2", "executor.processes=1", f"out={root / 'two'}"]) == 0
    sweep = ["sweep", *SMALL, "anger.strength=0,1", "replicates=2", "executor.processes=1", f"out={root / 'sweep'}"]
    assert main(sweep) == 0
    return root


def test_forms_are_those_asked_for(folders):
    names = {path.name for path in (folders / "run").iterdir()}
    assert {"mobilization.png", "mobilization.svg"} <= names and not {"mobilization.csv", "mobilization.md"} & names


def test_the_figure_of_a_run_is_drawn_again_from_its_folder(folders, call):
    before = (folders / "run" / "mobilization.svg").read_bytes()
    assert call("plot", folders / "run", "figures=[svg,csv,md,pdf]").code == 0
    assert (folders / "run" / "mobilization.pdf").read_bytes().startswith(b"%PDF")
    assert call("plot", folders / "run", "figures=[svg]").code == 0
    again = (folders / "run" / "mobilization.svg").read_bytes()
    assert b"vyraj, 30 hours" in again and len(again) > len(before) / 2
    assert "ploshcha run scenario=vyraj persons_per_agent=4000 hours=30\n" in (
        folders / "run" / "mobilization.md").read_text(encoding="utf-8")  # fmt: skip


def test_replicates_of_run_keep_the_curves_of_all_seeds(folders, call):
    from experiments import load

    found = load(folders / "two")
    assert found["seed"].to_numpy().tolist() == [1, 2] and found["protesting"].dims == ("run", "hour", "city")
    assert (folders / "two" / "figures" / "mobilization.png").is_file()
    status = call("status", folders / "two")
    assert status.code == 0 and "2 of 2 runs done" in status.out
    assert "2 runs" in call("cite", folders / "two").out


@pytest.mark.parametrize(("words", "told"), [
    (("replicates=0",), "replicates=0 is not allowed: an integer >= 1"),
    (("replicates=2.5",), "replicates=2.5 is not allowed: an integer >= 1"),
    (("replicates=2", "start=state.npz"), "replicates=2 is not allowed: 1 with start"),
    (("replicates=2", "save_state=[6]"), "replicates=2 is not allowed: 1 with save_state"),
    (("replicates=2", "space=true"), "replicates=2 is not allowed: 1 with space"),
    (("-m", "seed=1,2", "replicates=2"), "replicates=2 is not allowed: 1 with -m"),
    (("figures=[jpg]",), "figures=jpg is not allowed: some of png, pdf, svg, csv, md"),
])  # fmt: skip
def test_what_is_not_allowed_is_told_in_a_line_and_writes_nothing(call, here, words, told):
    done = call("run", *SMALL, *words, "out=out")
    assert done.code == 2 and told in done.err and not (here / "out").exists()


def test_tables_for_papers(folders, call):
    assert call("plot", folders / "sweep", "tables=[latex,html]").code == 0
    tables = folders / "sweep" / "tables"
    latex, html = ((tables / f"effects.{end}").read_text(encoding="utf-8") for end in ("tex", "html"))
    assert latex.startswith(r"\begin{longtable}{llrrrr}") and r"peak\_turnout (persons)" in latex and r"90 \%" in latex
    assert html.count("<tr>") == latex.count(r"\\" + "\n") - 1  # and the caption
    assert "<td>anger.strength: 0</td>" in html
    refused = call("plot", folders / "run", "tables=[latex]")
    assert refused.code == 2 and "tables=latex is not allowed: of a sweep; this is a run" in refused.err
    assert "tables=word is not allowed" in call("plot", folders / "sweep", "tables=word").err
    assert "a folder of a sweep, a run, a fit or a forecast" in call("plot", folders).err


def test_names_of_latex_and_html_are_read_as_they_are():
    from experiments.printing.paper_tables import as_html, as_latex

    table = ("50 % & more", ("a_b", "c", "d"), [("x<y", r"\z", "{1}")])
    assert r"\caption{50 \% \& more}" in as_latex(table) and r"a\_b & c & d \\" in as_latex(table)
    assert r"x<y & \textbackslash{}z & \{1\} \\" in as_latex(table)
    assert "<td>x&lt;y</td>" in as_html(table) and "<caption>50 % &amp; more</caption>" in as_html(table)
