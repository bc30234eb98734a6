// Colours told apart by the colour-blind: Okabe and Ito (2008), as in the figures of `ploshcha run`.

const LIGHT = {
  ground: "#ffffff", ink: "#1b1e23", soft: "#5d646e", line: "#d4d8de", home: "#6b7480", night: "#eeeff4",
  protesting: "#0072B2", striking: "#009E73", rallying: "#D55E00", detained: "#000000", officers: "#CC79A7",
};
const DARK = {
  ground: "#14171b", ink: "#e9ebee", soft: "#a2abb6", line: "#363c45", home: "#98a2af", night: "#20242c",
  protesting: "#56B4E9", striking: "#12b98a", rallying: "#E8752A", detained: "#ffffff", officers: "#D99AC0",
};

/** Whether the page is dark now: as the reader chose, else as the system is. */
export function isDark() {
  return document.documentElement.dataset.theme === "dark";
}

/** Take the system's choice, or turn it round. */
export function setTheme(dark) {
  document.documentElement.dataset.theme = dark ? "dark" : "light";
}

export const palette = () => (isDark() ? DARK : LIGHT);

/** What is drawn, in the order of the key: colour, sign, words. */
export const SIGNS = {
  protesting: ["\u25CF", "protesting"], striking: ["\u25A0", "on strike, not on the street"],
  rallying: ["\u25CF", "at a rally for the incumbent"], detained: ["\u25C6", "in custody"],
  officers: ["\u25A0", "officers on the street"],
};

/** The signs of the maps in one line. */
export const signKey = () => Object.entries(SIGNS)
  .map(([name, [sign, words]]) => `<span style="color:${palette()[name]}">${sign}</span> ${words}`).join(" \u00A0");
