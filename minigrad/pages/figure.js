/** The live figure of a network: an SVG that Python laid out, whose numbers, marks and motion follow a model. */

import { FigureMarks } from "./figure_marks.js";
import { readFigure, writeNumber } from "./figure_parts.js";
import { followPointer } from "./figure_pointer.js";
import { formatGiven, formatNumber } from "./format.js";

const NARROW_FIGURE = 640;
/** Width of the container below which the narrow figure is shown, in pixels. */
const MANY_EDGES = 60;
/** Edges from which on those of small weights are faint. */
const MOST_MARKED = 24;
/** Lit edges up to which each is marked; of more the dots alone show the way. */
const MOST_ON_DEMAND = 6;
/** Lit parts up to which labels that have no room of their own show; more of them would cover each other. */
const THINNEST_EDGE = 0.9;
const EXTRA_EDGE = 2.2;
/** Width of the edge of a weight of 0, and how much wider that of the largest is. */
const THINNEST_BAR = 2;
const EXTRA_BAR = 3.5;
/** The same of the bar of a cell. */

/**
 * The figure of a network in an element of the page.
 *
 * It dispatches "select" (detail: the key of a part, or null) when a part is chosen, and "edit" (detail: key, value, and
 * whether the change is final) while a number is dragged. Nothing moves when numbers change: what is not known yet is
 * hidden, and there is room for longer numbers.
 */
export class Figure extends EventTarget {
  /** Put a figure, {wide, narrow} as SVG texts of Python, into an element; `model.number(key)` has its numbers. */
  constructor(container, svgs, model) {
    super();
    this.container = container;
    this.svgs = svgs;
    this.model = model;
    this.state = { known: new Set(), lit: new Set(), selected: null, phase: "start" };
    container.classList.add("network");
    this.build(this.fittingSize());
    followPointer(this);
    new ResizeObserver(() => {
      const size = this.fittingSize();
      if (size !== this.size) this.build(size);
    }).observe(container);
  }

  /** Return which of the two figures suits the width of the element. */
  fittingSize() {
    const width = this.container.clientWidth;
    if (width === 0 && this.size) return this.size; // hidden
    return (width || globalThis.innerWidth) < NARROW_FIGURE ? "narrow" : "wide";
  }

  /** Show the numbers that are known, the parts that are lit, and the chosen one; dots run at a step forward. */
  show({ known = new Set(), lit = new Set(), selected = null, phase = "start", isStep = true }) {
    const before = this.state;
    this.state = { known: new Set(known), lit: new Set(lit), selected, phase };
    this.update();
    if (isStep && this.state.known.size > before.known.size) this.marks.run(this.litParts(), phase);
  }

  /** Read the SVG of a size, and make its parts accessible. */
  build(size) {
    this.size = size;
    this.container.innerHTML = this.svgs[size];
    this.svg = this.container.firstElementChild;
    this.ranges = JSON.parse(this.svg.dataset.ranges ?? "{}");
    Object.assign(this, readFigure(this.svg));
    this.marks = new FigureMarks(this.svg, !this.svg.classList.contains("process"));
    this.isDense = this.edges.length > MANY_EDGES;
    this.svg.classList.toggle("dense", this.isDense);
    for (const part of this.parts) {
      part.group.setAttribute("tabindex", "0");
      part.group.setAttribute("role", "button");
      part.group.setAttribute("aria-pressed", "false");
      part.group.classList.toggle("adjustable", this.editedKey(part) !== null);
    }
    this.update();
  }

  /** Bring everything in line with the model and the state; only what differs is touched. */
  update() {
    for (const number of this.numbers) this.updateNumber(number);
    for (const row of this.rows) setHidden(row.group, !this.isKnown(row.key, row.owner));
    this.updateEdges();
    for (const level of this.levels) this.updateLevel(level);
    this.updateMarks();
    for (const part of this.parts) this.updateName(part);
  }

  /** Return whether a number is known at the step that is shown; given numbers always are. */
  isKnown(key, owner = "") {
    const { known } = this.state;
    if (known.has(key)) return true;
    if (key.includes("+")) return key.split("+").every((term) => this.isKnown(term, owner));
    if (this.model.isGiven(key)) return true;
    const [kind, first, second] = key.split(":");
    if (kind === "product") return known.has(`value:${owner.split(":")[2]}`);
    if (kind === "share" && owner.startsWith("edge:") && first !== owner.split(":")[1]) {
      return known.has(`delta:${owner.split(":")[1]}`);
    }
    return (kind === "share" || kind === "slope") && known.has(`delta:${second}`);
  }

  /** Return a number of the model. */
  numberOf(key) {
    if (!key.includes("+")) return this.model.number(key);
    return key.split("+").reduce((sum, term) => sum + this.model.number(term), 0);
  }

  /** Write a number, before and after the update where a part is lit. */
  updateNumber(number) {
    const { key, place, owner } = number;
    const isKnown = this.isKnown(key, owner);
    if (number.isKnown !== isKnown) {
      number.isKnown = isKnown;
      setHidden(number.text, !isKnown);
    }
    if (!isKnown) return;
    const hasNext = place !== "" && this.state.known.has(`next:${place}`);
    const changes = hasNext && this.state.phase === "update" && this.state.lit.has(owner);
    const value = this.numberOf(hasNext && !changes ? `next:${place}` : key);
    const next = changes ? this.model.number(`next:${place}`) : null;
    if (Object.is(value, number.value) && Object.is(next, number.next)) return;
    number.value = value;
    number.next = next;
    const format = this.model.isGiven(key) ? formatGiven : formatNumber;
    const arrow = number.isWide ? `${format(value)} → ` : "→ ";
    const text = changes ? arrow + format(next) : format(value);
    if (text === number.shown) return;
    number.shown = text;
    number.node.classList.toggle("changes", changes);
    writeNumber(number, text);
  }

