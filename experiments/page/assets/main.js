// The page: one or two panes with a map, numbers and curves; one hour and one city for all of them.

import { highest, legendOf, makeCurves } from "ploshcha/curves";
import { makeHelp } from "ploshcha/help";
import { makeHover } from "ploshcha/hover";
import { readPayload } from "ploshcha/data";
import { complaint, listenToNotebook, nameOf, readLink, writeLink } from "ploshcha/link";
import { DIFFERENCE, drawGround, drawHomes, drawHour, drawLabels, drawScale, drawShadeKey, mostInCell, mostPersons, nearestHome, shadeColour } from "ploshcha/map";
import { isDark, palette, setTheme, signKey } from "ploshcha/palette";
import { colourOfDoing, legendOfWeek, makePerson, makePersonBar, makeWeek, weekOf } from "ploshcha/person";
import { makeStory } from "ploshcha/story";
import { makeTables } from "ploshcha/tables";
import { makeWhy } from "ploshcha/why";
import { hourLabel, persons, timeLabel } from "ploshcha/words";

const ALL = "all cities";
const LAYERS = {
  protesting: "homes of the protesting", protesting_nearby: "protesting near home", striking: "homes of strikers",
  rallying: "homes of rally-goers", detained: "homes of those in custody", [DIFFERENCE]: "protesting: right minus left",
};
const HOURS_PER_SECOND = 8;
const NARROW = 480; // pixels; maps with less are told about in the legend
const MOST_TOLD = 6; // differences between two runs
const by = (id) => document.getElementById(id);
const make = (tag, className = "") => Object.assign(document.createElement(tag), { className });

/** Read the runs and show them; what goes wrong is said on the page. */
export async function start() {
  try {
    globalThis.ploshcha = new Page(await readPayload());
    performance.mark("shown");
  } catch (error) {
    const isOld = typeof DecompressionStream === "undefined";
    by("notice").textContent = isOld ? "This page needs a browser of 2023 or newer." : `The page cannot be shown: ${error}`;
    by("notice").hidden = false;
    if (!isOld) throw error;
  }
}

class Page {
  constructor({ runs, differences, opened, why, people, narrative }) {
    Object.assign(this, { runs, hour: 0, city: opened.city, isLog: true, layer: "protesting", people, person: null, narrative });
    this.names = runs[0].cities.map((city) => city.name);
    this.hours = Math.min(...runs.map((run) => run.hours));
    this.hour = opened.hour ?? this.fullestHour();
    this.most = mostPersons(runs);
    this.inCell = mostInCell(runs);
    setTheme(matchMedia("(prefers-color-scheme: dark)").matches);
    this.writeHead(differences);
    makeWhy(by("why"), by("ask"), why, ({ city, hour }) => { Object.assign(this, { city, hour }); this.setPerson(null); });
    makeHelp(by("help"), by("how"), { isPair: runs.length > 1, isStory: Boolean(narrative), hasPeople: Boolean(people) });
    by("persons").hidden = !people;
    this.panes = runs.map((run, k) => this.makePane(run, k));
    this.showPerson = makePersonBar(by("person"), () => this.nextPerson(), () => this.leavePerson());
    this.listen();
    if (narrative) {
      this.showStory = makeStory(by("story"), narrative, (step) => this.setStep(step));
      this.takeStep(0);
    }
    this.follow(readLink());
    this.layOut();
    new ResizeObserver(() => { if (this.size !== this.sizeNow()) this.layOut(); }).observe(by("panes"));
  }

  fullestHour() {
    const name = this.city === ALL ? this.names[0] : this.city;
    const values = this.runs[0].cities[this.names.indexOf(name)].curves.protesting;
    return values.indexOf(Math.max(...values.slice(0, this.hours)));
  }

