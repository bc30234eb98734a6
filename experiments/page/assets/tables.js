// The numbers beside a map, and the events of the day.

import { palette, SIGNS } from "ploshcha/palette";
import { dayLabel, persons, timeLabel } from "ploshcha/words";

const SO_FAR = {
  detained_new: "detained in this hour", injured_new: "injuries known in this hour",
  dismissed: "dismissed so far", officers: "officers withholding or resigned",
};
const SITE_COLUMNS = { protesting: "protesting", rallying: "at rally", officers: "officers", detained_new: "detained now" };

const element = (tag, text = "", properties = {}) => Object.assign(document.createElement(tag), { textContent: text }, properties);

/** Make the tables of a city in an element; returns a function that shows an hour. */
export function makeTables(place, run, city, isNarrow) {
  place.replaceChildren();
  const numbers = element("div", "", { className: "numbers" }), left = element("div"), right = element("div");
  numbers.append(left, right);
  place.append(numbers);
  const shows = isNarrow // the runs have the same events, and what is reported stands in the curves
    ? [activities(left, city), siteTable(place, city, true), further(place, city)]
    : [activities(left, city), reported(left, city), further(right, city), eventList(right, run, city), siteTable(place, city, false)];
  return (hour) => shows.forEach((show) => show(hour));
}

function row(table, head, n) {
  const line = element("tr"), cells = Array.from({ length: n }, () => element("td"));
  const name = element("th", "", { scope: "row" });
  if (typeof head === "string") name.textContent = head;
  else name.append(...head);
  line.append(name, ...cells);
  table.append(line);
  return cells;
}

/** Write a number where it has changed; a dash where there is nothing. */
function write(cell, value, words = persons) {
  const text = value > 0 ? words(value) : "–";
  if (cell.textContent !== text) {
    cell.textContent = text;
    cell.className = value > 0 ? "" : "none";
  }
}

function table(place, caption) {
  const made = element("table");
  made.append(element("caption", caption));
  place.append(made);
  return made;
}

function activities(place, city) {
  const made = table(place, `persons now, of ${persons(city.adults)} adults`);
  const nSites = city.sites.length;
  const cells = Object.entries(SIGNS).map(([name, [sign, words]]) => {
    const key = element("span", sign, { className: "key" });
    key.style.color = palette()[name];
    return [name, row(made, [key, words], 1)[0]];
  });
  return (hour) => cells.forEach(([name, cell]) => {
    const { curves, at_site: at } = city;
    if (name === "officers") {
      let sum = 0;
      for (let k = 0; k < nSites; k++) sum += at.officers[hour * nSites + k];
      write(cell, sum);
    } else write(cell, curves[name === "rallying" ? "rally_present" : name][hour]);
  });
}

function further(place, city) {
  const made = table(place, "persons: what came of it");
  const cells = Object.entries(SO_FAR).map(([name, words]) => [name, row(made, words, 1)[0]]);
  const { curves } = city;
  const value = (name, hour) =>
    name === "officers" ? curves.officers_withholding[hour] + curves.officers_resigned[hour] : curves[name][hour];
  return (hour) => cells.forEach(([name, cell]) => write(cell, value(name, hour)));
}

function reported(place, city) {
  const made = table(place, "today’s largest protest, as reported so far");
  const cells = ["media", "ministry"].map((source) => [source, row(made, `by the ${source}`.replace("the media", "independent media"), 1)[0]]);
  return (hour) => cells.forEach(([source, cell]) => write(cell, city.reports[`reported_protest_${source}`][hour]));
}

function siteTable(place, city, isNarrow) {
  const made = table(place, `persons at each place in this hour${isNarrow ? "" : ", before arrests are taken off"}`), n = city.sites.length;
  const head = element("thead"), line = element("tr");
  line.append(element("th", "", { scope: "col" }));
  for (const [name, words] of Object.entries(SITE_COLUMNS)) {
    const [sign] = SIGNS[name === "detained_new" ? "detained" : name], column = element("th", "", { scope: "col", title: words });
    const mark = element("span", isNarrow ? sign : `${sign} `);
    mark.style.color = palette()[name === "detained_new" ? "detained" : name];
    column.append(mark, isNarrow ? "" : words);
    line.append(column);
  }
  head.append(line);
  made.append(head);
  const names = { neighbourhoods: "near home", chains: "human chains" };
  const rows = city.sites.map((site) => {
    const cells = row(made, names[site.role] ?? site.name, Object.keys(SITE_COLUMNS).length);
    cells[0].previousSibling.title = site.name;
    return cells;
  });
  return (hour) => rows.forEach((cells, k) => {
    Object.keys(SITE_COLUMNS).forEach((name, j) => write(cells[j], city.at_site[name][hour * n + k]));
  });
}

/** The events of the day of the hour, the latest in bold. */
function eventList(place, run, city) {
  const made = table(place, ""), list = element("ul", "", { className: "events" });
  made.replaceWith(list);
  let shownDay = -1, items = [];
  return (hour) => {
    const day = Math.floor(hour / 24);
    if (day !== shownDay) {
      shownDay = day;
      const today = city.events.filter(([when]) => Math.floor(when / 24) === day);
      items = today.map(([when, text]) => [when, element("li", `${timeLabel(when)}  ${text}`)]);
      list.replaceChildren(element("li", `events of ${dayLabel(run.start, hour)}${items.length ? "" : ": none"}`), ...items.map(([, item]) => item));
    }
    const last = Math.max(-1, ...items.map(([when]) => when).filter((when) => when <= hour));
    for (const [when, item] of items) item.className = when === last ? "now" : when < last ? "past" : "";
  };
}
