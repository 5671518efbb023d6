/** Values and derivatives of a graph whose nodes are numbers: the two passes of minigrad in JavaScript. */

/**
 * A graph of nodes in topological order, each with `size` elements, from its rules and its table of nodes.
 *
 * The elements of all nodes lie one after another in `values`, those of ∂L/∂node in `deltas`.
 */
export class Graph {
  constructor({ rules, nodes }) {
    this.rules = rules;
    this.starts = [];
    this.sizes = [];
    this.steps = [];
    let start = 0;
    nodes.forEach(([size, rule, parents], node) => {
      this.starts.push(start);
      this.sizes.push(size);
      if (parents !== undefined) {
        const reads = parents.flatMap((parent) => range(this.starts[parent], this.sizes[parent]));
        const readNodes = parents.flatMap((parent) => new Array(this.sizes[parent]).fill(parent));
        const operands = new Float64Array(reads.length); // one array for all passes, which a rule only reads
        this.steps.push({ node, rule, reads: Int32Array.from(reads), readNodes: Int32Array.from(readNodes), operands });
      }
      start += size;
    });
    this.values = new Float64Array(start);
    this.deltas = new Float64Array(start);
    for (const step of this.steps) Object.assign(step, { results: this.value(step.node), deltas: this.delta(step.node) });
  }

  /** Return the elements of a node. */
  value(node) {
    return this.values.subarray(this.starts[node], this.starts[node] + this.sizes[node]);
  }

  /** Return the derivative of the root by each element of a node. */
  delta(node) {
    return this.deltas.subarray(this.starts[node], this.starts[node] + this.sizes[node]);
  }

  /** Compute every node from the values of the leaves. */
  forward() {
    for (const step of this.steps) {
      const results = this.rules[step.rule][0](this.operandsOf(step));
      for (let index = 0; index < results.length; index += 1) step.results[index] = results[index];
    }
  }

  /** Compute ∂root/∂node of every node; `forward` was run before. */
  backward(root) {
    const { deltas } = this;
    const reached = new Uint8Array(this.sizes.length); // a δ of 0 is carried on too: 0 times infinity is not 0
    deltas.fill(0).fill(1, this.starts[root], this.starts[root] + this.sizes[root]);
    reached[root] = 1;
    for (let last = this.steps.length - 1; last >= 0; last -= 1) {
      const step = this.steps[last];
      if (!reached[step.node]) continue;
      const { reads, readNodes } = step;
      const terms = this.rules[step.rule][1](this.operandsOf(step), step.results, step.deltas);
      for (let index = 0; index < terms.length; index += 1) {
        if (terms[index] === null) continue; // no influence
        deltas[reads[index]] += terms[index];
        reached[readNodes[index]] = 1;
      }
    }
  }

  /** Return the elements of all operands of a step, one after the other; valid until it is asked again. */
  operandsOf({ reads, operands }) {
    for (let index = 0; index < reads.length; index += 1) operands[index] = this.values[reads[index]];
    return operands;
  }
}

/** Return `size` numbers from `start` on. */
function range(start, size) {
  return Array.from({ length: size }, (_, index) => start + index);
}
