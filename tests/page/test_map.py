"""``ploshcha map``: the fullest hour of each day as a picture, all hours as a film."""

import sys

import numpy as np
import pytest
from PIL import Image

from experiments.figures.city_map import city_map, fullest_hours
from experiments.store.space_folder import read_space_folder, rows_of


def test_fullest_hours_are_those_of_days_from_six_to_six():
    crowd = np.zeros(60)
    crowd[[3, 20, 29, 30, 40]] = [1, 5, 6, 4, 9]
    # the first day holds the hours before its 06:00, too (experiments/days.py); until 06:00 of the second; from then on
    assert fullest_hours(crowd) == [29, 40]
    assert fullest_hours(np.zeros(60)) == []


def test_a_map_holds_what_the_run_holds(runs):
    run = read_space_folder(runs / "with")
    drawn = city_map(run, "Alvena")
    curves = rows_of(run.curves, city="Alvena")
    assert drawn.homes.sum() == pytest.approx(curves["adults"][0])
    np.testing.assert_allclose(drawn.protesting.sum(axis=(1, 2)), curves["protesting"], atol=1e-6)
    arrests = drawn.at_site["detained_new"].sum(axis=1)
    np.testing.assert_allclose(drawn.at_site["protesting"].sum(axis=1) - arrests, curves["protesting"], atol=1e-6)


def test_a_map_can_be_read_at_print_size(runs, monkeypatch, tmp_path):
    from matplotlib.text import Annotation, Text

    import experiments.figures.city_map as maps

    made, real = [], maps._figure
    monkeypatch.setattr(maps, "_figure", lambda *values: made.append(real(*values)) or made[-1])
    drawn = city_map(read_space_folder(runs / "with"), "Alvena")
    maps.draw_days(drawn, tmp_path / "map.png")
    (figure,) = made
    figure.draw_without_rendering()
    texts = [text for text in figure.findobj(Text) if text.get_text().strip()]
    assert figure.get_figwidth() == 7.0 and min(text.get_fontsize() for text in texts) >= 7.0
    boxes = [text.get_window_extent() for text in texts if isinstance(text, Annotation)]
    assert len(boxes) >= 2, "places are named"
    assert [(k, j) for k, one in enumerate(boxes) for j, other in enumerate(boxes[:k]) if one.overlaps(other)] == []


def test_a_film(ploshcha, tmp_path, capsys):
    folder = tmp_path / "short"
    assert ploshcha("run", "scenario=vyraj", "hours=24", "persons_per_agent=50", "space=true", f"out={folder}") == 0
    capsys.readouterr()
    assert ploshcha("map", folder, "film=true") == 0
    files = [f"written to {folder / name}" for name in ("map_Alvena.png", "map_Alvena.gif")]
    assert capsys.readouterr().out.splitlines() == files
    with Image.open(folder / "map_Alvena.gif") as film:
        assert film.n_frames == 24


def test_a_film_as_mp4(ploshcha, tmp_path):
    encoder = pytest.importorskip("imageio_ffmpeg", reason="pip install ploshcha[film]")
    folder = tmp_path / "short"
    assert ploshcha("run", "scenario=vyraj", "hours=12", "persons_per_agent=50", "space=true", f"out={folder}") == 0
    assert ploshcha("map", folder, "film=mp4") == 0
    n_frames, seconds = encoder.count_frames_and_secs(str(folder / "map_Alvena.mp4"))
    assert n_frames == 12 and seconds > 0


def test_an_mp4_needs_its_encoder(ploshcha, runs, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "imageio_ffmpeg", None)
    assert ploshcha("map", runs / "with", "film=mp4") == 2
    assert "gif, or mp4 after: pip install ploshcha[film]" in capsys.readouterr().err
    assert not list((runs / "with").glob("*.mp4"))


def test_pictures(runs, ploshcha):
    assert ploshcha("map", runs / "with", "city=Alvena") == 0
    with Image.open(runs / "with" / "map_Alvena.png") as picture:
        colours = np.asarray(picture.convert("RGB")).reshape(-1, 3)
        assert picture.width > 600 and len(np.unique(colours, axis=0)) > 50
    first = (runs / "with" / "map_Alvena.png").read_bytes()
    assert ploshcha("map", runs / "with") == 0
    assert (runs / "with" / "map_Alvena.png").read_bytes() == first
    assert not [path for path in (runs / "with").iterdir() if path.name.startswith(".")]
