// Who changed their mind between two runs: a dialog over the page, for the city and hour at which it was made.

import { persons } from "ploshcha/words";

const MOST = 8; // rows of a table
const make = (tag, text = "") => Object.assign(document.createElement(tag), { textContent: text });

/** Fill the dialog; a page of one run has none. */
export function makeWhy(dialog, button, why) {
  if (!why) return;
  button.hidden = false;
  dialog.append(make("h2", why.title));
  if (why.fault) dialog.append(make("p", why.fault));
  for (const { name, rows } of why.tables) dialog.append(tableOf(name, rows));
  if (why.tables.length) dialog.append(make("p", why.order));
  const close = make("button", "close");
  close.type = "button";
  close.addEventListener("click", () => dialog.close());
  dialog.append(close);
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
  if (rows.length > MOST) table.append(make("caption", `the ${MOST} largest of ${rows.length}`));
  return table;
}