  writeHead(differences) {
    const [run] = this.runs;
    by("title").textContent = run.title;
    const luck = this.runs.length > 1
      ? `Two single runs of the same people with the same luck (seed ${run.seed}): one luck of many, no forecast`
      : `One single run (seed ${run.seed}): one luck of many, no forecast`;
    const name = this.runs.length > 1 ? "" : `, run ${run.run}`;
    by("facts").textContent = `${luck}. Case ${run.scenario}${name}; ` +
      `one simulated person stands for about ${persons(run.persons_per_agent)}.`.replace("for about 1.", "for one.");
    if (this.runs.length > 1) {
      const more = differences.length > MOST_TOLD ? ` and ${differences.length - MOST_TOLD} more` : "";
      const told = `Right differs from left in ${differences.slice(0, MOST_TOLD).join("; ")}${more}.`;
      by("differences").textContent = differences.length ? told : "Both runs have the same settings.";
      by("differences").hidden = false;
    }
    const buttons = [...(this.names.length > 1 ? [ALL] : []), ...this.names].map((name) => {
      const button = make("button"), label = make("b");
      button.type = "button";
      label.style.fontWeight = "inherit";
      label.textContent = name;
      button.append(label);
      if (name !== ALL) button.append(make("span"));
      button.title = name === ALL ? "all maps at once" : `${name}: persons protesting now${this.runs.length > 1 ? ", left run" : ""}`;
      button.addEventListener("click", () => this.setCity(name));
      by("cities").append(button);
      return [name, button];
    });
    this.buttons = new Map(buttons);
    by("cities").append(Object.assign(make("small"), { textContent: `protesting now${this.runs.length > 1 ? ", left run" : ""}` }));
    const layers = Object.entries(LAYERS).filter(([name]) => this.runs.length > 1 || name !== DIFFERENCE);
    for (const [name, text] of layers) by("layer").append(new Option(text, name));
    by("hour").max = this.hours - 1;
  }

  makePane(run, k) {
    const pane = make("section", this.runs.length > 1 ? "pane two" : "pane");
    if (this.runs.length > 1) {
      const head = make("h2");
      head.innerHTML = "<span></span> <small></small>";
      head.children[0].textContent = `${k === 0 ? "Left" : "Right"}: ${run.folder}`;
      head.children[1].textContent = `run ${run.run}`;
      pane.append(head);
    }
    const above = make("div", "above"), map = make("div", "map"), side = make("div", "side");
    const canvases = [make("canvas", "ground"), make("canvas", "people")];
    canvases[1].setAttribute("role", "img");
    canvases[1].setAttribute("aria-label", "map of the city; the numbers stand beside it");
    const chart = make("div", "chart");
    map.append(...canvases);
    above.append(map, side);
    pane.append(above, chart);
    by("panes").append(pane);
    canvases[1].addEventListener("click", (event) => this.pick(event, k));
    makeHover(map, (x, y) => this.drawnAt(k, x, y));
    return { run, pane, map, side, canvases, chart, k };
  }

  listen() {
    by("hour").addEventListener("input", () => this.setHour(Number(by("hour").value)));
    by("play").addEventListener("click", () => this.play(!this.isPlaying));
    by("scale").addEventListener("click", () => { this.isLog = !this.isLog; this.layOut(); });
    by("theme").addEventListener("click", () => { setTheme(!isDark()); this.layOut(); });
    by("layer").addEventListener("change", () => { this.layer = by("layer").value; this.layOut(); });
    by("persons").addEventListener("click", () => this.nextPerson());
    addEventListener("hashchange", () => { this.follow(readLink()); this.layOut(); });
    listenToNotebook((state) => { this.follow(state); this.layOut(); });
    addEventListener("keydown", (event) => this.press(event));
  }

