/** Charts of a training: curves over its frames with a cursor, and how large the δ of a layer are. */

import { svgElement } from "./dom.js";
import { formatGiven } from "./format.js";

const WIDTH = 420;
const HEIGHT = 132;
const LEFT = 46;
const RIGHT = 10;
const TOP = 10;
const BOTTOM = 22;
/** From how many times the least value on an axis is logarithmic. */
const LOGARITHMIC_FROM = 30;

/** A scale from numbers to a length, logarithmic for large ratios, with the numbers at which it has marks. */
export function makeScale(numbers, from, to, hasZero) {
  const known = numbers.filter(Number.isFinite);
  const high = Math.max(...known, -Infinity);
  const low = Math.min(...known, Infinity);
  const isLogarithmic = low > 0 && high / low >= LOGARITHMIC_FROM;
  let [first, last] = isLogarithmic
    ? [Math.log10(low), Math.log10(high)]
    : hasZero
      ? [Math.min(0, low), Math.max(0, high)]
      : [low, high];
  if (!known.length || first === last) [first, last] = [0, 1];
  const place = (number) =>
    from + (((isLogarithmic ? Math.log10(number) : number) - first) / (last - first)) * (to - from);
  return { place, marks: isLogarithmic ? powersOfTen(first, last) : roundNumbers(first, last), isLogarithmic };
}

function powersOfTen(first, last) {
  const powers = [];
  const step = Math.max(1, Math.ceil((Math.floor(last) - Math.ceil(first)) / 3));
  for (let power = Math.ceil(first - 1e-9); power <= last + 1e-9; power += step) powers.push(10 ** power);
  if (powers.length > 2) return powers;
  const between = powers.length ? [2, 5, 10] : [1, 2, 3, 4, 5, 6, 7, 8, 9];
  const low = Math.floor(first);
  return [0, 1, 2]
    .flatMap((power) => between.map((factor) => factor * 10 ** (low + power)))
    .filter((mark) => Math.log10(mark) >= first && Math.log10(mark) <= last);
}

/** Return about five numbers with few digits between two. */
export function roundNumbers(first, last) {
  const rough = (last - first) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= rough * 0.999);
  const marks = [];
  for (let count = Math.ceil(first / step - 1e-9); count * step <= last + step * 1e-6; count += 1)
    marks.push(Number((count * step).toPrecision(12)));
  return marks;
}

/**
 * Curves over positions with a cursor: `series` are { name, values, role }, of which the first has a dot at the cursor.
 *
 * `show(frame, label)` moves the cursor and says in words what is seen; `onChoose(frame)` is called while the reader drags it.
 */
