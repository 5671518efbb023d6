/** A network as it was at a frame of its training, and what it makes of samples of the data. */

import { Frames, bytesOf } from "./frames.js";
import { Graph } from "./graph.js";

/** How many numbers are multiplied for the samples of which the δ are counted. */
const MOST_PRODUCTS = 400_000;

/** The keys of the numbers that the two passes give, or of sums of them. */
const KNOWN = /^((value|delta|product|share):[\d.:]+\+?)+$/;

/**
 * The values and δ of every node at a frame and for a sample, both of which can be changed.
 *
 * `number(key)` reads the same keys as that of `Model`, as far as they belong to the two passes; `computes` is false where an
 * op of the network has no JavaScript, so that only the parameters are known.
 */
export class TrainedNetwork {
  constructor(data, program) {
    const { network } = data;
    this.data = { nodes: program.nodes, layers: network.activations };
    this.graph = new Graph(program);
    this.frames = new Frames(data.frames);
    this.computes = program.rules.length > 0;
    this.loss = network.loss;
    this.inputs = this.places(network.inputs);
    this.targets = this.places(network.targets);
    this.parameters = this.places(network.parameters);
    this.samples = rowsOf(data.samples, this.inputs.length);
    this.wanted = rowsOf(data.targets, this.targets.length);
    this.frame = 0;
    this.sample = 0;
    for (const [node, values] of network.constants) this.graph.values.set(values.map(Number), this.graph.starts[node]);
    this.show(0, 0);
  }

  /** Return where the elements of some nodes stand in the graph, −1 for a node that is not in it. */
  places(nodes) {
    const { starts, sizes } = this.graph;
    return nodes.flatMap((node) =>
      node === null ? [-1] : Array.from({ length: sizes[node] }, (_, index) => starts[node] + index),
    );
  }

  /** Return where the number of a node "N", or of an element "N.E", stands in the graph. */
  place(node) {
    const [position, index = 0] = String(node).split(".").map(Number);
    return this.graph.starts[position] + index;
  }

  /** Compute everything for a frame and a sample. */
  show(frame, sample) {
    this.frame = frame;
    this.sample = sample;
    this.frames.read(frame, this.graph.values, this.parameters);
    this.run(sample);
  }

  /** Run both passes over a sample. */
  run(sample) {
    if (!this.computes) return;
    this.feed(this.samples[sample], this.wanted[sample]);
    this.graph.forward();
    this.graph.backward(this.loss);
  }

  feed(inputs, targets) {
    const { values } = this.graph;
    this.inputs.forEach((place, index) => {
      if (place >= 0) values[place] = inputs[index];
    });
    targets?.forEach((number, index) => {
      if (this.targets[index] >= 0) values[this.targets[index]] = number;
    });
  }

  /** Return the number that a key names; NaN where none is known. */
  number(key) {
    const [kind, first, second] = key.split(":");
    switch (kind) {
      case "value":
        return this.graph.values[this.place(first)];
      case "delta":
        return this.graph.deltas[this.place(first)];
      case "product":
        return this.number(`value:${first}`) * this.number(`value:${second}`);
      case "share":
        return this.number(`value:${first}`) * this.number(`delta:${second}`);
      default:
        return NaN;
    }
  }

  /** Return whether a value is that of a leaf, and not computed. */
  isGiven(key) {
    return key.startsWith("value:") && this.data.nodes[Number.parseInt(key.slice(6), 10)].length === 1;
  }

  /** Return the label of the activation of a layer. */
  activation(layer) {
    return this.data.layers[layer].activation;
  }

  /** Return which of some keys have a number; without JavaScript for every op only parameters have. */
  knownOf(keys) {
    return new Set(this.computes ? keys.filter((key) => KNOWN.test(key)) : []);
  }

  /** How many samples there are δ of: fewer for a large network, so that a page stays quick. */
  get countedSamples() {
    return Math.max(1, Math.min(this.samples.length, Math.floor(MOST_PRODUCTS / Math.max(1, this.parameters.length))));
  }

  /** Return the δ of some groups of nodes over the samples, one array for each group. */
  deltasOf(groups) {
    const count = this.countedSamples;
    const found = groups.map((places) => new Float64Array(places.length * count));
    for (let row = 0; row < count; row += 1) {
      this.run(row);
      groups.forEach((places, group) => {
        places.forEach((place, index) => {
          found[group][row * places.length + index] = this.graph.deltas[place];
        });
      });
    }
    this.run(this.sample);
    return found;
  }

  /** Return the values that some nodes have over the points of two inputs, `across` by `down`, one array for each node. */
  fieldsOf(places, across, down) {
    const { graph } = this;
    const fields = places.map(() => new Float64Array(across.length * down.length));
    let point = 0;
    for (const second of down) {
      for (const first of across) {
        this.feed([first, second]);
        graph.forward();
        for (let index = 0; index < places.length; index += 1) fields[index][point] = graph.values[places[index]];
        point += 1;
      }
    }
    this.run(this.sample);
    return fields;
  }

  /** Return what the op of a node makes of numbers that are all the same: for an activation θ(s). */
  valueAt(node, s) {
    const { graph } = this;
    const [position, index = 0] = String(node).split(".").map(Number);
    const step = graph.steps.find((candidate) => candidate.node === position);
    return step ? graph.rules[step.rule][0](new Float64Array(step.reads.length).fill(s))[index] : 0;
  }
}

/** Return numbers of 32 bits in base 64 as rows of a width. */
function rowsOf(text, width) {
  const numbers = new Float32Array(bytesOf(text).buffer);
  return Array.from({ length: numbers.length / Math.max(width, 1) }, (_, row) =>
    Array.from(numbers.subarray(row * width, (row + 1) * width)),
  );
}
