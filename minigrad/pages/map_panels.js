/** What neurons compute over the plane of two inputs, in the figure and large, and weights as images. */

import { element, mathElement } from "./dom.js";
import { formatGiven, formatNumber } from "./format.js";
import { drawPixels, drawPoints, evenlySpaced, FieldMap, MAP_POINTS, rangeOf, reachOf, usualReach } from "./maps.js";

const LARGEST_DENSITY = 1.5;
/** The size of the large map, and of an image, in pixels of the page. */
const MAP_SIZE = 340;
const IMAGE_SIZE = 56;
/** Where activations are asked for how far they reach. */
const FAR = 40;
/** From which reach on an activation counts as unlimited. */
const UNLIMITED = 10;

/** The maps of all neurons and outputs of a network with two inputs; those of neurons lie over the figure. */
export class NeuronMaps {
  constructor(page) {
    this.page = page;
    const { network, data } = page;
    page.maps = this;
    this.columns = [0, 1].map((input) => network.samples.map((row) => row[input]));
    this.ranges = this.columns.map((numbers) => rangeOf(numbers));
    this.units = page.hasMaps ? unitsOf(data.network) : [];
    for (const [index, unit] of this.units.entries()) Object.assign(unit, this.scaleOf(unit, index));
    this.pictures = new Map();
    this.fields = [];
  }

  /** Return the middle of what a unit computes, and how far it goes from there; null where that depends on the plane. */
  scaleOf({ key, output }) {
    const { network, data } = this.page;
    if (output !== undefined && data.network.threshold === null) {
      const targets = network.wanted.map((row) => row[output]);
      const [low, high] = rangeOf(targets, 0);
      return { middle: (low + high) / 2, reach: (high - low) / 2 };
    }
    const middle = output === undefined ? network.valueAt(key, 0) : data.network.threshold;
    const reach = Math.max(...[-FAR, FAR].map((sum) => Math.abs(network.valueAt(key, sum) - middle)));
    return { middle, reach: reach > 0 && reach < UNLIMITED ? reach : null };
  }

  /** The unit that is selected; the first output where none is. */
  get shown() {
    const { selected } = this.page;
    return (
      this.units.find(({ sum, key }) => selected === `node:${sum}` || selected === `node:${key}`) ??
      this.units.find(({ output }) => output === 0) ??
      this.units.at(-1)
    );
  }

  /** Compute all maps anew, and draw those in the figure. */
  update() {
    if (this.units.length === 0) return;
    const { page } = this;
    const places = this.units.map(({ key }) => page.network.place(key));
    this.fields = page.network.fieldsOf(places, ...this.ranges.map((range) => evenlySpaced(range, MAP_POINTS)));
    if (page.figure.svg !== this.svg || page.figurePanel.clientWidth !== this.width) this.place();
    for (const [index, unit] of this.units.entries()) {
      const field = this.fields[index];
      this.pictures.get(unit)?.show(field, this.looksOf(unit, field));
    }
  }

  /** Put a canvas over the circle of each neuron in the figure. */
  place() {
    const { figure, figurePanel } = this.page;
    this.svg = figure.svg;
    this.width = figurePanel.clientWidth;
    for (const { canvas } of this.pictures.values()) canvas.remove();
    this.pictures.clear();
    const panel = figurePanel.getBoundingClientRect();
    for (const unit of this.units) {
      const circle = figurePanel.querySelector(`[data-key="node:${unit.sum}"] > circle`);
      const { left, top, width } = circle?.getBoundingClientRect() ?? { width: 0 };
      if (width === 0) continue;
      const inset = Math.max(1, width / 40);
      const size = Math.round((width - 2 * inset) * density());
      const canvas = element("canvas", { class: "neuron-map", width: size, height: size, "aria-hidden": "true" });
      const [x, y] = [left - panel.left + inset, top - panel.top + inset];
      Object.assign(canvas.style, {
        left: `${x}px`,
        top: `${y}px`,
        width: `${width - 2 * inset}px`,
        height: `${width - 2 * inset}px`,
      });
      this.pictures.set(unit, new FieldMap(canvas, MAP_POINTS, density()));
      figurePanel.append(canvas);
    }
  }

  looksOf({ middle, reach }, field) {
    return { middle, reach: reach ?? reachOf(field, middle), shades: this.page.colors.shades };
  }
}

/** Return the neurons and those outputs that are none, each output with its position. */
function unitsOf({ layers, outputs }) {
  const units = layers.flat().map((neuron) => ({ ...neuron }));
  for (const [position, output] of outputs.entries()) {
    const unit = units.find(({ key }) => key === output.key);
    if (unit) unit.output = position;
    else units.push({ ...output, sum: null, output: position });
  }
  return units;
}

/** Return how many pixels of the screen a pixel of the page has, within limits. */
function density() {
  return Math.min(LARGEST_DENSITY, Math.max(1, devicePixelRatio));
}

