/** What a reader can change: inputs, targets, the learning rate, activations; and steps of training to take. */

import { element, mathElement, svgElement } from "./dom.js";
import { formatNumber } from "./format.js";
import { labelOf, nameOf } from "./formulas.js";
import { shortNumber } from "./reason.js";

const MOST_FIELDS = 6;
/** Fields beyond which a list of them is folded. */
const MOST_POINTS = 760;
/** Losses that the curve goes through, two for each of its pixels. */

/** Return the card in which the numbers of a page are changed, and `update` for it. */
export function makeEditor(page) {
  const { data, model } = page;
  const fields = [];
  const addNumber = (label, name, read, write) => {
    const field = element("input", {
      type: "number",
      step: "any",
      "aria-label": label,
      change: () => {
        write(field.valueAsNumber);
        field.value = shortNumber(read()); // which what is impossible has not changed
      },
    });
    fields.push(() => {
      field.value = shortNumber(read());
    });
    return element("label", {}, name, field);
  };
  const valueField = (key) => {
    return addNumber(
      labelOf(model, key),
      mathElement(nameOf(model, key)),
      () => model.number(key),
      (number) => model.setValue(key, number),
    );
  };
  const values = [
    ["inputs", data.inputs],
    ["targets", data.targets],
  ].map(([title, places]) => folded(page.say(title), places.map(valueField)));
  const rate =
    model.rate === null
      ? []
      : [
          addNumber(
            page.say("rate"),
            mathElement("<mi>η</mi>"),
            () => model.rate,
            (number) => model.setRate(number),
          ),
        ];
  const choices = data.layers.flatMap((layer, index) =>
    model.activation(index) !== null && Object.keys(layer.choices).length > 1
      ? [activationChoice(page, layer, index, fields)]
      : [],
  );
  const one = element("button", { type: "button", click: () => model.takeSteps(1) }, page.say("one"));
  const hundred = element("button", { type: "button", click: () => model.takeSteps(100) }, page.say("hundred"));
  const undo = element("button", { type: "button", click: () => model.undo() }, page.say("undo"));
  const actions = element(
    "div",
    { class: "actions" },
    one,
    hundred,
    undo,
    element("button", { type: "button", click: () => model.reset() }, page.say("reset")),
  );
  const curve = svgElement("svg", { class: "losses", viewBox: "0 0 380 48", preserveAspectRatio: "none", role: "img" });
  const caption = element("p", { class: "caption", "aria-live": "polite" });
  const node = element(
    "article",
    { class: "card editor" },
    element("h3", {}, page.say("edit")),
    ...values.flatMap(({ fold }) => fold),
    element("div", { class: "fields" }, ...values.flatMap(({ loose }) => loose), ...rate, ...choices),
    actions,
    curve,
    caption,
  );
  const update = () => {
    for (const show of fields) show();
    undo.disabled = !model.canUndo;
    for (const button of [one, hundred]) button.disabled = !model.canStep;
    const loss = formatNumber(model.loss);
    const { count } = model;
    caption.textContent = count === 0 ? page.say("oneLoss", loss) : page.say("losses", String(count), loss);
    curve.toggleAttribute("hidden", count === 0);
    curve.setAttribute("aria-label", caption.textContent);
    curve.replaceChildren(...lossCurve(model.losses));
  };
  return { node, update };
}

function folded(title, fields) {
  if (fields.length <= MOST_FIELDS) return { loose: fields, fold: [] };
  const summary = element("summary", {}, `${title} (${fields.length})`);
  return { loose: [], fold: [element("details", {}, summary, element("div", { class: "fields" }, ...fields))] };
}

function activationChoice(page, layer, index, fields) {
  const options = Object.keys(layer.choices).map((label) => element("option", { value: label }, label));
  const select = element("select", { change: () => page.model.setActivation(index, select.value) }, ...options);
  fields.push(() => {
    select.value = page.model.activation(index);
  });
  return element("label", {}, page.say("activation", String(index + 1)), select);
}

/** Return the curve of some losses over a line at zero. */
function lossCurve(losses) {
  const { path, zero } = curveOf(losses);
  const axis = svgElement("line", { x1: 0, x2: 380, y1: zero + 1.5, y2: zero + 1.5 });
  return [axis, svgElement("path", { d: path, "vector-effect": "non-scaling-stroke" })];
}

/** Return the path of the curve of some losses, with gaps where they are no finite numbers, and where zero is. */
export function curveOf(losses) {
  const finite = losses.filter(Number.isFinite);
  const least = finite.reduce((one, other) => Math.min(one, other), 0);
  const largest = finite.reduce((one, other) => Math.max(one, other), least < 0 ? 0 : 1e-300);
  const heightOf = (loss) => 45 - 40 * ((loss - least) / (largest - least));
  const last = Math.max(1, losses.length - 1);
  const every = Math.ceil(losses.length / MOST_POINTS);
  let path = "";
  let isOpen = false;
  losses.forEach((loss, index) => {
    if (index % every !== 0 && index < last) return;
    const y = heightOf(loss);
    if (Number.isFinite(y)) path += `${isOpen ? "L" : "M"}${((index / last) * 372 + 4).toFixed(1)} ${y.toFixed(1)}`;
    isOpen = Number.isFinite(y);
  });
  return { path, zero: heightOf(0) };
}
