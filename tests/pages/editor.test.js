import assert from "node:assert/strict";
import { test } from "node:test";

import { curveOf } from "../../minigrad/pages/editor.js";

test("the curve of losses has gaps where they are no finite numbers", () => {
  assert.deepEqual(curveOf([2, 1, NaN, 0, 1]), { path: "M4.0 5.0L97.0 25.0M283.0 45.0L376.0 25.0", zero: 45 });
  assert.deepEqual(curveOf([0]), { path: "M4.0 45.0", zero: 45 });
  assert.deepEqual(curveOf([NaN, Infinity]), { path: "", zero: 45 });
});

test("losses below zero are in the picture", () => {
  assert.deepEqual(curveOf([1, -1, -3]), { path: "M4.0 5.0L190.0 25.0L376.0 45.0", zero: 15 });
  assert.deepEqual(curveOf([-1, -2]), { path: "M4.0 25.0L376.0 45.0", zero: 5 });
});

test("the curve of very many losses stays short and ends with the last one", () => {
  const losses = Array.from({ length: 300_001 }, (_, index) => 1 / (index + 1));
  const { path } = curveOf(losses);
  assert.ok(path.length < 20_000);
  assert.ok(path.endsWith("L376.0 45.0"));
});
