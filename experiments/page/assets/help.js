// How to read the page: its signs, its colours and its keys, in a dialog.

import { palette, SIGNS } from "ploshcha/palette";

const KEYS = [["← →", "an hour back or on; with shift a day"], ["space", "play, stop"], ["home end", "first, last hour"],
  ["1 … 9", "a city; 0 all cities"], ["p", "the next person’s week; escape leaves it"], ["?", "this text"]];
const MAP = [
  ["◯", "soft", "circle at a square: people there, protesting or at the rally; the area is their number, on one scale in all maps"],
  ["▢", "striking", "outline: employees of a plant; filled: those on strike"],
  ["◆", "detained", "people in custody, at the place where they are held; if the city has none, in the corner"],
  ["▦", "protesting", "coloured cell: residents who do what the list “shade cells by” says, wherever they are now"],
  ["▦", "home", "grey cell: adults live here; darker: more of them"],
  ["○", "soft", "ring: the home of a person whose week can be looked at; chosen for that, so no sample of the city"],
];
const make = (tag, text = "") => Object.assign(document.createElement(tag), { textContent: text });

/** Fill the dialog when it is opened, in the colours of the moment. */
export function makeHelp(dialog, button, { isPair, isStory, hasPeople }) {
  const keys = [...KEYS.filter(([key]) => key !== "p" || hasPeople), ...(isPair ? [["w", "who changed their mind"]] : []),
    ...(isStory ? [["n b", "next text, the one before"]] : [])];
  button.addEventListener("click", () => {
    const close = Object.assign(make("button", "close"), { type: "button" });
    close.addEventListener("click", () => dialog.close());
    const signs = Object.entries(SIGNS).map(([name, [sign, words]]) => [sign, name, words]);
    dialog.replaceChildren(
      make("h2", "How to read this page"),
      make("p", "One hour of one simulated run, on the map of a city and as numbers beside it; the curves beneath show all hours. " +
        "Drag the slider, click into the curves, or play. Rest the pointer on anything of the map and it says what it is."),
      ...(isPair ? [make("p", "Two runs with the same people and the same luck stand side by side: what differs between them, differs because of what was changed.")] : []),
      listOf([...signs, ...MAP]), make("h2", "Keys"), keysOf(keys), close);
    dialog.showModal();
  });
}

function listOf(lines) {
  const table = make("table");
  for (const [sign, colour, words] of lines) {
    const row = make("tr"), cell = Object.assign(make("td", sign), { className: "sign" });
    cell.style.color = palette()[colour];
    row.append(cell, make("th", words));
    table.append(row);
  }
  return table;
}

function keysOf(keys) {
  const table = make("table");
  for (const [names, words] of keys) {
    const row = make("tr"), cell = Object.assign(make("td"), { className: "sign" });
    for (const name of names.split(" ")) cell.append(name === "…" ? name : make("kbd", name), " ");
    row.append(cell, make("th", words));
    table.append(row);
  }
  return table;
}
