// What lies under the pointer: a site, a plant, the home of a person, or a cell, in words.

import { nearestHome } from "ploshcha/map";
import { persons } from "ploshcha/words";

const NEAR = 14; // pixels
const AT_SITE = { protesting: "protesting", rallying: "at the rally", officers: "officers", detained_new: "detained in this hour" };
const OF_CELL = { protesting: "protesting", striking: "on strike", rallying: "at the rally", detained: "in custody" };
const told = (names, value) => Object.entries(names).filter(([name]) => value(name) > 0)
  .map(([name, words]) => `${persons(value(name))} ${words}`).join(", ");

/** Show a note at the pointer over a map. `at` returns what is drawn there, or null: {city, frame}, hour, people. */
export function makeHover(map, at) {
  const note = Object.assign(document.createElement("div"), { className: "note", hidden: true });
  map.append(note);
  map.addEventListener("pointerleave", () => { note.hidden = true; });
  map.addEventListener("pointermove", (event) => {
    const { left, top, width, height } = map.getBoundingClientRect(), x = event.clientX - left, y = event.clientY - top;
    const found = at(x, y), text = found ? wordsAt(found, x, y) : "";
    note.hidden = !text;
    note.textContent = text;
    const isRight = x > width / 2, isLow = y > height / 2; // on the side with more room
    note.style.cssText = `${isLow ? `bottom:${height - y + 8}px` : `top:${y + 14}px`};${isRight ? `right:${width - x + 8}px` : `left:${x + 12}px`};max-width:${Math.max(x, width - x) - 16}px`;
  });
}

function wordsAt({ city, frame, hour, people }, x, y) {
  const distance = ({ east_m: east, north_m: north }) => Math.hypot(frame.x(east) - x, frame.y(north) - y);
  const places = [...city.sites.map((site, k) => [distance(site), () => ofSite(city, site, k, hour)]),
    ...city.plants.map((plant, k) => [distance(plant), () => ofPlant(city, plant, k, hour)])];
  const [near, words] = places.reduce((one, other) => (other[0] < one[0] ? other : one), [NEAR, null]);
  const home = nearestHome(people, city, frame, x, y, Math.min(near, NEAR / 2));
  if (home !== null) return `Home of a person: ${people[home].who}. Click to see the week.`;
  return words ? words() : ofCell(city, frame, hour, x, y);
}

function ofSite(city, site, k, hour) {
  const index = hour * city.sites.length + k;
  return `${site.name}${site.role === "detention" ? ", where people are held" : ""}: ` +
    (told(AT_SITE, (name) => city.at_site[name][index]) || "nobody in this hour");
}

const ofPlant = (city, plant, k, hour) =>
  `${plant.name}: ${persons(city.at_plant[hour * city.plants.length + k])} of ${persons(plant.employees)} employees out`;

function ofCell(city, frame, hour, x, y) {
  const { cells, cell_m } = city, east = frame.east(x), north = frame.north(y), n = cells.adults.length;
  const k = cells.east.findIndex((middle, each) => Math.abs(middle - east) <= cell_m / 2 && Math.abs(cells.north[each] - north) <= cell_m / 2);
  if (k < 0) return "";
  const doing = told(OF_CELL, (name) => city.of_cell[name][hour * n + k]);
  return `${persons(cells.adults[k])} adults live here; ${doing ? `of them ${doing}` : "all of them quiet"}`;
}