/** Return the large map of the selected neuron with the data, and `update` for it. */
export function makeMap(page) {
  const size = Math.round(MAP_SIZE * density());
  const canvas = element("canvas", { class: "map", width: size, height: size, role: "img" });
  const picture = new FieldMap(canvas, MAP_POINTS, density());
  const title = element("h2", { class: "panel-title" });
  const [first, second] = page.data.network.inputNames;
  const legend = element("ul", { class: "legend" });
  const across = element("div", { class: "axis-labels across" });
  const down = element("div", { class: "axis-labels down" });
  const frame = element("div", { class: "map-frame" }, down, canvas, across);
  const node = element(
    "article",
    { class: "card" },
    title,
    frame,
    legend,
    element("p", { class: "caption" }, page.say("mapHint")),
  );
  let labels = "";
  canvas.addEventListener("click", (event) => page.showSample(nearestPoint(page, canvas, event)));
  const update = () => {
    const { maps } = page;
    if (!maps?.fields.length) return;
    const unit = maps.shown;
    const field = maps.fields[maps.units.indexOf(unit)];
    const looks = maps.looksOf(unit, field);
    picture.show(field, looks);
    drawPoints(canvas, pointsOf(page, unit), {
      ...targetScale(page, unit),
      colors: page.colors,
      density: density(),
      chosen: page.sample,
    });
    const middle = formatGiven(looks.middle);
    const share = field.filter((number) => number >= looks.middle).length / field.length;
    canvas.setAttribute("aria-label", page.say("mapLabel", unit.label, middle, Math.round(100 * share)));
    if (labels === unit.key) return;
    labels = unit.key;
    title.replaceChildren(...page.sayMarkup("mapTitle", unit.name, first, second));
    legend.replaceChildren(
      ...[
        ["field-above", "mapAbove"],
        ["field-below", "mapBelow"],
      ].map(([looksLike, key]) => element("li", {}, element("span", { class: looksLike }), page.say(key, middle))),
      ...[
        ["point-above", "pointAbove"],
        ["point-below", "pointBelow"],
      ].map(([looksLike, key]) => element("li", {}, element("span", { class: looksLike }), page.say(key))),
    );
    const short = (number) => formatGiven(Number(number.toPrecision(3)));
    const ends = ([low, high], name) =>
      [short(low), mathElement(name), short(high)].map((content) => element("span", {}, content));
    across.replaceChildren(...ends(maps.ranges[0], first));
    down.replaceChildren(...ends(maps.ranges[1], second).reverse());
  };
  return { node, update };
}

/** Return where the samples lie in the map, from 0 to 1, with their targets for a unit; for a hidden one the first. */
function pointsOf({ network, maps }, { output = 0 }) {
  const share = (number, [low, high]) => (number - low) / (high - low);
  return network.samples.map(([x, y], row) => ({
    x: share(x, maps.ranges[0]),
    y: share(y, maps.ranges[1]),
    target: network.wanted[row][output],
  }));
}

function targetScale({ network }, { output = 0 }) {
  const [low, high] = rangeOf(
    network.wanted.map((row) => row[output]),
    0,
  );
  return { middle: (low + high) / 2, reach: (high - low) / 2 };
}

function nearestPoint(page, canvas, event) {
  const { left, top, width, height } = canvas.getBoundingClientRect();
  const [x, y] = [(event.clientX - left) / width, 1 - (event.clientY - top) / height];
  const distances = pointsOf(page, page.maps.shown).map((point) => (point.x - x) ** 2 + (point.y - y) ** 2);
  return distances.indexOf(Math.min(...distances));
}

/** Return the weights of each neuron of the first layer as a small image, and `update` for them. */
export function makeImages(page) {
  const { shape, weights } = page.data.network.image;
  const [rows, columns] = shape;
  const neurons = page.data.network.layers[0];
  const tiles = neurons.map((neuron) => {
    const canvas = element("canvas", { class: "pixels", role: "img" });
    const key = `node:${neuron.sum}`;
    const button = element(
      "button",
      { type: "button", class: "tile", click: () => page.select(page.selected === key ? null : key) },
      canvas,
      element("span", {}, mathElement(neuron.name)),
    );
    return { key, canvas, button };
  });
  const legend = element(
    "ul",
    { class: "legend" },
    ...[
      ["pixel-above", "imageAbove"],
      ["pixel-below", "imageBelow"],
    ].map(([looksLike, key]) => element("li", {}, element("span", { class: looksLike }), page.say(key))),
  );
  const node = element(
    "article",
    { class: "card" },
    element("h2", { class: "panel-title" }, page.say("imagesTitle")),
    element("div", { class: "tiles" }, ...tiles.map(({ button }) => button)),
    legend,
  );
  const vector = new Float64Array(page.network.frames.size);
  const update = () => {
    page.network.frames.read(page.frame, vector);
    const images = weights.map((places) => places.map((place) => (place < 0 ? 0 : vector[place])));
    const reach = usualReach(images.flat());
    const scale = Math.max(1, Math.round((IMAGE_SIZE * density()) / columns));
    tiles.forEach(({ key, canvas, button }, index) => {
      if (canvas.width !== columns * scale) canvas.width = columns * scale;
      if (canvas.height !== rows * scale) canvas.height = rows * scale;
      drawPixels(canvas, images[index], columns, { reach, colors: page.colors });
      const known = images[index].filter(Number.isFinite);
      button.setAttribute("aria-pressed", page.selected === key);
      canvas.setAttribute(
        "aria-label",
        page.say(
          "imageLabel",
          neurons[index].label,
          formatNumber(Math.min(...known)),
          formatNumber(Math.max(...known)),
        ),
      );
    });
  };
  return { node, update };
}
