/** The panels beside the figure of a training: the moment with its curves, δ layer by layer, one sample, one weight. */

import { CurveChart, SizeHistogram, countSizes } from "./charts.js";
import { element, mathElement } from "./dom.js";
import { formatGiven, formatNumber } from "./format.js";
import { icon } from "./icons.js";
import { drawPixels, reachOf } from "./maps.js";

const ROLES = ["first", "second", "third", "fourth"];
/** Inputs and outputs of a sample up to which they are listed. */
const MOST_LISTED = 12;

/** Return the card that says which moment is shown and what was measured then, and `update` for it. */
export function makeMoment(page) {
  const title = element("h2", {});
  const entries = Object.entries(curvesOf(page)).map(([name, values]) => ({ name, values, number: element("dd", {}) }));
  const items = entries.map(({ name, number }) =>
    element("div", {}, element("dt", {}, nameOfCurve(page, name)), number),
  );
  const node = element("article", { class: "card active" }, title, element("dl", { class: "measured" }, ...items));
  const update = () => {
    node.setAttribute("aria-live", page.player.isPlaying ? "off" : "polite");
    title.textContent = page.momentText();
    for (const { values, number } of entries) number.textContent = numberText(values[page.frame]);
  };
  return { node, update };
}

/** Return the curves of what was measured, with a cursor, and `update` for them: the losses in one chart. */
export function makeCurves(page) {
  const entries = Object.entries(curvesOf(page));
  const losses = entries.filter(([name]) => name.endsWith("loss"));
  const charts = [losses, ...entries.filter((entry) => !losses.includes(entry)).map((entry) => [entry])].map(
    (group) => {
      const series = group.map(([name, values], index) => ({
        name: nameOfCurve(page, name),
        values,
        role: ROLES[index],
      }));
      return chartOf(page, series, group === losses);
    },
  );
  const node = element(
    "article",
    { class: "card" },
    ...charts.flatMap(({ legend, chart }) => [legend, chart.node]),
    element("p", { class: "caption" }, page.say("curveHint")),
  );
  return { node, update: () => charts.forEach((entry) => entry.update()) };
}

/** Return a chart of some curves over the frames with a legend, and `update` for it. */
function chartOf(page, series, hasZero) {
  const { epochs, steps, byEpochs } = page.data;
  const chart = new CurveChart(series, byEpochs ? epochs : steps, hasZero, (frame) => page.player.goTo(frame));
  const legend = element(
    "ul",
    { class: "legend" },
    ...series.map(({ name, role }) => element("li", {}, element("span", { class: `curve-sample ${role}` }), name)),
  );
  const update = () => {
    const words = series.map(({ name, values }) => {
      const known = values.filter(Number.isFinite);
      return page.say(
        "curveLabel",
        name,
        numberText(known[0]),
        numberText(known.at(-1)),
        numberText(values[page.frame]),
      );
    });
    chart.show(page.frame, words.join(". "));
  };
  return { legend, chart, update };
}

/** Return what was measured by name: a number for each frame, undefined where nothing was measured yet. */
function curvesOf({ data }) {
  const read = (value) => (value === null ? undefined : Number(value));
  return Object.fromEntries(Object.entries(data.curves).map(([name, values]) => [name, values.map(read)]));
}

function nameOfCurve(page, name) {
  const key = { loss: "lossNow", validation_loss: "validationLoss" }[name];
  return key ? page.say(key) : name.replaceAll("_", " ");
}

function numberText(number) {
  return number === undefined ? "—" : formatNumber(number);
}

/** Return a histogram of δ for each layer, and `update` for them. */
export function makeDeltas(page) {
  const { network, data } = page;
  if (!network.computes || data.network.layers.length === 0) return null;
  const groups = data.network.layers.map((layer) => layer.map(({ sum }) => network.place(sum)));
  const histograms = groups.map((_, index) => new SizeHistogram(index === groups.length - 1));
  const rows = histograms.map(({ node }, index) =>
    element("div", { class: "layer-sizes" }, element("span", {}, page.say("deltasLayer", index + 1)), node),
  );
  const note = element("p", { class: "caption" }, page.say("deltasNote", network.countedSamples));
  const node = element(
    "article",
    { class: "card" },
    element("h2", { class: "panel-title" }, page.say("deltasTitle")),
    ...rows,
    note,
  );
  const update = () => {
    network.deltasOf(groups).forEach((deltas, layer) => {
      const sizes = deltas.map(Math.abs).sort();
      const counts = countSizes(deltas);
      histograms[layer].show(
        counts,
        page.say("deltasLabel", layer + 1, formatNumber(sizes[sizes.length >> 1]), Math.round(100 * counts.zero)),
      );
    });
  };
  return { node, update };
}

