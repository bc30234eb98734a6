// The map of a city: homes as faint squares, people at sites as circles whose areas are persons.

import { palette } from "ploshcha/palette";
import { persons } from "ploshcha/words";

const NOWHERE = ["neighbourhoods", "chains"];
const TAU = 2 * Math.PI;
const LARGEST = 0.155; // radius of the largest circle of all, as a share of the map's shorter side

/** The largest number of persons that any circle or square of these runs stands for. */
export function mostPersons(runs) {
  let most = 1;
  const look = (values) => { for (const value of values) if (value > most) most = value; };
  for (const run of runs) {
    for (const city of run.cities) {
      for (const name of ["protesting", "rallying", "officers"]) look(city.at_site[name]);
      look(city.plants.map((plant) => plant.employees));
      look(city.curves.detained);
    }
  }
  return most;
}

/** The largest number of persons in a cell, by what cells are shaded by. */
export function mostInCell(runs) {
  const most = {};
  for (const run of runs) {
    for (const city of run.cities) {
      for (const [name, values] of Object.entries(city.of_cell)) {
        let highest = most[name] ?? 1;
        for (const value of values) if (value > highest) highest = value;
        most[name] = highest;
      }
    }
  }
  if (runs.length > 1) most[DIFFERENCE] = most.protesting;
  return most;
}

/** The shading that compares two runs; only pages of two have it. */
export const DIFFERENCE = "difference";

/** Which colour a shading of cells has. */
export const shadeColour = (layer) => palette()[["protesting_nearby", DIFFERENCE].includes(layer) ? "protesting" : layer];

/** Place a city in a rectangle of the canvas: functions from metres to pixels. */
function frameOf(city, box) {
  if (!city.reach) {
    city.reach = Math.max(...city.cells.east.map(Math.abs), ...city.cells.north.map(Math.abs)) + city.cell_m / 2;
  }
  const side = Math.min(box.width, box.height);
  const scale = side / (2.04 * city.reach);
  const x0 = box.left + box.width / 2, y0 = box.top + box.height / 2;
  return { x: (east) => x0 + east * scale, y: (north) => y0 - north * scale, scale, side, box,
    east: (x) => (x - x0) / scale, north: (y) => (y0 - y) / scale };
}

/** Draw the homes of all cities, once for each size and theme. */
export function drawGround(context, city, box) {
  const frame = frameOf(city, box), { cells, cell_m } = city, size = cell_m * frame.scale;
  const most = Math.max(...cells.adults);
  context.fillStyle = palette().home;
  for (let k = 0; k < cells.adults.length; k++) {
    context.globalAlpha = 0.06 + 0.24 * (cells.adults[k] / most);
    context.fillRect(frame.x(cells.east[k]) - size / 2, frame.y(cells.north[k]) - size / 2, size - 0.5, size - 0.5);
  }
  context.globalAlpha = 1;
  return frame;
}

/** Draw an hour over the ground, and return the names of its places, to be drawn last. `view`: layer, most, mostInCell, isSmall, isNarrow, unitSide, both (runs' city). */
export function drawHour(context, city, hour, frame, view) {
  shadeCells(context, city, hour, frame, view);
  const radius = (count) => LARGEST * view.unitSide * Math.sqrt(count / view.most);
  const drawn = { labels: [] };
  drawPlants(context, city, hour, frame, radius, drawn, view);
  drawSites(context, city, hour, frame, radius, drawn, view);
  drawCustody(context, city, hour, frame, radius, drawn, view);
  return drawn.labels;
}

/** Say in the upper right corner what the shades of the cells are: `lines` of [colour, opacity, words]. */
export function drawShadeKey(context, box, lines) {
  const x = box.left + box.width - 12;
  context.font = "11px system-ui, 'DejaVu Sans', sans-serif";
  context.textAlign = "right";
  lines.forEach(([colour, opacity, words], k) => {
    say(context, words, x - 16, box.top + 16 + 15 * k, palette().soft);
    context.fillStyle = colour;
    context.globalAlpha = opacity;
    context.fillRect(x - 10, box.top + 7 + 15 * k, 10, 10);
    context.globalAlpha = 1;
  });
}

/** The persons by which cells are shaded: of an hour and cell; of two runs' difference right minus left. */
function shadesOf(city, view) {
  if (view.layer !== DIFFERENCE) return (k) => city.of_cell[view.layer][k];
  const [left, right] = view.both(city.name).map((each) => each.of_cell.protesting);
  return (k) => right[k] - left[k];
}

