"""The page as a widget of Jupyter: its city and hour are traits that Python reads and sets."""

from __future__ import annotations

from typing import Any

from sim.errors import InputError

try:
    import anywidget
    import traitlets
except ImportError:
    raise InputError("the widget needs anywidget, not installed: pip install ploshcha[notebook]") from None

SCRIPT = """
export default {
  render({ model, el }) {
    const frame = document.createElement("iframe");
    frame.setAttribute("sandbox", "allow-scripts");
    frame.title = "ploshcha";
    frame.style.cssText = `width:100%;border:0;height:${model.get("height")}px`;
    frame.srcdoc = model.get("page");
    let isHearing = false; // what the page has said is not told to it: that would close the person it shows
    const hear = ({ source, data }) => {
      if (source !== frame.contentWindow || !data?.ploshcha) return;
      isHearing = true;
      model.set("hour", data.ploshcha.hour);
      model.set("city", data.ploshcha.city);
      model.save_changes();
      isHearing = false;
    };
    const tell = () => isHearing || frame.contentWindow?.postMessage(
      { ploshcha: { city: model.get("city"), hour: model.get("hour") } }, "*");
    addEventListener("message", hear);
    model.on("change:hour", tell);
    model.on("change:city", tell);
    el.append(frame);
    return () => removeEventListener("message", hear);
  },
};
"""


class PageWidget(anywidget.AnyWidget):
    """The page of one or two runs; `hour` and `city` follow the page, and the page follows them."""

    _esm = SCRIPT
    page = traitlets.Unicode().tag(sync=True)
    height = traitlets.Int(720).tag(sync=True)
    hour = traitlets.Int(0).tag(sync=True)
    city = traitlets.Unicode().tag(sync=True)


def widget(page: str, city: str, hour: int, height: int) -> Any:
    """Return the widget of a page that opens at a city and an hour."""
    return PageWidget(page=page, city=city, hour=hour, height=height)
