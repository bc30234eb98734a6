"""Texts that a figure really draws: of ticks beyond its limits matplotlib keeps more."""

from __future__ import annotations

from matplotlib.text import Text


def drawn_texts(figure, monkeypatch):
    """Draw a figure; return (words, box in pixels) of every text that this puts on the canvas."""
    boxes, draw = [], Text.draw

    def record(text, renderer):
        if text.get_visible() and text.get_text().strip():
            boxes.append((text.get_text(), text.get_window_extent(renderer)))
        draw(text, renderer)

    with monkeypatch.context() as patch:
        patch.setattr(Text, "draw", record)
        figure.draw(figure.canvas.get_renderer())
    return boxes