function shadeCells(context, city, hour, frame, view) {
  const n = city.cells.adults.length, first = hour * n, size = city.cell_m * frame.scale;
  const most = view.mostInCell[view.layer], shade = shadesOf(city, view);
  const colour = shadeColour(view.layer), fewer = palette().rallying;
  for (let k = 0; k < n; k++) {
    const value = shade(first + k);
    if (value === 0) continue;
    context.fillStyle = value > 0 ? colour : fewer;
    context.globalAlpha = 0.12 + 0.68 * Math.sqrt(Math.abs(value) / most);
    context.fillRect(frame.x(city.cells.east[k]) - size / 2, frame.y(city.cells.north[k]) - size / 2, size - 0.5, size - 0.5);
  }
  context.globalAlpha = 1;
}

function disc(context, x, y, r, colour, alpha = 0.62) {
  context.beginPath();
  context.arc(x, y, Math.max(r, 1.2), 0, TAU);
  context.globalAlpha = alpha;
  context.fillStyle = colour;
  context.fill();
  context.globalAlpha = 1;
  context.lineWidth = 1;
  context.strokeStyle = colour;
  context.stroke();
}

/** A square whose area is that of the disc for the same number. */
function square(context, x, y, r, colour, isFilled) {
  const side = Math.max(2.4, r * Math.sqrt(Math.PI));
  context.fillStyle = context.strokeStyle = colour;
  context.lineWidth = 1;
  if (isFilled) context.fillRect(x - side / 2, y - side / 2, side, side);
  else context.strokeRect(x - side / 2, y - side / 2, side, side);
  return side;
}

function diamond(context, x, y, r, colour) {
  const half = Math.max(1.6, r * Math.sqrt(Math.PI / 2));
  context.beginPath();
  context.moveTo(x, y - half);
  context.lineTo(x + half, y);
  context.lineTo(x, y + half);
  context.lineTo(x - half, y);
  context.closePath();
  context.fillStyle = colour;
  context.globalAlpha = 0.8;
  context.fill();
  context.globalAlpha = 1;
  return half;
}

function drawPlants(context, city, hour, frame, radius, drawn, view) {
  const colours = palette(), n = city.plants.length;
  city.plants.forEach((plant, k) => {
    const x = frame.x(plant.east_m), y = frame.y(plant.north_m), out = city.at_plant[hour * n + k];
    const side = square(context, x, y, radius(plant.employees), colours.striking, false);
    if (out > 0) square(context, x, y, radius(out), colours.striking, true);
    drawn.labels.push({ x, y, room: side / 2, text: plant.name, detail: out > 0 && !view.isNarrow ? `${persons(out)} out` : "", colour: colours.striking });
  });
}

function drawSites(context, city, hour, frame, radius, drawn, view) {
  const colours = palette(), n = city.sites.length, at = city.at_site, signs = [];
  city.sites.forEach((site, k) => {
    if (NOWHERE.includes(site.role)) return;
    const x = frame.x(site.east_m), y = frame.y(site.north_m), index = hour * n + k;
    const crowd = at.protesting[index], rally = at.rallying[index], officers = at.officers[index];
    if (crowd > 0) signs.push([crowd, () => disc(context, x, y, radius(crowd), colours.protesting)]);
    if (rally > 0) signs.push([rally, () => disc(context, x, y, radius(rally), colours.rallying)]);
    if (officers > 0) signs.push([officers, () => square(context, x, y, radius(officers), colours.officers, true)]);
    signs.push([0, () => disc(context, x, y, 0, colours.soft, 1)]);
    const told = [crowd > 0 ? persons(crowd) : "", rally > 0 ? `${persons(rally)} at the rally` : "",
      at.detained_new[index] > 0 ? `${persons(at.detained_new[index])} detained now` : ""];
    drawn.labels.push({ x, y, room: Math.max(radius(Math.max(crowd, rally, officers)), 3), text: site.role === "detention" ? `${site.name} (custody)` : site.name,
      detail: view.isNarrow ? "" : told.filter(Boolean).join(", "), colour: colours.ink });
  });
  signs.sort(([one], [other]) => other - one).forEach(([, draw]) => draw()); // fewer over more
}

/** What has no place on the map stands in its lower left corner: those in chains; those held, without a place for them. */
function drawCustody(context, city, hour, frame, radius, drawn, view) {
  const colours = palette(), held = city.curves.detained[hour], n = city.sites.length, { box } = frame;
  const prison = city.sites.find((site) => site.role === "detention");
  let y = box.top + box.height - 16;
  const corner = (draw, r, text) => {
    draw(box.left + 14 + r, y - r);
    context.textAlign = "left";
    say(context, text, box.left + 20 + 2 * r, y - r + 4, colours.ink);
    y -= 2 * r + 12;
  };
  if (held > 0) {
    const r = radius(held);
    if (prison) diamond(context, frame.x(prison.east_m), frame.y(prison.north_m), r, colours.detained);
    else if (!view.isSmall) corner((x, up) => diamond(context, x, up, r, colours.detained), r, `${persons(held)} in custody`);
  }
  const chains = city.at_site.protesting[hour * n + city.sites.findIndex((site) => site.role === "chains")];
  if (chains > 0 && !view.isSmall) {
    const r = radius(chains);
    corner((x, up) => disc(context, x, up, r, colours.protesting, 0.25), r, `${persons(chains)} in human chains`);
  }
}

