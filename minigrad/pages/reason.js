/** Why the numbers of the selected neuron or connection are what they are, and a slider where they can be changed. */

import { lineOf } from "./card.js";
import { element, keepReachable, mathElement } from "./dom.js";
import { labelOf, nameOf } from "./formulas.js";
import { noteOf, remarksOn } from "./step_texts.js";

const LEAST_RANGE = 3;

/** Return the card of what is selected in a page, and `update` for it. */
export function makeReason(page) {
  const node = element("article", { class: "card reason", "aria-live": "polite" });
  const reach = keepReachable(node, "equation");
  let shown; // what the card was made for
  let part;
  let rows;
  let slider;
  const build = () => {
    shown = page.selected;
    if (shown === null) {
      node.replaceChildren(element("p", { class: "hint" }, page.say("hint")));
      return;
    }
    part = partOf(page.data, shown);
    rows = element("div", {});
    slider = part.changed === null ? null : makeSlider(page, part.changed);
    const label = page.say("close");
    node.replaceChildren(
      element(
        "header",
        {},
        element("h3", {}, mathElement(nameOf(page.model, part.subject)), element("span", {}, page.say("why"))),
        element(
          "button",
          { type: "button", class: "close", "aria-label": label, title: label, click: () => page.select(null) },
          "×",
        ),
      ),
      rows,
      ...(slider === null ? [] : [slider.node]),
    );
  };
  const update = () => {
    if (shown !== page.selected) build();
    if (shown === null) return;
    rows.replaceChildren(...reasonsOf(page, part));
    reach();
    slider?.update();
  };
  return { node, update };
}

/** Return the equations that make the numbers of a part, with the note of the last one. */
function reasonsOf(page, { subject, quantities }) {
  const { data, known, model } = page;
  const entries = quantities.map((key) => page.equations.get(key)).filter(Boolean);
  if (entries.length === 0) {
    const phrase = data.frozen.includes(subject) ? "frozenWeight" : "aGiven";
    return [element("p", { class: "note" }, ...page.sayMarkup([phrase, nameOf(model, subject)]))];
  }
  const rowsOf = (shown) =>
    shown.map(({ equation, step }) => element("div", { class: step?.phase ?? "backward" }, lineOf(model, equation)));
  const isKnown = ({ equation }) => known.has(equation.left);
  const later = entries.filter((entry) => !isKnown(entry));
  const { step } = entries.findLast((entry) => entry.step && isKnown(entry)) ?? {};
  const notes =
    step && step !== page.step
      ? [noteOf(data, step), ...(step.phase === "backward" ? remarksOn(data, model, step) : [])]
      : [];
  return [
    ...rowsOf(entries.filter(isKnown)),
    ...notes.map((note) => element("p", { class: "note" }, ...page.sayMarkup(note))),
    ...(later.length > 0
      ? [element("p", { class: "note" }, page.say("notYet")), element("div", { class: "later" }, ...rowsOf(later))]
      : []),
  ];
}

/** Return the equations of a page by the key of what they compute, each with its step, if a step shows it. */
export function equationsByLeft(data) {
  const entries = data.steps.flatMap((step) => step.equations.map((equation) => ({ equation, step })));
  const others = (data.equations ?? []).map((equation) => ({ equation, step: null }));
  return new Map([...others, ...entries].map((entry) => [entry.equation.left, entry]));
}

/**
 * Return what a selected part of the figure stands for, all by the keys of values and derivatives.
 *
 * `subject` is its value, `quantities` are explained, and `changed` is the value that can be changed there, or null.
 */
export function partOf(data, part) {
  const [kind, place] = part.split(":");
  const subject = `value:${place}`;
  if (kind === "edge")
    return { subject, quantities: [`delta:${place}`, `next:${place}`], changed: isGiven(data, place) ? subject : null };
  const unit = data.layers.flatMap(({ units }) => units).find(({ sum }) => sum === place);
  if (unit === undefined)
    return { subject, quantities: [subject, `delta:${place}`], changed: isGiven(data, place) ? subject : null };
  const quantities = ["value:sum", "value:output", "delta:output", "slope:output:sum", "delta:sum"];
  const keys = quantities.map((key) => key.replace("output", unit.output).replace("sum", unit.sum));
  return {
    subject: `value:${unit.output}`,
    quantities: [...new Set(keys)],
    changed: unit.bias !== null && isGiven(data, unit.bias) ? `value:${unit.bias}` : null,
  };
}

/** Return whether a data block has what a part of a figure stands for. */
export function hasPart(data, part) {
  return part
    .split(":")
    .slice(1)
    .every((place) => {
      const [node, index] = place.split(".").map(Number);
      const names = index === undefined ? data.names : data.elementNames[node];
      return names?.[index ?? node] !== undefined && (index !== undefined || !(node in data.elementNames));
    });
}

/** Return whether the value of a node, or of an element, is given and not computed. */
export function isGiven(data, place) {
  return data.nodes[Number.parseInt(place, 10)].length === 1;
}

/** Return a slider and a number field for a value that was given, and `update` for them. */
function makeSlider(page, key) {
  const label = page.say("change", labelOf(page.model, key));
  let isDragged = false;
  const range = element("input", {
    type: "range",
    step: "0.01",
    "aria-label": label,
    input: () => {
      page.model.setValue(key, range.valueAsNumber, isDragged);
      isDragged = true;
    },
    change: () => {
      isDragged = false;
    },
  });
  const field = element("input", {
    type: "number",
    step: "0.1",
    "aria-label": label,
    change: () => {
      if (Number.isFinite(field.valueAsNumber)) page.model.setValue(key, field.valueAsNumber);
      else field.value = shortNumber(page.model.number(key));
    },
  });
  const update = () => {
    const value = page.model.number(key);
    if (document.activeElement !== range || !isDragged) {
      const end = Math.min(Math.max(LEAST_RANGE, Math.ceil(Math.abs(value) * 1.5) || 0), Number.MAX_VALUE);
      [range.min, range.max] = [-end, end];
      range.value = value;
    }
    if (document.activeElement !== field || field.valueAsNumber !== value) field.value = shortNumber(value);
  };
  return { node: element("div", { class: "slider" }, mathElement(nameOf(page.model, key)), range, field), update };
}

/** Return a number as a field shows it, with at most six significant digits. */
export function shortNumber(number) {
  return Number.isFinite(number) ? String(Number(number.toPrecision(6))) : "";
}
