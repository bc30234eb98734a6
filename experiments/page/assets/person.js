// A person and the week: what counted for and against going, hour by hour, against the draw of the day.

import { dayAxis, FONT, mount, nights } from "ploshcha/chart";
import { palette } from "ploshcha/palette";
import { persons } from "ploshcha/words";

const MISSING = -32768, SCALE = 1000;
const ACTIVITIES = ["", "protesting", "striking", "rallying", "detained"];
const DOING = ["at home or at work", "protesting", "on strike", "at the rally for the incumbent", "in custody"];
const NOWHERE = { neighbourhoods: "near home", chains: "in a human chain" };
const REACH = 4; // log-odds that fill half a bar
const element = (tag, text = "", properties = {}) => Object.assign(document.createElement(tag), { textContent: text }, properties);
const signed = (value) => (value === null ? "\u2013" : value.toFixed(2).replace("-", "\u2212"));

/** The numbers of a person's week, by name; null where nothing is known. */
export function weekOf(people, k, which, hours) {
  const week = people.weeks[which], n = week.activity.length / people.persons.length;
  const part = (values) => values.slice(k * n, k * n + hours);
  const real = (values) => Array.from(part(values), (value) => (value === MISSING ? null : value / SCALE));
  const each = (tables) => Object.fromEntries(Object.entries(tables).map(([name, values]) => [name, real(values)]));
  return {
    activity: part(week.activity), site: Array.from(part(week.site), (value) => week.sites[value]),
    occasion: Array.from(part(week.occasion), (value) => people.occasions[value]),
    index: real(week.index), luck: real(week.luck), state: each(week.state), terms: each(week.terms),
  };
}

/** The colour of what somebody does; that of homes for nothing. */
export const colourOfDoing = (activity) => palette()[ACTIVITIES[activity]] ?? palette().home;

/** Fill the bar over the panes; returns a function that says in it who a person is, and hides it without one. */
export function makePersonBar(bar, onNext, onClose) {
  const who = element("b"), told = element("p", "", { className: "soft" });
  const next = element("button", "another", { type: "button", title: "another person, key p" }), close = element("button", "close", { type: "button", title: "key escape" });
  next.addEventListener("click", onNext);
  close.addEventListener("click", onClose);
  bar.replaceChildren(who, told, next, close);
  return (person) => {
    bar.hidden = !person;
    [who.textContent, told.textContent] = person ? [person.who, traits(person)] : ["", ""];
  };
}

/** Show what counts for a person in the hour, with the terms of all weeks; returns a function that shows an hour. */
export function makePerson(place, person, week, weeks) {
  const doing = element("p", "", { className: "doing" }), table = element("table"), caption = element("caption");
  table.className = "terms";
  table.append(caption);
  const names = new Set(weeks.flatMap(({ terms }) => Object.keys(terms).filter((name) => terms[name].some((value) => value))));
  const nothing = week.index.map((value) => (value === null ? null : 0));
  const rows = [...names].map((name) => [week.terms[name] ?? nothing, termRow(table, name)]);
  rows.push([week.index, termRow(table, "sum: the index", "sum")], [week.luck, termRow(table, "draw of the day: luck", "draw")]);
  place.replaceChildren(doing, table);
  return (hour) => {
    const site = week.site[hour], where = site ? ` ${NOWHERE[site] ?? `at ${site}`}` : "";
    doing.textContent = `Now ${DOING[week.activity[hour]]}${week.activity[hour] === 1 ? where : ""}. ${verdictOf(person, week, hour)}`;
    caption.textContent = week.occasion[hour] ? `for (right) and against (left) joining ${week.occasion[hour]}, in log-odds` : "nothing is on in this hour";
    for (const [values, show] of rows) show(values[hour]);
  };
}

function traits(person) {
  return `One simulated person of about ${persons(person.stands_for)}. Of 0 to 1: prefers the incumbent ${person.private_preference}, ` +
    `hardship ${person.hardship}, risk aversion ${person.risk_aversion}, watches state television ${person.media_diet}` +
    (person.job_dependence > 0 ? `, depends on a state job ${person.job_dependence}.` : ".");
}

