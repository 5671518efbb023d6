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
        const x = new Float64Array(reads.length); // what the node reads, gathered anew in every pass
        this.steps.push({ node, rule, reads: Int32Array.from(reads), x, start, size });
      }
      start += size;
    });
    this.values = new Float64Array(start);
    this.deltas = new Float64Array(start);
    for (const step of this.steps) Object.assign(step, { y: this.value(step.node), d: this.delta(step.node) });
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
    const { values, rules } = this;
    for (const { rule, reads, x, start, size } of this.steps) {
      gather(values, reads, x);
      const results = rules[rule][0](x);
      for (let index = 0; index < size; index += 1) values[start + index] = results[index];
    }
  }

  /** Compute ∂root/∂node of every node; `forward` was run before. */
  backward(root) {
    const { deltas } = this;
    const reached = new Uint8Array(deltas.length); // a δ of 0 is carried on too: 0 times infinity is not 0
    const rootStart = this.starts[root];
    deltas.fill(0).fill(1, rootStart, rootStart + this.sizes[root]);
    reached.fill(1, rootStart, rootStart + this.sizes[root]);
    for (let step = this.steps.length - 1; step >= 0; step -= 1) {
      const { rule, reads, x, y, d, start, size } = this.steps[step];
      if (reached.indexOf(1, start) >= start + size) continue; // the root lies behind, so there is a 1
      gather(this.values, reads, x);
      const terms = this.rules[rule][1](x, y, d);
      for (let index = 0; index < reads.length; index += 1) {
        if (terms[index] === null) continue; // no influence
        deltas[reads[index]] += terms[index];
        reached[reads[index]] = 1;
      }
    }
  }
}

/** Return `size` numbers from `start` on. */
function range(start, size) {
  return Array.from({ length: size }, (_, index) => start + index);
}

/** Copy the elements of an array at some positions into another one. */
function gather(array, positions, result) {
  for (let index = 0; index < positions.length; index += 1) result[index] = array[positions[index]];
}