  press(event) {
    if (document.querySelector("dialog[open]") || event.ctrlKey || event.metaKey || event.altKey || event.target.tagName === "SELECT") return;
    const step = event.shiftKey ? 24 : 1, digit = /^[0-9]$/.test(event.key) ? Number(event.key) : -1;
    const city = digit === 0 && this.names.length > 1 ? ALL : this.names[digit - 1];
    const actions = {
      ArrowRight: () => this.setHour(this.hour + step), ArrowLeft: () => this.setHour(this.hour - step),
      Home: () => this.setHour(0), End: () => this.setHour(this.hours - 1), " ": () => this.play(!this.isPlaying),
      w: () => by("ask").click(), p: () => this.nextPerson(), n: () => this.setStep(this.step + 1),
      b: () => this.setStep(this.step - 1), "?": () => by("how").click(), Escape: () => this.setPerson(null),
    };
    const action = actions[event.key] ?? (city ? () => this.setCity(city) : null);
    if (!action || (event.key === " " && event.target.tagName === "BUTTON" && event.target !== by("play"))) return;
    event.preventDefault();
    action();
  }

  /** Go where a link leads, or say why that is not possible. */
  follow(link) {
    const fault = complaint(link, this.runs, [...this.names, ALL], this.narrative);
    this.notify(fault);
    if (fault) return;
    if ("step" in link) this.takeStep(link.step);
    if (link.city && !(link.city === ALL && this.names.length === 1)) this.city = link.city;
    if ("hour" in link) this.hour = Math.min(link.hour, this.hours - 1);
    if ("city" in link) this.person = null; // a whole state, in which none is chosen
    if (!("person" in link)) return;
    const k = this.persons().findIndex((person) => String(person.key) === link.person);
    this.person = k >= 0 ? k : null;
    if (k < 0) this.notify(`This link is about a person of ${this.city} of whom this page does not tell.`);
  }

  /** Go to a step of the narrative: what it shows, without drawing it. */
  takeStep(step) {
    const { city, hour, person } = this.narrative.states[step];
    Object.assign(this, { step, city, hour, person: person && this.persons(city).length ? person - 1 : null });
    this.showStory(step);
  }

  setStep(step) {
    if (!this.narrative?.states[step]) return;
    this.takeStep(step);
    this.layOut();
  }

  notify(text) {
    by("notice").textContent = text;
    by("notice").hidden = !text;
  }

  /** The persons of the city of whom the page tells; none where all cities are shown. */
  persons(city = this.city) {
    return this.people?.cities?.[this.names.indexOf(city)]?.persons ?? [];
  }

  setPerson(k) {
    this.person = k;
    this.layOut();
  }

  /** Close the bar of a person; the focus goes where the next one is asked for. */
  leavePerson() {
    this.setPerson(null);
    by("persons").focus();
  }

  nextPerson() {
    if (!this.people) return;
    if (this.people.fault) this.notify(this.people.fault);
    else if (this.city === ALL) this.setCity(this.names[0]);
    const n = this.persons().length;
    if (n > 0) this.setPerson(this.person === null ? 0 : (this.person + 1) % n);
  }

  /** Choose the person whose home is clicked. */
  pick(event, k) {
    const [{ city, frame }] = this.panes[k].maps;
    const found = nearestHome(this.persons(), city, frame, event.offsetX, event.offsetY);
    if (found !== null) this.setPerson(found);
  }

  /** What is drawn at a point of a map. */
  drawnAt(k, x, y) {
    const isIn = ({ frame: { box } }) => x >= box.left && x < box.left + box.width && y >= box.top && y < box.top + box.height;
    const found = this.panes[k].maps.find(isIn);
    return found && { ...found, hour: this.hour, people: this.persons() };
  }

  setHour(hour) {
    this.hour = Math.max(0, Math.min(this.hours - 1, hour));
    this.draw();
  }

  setCity(name) {
    this.city = name;
    this.setPerson(null);
  }

