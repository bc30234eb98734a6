// The curves of a city beneath its map: the model's hours, what was reported, targets, nights, events.

import { dayAxis, FONT, mount, nights } from "ploshcha/chart";
import { palette } from "ploshcha/palette";
import { short } from "ploshcha/words";

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
    series,
    scales: { y: isLog ? { distr: 3, range: [FLOOR, 1.4 * most] } : { range: [0, 1.06 * most] } },
    axes: [dayAxis(run, element.clientWidth), personsAxis(isLog)],
    hooks: { drawClear: [(chart) => background(chart, run, city)], draw: [(chart) => eventMarks(chart, city)] },
  };
  return mount(element, run, options, data, onHour);
}

function personsAxis(isLog) {
  const colours = palette(), powers = (chart) => Array.from({ length: 12 }, (_, k) => 10 ** (k + 1)).filter((value) => value <= chart.scales.y.max);
  return {
    stroke: colours.soft, grid: { stroke: colours.line, width: 1 }, ticks: { show: false }, font: FONT, size: 46, gap: 4,
    ...(isLog ? { splits: powers } : {}),
    values: (_, splits) => splits.map((value) => (value === null ? "" : short(value))),
    label: "persons", labelSize: 16, labelFont: FONT, labelGap: 0,
  };
}

/** Nights, the strip of repression, and the ranges of the targets, behind the curves. */
function background(chart, run, city) {
  const { ctx: context, bbox } = chart, colours = palette();
  const x = (hour) => chart.valToPos(hour, "x", true), y = (value) => chart.valToPos(value, "y", true);
  context.save();
  nights(chart, run);
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

/** What the lines mean. */
export function legendOf(city, isLog) {
  const colours = palette();
  const line = (colour, kind, text) => `<span><i style="border-top:2px ${kind} ${colour}"></i>${text}</span>`;
  const patch = (colour, text) => `<span><i class="patch" style="background:${colour}"></i>${text}</span>`;
  return [
    line(colours.soft, "solid", "model, in the colour of its sign"),
    line(colours.soft, "dashed", "day’s largest crowd by independent media"),
    line(colours.soft, "dotted", "by the ministry"),
    city.targets.length ? patch(`color-mix(in srgb, ${colours.soft} 35%, transparent)`, "target of the highest hour") : "",
    patch(colours.night, "night, 18–06"), city.repression.length ? "<span>grey strip on top: repression</span>" : "",
    "<span>&#9662; event</span>", isLog ? `<span>log scale from ${FLOOR}</span>` : "",
  ].join("");
}
