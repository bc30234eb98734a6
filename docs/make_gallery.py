"""Write docs/gallery.md: every experiment that was run, with its picture, what was found, and the command.

    uv run python docs/make_gallery.py DIR

DIR holds a folder of ``ploshcha sweep`` for each experiment, by its name, as ``docs/make_experiments.py --keep DIR``
leaves them. Pictures go to docs/gallery/, small. What is not there, or not run to its end, stays as it was.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path

from experiments.design.experiment_file import read_experiment
from experiments.one_sweep import found_in
from experiments.store.chunks import read_chunks
from experiments.store.manifest import read_manifest
from experiments.store.sweep_folder import is_sweep, results_of

DOCS = Path(__file__).resolve().parent
PAGE, PICTURES = DOCS / "gallery.md", DOCS / "gallery"
WIDTH = 840  # pixels of a picture
COLOURS = 128  # of its palette; those far apart are kept, rare ones too
FIRST = ("mobilization", "elasticity", "break_even", "map", "curves", "effects")
HEAD = """\
# Gallery

Every experiment that was run for this page, the figure that answers it, what was found in a sentence, and the command.
All of it belongs to the parameters of the base case, which were set by hand, and to luck alone: what is unknown of the
parameters is larger ([hidden_assumptions.md](hidden_assumptions.md)). Tables are in [experiments.md](experiments.md);
each command also writes the figure as PDF and SVG with `figures=[png,pdf,svg]`. The page is written by
`uv run python docs/make_experiments.py --keep DIR` and `uv run python docs/make_gallery.py DIR`.
"""


def section(name: str, folder: Path) -> str:
    """Return the section of an experiment, and draw its picture small."""
    experiment = read_experiment(DOCS.parent / "conf" / "experiment" / f"{name}.yaml")
    names = ("effects", *FIRST) if experiment.figure.get("kind") == "none" else FIRST
    drawn = next(path for path in (folder / "figures" / f"{name}.png" for name in names) if path.is_file())
    PICTURES.mkdir(exist_ok=True)
    (PICTURES / f"{name}.png").write_bytes(small(drawn))
    return (f"## {experiment.title}\n\n{experiment.question}\n\n![{experiment.title}](gallery/{name}.png)\n\n"
            f"{found_in(folder)}\n\n    uv run ploshcha sweep experiment={name}\n")  # fmt: skip


def is_whole(folder: Path) -> bool:
    """Whether all runs of a sweep are there, and its figures of all of them."""
    done, failed = results_of(read_chunks(folder))
    return len(done) + len(failed) == read_manifest(folder)["n_runs"] and (folder / "figures").is_dir()


def small(path: Path) -> bytes:
    """Return a picture in fewer pixels and colours."""
    from PIL import Image

    content = io.BytesIO()
    with Image.open(path) as picture:
        size = (WIDTH, round(picture.height * WIDTH / picture.width))
        shown = picture.convert("RGB").resize(size, Image.Resampling.LANCZOS)
        shown = shown.quantize(COLOURS, Image.Quantize.MAXCOVERAGE)
        shown.save(content, "PNG", optimize=True)
    return content.getvalue()


def write(folder: Path) -> None:
    """Renew the sections of the sweeps in a folder; those of other experiments stay."""
    known = sorted(path.stem for path in (DOCS.parent / "conf" / "experiment").glob("*.yaml"))
    new = [name for name in known if is_sweep(folder / name) and is_whole(folder / name)]
    parts = PAGE.read_text(encoding="utf-8").split("\n## ")[1:] if PAGE.exists() else []
    old = {part.split("experiment=")[-1].strip(): f"## {part}".rstrip() + "\n" for part in parts}
    found = [section(name, folder / name) if name in new else old[name] for name in known if name in {*new, *old}]
    PAGE.write_text("\n".join([HEAD, *found]), encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
