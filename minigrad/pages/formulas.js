/** Equations in MathML: templates that Python wrote, their slots filled with names or with numbers. */

import { formatGiven, formatNumber } from "./format.js";

const SLOT = /<mi data-slot="(\d+)"(?: data-fence="(negative|product)")?><\/mi>/g;
const DOT = '<mo data-times="">·</mo>';
const LONG_WORD = /<mi>[^<]{2,}<\/mi>/;
const EQUALS = "<mo>=</mo>";

/** Return an equation in symbols, as the inside of a `math` element: s = w₁ x₁ + w₂ x₂ + b. */
export function fillSymbols(model, equation) {
  const left = nameOf(model, equation.left);
  const template = model.template(equation);
  if (template === null) return left;
  const names = equation.slots.map((slot) => nameOf(model, slot));
  const right = fill(template, names, isRaised);
  const times = names.some((name) => LONG_WORD.test(name)) ? "<mo>·</mo>" : "<mo>&#x2062;</mo>";
  return `${left}${relation(equation)}${right.replaceAll(DOT, times)}`;
}

/** Return the right side of an equation in numbers, "= 0.4·0.8 + …"; "" where it is the result alone. */
export function fillNumbers(model, equation) {
  const template = model.template(equation);
  if (template === null || !template.includes("data-slot") || template.replace(SLOT, "") === "") return "";
  const numbers = equation.slots.map((slot) => numberMarkup(textOf(model, slot)));
  return EQUALS + fill(template, numbers, isLoose).replaceAll(DOT, "<mo>·</mo>");
}

/** Return the result of an equation: s = 0.4832. */
export function fillResult(model, equation) {
  return nameOf(model, equation.left) + relation(equation) + numberMarkup(textOf(model, equation.left));
}

/** Return the number of a key in plain text, with as few digits as it needs if it was given. */
export function textOf(model, key) {
  return (model.isGiven(key) ? formatGiven : formatNumber)(model.number(key));
}

/** Return a number that is written already in MathML. */
export function numberMarkup(text) {
  const sign = text.startsWith("−") ? '<mo form="prefix">−</mo>' : "";
  const [mantissa, power] = text.slice(sign ? 1 : 0).split("×10");
  if (power === undefined) return `${sign}<mn>${mantissa}</mn>`;
  return `${sign}<mn>${mantissa}</mn><mo>·</mo><msup><mn>10</mn><mn>${power.normalize("NFKC")}</mn></msup>`;
}

/** Return the name of a quantity in MathML, from its key: δ₁⁽¹⁾, ∂L/∂w, θ′(s). A number is its own name. */
export function nameOf(model, key) {
  if (typeof key === "number") return numberMarkup(formatGiven(key));
  const [kind, first, second] = key.split(":");
  const { data } = model;
  switch (kind) {
    case "delta":
      return data.deltaNames[first] ?? derivative(nodeName(data, String(data.loss)), nodeName(data, first));
    case "slope":
      return isActivation(data, first, second)
        ? `<mrow><msup><mi>θ</mi><mo>′</mo></msup><mo>&#x2061;</mo>${parenthesized(nodeName(data, second))}</mrow>`
        : derivative(nodeName(data, first), nodeName(data, second));
    case "product":
      return `${nodeName(data, first)}<mo>·</mo>${nodeName(data, second)}`;
    case "share":
      return `${nodeName(data, first)}<mo>·</mo>${nameOf(model, `delta:${second}`)}`;
    case "change":
      return `<mi mathvariant="normal">Δ</mi>${nodeName(data, first)}`;
    case "rate":
      return "<mi>η</mi>";
    case "state":
      return stateName(data.optimizer.vectors, Number(first));
    default: // a value, and the new value of a parameter
      return nodeName(data, first);
  }
}

/** Return the name of a quantity in plain text, for labels. */
export function labelOf(model, key) {
  const [kind, first, second] = key.split(":");
  const label = nodeLabel(model.data, first);
  const loss = nodeLabel(model.data, String(model.data.loss));
  if (kind === "delta") return first in model.data.deltaNames ? `δ(${label})` : `∂${loss}/∂${label}`;
  if (kind === "slope") return `∂${label}/∂${nodeLabel(model.data, second)}`;
  return kind === "rate" ? "η" : label;
}

/** Fill the slots of a template; `needsFence` says of a filling whether it stands in parentheses in a slot so fenced. */
function fill(template, fillings, needsFence) {
  return template.replace(SLOT, (_, slot, fence) => {
    const filling = fillings[Number(slot)];
    return needsFence(filling, fence) ? parenthesized(filling) : `<mrow>${filling}</mrow>`;
  });
}

function isRaised(name, fence) {
  return fence === "product" && /^<m(?:sup|subsup|frac)>|<mo>/.test(name);
}

function isLoose(number, fence) {
  return fence !== undefined && (number.startsWith("<mo") || (fence === "product" && number.includes("<msup>")));
}

function parenthesized(markup) {
  return `<mrow><mo stretchy="false">(</mo>${markup}<mo stretchy="false">)</mo></mrow>`;
}

function relation(equation) {
  return equation.left.startsWith("next:") ? "<mo>←</mo>" : EQUALS;
}

function derivative(above, below) {
  return `<mfrac><mrow><mo>∂</mo>${above}</mrow><mrow><mo>∂</mo>${below}</mrow></mfrac>`;
}

function nodeName(data, place) {
  const [node, element] = place.split(".");
  return element === undefined ? data.names[node] : data.elementNames[node][element];
}

function nodeLabel(data, place) {
  const [node, element] = place.split(".");
  return element === undefined ? data.labels[node] : data.elementLabels[node][element];
}

function isActivation(data, output, sum) {
  return data.layers.some(({ units }) => units.some((unit) => unit.output === output && unit.sum === sum));
}

/** Return the letter of a part of an optimizer's state: t counts steps, v and m are velocities or means. */
function stateName(vectors, index) {
  const alike = vectors.flatMap((isVector, other) => (isVector === vectors[index] ? [other] : []));
  const letters = vectors[index] ? [[], ["v"], ["m", "v"]] : [[], ["t"]];
  const letter = letters[alike.length]?.[alike.indexOf(index)];
  return letter ? `<mi>${letter}</mi>` : `<msub><mi>z</mi><mn>${index + 1}</mn></msub>`;
}
