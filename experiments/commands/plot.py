"""``ploshcha plot``: figures and tables again, of a sweep, a run, a fit or a forecast."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from experiments.commands.folder import folder_of
from experiments.settings.read import OF_A_FIGURE, FigureForm, forms_of
from experiments.store.files import told_if_unwritable
from experiments.store.kinds import Kind, kind_of
from experiments.store.manifest import read_manifest
from sim.errors import InputError, not_allowed

HELP = """\
usage: ploshcha plot DIR [figures=[png,pdf,svg,csv,md]] [tables=[latex,html]]

Draw the figures of a sweep again, finished or not, and print its table; draw
the figure of a run, a fit or a forecast again.

  figures=[pdf,svg]      forms of each figure: png, pdf, svg, csv (what it
                         draws), md (question, caption, command); default
                         [png,csv,md]
  tables=[latex,html]    of a sweep: also write its effects, its medians and its
                         published answers to tables/, for papers
"""
TABLES = ("latex", "html")


def main(arguments: Sequence[str]) -> int:
    """Run ``ploshcha plot``."""
    found = folder_of(HELP, arguments)
    if found is None:
        return 0
    folder, rest = found
    forms, tables = _asked(rest)
    kind = kind_of(folder)
    if tables and kind != "sweep":
        raise not_allowed("", "tables", ",".join(tables), f"of a sweep; this is a {kind}")
    with told_if_unwritable(folder, "folder"):
        where = _draw(kind, folder, forms, tables)
    print(f"figures written to {where}")
    return 0


def _asked(rest: Sequence[str]) -> tuple[tuple[FigureForm, ...], tuple[str, ...]]:
    """Return forms of figures and of tables."""
    forms: tuple[FigureForm, ...] = OF_A_FIGURE
    tables: tuple[str, ...] = ()
    for word in rest:
        name, _, value = word.partition("=")
        parts = [part.strip() for part in value.strip("[]").split(",")]
        if name == "figures":
            forms = forms_of(parts)
        elif name == "tables":
            for part in parts:
                if part not in TABLES:
                    raise not_allowed("", "tables", part, "some of " + ", ".join(TABLES), TABLES)
            tables = tuple(dict.fromkeys(parts))
        else:
            raise not_allowed("", "option", word, "figures=[png,...] or tables=[latex,html]")
    return forms, tables


def _draw(kind: Kind, folder: Path, forms: Sequence[FigureForm], tables: Sequence[str]) -> Path:
    """Draw what there is to draw, and return where it lies."""
    if kind == "run":
        from experiments.one_run import draw_again

        draw_again(folder, forms)
        return folder
    if kind == "sweep":
        from experiments.one_sweep import summarise
        from experiments.store.sweep_folder import plan_of

        plan = plan_of(folder, f"figures=[{','.join(forms)}]")
        for line in summarise(folder, plan, tables):
            print(line)
    elif kind == "calibration":
        from experiments.calibration.figures import redraw_posterior, redraw_predicted

        manifest = read_manifest(folder)
        try:
            redraw_posterior(folder, manifest, forms)
            redraw_predicted(folder, forms)
        except (OSError, ValueError, KeyError, TypeError) as error:
            told = f"a fit that has come to its end, with its posterior.parquet ({type(error).__name__})"
            raise not_allowed("", "folder", folder, told) from None
    else:
        from experiments.forecasting.figures import redraw_forecast

        try:
            redraw_forecast(folder, forms)
        except (OSError, ValueError, KeyError) as error:
            raise InputError(f"{folder}: the forecast cannot be read: {error}") from None
    return folder / "figures"
