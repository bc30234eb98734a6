// Who changed their mind between two runs: a dialog over the page, for the city and hour at which it was made.

import { persons } from "ploshcha/words";

const MOST = 8; // rows of a table
const make = (tag, text = "") => Object.assign(document.createElement(tag), { textContent: text });

/** Fill the dialog; a page of one run has none. `onShow` is called with the city and hour that it is about. */
export function makeWhy(dialog, button, why, onShow) {
  if (!why) return;
  button.hidden = false;
  dialog.append(make("h2", why.title));
  if (why.fault) dialog.append(make("p", why.fault));
  if (why.summary) dialog.append(make("p", why.summary));
  for (const { name, rows } of why.tables) dialog.append(tableOf(name, rows));
  if (why.tables.length) dialog.append(Object.assign(make("p", why.order), { className: "soft" }));
  dialog.append(Object.assign(make("p", why.elsewhere ?? ""), { className: "soft" }));
  const bar = make("p");
  const act = (text, action) => {
    const made = Object.assign(make("button", text), { type: "button" });
    made.addEventListener("click", () => { dialog.close(); action?.(); });
    bar.append(made, " ");
  };
  act("close");
  if ("hour" in why) act("show this hour on the maps", () => onShow(why));
  dialog.append(bar);
  button.addEventListener("click", () => dialog.showModal());
}

function tableOf(name, rows) {
  const table = make("table"), head = make("tr");
  head.append(...[name, "left run only", "right run only"].map((text) => make("th", text)));
  table.append(head);
  for (const [label, left, right] of rows.slice(0, MOST)) {
    const row = make("tr");
    row.append(make("th", label), make("td", persons(left)), make("td", persons(right)));
    table.append(row);
  }
  if (rows.length > MOST) table.append(make("caption", `the first ${MOST} of ${rows.length}`));
  return table;
}
