/** What the SVG of a figure consists of: parts that can be lit and chosen, and numbers, each found by its key. */

import { svgElement } from "./dom.js";

/** Widths of characters in font sizes; that of the others is a digit's. */
const PART_KINDS = new Set(["node", "edge"]);
const LABEL_KINDS = new Set(["label", "demand"]);
const NODES = 'g[data-key^="node:"]';
const PARTS = `${NODES}, g[data-key^="edge:"], g[data-key^="label:"], g[data-key^="demand:"]`;
const EXPONENT = /×10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)/;
const RAISED_SIGNS = "⁰¹²³⁴⁵⁶⁷⁸⁹⁻";
const WIDTHS = { ".": 0.278, " ": 0.278, "−": 0.584, "×": 0.584, "→": 1 };

/**
 * Return the parts of a figure, its edges with weights, numbers, rows (groups that show with a number), and levels.
 *
 * Parts within others, such as a bias within its neuron, move behind them, so that each is a button of its own. A node may
 * have several parts: the sum and the output of a neuron.
 */
export function readFigure(svg) {
  const groups = [...svg.querySelectorAll("g[data-key]")];
  const partOf = new Map();
  for (const group of groups.filter((other) => PART_KINDS.has(kindOf(other)))) {
    const outer = group.parentElement.closest(NODES);
    if (outer) outer.after(group);
    partOf.set(group, readPart(group, outer !== null));
  }
  const parts = [...partOf.values()];
  const edgeOf = new Map(parts.filter((part) => part.isEdge).map((part) => [part.key, part]));
  for (const group of groups.filter((other) => LABEL_KINDS.has(kindOf(other)))) {
    if (group.parentElement.closest(NODES)) svg.append(group);
    group.classList.add(kindOf(group));
    const edge = edgeOf.get(group.dataset.key.replace(/^\w+:/, "edge:"));
    edge?.labels.push(group);
    partOf.set(group, edge);
  }
  const numbers = [...svg.querySelectorAll("text[data-key], tspan[data-key]")].map((node) => readNumber(node, partOf));
  const edges = parts.filter((part) => part.isEdge && markWeight(part));
  const others = groups.filter((group) => !partOf.has(group));
  const levels = others.filter((group) => kindOf(group) === "level");
  const rows = others.filter((group) => kindOf(group) !== "level");
  return {
    partOf,
    parts,
    edges,
    numbers,
    levels: levels.map((group) => ({ group, place: group.dataset.key.split(":")[1] })),
    rows: rows.map((group) => ({ group, key: group.dataset.key, owner: partAt(partOf, group)?.key ?? "" })),
  };
}

/** Return the part of a figure that an element belongs to; undefined where there is none. */
export function partAt(partOf, node) {
  return partOf.get(node.closest?.(PARTS));
}

function kindOf(group) {
  return group.dataset.key.slice(0, group.dataset.key.indexOf(":"));
}

function readPart(group, isWithin) {
  const { key } = group.dataset;
  const isEdge = key.startsWith("edge:");
  const ground = group.querySelector(":scope > circle, :scope > rect");
  const line = isEdge ? group.querySelector(":scope > .line") : null;
  const isCell = isEdge && ground !== null;
  const outline = ground ?? line;
  group.classList.add("part", isCell ? "cell" : isEdge ? "edge" : "node");
  if (isEdge && !isCell) {
    const hit = line.cloneNode();
    hit.setAttribute("class", "hit");
    group.prepend(hit);
  }
  const isShared = isEdge && !isCell && group.querySelectorAll(":scope > .line").length > 1;
  const name = group.getAttribute("aria-label") ?? "";
  const extraWidth = isShared ? 3 : 0;
  const output = group.querySelector(':scope > g[data-key^="level:"]')?.dataset.key.slice("level:".length);
  const isBias = isEdge && isWithin;
  return { key, group, name, output, isEdge, isCell, isBias, line, outline, extraWidth, labels: [], numbers: [] };
}

/** Return whether an edge has a weight, whose text then takes the color of its sign. */
function markWeight(part) {
  const place = part.key.split(":")[1];
  const weights = part.numbers.filter((number) => number.place === place);
  part.place = place;
  for (const number of weights) number.text.classList.add("weight");
  return weights.length > 0;
}

function readNumber(node, partOf) {
  const text = node.closest("text");
  const key = node.dataset.key;
  const kind = key.split(":")[0];
  const part = partAt(partOf, node);
  const owner = part?.key ?? "";
  const size = Number(text.getAttribute("font-size"));
  const number = {
    key,
    owner,
    node,
    text,
    size,
    place: kind === "value" && !part?.numbers.some((other) => other.key === key) ? key.split(":")[1] : "",
    name: node.closest("g[data-name]")?.dataset.name ?? nameOfNumber(kind, part?.name ?? ""),
    shift: node === text ? 0 : Number(text.dataset.shift ?? 0),
    transform: text.getAttribute("transform") ?? "",
    start: widthOf(node.textContent),
    isWide: owner.startsWith("edge:") && node.closest("svg").classList.contains("textbook"),
    isKnown: true,
  };
  part?.numbers.push(number);
  return number;
}

function nameOfNumber(kind, name) {
  return kind === "delta" ? `∂L/∂${name}` : name;
}

/** Write a number into its element, its exponent raised; a line that has it in the middle stays centered. */
export function writeNumber(number, text) {
  const { node, size } = number;
  if (!text.includes("×10") && node.childNodes.length === 1 && node.firstChild.nodeType === Node.TEXT_NODE) {
    node.firstChild.data = text;
  } else {
    node.replaceChildren(...numberPieces(text).map((piece, index) => (index ? shifted(piece, index, size) : piece)));
  }
  if (number.shift) {
    const moved = number.shift * size * (number.start - widthOf(text));
    number.text.setAttribute("transform", `${number.transform} translate(${moved.toFixed(1)} 0)`);
  }
}

/** Return a number, or several, in pieces: what stands on the line and what is raised in turns. */
export function numberPieces(text) {
  return text.split(EXPONENT).map((piece, index, pieces) => {
    if (index % 2) return piece.normalize("NFKC");
    return index + 1 < pieces.length ? `${piece}×10` : piece;
  });
}

/** Return a piece that is raised, or the one behind it, which goes down again. */
function shifted(piece, index, size) {
  const isRaised = index % 2 === 1;
  const attributes = { dy: ((isRaised ? -0.42 : 0.42) * size).toFixed(1), "font-size": isRaised && (0.66 * size).toFixed(1) };
  return svgElement("tspan", attributes, piece);
}

/** Return the width of a number in font sizes. */
export function widthOf(text) {
  let width = 0;
  for (const character of text) width += RAISED_SIGNS.includes(character) ? 0.37 : (WIDTHS[character] ?? 0.556);
  return width;
}