function termRow(table, name, className = "") {
  const row = element("tr", "", { className }), value = element("td"), cell = element("td"), bar = element("i");
  cell.className = "bar";
  cell.append(bar);
  row.append(element("th", name, { scope: "row" }), value, cell);
  table.append(row);
  return (number) => {
    value.textContent = signed(number);
    const width = Math.min(1, Math.abs(number ?? 0) / REACH) * 50;
    bar.style.cssText = `width:${width}%;left:${(number ?? 0) < 0 ? 50 - width : 50}%`;
    bar.className = (number ?? 0) < 0 ? "against" : "for";
  };
}

function verdictOf(person, week, hour) {
  const [index, luck] = [week.index[hour], week.luck[hour]];
  if (index === null) return "";
  if (!person.opposes && week.occasion[hour] !== "a walkout") return "Prefers the incumbent, so joins no protest.";
  if (luck < index && week.activity[hour] === 0) return "Would go, the day’s draw is below the index; but the called place is closed.";
  return luck < index ? "Goes: the day’s draw is below the index." : "Stays away: the day’s draw is above the index.";
}

/** Draw one of the weeks in an element, on the scale of all: index and draw of each hour with an occasion; anger, fear and company. */
export function makeWeek(element, run, week, weeks, onHour) {
  const colours = palette(), steps = uPlot.paths.stepped({ align: 1 });
  const column = (values) => [...values, values.at(-1)];
  const line = (stroke, width, dash = [], scale = "y") => ({ stroke, width, dash, scale, paths: steps, points: { show: false } });
  const data = [Float64Array.from({ length: run.hours + 1 }, (_, hour) => hour), column(week.index), column(week.luck),
    ...["anger", "fear", "company"].map((name) => column(week.state[name]))];
  const series = [{}, line(colours.protesting, 2), line(colours.ink, 1.5, [2, 3]), line(colours.rallying, 1.5, [6, 3], "state"),
    line(colours.officers, 1.5), line(colours.striking, 1.5, [10, 3, 2, 3], "state")];
  const axis = (label, scale, side) => ({
    scale, side, stroke: colours.soft, grid: { show: side === 3, stroke: colours.line, width: 1 }, ticks: { show: false },
    font: FONT, size: 40, gap: 4, label, labelSize: 16, labelFont: FONT, labelGap: 0,
  });
  const options = {
    series, scales: { y: { range: range(weeks) }, state: { range: [0, 1.06] } },
    axes: [dayAxis(run, element.clientWidth), axis("log-odds", "y", 3), axis("anger, company", "state", 1)],
    hooks: { drawClear: [(chart) => { nights(chart, run); doings(chart, week); }] },
  };
  return mount(element, run, options, data, onHour);
}

/** The lowest and highest number of the left scale, with some room. */
function range(weeks) {
  const numbers = weeks.flatMap(({ index, luck, state }) => [...index, ...luck, ...state.fear]).filter((value) => value !== null);
  return [Math.min(-1, ...numbers) - 0.5, Math.max(1, ...numbers) + 1];
}

/** A strip on top: what the person does. */
function doings(chart, week) {
  const { ctx: context, bbox } = chart, x = (hour) => chart.valToPos(hour, "x", true);
  context.save();
  week.activity.forEach((activity, hour) => {
    if (activity === 0) return;
    context.fillStyle = colourOfDoing(activity);
    context.fillRect(x(hour), bbox.top, x(hour + 1) - x(hour) + 0.5, 6 * devicePixelRatio);
  });
  context.restore();
}

/** What the lines of a week mean. */
export function legendOfWeek() {
  const colours = palette();
  const line = (colour, kind, text) => `<span><i style="border-top:2px ${kind} ${colour}"></i>${text}</span>`;
  return line(colours.protesting, "solid", "index of what is on") + line(colours.ink, "dotted", "draw of the day, pure luck: one goes while it lies below the index") +
    line(colours.rallying, "dashed", "anger (right scale)") + line(colours.officers, "solid", "fear (log units, left scale)") + line(colours.striking, "dashed", "company: share of own ties (neighbours, colleagues, online) out (right)") +
    "<span>strip on top: what the person does, in the colours of the map</span>";
}
