import assert from "node:assert/strict";
import { test } from "node:test";

import { formatGiven, formatNumber } from "../../minigrad/pages/format.js";

test("a computed number has four significant digits", () => {
  assert.deepEqual([0.07, -0.93, 12345.678, 0.000012344, 1000, 0].map(formatNumber), [
    "0.07000",
    "−0.9300",
    "1.235×10⁴",
    "1.234×10⁻⁵",
    "1000",
    "0",
  ]);
});

test("a given number has as few digits as it needs", () => {
  assert.deepEqual([0.8, -0.5, 3, 0.80004, 123456, 1e-7].map(formatGiven), [
    "0.8",
    "−0.5",
    "3",
    "0.8000",
    "123456",
    "1×10⁻⁷",
  ]);
});

test("a tie goes to the even digit", () => {
  assert.deepEqual([2.0625, 2.0635, 1000.5, 1001.5].map(formatNumber), ["2.062", "2.063", "1000", "1002"]);
});

test("what is not finite, and what is unknown, is written too", () => {
  assert.deepEqual([NaN, Infinity, -Infinity, null].map(formatNumber), ["NaN", "∞", "−∞", "—"]);
});
