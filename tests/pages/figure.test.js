import assert from "node:assert/strict";
import { test } from "node:test";

import { numberPieces, widthOf } from "../../minigrad/pages/figure_parts.js";
import { draggedValue, stepOf } from "../../minigrad/pages/figure_pointer.js";

test("a number is split at its exponents, which are written in plain digits", () => {
  assert.deepEqual(numberPieces("−0.006669"), ["−0.006669"]);
  assert.deepEqual(numberPieces("1.234×10⁻⁵"), ["1.234×10", "−5", ""]);
  assert.deepEqual(numberPieces("1×10⁶ → 2.5×10¹²"), ["1×10", "6", " → 2.5×10", "12", ""]);
});

test("digits have one width, so a column of numbers stays where it is", () => {
  assert.equal(widthOf("0.1234"), widthOf("9.8765"));
  assert.ok(widthOf("−0.5") > widthOf("0.5"));
  assert.ok(widthOf("1.2×10⁻⁵") < widthOf("1.2×10−5"));
});

test("a drag goes in round steps that suit the size of a number", () => {
  assert.equal(stepOf(0), 0.01);
  assert.equal(stepOf(-0.5), 0.01);
  assert.equal(stepOf(64), 0.1);
  assert.equal(stepOf(5000), 10);
  assert.equal(stepOf(NaN), 0.01);
  assert.equal(draggedValue(0.8, 1, 0.01), 0.81);
  assert.equal(draggedValue(0.1, 20, 0.01), 0.3);
  assert.equal(draggedValue(0.34999, -35, 0.01), 0);
  assert.equal(draggedValue(-Infinity, 5, 0.01), 0.05);
});
