// The curves of a city beneath its map: the model's hours, what was reported, targets, nights, events.

import { palette } from "ploshcha/palette";
import { dayLabel, short } from "ploshcha/words";

const FLOOR = 10; // persons; fewer are not drawn on the log scale
const LINES = { protesting: 2, striking: 1.5, rally_present: 1.5, detained: 1.5 };
const REPORTS = {
  reported_protest_media: ["protesting", [6, 3]], reported_protest_ministry: ["protesting", [2, 3]],
  reported_rally_media: ["rallying", [6, 3]], reported_rally_ministry: ["rallying", [2, 3]],
};
const colourOf = (name) => palette()[name === "rally_present" ? "rallying" : name];

/** The largest number that a curve, report or target of these cities reaches. */
export function highest(cities) {
  let most = 2 * FLOOR;
  for (const city of cities) {
    for (const name of Object.keys(LINES)) for (const value of city.curves[name]) most = Math.max(most, value);
    for (const name of Object.keys(REPORTS)) for (const value of city.reports[name]) if (value > most) most = value;
    for (const [outcome, statistic, , , , high] of city.targets) {
      if (statistic === "peak" && outcome in LINES) most = Math.max(most, high);
    }
  }
  return most;
}

/** One curve as uPlot takes it: hours that begin a step, and the end of the last one. */
function column(values, isLog) {
  const list = Array.from(values, (value) => (Number.isNaN(value) || (isLog && value < FLOOR) ? null : value));
  return [...list, list.at(-1)];
}

/** Make the chart of a city in an element. `onHour` is called with the hour that is clicked or dragged to. */
export function makeCurves(element, run, city, isLog, most, onHour) {
  const steps = uPlot.paths.stepped({ align: 1 });
  const series = [{}], data = [Float64Array.from({ length: run.hours + 1 }, (_, hour) => hour)];
  for (const [name, [colour, dash]] of Object.entries(REPORTS)) {
    series.push({ stroke: palette()[colour], width: 1, dash, paths: steps, points: { show: false } });
    data.push(column(city.reports[name], isLog));
  }
  for (const [name, width] of Object.entries(LINES)) {
    series.push({ stroke: colourOf(name), width, paths: steps, points: { show: false } });
    data.push(column(city.curves[name], isLog));
  }
  const options = {
    width: element.clientWidth, height: element.clientHeight, series, padding: [10, 12, 0, 0],
    scales: {
      x: { time: false, range: [0, run.hours] },
      y: isLog ? { distr: 3, range: [FLOOR, 1.4 * most] } : { range: [0, 1.06 * most] },
    },
    axes: axes(run, isLog, element.clientWidth), legend: { show: false },
    cursor: { x: false, y: false, points: { show: false }, drag: { x: false, y: false, setScale: false } },
    hooks: { drawClear: [(chart) => background(chart, run, city)], draw: [(chart) => eventMarks(chart, city)] },
  };
  const chart = new uPlot(options, data, element);
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

function axes(run, isLog, width) {
  const colours = palette(), days = Math.ceil(run.hours / 24), room = (width - 80) / days; // pixels of a day
  const isLong = room > 72, step = isLong ? 1 : Math.max(1, Math.ceil(48 / room));
  const midnights = Array.from({ length: Math.ceil(days / step) }, (_, k) => 24 * step * k);
  const grid = { stroke: colours.line, width: 1 }, font = "11px system-ui, 'DejaVu Sans', sans-serif";
  const x = {
    stroke: colours.soft, grid, ticks: { show: false }, font, size: 20, gap: 2,
    splits: () => midnights, values: () => midnights.map((hour) => dayLabel(run.start, hour).slice(isLong ? 0 : 4)), align: 1,
  };
  const powers = (chart) => Array.from({ length: 12 }, (_, k) => 10 ** (k + 1)).filter((value) => value <= chart.scales.y.max);
  const y = {
    stroke: colours.soft, grid, ticks: { show: false }, font, size: 46, gap: 4, ...(isLog ? { splits: powers } : {}),
    values: (_, splits) => splits.map((value) => (value === null ? "" : short(value))),
    label: "persons", labelSize: 16, labelFont: font, labelGap: 0,
  };
  return [x, y];
}

/** Nights, the strip of repression, and the ranges of the targets, behind the curves. */
function background(chart, run, city) {
  const { ctx: context, bbox } = chart, colours = palette();
  const x = (hour) => chart.valToPos(hour, "x", true), y = (value) => chart.valToPos(value, "y", true);
  context.save();
  context.fillStyle = colours.night;
  for (let evening = -6; evening < run.hours; evening += 24) {
    const from = Math.max(0, evening), to = Math.min(evening + 12, run.hours);
    context.fillRect(x(from), bbox.top, x(to) - x(from), bbox.height);
  }
  context.fillStyle = colours.soft;
  for (const [from, to, level] of city.repression) {
    context.globalAlpha = 0.15 + 0.75 * level;
    context.fillRect(x(from), bbox.top, x(to) - x(from), 4 * devicePixelRatio);
  }
  for (const [outcome, statistic, from, to, low, high] of city.targets) {
    if (statistic !== "peak" || !(outcome in LINES)) continue;
    const least = Math.max(low, chart.scales.y.min), top = y(high);
    context.fillStyle = context.strokeStyle = colourOf(outcome);
    context.globalAlpha = 0.22;
    context.fillRect(x(from), top, x(to) - x(from), y(least) - top);
    context.globalAlpha = 0.8;
    context.strokeRect(x(from), top, x(to) - x(from), y(least) - top);
  }
  context.restore();
}

/** A small mark at the top for each event. */
function eventMarks(chart, city) {
  const { ctx: context, bbox } = chart, size = 4 * devicePixelRatio;
  context.save();
  context.fillStyle = palette().ink;
  for (const [hour] of city.events) {
    const x = chart.valToPos(hour, "x", true);
    context.beginPath();
    context.moveTo(x - size, bbox.top - 2 * size);
    context.lineTo(x + size, bbox.top - 2 * size);
    context.lineTo(x, bbox.top - size / 4);
    context.fill();
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

/** What the lines mean. */
export function legendOf(city, isLog) {
  const colours = palette();
  const line = (colour, kind, text) => `<span><i style="border-top:2px ${kind} ${colour}"></i>${text}</span>`;
  const patch = (colour, text) => `<span><i class="patch" style="background:${colour}"></i>${text}</span>`;
  return [
    line(colours.soft, "solid", "model"),
    line(colours.soft, "dashed", "day’s largest crowd by independent media"),
    line(colours.soft, "dotted", "by the ministry"),
    city.targets.length ? patch(`color-mix(in srgb, ${colours.soft} 35%, transparent)`, "target of the highest hour") : "",
    patch(colours.night, "night, 18–06"), city.repression.length ? "<span>grey strip on top: repression</span>" : "",
    "<span>&#9662; event</span>", isLog ? `<span>log scale from ${FLOOR}</span>` : "",
  ].join("");
}
