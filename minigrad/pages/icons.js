/** Small pictures on buttons and in legends. */

import { element, svgElement } from "./dom.js";

const PATHS = {
  start: "M4 4h2.4v12H4zM17 4v12L7.5 10z",
  back: "M14 4v12L4.5 10z",
  play: "M5 3.5v13L17 10z",
  pause: "M4 3.5h4.5v13H4zM11.500 3.500H16v13h-4.500z",
  on: "M6 4v12l9.500-6z",
};

/** Return the picture on a button of the player. */
export function icon(name) {
  return svgElement("svg", { viewBox: "0 0 20 20", "aria-hidden": "true" }, svgElement("path", { d: PATHS[name] }));
}

/** Return a button with a picture and a label for those who do not see it. */
export function iconButton(name, label, click, kind = "icon") {
  return element("button", { type: "button", class: kind, title: label, "aria-label": label, click }, icon(name));
}

const SAMPLES = {
  forward: [
    ["line", "M0 6H24", "ink"],
    ["area", "M33 6L23 1.800V10.200Z", "ink"],
  ],
  backward: [
    ["line", "M34 6H11", "backward"],
    ["open", "M1 6L11 1.800V10.200Z", "backward"],
  ],
  update: [["mark", "M6 0H28V12H6Z"]],
  positive: [["thick", "M0 6H34", "positive"]],
  negative: [["dashed", "M0 6H34", "negative"]],
  level: [
    ["frame", "M9.500 .5H24.500V11.500H9.500Z"],
    ["filled", "M9.500 6H24.500V11.500H9.500Z"],
  ],
};

/** Return a sample of how the figure shows something. */
export function sample(name) {
  const paths = SAMPLES[name].map(([kind, d, role = ""]) => svgElement("path", { d, class: `sample-${kind} ${role}` }));
  return svgElement("svg", { class: "sample", viewBox: "0 0 34 12", "aria-hidden": "true" }, ...paths);
}

/** Return an entry of a legend: a sample that a style sheet draws, and what it stands for. */
export function legendEntry(sampleClass, text) {
  return element("li", {}, element("span", { class: sampleClass }), text);
}
