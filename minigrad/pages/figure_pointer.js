/** Pointer and keys on a figure: a click chooses a part, a horizontal drag changes its number. */

import { partAt } from "./figure_parts.js";

const LEAST_DRAG = 4;
/** How far a pointer moves before it drags, in pixels. */

/** Listen to the pointer and the keys on a figure. */
export function followPointer(figure) {
  const { container } = figure;
  let drag = null;
  let wasDragged = false;

  const edit = (value, isFinal) => {
    figure.dispatchEvent(new CustomEvent("edit", { detail: { key: drag.key, value, isFinal } }));
  };
  container.addEventListener("pointerdown", (event) => {
    const part = event.button === 0 ? partUnder(figure, event) : undefined;
    const key = part ? figure.editedKey(part) : null;
    wasDragged = false;
    if (key === null) return;
    const start = figure.model.number(key);
    drag?.end.abort();
    const end = new AbortController();
    drag = { key, id: event.pointerId, x: event.clientX, start, value: start, step: stepOf(start), moves: false, end };
    const options = { signal: end.signal };
    addEventListener("pointermove", move, options); // a quick pointer is outside of the figure before it is captured
    addEventListener("pointerup", finish, options);
    addEventListener("pointercancel", finish, options);
  });
  const move = (event) => {
    if (drag?.id !== event.pointerId) return;
    if (event.buttons === 0) {
      finish(event); // it was let go of where no event came from
      return;
    }
    const distance = event.clientX - drag.x;
    if (!drag.moves && Math.abs(distance) < LEAST_DRAG) return;
    if (!drag.moves) container.setPointerCapture(event.pointerId);
    drag.moves = true;
    wasDragged = true;
    const value = draggedValue(drag.start, distance, drag.step);
    if (value === drag.value) return;
    drag.value = value;
    edit(value, false);
  };
  const finish = (event) => {
    if (drag?.id !== event.pointerId) return;
    if (drag.moves) edit(drag.value, true);
    drag.end.abort();
    drag = null;
  };
  container.addEventListener("click", (event) => {
    const part = partUnder(figure, event);
    if (part && !wasDragged) figure.select(part.key);
    wasDragged = false;
  });
  container.addEventListener("keydown", (event) => {
    const part = partAt(figure.partOf, event.target);
    if (!part || (event.key !== "Enter" && event.key !== " ")) return;
    event.preventDefault();
    event.stopPropagation();
    figure.select(part.key);
  });
}

/** Return how much a number changes with a pixel, 0.01 up to 10. */
export function stepOf(number) {
  const exponent = Math.floor(Math.log10(Math.abs(number)));
  return Number.isFinite(exponent) && exponent > 0 ? 10 ** (exponent - 2) : 0.01;
}

/** Return a number that was dragged so many pixels, as a multiple of the step. */
export function draggedValue(start, distance, step) {
  const from = Number.isFinite(start) ? start : 0;
  return Number((Math.round((from + distance * step) / step) * step).toFixed(6));
}

/** Return the part under the pointer; of edges whose grounds overlap, the nearest. */
function partUnder(figure, event) {
  const part = partAt(figure.partOf, event.target);
  if (!part?.isEdge || !event.target.classList.contains("hit")) return part;
  const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(figure.svg.getScreenCTM().inverse());
  const near = document.elementsFromPoint(event.clientX, event.clientY).filter((node) => node.classList?.contains("hit"));
  const edges = near.map((node) => partAt(figure.partOf, node)).filter(Boolean);
  return edges.sort((one, other) => distanceTo(one.line, at) - distanceTo(other.line, at))[0] ?? part;
}

/** Return how far a point is from the line of an edge. */
function distanceTo(line, at) {
  const length = line.getTotalLength();
  let least = Infinity;
  for (let step = 0; step <= 32; step += 1) {
    const point = line.getPointAtLength((length * step) / 32);
    least = Math.min(least, Math.hypot(point.x - at.x, point.y - at.y));
  }
  return least;
}
