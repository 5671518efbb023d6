/** The network of a page: its numbers, which follow every change, and the equations that explain them. */

import { Graph } from "./graph.js";

/** Changes that can be taken back. */
const MOST_UNDONE = 200;
/** Equations of a step by layer that are written out. */
const MOST_SHOWN = 3;
const LAYER_PHRASES = {
  sum: "sums",
  output: "outputs",
  delta: "deltas",
  derivative: "derivatives",
  gradients: "layerGradients",
  update: "layerUpdate",
};

/**
 * A network with one sample, its optimizer, and what one step makes of them.
 *
 * Numbers are asked for by the key of a quantity: `value:N`, `delta:N` (∂L/∂node), `slope:C:P` (∂C/∂P), `product:A:B`,
 * `share:W:S` (weight times δ), `next:N` and `change:N` (of an update), `rate:name`, `state:K:N`. N is the position of a
 * node, N.E an element of an array.
 */
export class Model {
  constructor(data, program) {
    this.data = data;
    this.program = program;
    this.graph = new Graph({ rules: program.rules, nodes: data.nodes });
    this.stepOf = new Map(this.graph.steps.map((step) => [step.node, step]));
    this.steps = data.steps;
    const frozen = new Set(data.frozen);
    this.moved = data.parameters.filter((key) => !frozen.has(key)).map((key) => this.#at(placeOf(key)));
    this.movedIndex = new Map(this.moved.map((position, index) => [position, index]));
    this.equations = new Map();
    for (const step of this.steps) for (const equation of step.equations) this.equations.set(equation.left, equation);
    for (const equation of data.equations) this.equations.set(equation.left, equation);
    this.callbacks = new Set();
    this.past = [];
    this.lastEdited = null;
    this.#restore(this.#start());
  }

  /** Return a number by its key, a number as it is; null for one that is not known. */
  number(key) {
    if (typeof key === "number") return key;
    const [kind, first, second] = key.split(":");
    switch (kind) {
      case "value":
        return this.graph.values[this.#at(first)];
      case "delta":
        return this.graph.deltas[this.#at(first)];
      case "slope":
        return this.#slope(first, second);
      case "product":
        return this.number(`value:${first}`) * this.number(`value:${second}`);
      case "share":
        return this.number(`value:${first}`) * this.number(`delta:${second}`);
      case "next":
        return this.#next(first);
      case "change": {
        const next = this.#next(first);
        return next === null ? null : next - this.number(`value:${first}`);
      }
      case "rate":
        return this.#settings()[first] ?? null;
      case "state":
        return this.state[first][second === undefined ? 0 : this.movedIndex.get(this.#at(second))];
      default:
        throw new Error(`no number with the key ${key}`);
    }
  }

  /** Return whether a number was given, and not computed: a leaf of the graph, or a learning rate. */
  isGiven(key) {
    if (typeof key === "number" || key.startsWith("rate:")) return true;
    if (key.startsWith("state:")) return !this.data.optimizer.vectors[key.split(":")[1]]; // a count of steps
    return key.startsWith("value:") && this.data.nodes[Number.parseInt(placeOf(key), 10)].length === 1;
  }

  /** Return the equation of a quantity by its key; null where there is none. */
  equation(key) {
    const known = this.equations.get(key);
    if (known !== undefined) return known;
    const [kind, first, second] = key.split(":");
    const slots = [`value:${first}`, `${kind === "share" ? "delta" : "value"}:${second}`];
    return kind === "product" || kind === "share" ? { left: key, template: this.data.product, slots } : null;
  }

  /** Return the template of an equation, that of the present activation where it depends on it; null without formula. */
  template(equation) {
    const choice = equation.part && this.data.layers[equation.layer].choices[this.activations[equation.layer]];
    const number = choice ? choice[equation.part] : equation.template;
    return number === null ? null : this.data.templates[number];
  }

  /** The loss of this sample now. */
  get loss() {
    return this.graph.value(this.data.loss)[0];
  }

  /** The losses before each update since the start, and the present one. */
  get losses() {
    return [...this.pastLosses, this.loss];
  }

  /** How many updates were made. */
  get count() {
    return this.pastLosses.length;
  }

  /** The learning rate; null where the optimizer has none that is known. */
  get rate() {
    return Object.values(this.#settings())[0] ?? null;
  }

  get canUndo() {
    return this.past.length > 0;
  }

  /** Whether another update can be made: the rates of a schedule are known for so many steps only. */
  get canStep() {
    return this.next !== null && this.moved.length > 0;
  }

  /** Return the label of the activation of a layer; null where it has none that can be changed. */
  activation(layer) {
    return this.activations[layer];
  }

  /**
   * Change a value of a leaf: an input, a target or a parameter.
   *
   * A change that is `continued`, as while a number is dragged, is undone together with the one before of this key.
   */
  setValue(key, number, continued = false) {
    if (!Number.isFinite(number)) return;
    this.#save(key, continued);
    this.graph.values[this.#at(placeOf(key))] = number;
    this.#recompute();
  }

  /** Change the learning rate, which is at least 0 as in Python; a schedule gives way to it. */
  setRate(number, continued = false) {
    const [name] = [...Object.keys(this.settings), ...Object.keys(this.schedules)];
    if (name === undefined || !Number.isFinite(number) || number < 0) return;
    this.#save("rate", continued);
    this.schedules = Object.fromEntries(Object.entries(this.schedules).filter(([other]) => other !== name));
    this.settings = { ...this.settings, [name]: number };
    this.#recompute();
  }

  /** Change the activation of a layer to another one of its choices. */
  setActivation(layer, label) {
    if (!(label in this.data.layers[layer].choices)) return;
    this.#save();
    this.activations = this.activations.with(layer, label);
    this.#recompute();
  }

  /** Make some updates of the parameters; return how many were made. */
  takeSteps(count) {
    if (!this.canStep) return 0;
    this.#save();
    let taken = 0;
    for (; taken < count && this.canStep; taken += 1) {
      this.pastLosses.push(this.loss);
      this.moved.forEach((position, index) => {
        this.graph.values[position] = this.next[index];
      });
      this.state = this.nextState;
      this.#compute();
    }
    this.#tell();
    return taken;
  }

  /** Take the last change back. */
  undo() {
    if (!this.canUndo) return;
    this.lastEdited = null;
    this.#restore(this.past.pop());
    this.#tell();
  }

  /** Go back to the numbers that the page began with; this can be undone. */
  reset() {
    this.#save();
    this.#restore(this.#start());
    this.#tell();
  }

  /** Call a function after every change; return a function that ends this. */
  onChange(callback) {
    this.callbacks.add(callback);
    return () => this.callbacks.delete(callback);
  }

  /** Return the position of a number among those of all nodes, from its place "12" or "12.3". */
  #at(place) {
    const [node, element = 0] = place.split(".");
    return this.graph.starts[node] + Number(element);
  }

  #start() {
    const { data } = this;
    return {
      values: Float64Array.from(data.values, Number),
      state: data.optimizer.state.map((part) => Float64Array.from(part, Number)),
      settings: data.optimizer.settings,
      schedules: data.optimizer.schedules,
      activations: data.layers.map((layer) => layer.activation),
      pastLosses: [],
    };
  }

  #save(edited = null, continued = false) {
    const isContinued = continued && edited === this.lastEdited;
    this.lastEdited = edited;
    if (isContinued) return;
    const { state, settings, schedules, activations } = this;
    this.past.push({
      values: this.graph.values.slice(),
      state,
      settings,
      schedules,
      activations,
      pastLosses: this.pastLosses.slice(),
    });
    if (this.past.length > MOST_UNDONE) this.past.shift();
  }

  #restore({ values, ...rest }) {
    Object.assign(this, rest);
    this.graph.values.set(values);
    this.#compute();
  }

  #recompute() {
    this.#compute();
    this.#tell();
  }

  #tell() {
    for (const callback of this.callbacks) callback(this);
  }

  /** Compute forward, backward, and what the optimizer would make of the parameters. */
  #compute() {
    this.#chooseRules();
    const { graph, data } = this;
    graph.forward();
    graph.backward(data.loss);
    this.next = this.nextState = null;
    const settings = this.#settings();
    if (Object.values(settings).includes(undefined)) return; // past the known rates of a schedule
    const weights = Float64Array.from(this.moved, (position) => graph.values[position]);
    const gradients = Float64Array.from(this.moved, (position) => graph.deltas[position]);
    [this.next, this.nextState] = this.program.update(weights, gradients, this.state, settings);
  }

