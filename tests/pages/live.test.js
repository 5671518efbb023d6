/** Frames that arrive from a training that is going on, and the widget that passes them on. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { ArrivedFrames } from "../../minigrad/pages/live.js";
import { renderWidget } from "../../minigrad/pages/widget.js";

const numbers = (...values) => Float32Array.from(values);
const read = (frames, frame, places) => {
  const array = [0, 0, 0, 0];
  frames.read(frame, array, places);
  return array;
};

test("frames are those that were sent last, without those that are gone", () => {
  const frames = new ArrivedFrames(2);
  let shown = frames.add({ epochs: [0, 1], steps: [0, 4], curves: { loss: ["NaN", 0.5] }, new: [0, 1] }, numbers(1, 2, 3, 4));
  assert.equal(shown.frames, frames);
  assert.equal(frames.count, 2);
  assert.deepEqual(read(frames, 1), [3, 4, 0, 0]);
  assert.deepEqual(read(frames, 0, [3, 1]), [0, 2, 0, 1]);
  shown = frames.add({ epochs: [0, 2, 3], steps: [0, 8, 12], curves: { loss: ["NaN", 0.25, 0.125] }, new: [1, 2] }, numbers(5, 6, 7, 8));
  assert.deepEqual(shown, { epochs: [0, 2, 3], steps: [0, 8, 12], curves: { loss: ["NaN", 0.25, 0.125] }, frames });
  assert.deepEqual(frames.history(0), [1, 5, 7]);
  assert.deepEqual([...frames.arrived.keys()], [0, 8, 12]);
});

test("frames that were missed are left out until they are sent again", () => {
  const frames = new ArrivedFrames(1);
  const content = { epochs: [0, 1, 2], steps: [0, 4, 8], curves: { loss: [3, 2, 1], accuracy: [null, 0.5, 0.75] } };
  let shown = frames.add({ ...content, new: [2] }, numbers(9));
  assert.deepEqual([shown.epochs, shown.steps, shown.curves], [[2], [8], { loss: [1], accuracy: [0.75] }]);
  shown = frames.add({ ...content, new: [0, 1, 2] }, numbers(7, 8, 9));
  assert.deepEqual([shown.epochs, frames.history(0)], [[0, 1, 2], [7, 8, 9]]);
});

/** A model as notebooks have it, and an element of a page. */
function fakeNotebook() {
  const listeners = { "msg:custom": new Set(), "change:numbers": new Set() };
  const state = { html: "<p>page", title: "Training", height: 700, content: {}, numbers: viewOf() };
  const model = {
    get: (name) => state[name],
    on: (event, listener) => listeners[event].add(listener),
    off: (event, listener) => listeners[event].delete(listener),
  };
  const passed = [];
  const frame = {
    style: {},
    attributes: {},
    setAttribute: (name, value) => {
      frame.attributes[name] = value;
    },
    addEventListener: (event, listener) => {
      frame[event] = listener;
    },
    contentWindow: { postMessage: (message) => passed.push(message) },
  };
  return { listeners, state, model, passed, frame, el: { append: (child) => assert.equal(child, frame) } };
}

/** Return bytes as notebooks pass them, which is within others. */
function viewOf(...bytes) {
  return new DataView(Uint8Array.of(9, 9, ...bytes, 9).buffer, 2, bytes.length);
}

test("the widget passes on what comes, what came early as soon as the page is loaded", (context) => {
  const { listeners, state, model, passed, frame, el } = fakeNotebook();
  globalThis.document = { createElement: () => frame };
  context.after(() => delete globalThis.document);
  const leave = renderWidget({ model, el });
  assert.equal(frame.srcdoc, "<p>page");
  assert.equal(frame.title, "Training");
  assert.equal(frame.attributes.sandbox, "allow-scripts");
  const send = (number) => listeners["msg:custom"].forEach((listener) => listener({ number }, [viewOf(number, number)]));
  const received = () => passed.splice(0).map(({ content, numbers: buffer }) => [content.number, ...new Uint8Array(buffer)]);
  send(1);
  send(2);
  assert.deepEqual(received(), []);
  frame.load();
  send(3);
  assert.deepEqual(received(), [[1, 1, 1], [2, 2, 2], [3, 3, 3]]);
  Object.assign(state, { content: { number: 4 }, numbers: viewOf(5, 6) });
  listeners["change:numbers"].forEach((listener) => listener());
  assert.deepEqual(received(), [[4, 5, 6]]);
  leave();
  assert.deepEqual(Object.values(listeners).map(({ size }) => size), [0, 0]);
  renderWidget({ model, el }); // once more, after training
  frame.load();
  assert.deepEqual(received(), [[4, 5, 6]]);
});
