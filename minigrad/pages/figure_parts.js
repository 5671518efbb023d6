/** What the SVG of a figure consists of: parts that can be lit and chosen, and numbers, each found by its key. */

import { svgElement } from "./dom.js";

const PART_KINDS = new Set(["node", "edge"]);
const LABEL_KINDS = new Set(["label", "demand"]);
const EXPONENT = /×10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)/;
const RAISED_SIGNS = "⁰¹²³⁴⁵⁶⁷⁸⁹⁻";
const PLAIN_SIGNS = "0123456789−";
const WIDTHS = { ".": 0.278, " ": 0.278, "−": 0.584, "×": 0.584, "→": 1 };
/** Widths of characters in font sizes; that of the others is a digit's. */

/**
 * Return the parts of a figure by their keys, its edges with weights, numbers, rows (groups that show with a number), and
 * levels. Parts within others, such as a bias within its neuron, move behind them, so that each is a button of its own.
 */
export function readFigure(svg) {
  const parts = new Map();
  const groups = [...svg.querySelectorAll("g[data-key]")];
  for (const group of groups.filter((other) => PART_KINDS.has(kindOf(other)))) {
    const outer = group.parentElement.closest('g[data-key^="node:"]');
    const part = readPart(group);
    part.isBias = outer !== null;
    if (outer) outer.after(group);
    parts.set(part.key, part);
  }
  for (const group of groups.filter((other) => LABEL_KINDS.has(kindOf(other)))) {
    const outer = group.parentElement.closest('g[data-key^="node:"]');
    if (outer) svg.append(group);
    group.classList.add(kindOf(group));
    parts.get(ownerOfLabel(group))?.labels.push(group);
  }
  const numbers = [...svg.querySelectorAll("text[data-key], tspan[data-key]")].map((node) => readNumber(node, parts));
  const edges = [...parts.values()].filter((part) => part.isEdge && markWeight(part));
  const levels = groups
    .filter((group) => kindOf(group) === "level")
    .map((group) => ({ group, place: group.dataset.key.split(":")[1] }));
  const rows = groups
    .filter((group) => !PART_KINDS.has(kindOf(group)) && !LABEL_KINDS.has(kindOf(group)) && kindOf(group) !== "level")
    .map((group) => ({ group, key: group.dataset.key, owner: ownerOf(group) }));
  return { parts, edges, numbers, levels, rows };
}

/** Return the part of a figure that an element belongs to; undefined where there is none. */
export function partAt(parts, node) {
  const group = node.closest?.('g[data-key^="node:"], g[data-key^="edge:"], g[data-key^="label:"], g[data-key^="demand:"]');
  return group ? parts.get(LABEL_KINDS.has(kindOf(group)) ? ownerOfLabel(group) : group.dataset.key) : undefined;
}

function kindOf(group) {
  return group.dataset.key.slice(0, group.dataset.key.indexOf(":"));
}

function ownerOfLabel(group) {
  return group.dataset.key.replace(/^\w+:/, "edge:");
}

function ownerOf(node) {
  const group = node.closest('g[data-key^="node:"], g[data-key^="edge:"], g[data-key^="label:"], g[data-key^="demand:"]');
  if (!group) return "";
  return LABEL_KINDS.has(kindOf(group)) ? ownerOfLabel(group) : group.dataset.key;
}

function readPart(group) {
  const key = group.dataset.key;
  const isEdge = key.startsWith("edge:");
  const line = isEdge ? group.querySelector(":scope > .line") : null;
  const outline = line ?? group.querySelector(":scope > circle, :scope > rect");
  group.classList.add("part", isEdge ? "edge" : "node");
  if (line) {
    const hit = line.cloneNode();
    hit.setAttribute("class", "hit");
    group.prepend(hit);
  }
  const isShared = isEdge && group.querySelectorAll(":scope > .line").length > 1;
  const name = group.getAttribute("aria-label") ?? "";
  return { key, group, name, isEdge, line, outline, labels: [], numbers: [], extraWidth: isShared ? 3 : 0 };
}

/** Return whether an edge has a weight, whose text then takes the color of its sign. */
function markWeight(part) {
  const place = part.key.split(":")[1];
  const weight = part.numbers.find((number) => number.key === `value:${place}`);
  if (!weight) return false;
  part.place = place;
  for (const number of part.numbers) if (number.key === `value:${place}`) number.text.classList.add("weight");
  return true;
}

function readNumber(node, parts) {
  const text = node.closest("text");
  const key = node.dataset.key;
  const kind = key.split(":")[0];
  const owner = ownerOf(node);
  const size = Number(text.getAttribute("font-size"));
  const part = parts.get(owner);
  const number = {
    key,
    owner,
    node,
    text,
    size,
    place: kind === "value" ? key.split(":")[1] : "",
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
  if (!text.includes("×10") && node.childNodes.length === 1 && node.firstChild.nodeType === 3) {
    node.firstChild.data = text;
  } else {
    const pieces = text.split(EXPONENT); // text, exponent, text, …
    node.replaceChildren(...pieces.map((piece, index) => (index % 2 ? raise(piece, size) : lower(pieces, index, size))));
  }
  if (number.shift) {
    const moved = number.shift * size * (number.start - widthOf(text));
    number.text.setAttribute("transform", `${number.transform} translate(${moved.toFixed(1)} 0)`);
  }
}

/** Return the width of a number in font sizes. */
export function widthOf(text) {
  let width = 0;
  for (const character of text) width += RAISED_SIGNS.includes(character) ? 0.37 : (WIDTHS[character] ?? 0.556);
  return width;
}

function raise(exponent, size) {
  const text = Array.from(exponent, (sign) => PLAIN_SIGNS[RAISED_SIGNS.indexOf(sign)]).join("");
  return svgElement("tspan", { dy: (-0.42 * size).toFixed(1), "font-size": (0.66 * size).toFixed(1) }, text);
}

/** Return a piece of a number; one behind an exponent goes down again. */
function lower(pieces, index, size) {
  const text = index + 1 < pieces.length ? `${pieces[index]}×10` : pieces[index];
  return index === 0 ? text : svgElement("tspan", { dy: (0.42 * size).toFixed(1) }, text);
}