  #chooseRules() {
    this.data.layers.forEach(({ units, choices }, layer) => {
      const choice = choices[this.activations[layer]];
      if (choice) for (const { output } of units) this.stepOf.get(Number.parseInt(output, 10)).rule = choice.rule;
    });
  }

  #settings() {
    const rates = Object.entries(this.schedules).map(([name, { state, rates: known }]) => {
      return [name, known[this.state[state][0]]];
    });
    return { ...this.settings, ...Object.fromEntries(rates) };
  }

  #next(place) {
    const index = this.movedIndex.get(this.#at(place));
    if (index === undefined) return this.number(`value:${place}`); // frozen
    return this.next === null ? null : this.next[index];
  }

  #slope(child, parent) {
    const { graph } = this;
    const step = this.stepOf.get(Number.parseInt(child, 10));
    const unit = new Float64Array(graph.sizes[step.node]);
    unit[this.#at(child) - graph.starts[step.node]] = 1;
    const terms = graph.rules[step.rule][1](graph.operandsOf(step), graph.value(step.node), unit);
    const position = this.#at(parent);
    return terms.reduce((sum, term, index) => (step.reads[index] === position && term !== null ? sum + term : sum), 0);
  }
}

/** Return the place in the key of a value, "12.3" in "value:12.3". */
function placeOf(key) {
  return key.slice("value:".length);
}

/** Return steps by neuron as steps by layer: those of one kind and layer become one, with the first of its equations. */
export function stepsByLayer(steps) {
  const groups = new Map();
  steps.forEach((step, index) => {
    const group = step.layer === null ? index : `${step.phase} ${step.kind} ${step.layer}`;
    if (!groups.has(group)) groups.set(group, []);
    groups.get(group).push(step);
  });
  return [...groups.values()].map((members) => (members.length === 1 ? members[0] : mergedStep(members)));
}

function mergedStep(members) {
  const [first] = members;
  const equations = members.flatMap((step) => step.equations);
  return {
    ...first,
    title: [LAYER_PHRASES[first.kind] ?? first.kind, String(first.layer + 1)],
    equations: equations.slice(0, MOST_SHOWN),
    hidden: Math.max(equations.length - MOST_SHOWN, 0),
    known: [...new Set(members.flatMap((step) => step.known))],
    lit: [...new Set(members.flatMap((step) => step.lit))],
  };
}