/** Return the sample that the numbers of the figure belong to, with its outputs and targets, and `update` for it. */
export function makeSample(page) {
  const { network, data } = page;
  if (!network.computes || network.samples.length === 0) return null;
  const { outputs, inputNames, image } = data.network;
  const title = element("h2", { class: "panel-title" });
  const step = (by, key, picture) =>
    element(
      "button",
      {
        type: "button",
        class: "icon",
        title: page.say(key),
        "aria-label": page.say(key),
        click: () => page.showSample(page.sample + by),
      },
      icon(picture),
    );
  const canvas =
    image && element("canvas", { class: "pixels sample-image", role: "img", "aria-label": page.say("sampleImage") });
  const given = element("div", { class: "given" });
  const rows = outputs.slice(0, MOST_LISTED).map(({ name }) => {
    const [value, target] = [element("span", { class: "value" }), element("span", { class: "target" })];
    return {
      value,
      target,
      row: element("div", {}, element("dt", {}, mathElement(name)), element("dd", {}, value, target)),
    };
  });
  const results = element("dl", { class: "results" }, ...rows.map(({ row }) => row));
  let shown = null;
  const node = element(
    "article",
    { class: "card" },
    element("div", { class: "sample-title" }, title, step(-1, "earlier", "back"), step(1, "later", "on")),
    element("div", { class: "sample-row" }, canvas, given, results),
  );
  const update = () => {
    const values = outputs.map(({ key }) => network.number(`value:${key}`));
    const largest = outputs.length > 1 ? Math.max(...values) : NaN;
    rows.forEach(({ value, row }, index) => {
      value.textContent = formatNumber(values[index]);
      row.className = values[index] === largest ? "largest" : "";
    });
    if (shown === page.sample) return;
    shown = page.sample;
    const row = network.samples[page.sample];
    rows.forEach(({ target }, index) => {
      target.textContent = `${page.say("targetIs")} ${formatGiven(rounded(network.wanted[page.sample][index]))}`;
    });
    title.textContent = page.say("sampleOf", page.sample + 1, network.samples.length);
    if (canvas) {
      const [lines, columns] = image.shape;
      const scale = Math.max(1, Math.round(192 / columns));
      Object.assign(canvas, { width: columns * scale, height: lines * scale });
      const { paper, ink } = page.colors;
      drawPixels(canvas, row, columns, {
        reach: reachOf(row, 0),
        colors: { paper, ink, positive: ink, negative: ink },
      });
    } else if (row.length <= MOST_LISTED) {
      given.replaceChildren(
        ...row.map((number, index) =>
          element("span", {}, mathElement(`${inputNames[index]}<mo>=</mo><mn>${formatGiven(rounded(number))}</mn>`)),
        ),
      );
    }
  };
  return { node, update };
}

/** Return a number of 32 bits as the shorter one that it was. */
function rounded(number) {
  return Number(number.toPrecision(7));
}

/** Return the weight of the selected connection through training, and `update` for it. */
export function makeWeight(page) {
  const node = element("article", { class: "card", hidden: true });
  let shown = null;
  let update = () => {};
  const show = () => {
    const [kind, place] = (page.selected ?? "").split(":");
    const index = kind === "edge" ? page.network.parameters.indexOf(page.network.place(place)) : -1;
    node.hidden = index < 0;
    if (index < 0) {
      shown = null;
      return;
    }
    if (shown !== place) {
      shown = place;
      const name = page.figure.parts.find(({ key }) => key === page.selected)?.name || "w";
      const chart = chartOf(page, [{ name, values: page.network.frames.history(index), role: "first" }], false);
      node.replaceChildren(element("h2", { class: "panel-title" }, page.say("weightTitle", name)), chart.chart.node);
      update = () => chart.update();
    }
    update();
  };
  return { node, update: show };
}
