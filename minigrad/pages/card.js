/** The step that is shown: what it computes, by which formula, from which numbers, and why. */

import { element, keepReachable, mathElement } from "./dom.js";
import { fillNumbers, fillResult, fillSymbols, numberMarkup, textOf } from "./formulas.js";
import { sample } from "./icons.js";
import { noteOf, remarksOn, titleOf } from "./step_texts.js";
import { sayAll } from "./texts.js";

const PHASES = ["forward", "loss", "backward", "gradients", "update"];
/** Equations that are written out; of a layer there may be hundreds. */
const MOST_EQUATIONS = 8;

/** Return the card of the step that a page shows, and `update` for it. */
export function makeCard(page) {
  const node = element("article", { class: "card active", "aria-live": "polite" });
  const reach = keepReachable(node, "equation");
  const update = () => {
    node.replaceChildren(...(page.step === null ? startOf(page) : contentOf(page, page.step)));
    reach();
  };
  return { node, update };
}

function startOf(page) {
  return [
    element("header", {}, page.say("ready")),
    element("h2", {}, page.say("readyTitle")),
    element("p", { class: "lead" }, page.say("readyNote")),
    element("ol", { class: "overview" }, ...PHASES.map((phase) => overviewOf(page, phase))),
  ];
}

/** Return what a phase is about, in one line. */
function overviewOf(page, phase) {
  const name = element("strong", {}, page.say(phase));
  const text = sayAll(page.language, `about ${phase}`, name);
  return element("li", {}, sample(directionOf(phase)), element("span", {}, ...text));
}

/** Return which way numbers flow in a phase, as the samples of the legend show it. */
function directionOf(phase) {
  if (phase === "update") return "update";
  return phase === "backward" || phase === "gradients" ? "backward" : "forward";
}

function contentOf(page, step) {
  const { data, model, player } = page;
  const position = page.say("stepOf", page.say(step.phase), String(player.step), String(player.last));
  const equations = step.equations.slice(0, MOST_EQUATIONS);
  const omitted = step.equations.length - equations.length + (step.hidden ?? 0);
  const lines = equations.map((equation) => lineOf(model, equation));
  const written = isMain(step) ? [...lines.slice(0, -1), ...largeEquation(model, equations.at(-1))] : lines;
  return [
    element("header", {}, sample(directionOf(step.phase)), element("span", {}, position)),
    element("h2", {}, ...page.sayMarkup(titleOf(step))),
    element(
      "div",
      { class: step.phase },
      ...written,
      omitted > 0 && element("p", { class: "note" }, page.say("more", String(omitted))),
    ),
    element("p", { class: "note" }, ...page.sayMarkup(noteOf(data, step))),
    ...remarksOn(data, model, step).map((remark) => element("p", { class: "note alert" }, ...page.sayMarkup(remark))),
  ];
}

/** Return whether the last equation of a step is what the step is about. */
function isMain({ equations, title }) {
  return equations.length === 1 || title[0] === "delta";
}

function row(markup, kind) {
  return element("div", { class: `equation ${kind}` }, mathElement(markup));
}

/** Return an equation in symbols, in numbers, and its result, each in a row of its own. */
function largeEquation(model, equation) {
  const symbols = row(fillSymbols(model, equation), "symbols");
  const numbers = fillNumbers(model, equation);
  const result = element("div", { class: "result" }, element("span", {}, mathElement(fillResult(model, equation))));
  return [symbols, numbers && row(numbers, "plugged"), result].filter(Boolean);
}

/** Return an equation in symbols and numbers, in as few lines as there is room for. */
export function lineOf(model, equation) {
  const pieces = [
    fillSymbols(model, equation),
    fillNumbers(model, equation),
    `<mo>=</mo>${numberMarkup(textOf(model, equation.left))}`,
  ];
  return element("div", { class: "equation line" }, ...pieces.filter(Boolean).map(mathElement));
}
