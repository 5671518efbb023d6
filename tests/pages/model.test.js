import assert from "node:assert/strict";
import { test } from "node:test";

import { fillNumbers, fillResult, fillSymbols, nameOf, numberMarkup } from "../../minigrad/pages/formulas.js";
import { Model, stepsByLayer } from "../../minigrad/pages/model.js";

/** A network of one neuron, L = (θ(w x) − t)², with θ(s) = s or θ(s) = 2s, that is trained by w ← w − η ∂L/∂w. */
function network(optimizer = {}) {
  const theta = (factor) => [(x) => [factor * x[0]], (x, y, d) => [factor * d[0]]];
  const rules = [
    [(x) => [x[0] * x[1]], (x, y, d) => [d[0] * x[1], d[0] * x[0]]],
    theta(1),
    [(x) => [(x[0] - x[1]) ** 2], (x, y, d) => [2 * d[0] * (x[0] - x[1]), -2 * d[0] * (x[0] - x[1])]],
    theta(2),
  ];
  const slot = (number, fence = "") => `<mi data-slot="${number}"${fence}></mi>`;
  const negative = ' data-fence="negative"';
  const equation = (left, template, ...slots) => ({ left, template, slots });
  const step = (phase, kind, layer, ...equations) => ({
    phase,
    kind,
    layer,
    title: [kind, "<mi>y</mi>"],
    equations,
    note: kind,
    known: equations.map(({ left }) => left),
    lit: ["node:3"],
  });
  const data = {
    nodes: [[1], [1], [1], [1, 0, [0, 1]], [1, 1, [3]], [1, 2, [4, 2]]],
    loss: 5,
    values: [3, 0.5, 1, 0, 0, 0],
    names: ["x", "w", "t", "s", "y", "L"].map((name) => `<mi>${name}</mi>`),
    labels: ["x", "w", "t", "s", "y", "L"],
    elementNames: {},
    elementLabels: {},
    deltaNames: { 3: "<mi>δ</mi>" },
    inputs: ["value:0"],
    targets: ["value:2"],
    parameters: ["value:1"],
    frozen: [],
    layers: [
      {
        units: [{ sum: "3", output: "4", bias: null }],
        activation: "identity",
        choices: { identity: { rule: 1, value: 1, slope: 2 }, double: { rule: 3, value: 3, slope: 4 } },
      },
    ],
    templates: [
      `${slot(0, negative)}<mo data-times="">·</mo>${slot(1, negative)}`,
      slot(0),
      "<mn>1</mn>",
      `<mn>2</mn><mo data-times="">·</mo>${slot(0, negative)}`,
      "<mn>2</mn>",
    ],
    steps: [
      step("forward", "sum", 0, equation("value:3", 0, "value:1", "value:0")),
      step("forward", "output", 0, { ...equation("value:4", 1, "value:3", "value:4"), layer: 0, part: "value" }),
      step("loss", "loss", null, equation("value:5", null)),
      step("update", "update", 0, equation("next:1", null)),
    ],
    equations: [equation("delta:1", 0, "value:0", "delta:3")],
    product: 0,
    optimizer: { name: "SGD", settings: { lr: 0.1 }, schedules: {}, state: [], vectors: [], ...optimizer },
  };
  const update = (w, g, state, settings) => [w.map((value, index) => value - settings.lr * g[index]), state];
  return new Model(data, { rules, update });
}

test("a model computes both passes and the coming update", () => {
  const model = network();
  assert.equal(model.number("value:3"), 1.5);
  assert.equal(model.loss, 0.25);
  assert.equal(model.number("delta:3"), 1);
  assert.equal(model.number("delta:1"), 3);
  assert.equal(model.number("slope:4:3"), 1);
  assert.equal(model.number("product:0:1"), 1.5);
  assert.equal(model.number("share:1:3"), 0.5);
  assert.ok(Math.abs(model.number("next:1") - 0.2) < 1e-15);
  assert.ok(Math.abs(model.number("change:1") + 0.3) < 1e-15);
  assert.throws(() => model.number("nothing:1"), /no number/);
});

test("everything follows a change, and is undone", () => {
  const model = network();
  let calls = 0;
  const end = model.onChange(() => (calls += 1));
  model.setValue("value:0", 2);
  model.setActivation(0, "double");
  assert.equal(model.number("value:4"), 2);
  assert.equal(model.number("slope:4:3"), 2);
  model.setRate(0.5);
  assert.equal(model.rate, 0.5);
  for (const impossible of [-1, NaN, Infinity]) model.setRate(impossible);
  assert.equal(model.rate, 0.5);
  assert.equal(model.takeSteps(3), 3);
  assert.equal(model.count, 3);
  assert.equal(model.losses.length, 4);
  for (let change = 0; change < 4; change += 1) model.undo();
  assert.equal(calls, 8);
  assert.equal(model.canUndo, false);
  assert.deepEqual([model.loss, model.rate, model.count, model.activation(0)], [0.25, 0.1, 0, "identity"]);
  end();
  model.setValue("value:0", 2);
  assert.equal(calls, 8);
});