  /** Give each edge of a weight its sign and width. */
  updateEdges() {
    const weights = this.edges.map(({ place }) => {
      return this.model.number(this.state.known.has(`next:${place}`) ? `next:${place}` : `value:${place}`);
    });
    const sizes = weights.filter((weight, index) => !this.edges[index].isBias && Number.isFinite(weight)).map(Math.abs);
    const largest = Math.max(0, ...sizes);
    this.edges.forEach((edge, index) => {
      const weight = weights[index];
      if (Object.is(weight, edge.weight) && largest === edge.largest) return;
      Object.assign(edge, { weight, largest });
      const sign = Number.isNaN(weight) ? "nan" : weight > 0 ? "positive" : weight < 0 ? "negative" : "zero";
      for (const group of [edge.group, ...edge.labels]) group.dataset.sign = sign;
      if (edge.isBias) return;
      const share = Number.isFinite(weight) && largest > 0 ? Math.min(Math.abs(weight) / largest, 1) : 0;
      const width = edge.isCell ? THINNEST_BAR + EXTRA_BAR * share : THINNEST_EDGE + EXTRA_EDGE * share;
      edge.line.setAttribute("stroke-width", (width + edge.extraWidth).toFixed(2));
      if (this.isDense) edge.group.style.setProperty("--faint", (0.25 + 0.75 * share).toFixed(2));
    });
  }

  /** Fill the half of a neuron, or a bar, up to its output. */
  updateLevel(level) {
    const isKnown = this.isKnown(`value:${level.place}`);
    const [low, high] = this.rangeOf(level.place);
    const value = isKnown ? (this.model.number(`value:${level.place}`) - low) / (high - low) : Number.NaN;
    if (Object.is(value, level.value)) return;
    level.value = value;
    setHidden(level.group, !Number.isFinite(value));
    const empty = 100 * (1 - Math.min(Math.max(value, 0), 1));
    level.group.style.clipPath = Number.isFinite(value) ? `inset(${empty.toFixed(2)}% 0 0 0)` : "";
  }

  /** Return the range that outputs of a layer fill: that of its activation, else up to the largest of them. */
  rangeOf(place) {
    const { layers } = this.model.data;
    const number = layers.findIndex(({ units }) => units.some(({ output }) => String(output) === place));
    const layer = layers[number];
    const range = layer && this.ranges[this.model.activation(number)];
    if (range) return range;
    const places = layer ? layer.units.map(({ output }) => output) : [place];
    const outputs = places.map((output) => this.model.number(`value:${output}`)).filter(Number.isFinite);
    const largest = Math.max(1e-9, ...outputs.map(Math.abs));
    return [outputs.some((output) => output < 0) ? -largest : 0, largest];
  }

  /** Light parts, and mark the chosen one; labels that have no room of their own show with these. */
  updateMarks() {
    const { lit, selected, phase } = this.state;
    const isLine = (part) => part.isEdge && !part.isCell && !part.isBias;
    const isMarked = this.litParts().filter(isLine).length <= MOST_MARKED;
    const isCrowded = this.parts.filter((part) => lit.has(part.key) && part.labels.length > 0).length > MOST_ON_DEMAND;
    for (const part of this.parts) {
      const isLit = lit.has(part.key) && (isMarked || !part.isEdge || part.isCell);
      const isChosen = part.key === selected;
      const shows = (isLit && !isCrowded) || isChosen;
      const returns = isLit && part.isEdge && !part.isCell && phase === "backward";
      const works = isLit && phase === "forward" && part.output !== undefined;
      const half = works ? (this.state.known.has(`value:${part.output}`) ? "output" : "sum") : "";
      const looks = `${isLit} ${isChosen} ${returns} ${half} ${shows}`;
      if (part.looks === looks) continue;
      part.looks = looks;
      this.marks.mark(part, isLit, isChosen, returns);
      part.group.setAttribute("aria-pressed", String(isChosen));
      part.group.classList.toggle("lit", isLit);
      part.group.dataset.half = half;
      for (const label of part.labels) label.classList.toggle("shown", shows);
    }
  }

  /** Tell screen readers a name with the numbers that are known. */
  updateName(part) {
    const rows = part.numbers.filter((number) => number.isKnown && number.shown);
    const name = rows.length > 0 ? rows.map((number) => `${number.name} = ${number.shown}`).join(", ") : part.name;
    if (name === part.told) return;
    part.told = name;
    part.group.setAttribute("aria-label", name);
  }

  /** Return the parts that are lit, in the order in which they lie on each other. */
  litParts() {
    return this.parts.filter((part) => this.state.lit.has(part.key));
  }

  /** Return the key of the number that dragging a part changes; null where it has none. */
  editedKey(part) {
    const place = part.key.split(":")[1];
    const { inputs = [], targets = [], parameters = [] } = this.model.data;
    const key = `value:${place}`;
    return [inputs, targets, parameters].some((keys) => keys.includes(key)) ? key : null;
  }

  /** Choose a part, or none if it is the chosen one. */
  select(key) {
    this.dispatchEvent(new CustomEvent("select", { detail: key === this.state.selected ? null : key }));
  }
}

/** Hide an element of an SVG, or show it. */
function setHidden(node, isHidden) {
  if (isHidden) node.setAttribute("visibility", "hidden");
  else node.removeAttribute("visibility");
}