  play(isOn) {
    this.isPlaying = isOn;
    by("play").innerHTML = isOn ? "&#10073;&#10073;" : "&#9654;";
    if (!isOn) return;
    const first = this.hour >= this.hours - 1 ? 0 : this.hour;
    let begun;
    const frame = (now) => {
      if (!this.isPlaying) return;
      begun ??= now;
      this.setHour(first + Math.floor(((now - begun) / 1000) * HOURS_PER_SECOND));
      if (this.hour >= this.hours - 1) this.play(false);
      else requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  }

  /** Show every hour once, one in each frame of the browser; returns milliseconds, sorted: from frame to frame, and of drawing alone. */
  async measure() {
    const frame = () => new Promise(requestAnimationFrame), frames = [], drawing = [];
    let before = await frame();
    for (let hour = 0; hour < this.hours; hour++) {
      const begun = performance.now();
      this.setHour(hour);
      drawing.push(performance.now() - begun);
      const now = await frame();
      frames.push(now - before);
      before = now;
    }
    return [frames, drawing].map((times) => times.sort((one, other) => one - other));
  }

  sizeNow() {
    return `${by("panes").clientWidth} x ${by("panes").clientHeight}`;
  }

  /** Everything that does not change with the hour: sizes, grounds, tables, charts. */
  layOut() {
    const isAll = this.city === ALL, shown = isAll ? this.names : [this.city];
    by("scale").textContent = this.isLog ? "linear curves" : "log curves";
    for (const [name, button] of this.buttons) button.setAttribute("aria-pressed", name === this.city);
    const charted = isAll ? this.names[0] : this.city;
    const most = highest(this.panes.map(({ run }) => run.cities[this.names.indexOf(charted)]));
    for (const { pane } of this.panes) pane.classList.toggle("all", isAll);
    this.showPerson(this.persons()[this.person ?? -1]);
    this.writeLegend(charted, isAll); // first, since its height is taken from that of the maps
    for (const pane of this.panes) {
      this.layOutMap(pane, shown);
      this.layOutSide(pane, pane.run.cities[this.names.indexOf(charted)], most);
    }
    this.size = this.sizeNow();
    this.draw();
  }

  /** The tables and curves of the city, or what is told of a person. */
  layOutSide(pane, city, most) {
    pane.curves?.destroy();
    pane.chart.replaceChildren();
    const onHour = (hour) => this.setHour(hour);
    pane.doings = this.persons().map((_, k) => this.people.cities[this.names.indexOf(this.city)].weeks[pane.k].activity.subarray(k * pane.run.hours));
    if (this.person === null) {
      pane.show = makeTables(pane.side, pane.run, city, this.runs.length > 1);
      pane.curves = makeCurves(pane.chart, pane.run, city, this.isLog, most, onHour);
      return;
    }
    const people = this.people.cities[this.names.indexOf(this.city)];
    const weeks = this.panes.map(({ run, k }) => weekOf(people, this.person, k, run.hours)), week = weeks[pane.k];
    pane.show = makePerson(pane.side, this.persons()[this.person], week, weeks);
    pane.curves = makeWeek(pane.chart, pane.run, week, weeks, onHour);
  }

  writeLegend(charted, isAll) {
    by("scale").hidden = this.person !== null;
    const patch = ([colour, opacity, words]) => `<span><i class="patch" style="background:color-mix(in srgb, ${colour} ${100 * opacity}%, transparent)"></i>${words}</span>`;
    const shades = this.panes[0].map.clientWidth < NARROW || isAll ? this.shadeKey().map(patch).join("") : "";
    const signs = isAll ? `<span>${signKey()}</span>` : "", of = isAll ? "<span>curves of <b></b>:</span>" : "";
    const lines = this.person === null ? legendOf(this.runs[0].cities[this.names.indexOf(charted)], this.isLog) : legendOfWeek();
    const homes = this.persons().length && this.person === null ? "<span>&#9675; home of a person: click to see the week</span>" : "";
    by("legend").innerHTML = signs + shades + of + lines + homes;
    if (isAll) by("legend").querySelector("b").textContent = charted;
  }

  /** What the shades of cells mean, as [colour, opacity, words]. */
  shadeKey() {
    const darkest = `(darkest: ${persons(this.inCell[this.layer])} in a cell)`, grey = [palette().home, 0.3, "grey: where adults live"];
    if (this.layer !== DIFFERENCE) return [[shadeColour(this.layer), 0.6, `${LAYERS[this.layer]} ${darkest}`], grey];
    return [[shadeColour(this.layer), 0.6, `homes of more protesting in the right run ${darkest}`], [palette().rallying, 0.6, "in the left run"], grey];
  }

  layOutMap(pane, shown) {
    const { clientWidth: width, clientHeight: height } = pane.map, ratio = devicePixelRatio || 1;
    for (const canvas of pane.canvases) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
      canvas.getContext("2d").setTransform(ratio, 0, 0, ratio, 0, 0);
    }
    const ground = pane.canvases[0].getContext("2d"), isSmall = shown.length > 1;
    const boxes = tile(shown.length, width, height, isSmall ? 18 : 0);
    const unitSide = Math.min(boxes[0].width, boxes[0].height);
    pane.view = { most: this.most, mostInCell: this.inCell, isSmall, isNarrow: width < NARROW, unitSide, layer: this.layer,
      both: (name) => this.runs.map((run) => run.cities[this.names.indexOf(name)]) };
    pane.maps = shown.map((name, k) => {
      const city = pane.run.cities[this.names.indexOf(name)], frame = drawGround(ground, city, boxes[k]);
      return { city, frame, head: isSmall ? boxes[k] : null };
    });
    if (isSmall) return;
    drawScale(ground, pane.maps[0].frame, pane.view);
    if (!pane.view.isNarrow) drawShadeKey(ground, boxes[0], this.shadeKey());
  }

