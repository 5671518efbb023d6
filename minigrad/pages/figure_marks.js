/** What marks parts of a figure: amber under what is lit, an outline around the chosen part, arrows and dots of δ. */

import { svgElement } from "./dom.js";

/** Distance of the arrow of δ from its edge. */
const BESIDE_EDGE = 9;
/** How long a dot runs along an edge, in milliseconds. */
const DOT_TIME = 560;

/** The layers of marks: under all parts what is lit and chosen, over them arrows and dots. */
export class FigureMarks {
  constructor(svg, hasArrows) {
    this.hasArrows = hasArrows;
    this.under = svgElement("g", { class: "under", "aria-hidden": "true" });
    this.over = svgElement("g", { class: "over", "aria-hidden": "true" });
    svg.prepend(this.under);
    svg.append(this.over);
    this.dots = [];
    this.frame = 0;
  }

  /** Light a part, outline it, and show the arrow of what comes back along an edge. */
  mark(part, isLit, isChosen, returns) {
    if (!part.outline) return;
    if ((isLit || isChosen) && !part.glow) this.makeGround(part);
    if (part.glow) {
      part.ring.setAttribute("display", isChosen ? "inline" : "none");
      part.glow.setAttribute("display", "inline");
      part.glow.setAttribute("class", isLit ? "glow lit" : isChosen ? "glow" : "glow off");
    }
    if (returns && this.hasArrows && !part.arrow) part.arrow = this.over.appendChild(backwardArrow(part.line));
    part.arrow?.setAttribute("display", returns ? "inline" : "none");
  }

  /** Make the amber ground of a part and its outline. */
  makeGround(part) {
    part.ring = grown(part.outline, 10.5, 8);
    part.ring.setAttribute("class", "ring");
    part.glow = grown(part.outline, 8, 6);
    this.under.append(part.ring, part.glow);
  }

  /** Let dots run along edges: ink forward, open and violet backward; none where motion is unwelcome. */
  run(parts, phase) {
    this.stop();
    const isBackward = phase === "backward";
    if (!(isBackward || phase === "forward" || phase === "loss") || document.hidden) return;
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    for (const { line } of parts.filter((part) => part.line && !part.isCell)) {
      const dot = svgElement("circle", { r: isBackward ? 4.6 : 4.4, class: isBackward ? "dot backward" : "dot" });
      this.dots.push({ dot, line, length: line.getTotalLength() });
    }
    const begin = performance.now();
    const step = (now) => {
      const time = Math.min(1, Math.max(0, now - begin) / DOT_TIME);
      if (time === 1) return this.stop();
      const eased = time * time * (3 - 2 * time);
      for (const { dot, line, length } of this.dots) {
        const { x, y } = line.getPointAtLength(length * (isBackward ? 1 - eased : eased));
        dot.setAttribute("transform", `translate(${x.toFixed(1)} ${y.toFixed(1)})`);
      }
      this.over.append(...this.dots.filter(({ dot }) => !dot.parentNode).map(({ dot }) => dot));
      this.frame = requestAnimationFrame(step);
    };
    if (this.dots.length > 0) this.frame = requestAnimationFrame(step);
  }

  /** Take the dots away. */
  stop() {
    cancelAnimationFrame(this.frame);
    for (const { dot } of this.dots) dot.remove();
    this.dots = [];
  }
}

/** Return a shape around an outline: a broader line, a larger circle or rectangle. */
function grown(outline, width, border) {
  const shape = svgElement(outline.tagName, {});
  const grow = { path: {}, circle: { r: border }, rect: { x: -border, y: -border, width: 2 * border, height: 2 * border } };
  for (const name of ["d", "cx", "cy", "r", "x", "y", "width", "height"]) {
    if (!outline.hasAttribute(name)) continue;
    const by = grow[outline.tagName][name];
    const value = outline.getAttribute(name);
    shape.setAttribute(name, by === undefined ? value : Number(value) + by);
  }
  if (outline.tagName === "path") shape.setAttribute("stroke-width", width);
  if (outline.tagName === "rect") shape.setAttribute("rx", border);
  shape.setAttribute("data-shape", outline.tagName);
  return shape;
}

/** Return the open arrow that runs back beside the last straight piece of an edge. */
function backwardArrow(line) {
  const length = line.getTotalLength();
  const start = line.getPointAtLength(0.93 * length);
  let end = line.getPointAtLength(0.85 * length);
  const slope = Math.atan2(start.y - end.y, start.x - end.x);
  for (let share = 0.8; share > 0.28; share -= 0.05) {
    const next = line.getPointAtLength(share * length);
    if (Math.abs(Math.atan2(end.y - next.y, end.x - next.x) - slope) > 0.1) break;
    end = next;
  }
  const distance = Math.hypot(end.x - start.x, end.y - start.y) || 1;
  const along = { x: (end.x - start.x) / distance, y: (end.y - start.y) / distance };
  const down = along.x < 0 ? -1 : 1; // below the edge, where derivatives stand
  const at = (point, back, across) => {
    const x = point.x - along.x * back - along.y * (down * BESIDE_EDGE + across);
    const y = point.y - along.y * back + along.x * (down * BESIDE_EDGE + across);
    return `${x.toFixed(1)} ${y.toFixed(1)}`;
  };
  return svgElement(
    "g",
    { class: "returns" },
    svgElement("path", { d: `M${at(start, 0, 0)}L${at(end, 9, 0)}` }),
    svgElement("path", { class: "open", d: `M${at(end, 0, 0)}L${at(end, 9.5, 4)} ${at(end, 9.5, -4)}Z` }),
  );
}
