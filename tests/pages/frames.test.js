/** The code of the frames, and the ranges and counts of maps and charts. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { countSizes, makeScale, roundNumbers } from "../../minigrad/pages/charts.js";
import { Frames, decodeDifferences } from "../../minigrad/pages/frames.js";
import { evenlySpaced, FieldMap, rangeOf, reachOf } from "../../minigrad/pages/maps.js";

const base64 = (bytes) => Buffer.from(bytes).toString("base64");
const scales = (...numbers) => base64(new Uint8Array(Float64Array.from(numbers).buffer));

test("differences in base 128 add up frame by frame", () => {
  // 1, −2 | +64, −64 | −16384, +32767 of two numbers
  const bytes = [2, 3, 0x80, 1, 0x7f, 0xff, 0xff, 1, 0xfe, 0xff, 3];
  assert.deepEqual([...decodeDifferences(bytes, 3, 2)], [1, -2, 65, -66, -16319, 32701]);
});

test("a frame is read into any places of an array", () => {
  const frames = new Frames({
    count: 2,
    size: 2,
    scales: scales(1, 4),
    codes: base64([2, 0xfc, 0xff, 3, 2, 0xfb, 0xff, 3]),
  });
  const array = new Float64Array(4).fill(7);
  frames.read(0, array, [3, 1]);
  assert.deepEqual([...array], [7, 4, 7, 1 / 32766]);
  frames.read(1, array);
  assert.deepEqual([...array].slice(0, 2), [2 / 32766, 0]);
});

test("numbers that are not finite have codes of their own", () => {
  const frames = new Frames({
    count: 1,
    size: 3,
    scales: scales(1, 1, 1),
    codes: base64([0xfe, 0xff, 3, 0xfd, 0xff, 3, 0xff, 0xff, 3]),
  });
  const array = [];
  frames.read(0, array);
  assert.deepEqual(array, [Infinity, -Infinity, NaN]);
});

test("ranges leave a margin and pass over what is not finite", () => {
  assert.deepEqual(rangeOf([0, NaN, 10, Infinity], 0.1), [-1, 11]);
  assert.deepEqual(rangeOf([3, 3], 0), [2, 4]);
  assert.deepEqual(rangeOf([]), [-1, 1]);
  assert.deepEqual(evenlySpaced([0, 4], 3), [0, 2, 4]);
  assert.equal(reachOf([1, 5, NaN], 2), 3);
  assert.equal(reachOf([2], 2), 1);
});

test("axes have round numbers, and are logarithmic for large ratios", () => {
  assert.deepEqual(roundNumbers(0, 0.4), [0, 0.1, 0.2, 0.3, 0.4]);
  assert.deepEqual(makeScale([0.5, 0.25], 100, 0, true).marks, [0, 0.2, 0.4]);
  assert.deepEqual(makeScale([0.8, 1], 100, 0, false).marks, [0.8, 0.85, 0.9, 0.95, 1]);
  assert.deepEqual(makeScale([0.0012, 0.04], 100, 0, true).marks, [0.002, 0.005, 0.01, 0.02]);
  const { isLogarithmic, place, marks } = makeScale([1, 0.001, NaN], 90, 0, true);
  assert.ok(isLogarithmic);
  assert.deepEqual([1, 0.1, 0.001].map(place).map(Math.round), [0, 30, 90]);
  assert.deepEqual(marks, [0.001, 0.01, 0.1, 1]);
});

test("sizes of δ are counted by sign and power of ten", () => {
  const { positive, negative, zero, nonfinite } = countSizes([1, -1, 0, NaN, 1e-20, 1e9, -0.1, -0.1]);
  const found = (counts) => [...counts.entries()].filter(([, share]) => share > 0);
  assert.deepEqual(found(positive), [
    [0, 1 / 8],
    [24, 1 / 8],
    [29, 1 / 8],
  ]);
  assert.deepEqual(found(negative), [
    [21, 2 / 8],
    [24, 1 / 8],
  ]);
  assert.deepEqual([zero, nonfinite], [1 / 8, 1 / 8]);
});

/** Return the pixels of a map of 2 by 2 numbers on a canvas of 4 by 4 pixels, as one letter each. */
function mapOf(field, middle) {
  let shown;
  const context = {
    createImageData: (width, height) => ({ data: new Uint8ClampedArray(4 * width * height) }),
    putImageData: (image) => {
      shown = new Uint32Array(image.data.buffer);
    },
  };
  const shade = (letter) => new Uint32Array(256).fill(letter.codePointAt(0));
  const shades = { positive: shade("+"), negative: shade("-"), stripe: shade("s"), paper: 48, ink: 73 };
  new FieldMap({ width: 4, height: 4, getContext: () => context }, 2, 1).show(field, { middle, reach: 1, shades });
  return String.fromCodePoint(...shown).match(/..../g);
}

test("a map has a line between both signs, and marks the negative one and what is not finite", () => {
  assert.deepEqual(mapOf([1, 1, 1, 1], 0), ["++++", "++++", "++++", "++++"]);
  assert.deepEqual(mapOf([0, 0, 0, 0], 0.5), ["s---", "----", "----", "---s"]);
  assert.deepEqual(mapOf([-1, -1, 1, 1], 0), ["++++", "++++", "IIII", "---s"]); // the first row is at the bottom
  assert.deepEqual(mapOf([2, 2, 2, 2], 2), ["0000", "0000", "0000", "0000"]);
  assert.deepEqual(mapOf([NaN, NaN, NaN, NaN], 0), ["0III", "IIII", "IIII", "III0"]);
});