  /** Show the hour. */
  draw() {
    for (const pane of this.panes) {
      const context = pane.canvases[1].getContext("2d");
      context.clearRect(0, 0, pane.map.clientWidth, pane.map.clientHeight);
      for (const { city, frame, head } of pane.maps) {
        const labels = drawHour(context, city, this.hour, frame, pane.view);
        if (head) {
          this.writeName(context, city, head);
          continue;
        }
        drawHomes(context, this.persons(), city, frame, (k) => colourOfDoing(pane.doings[k][this.hour]), this.person);
        drawLabels(context, labels, frame.box);
      }
      pane.show(this.hour);
      pane.curves.show(this.hour);
    }
    this.writeHour();
  }

  writeName(context, city, box) {
    context.font = "600 12px system-ui, 'DejaVu Sans', sans-serif";
    context.textAlign = "center";
    context.fillStyle = palette().ink;
    context.fillText(`${city.name}: ${persons(city.curves.protesting[this.hour])}`, box.left + box.width / 2, box.top - 4);
  }

  writeHour() {
    const [run] = this.runs;
    by("clock").textContent = hourLabel(run.start, this.hour);
    by("hour").value = this.hour;
    by("hour").setAttribute("aria-valuetext", by("clock").textContent);
    const { events } = run.cities[Math.max(0, this.names.indexOf(this.city))];
    const [when, what] = events.findLast(([hour]) => hour <= this.hour && hour > this.hour - 24) ?? [];
    by("now").textContent = what ? `${timeLabel(when)} ${what}` : "";
    run.cities.forEach((city) => {
      const place = this.buttons.get(city.name).lastChild, text = persons(city.curves.protesting[this.hour]);
      if (place.textContent !== text) place.textContent = text;
    });
    writeLink({ case: run.scenario, run: nameOf(this.runs), hour: this.hour, city: this.city,
      ...(this.narrative ? { narrative: this.narrative.name, step: this.step + 1 } : {}),
      ...(this.person === null ? {} : { person: this.persons()[this.person].key }) });
  }
}

/** Boxes for n maps in a rectangle, as large as possible; `head` pixels are left above each for its name. */
function tile(n, width, height, head) {
  let best = { side: 0, columns: 1 };
  for (let columns = 1; columns <= n; columns++) {
    const rows = Math.ceil(n / columns), side = Math.min(width / columns, height / rows - head);
    if (side > best.side) best = { side, columns };
  }
  const rows = Math.ceil(n / best.columns), w = width / best.columns, h = height / rows;
  return Array.from({ length: n }, (_, k) => ({
    left: (k % best.columns) * w, top: Math.floor(k / best.columns) * h + head, width: w, height: h - head,
  }));
}
