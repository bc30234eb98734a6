// A narrative over the page: one text after the other, each with the state of the page that it tells of.

/** Fill the bar; returns a function that shows a step. `onStep` is called with the step that is asked for.
 * A button at its end is told to be so, not disabled: a disabled one would lose the focus of the keyboard. */
export function makeStory(bar, narrative, onStep) {
  const make = (tag, text = "") => Object.assign(document.createElement(tag), { textContent: text });
  const back = make("button", "\u2039 back"), next = make("button", "next \u203A"), text = make("p"), count = make("small");
  back.title = "key b";
  next.title = "key n";
  text.setAttribute("aria-live", "polite");
  let shown = 0;
  for (const [button, by] of [[back, -1], [next, 1]]) {
    button.type = "button";
    button.addEventListener("click", () => onStep(shown + by));
  }
  bar.replaceChildren(back, text, count, next);
  bar.hidden = false;
  return (step) => {
    shown = step;
    const n = narrative.states.length;
    text.textContent = narrative.states[step].text;
    count.textContent = `${narrative.title}, ${step + 1} of ${n}`;
    for (const [button, isEnd] of [[back, step === 0], [next, step === n - 1]]) button.setAttribute("aria-disabled", isEnd);
  };
}
