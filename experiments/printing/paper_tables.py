"""Tables of a sweep for papers: effects, medians of replicates, published answers, in LaTeX and HTML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from experiments.analysis.effects import Effect, shown_outcomes, values_by_point
from experiments.analysis.intervals import HOLDS
from experiments.analysis.published import Answer
from experiments.design.plan import Plan
from experiments.printing.numbers import amount
from experiments.printing.replicates import outcome_name, quantiles
from experiments.printing.sweep_table import cells, replicates, told

LATEX = {"\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}",
         "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "\u00b1": r"$\pm$"}  # fmt: skip
Table = tuple[str, Sequence[str], list[Sequence[str]]]  # caption, heads, rows


def paper_tables(plan: Plan, effects: Sequence[Effect], values: Mapping[int, Mapping[str, Any]],
                 answers: Sequence[Answer]) -> dict[str, Table]:  # fmt: skip
    """Return the tables of a sweep by name, all rows of each."""
    found: dict[str, Table] = {}
    if effects:
        rows = [(outcome_name(e.outcome), cells(plan, e)[0], amount(e.baseline), *cells(plan, e)[1:]) for e in effects]
        heads = ("outcome", "change", "baseline", "difference", "90 % interval", "sign")
        found["effects"] = (f"{plan.experiment.title}: differences, {replicates(effects)}; {HOLDS}", heads, list(rows))
    if not plan.levers:
        names = shown_outcomes(plan, values)
        at = values_by_point(values, plan.replicates, names)
        medians = {name: quantiles(at.get((0, name), {}).values()) for name in names}
        found["replicates"] = (
            f"{plan.experiment.title}: n = {len(values)} runs, luck only", ("outcome", "median", "5 %", "95 %"),
            [(outcome_name(name), *map(amount, (q[1], q[0], q[2]))) for name, q in medians.items() if q is not None],
        )  # fmt: skip
    if answers:
        rows_of = [(a.claim.source, a.claim.claim, a.verdict, told(a) if a.claim.cannot_answer is None else "-")
                   for a in answers]  # fmt: skip
        found["published"] = (f"Published answers; {HOLDS}", ("source", "claim", "verdict", "found"), list(rows_of))
    return found


def as_latex(table: Table) -> str:
    """Return a table as LaTeX (packages booktabs and longtable), every character of it as it is."""
    caption, heads, rows = table
    lines = [" & ".join(map(_latex, row)) + r" \\" for row in (heads, *rows)]
    columns = "l" * 2 + "r" * (len(heads) - 2)
    return "\n".join([
        rf"\begin{{longtable}}{{{columns}}}", rf"\caption{{{_latex(caption)}}}\\", r"\toprule", lines[0],
        r"\midrule", r"\endhead", *lines[1:], r"\bottomrule", r"\end{longtable}", "",
    ])  # fmt: skip


def _latex(text: str) -> str:
    return "".join(LATEX.get(letter, letter) for letter in text)


def as_html(table: Table) -> str:
    """Return a table as HTML; nothing in it is read as HTML."""
    caption, heads, rows = table
    lines = ["<table>", f"<caption>{escape(caption)}</caption>",
             f"<thead><tr>{''.join(f'<th>{escape(head)}</th>' for head in heads)}</tr></thead>", "<tbody>"]  # fmt: skip
    lines += [f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows]
    return "\n".join([*lines, "</tbody>", "</table>", ""])