export class CurveChart {
  constructor(series, positions, hasZero, onChoose) {
    this.series = series;
    const across = makeLinear(positions, LEFT, WIDTH - RIGHT);
    const scale = makeScale(
      series.flatMap(({ values }) => values),
      HEIGHT - BOTTOM,
      TOP,
      hasZero,
    );
    this.across = positions.map(across);
    this.scale = scale;
    this.cursor = svgElement("line", { class: "cursor", y1: TOP - 4, y2: HEIGHT - BOTTOM });
    this.dots = series.map(({ role }) => svgElement("circle", { class: `dot ${role}`, r: 4 }));
    const down = scale.marks.map((mark) => [
      svgElement("line", { class: "grid", x1: LEFT, x2: WIDTH - RIGHT, y1: scale.place(mark), y2: scale.place(mark) }),
      svgElement(
        "text",
        { class: "axis", x: LEFT - 6, y: scale.place(mark) + 4, "text-anchor": "end" },
        formatGiven(mark),
      ),
    ]);
    const [first, last] = [positions[0], positions.at(-1)];
    const marks = first === last ? [first] : roundNumbers(first, last);
    const below = marks.map((mark) =>
      svgElement(
        "text",
        { class: "axis", x: Math.min(across(mark), WIDTH - RIGHT - 6), y: HEIGHT - 6, "text-anchor": "middle" },
        formatGiven(mark),
      ),
    );
    const curves = series.map(({ values, role }) =>
      svgElement("path", { class: `curve ${role}`, d: this.path(values) }),
    );
    this.node = svgElement(
      "svg",
      { class: "chart", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img" },
      ...down.flat(),
      ...below,
      ...curves,
      this.cursor,
      ...this.dots,
    );
    const choose = (event) => {
      const { left, width } = this.node.getBoundingClientRect();
      onChoose(this.nearest(((event.clientX - left) / width) * WIDTH));
    };
    this.node.addEventListener("pointerdown", (event) => {
      this.node.setPointerCapture(event.pointerId);
      choose(event);
    });
    this.node.addEventListener("pointermove", (event) => event.buttons && choose(event));
  }

  /** Return the frame nearest to a place. */
  nearest(x) {
    let best = 0;
    this.across.forEach((place, frame) => {
      if (Math.abs(place - x) < Math.abs(this.across[best] - x)) best = frame;
    });
    return best;
  }

  path(values) {
    const pieces = [];
    let isDrawn = false;
    values.forEach((value, frame) => {
      const y = this.scale.place(value);
      if (Number.isFinite(y)) pieces.push(`${isDrawn ? "L" : "M"}${this.across[frame].toFixed(1)} ${y.toFixed(1)}`);
      isDrawn = Number.isFinite(y);
    });
    return pieces.join("");
  }

  show(frame, label) {
    this.node.setAttribute("aria-label", label);
    const x = this.across[frame];
    this.cursor.setAttribute("x1", x);
    this.cursor.setAttribute("x2", x);
    this.dots.forEach((dot, index) => {
      const y = this.scale.place(this.series[index].values[frame]);
      dot.setAttribute("visibility", Number.isFinite(y) ? "visible" : "hidden");
      dot.setAttribute("cx", x);
      if (Number.isFinite(y)) dot.setAttribute("cy", y);
    });
  }
}

function makeLinear(positions, from, to) {
  const [first, last] = [positions[0], positions.at(-1)];
  return (position) => (first === last ? from : from + ((position - first) / (last - first)) * (to - from));
}

/** The powers of ten between which the sizes of δ are counted, and how many bars each has. */
export const LEAST_POWER = -8;
export const MOST_POWER = 2;
const BARS_PER_POWER = 3;
const BARS = (MOST_POWER - LEAST_POWER) * BARS_PER_POWER;

/**
 * Return how many numbers have each size, as shares of all of them: `positive` and `negative` by size, those outside of
 * the range at its ends; `zero`, exactly; and `nonfinite`.
 */
export function countSizes(numbers) {
  const counts = { positive: new Float64Array(BARS), negative: new Float64Array(BARS), zero: 0, nonfinite: 0 };
  for (const number of numbers) {
    if (!Number.isFinite(number)) counts.nonfinite += 1 / numbers.length;
    else if (number === 0) counts.zero += 1 / numbers.length;
    else {
      const bar = Math.floor((Math.log10(Math.abs(number)) - LEAST_POWER) * BARS_PER_POWER);
      counts[number > 0 ? "positive" : "negative"][Math.max(0, Math.min(BARS - 1, bar))] += 1 / numbers.length;
    }
  }
  return counts;
}

const BAR = 14;
const HALF = 34;
const ZEROS = 64;
/** The least share of all δ that is as high as there is room. */
const LEAST_FULL = 0.04;
const HISTOGRAM_WIDTH = ZEROS + BARS * BAR + ZEROS + 12;

/** A histogram of the sizes of δ: positive ones above a line of powers of ten, negative ones below it. */
export class SizeHistogram {
  constructor(hasNumbers) {
    const bar = (x, role, width = BAR - 2) => svgElement("rect", { class: role, x, width, y: HALF, height: 0 });
    const x = (index) => ZEROS + index * BAR + 1;
    this.positive = Array.from({ length: BARS }, (_, index) => bar(x(index), "delta-positive"));
    this.negative = Array.from({ length: BARS }, (_, index) => bar(x(index), "delta-negative"));
    this.zero = bar(13, "delta-zero", 18);
    this.nonfinite = bar(ZEROS + BARS * BAR + 33, "delta-nonfinite", 18);
    const marks = [];
    for (let power = LEAST_POWER; power <= MOST_POWER; power += 2)
      marks.push([ZEROS + (power - LEAST_POWER) * BARS_PER_POWER * BAR, power]);
    this.node = svgElement(
      "svg",
      { class: "chart sizes", viewBox: `0 0 ${HISTOGRAM_WIDTH} ${2 * HALF + (hasNumbers ? 18 : 0)}`, role: "img" },
      svgElement("line", { class: "rule", x1: 0, x2: HISTOGRAM_WIDTH, y1: HALF, y2: HALF }),
      ...marks.map(([place]) =>
        svgElement("line", { class: "rule", x1: place, x2: place, y1: HALF - 3, y2: HALF + 3 }),
      ),
      ...this.positive,
      ...this.negative,
      this.zero,
      this.nonfinite,
      ...(hasNumbers ? axisOfSizes(marks) : []),
    );
  }

  /** Show counts, the largest as high as there is room, and say in words what they are. */
  show({ positive, negative, zero, nonfinite }, label) {
    const largest = Math.max(LEAST_FULL, ...positive, ...negative);
    const height = (share) => Math.min(1, share / largest) * (HALF - 3);
    const set = (bar, share, isBelow) => {
      const size = share > 0 ? Math.max(1.5, height(share)) : 0;
      bar.setAttribute("height", size);
      bar.setAttribute("y", isBelow ? HALF : HALF - size);
    };
    this.positive.forEach((bar, index) => set(bar, positive[index], false));
    this.negative.forEach((bar, index) => set(bar, negative[index], true));
    set(this.zero, zero, false);
    set(this.nonfinite, nonfinite, false);
    this.node.setAttribute("aria-label", label);
  }
}

/** Return the numbers below a histogram of sizes. */
function axisOfSizes(marks) {
  const text = (x, ...content) =>
    svgElement("text", { class: "axis", x, y: 2 * HALF + 14, "text-anchor": "middle" }, ...content);
  const power = (exponent) => [
    "10",
    svgElement("tspan", { dy: -5, "font-size": "75%" }, String(exponent).replace("-", "−")),
  ];
  return [
    text(22, "0"),
    ...marks.map(([place, exponent]) => text(place, ...(exponent === 0 ? ["1"] : power(exponent)))),
    text(HISTOGRAM_WIDTH - 34, "∞"),
  ];
}
