/**
 * What a page says of a step in words: its title, its note, and what its numbers show besides the formula.
 *
 * Each is a key of the texts with MathML markup for what is filled in.
 */

import { nameOf, numberMarkup, textOf } from "./formulas.js";

/** |θ′(s)| below which an activation counts as flat, as in minigrad's health view. */
export const FLAT = 0.02;
/** Neurons of a layer that something is said of. */
const MOST_REMARKS = 3;
/** A template that is a number alone. */
const ONE_SLOT = /^<mi data-slot="0"[^>]*><\/mi>$/;
/** How many times as large as the next a number is that counts as the largest. */
const CLEARLY = 1.001;

/** Return the title of a step. */
export function titleOf(step) {
  const [key, name] = step.title;
  const isParameter = step.layer === null && (key === "gradients" || key === "update");
  return [`title ${key}${isParameter ? " of parameter" : ""}`, name.startsWith("<") ? name : `<mn>${name}</mn>`];
}

/** Return in one sentence why a step is made so. */
export function noteOf(data, step) {
  if (step.kind === "update" && !data.optimizer.isDescent)
    return ["note update of optimizer", `<mtext>${data.optimizer.name.split("(")[0]}</mtext>`];
  if (step.kind === "gradients" && !step.equations.every((equation) => isOneProduct(data, equation)))
    return ["note gradients of paths"];
  if (step.kind !== "delta") return [`note ${step.kind}`];
  if (step.known.some((key) => key.startsWith("slope:")))
    return [step.layer === data.layers.length - 1 ? "note delta of output" : "note delta"];
  const has = (unit) => step.known.includes(`delta:${unit.sum}`);
  return [
    data.layers.some(({ units }) => units.some((unit) => has(unit) && unit.sum === unit.output))
      ? "note delta without slope"
      : "note derivative",
  ];
}

/** Return what the numbers of a step show: a broken or a flat neuron, the side of the target, the largest change. */
export function remarksOn(data, model, step) {
  const broken = step.known.find((key) => !Number.isFinite(model.number(key)));
  if (broken !== undefined) return [["notFinite", nameOf(model, broken)]];
  switch (step.phase) {
    case "backward":
      return [...sidesOfTarget(data, model, step), ...flatNeurons(data, model, step)].slice(0, MOST_REMARKS);
    case "gradients": {
      const last = data.steps.findLast(({ phase }) => phase === "gradients");
      const isLast = last.known.every((key) => step.known.includes(key));
      return isLast ? largest(data, model, "delta", "largestGradient") : [];
    }
    case "update":
      return largestChange(data, model);
    default:
      return [];
  }
}

function sidesOfTarget(data, model, step) {
  const outputs = data.layers.at(-1)?.units.map((unit) => `delta:${unit.output}`) ?? [];
  return outputs
    .filter((key) => step.known.includes(key))
    .map((key) => {
      const delta = model.number(key);
      return [delta < 0 ? "tooLow" : delta > 0 ? "tooHigh" : "noSlope", nameOf(model, key.replace("delta", "value"))];
    });
}

function flatNeurons(data, model, step) {
  if (step.kind !== "delta") return [];
  const slopes = new Set(step.known.filter((key) => key.startsWith("slope:")));
  const neurons = data.layers
    .flatMap(({ units }) => units)
    .filter(({ sum, output }) => slopes.has(`slope:${output}:${sum}`));
  return neurons.flatMap(({ sum, output }) => {
    const slope = model.number(`slope:${output}:${sum}`);
    if (Math.abs(slope) >= FLAT) return [];
    const at = equalityOf(model, `value:${sum}`);
    return [slope === 0 ? ["dead", at] : ["saturated", at, numberIn(model, `slope:${output}:${sum}`)]];
  });
}

function largestChange(data, model) {
  return data.optimizer.isDescent
    ? largest(data, model, "change", "largestChange")
    : largest(data, model, "change", "largestChangeAlone").slice(0, 1);
}

/** Return phrases on the parameter whose number of a kind is larger than those of all others, if one is, and why. */
function largest(data, model, kind, phrase) {
  const keys = data.parameters.filter((key) => !data.frozen.includes(key)).map((key) => key.replace("value", kind));
  let [best, size, second] = [null, 0, 0];
  for (const key of keys) {
    const number = Math.abs(model.number(key));
    if (number > size) [best, size, second] = [key, number, size];
    else if (number > second) second = number;
  }
  if (best === null || keys.length === 1 || size < second * CLEARLY) return [];
  const key = best.replace(kind, "value");
  return [[phrase, nameOf(model, key), numberIn(model, best)], ...factorsOf(model, best.replace(kind, "delta"))];
}

/** Return whether a gradient is one δ, or one number that came in times one δ. */
function isOneProduct(data, { template }) {
  return template === data.product || ONE_SLOT.test(data.templates[template] ?? "");
}

/** Return a phrase on the two factors of a gradient; for a bias 1 comes in, and for a sum of products there is none. */
function factorsOf(model, gradient) {
  const equation = model.equation(gradient);
  const slots = equation?.slots ?? [];
  const deltas = slots.filter((slot) => String(slot).startsWith("delta:"));
  if (deltas.length !== 1 || !isOneProduct(model.data, equation)) return [];
  const input = slots.find((slot) => slot !== deltas[0]);
  return [["factors", input === undefined ? "<mn>1</mn>" : equalityOf(model, input), equalityOf(model, deltas[0])]];
}

function equalityOf(model, key) {
  return `${nameOf(model, key)}<mo>=</mo>${numberIn(model, key)}`;
}

function numberIn(model, key) {
  return numberMarkup(textOf(model, key));
}
