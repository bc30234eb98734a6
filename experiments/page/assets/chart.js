// What all charts over the hours of a run share: days, nights, a line at the hour, and the pointer.

import { palette } from "ploshcha/palette";
import { dayLabel } from "ploshcha/words";

export const FONT = "11px system-ui, 'DejaVu Sans', sans-serif";

/** Draw a chart; `onHour` is called with the hour that is clicked or dragged to. */
export function mount(element, run, options, data, onHour) {
  const chart = new uPlot({
    width: element.clientWidth, height: element.clientHeight, padding: [10, 12, 0, 0], ...options,
    scales: { x: { time: false, range: [0, run.hours] }, ...options.scales }, legend: { show: false },
    cursor: { x: false, y: false, points: { show: false }, drag: { x: false, y: false, setScale: false } },
  }, data, element);
  const line = document.createElement("div");
  line.style.cssText = "position:absolute;top:0;bottom:0;width:2px;background:var(--ink);pointer-events:none";
  chart.over.append(line);
  follow(chart, run, onHour);
  return {
    chart,
    show: (hour) => { line.style.left = `calc(${(100 * (hour + 0.5)) / run.hours}% - 1px)`; },
    destroy: () => chart.destroy(),
  };
}

/** The axis of days. */
export function dayAxis(run, width) {
  const colours = palette(), days = Math.ceil(run.hours / 24), room = (width - 80) / days; // pixels of a day
  const isLong = room > 72, step = isLong ? 1 : Math.max(1, Math.ceil(48 / room));
  const midnights = Array.from({ length: Math.ceil(days / step) }, (_, k) => 24 * step * k);
  return {
    stroke: colours.soft, grid: { stroke: colours.line, width: 1 }, ticks: { show: false }, font: FONT, size: 20, gap: 2,
    splits: () => midnights, values: () => midnights.map((hour) => dayLabel(run.start, hour).slice(isLong ? 0 : 4)), align: 1,
  };
}

/** Shade the nights. */
export function nights(chart, run) {
  const { ctx: context, bbox } = chart, x = (hour) => chart.valToPos(hour, "x", true);
  context.save();
  context.fillStyle = palette().night;
  for (let evening = -6; evening < run.hours; evening += 24) {
    const from = Math.max(0, evening), to = Math.min(evening + 12, run.hours);
    context.fillRect(x(from), bbox.top, x(to) - x(from), bbox.height);
  }
  context.restore();
}

/** Let the pointer choose the hour. */
function follow(chart, run, onHour) {
  const choose = (event) => {
    const left = event.clientX - chart.over.getBoundingClientRect().left;
    onHour(Math.max(0, Math.min(run.hours - 1, Math.floor(chart.posToVal(left, "x")))));
  };
  chart.over.addEventListener("pointerdown", (event) => {
    chart.over.setPointerCapture(event.pointerId);
    choose(event);
  });
  chart.over.addEventListener("pointermove", (event) => { if (event.buttons & 1) choose(event); });
}