test("a number that is dragged is undone at once", () => {
  const model = network();
  for (const number of [1, 2, 3.5]) model.setValue("value:1", number, true);
  model.setValue("value:0", 7, true);
  model.undo();
  assert.deepEqual([model.number("value:0"), model.number("value:1")], [3, 3.5]);
  model.undo();
  assert.equal(model.number("value:1"), 0.5);
  assert.equal(model.canUndo, false);
});

test("what is no number is not taken, and what is not finite does not stop a page", () => {
  const model = network();
  model.setValue("value:0", NaN);
  assert.equal(model.canUndo, false);
  model.setValue("value:0", 1e200);
  model.takeSteps(2);
  assert.ok(!Number.isFinite(model.loss));
  assert.match(fillResult(model, model.equation("value:3")), /NaN|∞/);
});

test("a reset can be undone", () => {
  const model = network();
  model.takeSteps(2);
  const { loss } = model;
  model.reset();
  assert.deepEqual([model.loss, model.count], [0.25, 0]);
  model.undo();
  assert.deepEqual([model.loss, model.count], [loss, 2]);
});

test("the rates of a schedule are known for some steps only", () => {
  const model = network({ settings: {}, schedules: { lr: { state: 0, rates: [0.1, 0.2] } }, state: [[0]] });
  model.program.update = (w, g, [[count]], { lr }) => [w.map((value, i) => value - lr * g[i]), [[count + 1]]];
  model.setValue("value:0", 3);
  assert.equal(model.rate, 0.1);
  assert.equal(model.takeSteps(5), 2);
  assert.equal(model.canStep, false);
  assert.equal(model.number("next:1"), null);
  model.setRate(0.3);
  assert.deepEqual([model.canStep, model.rate], [true, 0.3]);
});

test("an equation is filled with names and with numbers", () => {
  const model = network();
  model.setValue("value:0", -3);
  const equation = model.equation("value:3");
  assert.equal(
    fillSymbols(model, equation),
    "<mi>s</mi><mo>=</mo><mrow><mi>w</mi></mrow><mo>&#x2062;</mo><mrow><mi>x</mi></mrow>",
  );
  const negative = '<mrow><mo stretchy="false">(</mo><mo form="prefix">−</mo><mn>3</mn><mo stretchy="false">)</mo></mrow>';
  assert.equal(fillNumbers(model, equation), `<mo>=</mo><mrow><mn>0.5</mn></mrow><mo>·</mo>${negative}`);
  assert.equal(fillResult(model, equation), '<mi>s</mi><mo>=</mo><mo form="prefix">−</mo><mn>1.500</mn>');
});

test("an equation follows the activation, and says nothing where it has no formula", () => {
  const model = network();
  assert.equal(fillNumbers(model, model.equation("value:4")), "");
  model.setActivation(0, "double");
  assert.match(fillNumbers(model, model.equation("value:4")), /<mn>2<\/mn><mo>·<\/mo>/);
  assert.equal(fillSymbols(model, model.equation("value:5")), "<mi>L</mi>");
  assert.equal(fillNumbers(model, model.equation("value:5")), "");
  assert.equal(model.equation("value:0"), null);
  assert.match(fillSymbols(model, model.equation("next:1")), /←|<mi>w<\/mi>/);
});

test("quantities have the names of the textbook", () => {
  const model = network();
  assert.equal(nameOf(model, "delta:3"), "<mi>δ</mi>");
  assert.match(nameOf(model, "delta:1"), /^<mfrac><mrow><mo>∂<\/mo><mi>L<\/mi>.*<mi>w<\/mi><\/mrow><\/mfrac>$/);
  assert.match(nameOf(model, "slope:4:3"), /θ.*′.*<mi>s<\/mi>/);
  assert.match(nameOf(model, "slope:5:4"), /^<mfrac>/);
  assert.equal(nameOf(model, "rate:lr"), "<mi>η</mi>");
  assert.equal(nameOf(model, 0.25), "<mn>0.25</mn>");
  assert.equal(numberMarkup("−1.234×10⁻⁵"), '<mo form="prefix">−</mo><mn>1.234</mn><mo>·</mo><msup><mn>10</mn><mn>−5</mn></msup>');
});

test("steps of one layer become one", () => {
  const model = network();
  const twice = [...model.steps, ...model.steps.map((step) => ({ ...step, lit: ["node:4"] }))];
  const steps = stepsByLayer(twice);
  assert.deepEqual(
    steps.map(({ title }) => title),
    [["sums", "1"], ["outputs", "1"], ["loss", "<mi>y</mi>"], ["layerUpdate", "1"], ["loss", "<mi>y</mi>"]],
  );
  assert.deepEqual(steps[0].lit, ["node:3", "node:4"]);
  assert.deepEqual(steps[0].known, ["value:3"]);
  assert.equal(steps[0].hidden, 0);
});