function say(context, text, x, y, colour) {
  context.lineWidth = 3;
  context.lineJoin = "round";
  context.strokeStyle = palette().ground;
  context.strokeText(text, x, y);
  context.fillStyle = colour;
  context.fillText(text, x, y);
}

/** Write the names of `drawHour`, each to the right of its place or, where that is taken, to another side. */
export function drawLabels(context, labels, box) {
  const taken = [];
  context.font = "12px system-ui, 'DejaVu Sans', sans-serif";
  for (const label of [...labels].sort((one, other) => other.room - one.room)) {
    const text = label.detail ? `${label.text}: ${label.detail}` : label.text;
    const width = context.measureText(text).width, gap = label.room + 5;
    const [right, left] = [label.x + gap, label.x - gap - width];
    const inside = (x) => Math.max(box.left + 3, Math.min(x, box.left + box.width - width - 3));
    const spots = [[right, label.y + 4], [left, label.y + 4], [inside(label.x - width / 2), label.y - label.room - 6],
      [inside(label.x - width / 2), label.y + label.room + 15], ...[-14, 14, -28, 28, -42, 42].flatMap(
        (shift) => [[right, label.y + 4 + shift], [left, label.y + 4 + shift]])];
    const isFree = ([x, y]) => x > box.left && x + width < box.left + box.width &&
      !taken.some((other) => x < other.x + other.width + 4 && x + width + 4 > other.x && Math.abs(y - other.y) < 14);
    const [x, y] = spots.find(isFree) ?? [inside(right), label.y + 4];
    taken.push({ x, y, width });
    context.textAlign = "left";
    say(context, text, x, y, label.colour);
  }
}

/** Draw the scale of circles and of metres into the upper left and lower right corners. */
export function drawScale(context, frame, view) {
  const colours = palette(), { box } = frame;
  context.font = "11px system-ui, 'DejaVu Sans', sans-serif";
  context.textAlign = "left";
  let y = box.top + 16;
  say(context, "area = persons", box.left + 10, y, colours.soft);
  const steps = [100, 1000, 10000, 100000, 1000000].filter((step) => step <= view.most).slice(-3, view.isNarrow ? -1 : undefined);
  for (const step of steps) {
    const r = LARGEST * view.unitSide * Math.sqrt(step / view.most);
    y += r + 8;
    context.beginPath();
    context.arc(box.left + 14 + Math.max(r, 8), y, Math.max(r, 1), 0, TAU);
    context.strokeStyle = colours.soft;
    context.lineWidth = 1;
    context.stroke();
    say(context, persons(step), box.left + 20 + r + Math.max(r, 8), y + 4, colours.soft);
    y += r;
  }
  const km = [5000, 2000, 1000, 500].find((length) => length * frame.scale < 0.3 * frame.side) ?? 500;
  const right = box.left + box.width - 12, low = box.top + box.height - 14, left = right - km * frame.scale;
  context.strokeStyle = colours.soft;
  context.lineWidth = 1.5;
  context.beginPath();
  context.moveTo(left, low - 4);
  context.lineTo(left, low);
  context.lineTo(right, low);
  context.lineTo(right, low - 4);
  context.stroke();
  context.textAlign = "right";
  say(context, `${km >= 1000 ? `${km / 1000} km` : `${km} m`}, north up`, right, low - 8, colours.soft);
}

/** Where a person of the page lives, in pixels; those of one cell stand around its middle. */
function homeOf(person, k, city, frame) {
  const turn = k * 2.4, off = 0.3 * city.cell_m * frame.scale;
  return [frame.x(person.east_m) + off * Math.cos(turn), frame.y(person.north_m) + off * Math.sin(turn)];
}

/** Draw the homes of the persons of whom the page tells, as rings in the colour of what they do; the chosen one is larger. */
export function drawHomes(context, persons, city, frame, colourOf, chosen) {
  persons.forEach((person, k) => {
    const [x, y] = homeOf(person, k, city, frame);
    context.beginPath();
    context.arc(x, y, k === chosen ? 7 : 3.5, 0, TAU);
    context.fillStyle = palette().ground;
    context.fill();
    context.lineWidth = k === chosen ? 4 : 2;
    context.strokeStyle = colourOf(k);
    context.stroke();
  });
}

/** The number of the person whose home is nearest to a point, null if none is near. */
export function nearestHome(persons, city, frame, x, y, least = 40) {
  let nearest = null;
  persons.forEach((person, k) => {
    const [east, north] = homeOf(person, k, city, frame), distance = Math.hypot(east - x, north - y);
    if (distance < least) [nearest, least] = [k, distance];
  });
  return nearest;
}
