// The state of the page in the fragment of its address.

/** Read case, run, hour, city, person and step of a narrative from the address. */
export function readLink() {
  const found = Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
  const numbers = ["hour", "step"].filter((name) => name in found).map((name) => [name, Number(found[name])]);
  const read = { ...found, ...Object.fromEntries(numbers) };
  return "step" in read ? { ...read, step: read.step - 1 } : read; // steps are counted from 1 where people see them
}

let timer = 0;

/** Write them, soon; browsers slow down pages that do it in every frame. */
export function writeLink(state) {
  clearTimeout(timer);
  const write = isEmbedded ? () => parent.postMessage({ ploshcha: state }, "*")
    : () => history.replaceState(null, "", "#" + new URLSearchParams(state));
  timer = setTimeout(write, 200);
}

/** A page inside a notebook has no address of its own: its state goes to the notebook, and comes from there. */
const isEmbedded = location.protocol === "about:";

/** Call `onState` with each state that the notebook sends. */
export function listenToNotebook(onState) {
  if (isEmbedded) addEventListener("message", ({ data }) => { if (data?.ploshcha) onState(data.ploshcha); });
}

/** What is wrong with a link for the runs of this page; empty if nothing is. */
export function complaint(link, runs, cities, narrative) {
  const here = nameOf(runs);
  if (link.run && link.run !== here) {
    const needed = link.run.includes("+") ? `the runs ${link.run.replace("+", " and ")}` : `the run ${link.run}`;
    return `This link needs ${needed}${link.case ? ` of ${link.case}` : ""}: a folder of ploshcha run whose ` +
      `manifest.json has a curves_sha256 that begins so. This page shows ${here} of ${runs[0].scenario}.`;
  }
  if (link.case && link.case !== runs[0].scenario) {
    return `This link needs a run of ${link.case}. This page shows ${runs[0].scenario}.`;
  }
  if ("step" in link && (!narrative || (link.narrative ?? narrative.name) !== narrative.name)) {
    return `This link needs the narrative ${link.narrative ?? ""}: make the page with ploshcha view DIR narrative=${link.narrative ?? "NAME"}.`;
  }
  if ("step" in link && !narrative.states[link.step]) return `This link is about a step that this narrative does not have: it has the steps 1 to ${narrative.states.length}.`;
  if (link.city && !cities.includes(link.city)) return `This link is about ${link.city}, which is no city of this run.`;
  if ("hour" in link && !(Number.isInteger(link.hour) && link.hour >= 0 && link.hour < runs[0].hours)) {
    return `This link is about an hour that this run does not have: it has the hours 0 to ${runs[0].hours - 1}.`;
  }
  return "";
}

/** The name of the shown runs in a link. */
export const nameOf = (runs) => runs.map((run) => run.run).join("+");
